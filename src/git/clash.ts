/** Whether the work of two would merge, uncommitted work included: looked at in the room's own objects, remembered by nobody. */
import type { TreeRef } from '../core/report.ts';
import { readingCall } from './changes.ts';
import { commitOf, tipOf } from './integrating.ts';
import { mergeTrees } from './merging.ts';
import type { Place } from './repository.ts';
import type { SnapshotOptions } from './snapshot.ts';

/** What stands on the commit of nobody: the same tree makes the same one. */
const WORDS = { at: 0, author: 'coordtui', subject: 'a look ahead', body: '' };

type Side = { readonly place: Place; readonly tree: TreeRef };

/** The files in which the two do not merge. Rejects with `GitTrouble` when they have no history in common. */
export async function clash(one: Side, other: Side, options: SnapshotOptions): Promise<readonly string[]> {
  const [ours, theirs] = [await commitOf(one.place, one.tree, WORDS, options), await commitOf(other.place, other.tree, WORDS, options)];
  return (await mergeTrees(ours, theirs, readingCall(options.shadow.gitDir, options.signal))).conflict ?? [];
}

/** The same, with a branch of the workspace as it stands. */
export async function clashWithBranch({ place, tree }: Side, branch: string, options: SnapshotOptions): Promise<readonly string[]> {
  const work = await commitOf(place, tree, WORDS, options);
  const onto = await tipOf(branch, place, options.signal);
  return (await mergeTrees(onto, work, readingCall(options.shadow.gitDir, options.signal))).conflict ?? [];
}
