/** Small changes of the ui that several actions share, and what must hold after each of them. */
import type { HandoffId, Ms } from '../core/ids.ts';
import { optionsOf } from './card/card.ts';
import { fitsOn, layout } from './layout.ts';
import { handoffIn, type Model, needsOf, type PaneId, panesOf, waitsForDecision } from './model.ts';
import { listedHandoffs } from './queue/queue.ts';
import { cardOf } from './subject.ts';
import { GUARD_MS, type Notice, type Ui } from './ui-state.ts';

export function notify(ui: Ui, text: string, level: Notice['level']): Ui {
  return { ...ui, notice: { text, level } };
}

export function closeOverlay(ui: Ui): Ui {
  return ui.overlay === null ? ui : { ...ui, overlay: null };
}

/** It is shown again, if it was hidden. */
export function focusPane(ui: Ui, pane: PaneId): Ui {
  return { ...ui, focus: 'pane', pane, scrolling: false, hidden: ui.hidden.filter((id) => id !== pane) };
}

export function select(ui: Ui, handoff: HandoffId | null): Ui {
  return ui.selected === handoff ? ui : { ...ui, selected: handoff, check: null };
}

/** Whether the card has been on the screen long enough for a decision to be meant for it. */
export function guarded({ shown }: Ui, at: Ms): boolean {
  return shown === null || at - shown.at < GUARD_MS;
}

/** What must hold after every change: nothing is focused or selected that is gone, and the guard knows the card. */
export function settled(model: Model, ui: Ui, at: Ms): Ui {
  return guardCard(model, followed(model, withInput(model, withPane(model, ui))), at);
}

function withPane(model: Model, ui: Ui): Ui {
  const panes = panesOf(model);
  if (panes.some(({ id }) => id === ui.pane)) return ui;
  const [first] = panes;
  if (first === undefined) throw new Error('settled: there is always a pane, the log');
  return { ...ui, pane: first.id, mode: 'control', scrolling: false };
}

/** The keys were taken over: what was being typed must not become commands unnoticed, hence the guard begins anew. */
function withInput(model: Model, ui: Ui): Ui {
  if (ui.mode === 'control' || model.role === 'holder') return ui;
  return notify({ ...ui, mode: 'control', shown: null }, 'another screen has taken the input over; T takes it back', 'warning');
}

/**
 * While the operator works in a pane, the dock follows what matters: what waits for him, else what is being
 * verified. Once he is in the queue or reads something, the selection is his.
 */
function followed(model: Model, ui: Ui): Ui {
  const selected = handoffIn(model, ui.selected);
  const busy = ui.focus !== 'pane' || ui.overlay !== null;
  const kept = selected?.id ?? null;
  if ((kept !== null && busy) || waitsForDecision(selected)) return ui;
  const asked = needsOf(model).flatMap((need) => (need.kind === 'question' ? [need.handoff] : []));
  const counting = Object.values(model.state.coordinator.handoffs).find((handoff) => waitsForDecision(handoff))?.id;
  const next = asked[0] ?? counting ?? model.live?.handoff ?? kept ?? listedHandoffs(model, '')[0]?.id ?? null;
  return select(ui, next);
}

function guardCard(model: Model, ui: Ui, at: Ms): Ui {
  const handoff = cardOf(model, ui);
  if (handoff === null || !fitsOn(ui.size)) return ui.shown === null ? ui : { ...ui, shown: null };
  const { sheet, dock } = layout(model, ui);
  const rect = ui.overlay?.kind === 'card' ? sheet : dock;
  const card = `${handoff.id} ${handoff.epoch} ${handoff.question?.id ?? 'countdown'} ${rect?.x},${rect?.y}`;
  if (ui.shown?.card === card) return ui;
  const advised = optionsOf(handoff).findIndex(({ key }) => key === handoff.question?.recommendation.key);
  return { ...ui, shown: { card, at }, option: Math.max(0, advised) };
}
