/** How the panes stand in the room that they have: side by side, one large and the others beside it, in a grid, or one alone. */
import type { Arrangement } from '../core/config.ts';
import type { Rect } from './layout.ts';
import type { PaneId, PaneInfo } from './model.ts';

export type Placed = { readonly pane: PaneInfo; readonly rect: Rect };

/** Of what the operator gave more or less room than it has by itself: panes by their id, and the parts below. 1: as it was. */
export type Shares = Readonly<Record<string, number>>;

const MIN_PANE_COLS = 40;
const MIN_LOG_COLS = 32;
const MAX_LOG_COLS = 64;
/** As narrow as anybody can make one. */
const LEAST_COLS = 12;
const MIN_PANE_ROWS = 8;
const MAIN_SHARE = 0.6;

export type Arranging = {
  readonly arrangement: Arrangement;
  readonly focused: PaneId;
  readonly shares: Shares;
  /** More than one beside the other has no room. */
  readonly narrow: boolean;
};

/** Those that have room, the one in focus among them, in the order of the panes. */
export function arrange(all: readonly PaneInfo[], area: Rect, how: Arranging): readonly Placed[] {
  const at = Math.max(
    0,
    all.findIndex(({ id }) => id === how.focused),
  );
  switch (how.narrow ? 'one' : how.arrangement) {
    case 'one':
      return all.slice(at, at + 1).map((pane) => ({ pane, rect: area }));
    case 'columns':
      return columns(columnsThatFit(all, at, area.width), area, how.shares);
    case 'main-stack':
      return mainAndStack(all, at, area, how.shares);
    case 'grid':
      return grid(all, at, area);
  }
}

/** As many neighbours as have room. */
function columnsThatFit(all: readonly PaneInfo[], at: number, cols: number): readonly PaneInfo[] {
  const needs = (panes: readonly PaneInfo[]) => panes.reduce((sum, { id }) => sum + (id === 'log' ? MIN_LOG_COLS : MIN_PANE_COLS), 0);
  for (let count = Math.min(all.length, Math.ceil(cols / MIN_LOG_COLS)); count > 1; count--) {
    // The first ones as long as the focus is among them, so that moving it moves as little as possible.
    const start = Math.max(0, at - count + 1);
    const some = all.slice(start, start + count);
    if (needs(some) <= cols) return some;
  }
  return all.slice(at, at + 1);
}

function columns(shown: readonly PaneInfo[], area: Rect, shares: Shares): readonly Placed[] {
  const widths = sharedWidths(shown, area.width, shares);
  let { x } = area;
  return shown.map((pane, index) => {
    const rect: Rect = { ...area, x, width: widths[index] ?? 0 };
    x += rect.width;
    return { pane, rect };
  });
}

function sharedWidths(shown: readonly PaneInfo[], total: number, shares: Shares): readonly number[] {
  const own = ownWidths(shown, total);
  if (shown.every(({ id }) => (shares[id] ?? 1) === 1)) return own;
  const wanted = own.map((width, index) => width * (shares[shown[index]?.id ?? ''] ?? 1));
  return scaled(wanted, total);
}

/** The log is read, not worked in: it gets less than its share. */
function ownWidths(shown: readonly PaneInfo[], total: number): readonly number[] {
  const agents = shown.filter(({ id }) => id !== 'log').length;
  const log = agents === 0 ? total : Math.min(MAX_LOG_COLS, Math.max(MIN_LOG_COLS, Math.round(total / (shown.length + 0.75))));
  const rest = total - (agents < shown.length ? log : 0);
  let seen = 0;
  return shown.map(({ id }) => {
    if (id === 'log') return log;
    seen++;
    return Math.floor((rest * seen) / agents) - Math.floor((rest * (seen - 1)) / agents);
  });
}

/** In whole cells that add up to the total, none below the least. */
function scaled(wanted: readonly number[], total: number): readonly number[] {
  const sum = wanted.reduce((all, one) => all + one, 0);
  const least = Math.min(LEAST_COLS, Math.floor(total / wanted.length));
  const spare = total - least * wanted.length;
  const over = wanted.map((one) => Math.max(0, (one * total) / sum - least));
  const all = over.reduce((some, one) => some + one, 0) || 1;
  let before = 0;
  let given = 0;
  return over.map((one) => {
    before += one;
    const until = Math.round((before / all) * spare);
    const width = least + until - given;
    given = until;
    return width;
  });
}

/** Each border between two columns moved by hand: what it makes of the shares. */
export function moveColumn(shown: readonly Placed[], left: PaneId, x: number, shares: Shares): Shares {
  const index = shown.findIndex(({ pane }) => pane.id === left);
  const [one, other] = [shown[index]?.rect, shown[index + 1]?.rect];
  if (one === undefined || other === undefined) return shares;
  const both = one.width + other.width;
  const width = Math.max(Math.min(LEAST_COLS, both - 1), Math.min(x - one.x + 1, both - Math.min(LEAST_COLS, both - 1)));
  const widths = shown.map(({ rect }, at) => (at === index ? width : at === index + 1 ? both - width : rect.width));
  const own = ownWidths(
    shown.map(({ pane }) => pane),
    widths.reduce((sum, one_) => sum + one_, 0),
  );
  return { ...shares, ...Object.fromEntries(shown.map(({ pane }, at) => [pane.id, (widths[at] ?? 1) / (own[at] ?? 1)])) };
}

function mainAndStack(all: readonly PaneInfo[], at: number, area: Rect, shares: Shares): readonly Placed[] {
  const [main, ...others] = all;
  if (main === undefined || others.length === 0 || area.width < 2 * MIN_PANE_COLS)
    return columns(columnsThatFit(all, at, area.width), area, shares);
  const width = Math.round(area.width * between(shares.main ?? MAIN_SHARE, LEAST_COLS / area.width, 1 - LEAST_COLS / area.width));
  const fits = Math.max(1, Math.floor(area.height / MIN_PANE_ROWS));
  const start = Math.max(0, Math.min(at - 1 - fits + 1, others.length - fits));
  const stack = others.slice(start, start + fits);
  const row = (index: number): number => Math.floor((area.height * index) / stack.length);
  return [
    { pane: main, rect: { ...area, width } },
    ...stack.map((pane, index) => ({
      pane,
      rect: { x: area.x + width, y: area.y + row(index), width: area.width - width, height: row(index + 1) - row(index) },
    })),
  ];
}

/** In pages: those of the page that has the focus. The last row has the whole width, however few stand in it. */
function grid(all: readonly PaneInfo[], at: number, area: Rect): readonly Placed[] {
  const most = { cols: Math.max(1, Math.floor(area.width / MIN_PANE_COLS)), rows: Math.max(1, Math.floor(area.height / MIN_PANE_ROWS)) };
  const page = most.cols * most.rows;
  const shown = all.slice(Math.floor(at / page) * page).slice(0, page);
  let cols = Math.min(most.cols, Math.ceil(Math.sqrt(shown.length)));
  while (cols < most.cols && Math.ceil(shown.length / cols) > most.rows) cols++;
  const rows = Math.ceil(shown.length / cols);
  return shown.map((pane, index) => {
    const row = Math.floor(index / cols);
    const inRow = Math.min(cols, shown.length - row * cols);
    const column = index - row * cols;
    const x = Math.floor((area.width * column) / inRow);
    const y = Math.floor((area.height * row) / rows);
    return {
      pane,
      rect: {
        x: area.x + x,
        y: area.y + y,
        width: Math.floor((area.width * (column + 1)) / inRow) - x,
        height: Math.floor((area.height * (row + 1)) / rows) - y,
      },
    };
  });
}

export function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
