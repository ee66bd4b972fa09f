/** What stood in the state until a record took it away: the journal has it as long as it goes back so far. */
import { readFileSync } from 'node:fs';
import { applyOps, getAt, type Json, type JsonObject, type Path } from '../core/tree.ts';
import { recordsOf } from './scan.ts';
import { segmentNumbers, segmentPath } from './segments.ts';

/**
 * As the newest record that deletes exactly this path found it; undefined: there is no such record any more. Reads the
 * segments from the newest on, one a turn, and parses only the lines that name its last key. Throws the system's errors.
 */
export async function lastBeforeDeleted(journal: string, path: Path): Promise<Json | undefined> {
  const key = Buffer.from(JSON.stringify(path.at(-1)));
  for (const number of segmentNumbers(journal).toReversed()) {
    const bytes = readFileSync(segmentPath(journal, number));
    const found = bytes.includes(key) ? foldedUntilDeleted(bytes, path, key) : null;
    if (found !== null) return found.value;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return undefined;
}

/** null: it is not deleted in this segment. */
function foldedUntilDeleted(bytes: Buffer, path: Path, key: Buffer): { readonly value: Json | undefined } | null {
  let tree: JsonObject = {};
  let found: { readonly value: Json | undefined } | null = null;
  for (const record of recordsOf(bytes, 0, key)) {
    if (record.kind === 'snapshot') {
      const value = getAt(record.tree, path);
      tree = value === undefined ? {} : applyOps({}, [[path, value]]);
      continue;
    }
    const own = record.ops.filter(([at]) => path.every((one, index) => at[index] === one));
    if (own.some((op) => op.length === 1 && op[0].length === path.length)) found = { value: getAt(tree, path) };
    tree = applyOps(tree, own);
  }
  return found;
}
