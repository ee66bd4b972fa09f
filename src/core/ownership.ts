/** Who owns which part of the status document (PROTOCOL section 1). Small on purpose: the fast client carries it too. */
import type { Path } from './tree.ts';

/** Parts of the document that only the coordinator writes; `revision` and `storeId` are stamped by the store. */
export const OWNED_ROOTS: readonly string[] = ['coordinationSession', 'autonomousCoordination', 'handoffProtocol', 'revision', 'storeId'];

/** Fields of an instance's part that only the coordinator writes. `status` is shared with the instance. */
const OWNED_INSTANCE_FIELDS: readonly string[] = ['currentAssignment', 'handoffApproved', 'messages'];

/** Whether a write at this path from outside would be one to the coordinator's own part. */
export function isOwned(path: Path): boolean {
  const [root, , field] = path;
  if (root === undefined) return false;
  return OWNED_ROOTS.includes(root) || (root === 'instances' && field !== undefined && OWNED_INSTANCE_FIELDS.includes(field));
}
