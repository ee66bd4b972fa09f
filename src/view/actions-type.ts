/** Lines that are typed: prompts, confirmations, the palette's command line, the help's filter. */
import type { HandoffId } from '../core/ids.ts';
import { parseHandoffId } from '../core/ids.ts';
import { filtered } from './actions-entries.ts';
import { endedFind, openText, typedFind } from './actions-read.ts';
import { SESSIONS } from './actions-session.ts';
import { closeOverlay, notify, select } from './change.ts';
import { parseTyped, type Typed } from './command-line.ts';
import type { Context, Outcome } from './intent.ts';
import { type Edit, EMPTY, edit, type Line, lineOf } from './line-editor.ts';
import { handoffIn } from './model.ts';
import { type Entry, paletteEntries } from './palette/entries.ts';
import { STOP_WORD } from './prompt/prompt.ts';
import { isOpen, scopesOf } from './scopes.ts';
import type { Overlay, Ui } from './ui-state.ts';
import { ask, askFirst, verb } from './verb.ts';

type Prompt = Extract<Overlay, { kind: 'prompt' }>;
type Palette = Extract<Overlay, { kind: 'palette' }>;

function submit(context: Context): Outcome {
  const { overlay } = context.ui;
  if (overlay?.kind !== 'prompt') return { ui: context.ui };
  const { asking } = overlay;
  const text = overlay.line.text.trim();
  const closed: Context = { ...context, ui: closeOverlay(context.ui) };
  if (asking.for === 'find') return endedFind(context.ui, text !== '');
  if (asking.for === 'entries') return filtered(context.ui, asking.behind, text);
  if (asking.for === 'filter') return { ui: { ...closed.ui, filter: text } };
  if (asking.for === 'stop') {
    if (text === STOP_WORD) return ask(closed, verb('stop', {}));
    return { ui: notify(closed.ui, 'nothing was stopped', 'info') };
  }
  if (text === '' && asking.for !== 'withdraw') return { ui: notify(context.ui, 'say it in a few words, or press esc', 'info') };
  return ask(closed, answerOf(asking, text));
}

function answerOf(asking: Exclude<Prompt['asking'], { for: 'filter' | 'entries' | 'stop' | 'find' }>, text: string) {
  switch (asking.for) {
    case 'deny':
      return verb('deny', { id: asking.handoff, epoch: asking.epoch, reason: text });
    case 'answer':
      return verb('answer', { id: asking.handoff, epoch: asking.epoch, text });
    case 'withdraw':
      return verb('handoffs withdraw', text === '' ? { id: asking.handoff } : { id: asking.handoff, reason: text });
  }
}

function runMarked(context: Context): Outcome {
  const { model, ui, keymap } = context;
  if (ui.overlay?.kind !== 'palette') return { ui };
  const { line, index } = ui.overlay;
  const entries = paletteEntries(model, ui, keymap, line.text);
  const marked = entries[Math.min(index, entries.length - 1)];
  if (marked === undefined || marked.does.kind === 'hint' || isComplete(line.text, marked)) return runTyped(context, line.text);
  return runEntry(context, marked);
}

/** The line is a whole command already, and what is marked adds nothing that was begun. */
function isComplete(text: string, { does }: Entry): boolean {
  const typed = parseTyped(text);
  if (!typed.ok || Object.keys(typed.args).length === 0) return false;
  return /\s$/u.test(text) || (does.kind === 'line' && does.line.trim() === text.trim());
}

/** An entry that is chosen, by key or by click. */
export function runEntry(context: Context, { does }: Entry): Outcome {
  const { model, ui, keymap } = context;
  if (ui.overlay?.kind !== 'palette') return { ui };
  if (does.kind !== 'command') {
    if (does.kind === 'line' && does.run) return runTyped(context, does.line);
    return { ui: { ...ui, overlay: { ...ui.overlay, line: lineOf(does.line), index: 0, problem: null } } };
  }
  const closed: Context = { ...context, ui: closeOverlay(ui), key: null };
  const decision = does.id === 'approve' || does.id === 'deny' ? handoffIn(model, ui.selected) : null;
  // The palette took the eye off the card: it asks once more, naming what it is about.
  if (decision !== null && (decision.question !== null || decision.pending !== null))
    return askFirst(
      closed,
      `${does.id} ${decision.id}, round ${decision.epoch}?`,
      verb(does.id, { id: decision.id, epoch: decision.epoch }),
    );
  const binding = keymap.find(({ id }) => id === does.id);
  if (binding === undefined || !scopesOf(model, closed.ui).includes(binding.scope) || !isOpen(binding, model, closed.ui))
    return { ui: notify(closed.ui, `not possible now: ${binding?.help ?? does.id}`, 'info') };
  return context.run(does.id, closed);
}

function runTyped(context: Context, text: string): Outcome {
  const { ui } = context;
  if (ui.overlay?.kind !== 'palette' || text.trim() === '') return { ui: closeOverlay(ui) };
  const typed = parseTyped(text);
  if (!typed.ok) return { ui: { ...ui, overlay: { ...ui.overlay, problem: typed.problem } } };
  const { id } = typed.args;
  if (typeof id === 'string' && handoffIn(context.model, parseHandoffId(id)) === null)
    return { ui: { ...ui, overlay: { ...ui.overlay, problem: `there is no handoff "${id.slice(0, 40)}"` } } };
  return carryOut({ ...context, ui: closeOverlay(ui) }, typed);
}

/** What the screen shows itself it shows; the rest goes to the room as it was typed. */
function carryOut(context: Context, { verb: { name }, args }: Extract<Typed, { ok: true }>): Outcome {
  const { model, ui } = context;
  const id = typeof args.id === 'string' ? parseHandoffId(args.id) : null;
  const known = handoffIn(model, id);
  switch (name) {
    case 'stop':
      return SESSIONS['stop-room'](context);
    case 'handoffs':
      return { ui: { ...ui, focus: 'queue' } };
    case 'explain':
    case 'diff':
    case 'handoffs show':
      if (known === null) return { ui };
      if (name === 'handoffs show') return { ui: { ...select(ui, known.id), overlay: { kind: 'card' } } };
      return openText({ ...context, ui: { ...select(ui, known.id), focus: 'queue' } }, name);
    case 'verify':
      if (args.cancel === true) return ask(context, verb('verify cancel', { handoff: handoffOf(context, args.handoff) }));
      return ask(context, verb(name, args));
    case 'approve':
    case 'deny':
    case 'answer':
      // Bound to what is known here now, unless the operator said otherwise himself.
      return ask(context, verb(name, known === null ? args : { epoch: known.epoch, ...args }));
    default:
      return ask(context, verb(name, args));
  }
}

function handoffOf({ model }: Context, given: unknown): HandoffId | '' {
  const id = typeof given === 'string' ? parseHandoffId(given) : null;
  return id ?? model.live?.handoff ?? '';
}

function complete({ model, ui, keymap }: Context): Outcome {
  if (ui.overlay?.kind !== 'palette') return { ui };
  const entries = paletteEntries(model, ui, keymap, ui.overlay.line.text);
  const marked = entries[Math.min(ui.overlay.index, entries.length - 1)];
  if (marked === undefined || marked.does.kind === 'command') return { ui };
  const text = marked.does.line.endsWith(' ') ? marked.does.line : `${marked.does.line} `;
  return { ui: { ...ui, overlay: { ...ui.overlay, line: lineOf(text), index: 0, problem: null } } };
}

/** Moves the mark; it stays where an entry is. */
export function markEntry({ model, ui, keymap }: Context, by: number): Outcome {
  if (ui.overlay?.kind !== 'palette') return { ui };
  const last = paletteEntries(model, ui, keymap, ui.overlay.line.text).length - 1;
  const index = Math.max(0, Math.min(ui.overlay.index + by, last));
  return { ui: { ...ui, overlay: { ...ui.overlay, index } satisfies Palette } };
}

/** The panel itself keeps the top within what there is. */
export function scrollHelp(ui: Ui, by: number): Outcome {
  if (ui.overlay?.kind !== 'help') return { ui };
  return { ui: { ...ui, overlay: { ...ui.overlay, top: Math.max(0, Math.min(ui.overlay.top + by, MAX_HELP)) } } };
}

/** More lines than the help has. */
const MAX_HELP = 400;

const editing =
  (how: Edit) =>
  ({ ui }: Context): Outcome => {
    const changed = (line: Line): Line => edit(line, how);
    switch (ui.overlay?.kind) {
      case 'prompt':
        return typedFind({ ...ui, overlay: { ...ui.overlay, line: changed(ui.overlay.line) } });
      case 'palette':
        return { ui: { ...ui, overlay: { ...ui.overlay, line: changed(ui.overlay.line), index: 0, problem: null } } };
      case 'help':
        return { ui: { ...ui, overlay: { ...ui.overlay, filter: changed(ui.overlay.filter ?? EMPTY), top: 0 } } };
      default:
        return { ui };
    }
  };

const close = ({ ui }: Context): Outcome => ({ ui: closeOverlay(ui) });
const PAGE = 10;

export const TYPING = {
  submit,
  cancel: (context: Context): Outcome => {
    const asking = context.ui.overlay?.kind === 'prompt' ? context.ui.overlay.asking : null;
    if (asking?.for === 'entries') return { ui: { ...context.ui, overlay: asking.behind } };
    return asking?.for === 'find' ? endedFind(context.ui, false) : close(context);
  },
  yes: (context: Context): Outcome => {
    const { overlay } = context.ui;
    return overlay?.kind === 'confirm' ? ask({ ...context, ui: closeOverlay(context.ui) }, overlay.intent) : { ui: context.ui };
  },
  no: close,
  erase: editing('erase'),
  'erase-forward': editing('erase-forward'),
  'erase-word': editing('erase-word'),
  'erase-all': editing('erase-all'),
  'cursor-left': editing('cursor-left'),
  'cursor-right': editing('cursor-right'),
  'cursor-start': editing('cursor-start'),
  'cursor-end': editing('cursor-end'),
  'palette-run': runMarked,
  'palette-complete': complete,
  'palette-next': (context: Context) => markEntry(context, 1),
  'palette-previous': (context: Context) => markEntry(context, -1),
  'palette-close': close,
  'help-up': ({ ui }: Context) => scrollHelp(ui, -1),
  'help-down': ({ ui }: Context) => scrollHelp(ui, 1),
  'help-page-up': ({ ui }: Context) => scrollHelp(ui, -PAGE),
  'help-page-down': ({ ui }: Context) => scrollHelp(ui, PAGE),
  'help-close': close,
} as const;
