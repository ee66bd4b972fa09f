/** A terminal's rows as the lines that the program wrote: wrapped rows joined, each character with its cell. */
import type { IBuffer } from '@xterm/headless';
import { plainLines } from '../core/plain.ts';

/** A cell of the buffer that is shown, by its row from the oldest line. */
export type Cell = { readonly row: number; readonly col: number };

export type WholeLine = {
  readonly first: number;
  readonly last: number;
  /** Without the blanks at its end; a cell that nothing was written to is a blank. */
  readonly text: string;
  /** The cell of the character at this index; one behind the end for the end. */
  cellAt(index: number): Cell;
  /** The index of the character in or before this cell. */
  indexOf(cell: Cell): number;
};

export function firstRow(buffer: IBuffer, row: number): number {
  let first = Math.max(0, Math.min(row, buffer.length - 1));
  while (first > 0 && buffer.getLine(first)?.isWrapped === true) first--;
  return first;
}

export function lastRow(buffer: IBuffer, row: number): number {
  let last = Math.max(0, Math.min(row, buffer.length - 1));
  while (last + 1 < buffer.length && buffer.getLine(last + 1)?.isWrapped === true) last++;
  return last;
}

/** For searching, which looks at thousands of lines and needs the cells of few. */
export function lineText(buffer: IBuffer, first: number, last: number): string {
  if (first === last) return buffer.getLine(first)?.translateToString(true) ?? '';
  return wholeLine(buffer, first).text;
}

export function wholeLine(buffer: IBuffer, row: number): WholeLine {
  const first = firstRow(buffer, row);
  const last = lastRow(buffer, row);
  const reused = buffer.getNullCell();
  let text = '';
  // By UTF-16 unit, so that indexes of a search are indexes here.
  const cells: Cell[] = [];
  for (let at = first; at <= last; at++) {
    const line = buffer.getLine(at);
    if (line === undefined) continue;
    for (let col = 0; col < line.length; col++) {
      const cell = line.getCell(col, reused);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const chars = cell.getChars();
      // A wide character that did not fit left this cell empty, and stands on the next row.
      if (chars === '' && at < last && col === line.length - 1) continue;
      const shown = chars === '' ? ' ' : chars;
      text += shown;
      for (let unit = 0; unit < shown.length; unit++) cells.push({ row: at, col });
    }
  }
  const kept = text.trimEnd();
  const end = cells[kept.length] ?? { row: last, col: buffer.getLine(last)?.length ?? 0 };
  return {
    first,
    last,
    text: kept,
    cellAt: (index) => (index >= kept.length ? end : (cells[Math.max(0, index)] ?? end)),
    indexOf({ row: at, col }) {
      // The last one that does not lie behind it.
      let low = 0;
      let high = cells.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const cell = cells[middle];
        if (cell !== undefined && isBefore({ row: at, col }, cell)) high = middle;
        else low = middle + 1;
      }
      let index = Math.max(0, low - 1);
      const found = cells[index];
      // The first unit of a character that has several.
      while (index > 0 && cells[index - 1]?.row === found?.row && cells[index - 1]?.col === found?.col) index--;
      return index;
    },
  };
}

export function isBefore(a: Cell, b: Cell): boolean {
  return a.row < b.row || (a.row === b.row && a.col < b.col);
}

/**
 * The text between two cells, both included. Rows that were wrapped are joined; blanks at the end of a line stay
 * behind, and so does whatever could steer a terminal or hide what is read.
 */
export function textBetween(buffer: IBuffer, from: Cell, to: Cell): string {
  const out: string[] = [];
  for (let row = firstRow(buffer, from.row); row <= to.row && row < buffer.length; ) {
    const line = wholeLine(buffer, row);
    const start = line.first <= from.row && from.row <= line.last ? line.indexOf(from) : 0;
    const behind = to.row <= line.last ? behindCell(line, to) : line.text.length;
    out.push(line.text.slice(start, behind));
    row = line.last + 1;
  }
  return plainLines(out.map((text) => text.trimEnd()).join('\n'));
}

/** The index behind the character in this cell. */
function behindCell(line: WholeLine, cell: Cell): number {
  let index = line.indexOf(cell);
  const { row, col } = line.cellAt(index);
  while (index < line.text.length) {
    const here = line.cellAt(index);
    if (here.row !== row || here.col !== col) break;
    index++;
  }
  return index;
}
