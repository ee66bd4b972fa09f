import type { Edit, Refused } from '../core/event.ts';
import type { Foreign, Merged } from '../core/ports.ts';
import { equal, getAt, isObject, type JsonObject, type Path } from '../core/tree.ts';
import { beyondLimits } from './limits.ts';
import { isInstance, ownerOf } from './merge.ts';

export type SetChange = Extract<Foreign, { kind: 'set' }>;

/**
 * What one inbox drop does to the document now. It names its field, so there is nothing to guess: it is taken
 * or refused as a whole, but for the coordinator's part of a whole instance, which stays. `at` gives the
 * document at a revision, null when there is none.
 */
export function mergeSet(drop: SetChange, ours: JsonObject, seq: number, at: (revision: number) => JsonObject | null): Merged {
  const answer = (edits: readonly Edit[], refused: readonly Refused[] = []): Merged => ({
    base: drop.ifRevision,
    edits,
    refused,
    conflicts: [],
  });
  const why = whyNot(drop, ours, seq, at);
  if (why !== null) return answer([], [{ path: drop.path, value: drop.value, why }]);
  const now = getAt(ours, drop.path);
  if (drop.op === 'incr') {
    const sum = ((now ?? 0) as number) + (drop.value as number);
    return answer([{ path: drop.path, value: sum }]);
  }
  if (isInstance(drop.path) && isObject(drop.value)) return wholeInstance(drop.path, now, drop.value, answer);
  return answer([{ path: drop.path, value: drop.value }]);
}

function whyNot(drop: SetChange, ours: JsonObject, seq: number, at: (revision: number) => JsonObject | null): string | null {
  const [root, instance] = drop.path;
  const owner = ownerOf(drop.path);
  if (root === undefined) return 'the path is empty';
  if (owner !== null) return owner;
  if (root === 'instances' && instance === undefined) return 'the instances are not set as a whole: name one';
  if (isInstance(drop.path) && (drop.op !== 'set' || !isObject(drop.value))) return 'an instance is a JSON object';
  // Nobody vouches for `by`; this keeps apart those that do not lie.
  if (root === 'instances' && drop.by !== instance && getAt(ours, ['instances', drop.by]) !== undefined)
    return `${drop.by} reports for itself only, not for ${instance}`;
  const beyond = beyondLimits(drop.value, drop.path.length);
  if (beyond !== null) return beyond;
  const now = getAt(ours, drop.path);
  if (drop.op === 'incr') {
    if (now !== undefined && typeof now !== 'number') return 'what is there is no number';
    if (!Number.isFinite((now ?? 0) + (drop.value as number))) return 'the sum is no finite number';
  }
  if (drop.ifRevision === null) return null;
  const then = drop.ifRevision > seq ? null : at(drop.ifRevision);
  if (then === null) return `revision ${drop.ifRevision} is not known`;
  return equal(getAt(then, drop.path), now) ? null : `it was changed after revision ${drop.ifRevision}`;
}

function wholeInstance(path: Path, now: unknown, value: JsonObject, answer: (edits: Edit[], refused: Refused[]) => Merged): Merged {
  const before = isObject(now as JsonObject) ? (now as JsonObject) : {};
  const edits: Edit[] = Object.keys(value).length === 0 && now === undefined ? [{ path, value: {} }] : [];
  const refused: Refused[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(value)])) {
    const field = [...path, key];
    const wanted = Object.hasOwn(value, key) ? value[key] : undefined;
    const mine = Object.hasOwn(before, key) ? before[key] : undefined;
    if (equal(mine, wanted)) continue;
    const owner = ownerOf(field);
    if (owner === null) edits.push({ path: field, value: wanted });
    else if (wanted !== undefined) refused.push({ path: field, value: wanted, why: owner });
  }
  return answer(edits, refused);
}
