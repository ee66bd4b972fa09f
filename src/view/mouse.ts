/** The mouse: a click means what stands there, the wheel scrolls what is under it. */
import type { Ms } from '../core/ids.ts';
import { takeOption } from './actions-decide.ts';
import { scrollLines } from './actions-read.ts';
import { markEntry, runEntry, scrollHelp } from './actions-type.ts';
import { closeOverlay, focusPane, select, settled } from './change.ts';
import { type Context, type Outcome, onCommand } from './intent.ts';
import { type Binding, KEYMAP } from './keymap.ts';
import { contains, fitsOn, layout } from './layout.ts';
import type { Model } from './model.ts';
import { paletteEntries } from './palette/entries.ts';
import type { Click } from './row.ts';
import type { Target } from './scene.ts';
import { scrollKey, type Ui } from './ui-state.ts';

/** In cells from the top left, from 0. Only presses of the left button and the wheel mean something. */
export type MouseInput = {
  readonly action: 'press' | 'release' | 'move' | 'wheel';
  readonly button: 'left' | 'middle' | 'right' | 'none' | 'up' | 'down';
  readonly x: number;
  readonly y: number;
};

const WHEEL_LINES = 3;

/** `targets`: those of the frame that the operator saw (`Chrome.targets`). */
export function onMouse(
  model: Model,
  ui: Ui,
  event: MouseInput,
  targets: readonly Target[],
  at: Ms,
  keymap: readonly Binding[] = KEYMAP,
): Outcome {
  if (event.action === 'wheel') {
    const outcome = wheel(contextOf(model, ui, at, keymap), event, event.button === 'up' ? 1 : -1);
    return { ...outcome, ui: settled(model, outcome.ui, at) };
  }
  if (event.action !== 'press' || event.button !== 'left') return { ui };
  const target = targets.find((one) => contains(one, event));
  if (target === undefined) return { ui };
  // A click is a word to the control room: the agent no longer has the keys, unless it was his own pane.
  if (ui.mode === 'typing' && target.click.kind === 'pane' && target.click.pane === ui.pane) return { ui };
  const clean: Ui = { ...ui, notice: null, mode: 'control' };
  const outcome = clicked(contextOf(model, clean, at, keymap), target.click);
  return { ...outcome, ui: settled(model, outcome.ui, at) };
}

function contextOf(model: Model, ui: Ui, at: Ms, keymap: readonly Binding[]): Context {
  return { model, ui, at, key: null, keymap, run: (id, context) => onCommand(context.model, context.ui, id, context.at, context.keymap) };
}

function clicked(context: Context, click: Click): Outcome {
  const { model, ui, at, keymap } = context;
  if (click.kind === 'command') return onCommand(model, ui, click.command, at, keymap);
  if (click.kind === 'entry') {
    const entry = ui.overlay?.kind === 'palette' ? paletteEntries(model, ui, keymap, ui.overlay.line.text)[click.index] : undefined;
    return entry === undefined ? { ui } : runEntry(context, entry);
  }
  // Whoever is asked something answers first.
  if (ui.overlay?.kind === 'prompt' || ui.overlay?.kind === 'confirm') return { ui };
  if (click.kind === 'option') return takeOption(context, click.index);
  const open = ui.overlay?.kind === 'palette' ? closeOverlay(ui) : ui;
  switch (click.kind) {
    case 'pane':
      return { ui: focusPane(open, click.pane) };
    case 'handoff':
      return { ui: { ...select(open, click.handoff), focus: 'queue' } };
    case 'check':
      return { ui: { ...open, check: click.check, focus: 'dock' } };
    case 'queue':
    case 'dock':
      return { ui: { ...open, focus: click.kind } };
  }
}

/** `up` 1: towards the beginning. */
function wheel(context: Context, at: MouseInput, up: 1 | -1): Outcome {
  const { model, ui } = context;
  if (!fitsOn(ui.size)) return { ui };
  if (ui.overlay?.kind === 'help') return scrollHelp(ui, -up * WHEEL_LINES);
  if (ui.overlay?.kind === 'palette') return markEntry(context, -up);
  const { panes, sheet, queue } = layout(model, ui);
  if (ui.overlay?.kind === 'text')
    return contains(sheet, at) ? { ui: scrollLines(model, ui, scrollKey(ui.overlay), -up * WHEEL_LINES) } : { ui };
  const pane = panes.find(({ rect }) => contains(rect, at));
  if (pane !== undefined && ui.overlay === null) return { ui: scrollLines(model, ui, scrollKey(pane.pane.id), up * WHEEL_LINES) };
  if (queue === null || !contains(queue, at)) return { ui };
  const moved = context.run(up > 0 ? 'select-previous' : 'select-next', { ...context, ui: { ...ui, focus: 'queue' } });
  return { ui: { ...moved.ui, focus: 'queue' } };
}
