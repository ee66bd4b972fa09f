/**
 * One reader of one pane: where the view stands, what is selected, what is looked for. Everything that scrolls is read
 * through one of these: a session, the log, a check's output, a document. Each screen has readers of its own.
 *
 * The view is tied to content, not to a distance from the end: it stays put while the program goes on printing.
 */
import type { Terminal } from '@xterm/headless';
import type { Motion } from '../core/motion.ts';
import { matchesInRows } from './find.ts';
import { type Cell, isBefore, textBetween } from './lines.ts';
import { createLooking, type FindFrom } from './looking.ts';
import { lastWritten, moved, snapped, wholeLines, wordAt } from './motions.ts';
import type { Spot, Spots } from './spots.ts';

export type Mark = { readonly row: number; readonly from: number; readonly end: number; readonly look: 'match' | 'found' | 'selected' };

/** By characters, by whole words, or by whole lines. */
export type SelectBy = 'character' | 'word' | 'line';

export type Reader = {
  readonly terminal: Terminal;
  /** Another number whenever something else is to be seen of it, though nothing was printed. */
  version(): number;
  /** How many rows of it are seen. */
  see(rows: number): void;
  /** Rows between the newest screen and the view. */
  back(): number;
  max(): number;
  /** The view stays on what it shows now. */
  hold(): void;
  /** Up, or (negative) down; at the end it follows the program again, unless something is selected. */
  scroll(lines: number): void;
  toTop(): void;
  toEnd(): void;
  select(by: SelectBy): void;
  move(motion: Motion): void;
  swap(): void;
  unselect(): void;
  selecting(): SelectBy | null;
  /** A cell of the view, by row and column from its corner. `extend`: the selection that is there goes on to it. */
  point(x: number, y: number, by: SelectBy, extend: boolean): void;
  /** Nothing selected: an empty text. */
  selected(): string;
  /** All of it, made plain. */
  text(): string;
  /** The cursor of a selection that is made with keys, in the view; null when there is none or it is out of sight. */
  cursor(): { readonly x: number; readonly y: number } | null;
  /** What is typed until `endFind` is looked for from where the view stands now. */
  beginFind(): void;
  /** Marks it wherever it stands; an empty text: nothing any more. */
  lookFor(text: string): void;
  /** The next one is shown; `then` is told whether there was one before the end. */
  next(from: FindFrom, down: boolean, then: (found: boolean) => void): void;
  /** `keep` false: the view goes back to where it was. */
  endFind(keep: boolean): void;
  /** `index` from the oldest, 0 when none is shown; null while that is not counted. */
  found(): { readonly index: number; readonly count: number } | null;
  looksFor(): string | null;
  prompts(by: 1 | -1): boolean;
  marks(): Mark[];
  close(): void;
};

export type ReaderOptions = {
  readonly terminal: Terminal;
  readonly spots: Spots;
  /** Rows of the prompts that a shell has marked (OSC 133). */
  readonly promptRows: () => readonly number[];
  /** Something was counted: worth drawing. */
  readonly changed: () => void;
};

export function createReader({ terminal, spots, promptRows, changed }: ReaderOptions): Reader {
  let rows = terminal.rows;
  let anchor: Spot | null = null;
  let selection: { from: Spot; to: Spot; by: SelectBy; keys: boolean } | null = null;
  // The view stays put while something is selected, and goes on with the program afterwards.
  let followed = false;
  let version = 0;
  let before: { top: Spot | null } | null = null;

  const buffer = () => terminal.buffer.active;
  const max = () => buffer().baseY;
  const back = () => (anchor === null ? 0 : Math.max(0, Math.min(max() - anchor.row, max())));
  const top = () => max() - back();
  const put = (cell: Cell): Spot => spots.place(cell.row, cell.col);
  const free = (...some: readonly (Spot | undefined)[]): void => {
    for (const spot of some) if (spot !== undefined) spots.free(spot);
  };

  const setTop = (row: number | null): void => {
    version++;
    free(anchor ?? undefined);
    anchor = row === null ? null : put({ row: Math.max(0, Math.min(row, max())), col: 0 });
  };

  const unselect = (): void => {
    version++;
    free(selection?.from, selection?.to);
    selection = null;
    if (followed) setTop(null);
    followed = false;
  };

  const setSelection = (from: Cell, to: Cell, by: SelectBy, keys: boolean): void => {
    version++;
    const before = selection;
    selection = { from: put(from), to: put(to), by, keys };
    free(before?.from, before?.to);
  };

  const show = (cell: Cell): void => {
    if (cell.row < top() || cell.row >= top() + rows) setTop(cell.row - Math.floor(rows / 2));
  };

  const viewEnd = (down: boolean): Cell =>
    down ? { row: top(), col: -1 } : { row: Math.min(top() + rows, buffer().length) - 1, col: terminal.cols };

  const looking = createLooking({
    terminal,
    spots,
    viewEnd,
    show(cell) {
      show(cell);
      if (anchor === null) setTop(top());
    },
    changed,
  });

  const ends = (): { from: Cell; to: Cell } | null => {
    if (selection === null) return null;
    const { from, to, by } = selection;
    const [a, b] = isBefore(to, from) ? [to, from] : [from, to];
    if (by === 'line') return wholeLines(buffer(), a, b);
    return by === 'word' ? { from: wordAt(buffer(), a).from, to: wordAt(buffer(), b).to } : { from: a, to: b };
  };

  /** A program that goes to the alternate screen, or back, shows something else altogether. */
  const onChange = terminal.buffer.onBufferChange(() => {
    setTop(null);
    unselect();
    looking.forget();
  });

  return {
    terminal,
    version: () => version + looking.version(),
    see(seen) {
      rows = Math.max(1, seen);
    },
    back,
    max,
    hold() {
      if (anchor === null) setTop(top());
    },
    scroll(lines) {
      const to = top() - lines;
      setTop(to >= max() && selection === null ? null : to);
    },
    toTop: () => setTop(0),
    toEnd: () => setTop(null),
    select(by) {
      if (selection !== null) return setSelection(selection.to, selection.to, by, true);
      followed = anchor === null;
      const { cursorX, cursorY } = buffer();
      const at = looking.match()?.from ?? { row: max() + cursorY, col: cursorX };
      const seen = at.row >= top() && at.row < top() + rows;
      setTop(top());
      const start = seen ? at : { row: Math.min(top() + rows - 1, lastWritten(buffer())), col: 0 };
      setSelection(snapped(buffer(), start), snapped(buffer(), start), by, true);
    },
    move(motion) {
      if (selection === null) return;
      const to = moved(buffer(), selection.to, motion, { top: top(), rows });
      setSelection(selection.from, to, selection.by, true);
      if (to.row < top()) setTop(to.row);
      else if (to.row >= top() + rows) setTop(to.row - rows + 1);
    },
    swap() {
      if (selection !== null) setSelection(selection.to, selection.from, selection.by, true);
    },
    unselect,
    selecting: () => selection?.by ?? null,
    point(x, y, by, extend) {
      // Beyond the edge: the history comes down, or goes on, by as much.
      if (extend && y < 0) setTop(top() + y);
      if (extend && y >= rows && back() > 0) setTop(top() + y - rows + 1);
      if (!extend) {
        followed = anchor === null;
        setTop(top());
      }
      const row = top() + Math.max(0, Math.min(y, rows - 1));
      const cell = snapped(buffer(), { row, col: Math.max(0, Math.min(x, terminal.cols - 1)) });
      if (extend && selection !== null) setSelection(selection.from, cell, selection.by, false);
      else setSelection(cell, cell, by, false);
    },
    selected() {
      const both = ends();
      return both === null ? '' : textBetween(buffer(), both.from, both.to);
    },
    text: () => textBetween(buffer(), { row: 0, col: 0 }, { row: lastWritten(buffer()), col: terminal.cols }),
    cursor() {
      if (selection === null || !selection.keys) return null;
      const y = selection.to.row - top();
      return y < 0 || y >= rows ? null : { x: selection.to.col, y };
    },
    beginFind() {
      before = { top: anchor === null ? null : put(anchor) };
      looking.begin(viewEnd(false), viewEnd(true));
    },
    endFind(keep) {
      if (!keep && before !== null) setTop(before.top?.row ?? null);
      free(before?.top ?? undefined);
      before = null;
    },
    lookFor: looking.lookFor,
    next: looking.next,
    found: looking.found,
    looksFor: () => looking.needle()?.text ?? null,
    prompts(by) {
      const at = top();
      const all = promptRows();
      const row = by < 0 ? all.findLast((one) => one < at) : all.find((one) => one > at);
      if (row === undefined) return false;
      setTop(row >= max() ? null : row);
      return true;
    },
    marks() {
      const marks: Mark[] = [];
      const { cols } = terminal;
      const between = (from: Cell, to: Cell, look: Mark['look']): void => {
        for (let row = Math.max(from.row, top()); row <= Math.min(to.row, top() + rows - 1); row++)
          marks.push({ row, from: row === from.row ? from.col : 0, end: row === to.row ? to.col + 1 : cols, look });
      };
      const needle = looking.needle();
      const match = looking.match();
      if (needle !== null) for (const one of matchesInRows(buffer(), needle, top(), rows)) between(one.from, one.to, 'match');
      if (match !== null) between(match.from, match.to, 'found');
      const both = ends();
      if (both !== null) between(both.from, both.to, 'selected');
      return marks;
    },
    close() {
      onChange.dispose();
      looking.close();
      unselect();
      free(anchor ?? undefined, before?.top ?? undefined);
    },
  };
}
