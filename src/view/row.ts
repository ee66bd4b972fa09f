/** A line of the screen as data: spans of text, some of which can be clicked and some of which are clocks. */

import type { CheckId, HandoffId, Ms } from '../core/ids.ts';
import { fit as cutTo, widthOf } from '../core/width.ts';
import { AGE_WIDTH, type AgeClock } from './age.ts';
import type { CommandId } from './keymap.ts';
import type { PaneId } from './model.ts';
import type { ReadKey } from './reading.ts';
import type { StyleName } from './theme.ts';

/** What a click on a span, or on a whole panel, means. */
export type Click =
  | { readonly kind: 'pane'; readonly pane: PaneId }
  | { readonly kind: 'handoff'; readonly handoff: HandoffId }
  | { readonly kind: 'check'; readonly check: CheckId }
  | { readonly kind: 'command'; readonly command: CommandId }
  | { readonly kind: 'option'; readonly index: number }
  | { readonly kind: 'entry'; readonly index: number }
  | { readonly kind: 'queue' }
  | { readonly kind: 'dock' };

export type Span = {
  readonly text: string;
  readonly style?: StyleName;
  readonly click?: Click;
  /** The text is blank; the compositor writes the time there, each second. */
  readonly age?: AgeClock;
  /** The text is blank; the compositor writes there where the view stands. */
  readonly place?: PlaceMark;
};

/** Of whose view it tells, and what the cells are filled with that it leaves. */
export type PlaceMark = {
  readonly key: ReadKey;
  /** Panes are read back from their end, documents from their beginning. */
  readonly from: 'end' | 'beginning';
  readonly fill: string;
  readonly style: StyleName;
};

export type Row = readonly Span[];

export function span(text: string, style: StyleName = 'plain', click?: Click): Span {
  return { text, ...(style === 'plain' ? {} : { style }), ...(click === undefined ? {} : { click }) };
}

/** A clock, `AGE_WIDTH` cells wide. */
export function clock(since: Ms, direction: AgeClock['direction'], look: Partial<Pick<AgeClock, 'style' | 'align' | 'fill'>> = {}): Span {
  return { text: ' '.repeat(AGE_WIDTH), age: { since, direction, style: 'dim', align: 'left', fill: ' ', ...look } };
}

export function rowWidth(row: Row): number {
  return row.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** Cut with `…` or filled with blanks to exactly `width` cells. A clock that does not fit whole is left out. */
export function fitRow(row: Row, width: number, fill: Span = span(' ')): Row {
  const out: Span[] = [];
  let left = width;
  for (const one of row) {
    const wide = widthOf(one.text);
    if (wide <= left) {
      out.push(one);
      left -= wide;
      continue;
    }
    if (left > 0 && one.age === undefined && one.place === undefined) {
      out.push({ ...one, text: cutTo(one.text, left) });
      left = 0;
    }
    break;
  }
  if (left > 0) out.push({ ...fill, text: fill.text.repeat(left) });
  return out;
}

/** `start` at the left and `end` at the right edge; `start` is cut when both do not fit. */
export function spread(start: Row, end: Row, width: number, fill: Span = span(' ')): Row {
  const room = Math.max(0, width - rowWidth(end));
  return fitRow([...fitRow(start, room, fill), ...end], width, fill);
}

/** A text as rows of at most `width` cells, broken between words where there are any; at most `max` rows, the last cut with `…`. */
export function wrap(text: string, width: number, max: number): string[] {
  if (width < 1 || max < 1) return [];
  const rows: string[] = [];
  let rest = text;
  while (rest !== '' && rows.length < max) {
    if (widthOf(rest) <= width) {
      rows.push(rest);
      break;
    }
    if (rows.length === max - 1) {
      rows.push(cutTo(rest, width).trimEnd());
      break;
    }
    const cut = breakAt(rest, width);
    rows.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return rows;
}

/** Where to break: behind the last word that fits, else (one long word) behind the last character that does. */
function breakAt(text: string, width: number): number {
  const words = [...text.matchAll(/\s+/gu)].map(({ index }) => index);
  const word = words.findLast((index) => index > 0 && widthOf(text.slice(0, index)) <= width);
  if (word !== undefined) return word;
  let end = 0;
  for (const character of text) {
    if (widthOf(text.slice(0, end + character.length)) > width) break;
    end += character.length;
  }
  return Math.max(end, 1);
}
