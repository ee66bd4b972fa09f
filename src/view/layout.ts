/** Where everything is: a pure function of the size and of what is open. Nobody measures anything afterwards. */
import { type Arranging, arrange, between, type Placed } from './arrange.ts';
import { handoffIn, type Model, type PaneId, type PaneInfo, panesOf, waitsForDecision } from './model.ts';
import type { Size, Ui } from './ui-state.ts';

/** In cells, from the top left corner of the screen. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Layout = {
  readonly title: Rect;
  /** One line that names all panes, when not all of them have room. */
  readonly strip: Rect | null;
  readonly panes: readonly Placed[];
  readonly queue: Rect | null;
  readonly dock: Rect | null;
  /** Where long things open: over the panes; on a low screen over the bottom too. */
  readonly sheet: Rect;
  /** Where the palette opens: over the queue, so that the card beside it stays in view. */
  readonly low: Rect;
  readonly message: Rect;
  readonly footer: Rect;
  /** What can be dragged to give one side more room. */
  readonly borders: readonly Border[];
};

export type Border = { readonly rect: Rect } & (
  | { readonly kind: 'column'; readonly left: PaneId }
  | { readonly kind: 'main' | 'bottom' | 'queue' }
);

/** Below this nothing is drawn but a word about it. */
export const MINIMUM: Size = { cols: 20, rows: 6 };

/** Below this one thing has the whole screen at a time, as if it were zoomed. */
const SMALL: Size = { cols: 60, rows: 16 };
/** Below this width one pane is shown, and the bottom is shared in time instead of in space. */
const WIDE_COLS = 100;
const MAX_BOTTOM_ROWS = 26;
const LEAST_ROWS = 5;
const LEAST_COLS = 20;
/** With fewer rows over the panes a text has the bottom as well. */
const MIN_SHEET_ROWS = 16;
const QUEUE_SHARE = 0.44;

export function fitsOn({ cols, rows }: Size): boolean {
  return cols >= MINIMUM.cols && rows >= MINIMUM.rows;
}

/** Whether one thing has the whole screen: because it was asked for, or because there is no room for two. */
export function isAlone({ zoom, size }: Ui): boolean {
  return zoom || size.cols < SMALL.cols || size.rows < SMALL.rows;
}

/** The panes that the operator has not hidden; all of them, when he has hidden every one. */
export function shownPanes(model: Model, ui: Ui): readonly PaneInfo[] {
  const all = panesOf(model);
  const shown = all.filter(({ id }) => id === ui.pane || !ui.hidden.includes(id));
  return shown.length === 0 ? all : shown;
}

/** Throws when the screen is smaller than `MINIMUM`. */
export function layout(model: Model, ui: Ui): Layout {
  const { cols, rows } = ui.size;
  if (!fitsOn(ui.size)) throw new Error(`layout: ${cols}×${rows} is smaller than ${MINIMUM.cols}×${MINIMUM.rows}`);
  const line = (y: number): Rect => ({ x: 0, y, width: cols, height: 1 });
  const edges = { title: line(0), message: line(rows - 2), footer: line(rows - 1) };
  const body: Rect = { x: 0, y: 1, width: cols, height: rows - 3 };
  if (isAlone(ui)) return { ...edges, ...alone(model, ui, body) };

  const bottomRows = bottomRowsOf(body, ui.shares.bottom);
  const top: Rect = { ...body, height: body.height - bottomRows };
  const bottom: Rect = { ...body, y: top.y + top.height, height: bottomRows };
  const shown = shownPanes(model, ui);
  const how: Arranging = { arrangement: ui.arrangement, focused: ui.pane, shares: ui.shares, narrow: cols < WIDE_COLS };
  const whole = arrange(shown, top, how);
  const hasStrip = whole.length < panesOf(model).length;
  const panes = hasStrip ? arrange(shown, { ...top, y: top.y + 1, height: top.height - 1 }, how) : whole;
  const parts = bottomPanels(model, ui, bottom);
  return {
    ...edges,
    strip: hasStrip ? line(top.y) : null,
    panes,
    ...parts,
    sheet: top.height < MIN_SHEET_ROWS ? body : top,
    borders: [...paneBorders(panes, how), ...bottomBorders(bottom, parts)],
  };
}

function bottomRowsOf({ height }: Rect, share: number | undefined): number {
  if (share === undefined) return Math.min(Math.max(Math.round(height * 0.38) + 1, 7), MAX_BOTTOM_ROWS);
  return between(Math.round(height * share), LEAST_ROWS, height - LEAST_ROWS - 1);
}

function paneBorders(panes: readonly Placed[], { arrangement, narrow }: Arranging): Border[] {
  const [first] = panes;
  if (first === undefined || narrow) return [];
  if (arrangement === 'main-stack' && panes.length > 1)
    return [{ kind: 'main', rect: { ...first.rect, x: first.rect.x + first.rect.width - 1, width: 2 } }];
  if (arrangement !== 'columns') return [];
  return panes
    .slice(0, -1)
    .map(({ pane, rect }) => ({ kind: 'column', left: pane.id, rect: { ...rect, x: rect.x + rect.width - 1, width: 2 } }));
}

function bottomBorders(bottom: Rect, { queue, dock }: Pick<Layout, 'queue' | 'dock'>): Border[] {
  const between: Border[] =
    queue === null || dock === null ? [] : [{ kind: 'queue', rect: { ...dock, x: dock.x - 1, y: dock.y + 1, width: 2 } }];
  return [{ kind: 'bottom', rect: { ...bottom, y: bottom.y - 1, height: 2 } }, ...between];
}

type Middle = Omit<Layout, 'title' | 'message' | 'footer'>;

function alone(model: Model, ui: Ui, body: Rect): Middle {
  const none = { strip: null, panes: [], queue: null, dock: null, sheet: body, low: body, borders: [] };
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
  const own = narrow ? Math.ceil(bottom.width / 2) : Math.round(bottom.width * QUEUE_SHARE);
  const width =
    ui.shares.queue === undefined ? own : between(Math.round(bottom.width * ui.shares.queue), LEAST_COLS, bottom.width - LEAST_COLS);
  const queue: Rect = { ...bottom, width };
  return { queue, dock: { ...bottom, x: width, width: bottom.width - width }, low: narrow ? bottom : queue };
}

/** The rectangle inside a frame. */
export function inner({ x, y, width, height }: Rect): Rect {
  return { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
}

export function contains({ x, y, width, height }: Rect, at: { readonly x: number; readonly y: number }): boolean {
  return at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
}
