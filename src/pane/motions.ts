/** Where a cursor goes that walks over a pane's text: the motions of vi, over lines as they were written. */
import type { IBuffer } from '@xterm/headless';
import type { Motion } from '../core/motion.ts';
import { type Cell, firstRow, lastRow, type WholeLine, wholeLine } from './lines.ts';

export type View = { readonly top: number; readonly rows: number };

export function moved(buffer: IBuffer, at: Cell, motion: Motion, view: View): Cell {
  switch (motion) {
    case 'left':
    case 'right': {
      const line = wholeLine(buffer, at.row);
      return step(line, line.indexOf(at), motion === 'left' ? -1 : 1);
    }
    case 'up':
      return snapped(buffer, { row: at.row - 1, col: at.col });
    case 'down':
      return snapped(buffer, { row: at.row + 1, col: at.col });
    case 'word':
    case 'word-back':
    case 'word-end':
      return byWord(buffer, at, motion);
    case 'line-start':
      return { row: firstRow(buffer, at.row), col: 0 };
    case 'line-text': {
      const line = wholeLine(buffer, at.row);
      return line.cellAt(Math.max(0, line.text.search(/\S/u)));
    }
    case 'line-end': {
      const line = wholeLine(buffer, at.row);
      return line.cellAt(Math.max(0, line.text.length - 1));
    }
    case 'first':
      return { row: 0, col: 0 };
    case 'last':
      return { row: lastWritten(buffer), col: 0 };
    case 'view-top':
      return snapped(buffer, { row: view.top, col: 0 });
    case 'view-middle':
      return snapped(buffer, { row: view.top + Math.floor((view.rows - 1) / 2), col: 0 });
    case 'view-bottom':
      return snapped(buffer, { row: view.top + view.rows - 1, col: 0 });
  }
}

/** The last row that anything stands on; what lies below it was never written. */
export function lastWritten(buffer: IBuffer): number {
  let row = buffer.length - 1;
  while (row > buffer.baseY + buffer.cursorY && buffer.getLine(row)?.translateToString(true) === '') row--;
  return row;
}

/** On the screen and on a character's first cell. */
export function snapped(buffer: IBuffer, { row, col }: Cell): Cell {
  const at = Math.max(0, Math.min(row, buffer.length - 1));
  const line = buffer.getLine(at);
  const column = Math.max(0, Math.min(col, (line?.length ?? 1) - 1));
  return { row: at, col: column > 0 && line?.getCell(column)?.getWidth() === 0 ? column - 1 : column };
}

/** By whole characters, which may be several units. */
function step(line: WholeLine, from: number, by: 1 | -1): Cell {
  const { row, col } = line.cellAt(from);
  let index = from;
  while (index + by >= 0 && index + by < line.text.length) {
    index += by;
    const cell = line.cellAt(index);
    if (cell.row !== row || cell.col !== col) return line.cellAt(line.indexOf(cell));
  }
  return { row, col };
}

type Kind = 'blank' | 'word' | 'sign';

function kindOf(character: string | undefined): Kind {
  if (character === undefined || /\s/u.test(character)) return 'blank';
  return /[\p{L}\p{N}\p{M}_\p{Cs}]/u.test(character) ? 'word' : 'sign';
}

function byWord(buffer: IBuffer, at: Cell, motion: 'word' | 'word-back' | 'word-end'): Cell {
  const by = motion === 'word-back' ? -1 : 1;
  let line = wholeLine(buffer, at.row);
  let index = line.indexOf(at);
  const first = kindOf(line.text[index]);
  // Out of the word that it stands in; the end of a word is looked for from behind this character.
  if (motion === 'word') while (index < line.text.length && kindOf(line.text[index]) === first && first !== 'blank') index++;
  else index += by;
  for (;;) {
    while (index >= 0 && index < line.text.length && kindOf(line.text[index]) === 'blank') index += by;
    if (index >= 0 && index < line.text.length) break;
    const next = by > 0 ? line.last + 1 : line.first - 1;
    if (next < 0 || next >= buffer.length || (by > 0 && next > lastWritten(buffer))) return at;
    line = wholeLine(buffer, next);
    index = by > 0 ? 0 : line.text.length - 1;
  }
  if (motion === 'word') return line.cellAt(index);
  const kind = kindOf(line.text[index]);
  while (kindOf(line.text[index + by]) === kind && index + by >= 0 && index + by < line.text.length) index += by;
  return line.cellAt(index);
}

/** What a double click means: a name, a path, an address; else the signs in a row, or one blank. */
export function wordAt(buffer: IBuffer, at: Cell): { readonly from: Cell; readonly to: Cell } {
  const line = wholeLine(buffer, at.row);
  const index = line.indexOf(at);
  const here = snapped(buffer, at);
  const part = (character: string | undefined): boolean =>
    character !== undefined && /[\p{L}\p{N}\p{M}\p{Cs}_\-./:@~%+=?&#]/u.test(character);
  if (index >= line.text.length || !part(line.text[index])) return { from: here, to: here };
  let start = index;
  let end = index;
  while (start > 0 && part(line.text[start - 1])) start--;
  while (part(line.text[end + 1])) end++;
  // A full stop or a colon behind it ends the sentence, not the name.
  while (end > index && /[.:?]/u.test(line.text[end] ?? '')) end--;
  return { from: line.cellAt(start), to: line.cellAt(end) };
}

/** All of the lines that two cells lie on. */
export function wholeLines(buffer: IBuffer, from: Cell, to: Cell): { readonly from: Cell; readonly to: Cell } {
  const last = lastRow(buffer, to.row);
  return { from: { row: firstRow(buffer, from.row), col: 0 }, to: { row: last, col: (buffer.getLine(last)?.length ?? 1) - 1 } };
}
