/** Moving about: focus, zoom, what needs you, and the ways out. */
import { openChange } from './actions-entries.ts';
import { closeOverlay, focusPane, notify, select } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { fitsOn, isAlone, layout, shownPanes } from './layout.ts';
import { EMPTY, lineOf } from './line-editor.ts';
import { type Need, needsOf, type PaneId, panesOf } from './model.ts';
import { readingOf, readNow } from './reading.ts';
import { subjectOf } from './subject.ts';
import type { Focus, Ui } from './ui-state.ts';

function toNeed(context: Context, by: 1 | -1): Outcome {
  const { model, ui } = context;
  const needs = needsOf(model);
  if (needs.length === 0) return { ui: notify(ui, 'nothing needs you', 'info') };
  const here = needs.findIndex((need) => isHere(need, ui));
  const next = needs[here < 0 ? (by > 0 ? 0 : needs.length - 1) : (here + by + needs.length) % needs.length];
  if (next === undefined) throw new Error('toNeed: a ring of needs has a next one');
  const at = { ...closeOverlay(ui), zoom: false, scrolling: false };
  switch (next.kind) {
    case 'question':
      return { ui: { ...select(at, next.handoff), focus: 'dock' } };
    case 'session':
      return { ui: notify(focusPane(at, next.instance), `the session of ${next.instance} has failed; R starts it anew`, 'warning') };
    case 'config':
      return openChange({ ...context, ui: at });
    case 'trouble':
      return { ui: notify(at, `nothing can be kept: ${next.text}`, 'warning') };
  }
}

function isHere(need: Need, ui: Ui): boolean {
  switch (need.kind) {
    case 'question':
      return ui.focus === 'dock' && ui.selected === need.handoff;
    case 'session':
      return ui.focus === 'pane' && ui.pane === need.instance;
    case 'config':
      return ui.overlay?.kind === 'text' && ui.overlay.what === 'config';
    case 'trouble':
      return ui.notice?.text.endsWith(need.text) === true;
  }
}

type Place = { readonly focus: Focus; readonly pane: PaneId };

function ring({ model, ui }: Context, by: 1 | -1): Outcome {
  const places: Place[] = [
    ...shownPanes(model, ui).map(({ id }): Place => ({ focus: 'pane', pane: id })),
    { focus: 'queue', pane: ui.pane },
    { focus: 'dock', pane: ui.pane },
  ];
  const here = places.findIndex(({ focus, pane }) => focus === ui.focus && (focus !== 'pane' || pane === ui.pane));
  const next = places[(here + by + places.length) % places.length] ?? places[0];
  return next === undefined ? { ui } : { ui: { ...ui, ...next, scrolling: false } };
}

function sideways({ model, ui }: Context, by: 1 | -1): Outcome {
  if (ui.focus !== 'pane') return { ui: { ...ui, focus: by > 0 ? 'dock' : 'queue' } };
  const panes = shownPanes(model, ui);
  const next = panes[panes.findIndex(({ id }) => id === ui.pane) + by];
  return { ui: next === undefined ? ui : focusPane(ui, next.id) };
}

/** To the panel that lies under the pane. */
function down({ model, ui }: Context): Outcome {
  if (ui.focus !== 'pane' || !fitsOn(ui.size)) return { ui };
  const { panes, queue } = layout(model, ui);
  const rect = panes.find(({ pane }) => pane.id === ui.pane)?.rect;
  const left = queue !== null && rect !== undefined && rect.x + rect.width / 2 <= queue.width;
  return { ui: { ...ui, focus: left || isAlone(ui) ? 'queue' : 'dock', scrolling: false } };
}

function back({ model, ui }: Context): Outcome {
  if (ui.overlay !== null) return { ui: closeOverlay(ui) };
  const reading = readingOf(model, ui);
  if (reading !== null && (reading.selecting !== null || reading.finding !== null || reading.back))
    return { ui, do: [{ type: 'read', key: readNow(model, ui), act: { do: 'leave' } }] };
  if (ui.zoom) return { ui: { ...ui, zoom: false } };
  if (ui.filter !== '') return { ui: { ...ui, filter: '' } };
  return { ui: { ...ui, focus: 'pane' } };
}

export const NAVIGATION = {
  'next-need': (context: Context) => toNeed(context, 1),
  'previous-need': (context: Context) => toNeed(context, -1),
  'focus-number': ({ model, ui, key }: Context): Outcome => {
    const pane = panesOf(model).find(({ number }) => String(number) === key);
    return { ui: pane === undefined ? notify(ui, `there is no pane ${key ?? ''}`.trim(), 'info') : focusPane(closeOverlay(ui), pane.id) };
  },
  'focus-next': (context: Context) => ring(context, 1),
  'focus-previous': (context: Context) => ring(context, -1),
  'focus-left': (context: Context) => sideways(context, -1),
  'focus-right': (context: Context) => sideways(context, 1),
  'focus-down': down,
  'focus-up': ({ ui }: Context): Outcome => ({ ui: { ...ui, focus: 'pane' } }),
  zoom: ({ ui }: Context): Outcome => ({ ui: { ...closeOverlay(ui), zoom: !ui.zoom } }),
  peek: ({ model, ui }: Context): Outcome => {
    if (ui.overlay?.kind === 'card') return { ui: closeOverlay(ui) };
    const handoff = subjectOf(model, ui);
    return { ui: handoff === null ? ui : { ...select(ui, handoff.id), overlay: { kind: 'card' } } };
  },
  back,
  detach: (context: Context): Outcome => (context.ui.overlay === null ? { ui: context.ui, do: [{ type: 'detach' }] } : back(context)),
  'take-over': ({ ui }: Context): Outcome => ({ ui, do: [{ type: 'take-over' }] }),
  'leave-hint': ({ ui }: Context): Outcome => ({ ui: notify(ui, 'q leaves and the agents go on working; Q ends everything', 'info') }),
  look: ({ ui }: Context): Outcome => ({ ui: notify(ui, 'looking again', 'info'), do: [{ type: 'look' }] }),
  palette: ({ ui }: Context): Outcome => ({ ui: { ...ui, overlay: { kind: 'palette', line: EMPTY, index: 0, problem: null } } }),
  help: ({ ui }: Context): Outcome => ({ ui: { ...ui, overlay: { kind: 'help', filter: lineOf(''), top: 0 } } }),
} as const;
