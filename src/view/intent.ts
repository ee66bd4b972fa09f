/**
 * From a key to what comes of it: a new ui, and what the room shall do. Pure; the time comes in. The room calls
 * `onModel` whenever something changed, `onKey`, `onPaste` and `onMouse` for input, and carries the intents out.
 */
import type { HandoffId, InstanceId, Ms } from '../core/ids.ts';
import { ACTIONS } from './actions.ts';
import { typedFind } from './actions-read.ts';
import { closeOverlay, notify, settled } from './change.ts';
import { keyName } from './key-names.ts';
import { type Binding, type CommandId, KEYMAP } from './keymap.ts';
import { insert, typedBy } from './line-editor.ts';
import type { Model } from './model.ts';
import type { ReadAct, ReadKey } from './reading.ts';
import { bindingFor, isOpen, scopesOf } from './scopes.ts';
import type { Size, TextKind, Ui, VerbIntent } from './ui-state.ts';

/** What only the room can do. Rights are settled there, by the connection, like those of any other client. */
export type Intent =
  | VerbIntent
  | { readonly type: 'detach' }
  | { readonly type: 'take-over' }
  /** Keys go to this instance from now on; `leader`: and it gets a literal leader first. */
  | { readonly type: 'type'; readonly instance: InstanceId; readonly leader: boolean }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'open-text'; readonly what: TextKind; readonly handoff: HandoffId | null; readonly filter?: string }
  | { readonly type: 'read'; readonly key: ReadKey; readonly act: ReadAct }
  | { readonly type: 'look' };

export type Outcome = { readonly ui: Ui; readonly do?: readonly Intent[] };

/** What an action is given. `key`: the one that was pressed, `null` when it was chosen or clicked. */
export type Context = {
  readonly model: Model;
  readonly ui: Ui;
  readonly at: Ms;
  readonly key: string | null;
  readonly keymap: readonly Binding[];
  /** Another command, as part of this one. */
  readonly run: (id: CommandId, context: Context) => Outcome;
};

/**
 * `key`: canonical name of the input router (`a`, `A`, `space`, `enter`, `ctrl+p`, `shift+tab`, …), or `leader`.
 * While typing every key but the leader belongs to the agent, and nothing comes of it here.
 */
export function onKey(model: Model, ui: Ui, key: string, at: Ms, keymap: readonly Binding[] = KEYMAP): Outcome {
  const leader = key === 'leader' || key === model.state.coordinator.config.ui.leader;
  if (ui.mode === 'typing') return leader ? settle(model, { ui: { ...ui, mode: 'control', notice: null } }, at) : { ui };
  const clean: Ui = ui.notice === null ? ui : { ...ui, notice: null };
  const context: Context = { model, ui: clean, at, key, keymap, run };
  return settle(model, leader ? typeLeader(context) : pressed(context, key), at);
}

const run: Context['run'] = (id, context) => ACTIONS[id](context);

function pressed(context: Context, key: string): Outcome {
  const { model, ui, keymap } = context;
  const binding = bindingFor(keymap, key, model, ui);
  if (binding !== null) return ACTIONS[binding.id](context);
  const typed = typedBy(key);
  if (typed !== null && takesText(ui)) return typedFind(inserted(ui, typed));
  return { ui: notify(ui, notNow(context, key), 'info') };
}

/** A key that cannot act says why, when it is a key at all. */
function notNow({ model, ui, keymap }: Context, key: string): string {
  const scopes = scopesOf(model, ui);
  const known = keymap.find(
    (one) => one.keys.includes(key) && (scopes.includes(one.scope) || one.scope === 'card' || one.scope === 'control'),
  );
  if (known === undefined) return `${keyName(key)} does nothing here; ? shows the keys`;
  if (ui.overlay?.kind === 'text' || ui.scrolling) return `not while you read; esc goes back, then ${keyName(key)}: ${known.help}`;
  return known.otherwise ?? `not possible now: ${known.help}`;
}

/** Control focus, the leader again: back to the terminal with a literal leader (INTERFACE, Keys). */
function typeLeader(context: Context): Outcome {
  const outcome = ACTIONS.type({ ...context, ui: closeOverlay(context.ui) });
  return { ...outcome, do: (outcome.do ?? []).map((intent) => (intent.type === 'type' ? { ...intent, leader: true } : intent)) };
}

/** Text that was pasted while the control room has the keys: only a line that is being typed takes it. */
export function onPaste(model: Model, ui: Ui, text: string, at: Ms): Outcome {
  if (ui.mode === 'typing') return { ui };
  if (!takesText(ui)) return settle(model, { ui: notify(ui, 'nothing here takes a paste; enter types into the pane', 'info') }, at);
  return settle(model, typedFind(inserted(ui, text)), at);
}

/** Runs a command as if its key had been pressed: from the palette, or by a click on its word. */
export function onCommand(model: Model, ui: Ui, id: CommandId, at: Ms, keymap: readonly Binding[] = KEYMAP): Outcome {
  const context: Context = { model, ui: { ...ui, notice: null }, at, key: null, keymap, run };
  const binding = keymap.find((one) => one.id === id);
  if (binding === undefined || !scopesOf(model, ui).includes(binding.scope) || !isOpen(binding, model, ui))
    return { ui: notify(ui, binding?.otherwise ?? 'not possible now', 'info') };
  return settle(model, ACTIONS[id](context), at);
}

/** The model has changed: what is looked at follows, and a card that came up starts its guard. */
export function onModel(model: Model, ui: Ui, at: Ms): Ui {
  return settled(model, ui, at);
}

export function onResize(model: Model, ui: Ui, size: Size, at: Ms): Ui {
  return settled(model, { ...ui, size }, at);
}

/** What the room answers to an intent: shown until the next key. */
export function onReply(ui: Ui, text: string, ok: boolean): Ui {
  return notify(ui, text, ok ? 'info' : 'warning');
}

function settle(model: Model, outcome: Outcome, at: Ms): Outcome {
  return { ...outcome, ui: settled(model, outcome.ui, at) };
}

function takesText({ overlay }: Ui): boolean {
  return overlay?.kind === 'prompt' || overlay?.kind === 'palette' || overlay?.kind === 'help';
}

function inserted(ui: Ui, text: string): Ui {
  const { overlay } = ui;
  switch (overlay?.kind) {
    case 'prompt':
      if (text === '/' && overlay.asking.for === 'find' && overlay.line.text === '' && overlay.asking.behind === null)
        return { ...ui, overlay: { ...overlay, asking: { ...overlay.asking, everywhere: true } } };
      return { ...ui, overlay: { ...overlay, line: insert(overlay.line, text) } };
    case 'palette':
      return { ...ui, overlay: { ...overlay, line: insert(overlay.line, text), index: 0, problem: null } };
    case 'help':
      return { ...ui, overlay: { ...overlay, filter: insert(overlay.filter, text), top: 0 } };
    default:
      return ui;
  }
}
