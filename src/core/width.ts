/**
 * How many cells text takes on a screen. No two terminals agree about emoji and joined characters; this is the answer
 * of this program, used alike for what it draws itself and, through `width-provider.ts`, for the emulators of its panes.
 *
 * Clusters are found code point by code point, because an emulator sees them so. They are those of Unicode's UAX 29,
 * except that conjuncts (GB9c), prepended marks (GB9b) and incomplete Hangul are left apart, as terminals do,
 * and that whatever takes no cell belongs to what stands before it.
 */

import { ADDS, NARROW_EMOJI, PICTOGRAPHIC, WIDE, ZERO } from './width-table.ts';

export type Cells = 0 | 1 | 2;

export type Cluster = { readonly text: string; readonly width: Cells };

/**
 * What a character is to its neighbours: the rows of UAX 29 that a terminal needs, each with its width. Modifiers are
 * the skin tones.
 */
const KIND = {
  narrow: 0,
  wide: 1,
  zero: 2,
  adds: 3,
  control: 4,
  joiner: 5,
  emojiSign: 6,
  keycap: 7,
  keycapBase: 8,
  regional: 9,
  modifier: 10,
  pictograph: 11,
  widePictograph: 12,
  narrowEmoji: 13,
  leading: 14,
  vowel: 15,
  trailing: 16,
  syllable: 17,
} as const;

/** What may still join the cluster so far. */
const STATE = { plain: 1, digit: 2, regional: 3, pictograph: 4, narrowEmoji: 5, joined: 6, hangul: 7, hangulEnd: 8 } as const;

const JOINS = 1;
/** Answer for a character of one cell that nothing but marks can join. */
const PLAIN = (STATE.plain << 3) | (1 << 1);
const PLANE_TOP = 0x20000;

/** The planes that are in use as one table of 128 KB: a lookup is on the path of every character of every agent. */
function kindTable(): Uint8Array {
  const table = new Uint8Array(PLANE_TOP);
  // Filled, since a call for each of a hundred thousand characters is felt at every start.
  const each = (ranges: string, use: (first: number, end: number) => void): void => {
    for (const range of ranges.split(' ')) {
      const [first = '', last = first] = range.split('-');
      use(Number.parseInt(first, 16), Math.min(Number.parseInt(last, 16) + 1, PLANE_TOP));
    }
  };
  const set = (ranges: string, kind: number): void => each(ranges, (first, end) => table.fill(kind, first, end));
  set(WIDE, KIND.wide);
  each(PICTOGRAPHIC, (first, end) => {
    for (let at = first; at < end; at++) table[at] = table[at] === KIND.wide ? KIND.widePictograph : KIND.pictograph;
  });
  set(NARROW_EMOJI, KIND.narrowEmoji);
  set(ADDS, KIND.adds);
  set(ZERO, KIND.zero);
  set('2028-2029', KIND.zero);
  set('0-1f 7f-9f d800-dfff', KIND.control);
  set('30-39 23 2a', KIND.keycapBase);
  set('1f1e6-1f1ff', KIND.regional);
  set('1f3fb-1f3ff', KIND.modifier);
  set('1100-115f a960-a97c', KIND.leading);
  set('1160-11a7 d7b0-d7c6', KIND.vowel);
  set('11a8-11ff d7cb-d7fb', KIND.trailing);
  set('ac00-d7a3', KIND.syllable);
  set('200d', KIND.joiner);
  set('fe0f', KIND.emojiSign);
  set('20e3', KIND.keycap);
  return table;
}

const KINDS = kindTable();

function kindOf(codePoint: number): number {
  if (codePoint < PLANE_TOP) return KINDS[codePoint] ?? KIND.narrow;
  if (codePoint <= 0x3fffd && (codePoint & 0xffff) <= 0xfffd) return KIND.wide;
  return codePoint >= 0xe0000 && codePoint <= 0xe0fff ? KIND.zero : KIND.narrow;
}

function state(next: number, width: number, joins: number): number {
  return (next << 3) | (width << 1) | joins;
}

/** The width of the cluster so far, in cells. */
export function widthOfState(properties: number): Cells {
  return ((properties >> 1) & 3) as Cells;
}

/** Whether the last character belongs to the cluster before it. */
export function joinsBefore(properties: number): boolean {
  return (properties & JOINS) !== 0;
}

/**
 * One character more. `before` is the answer for the character before, 0 at the start and after anything that moved
 * the cursor. The number holds whether it joins, the cluster's width and what may follow, in the layout of xterm's
 * `UnicodeCharProperties`.
 */
export function advance(codePoint: number, before: number): number {
  if (codePoint >= 0x40 && codePoint < 0x7f) return PLAIN;
  const width = widthOfState(before);
  const last = before >> 3;
  switch (kindOf(codePoint)) {
    case KIND.wide:
      return state(STATE.plain, 2, 0);
    case KIND.zero:
      // A text sign (U+FE0E) comes here too: it does not make an emoji narrow, since an emulator cannot take a cell back.
      return state(last === STATE.pictograph || last === STATE.narrowEmoji ? STATE.pictograph : STATE.plain, width, JOINS);
    case KIND.adds:
      return width === 0 ? state(STATE.plain, 1, 0) : state(STATE.plain, 2, JOINS);
    case KIND.control:
      return 0;
    case KIND.joiner:
      return state(last === STATE.pictograph || last === STATE.narrowEmoji ? STATE.joined : STATE.plain, width, JOINS);
    case KIND.emojiSign:
      if (last === STATE.narrowEmoji) return state(STATE.pictograph, 2, JOINS);
      return state(last === STATE.pictograph || last === STATE.digit ? last : STATE.plain, width, JOINS);
    case KIND.keycap:
      return state(STATE.plain, last === STATE.digit ? 2 : width, JOINS);
    case KIND.keycapBase:
      return state(STATE.digit, 1, 0);
    case KIND.regional:
      return last === STATE.regional ? state(STATE.plain, 2, JOINS) : state(STATE.regional, 1, 0);
    case KIND.modifier:
      if (width === 0) return state(STATE.plain, 2, 0);
      if (last === STATE.narrowEmoji) return state(STATE.pictograph, 2, JOINS);
      return state(last === STATE.pictograph ? last : STATE.plain, width, JOINS);
    case KIND.pictograph:
      return last === STATE.joined ? state(STATE.pictograph, 2, JOINS) : state(STATE.pictograph, 1, 0);
    case KIND.narrowEmoji:
      return last === STATE.joined ? state(STATE.narrowEmoji, 2, JOINS) : state(STATE.narrowEmoji, 1, 0);
    case KIND.widePictograph:
      return state(STATE.pictograph, 2, last === STATE.joined ? JOINS : 0);
    case KIND.leading:
      return state(STATE.hangul, 2, 0);
    case KIND.syllable:
      return state(STATE.hangulEnd, 2, 0);
    case KIND.vowel:
      return last === STATE.hangul ? state(STATE.hangulEnd, 2, JOINS) : PLAIN;
    case KIND.trailing:
      return last === STATE.hangulEnd ? state(STATE.hangulEnd, 2, JOINS) : PLAIN;
    default:
      return PLAIN;
  }
}

const ASCII = /^[ -~]*$/u;

/** The clusters of a text in order; a control character is one of width 0, and so are marks that follow nothing. */
export function clusters(text: string): Cluster[] {
  const found: Cluster[] = [];
  let start = 0;
  let before = 0;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const properties = advance(codePoint, before);
    if (at > start && !(joinsBefore(properties) && before !== 0)) {
      found.push({ text: text.slice(start, at), width: widthOfState(before) });
      start = at;
    }
    before = properties;
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (text.length > start) found.push({ text: text.slice(start), width: widthOfState(before) });
  return found;
}

/** Cells that a text takes. Control characters take none. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  let before = 0;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const properties = advance(codePoint, before);
    width += widthOfState(properties);
    if (joinsBefore(properties) && before !== 0) width -= widthOfState(before);
    before = properties;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return width;
}

/** The text in exactly `width` cells: padded with spaces, or cut off with `…`. Without control characters. */
export function fit(text: string, width: number): string {
  if (width <= 0) return '';
  if (text.length <= width && ASCII.test(text)) return text.padEnd(width);
  let kept = '';
  let used = 0;
  // Where the text can be cut so that an ellipsis still has room.
  let cut = '';
  let cutWidth = 0;
  // A cell holds a short cluster; a text of a million marks must not be walked to show ten cells.
  for (const cluster of clusters(text.slice(0, width * LONGEST_CLUSTER))) {
    if (CONTROL.test(cluster.text)) continue;
    if (used + cluster.width > width) return `${cut}…`.padEnd(cut.length + width - cutWidth);
    kept += cluster.text;
    used += cluster.width;
    if (used <= width - 1) {
      cut = kept;
      cutWidth = used;
    }
  }
  if (text.length > width * LONGEST_CLUSTER) return `${cut}…`.padEnd(cut.length + width - cutWidth);
  return kept.padEnd(kept.length + width - used);
}

/** UTF-16 units of a cluster that are worth showing: the longest family is 25. */
export const LONGEST_CLUSTER = 32;
const CONTROL = /^[\p{Cc}\p{Cs}]/u;
