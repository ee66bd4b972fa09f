/** Selecting with the mouse: a drag inside one pane, a double click for a word, a triple click for a line. */
import type { Ms } from '../core/ids.ts';
import { dragBorder } from './actions-layout.ts';
import type { Intent, Outcome } from './intent.ts';
import type { Model } from './model.ts';
import { OUTPUT, type ReadAct, type ReadKey, readKey } from './reading.ts';
import type { Slot } from './scene.ts';
import type { SelectDrag, Ui } from './ui-state.ts';

const DOUBLE_MS = 400;
const BY = ['character', 'word', 'line'] as const;

type At = { readonly x: number; readonly y: number };

/** What of a screen can be read, and by which name. */
export function slotKey(slot: Slot): ReadKey | null {
  switch (slot.kind) {
    case 'pane':
      return readKey(slot.instance);
    case 'log':
      return readKey('log');
    case 'output':
      return OUTPUT;
    case 'text':
      return slot.id;
    default:
      return null;
  }
}

/** The button went down in something that can be read; `outcome` is what the click means otherwise. */
export function pressOn({ ui, do: intents = [] }: Outcome, slot: Slot, model: Model, { x, y }: At, at: Ms): Outcome {
  const key = slotKey(slot);
  if (key === null) return { ui, do: intents };
  const again = ui.pressed !== null && ui.pressed.x === x && ui.pressed.y === y && at - ui.pressed.at < DOUBLE_MS;
  const times = again ? (ui.pressed.times % BY.length) + 1 : 1;
  const by = BY[times - 1] ?? 'character';
  const area = { x: slot.x, y: slot.y, width: slot.width, height: slot.height };
  const from = { x: x - slot.x, y: y - slot.y };
  const drag: SelectDrag = { kind: 'select', key, area, from, by, begun: times > 1 };
  const acts: ReadAct[] = [];
  if (times > 1) acts.push({ do: 'point', ...from, by, extend: false });
  else if ((model.reading[key]?.selecting ?? null) !== null) acts.push({ do: 'unselect' });
  return {
    ui: { ...ui, drag, pressed: { x, y, at, times } },
    do: [...intents, ...acts.map((act): Intent => ({ type: 'read', key, act }))],
  };
}

/** Whether the mouse is over or under what is selected in, where that goes on. */
export function beyond({ area }: SelectDrag, { y }: At): boolean {
  return y < area.y || y >= area.y + area.height;
}

/** Never out of what it began in: what lies beyond its edge is its history, of which so many `lines` come at a time. */
export function dragOn(model: Model, ui: Ui, { x, y }: At, lines = 1): Outcome {
  if (ui.drag === null) return { ui };
  if (ui.drag.kind === 'border') return { ui: dragBorder(model, ui, ui.drag.border, x, y) };
  const { key, area, from, by, begun } = ui.drag;
  const to = { x: x - area.x, y: Math.max(-lines, Math.min(y - area.y, area.height - 1 + lines)) };
  if (!begun && to.x === from.x && to.y === from.y) return { ui };
  const acts: ReadAct[] = [
    ...(begun ? [] : [{ do: 'point', ...from, by, extend: false } as const]),
    { do: 'point', ...to, by, extend: true },
  ];
  return { ui: { ...ui, drag: { ...ui.drag, begun: true } }, do: acts.map((act) => ({ type: 'read', key, act })) };
}

/** What was dragged over is copied: whoever selects with the mouse means to. */
export function releaseOn(ui: Ui): Outcome {
  const { drag } = ui;
  if (drag === null) return { ui };
  const done: Ui = { ...ui, drag: null };
  return drag.kind === 'select' && drag.begun ? { ui: done, do: [{ type: 'read', key: drag.key, act: { do: 'copy' } }] } : { ui: done };
}
