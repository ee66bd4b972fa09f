/** How many colours the outer terminal has, and the nearest one for those that it has not. */

import { type Colour, isPalette, isRgb, OWN_COLOUR, palette } from './style.ts';

export type Depth = 'none' | '16' | '256' | 'truecolor';

/** What the environment says of its terminal. `NO_COLOR` (any value but the empty one) is obeyed first. */
export function depthOf(env: Readonly<Record<string, string | undefined>>): Depth {
  const term = env['TERM'] ?? '';
  if (env['NO_COLOR'] || term === 'dumb' || /-mono$|^vt\d+/u.test(term)) return 'none';
  if (/^(?:truecolor|24bit)$/u.test(env['COLORTERM'] ?? '') || /-direct$|^(?:xterm-)?(?:kitty|ghostty|alacritty)$/u.test(term))
    return 'truecolor';
  return /256/u.test(term) ? '256' : '16';
}

/** The first 16 as xterm shows them; a theme has others, but which is nearest must be decided by some. */
const XTERM_16 = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
  0xff00ff, 0x00ffff, 0xffffff,
] as const;
const STEPS = [0, 95, 135, 175, 215, 255] as const;

/** 24 bits of a palette's index, by xterm's defaults. */
export function rgbOf(index: number): number {
  if (index < 16) return XTERM_16[index] ?? 0;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x10101;
  const cube = index - 16;
  return ((STEPS[Math.floor(cube / 36)] ?? 0) << 16) | ((STEPS[Math.floor(cube / 6) % 6] ?? 0) << 8) | (STEPS[cube % 6] ?? 0);
}

const REMEMBERED = 4096;

/** The nearest colour that a terminal of this depth has. Remembers what it found: a gradient asks for the same again and again. */
export function colourMapper(depth: Depth): (colour: Colour) => Colour {
  if (depth === 'truecolor') return (colour) => colour;
  if (depth === 'none') return () => OWN_COLOUR;
  const known = new Map<Colour, Colour>();
  return (colour) => {
    if (colour === OWN_COLOUR || (isPalette(colour) && (depth === '256' || (colour & 0xff) < 16))) return colour;
    let nearest = known.get(colour);
    if (nearest === undefined) {
      nearest = depth === '256' ? nearest256(colour & 0xffffff) : nearest16(isRgb(colour) ? colour & 0xffffff : rgbOf(colour & 0xff));
      if (known.size >= REMEMBERED) known.clear();
      known.set(colour, nearest);
    }
    return nearest;
  };
}

function nearest256(value: number): Colour {
  const channels = [value >> 16, (value >> 8) & 0xff, value & 0xff];
  const [red = 0, green = 0, blue = 0] = channels.map(nearestStep);
  const cube = 16 + 36 * red + 6 * green + blue;
  const mean = channels.reduce((sum, channel) => sum + channel, 0) / 3;
  const grey = 232 + Math.max(0, Math.min(23, Math.round((mean - 8) / 10)));
  return palette(distance(value, rgbOf(grey)) < distance(value, rgbOf(cube)) ? grey : cube);
}

function nearestStep(channel: number): number {
  if (channel < 48) return 0;
  return channel < 115 ? 1 : Math.floor((channel - 35) / 40);
}

function nearest16(value: number): Colour {
  let best = 0;
  for (let index = 1; index < 16; index++) {
    if (distance(value, rgbOf(index)) < distance(value, rgbOf(best))) best = index;
  }
  return palette(best);
}

/** Squared, each channel by how much the eye sees of it. */
function distance(a: number, b: number): number {
  const red = (a >> 16) - (b >> 16);
  const green = ((a >> 8) & 0xff) - ((b >> 8) & 0xff);
  const blue = (a & 0xff) - (b & 0xff);
  return 3 * red * red + 6 * green * green + blue * blue;
}
