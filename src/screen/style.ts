/** How a cell looks: two colours, an underline's colour and attributes, each a number so that cells compare fast. */

/** 0 is the terminal's own; else a palette index (the user's theme decides) or 24 bits of red, green and blue. */
export type Colour = number;

const PALETTE = 0x1000000;
const RGB = 0x2000000;

export const OWN_COLOUR: Colour = 0;

/** One of the 256: 0 to 15 are the theme's. */
export function palette(index: number): Colour {
  return PALETTE | (index & 0xff);
}

export function rgb(value: number): Colour {
  return RGB | (value & 0xffffff);
}

export function isPalette(colour: Colour): boolean {
  return (colour & PALETTE) !== 0;
}

export function isRgb(colour: Colour): boolean {
  return (colour & RGB) !== 0;
}

/** Bits of a cell's attributes. An underline's kind is the number of SGR 4:n: 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
export const ATTR = { bold: 1, dim: 2, italic: 4, inverse: 8, hidden: 16, strike: 32, blink: 64, overline: 128 } as const;
const UNDERLINE_SHIFT = 8;
const UNDERLINE_MASK = 7 << UNDERLINE_SHIFT;
/** Set in a grid only, so that cells compare fast: this cell has an address in `links`. */
export const LINKED = 2048;

export function withUnderline(attributes: number, kind: number): number {
  return (attributes & ~UNDERLINE_MASK) | ((kind > 5 ? 1 : kind) << UNDERLINE_SHIFT);
}

export function underlineOf(attributes: number): number {
  return (attributes & UNDERLINE_MASK) >> UNDERLINE_SHIFT;
}

export type Style = {
  readonly fg: Colour;
  readonly bg: Colour;
  readonly attributes: number;
  readonly underline: Colour;
  /** Where a link leads. */
  readonly link: string | null;
};

export const PLAIN_STYLE: Style = { fg: OWN_COLOUR, bg: OWN_COLOUR, attributes: 0, underline: OWN_COLOUR, link: null };
