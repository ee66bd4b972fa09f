/** Select Graphic Rendition, the way out: what the outer terminal writes with now, and the shortest way to another style. */

import { colourMapper, type Depth } from './depth.ts';
import type { Grid } from './grid.ts';
import { ATTR, type Colour, isPalette, underlineOf } from './style.ts';

export type Pen = {
  /** The sequence that brings the pen to the style of a cell; empty when it has it. */
  to(grid: Grid, index: number): string;
  /** Whether it has it. */
  has(grid: Grid, index: number): boolean;
  /** The sequence for the terminal's own colours. */
  toPlain(): string;
  /** What the terminal has is not known any more. */
  forget(): void;
};

const CODES: readonly (readonly [bit: number, code: string])[] = [
  [ATTR.bold, '1'],
  [ATTR.dim, '2'],
  [ATTR.italic, '3'],
  [ATTR.inverse, '7'],
  [ATTR.hidden, '8'],
  [ATTR.strike, '9'],
];

export function createPen(depth: Depth): Pen {
  const nearest = colourMapper(depth);
  // Other kinds of lines, and coloured ones, are misread by terminals with few colours.
  const fancyLines = depth === 'truecolor';
  let known = false;
  let fg = 0;
  let bg = 0;
  let attributes = 0;
  let underline = 0;

  function move(toFg: Colour, toBg: Colour, toAttributes: number, toUnderline: Colour): string {
    if (known && toFg === fg && toBg === bg && toAttributes === attributes && toUnderline === underline) return '';
    const codes: string[] = [];
    const off = attributes & ~toAttributes;
    const otherLine = underlineOf(attributes) !== 0 && underlineOf(attributes) !== underlineOf(toAttributes);
    if (!known || off !== 0 || otherLine) {
      codes.push('0');
      fg = bg = attributes = underline = 0;
    }
    const on = toAttributes & ~attributes;
    for (const [bit, code] of CODES) if ((on & bit) !== 0) codes.push(code);
    const line = underlineOf(on);
    if (line !== 0) codes.push(line > 1 && fancyLines ? `4:${line}` : '4');
    if (toFg !== fg) codes.push(colourCode(toFg, 30));
    if (toBg !== bg) codes.push(colourCode(toBg, 40));
    if (toUnderline !== underline) codes.push(underlineCode(toUnderline));
    known = true;
    fg = toFg;
    bg = toBg;
    attributes = toAttributes;
    underline = toUnderline;
    return codes.length === 1 && codes[0] === '0' ? '\u001b[m' : `\u001b[${codes.join(';')}m`;
  }

  const lineColour = (grid: Grid, index: number): Colour => (fancyLines ? (grid.underline[index] ?? 0) : 0);

  return {
    to: (grid, index) =>
      move(nearest(grid.fg[index] ?? 0), nearest(grid.bg[index] ?? 0), grid.attributes[index] ?? 0, lineColour(grid, index)),
    has: (grid, index) =>
      known &&
      nearest(grid.fg[index] ?? 0) === fg &&
      nearest(grid.bg[index] ?? 0) === bg &&
      grid.attributes[index] === attributes &&
      lineColour(grid, index) === underline,
    toPlain: () => move(0, 0, 0, 0),
    forget: () => {
      known = false;
      fg = bg = attributes = underline = 0;
    },
  };
}

/** `base` is 30 for the foreground, 40 for the background. */
function colourCode(colour: Colour, base: number): string {
  if (colour === 0) return String(base + 9);
  if (!isPalette(colour)) return `${base + 8};2;${(colour >> 16) & 0xff};${(colour >> 8) & 0xff};${colour & 0xff}`;
  const index = colour & 0xff;
  if (index < 8) return String(base + index);
  return index < 16 ? String(base + 52 + index) : `${base + 8};5;${index}`;
}

/** With colons: a terminal that does not know 58 would read the numbers behind semicolons as codes of their own. */
function underlineCode(colour: Colour): string {
  if (colour === 0) return '59';
  if (isPalette(colour)) return `58:5:${colour & 0xff}`;
  return `58:2::${(colour >> 16) & 0xff}:${(colour >> 8) & 0xff}:${colour & 0xff}`;
}
