/**
 * The one who writes to the outer terminal: the difference between the cells wanted and the cells written, as bytes.
 *
 * A frame that the terminal has no room for is left out, never queued: the next one is compared with what was written.
 * Frames stand inside synchronized output (mode 2026), so that none is seen half done. Autowrap is off meanwhile (see
 * `modes.ts`): the bottom right cell is a cell like the others.
 */

import { advance, joinsBefore, widthOf } from '../core/width.ts';
import type { Depth } from './depth.ts';
import { CLUSTER, createGrid, type Grid, textAt } from './grid.ts';
import { type Letters, takeLetters } from './letters.ts';
import { createPen } from './pen.ts';
import { copyCell, firstChange } from './two-grids.ts';

export type Sink = {
  /** False when its buffer is full: what was given is taken, but no more until it has drained. */
  write(output: string): boolean;
};

/** 0-based; null is a hidden cursor. */
export type Cursor = { readonly x: number; readonly y: number } | null;

/** Rows `from` to before `to`: the only ones that are looked at. */
export type Rows = { readonly from: number; readonly to: number };

export type Writer = {
  /** Brings the terminal to these cells. False: the sink is full and the frame was left out. Writes nothing when nothing changed. */
  paint(grid: Grid, cursor: Cursor, rows?: Rows): boolean;
  /** The sink has room again. */
  drained(): void;
  /** What the terminal shows is not known any more (resize, resume, somebody wrote on it): the next frame starts on a cleared screen. */
  invalidate(): void;
};

const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
const CLEAR = '\u001b[2J';
const ERASE_LINE = '\u001b[K';

/** Unchanged cells that cost less to write again than to jump over. */
const GAP = 4;
/** Spaces at a row's end that cost less to erase than to write. */
const ERASABLE = 4;

export function createWriter(sink: Sink, depth: Depth): Writer {
  const pen = createPen(depth);
  let written: Grid | null = null;
  const run: Letters = { end: 0, text: '' };
  let full = false;
  // Where the terminal's cursor is while a frame is made; -1 where that is not known. Each frame begins with an absolute move.
  let x = -1;
  let y = -1;
  // Where it stands between frames: hidden, at a place, or (undefined) who knows.
  let placed: Cursor | undefined;

  function paint(grid: Grid, cursor: Cursor, rows: Rows = { from: 0, to: grid.rows }): boolean {
    if (full) return false;
    let output = '';
    if (written === null || written.cols !== grid.cols || written.rows !== grid.rows) {
      written = createGrid(grid.cols, grid.rows);
      pen.forget();
      output = pen.toPlain() + CLEAR;
      placed = undefined;
    }
    x = y = -1;
    const to = Math.min(rows.to, grid.rows);
    for (let row = Math.max(0, rows.from); row < to; row++) output += paintRow(grid, written, row);
    output += pen.endLink();
    const wanted = inside(grid, cursor);
    output = output === '' ? placeCursor(wanted) : frameWithCursor(output, wanted);
    placed = wanted;
    if (output !== '') full = !sink.write(BEGIN + output + END);
    return true;
  }

  /** Hidden during the frame, or it would be seen to wander. */
  function frameWithCursor(output: string, wanted: Cursor): string {
    return (placed === null ? '' : HIDE) + output + (wanted === null ? '' : goTo(wanted) + SHOW);
  }

  function placeCursor(wanted: Cursor): string {
    if (wanted === null) return placed === null ? '' : HIDE;
    if (placed === null || placed === undefined) return goTo(wanted) + SHOW;
    return placed.x === wanted.x && placed.y === wanted.y ? '' : goTo(wanted);
  }

  function paintRow(grid: Grid, before: Grid, row: number): string {
    const start = row * grid.cols;
    const end = start + grid.cols;
    let output = '';
    // Cells up to here are written in any case: what stood left of them may have spilled over them.
    let forced = start;
    let blank = -1;
    for (
      let index = firstChange(grid, before, start, end);
      index < end;
      index = index + 1 < forced ? index + 1 : firstChange(grid, before, index + 1, end)
    ) {
      // The right half of a wide character is written with its left half.
      if (grid.width[index] === 0) {
        copyCell(grid, before, index);
        continue;
      }
      if (blank === -1) blank = blankFrom(grid, start, end);
      if (index >= blank && end - index >= ERASABLE) {
        output += anchor(grid, index, row, false) + pen.to(grid, index) + ERASE_LINE;
        for (let rest = index; rest < end; rest++) copyCell(grid, before, rest);
        break;
      }
      const glyph = grid.glyph[index] ?? 0x20;
      const cells = grid.width[index] ?? 1;
      const odd = isOdd(glyph, cells);
      output += anchor(grid, index, row, odd) + pen.to(grid, index);
      const last = index < blank && end - blank >= ERASABLE ? blank : end;
      if (index + 1 >= forced && takeLetters(grid, before, index, last, run)) {
        output += run.text;
        x = run.end - start;
        y = row;
        index = run.end - 1;
        continue;
      }
      // Where a terminal takes it for narrow, what stood in its right half must not shine through.
      if (cells === 2 && !isIdeograph(glyph)) output += `  ${jump(index - start)}`;
      output += glyph === CLUSTER ? textAt(grid, index) : String.fromCodePoint(glyph);
      copyCell(grid, before, index);
      x = index - start + cells;
      y = row;
      // Terminals differ about the width of these: what follows is placed anew, and written anew where it may be covered.
      if (odd) {
        x = -1;
        forced = Math.max(forced, index + cells + spill(grid, index));
      }
    }
    return output;
  }

  /** Brings the cursor to a cell, over a small gap by writing what stands in it. */
  function anchor(grid: Grid, index: number, row: number, absolute: boolean): string {
    const column = index - row * grid.cols;
    if (y !== row || x === -1) {
      const sequence = y === row ? jump(column) : goTo({ x: column, y: row });
      x = column;
      y = row;
      return sequence;
    }
    if (x === column) return absolute ? jump(column) : '';
    const gap = column > x && column - x <= GAP && !absolute ? gapText(grid, index - (column - x), index) : null;
    x = column;
    return gap ?? jump(column);
  }

  /** The cells between as text, when they are simple and look as the pen writes now. */
  function gapText(grid: Grid, from: number, to: number): string | null {
    let between = '';
    for (let index = from; index < to; index++) {
      const glyph = grid.glyph[index] ?? 0x20;
      if (grid.width[index] !== 1 || isOdd(glyph, 1) || !pen.has(grid, index)) return null;
      between += String.fromCodePoint(glyph);
    }
    return between;
  }

  return {
    paint,
    drained() {
      full = false;
    },
    invalidate() {
      written = null;
    },
  };
}

function goTo({ x, y }: NonNullable<Cursor>): string {
  return `\u001b[${y + 1};${x + 1}H`;
}

/** To a column of the same row, 0-based. */
function jump(column: number): string {
  return column === 0 ? '\r' : `\u001b[${column + 1}G`;
}

function inside(grid: Grid, cursor: Cursor): Cursor {
  return cursor !== null && cursor.x >= 0 && cursor.y >= 0 && cursor.x < grid.cols && cursor.y < grid.rows ? cursor : null;
}

/** Whether terminals may disagree about where the cursor is after it, or draw it onto the cell before. */
function isOdd(glyph: number, cells: number): boolean {
  if (glyph < 0x300) return false;
  if (cells === 2 || glyph >= 0x1f000) return true;
  // Signs that some fonts and terminals make wide, icons of private use, and marks.
  if ((glyph >= 0x2600 && glyph <= 0x27bf) || (glyph >= 0xe000 && glyph <= 0xf8ff)) return true;
  return joinsBefore(advance(glyph, AFTER_A_LETTER));
}
const AFTER_A_LETTER = advance(0x61, 0);

/** East Asian text, about which all agree. */
function isIdeograph(glyph: number): boolean {
  return (glyph >= 0x2e80 && glyph <= 0xffff) || (glyph >= 0x20000 && glyph <= 0x3ffff);
}

/** How many cells more a terminal may take that draws the parts of a cluster one after another. */
function spill(grid: Grid, index: number): number {
  const cells = grid.width[index] ?? 1;
  // One that takes an emoji for wide which is narrow here.
  if (grid.glyph[index] !== CLUSTER) return 2 - cells;
  let apart = 0;
  for (const character of grid.clusters.get(index) ?? '') apart += widthOf(character);
  return Math.max(2, apart) - cells;
}

/** From where on the row is plain spaces only. */
function blankFrom(grid: Grid, start: number, end: number): number {
  let at = end;
  while (
    at > start &&
    grid.glyph[at - 1] === 0x20 &&
    grid.width[at - 1] === 1 &&
    grid.bg[at - 1] === 0 &&
    grid.attributes[at - 1] === 0 &&
    grid.fg[at - 1] === 0
  ) {
    at -= 1;
  }
  return at;
}
