/** What is looked for in one thing that is read: the text, the place that is shown, and how many there are. */
import type { Terminal } from '@xterm/headless';
import { countAll, findNext, type Match, type Needle, needleOf, type Search } from './find.ts';
import type { Cell } from './lines.ts';
import type { Spot, Spots } from './spots.ts';

/** From what was found last, from where the view stood when the search was begun, or from the end that is left behind. */
export type FindFrom = 'here' | 'begun' | 'far';

export type Looking = {
  /** Another number whenever something else is marked. */
  version(): number;
  needle(): Needle | null;
  match(): { readonly from: Cell; readonly to: Cell } | null;
  found(): { readonly index: number; readonly count: number } | null;
  /** What is typed from now on is looked for from these ends of the view. */
  begin(up: Cell, down: Cell): void;
  lookFor(text: string): void;
  next(from: FindFrom, down: boolean, then: (found: boolean) => void): void;
  /** Something else is shown now: what was found is nowhere. */
  forget(): void;
  close(): void;
};

export type LookingOptions = {
  readonly terminal: Terminal;
  readonly spots: Spots;
  /** The end of what is in sight: its bottom for a search upwards, its top for one downwards. */
  readonly viewEnd: (down: boolean) => Cell;
  readonly show: (at: Cell) => void;
  readonly changed: () => void;
};

export function createLooking({ terminal, spots, viewEnd, show, changed }: LookingOptions): Looking {
  let needle: Needle | null = null;
  let match: { from: Spot; to: Spot } | null = null;
  let begun: { up: Cell; down: Cell } | null = null;
  let version = 0;
  let counted: { index: number; count: number } | null = null;
  const searches: { next: Search | null; count: Search | null } = { next: null, count: null };

  const cancel = (): void => {
    searches.next?.cancel();
    searches.count?.cancel();
    searches.next = searches.count = null;
  };

  const setMatch = (next: Match | null): void => {
    version++;
    if (match !== null) for (const spot of [match.from, match.to]) spots.free(spot);
    match = next === null ? null : { from: spots.place(next.from.row, next.from.col), to: spots.place(next.to.row, next.to.col) };
    if (next !== null) show(next.from);
  };

  const count = (): void => {
    searches.count?.cancel();
    searches.count = null;
    counted = null;
    if (needle === null) return;
    let over = false;
    const search = countAll({ terminal, spots }, needle, match?.from ?? null, (result) => {
      searches.count = null;
      over = true;
      counted = result;
      changed();
    });
    if (!over) searches.count = search;
  };

  const whereFrom = (from: FindFrom, down: boolean): Cell => {
    if (from === 'far') return down ? { row: 0, col: -1 } : { row: terminal.buffer.active.length - 1, col: terminal.cols };
    if (from === 'here' && match !== null) return match.from;
    return (from === 'begun' ? (down ? begun?.down : begun?.up) : null) ?? viewEnd(down);
  };

  return {
    version: () => version,
    needle: () => needle,
    match: () => match,
    found: () => counted,
    begin(up, down) {
      begun = { up, down };
    },
    lookFor(text) {
      cancel();
      needle = needleOf(text);
      setMatch(null);
      count();
    },
    next(from, down, then) {
      searches.next?.cancel();
      searches.next = null;
      if (needle === null) return then(false);
      let over = false;
      const search = findNext({ terminal, spots }, needle, whereFrom(from, down), down, (found) => {
        searches.next = null;
        over = true;
        if (found !== null) {
          setMatch(found);
          count();
        }
        then(found !== null);
        changed();
      });
      // What is near was found already.
      if (!over) searches.next = search;
    },
    forget() {
      cancel();
      setMatch(null);
      count();
    },
    close() {
      cancel();
      setMatch(null);
    },
  };
}
