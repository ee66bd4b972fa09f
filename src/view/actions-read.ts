/** Reading: documents about a handoff, and what keys do in whatever scrolls. The room carries it out (`reading.ts`). */
import type { Motion } from '../core/motion.ts';
import { closeOverlay, notify, select } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { EMPTY } from './line-editor.ts';
import { lastRound } from './model.ts';
import { OUTPUT, type ReadAct, readingOf, readNow } from './reading.ts';
import { subjectOf } from './subject.ts';
import { ROOM_TEXTS, type TextKind, type Ui } from './ui-state.ts';

/** Opens the document; its own key closes it again. */
export function openText({ model, ui }: Context, what: TextKind): Outcome {
  if (ui.overlay?.kind === 'text' && ui.overlay.what === what) return { ui: closeOverlay(ui) };
  const shown = ui.overlay?.kind === 'text' ? ui.overlay.handoff : null;
  const handoff = ROOM_TEXTS.some((kind) => kind === what) ? null : (shown ?? subjectOf(model, ui)?.id);
  if (handoff === undefined) return { ui: notify(ui, 'there is no handoff to show', 'info') };
  const overlay = { kind: 'text', what, handoff } as const;
  return {
    ui: { ...(handoff === null ? ui : select(ui, handoff)), overlay, scrolling: false },
    do: [{ type: 'open-text', what, handoff }],
  };
}

/** For what is read now. */
const read =
  (...acts: readonly ReadAct[]) =>
  ({ model, ui }: Context): Outcome => ({ ui, do: acts.map((act) => ({ type: 'read', key: readNow(model, ui), act })) });

const move = (motion: Motion) => read({ do: 'move', motion });

/** Where keys of a reader are meant for. In the queue: for the pane that had the focus last. */
function asReader({ model, ui }: Context): Ui {
  if (ui.overlay?.kind === 'text') return ui;
  return { ...ui, scrolling: true, focus: readNow(model, ui) === OUTPUT ? 'dock' : 'pane' };
}

const find =
  (down: boolean) =>
  (context: Context): Outcome => {
    const { model, ui } = context;
    const key = readNow(model, asReader(context));
    // A document is read from its beginning: there, further means down.
    const behind = ui.overlay?.kind === 'text' ? ui.overlay : null;
    const asking = { for: 'find', key, down: behind === null ? down : !down, everywhere: false, wasReading: ui.scrolling, behind } as const;
    return {
      ui: { ...asReader(context), overlay: { kind: 'prompt', asking, line: EMPTY } },
      do: [{ type: 'read', key, act: { do: 'find-begin' } }],
    };
  };

export const TEXTS = {
  why: (context: Context) => openText(context, 'explain'),
  evidence: (context: Context) => openText(context, 'evidence'),
  diff: (context: Context) => openText(context, 'diff'),
  health: (context: Context) => openText(context, 'health'),
  timeline: (context: Context) => openText(context, 'timeline'),
  brief: (context: Context) => openText(context, 'brief'),
  kpi: (context: Context) => openText(context, 'kpi'),
  debugging: (context: Context) => openText(context, 'debugging'),
  scroll: (context: Context): Outcome => {
    const ui = asReader(context);
    return read({ do: 'hold' }, ...(context.key === 'pgup' ? [{ do: 'pages', by: 1 } as const] : []))({ ...context, ui });
  },
  search: find(false),
  find: find(false),
  'find-down': find(true),
  'find-next': read({ do: 'find-again', same: true }),
  'find-previous': read({ do: 'find-again', same: false }),
  'prompt-previous': read({ do: 'prompt', by: -1 }),
  'prompt-next': read({ do: 'prompt', by: 1 }),
  'scroll-up': read({ do: 'lines', by: 1 }),
  'scroll-down': read({ do: 'lines', by: -1 }),
  'scroll-half-up': read({ do: 'pages', by: 0.5 }),
  'scroll-half-down': read({ do: 'pages', by: -0.5 }),
  'scroll-page-up': read({ do: 'pages', by: 1 }),
  'scroll-page-down': read({ do: 'pages', by: -1 }),
  'scroll-top': read({ do: 'top' }),
  'scroll-end': read({ do: 'end' }),
  'scroll-leave': (context: Context): Outcome => {
    const { ui } = context;
    if (ui.overlay?.kind === 'text' && ui.overlay.behind !== undefined) return { ui: { ...ui, overlay: ui.overlay.behind } };
    if (ui.overlay !== null) return { ui: closeOverlay(ui) };
    return { ...read({ do: 'leave' })(context), ui: { ...ui, scrolling: false } };
  },
  edit: (context: Context): Outcome =>
    context.model.role === 'observer' ? { ui: notify(context.ui, 'this screen only looks on', 'warning') } : read({ do: 'edit' })(context),
  select: read({ do: 'select', by: 'character' }),
  'select-whole-lines': read({ do: 'select', by: 'line' }),
  'select-characters': read({ do: 'select', by: 'character' }),
  'select-lines': read({ do: 'select', by: 'line' }),
  'select-words': read({ do: 'select', by: 'word' }),
  'select-swap': read({ do: 'swap' }),
  'select-copy': read({ do: 'copy' }, { do: 'unselect' }),
  'select-leave': read({ do: 'unselect' }),
  'cursor-to-left': move('left'),
  'cursor-to-right': move('right'),
  'cursor-to-above': move('up'),
  'cursor-to-below': move('down'),
  'cursor-word': move('word'),
  'cursor-word-back': move('word-back'),
  'cursor-word-end': move('word-end'),
  'cursor-line-start': move('line-start'),
  'cursor-line-text': move('line-text'),
  'cursor-line-end': move('line-end'),
  'cursor-first': move('first'),
  'cursor-last': move('last'),
  'cursor-view-top': move('view-top'),
  'cursor-view-middle': move('view-middle'),
  'cursor-view-bottom': move('view-bottom'),
  copy: (context: Context): Outcome => {
    const { model, ui } = context;
    if ((readingOf(model, ui)?.selecting ?? null) !== null) return read({ do: 'copy' })(context);
    const handoff = subjectOf(model, ui);
    if (handoff === null) return { ui };
    const evidence = handoff.question?.evidence ?? lastRound(handoff)?.evidence?.path ?? null;
    return { ui, do: [{ type: 'copy', text: evidence === null ? handoff.id : `${handoff.id} ${evidence}` }] };
  },
} as const;

/** The find line, as it is typed: what it holds now is looked for. */
export function typedFind(ui: Ui): Outcome {
  if (ui.overlay?.kind !== 'prompt' || ui.overlay.asking.for !== 'find') return { ui };
  const { asking, line } = ui.overlay;
  const { key, down, everywhere } = asking;
  return { ui, do: [{ type: 'read', key, act: { do: 'find', text: line.text, down, everywhere } }] };
}

export function endedFind(ui: Ui, keep: boolean): Outcome {
  if (ui.overlay?.kind !== 'prompt' || ui.overlay.asking.for !== 'find') return { ui };
  const { asking } = ui.overlay;
  return {
    ui: { ...ui, overlay: asking.behind, scrolling: keep ? ui.scrolling : asking.wasReading },
    do: [{ type: 'read', key: asking.key, act: { do: 'find-end', keep } }],
  };
}
