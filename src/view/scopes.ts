/** Which of the table's bindings a key can mean now: by what is open, what is in focus, and what can be done. */
import type { Binding, CommandId, Scope } from './keymap.ts';
import type { Model } from './model.ts';
import { readingOf } from './reading.ts';
import { cardOf, isTextOpen } from './subject.ts';
import type { Ui } from './ui-state.ts';

/**
 * The scopes that a key is looked for in, the innermost first. Whoever types text has the keys for himself;
 * everything else lies over the control scope.
 */
export function scopesOf(model: Model, ui: Ui): readonly Scope[] {
  switch (ui.overlay?.kind) {
    case 'palette':
      return ['palette', 'prompt'];
    case 'help':
      return ['help', 'prompt'];
    case 'prompt':
      return ['prompt'];
    case 'confirm':
      return ['confirm'];
    case 'text':
      return reading(model, ui);
    case 'card':
      return ['card', 'control'];
    case undefined:
      if (ui.scrolling) return reading(model, ui);
      if (ui.focus === 'queue') return ['list', 'card', 'control'];
      return ui.focus === 'dock' && cardOf(model, ui) === null ? ['verification', 'control'] : ['card', 'control'];
  }
}

function reading(model: Model, ui: Ui): readonly Scope[] {
  const isSelecting = (readingOf(model, ui)?.selecting ?? null) !== null;
  const entries: readonly Scope[] = isTextOpen(ui) ? ['entries'] : [];
  return isSelecting ? [...entries, 'select', 'scroll', 'control'] : [...entries, 'scroll', 'control'];
}

/** Somebody who reads presses the keys of a reader: what else they would do must not happen by accident. */
const WHILE_READING: ReadonlySet<CommandId> = new Set([
  'why',
  'evidence',
  'diff',
  'health',
  'timeline',
  'brief',
  'kpi',
  'copy',
  'palette',
  'help',
  'zoom',
]);

/** Whether this binding can act now. */
export function isOpen(binding: Binding, model: Model, ui: Ui): boolean {
  const reading = binding.scope === 'control' && (ui.scrolling || isTextOpen(ui));
  return (!reading || WHILE_READING.has(binding.id)) && (binding.when === undefined || binding.when(model, ui));
}

/** What this key does now: the first binding on the way out that can act; null when there is none. */
export function bindingFor(keymap: readonly Binding[], key: string, model: Model, ui: Ui): Binding | null {
  for (const scope of scopesOf(model, ui)) {
    const found = keymap.find((one) => one.scope === scope && one.keys.includes(key));
    if (found !== undefined && isOpen(found, model, ui)) return found;
  }
  return null;
}
