/** The queue and the checks: selecting, and what can be done with the selected one. */
import { PRIORITIES } from '../core/handoff.ts';
import { notify, select } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { EMPTY, lineOf } from './line-editor.ts';
import { checksOf, handoffIn } from './model.ts';
import { listedHandoffs } from './queue/queue.ts';
import type { Ui } from './ui-state.ts';
import { ask, verb } from './verb.ts';

function move({ model, ui }: Context, to: (index: number, length: number) => number): Outcome {
  const listed = listedHandoffs(model, ui.filter);
  const index = to(
    listed.findIndex(({ id }) => id === ui.selected),
    listed.length,
  );
  // Up from the first one leads out of the list, as up from a panel leads to the panes.
  if (index < 0) return { ui: { ...ui, focus: 'pane' } };
  return { ui: select(ui, listed[Math.min(index, listed.length - 1)]?.id ?? ui.selected) };
}

function moveCheck({ model, ui }: Context, by: 1 | -1): Outcome {
  const checks = checksOf(model, handoffIn(model, ui.selected));
  const index = checks.findIndex(({ check }) => check === ui.check) + by;
  if (index < 0) return { ui: { ...ui, focus: 'pane', check: null } };
  return { ui: { ...ui, check: checks[Math.min(index, checks.length - 1)]?.check ?? null } };
}

function prioritise(context: Context, by: 1 | -1): Outcome {
  const handoff = handoffIn(context.model, context.ui.selected);
  if (handoff === null) return { ui: context.ui };
  const priority = PRIORITIES[PRIORITIES.indexOf(handoff.priority) + by];
  if (priority === undefined) return { ui: notify(context.ui, `${handoff.id} has priority ${handoff.priority} already`, 'info') };
  return ask(context, verb('handoffs prioritise', { id: handoff.id, priority }));
}

/** A command as far as it is clear; the palette completes the rest. */
function typed(ui: Ui, line: string): Outcome {
  return { ui: { ...ui, overlay: { kind: 'palette', line: lineOf(line), index: 0, problem: null } } };
}

export const LISTS = {
  'select-next': (context: Context) => move(context, (index) => index + 1),
  'select-previous': (context: Context) => move(context, (index) => index - 1),
  'select-first': (context: Context) => move(context, () => 0),
  'select-last': (context: Context) => move(context, (_, length) => length - 1),
  open: ({ ui }: Context): Outcome => ({ ui: { ...ui, overlay: { kind: 'card' } } }),
  hold: (context: Context): Outcome => {
    const handoff = handoffIn(context.model, context.ui.selected);
    if (handoff === null) return { ui: context.ui };
    return ask(context, verb(handoff.held ? 'handoffs unhold' : 'handoffs hold', { id: handoff.id }));
  },
  raise: (context: Context) => prioritise(context, -1),
  lower: (context: Context) => prioritise(context, 1),
  withdraw: (context: Context): Outcome => {
    const { model, ui } = context;
    const handoff = handoffIn(model, ui.selected);
    if (handoff === null) return { ui };
    if (model.role === 'observer') return ask(context, verb('handoffs withdraw', {}));
    return { ui: { ...ui, overlay: { kind: 'prompt', asking: { for: 'withdraw', handoff: handoff.id }, line: EMPTY } } };
  },
  'give-work': ({ ui }: Context): Outcome => typed(ui, 'assign '),
  'give-to': ({ model, ui }: Context): Outcome => {
    const handoff = handoffIn(model, ui.selected);
    return handoff === null ? { ui } : typed(ui, `reassign ${handoff.id} `);
  },
  filter: ({ ui }: Context): Outcome => ({
    ui: { ...ui, overlay: { kind: 'prompt', asking: { for: 'filter' }, line: lineOf(ui.filter) } },
  }),
  'check-next': (context: Context) => moveCheck(context, 1),
  'check-previous': (context: Context) => moveCheck(context, -1),
  'run-check': (context: Context): Outcome => {
    const { model, ui } = context;
    const checks = checksOf(model, handoffIn(model, ui.selected));
    const check = checks.find((one) => one.check === ui.check) ?? checks[0];
    return check === undefined ? { ui } : ask(context, verb('verify', { check: [check.check] }));
  },
  'cancel-run': (context: Context): Outcome => {
    const handoff = context.model.live?.handoff ?? null;
    return handoff === null ? { ui: context.ui } : ask(context, verb('verify cancel', { handoff }));
  },
} as const;
