/** The screen of an emulator into a rectangle of ours, cell by cell. */

import type { IBufferCell, Terminal } from '@xterm/headless';
import { clip, fill, type Grid, putGlyph, putText, type Rect } from './grid.ts';
import { heldFrame } from './held-frame.ts';
import { cellsOf, copyPlain } from './plain-cells.ts';
import { ATTR, type Colour, OWN_COLOUR, PLAIN_STYLE, palette, rgb, type Style, withUnderline } from './style.ts';
import { copyCells } from './two-grids.ts';

export type Viewport = {
  /** Lines above the newest screen; more than there are means the oldest. */
  readonly scrolledBack: number;
  /** The address behind the number of a cell's link. */
  readonly addressOf?: (number: number) => string | null;
  /** Only these of the newest screen are drawn, from `from` to before `to`: the others are as they were. */
  readonly rows?: { readonly from: number; readonly to: number };
};

export type Blitted = {
  /** Where the program's cursor is on our grid; null when it is scrolled out of sight or outside the rectangle. */
  readonly cursor: { readonly x: number; readonly y: number } | null;
  /** How far back the view is in truth: never more lines than the history has. */
  readonly scrolledBack: number;
  /** What was drawn is not the screen as it is, but a frame of the program's before it. */
  readonly held: boolean;
};

/** What lies beyond the program's own screen is no part of it, and is seen to be none. */
const BEYOND = '·';
const BEYOND_STYLE: Style = { ...PLAIN_STYLE, attributes: ATTR.dim };

/**
 * Draws the terminal's rows from its top left corner on. A rectangle smaller than the terminal crops it, at the bottom
 * and the right; a larger one is padded with dim dots. Palette colours stay palette colours, so that the user's theme
 * is kept.
 */
export function blit(grid: Grid, terminal: Terminal, rect: Rect, viewport: Viewport = { scrolledBack: 0 }): Blitted {
  const buffer = terminal.buffer.active;
  const scrolledBack = Math.max(0, Math.min(viewport.scrolledBack, buffer.baseY));
  const held = heldFrame(terminal, viewport);
  const area = clip(grid, rect);
  const [left, top] = [area.x - rect.x, area.y - rect.y];
  const width = Math.max(0, Math.min(terminal.cols - left, area.width));
  const height = Math.max(0, Math.min(terminal.rows - top, area.height));
  const shown = { ...area, width, height };
  const { rows } = viewport;
  if (rows !== undefined && held === null && scrolledBack === 0) {
    const [from, to] = [Math.max(rows.from, top), Math.min(rows.to, top + height)];
    const some = { ...shown, y: shown.y + from - top, height: Math.max(0, to - from) };
    drawRows(grid, terminal, some, left, buffer.baseY + from, viewport);
  } else if (held === null || scrolledBack > 0) drawRows(grid, terminal, shown, left, buffer.baseY - scrolledBack + top, viewport);
  else copyCells(held.grid, grid, shown, left, top);
  if (rows === undefined) pad(grid, area, width, height);

  const cursor = held === null ? cursorOf(terminal) : held.cursor;
  const x = rect.x + cursor.x;
  const y = rect.y + cursor.y;
  const inside = x >= area.x && x < area.x + width && y >= area.y && y < area.y + height;
  return { cursor: inside && scrolledBack === 0 ? { x, y } : null, scrolledBack, held: held !== null };
}

/** From a line of the buffer and a column of it on. */
function drawRows(grid: Grid, terminal: Terminal, shown: Rect, left: number, firstLine: number, viewport: Viewport): void {
  const buffer = terminal.buffer.active;
  const reader = createReader(buffer.getNullCell(), viewport.addressOf ?? (() => null));
  for (let row = 0; row < shown.height; row++) {
    const line = buffer.getLine(firstLine + row);
    const start = (shown.y + row) * grid.cols + shown.x;
    if (line === undefined) {
      fill(grid, { ...shown, y: shown.y + row, height: 1 }, ' ', PLAIN_STYLE);
      continue;
    }
    const cells = cellsOf(line);
    for (let column = 0; column < shown.width; ) {
      if (cells !== null) column += reader.run(cells, left + column, grid, start + column, shown.width - column);
      if (column === shown.width) break;
      const cell = line.getCell(left + column, reader.cell);
      column += cell === undefined ? reader.blank(grid, start + column) : reader.put(grid, start + column, shown.width - column);
    }
  }
}

/** The screen as it is now, half a frame or a whole one, into a grid of its size; the place of its cursor. */
export function drawScreen(grid: Grid, terminal: Terminal, viewport: Viewport): { readonly x: number; readonly y: number } {
  const { baseY } = terminal.buffer.active;
  drawRows(grid, terminal, { x: 0, y: 0, width: grid.cols, height: grid.rows }, 0, baseY, viewport);
  return cursorOf(terminal);
}

function cursorOf(terminal: Terminal): { readonly x: number; readonly y: number } {
  const { cursorX, cursorY } = terminal.buffer.active;
  return { x: Math.min(cursorX, terminal.cols - 1), y: cursorY };
}

function pad(grid: Grid, area: Rect, cols: number, rows: number): void {
  fill(grid, { x: area.x + cols, y: area.y, width: area.width - cols, height: rows }, BEYOND, BEYOND_STYLE);
  fill(grid, { x: area.x, y: area.y + rows, width: area.width, height: area.height - rows }, BEYOND, BEYOND_STYLE);
}

type Reader = {
  /** Filled by `getCell`, again and again: an object for each cell would keep the collector busy. */
  readonly cell: IBufferCell;
  /** Puts the cell last read; answers the cells that it took. */
  put(grid: Grid, index: number, room: number): number;
  /** Puts the plain cells from `from` on that look as the one that was put last; answers how many. */
  run(cells: Uint32Array, from: number, grid: Grid, index: number, room: number): number;
  blank(grid: Grid, index: number): number;
};

function createReader(cell: IBufferCell, addressOf: (number: number) => string | null): Reader {
  // Neighbours mostly look alike: the style is made anew only when a number differs.
  let style = PLAIN_STYLE;
  const more = hasMore(cell) ? cell : null;
  // The cell's own two numbers for all of it, where they are known.
  let madeOfFg = Number.NaN;
  let madeOfBg = Number.NaN;

  function styleOf(): Style {
    if (cell.isAttributeDefault()) {
      madeOfFg = more?.fg ?? Number.NaN;
      madeOfBg = more?.bg ?? Number.NaN;
      style = PLAIN_STYLE;
      return style;
    }
    if (more !== null && more.fg === madeOfFg && more.bg === madeOfBg) return style;
    const fg = colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
    const bg = colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
    let attributes = attributesOf(cell);
    let underline: Colour = 0;
    let link: string | null = null;
    madeOfFg = more?.fg ?? Number.NaN;
    madeOfBg = more?.bg ?? Number.NaN;
    if (more !== null && more.hasExtendedAttrs() !== 0) {
      // What is to be known of such a cell is not in its numbers.
      madeOfFg = Number.NaN;
      const { urlId } = more.extended;
      // A link has a dashed line of xterm's own, which is not the program's.
      const kind = urlId === 0 ? more.getUnderlineStyle() : lineUnder(more);
      attributes = withUnderline(attributes, kind);
      if (kind !== 0) underline = lineColour(more);
      if (urlId !== 0) link = addressOf(urlId);
    }
    const known =
      style.fg === fg && style.bg === bg && style.attributes === attributes && style.underline === underline && style.link === link;
    if (!known) style = { fg, bg, attributes, underline, link };
    return style;
  }

  return {
    cell,
    put(grid, index, room) {
      const width = cell.getWidth();
      const code = cell.getCode();
      // A width of 0 here is a wide character's right half without its left one, or a mark that follows nothing.
      if (width === 0 || code === 0 || width > room) {
        putGlyph(grid, index, 0x20, 1, styleOf());
        return 1;
      }
      // `getCode` tells of a cluster's last character only, and `getChars` makes a string.
      const characters = endsNoCluster(code) ? '' : cell.getChars();
      if (characters.length <= 1 || characters.length === (code > 0xffff ? 2 : 1)) putGlyph(grid, index, code, width, styleOf());
      else putText(grid, index, characters, width, styleOf());
      return width;
    },
    run: (cells, from, grid, index, room) => copyPlain(cells, from, { fg: madeOfFg, bg: madeOfBg, style }, grid, index, room),
    blank(grid, index) {
      putGlyph(grid, index, 0x20, 1, PLAIN_STYLE);
      return 1;
    },
  };
}

/** Letters of Latin text and the lines of boxes, which are most of what is on a screen. */
function endsNoCluster(code: number): boolean {
  return (code < 0x300 && code !== 0xad) || (code >= 0x2500 && code < 0x25a0);
}

function colour(isRgb: boolean, isPalette: boolean, value: number): Colour {
  if (isRgb) return rgb(value);
  return isPalette ? palette(value) : 0;
}

function attributesOf(cell: IBufferCell): number {
  let attributes = 0;
  if (cell.isBold()) attributes |= ATTR.bold;
  if (cell.isDim()) attributes |= ATTR.dim;
  if (cell.isItalic()) attributes |= ATTR.italic;
  if (cell.isInverse()) attributes |= ATTR.inverse;
  if (cell.isInvisible()) attributes |= ATTR.hidden;
  if (cell.isStrikethrough()) attributes |= ATTR.strike;
  if (cell.isBlink()) attributes |= ATTR.blink;
  if (cell.isOverline()) attributes |= ATTR.overline;
  return cell.isUnderline() ? withUnderline(attributes, 1) : attributes;
}

/** What the public interface of a cell leaves out: an underline's kind and colour, the number of a link, the cell's numbers. */
type More = {
  readonly fg: number;
  readonly bg: number;
  hasExtendedAttrs(): number;
  getUnderlineStyle(): number;
  getUnderlineColor(): number;
  isUnderlineColorRGB(): boolean;
  isUnderlineColorPalette(): boolean;
  readonly extended: Extended;
};
type Extended = { urlId: number; readonly underlineStyle: number; readonly underlineColor: number; clone(): Extended };
const MORE = ['hasExtendedAttrs', 'getUnderlineStyle', 'getUnderlineColor', 'isUnderlineColorRGB', 'isUnderlineColorPalette'] as const;

function lineUnder(cell: IBufferCell & More): number {
  const own = cell.extended.clone();
  own.urlId = 0;
  return cell.getUnderlineStyle() === 0 ? 0 : Math.max(1, own.underlineStyle);
}

/** All bits set is what xterm makes of "the text's own colour" (SGR 59). */
const OWN_AGAIN = 0x3ffffff;

function lineColour(cell: More): Colour {
  if ((cell.extended.underlineColor & OWN_AGAIN) === OWN_AGAIN) return OWN_COLOUR;
  if (!cell.isUnderlineColorRGB() && !cell.isUnderlineColorPalette()) return OWN_COLOUR;
  return colour(cell.isUnderlineColorRGB(), cell.isUnderlineColorPalette(), cell.getUnderlineColor());
}

/** Private, so not relied on: without it an underline is a single one in the colour of its text. */
function hasMore(cell: IBufferCell): cell is IBufferCell & More {
  const inside = cell as IBufferCell & Partial<More>;
  return (
    MORE.every((name) => typeof inside[name] === 'function') &&
    [inside.fg, inside.bg].every((one) => typeof one === 'number') &&
    typeof inside.extended?.clone === 'function'
  );
}
