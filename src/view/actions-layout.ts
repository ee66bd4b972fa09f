/** How much room everything has: another arrangement, more or less of it, and what is not to be seen for now. */
import { ARRANGEMENTS } from '../core/config.ts';
import { between, moveColumn } from './arrange.ts';
import { focusPane, notify } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { type Border, fitsOn, isAlone, layout, shownPanes } from './layout.ts';
import type { Model } from './model.ts';
import type { Ui } from './ui-state.ts';
import { shortName } from './words.ts';

/** By one press. */
const STEP_COLS = 4;
const STEP_ROWS = 2;

function nextArrangement({ ui }: Context): Outcome {
  const next = ARRANGEMENTS[(ARRANGEMENTS.indexOf(ui.arrangement) + 1) % ARRANGEMENTS.length] ?? 'columns';
  return { ui: notify({ ...ui, arrangement: next, zoom: false }, `layout: ${NAMES[next]}; L shows the next one`, 'info') };
}

const NAMES = { columns: 'columns', 'main-stack': 'one large, the others beside it', grid: 'grid', one: 'one at a time' } as const;

function hide({ model, ui }: Context): Outcome {
  const shown = shownPanes(model, ui);
  const at = shown.findIndex(({ id }) => id === ui.pane);
  const next = shown[at + 1] ?? shown[at - 1];
  if (ui.focus !== 'pane' || next === undefined) return { ui: notify(ui, 'this is the last pane that is shown', 'info') };
  const number = shown[at]?.number ?? '';
  const gone: Ui = { ...focusPane(ui, next.id), zoom: false, hidden: [...ui.hidden.filter((id) => id !== ui.pane), ui.pane] };
  return { ui: notify(gone, `${shortName(ui.pane)} is hidden and goes on; ${number} shows it again`, 'info') };
}

/** The border that moves when what is in focus gets wider, and which way. */
function borderOf(model: Model, ui: Ui): { readonly border: Border; readonly x: number; readonly grows: 1 | -1 } | null {
  const { borders, panes } = layout(model, ui);
  const at = (border: Border | undefined, grows: 1 | -1) => (border === undefined ? null : { border, x: border.rect.x, grows });
  if (ui.focus !== 'pane')
    return at(
      borders.find(({ kind }) => kind === 'queue'),
      ui.focus === 'queue' ? 1 : -1,
    );
  const main = borders.find(({ kind }) => kind === 'main');
  if (main !== undefined) return at(main, panes[0]?.pane.id === ui.pane ? 1 : -1);
  const index = panes.findIndex(({ pane }) => pane.id === ui.pane);
  const leftOf = (position: number): Border | undefined =>
    borders.find((border) => border.kind === 'column' && border.left === panes[position]?.pane.id);
  return at(leftOf(index), 1) ?? at(leftOf(index - 1), -1);
}

function widen({ model, ui }: Context, by: 1 | -1): Outcome {
  const found = fitsOn(ui.size) ? borderOf(model, ui) : null;
  if (found === null) return { ui: notify(ui, 'there is nothing beside it that could give way', 'info') };
  return { ui: dragBorder(model, ui, found.border, found.x + by * found.grows * STEP_COLS, 0) };
}

function heighten({ model, ui }: Context, by: 1 | -1): Outcome {
  const border = fitsOn(ui.size) && !isAlone(ui) ? layout(model, ui).borders.find(({ kind }) => kind === 'bottom') : undefined;
  if (border === undefined) return { ui: notify(ui, 'there is nothing below it that could give way', 'info') };
  return { ui: dragBorder(model, ui, border, 0, border.rect.y - by * STEP_ROWS) };
}

/** A border brought to a column, or to a row: the one of its two that lies to the left, or above. */
export function dragBorder(model: Model, ui: Ui, border: Border, x: number, y: number): Ui {
  const { panes, borders } = layout(model, ui);
  // It may be gone by now, with the pane beside it.
  if (!borders.some(({ kind }) => kind === border.kind)) return ui;
  const { cols, rows } = ui.size;
  const body = { y: 1, height: rows - 3 };
  switch (border.kind) {
    case 'column':
      return { ...ui, shares: moveColumn(panes, border.left, x, ui.shares) };
    case 'main':
      return { ...ui, shares: { ...ui.shares, main: between((x + 1) / cols, 0.1, 0.9) } };
    case 'queue':
      return { ...ui, shares: { ...ui.shares, queue: between((x + 1) / cols, 0.1, 0.9) } };
    case 'bottom':
      return { ...ui, shares: { ...ui.shares, bottom: between((body.y + body.height - y - 1) / body.height, 0.1, 0.9) } };
  }
}

export const LAYOUTS = {
  'next-layout': nextArrangement,
  narrower: (context: Context) => widen(context, -1),
  wider: (context: Context) => widen(context, 1),
  'less-below': (context: Context) => heighten(context, -1),
  'more-below': (context: Context) => heighten(context, 1),
  'even-layout': ({ ui }: Context): Outcome => ({
    ui: notify({ ...ui, shares: {}, hidden: [] }, 'everything has its own size again', 'info'),
  }),
  hide,
} as const;
