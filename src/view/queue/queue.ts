/** The handoffs, a line each: what needs you first, then what is being verified, what waits for it, and the rest. */

import { outlook } from '../../core/forecast.ts';
import { plain } from '../../core/plain.ts';
import { compareInQueue } from '../../core/queue.ts';
import type { Handoff } from '../../core/state.ts';
import type { Rect } from '../layout.ts';
import type { Model } from '../model.ts';
import type { Panel } from '../panel.ts';
import { type Click, clock, fitRow, type Row, span, spread } from '../row.ts';
import type { Ui } from '../ui-state.ts';
import { handoffLook, nameIn } from '../words.ts';

/** Closed handoffs that are still listed, below the open ones. */
const CLOSED_SHOWN = 8;

const RANKS = ['VERIFICATION', 'HANDOFF_READY', 'FAILED', 'REMEDIATION', 'ACTIVE', 'APPROVED', 'HANDOFF_COMPLETE', 'STANDBY'] as const;

export function listedHandoffs(model: Model, filter: string): Handoff[] {
  const all = Object.values(model.state.coordinator.handoffs).filter((handoff) => holds(handoff, filter));
  const rank = (handoff: Handoff): number => (handoff.question === null ? 1 + RANKS.indexOf(handoff.phase) : 0);
  const open = all.filter(({ closedAt }) => closedAt === null).toSorted((a, b) => rank(a) - rank(b) || compareInQueue(a, b));
  const closed = all.filter(({ closedAt }) => closedAt !== null).toSorted((a, b) => (b.closedAt ?? 0) - (a.closedAt ?? 0));
  return [...open, ...closed.slice(0, CLOSED_SHOWN)];
}

function holds({ id, from, to, task, phase }: Handoff, filter: string): boolean {
  return filter === '' || `${id} ${from} ${to} ${task} ${phase}`.toLowerCase().includes(filter.toLowerCase());
}

export function queuePanel(model: Model, ui: Ui, rect: Rect): Panel {
  const focused = ui.focus === 'queue';
  const handoffs = listedHandoffs(model, ui.filter);
  const width = rect.width - 2;
  const height = Math.max(0, rect.height - 2);
  const selected = handoffs.findIndex(({ id }) => id === ui.selected);
  const top = Math.max(0, Math.min(selected - Math.floor(height / 2), handoffs.length - height));
  const rows = handoffs.slice(top, top + height).map((handoff) => queueRow(model, handoff, ui, width));
  const open = handoffs.filter(({ closedAt }) => closedAt === null).length;
  return {
    rect,
    border: focused ? 'focus' : 'quiet',
    title: [span('handoffs', focused ? 'focus' : 'bold'), ...(ui.filter === '' ? [] : [span(` with "${plain(ui.filter, 20)}"`, 'warn')])],
    titleEnd: open === 0 ? [] : [span(`${open} open`, 'dim')],
    footEnd: focused ? [span('CONTROL', 'focus')] : [],
    rows: rows.length > 0 ? rows : emptyRows(ui, width),
  };
}

function emptyRows(ui: Ui, width: number): Row[] {
  if (ui.filter !== '') return [fitRow([span(' nothing holds this text', 'dim')], width)];
  return [
    fitRow([span(' no work yet; give some:', 'dim')], width),
    fitRow([span(' : ', 'key'), span('assign INSTANCE --task "…"', 'dim')], width),
  ];
}

/** Columns go, the least telling first, until the rest fits: task, priority, the receiver's name. */
function queueRow(model: Model, handoff: Handoff, ui: Ui, width: number): Row {
  const { instances } = model.state.coordinator;
  const marked = handoff.id === ui.selected;
  const click = { kind: 'handoff', handoff: handoff.id } as const;
  const { sign, word, style } = handoffLook(handoff);
  const whose = marked && ui.focus === 'queue' ? 'selected' : handoff.closedAt === null ? 'plain' : 'dim';
  const [from, to] = [nameIn(instances, handoff.from), nameIn(instances, handoff.to)];
  const names = width < 48 ? from : `${from} → ${to}`;
  const head: Row = [span(`${marked ? '▸' : ' '}${handoff.id} `, whose === 'plain' && marked ? 'bold' : whose, click)];
  const end: Row = [
    ...aheadWords(model, handoff, width >= 60, click),
    span(`${sign} ${word}`.padEnd(13), style, click),
    ...(width < 60 ? [] : [span(handoff.priority.padEnd(9), handoff.priority === 'critical' ? 'bad' : 'dim', click)]),
    ageOf(handoff),
  ];
  const task: Row = width < 76 ? [] : [span(`  ${plain(handoff.task, 200)}`, 'dim', click)];
  return spread([...head, span(` ${names}`, whose === 'selected' ? 'plain' : whose, click), ...task], [span(' '), ...end], width);
}

const AHEAD = {
  approve: { sign: '✓', style: 'good' },
  deny: { sign: '✗', style: 'bad' },
  escalate: { sign: '?', style: 'warn' },
  clash: { sign: '≠', style: 'warn' },
} as const;

/** What would become of it, while it is under way; of a tree that has changed since, faintly. */
function aheadWords(model: Model, { id }: Handoff, wide: boolean, click: Click): Row {
  const forecast = model.ahead[id];
  const seen = forecast === undefined ? null : outlook(forecast);
  if (seen === null) return [];
  const { sign, style } = AHEAD[seen.kind];
  return [span(wide ? `≈${sign} ${seen.word}  ` : `≈${sign} `, seen.old ? 'dim' : style, click)];
}

function ageOf(handoff: Handoff) {
  const { pending, question, closedAt, phaseSince } = handoff;
  if (closedAt === null && pending !== null && pending.dueAt !== null)
    return clock(pending.dueAt, 'until', { align: 'right', style: 'attention' });
  return clock(closedAt ?? question?.askedAt ?? phaseSince, 'since', { align: 'right' });
}
