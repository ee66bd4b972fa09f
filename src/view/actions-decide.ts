/** The operator's decisions: bound to the round that he sees, and only while its card is on the screen (PROTOCOL section 2). */
import type { Handoff, Option } from '../core/state.ts';
import { isDecided, optionsOf } from './card/card.ts';
import { closeOverlay, guarded, notify } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { EMPTY, lineOf } from './line-editor.ts';
import { cardOf, subjectOf } from './subject.ts';
import type { Asking, Ui } from './ui-state.ts';
import { ask, verb } from './verb.ts';

/** The card has just come up: the key was meant for what stood there before. */
function onCard(context: Context, decide: (handoff: Handoff) => Outcome): Outcome {
  const { model, ui, at } = context;
  const handoff = cardOf(model, ui);
  if (handoff === null) return { ui: notify(ui, 'no card is shown that waits for you (n goes to the next one)', 'info') };
  if (guarded(ui, at)) return { ui: notify(ui, `${handoff.id} has only just come up; look at it, then press again`, 'info') };
  return decide(handoff);
}

function decided(context: Context, name: 'approve' | 'deny', { id, epoch }: Handoff): Outcome {
  return ask({ ...context, ui: withoutCard(context.ui) }, verb(name, { id, epoch }));
}

function withoutCard(ui: Ui): Ui {
  return ui.overlay?.kind === 'card' ? closeOverlay(ui) : ui;
}

function prompt(context: Context, asking: Asking, text = ''): Outcome {
  const { model, ui } = context;
  if (model.role === 'observer') return ask(context, verb('deny', {}));
  return { ui: { ...ui, overlay: { kind: 'prompt', asking, line: text === '' ? EMPTY : lineOf(text) } } };
}

/** The way out that is marked or clicked, by its key in the question. */
export function takeOption(context: Context, index: number): Outcome {
  return onCard(context, (handoff) => {
    const option = optionsOf(handoff)[index];
    return option === undefined ? { ui: context.ui } : optionOutcome(context, handoff, option);
  });
}

function optionOutcome(context: Context, handoff: Handoff, option: Option): Outcome {
  const { id, epoch, from } = handoff;
  switch (option.key) {
    case 'approve':
    case 'deny':
      return decided(context, option.key, handoff);
    case 'undo':
      return ask({ ...context, ui: withoutCard(context.ui) }, verb('undo', { id }));
    case 'answer':
      return prompt(context, { for: 'answer', handoff: id, epoch, to: from });
    case 'withdraw':
      return prompt(context, { for: 'withdraw', handoff: id });
    case 'hold':
      return ask({ ...context, ui: withoutCard(context.ui) }, verb('handoffs hold', { id }));
    case 'reassign': {
      // Work that does not merge goes back to whoever can make it.
      const back = handoff.question?.kind === 'integration' ? `${from} --reason ` : '';
      return { ui: { ...context.ui, overlay: { kind: 'palette', line: lineOf(`reassign ${id} ${back}`), index: 0, problem: null } } };
    }
    default:
      if (/^(un)?tick-/.test(option.key)) return ticked(context, handoff, option.key);
      return ask({ ...context, ui: withoutCard(context.ui) }, verb('answer', { id, epoch, text: option.key }));
  }
}

/** The card stays: what is left to tick, or to decide, stands on it. */
function ticked(context: Context, { id, epoch }: Handoff, key: string): Outcome {
  return ask(context, verb('tick', { id, epoch, box: Number(key.slice(key.indexOf('-') + 1)), off: key.startsWith('untick') }));
}

/** The marked box, else the first that is open. */
function tickBox(context: Context): Outcome {
  return onCard(context, (handoff) => {
    const options = optionsOf(handoff);
    const marked = options[context.ui.option];
    const box = marked !== undefined && /^(un)?tick-/.test(marked.key) ? marked : options.find(({ key }) => key.startsWith('tick-'));
    return box === undefined ? { ui: notify(context.ui, 'this card has no open box', 'info') } : ticked(context, handoff, box.key);
  });
}

function markOption({ model, ui }: Context, by: 1 | -1): Outcome {
  const handoff = cardOf(model, ui);
  if (handoff === null) return { ui };
  const option = ui.option + by;
  if (option < 0 && ui.overlay === null) return { ui: { ...ui, focus: 'pane' } };
  return { ui: { ...ui, option: Math.max(0, Math.min(option, optionsOf(handoff).length - 1)) } };
}

function runChecks(context: Context): Outcome {
  const handoff = subjectOf(context.model, context.ui);
  if (handoff === null) return { ui: context.ui };
  return ask({ ...context, ui: withoutCard(context.ui) }, verb('verify', { handoff: handoff.id }));
}

export const DECISIONS = {
  approve: (context: Context) => onCard(context, (handoff) => decided(context, 'approve', handoff)),
  deny: (context: Context) => onCard(context, (handoff) => decided(context, 'deny', handoff)),
  'deny-reason': (context: Context) => onCard(context, ({ id, epoch }) => prompt(context, { for: 'deny', handoff: id, epoch })),
  answer: (context: Context) => onCard(context, ({ id, epoch, from }) => prompt(context, { for: 'answer', handoff: id, epoch, to: from })),
  'stop-countdown': (context: Context) => {
    const handoff = cardOf(context.model, context.ui);
    if (handoff === null) return { ui: context.ui };
    return ask(context, isDecided(handoff) ? verb('undo', { id: handoff.id }) : verb('handoffs hold', { id: handoff.id }));
  },
  tick: tickBox,
  undo: (context: Context) => ask({ ...context, ui: withoutCard(context.ui) }, verb('undo', {})),
  'option-next': (context: Context) => markOption(context, 1),
  'option-previous': (context: Context) => markOption(context, -1),
  choose: (context: Context) => takeOption(context, context.ui.option),
  'run-checks': runChecks,
} as const;
