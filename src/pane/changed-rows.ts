/** Which rows of the screen the last output may have changed: whoever draws it draws those and no others. */
import type { Terminal } from '@xterm/headless';
import { coreOf, part } from './inside.ts';

/** From `from` to before `to`, 0 being the top of the screen. */
export type Rows = { readonly from: number; readonly to: number };

export const ALL_ROWS: Rows = { from: 0, to: Number.POSITIVE_INFINITY };

export function joinRows(a: Rows, b: Rows): Rows {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

export type ChangedRows = {
  /** The next output begins. */
  begin(): void;
  /** Since then; all of them where it is not known. */
  rows(): Rows;
};

type Told = { readonly start: number; readonly end: number } | undefined;
type Handler = { onRequestRefreshRows(listener: (told: Told) => void): unknown };

/** By what the emulator itself tells those who draw it. That is private: where it is not told, all rows count as changed. */
export function watchRows(terminal: Terminal): ChangedRows {
  let changed: Rows | null = null;
  const add = (rows: Rows) => {
    changed = changed === null ? rows : joinRows(changed, rows);
  };
  const all = () => {
    add(ALL_ROWS);
    return false;
  };
  const handler = part(coreOf(terminal), '_inputHandler');
  if (typeof part(handler, 'onRequestRefreshRows') === 'function')
    (handler as Handler).onRequestRefreshRows((told) => add(told === undefined ? ALL_ROWS : { from: told.start, to: told.end + 1 }));
  // A reset is not told.
  terminal.parser.registerEscHandler({ final: 'c' }, all);
  terminal.onResize(all);
  return {
    begin() {
      changed = null;
    },
    rows: () => changed ?? ALL_ROWS,
  };
}
