/**
 * A screen as cells, in typed arrays. A cell holds a code point, or the mark that its cluster is in `clusters`; a wide
 * character stands in its left cell and the right one is a spacer of width 0. The functions here keep that so: no half
 * of a wide character is ever left alone.
 *
 * Nothing that can steer a terminal gets into a cell: control and format characters end here, whoever wrote them.
 */

import { advance, joinsBefore, LONGEST_CLUSTER, widthOf, widthOfState } from '../core/width.ts';
import { LINKED, type Style } from './style.ts';

/** Cells from the top left corner, 0-based. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Grid = {
  readonly cols: number;
  readonly rows: number;
  /** A code point, or CLUSTER. */
  readonly glyph: Uint32Array;
  readonly width: Uint8Array;
  readonly fg: Uint32Array;
  readonly bg: Uint32Array;
  readonly attributes: Uint16Array;
  readonly underline: Uint32Array;
  /** The texts of the cells that say CLUSTER; what the others have here is of no account. */
  readonly clusters: Map<number, string>;
  /** The addresses of the cells whose attributes say LINKED. */
  readonly links: Map<number, string>;
};

/** Above all code points: this cell is more than one. */
export const CLUSTER = 0x110000;
const SPACE = 0x20;

/** All cells are spaces in the terminal's own colours. Throws for a screen without cells. */
export function createGrid(cols: number, rows: number): Grid {
  if (!(cols >= 1 && rows >= 1)) throw new RangeError(`A screen of ${cols} columns and ${rows} rows has no cells.`);
  const size = cols * rows;
  return {
    cols,
    rows,
    glyph: new Uint32Array(size).fill(SPACE),
    width: new Uint8Array(size).fill(1),
    fg: new Uint32Array(size),
    bg: new Uint32Array(size),
    attributes: new Uint16Array(size),
    underline: new Uint32Array(size),
    clusters: new Map(),
    links: new Map(),
  };
}

/** What the cell at this index shows; a spacer shows nothing. */
export function textAt(grid: Grid, index: number): string {
  if (grid.width[index] === 0) return '';
  const glyph = grid.glyph[index] ?? SPACE;
  return glyph === CLUSTER ? (grid.clusters.get(index) ?? ' ') : String.fromCodePoint(glyph);
}

export function styleAt(grid: Grid, index: number): Style {
  const attributes = grid.attributes[index] ?? 0;
  return {
    fg: grid.fg[index] ?? 0,
    bg: grid.bg[index] ?? 0,
    attributes: attributes & ~LINKED,
    underline: grid.underline[index] ?? 0,
    link: linkAt(grid, index),
  };
}

/** Where the link of this cell leads; null when it is none. */
export function linkAt(grid: Grid, index: number): string | null {
  return ((grid.attributes[index] ?? 0) & LINKED) === 0 ? null : (grid.links.get(index) ?? null);
}

/** Row `y` as text, without the spaces at its end. */
export function rowText(grid: Grid, y: number): string {
  let text = '';
  for (let x = 0; x < grid.cols; x++) text += textAt(grid, y * grid.cols + x);
  return text.trimEnd();
}

/** The part of a rectangle that lies on the grid. */
export function clip(grid: Grid, rect: Rect): Rect {
  const x = Math.max(0, rect.x);
  const y = Math.max(0, rect.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(grid.cols, rect.x + rect.width) - x),
    height: Math.max(0, Math.min(grid.rows, rect.y + rect.height) - y),
  };
}

/** One character of one cell, all over a rectangle. Throws for another width. */
export function fill(grid: Grid, rect: Rect, character: string, style: Style): void {
  const glyph = character.codePointAt(0) ?? SPACE;
  if (widthOf(character) !== 1 || character.length !== String.fromCodePoint(glyph).length) {
    throw new RangeError(`A rectangle is filled with one character of one cell, not with ${JSON.stringify(character)}.`);
  }
  const { x, y, width, height } = clip(grid, rect);
  if (width === 0) return;
  for (let row = y; row < y + height; row++) {
    for (let index = row * grid.cols + x; index < row * grid.cols + x + width; index++) putGlyph(grid, index, glyph, 1, style);
  }
}

/**
 * A text on one row from `x` on, cut off after `width` cells and at the edges of the grid. A wide character that does
 * not fit becomes a space. Answers the column after the last cell written.
 */
export function text(grid: Grid, x: number, y: number, content: string, style: Style, width = grid.cols - x): number {
  const end = Math.min(grid.cols, x + width);
  if (y < 0 || y >= grid.rows) return x;
  let column = x;
  let start = 0;
  let first = 0;
  let before = 0;
  const put = (to: number): void => {
    const cells = widthOfState(before);
    const index = y * grid.cols + column;
    if (cells > 0 && column >= 0 && column + cells <= end) {
      if (to - start === unitsOf(first)) putGlyph(grid, index, first, cells, style);
      else putText(grid, index, content.slice(start, to), cells, style);
    }
    // One half of it lies outside.
    else if (cells > 0 && column >= 0 && column < end) putGlyph(grid, index, SPACE, 1, style);
    else if (column === -1 && cells === 2 && end > 0) putGlyph(grid, index + 1, SPACE, 1, style);
    column += cells;
  };
  let at = 0;
  while (at < content.length && column < end) {
    const codePoint = content.codePointAt(at) ?? 0;
    const properties = advance(codePoint, before);
    if (at > start && !(joinsBefore(properties) && before !== 0)) {
      put(at);
      start = at;
    }
    if (at === start) first = codePoint;
    before = properties;
    at += unitsOf(codePoint);
  }
  if (column < end) put(at);
  return Math.min(column, end);
}

/** UTF-16 units of a code point. */
function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}

/** Everything that would reorder, hide or steer; the two joiners stay, emoji and scripts need them, as do the tags of flags. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/gu;

/** One cluster of `cells` cells into the cell at `index`; the caller knows that it fits. Costs a filter: for one code point use `putGlyph`. */
export function putText(grid: Grid, index: number, cluster: string, cells: number, style: Style): void {
  const first = cluster.codePointAt(0) ?? SPACE;
  if (cluster.length === unitsOf(first)) {
    putGlyph(grid, index, first, cells, style);
    return;
  }
  const shown = cut(cluster).replace(UNSHOWABLE, '');
  const left = shown.codePointAt(0) ?? SPACE;
  if (shown.length <= unitsOf(left) || isUnshowable(left)) {
    putGlyph(grid, index, left, cells, style);
    return;
  }
  putGlyph(grid, index, CLUSTER, cells, style);
  grid.clusters.set(index, shown);
}

/** A base with a thousand marks is one cell too: what is shown of it ends early, at a whole code point. */
function cut(cluster: string): string {
  if (cluster.length <= LONGEST_CLUSTER) return cluster;
  const half = cluster.charCodeAt(LONGEST_CLUSTER - 1);
  return cluster.slice(0, half >= 0xd800 && half <= 0xdbff ? LONGEST_CLUSTER - 1 : LONGEST_CLUSTER);
}

/** One code point of one or two cells into the cell at `index`; the caller knows that it fits on its row. */
export function putGlyph(grid: Grid, index: number, glyph: number, cells: number, style: Style): void {
  const before = grid.width[index];
  if (before === 0) blank(grid, index - 1);
  else if (before === 2 && cells === 1) blank(grid, index + 1);
  set(grid, index, isUnshowable(glyph) ? SPACE : glyph, cells, style);
  if (cells !== 2) return;
  if (grid.width[index + 1] === 2) blank(grid, index + 2);
  set(grid, index + 1, SPACE, 0, style);
}

/** Controls, and what has no cell of its own: alone in a cell it would change its neighbour, or the order of the row. */
function isUnshowable(glyph: number): boolean {
  if (glyph < 0x300) return glyph < 0x20 || (glyph >= 0x7f && glyph <= 0x9f) || glyph === 0xad;
  return widthOfState(advance(glyph, 0)) === 0;
}

/** The half that is left of a wide character keeps its colours. */
function blank(grid: Grid, index: number): void {
  grid.glyph[index] = SPACE;
  grid.width[index] = 1;
}

function set(grid: Grid, index: number, glyph: number, cells: number, style: Style): void {
  grid.glyph[index] = glyph;
  grid.width[index] = cells;
  grid.fg[index] = style.fg;
  grid.bg[index] = style.bg;
  grid.attributes[index] = style.attributes;
  grid.underline[index] = style.underline;
  if (style.link === null) return;
  grid.attributes[index] = style.attributes | LINKED;
  grid.links.set(index, style.link);
}
