/** Lists among the documents: going from entry to entry, opening what stands behind one, filtering; and the config's card. */
import type { HandoffId } from '../core/ids.ts';
import { waitingConfig } from '../core/new-config.ts';
import { closeOverlay, notify, select } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { lineOf } from './line-editor.ts';
import { type ReadAct, readingOf, readNow } from './reading.ts';
import { GUARD_MS, type OpenText, type Ui } from './ui-state.ts';
import { ask, verb } from './verb.ts';

const read =
  (act: ReadAct) =>
  ({ model, ui }: Context): Outcome => ({ ui, do: [{ type: 'read', key: readNow(model, ui), act }] });

/** What stands behind an entry lies over the list, and leads back to it. */
export function openCase(ui: Ui, what: 'evidence' | 'explain', handoff: HandoffId): Ui {
  const behind = ui.overlay?.kind === 'text' ? ui.overlay : null;
  return { ...select(ui, handoff), overlay: { kind: 'text', what, handoff, ...(behind === null ? {} : { behind }) } };
}

function askFilter({ ui }: Context): Outcome {
  if (ui.overlay?.kind !== 'text') return { ui };
  const behind = ui.overlay;
  return { ui: { ...ui, overlay: { kind: 'prompt', asking: { for: 'entries', behind }, line: lineOf(behind.filter ?? '') } } };
}

export function filtered(ui: Ui, behind: OpenText, filter: string): Outcome {
  const overlay: OpenText = { kind: 'text', what: behind.what, handoff: null, filter };
  return { ui: { ...ui, overlay }, do: [{ type: 'open-text', what: behind.what, handoff: null, filter }] };
}

/** The difference as it was when it was opened: a change after that is another one, and its id does not fit any more. */
export function openChange({ model, ui, at }: Context): Outcome {
  const change = waitingConfig(model.state.coordinator)?.id;
  const overlay: OpenText = {
    kind: 'text',
    what: 'config',
    handoff: null,
    ...(change === undefined ? {} : { change: { id: change, at } }),
  };
  return { ui: { ...ui, overlay }, do: [{ type: 'open-text', what: 'config', handoff: null }] };
}

const onChange =
  (word: 'accept' | 'refuse') =>
  (context: Context): Outcome => {
    const { model, ui, at } = context;
    const change = ui.overlay?.kind === 'text' ? ui.overlay.change : undefined;
    if (change === undefined) return { ui };
    if (at - change.at < GUARD_MS) return { ui: notify(ui, 'the change has only just come up; look at it, then press again', 'info') };
    if (word === 'accept' && readingOf(model, ui)?.back !== false)
      return { ui: notify(ui, 'read the change to its end first (space goes on, G goes to the end)', 'warning') };
    return ask({ ...context, ui: closeOverlay(ui) }, verb(`config ${word}`, { change: change.id }));
  };

export const ENTRIES = {
  'entry-next': read({ do: 'entry', by: 1 }),
  'entry-previous': read({ do: 'entry', by: -1 }),
  'entry-open': read({ do: 'open-entry' }),
  'entry-filter': askFilter,
  'config-accept': onChange('accept'),
  'config-refuse': onChange('refuse'),
} as const;
