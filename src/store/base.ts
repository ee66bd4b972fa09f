/** Which revision a foreign document was made from: what it says itself, or else the one that it resembles most. */
import { equal, isObject, type Json, type JsonObject } from '../core/tree.ts';

export type Revision = { readonly seq: number; readonly document: JsonObject };

/** What the document says, if it can be true; null when the stamp is missing, nonsense, of another store or ahead of us. */
export function statedRevision(document: JsonObject, storeId: string, newest: number): number | null {
  const { revision, storeId: store } = document;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 1 || revision > newest) return null;
  return store === undefined || store === storeId ? revision : null;
}

/** So many differences mean "unlike": whoever sends a huge document shall not make us count them all, many times. */
const UNLIKE = 10_000;
const BUDGET = 2_000_000;

/** The most similar of the candidates, which come newest first; of equals the newest. */
export function mostSimilar(document: JsonObject, newestFirst: readonly Revision[]): Revision {
  let [best] = newestFirst;
  if (best === undefined) throw new Error('there is no revision to compare with: the journal begins with a snapshot');
  let least = UNLIKE;
  const budget = { left: BUDGET };
  for (const candidate of newestFirst) {
    const count = differences(candidate.document, document, least, budget);
    if (count < least) [best, least] = [candidate, count];
    if (least === 0 || budget.left <= 0) break;
  }
  return best;
}

/** Counts differing leaves, at most `limit` of them. */
function differences(a: Json | undefined, b: Json | undefined, limit: number, budget: { left: number }): number {
  budget.left -= 1;
  if (a === b) return 0;
  if (!isObject(a) || !isObject(b)) return equal(a, b) ? 0 : 1;
  let count = 0;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (count >= limit || budget.left <= 0) return limit;
    count += differences(Object.hasOwn(a, key) ? a[key] : undefined, Object.hasOwn(b, key) ? b[key] : undefined, limit - count, budget);
  }
  return count;
}
