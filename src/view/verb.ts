/** Asking the room for a verb: what an observer may not, he is told here; everything else is the room's to refuse. */
import { notify } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import type { Ui, VerbIntent } from './ui-state.ts';

export function verb(name: string, args: VerbIntent['args']): VerbIntent {
  return { type: 'verb', verb: name, args };
}

export function ask({ model, ui }: Pick<Context, 'model' | 'ui'>, intent: VerbIntent): Outcome {
  return permitted(model.role, ui) ?? { ui, do: [intent] };
}

/** First asks whether it is meant; `question` says what would be lost. */
export function askFirst({ model, ui }: Pick<Context, 'model' | 'ui'>, question: string, intent: VerbIntent): Outcome {
  return permitted(model.role, ui) ?? { ui: { ...ui, overlay: { kind: 'confirm', question, intent } } };
}

function permitted(role: Context['model']['role'], ui: Ui): Outcome | null {
  return role === 'observer'
    ? { ui: notify(ui, 'this screen only looks on: nothing that is pressed here changes anything', 'warning') }
    : null;
}
