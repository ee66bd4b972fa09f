/** Select Graphic Rendition, the way out: what the outer terminal writes with now, and the shortest way to another style. */

import { safeLink } from '../core/link.ts';
import { colourMapper, type Depth } from './depth.ts';
import { type Grid, linkAt } from './grid.ts';
import { ATTR, type Colour, isPalette, LINKED, underlineOf } from './style.ts';

export type Pen = {
  /** The sequence that brings the pen to the style of a cell; empty when it has it. */
  to(grid: Grid, index: number): string;
  /** Whether it has it. */
  has(grid: Grid, index: number): boolean;
  /** The sequence for the terminal's own colours. */
  toPlain(): string;
  /** The sequence that ends a link, so that whatever else is written to the terminal is no part of it. */
  endLink(): string;
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
  [ATTR.blink, '5'],
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
  let link: string | null = null;

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
    if ((on & ATTR.overline) !== 0 && fancyLines) codes.push('53');
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
    if (codes.length === 0) return '';
    return codes.length === 1 && codes[0] === '0' ? '\u001b[m' : `\u001b[${codes.join(';')}m`;
  }

  /** OSC 8, made anew from an address that cannot end it early. */
  function moveLink(wanted: string | null): string {
    if (wanted === link) return '';
    link = wanted;
    return wanted === null ? END_LINK : `\u001b]8;id=${nameOf(wanted)};${wanted}\u001b\\`;
  }

  // Terminals with few colours may print what they do not know.
  const linkOf = (grid: Grid, index: number): string | null => {
    const address = depth === 'truecolor' || depth === '256' ? linkAt(grid, index) : null;
    return address === null ? null : safeLink(address);
  };

  const lineColour = (grid: Grid, index: number): Colour => (fancyLines ? (grid.underline[index] ?? 0) : 0);

  return {
    to: (grid, index) =>
      moveLink(linkOf(grid, index)) +
      move(nearest(grid.fg[index] ?? 0), nearest(grid.bg[index] ?? 0), attributesAt(grid, index), lineColour(grid, index)),
    has: (grid, index) =>
      known &&
      nearest(grid.fg[index] ?? 0) === fg &&
      nearest(grid.bg[index] ?? 0) === bg &&
      attributesAt(grid, index) === attributes &&
      lineColour(grid, index) === underline &&
      linkOf(grid, index) === link,
    toPlain: () => moveLink(null) + move(0, 0, 0, 0),
    endLink: () => moveLink(null),
    forget: () => {
      known = false;
      fg = bg = attributes = underline = 0;
    },
  };
}

const END_LINK = '\u001b]8;;\u001b\\';

function attributesAt(grid: Grid, index: number): number {
  return (grid.attributes[index] ?? 0) & ~LINKED;
}

/** The same name for the same address: the lines of one link light up together. (FNV-1a.) */
function nameOf(address: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < address.length; at++) hash = Math.imul(hash ^ address.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(36);
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
