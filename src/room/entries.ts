/** The entries of a list that is read as a document: lines that begin, after a time or a sign, with the name of a handoff. */
import { type HandoffId, parseHandoffId } from '../core/ids.ts';
import type { Reader } from '../pane/reader.ts';

const ENTRY = /^\s*(?:⚑ |in [\w ]+? {2}|[\d-]+ +[\d:]+ +|[\d:]+ +)?(h-[0-9a-f]{4,8})\b/u;

function entryAt({ terminal }: Reader, row: number): HandoffId | null {
  const line = terminal.buffer.active.getLine(row)?.translateToString(true) ?? '';
  return parseHandoffId(ENTRY.exec(line)?.[1] ?? '');
}

const topOf = (reader: Reader): number => reader.max() - reader.back();

/** Marks the next entry below or above and brings it into view. `from` null: none is marked. Answers its row; null: there is none. */
export function toEntry(reader: Reader, rows: number, from: number | null, by: 1 | -1): number | null {
  const last = reader.terminal.buffer.active.length;
  const start = from ?? (by > 0 ? topOf(reader) - 1 : topOf(reader) + rows);
  for (let row = start + by; row >= 0 && row < last; row += by) {
    if (entryAt(reader, row) === null) continue;
    const top = topOf(reader);
    reader.hold();
    if (row < top || row >= top + rows) reader.scroll(top - (row - Math.floor(rows / 2)));
    reader.point(0, row - topOf(reader), 'line', false);
    return row;
  }
  return null;
}

/** The handoff of the marked entry, else of the first one in view. */
export function openedEntry(reader: Reader, rows: number, marked: number | null): HandoffId | null {
  if (marked !== null) return entryAt(reader, marked);
  const top = topOf(reader);
  for (let row = top; row < top + rows; row++) {
    const found = entryAt(reader, row);
    if (found !== null) return found;
  }
  return null;
}
