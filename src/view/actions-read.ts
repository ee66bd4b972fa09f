/** Reading: documents about a handoff, and scrolling in whatever scrolls. */
import { closeOverlay, notify, select } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { fitsOn, inner, layout } from './layout.ts';
import { lastRound, type Model } from './model.ts';
import { subjectOf } from './subject.ts';
import { scrollKey, type TextKind, type Ui } from './ui-state.ts';

/** Opens the document; its own key closes it again. */
export function openText({ model, ui }: Context, what: TextKind): Outcome {
  if (ui.overlay?.kind === 'text' && ui.overlay.what === what) return { ui: closeOverlay(ui) };
  const shown = ui.overlay?.kind === 'text' ? ui.overlay.handoff : null;
  const handoff = what === 'health' ? null : (shown ?? subjectOf(model, ui)?.id);
  if (handoff === undefined) return { ui: notify(ui, 'there is no handoff to show', 'info') };
  const overlay = { kind: 'text', what, handoff } as const;
  const scroll = { ...ui.scroll, [scrollKey(overlay)]: 0 };
  return {
    ui: { ...(handoff === null ? ui : select(ui, handoff)), overlay, scroll, scrolling: false },
    do: [{ type: 'open-text', what, handoff }],
  };
}

/** What scrolls now, and which way its offset counts: texts from their beginning, panes from their end. */
function scrolled(model: Model, ui: Ui): { readonly key: string; readonly sign: 1 | -1; readonly page: number } {
  const places = fitsOn(ui.size) ? layout(model, ui) : null;
  if (ui.overlay?.kind === 'text') return { key: scrollKey(ui.overlay), sign: -1, page: places === null ? 1 : inner(places.sheet).height };
  const rect = places?.panes.find(({ pane }) => pane.id === ui.pane)?.rect;
  return { key: scrollKey(ui.pane), sign: 1, page: rect === undefined ? 1 : inner(rect).height };
}

/** Farther than anything reaches; `scrollMax` of the model is what really ends it. */
const FAR = 1_000_000;

/** `lines` up; negative: down. */
export function scrollLines(model: Model, ui: Ui, key: string, lines: number): Ui {
  const max = model.scrollMax[key] ?? FAR;
  // What could be scrolled may have become less since the last time.
  const from = Math.min(ui.scroll[key] ?? 0, max);
  const offset = Math.max(0, Math.min(from + lines, max));
  return { ...ui, scroll: { ...ui.scroll, [key]: offset } };
}

const by =
  (pages: number, lines = 0) =>
  ({ model, ui }: Context): Outcome => {
    const { key, sign, page } = scrolled(model, ui);
    return { ui: scrollLines(model, ui, key, sign * (Math.trunc(pages * page) + lines)) };
  };

export const TEXTS = {
  why: (context: Context) => openText(context, 'explain'),
  evidence: (context: Context) => openText(context, 'evidence'),
  diff: (context: Context) => openText(context, 'diff'),
  health: (context: Context) => openText(context, 'health'),
  scroll: (context: Context): Outcome => {
    const ui: Ui = { ...context.ui, focus: 'pane', scrolling: true };
    return context.key === 'pgup' ? by(1)({ ...context, ui }) : { ui };
  },
  'scroll-up': by(0, 1),
  'scroll-down': by(0, -1),
  'scroll-half-up': by(0.5),
  'scroll-half-down': by(-0.5),
  'scroll-page-up': by(1),
  'scroll-page-down': by(-1),
  'scroll-top': by(0, FAR),
  'scroll-end': by(0, -FAR),
  'scroll-leave': ({ ui }: Context): Outcome => {
    if (ui.overlay !== null) return { ui: closeOverlay(ui) };
    return { ui: { ...ui, scrolling: false, scroll: { ...ui.scroll, [scrollKey(ui.pane)]: 0 } } };
  },
  copy: ({ model, ui }: Context): Outcome => {
    const handoff = subjectOf(model, ui);
    if (handoff === null) return { ui };
    const evidence = handoff.question?.evidence ?? lastRound(handoff)?.evidence?.path ?? null;
    const text = evidence === null ? handoff.id : `${handoff.id} ${evidence}`;
    return { ui: notify(ui, `copied: ${text}`, 'info'), do: [{ type: 'copy', text }] };
  },
} as const;
