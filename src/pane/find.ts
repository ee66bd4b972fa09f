/** Searching a pane's history: a plain text, in slices, so that ten thousand lines never hold up a keystroke. */
import type { IBuffer, Terminal } from '@xterm/headless';
import { type Cell, firstRow, isBefore, lastRow, lineText, type WholeLine, wholeLine } from './lines.ts';
import type { Spots } from './spots.ts';
import { inTurn } from './turns.ts';

/** Both ends are part of it. */
export type Match = { readonly from: Cell; readonly to: Cell };

export type Needle = { readonly text: string; readonly sameCase: boolean };

const SLICE_MS = 4;

/** Smart case: as soon as a capital letter is in it, capital letters matter. Null for nothing to look for. */
export function needleOf(text: string): Needle | null {
  return text === '' ? null : { text, sameCase: text !== text.toLowerCase() };
}

/** Indexes into the text. Matches do not overlap. */
function* indexesIn(text: string, { text: wanted, sameCase }: Needle): Generator<number> {
  const searched = sameCase ? text : folded(text);
  for (let at = searched.indexOf(wanted); at >= 0; at = searched.indexOf(wanted, at + wanted.length)) yield at;
}

/** Lower case, with every index where it was: there are letters that become two. */
function folded(text: string): string {
  const low = text.toLowerCase();
  if (low.length === text.length) return low;
  return Array.from(text, (one) => (one.toLowerCase().length === one.length ? one.toLowerCase() : one)).join('');
}

function matchesIn(line: WholeLine, needle: Needle): Match[] {
  return [...indexesIn(line.text, needle)].map((at) => ({ from: line.cellAt(at), to: line.cellAt(at + needle.text.length - 1) }));
}

/** Those that lie in these rows, whole or in part. */
export function matchesInRows(buffer: IBuffer, needle: Needle, top: number, rows: number): Match[] {
  const out: Match[] = [];
  for (let row = firstRow(buffer, top); row < Math.min(top + rows, buffer.length); ) {
    const last = lastRow(buffer, row);
    if (holds(lineText(buffer, row, last), needle)) out.push(...matchesIn(wholeLine(buffer, row), needle));
    row = last + 1;
  }
  return out;
}

function holds(text: string, { text: wanted, sameCase }: Needle): boolean {
  return (sameCase ? text : folded(text)).includes(wanted);
}

export type Search = { cancel(): void };

export type Searched = { readonly terminal: Terminal; readonly spots: Spots };

/**
 * Every line from the one at `from` on, upwards or down. `visit` says whether to go on; `done` comes when it does
 * not, or when there is no further line. `atOnce`: what is near is visited before this returns.
 */
function scan(
  { terminal, spots }: Searched,
  from: number,
  down: boolean,
  visit: (buffer: IBuffer, first: number, last: number) => boolean,
  done: () => void,
  atOnce = true,
): Search {
  let takeBack: (() => void) | null = null;
  // Between two slices the ring may drop lines, or a new width wrap them anew.
  const here = spots.place(from, 0);
  const { type } = terminal.buffer.active;
  const end = (): void => {
    spots.free(here);
    takeBack = null;
    done();
  };
  const slice = (): void => {
    const until = performance.now() + SLICE_MS;
    const buffer = terminal.buffer.active;
    if (buffer.type !== type) {
      end();
      return;
    }
    let { row } = here;
    for (let seen = 1; ; seen++) {
      const first = firstRow(buffer, row);
      const last = lastRow(buffer, row);
      if (row < 0 || row >= buffer.length || here.gone || !visit(buffer, first, last)) {
        end();
        return;
      }
      row = down ? last + 1 : first - 1;
      if (seen % 32 === 0 && performance.now() > until) break;
    }
    here.row = row;
    takeBack = inTurn(slice);
  };
  if (atOnce) slice();
  else takeBack = inTurn(slice);
  return {
    cancel() {
      if (takeBack === null) return;
      takeBack();
      takeBack = null;
      spots.free(here);
    },
  };
}

/** The next match before or behind a cell; null when there is none up to the end. */
export function findNext(searched: Searched, needle: Needle, from: Cell, down: boolean, found: (match: Match | null) => void): Search {
  let match: Match | null = null;
  const start = searched.spots.place(from.row, from.col);
  const visit = (buffer: IBuffer, first: number, last: number): boolean => {
    if (!holds(lineText(buffer, first, last), needle)) return true;
    const all = matchesIn(wholeLine(buffer, first), needle);
    match = (down ? all.find((one) => isBefore(start, one.from)) : all.findLast((one) => isBefore(one.from, start))) ?? null;
    return match === null;
  };
  const search = scan(searched, from.row, down, visit, () => {
    searched.spots.free(start);
    found(match);
  });
  return {
    cancel() {
      search.cancel();
      searched.spots.free(start);
    },
  };
}

export type Count = {
  readonly count: number /** Of the one that begins at the cell, from the oldest, from 1; 0: none does. */;
  readonly index: number;
};

export function countAll(searched: Searched, needle: Needle, current: Cell | null, counted: (count: Count) => void): Search {
  let count = 0;
  let behind = 0;
  let isOne = false;
  const visit = (buffer: IBuffer, first: number, last: number): boolean => {
    const text = lineText(buffer, first, last);
    if (!holds(text, needle)) return true;
    const here = [...indexesIn(text, needle)];
    count += here.length;
    if (current === null || current.row < first) behind += here.length;
    else if (current.row <= last) {
      const at = wholeLine(buffer, first).indexOf(current);
      behind += here.filter((index) => index > at).length;
      isOne = here.includes(at);
    }
    return true;
  };
  const { length } = searched.terminal.buffer.active;
  return scan(searched, length - 1, false, visit, () => counted({ count, index: isOne ? count - behind : 0 }), false);
}
