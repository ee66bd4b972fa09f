/** What the keys are about: the handoff, the card and the instance that a person would point at. */
import type { InstanceId } from '../core/ids.ts';
import type { Handoff } from '../core/state.ts';
import { fitsOn, layout } from './layout.ts';
import { checksOf, handoffIn, type Model, ownedBy, panesOf, waitsForDecision } from './model.ts';
import type { Ui } from './ui-state.ts';

/** The handoff whose card is on the screen now; null when none is. Nobody decides about what he cannot see. */
export function cardOf(model: Model, ui: Ui): Handoff | null {
  const handoff = handoffIn(model, ui.selected);
  if (!waitsForDecision(handoff) || !fitsOn(ui.size)) return null;
  if (ui.overlay?.kind === 'card') return handoff;
  const { dock, low } = layout(model, ui);
  return dock === null || (ui.overlay?.kind === 'palette' && low === dock) ? null : handoff;
}

/** The handoff that `w`, `v`, `f`, `V` and Space are about: the card's, else that of the pane in focus, else the selected one. */
export function subjectOf(model: Model, ui: Ui): Handoff | null {
  const card = cardOf(model, ui);
  if (card !== null) return card;
  const selected = handoffIn(model, ui.selected);
  if (ui.focus !== 'pane' || ui.pane === 'log') return selected;
  return ownedBy(model, ui.pane) ?? selected;
}

/** The instance whose pane has the focus, if it has a program of its own. */
export function focusedInstance(model: Model, ui: Ui): InstanceId | null {
  if (ui.focus !== 'pane' || ui.pane === 'log') return null;
  return panesOf(model).some(({ id }) => id === ui.pane) ? ui.pane : null;
}

/** What the verification panel can do: whether it lists checks, and whether a run of its handoff is under way. */
export function canRun(model: Model, ui: Ui): { readonly checks: boolean; readonly running: boolean } {
  const handoff = handoffIn(model, ui.selected);
  return {
    checks: checksOf(model, handoff).length > 0,
    running: handoff !== null && model.live !== null && model.live.handoff === handoff.id,
  };
}

export function isTextOpen(ui: Ui): boolean {
  return ui.overlay?.kind === 'text';
}
