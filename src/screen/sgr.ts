/** Select Graphic Rendition, the way in: parameters to a style. */

import { ATTR, type Colour, OWN_COLOUR, PLAIN_STYLE, palette, rgb, type Style, withUnderline } from './style.ts';

const SETS: Readonly<Record<number, number>> = {
  1: ATTR.bold,
  2: ATTR.dim,
  3: ATTR.italic,
  5: ATTR.blink,
  6: ATTR.blink,
  7: ATTR.inverse,
  8: ATTR.hidden,
  9: ATTR.strike,
  53: ATTR.overline,
};
const UNSETS: Readonly<Record<number, number>> = {
  22: ATTR.bold | ATTR.dim,
  23: ATTR.italic,
  25: ATTR.blink,
  27: ATTR.inverse,
  28: ATTR.hidden,
  29: ATTR.strike,
  55: ATTR.overline,
};

/** The style after `CSI parameters m`. What is not known changes nothing. */
export function applySgr(style: Style, parameters: string): Style {
  if (parameters === '' || parameters === '0') return PLAIN_STYLE;
  let { fg, bg, attributes, underline } = style;
  const fields = parameters.split(';');
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? '';
    const code = Number.parseInt(field, 10) || 0;
    if (code === 38 || code === 48 || code === 58) {
      const { colour, used } = colourAt(fields, at);
      at += used;
      if (colour === null) continue;
      if (code === 38) fg = colour;
      else if (code === 48) bg = colour;
      else underline = colour;
    } else if (code === 4) attributes = withUnderline(attributes, underlineKind(field));
    else if (code === 0) ({ fg, bg, attributes, underline } = PLAIN_STYLE);
    else if (code === 21) attributes = withUnderline(attributes, 2);
    else if (code === 24) attributes = withUnderline(attributes, 0);
    else if (code === 39) fg = OWN_COLOUR;
    else if (code === 49) bg = OWN_COLOUR;
    else if (code === 59) underline = OWN_COLOUR;
    else if (code >= 30 && code <= 37) fg = palette(code - 30);
    else if (code >= 40 && code <= 47) bg = palette(code - 40);
    else if (code >= 90 && code <= 97) fg = palette(code - 82);
    else if (code >= 100 && code <= 107) bg = palette(code - 92);
    else attributes = (attributes | (SETS[code] ?? 0)) & ~(UNSETS[code] ?? 0);
  }
  return { fg, bg, attributes, underline, link: style.link };
}

/** `4` alone is one line, `4:0` none. */
function underlineKind(field: string): number {
  const colon = field.indexOf(':');
  return colon === -1 ? 1 : Number.parseInt(field.slice(colon + 1), 10) || 0;
}

/** A colour in either spelling: `38;5;n`, `38;2;r;g;b`, `38:5:n`, `38:2::r:g:b`. `used`: fields beyond the first. */
function colourAt(fields: readonly string[], at: number): { colour: Colour | null; used: number } {
  const parts = (fields[at] ?? '').split(':');
  const joined = parts.length > 1;
  const numbers = (joined ? parts : fields.slice(at, at + 5)).map((part) => (part === '' ? 0 : Number.parseInt(part, 10)));
  if (numbers[1] === 5) return { colour: channel(numbers[2]) ? palette(numbers[2] ?? 0) : null, used: joined ? 0 : 2 };
  if (numbers[1] !== 2) return { colour: null, used: joined ? 0 : fields.length };
  const [red, green, blue] = joined && numbers.length > 5 ? numbers.slice(3) : numbers.slice(2);
  const valid = channel(red) && channel(green) && channel(blue);
  return { colour: valid ? rgb(((red ?? 0) << 16) | ((green ?? 0) << 8) | (blue ?? 0)) : null, used: joined ? 0 : 4 };
}

function channel(value: number | undefined): boolean {
  return value !== undefined && value >= 0 && value <= 255;
}
