/** Where everything is: a pure function of the size and of what is open. Nobody measures anything afterwards. */
import { handoffIn, type Model, type PaneId, type PaneInfo, panesOf, waitsForDecision } from './model.ts';
import type { Size, Ui } from './ui-state.ts';

/** In cells, from the top left corner of the screen. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Layout = {
  readonly title: Rect;
  /** One line that names all panes, when not all of them have room. */
  readonly strip: Rect | null;
  readonly panes: readonly { readonly pane: PaneInfo; readonly rect: Rect }[];
  readonly queue: Rect | null;
  readonly dock: Rect | null;
  /** Where long things open: over the panes; on a low screen over the bottom too. */
  readonly sheet: Rect;
  /** Where the palette opens: over the queue, so that the card beside it stays in view. */
  readonly low: Rect;
  readonly message: Rect;
  readonly footer: Rect;
};

export const MINIMUM: Size = { cols: 60, rows: 16 };

/** Below this width one pane is shown, and the bottom is shared in time instead of in space. */
const WIDE_COLS = 100;
const MIN_PANE_COLS = 40;
const MIN_LOG_COLS = 32;
const MAX_LOG_COLS = 64;
const MAX_BOTTOM_ROWS = 26;
/** With fewer rows over the panes a text has the bottom as well. */
const MIN_SHEET_ROWS = 16;
const QUEUE_SHARE = 0.44;

export function fitsOn({ cols, rows }: Size): boolean {
  return cols >= MINIMUM.cols && rows >= MINIMUM.rows;
}

/** Throws when the screen is smaller than `MINIMUM`. */
export function layout(model: Model, ui: Ui): Layout {
  const { cols, rows } = ui.size;
  if (!fitsOn(ui.size)) throw new Error(`layout: ${cols}×${rows} is smaller than ${MINIMUM.cols}×${MINIMUM.rows}`);
  const line = (y: number): Rect => ({ x: 0, y, width: cols, height: 1 });
  const edges = { title: line(0), message: line(rows - 2), footer: line(rows - 1) };
  const body: Rect = { x: 0, y: 1, width: cols, height: rows - 3 };
  if (ui.zoom) return { ...edges, ...zoomed(model, ui, body) };

  const bottomRows = Math.min(Math.max(Math.round(body.height * 0.38) + 1, 7), MAX_BOTTOM_ROWS);
  const top: Rect = { ...body, height: body.height - bottomRows };
  const bottom: Rect = { ...body, y: top.y + top.height, height: bottomRows };
  const all = panesOf(model);
  const shown = visiblePanes(all, ui.pane, cols);
  const stripRows = shown.length < all.length ? 1 : 0;
  const area: Rect = { ...top, y: top.y + stripRows, height: top.height - stripRows };
  return {
    ...edges,
    strip: stripRows === 1 ? line(top.y) : null,
    panes: columns(shown, area),
    ...bottomPanels(model, ui, bottom),
    sheet: top.height < MIN_SHEET_ROWS ? body : top,
  };
}

type Middle = Omit<Layout, 'title' | 'message' | 'footer'>;

function zoomed(model: Model, ui: Ui, body: Rect): Middle {
  const none = { strip: null, panes: [], queue: null, dock: null, sheet: body, low: body };
  if (ui.focus === 'queue') return { ...none, queue: body };
  if (ui.focus === 'dock') return { ...none, dock: body };
  const pane = panesOf(model).find(({ id }) => id === ui.pane);
  return { ...none, panes: pane === undefined ? [] : [{ pane, rect: body }] };
}

/** A card needs the whole width of a narrow screen; the queue has it back while it is in focus. */
function bottomPanels(model: Model, ui: Ui, bottom: Rect): Pick<Layout, 'queue' | 'dock' | 'low'> {
  const narrow = ui.size.cols < WIDE_COLS;
  const hasCard = waitsForDecision(handoffIn(model, ui.selected));
  if (narrow && hasCard && ui.focus !== 'queue' && ui.overlay?.kind !== 'palette') return { queue: null, dock: bottom, low: bottom };
  const width = narrow ? Math.ceil(bottom.width / 2) : Math.round(bottom.width * QUEUE_SHARE);
  const queue: Rect = { ...bottom, width };
  return { queue, dock: { ...bottom, x: width, width: bottom.width - width }, low: narrow ? bottom : queue };
}

/** As many neighbours as have room, the one in focus among them. */
function visiblePanes(all: readonly PaneInfo[], focused: PaneId, cols: number): readonly PaneInfo[] {
  const needs = (panes: readonly PaneInfo[]) => panes.reduce((sum, { id }) => sum + (id === 'log' ? MIN_LOG_COLS : MIN_PANE_COLS), 0);
  const at = Math.max(
    0,
    all.findIndex(({ id }) => id === focused),
  );
  if (cols < WIDE_COLS) return all.slice(at, at + 1);
  for (let count = all.length; count > 1; count--) {
    // The first ones as long as the focus is among them, so that moving it moves as little as possible.
    const start = Math.max(0, at - count + 1);
    const some = all.slice(start, start + count);
    if (needs(some) <= cols) return some;
  }
  return all.slice(at, at + 1);
}

/** The log is read, not worked in: it gets less than its share. */
function columns(shown: readonly PaneInfo[], area: Rect): Layout['panes'] {
  const agents = shown.filter(({ id }) => id !== 'log').length;
  const log = agents === 0 ? area.width : Math.min(MAX_LOG_COLS, Math.max(MIN_LOG_COLS, Math.round(area.width / (shown.length + 0.75))));
  const hasLog = agents < shown.length;
  const rest = area.width - (hasLog ? log : 0);
  let x = area.x;
  let seen = 0;
  return shown.map((pane) => {
    const width = pane.id === 'log' ? log : Math.floor((rest * (seen + 1)) / agents) - Math.floor((rest * seen) / agents);
    if (pane.id !== 'log') seen++;
    const rect: Rect = { x, y: area.y, width, height: area.height };
    x += width;
    return { pane, rect };
  });
}

/** The rectangle inside a frame. */
export function inner({ x, y, width, height }: Rect): Rect {
  return { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
}

export function contains({ x, y, width, height }: Rect, at: { readonly x: number; readonly y: number }): boolean {
  return at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
}
