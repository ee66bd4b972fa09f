/** The mouse: a click means what stands there, the wheel scrolls what is under it. */
import type { Ms } from '../core/ids.ts';
import { takeOption } from './actions-decide.ts';
import { markEntry, runEntry, scrollHelp } from './actions-type.ts';
import { closeOverlay, focusPane, select, settled } from './change.ts';
import { dragOn, pressOn, releaseOn, slotKey } from './drag.ts';
import { type Context, type Outcome, onCommand } from './intent.ts';
import { type Binding, KEYMAP } from './keymap.ts';
import { contains, fitsOn, layout } from './layout.ts';
import type { Model } from './model.ts';
import { paletteEntries } from './palette/entries.ts';
import { OUTPUT, type ReadKey, readKey } from './reading.ts';
import type { Click } from './row.ts';
import { scene, type Target } from './scene.ts';
import type { Ui } from './ui-state.ts';

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
  if (event.action === 'move') {
    const outcome = dragOn(model, ui, event);
    return ui.drag?.kind === 'border' ? { ...outcome, ui: settled(model, outcome.ui, at) } : outcome;
  }
  if (event.action === 'release') return releaseOn(ui);
  if (event.button !== 'left') return { ui };
  const outcome = pressed(contextOf(model, { ...ui, drag: null }, at, keymap), event, targets);
  return { ...outcome, ui: settled(model, outcome.ui, at) };
}

function contextOf(model: Model, ui: Ui, at: Ms, keymap: readonly Binding[]): Context {
  return { model, ui, at, key: null, keymap, run: (id, context) => onCommand(context.model, context.ui, id, context.at, context.keymap) };
}

function pressed(context: Context, event: MouseInput, targets: readonly Target[]): Outcome {
  const { model, ui, at, keymap } = context;
  const target = targets.find((one) => contains(one, event));
  // A click is a word to the control room: the agent no longer has the keys, unless it was his own pane.
  const typed = ui.mode === 'typing' && target?.click.kind === 'pane' && target.click.pane === ui.pane;
  const clean: Ui = typed ? ui : { ...ui, notice: null, mode: 'control' };
  const outcome = target === undefined || typed ? { ui } : clicked({ ...context, ui: clean }, target.click);
  const slot = scene(model, outcome.ui, keymap).slots.find((one) => slotKey(one) !== null && contains(one, event));
  if (slot !== undefined) return pressOn(outcome, slot, model, event, at);
  const border = fitsOn(ui.size) && ui.overlay === null ? layout(model, ui).borders.find(({ rect }) => contains(rect, event)) : undefined;
  return border === undefined ? outcome : { ...outcome, ui: { ...outcome.ui, drag: { kind: 'border', border } } };
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

const turned = (ui: Ui, key: ReadKey, up: 1 | -1): Outcome => ({
  ui,
  do: [{ type: 'read', key, act: { do: 'lines', by: up * WHEEL_LINES } }],
});

/** `up` 1: towards the beginning. */
function wheel(context: Context, at: MouseInput, up: 1 | -1): Outcome {
  const { model, ui } = context;
  if (!fitsOn(ui.size)) return { ui };
  if (ui.overlay?.kind === 'help') return scrollHelp(ui, -up * WHEEL_LINES);
  if (ui.overlay?.kind === 'palette') return markEntry(context, -up);
  const { panes, sheet, queue } = layout(model, ui);
  if (ui.overlay?.kind === 'text') return contains(sheet, at) ? turned(ui, readKey(ui.overlay), up) : { ui };
  const pane = panes.find(({ rect }) => contains(rect, at));
  if (pane !== undefined && (ui.overlay === null || ui.overlay.kind === 'prompt')) return turned(ui, readKey(pane.pane.id), up);
  const output = scene(model, ui, context.keymap).slots.find((slot) => slot.kind === 'output' && contains(slot, at));
  if (output !== undefined) return turned(ui, OUTPUT, up);
  if (queue === null || !contains(queue, at)) return { ui };
  const moved = context.run(up > 0 ? 'select-previous' : 'select-next', { ...context, ui: { ...ui, focus: 'queue' } });
  return { ui: { ...moved.ui, focus: 'queue' } };
}
