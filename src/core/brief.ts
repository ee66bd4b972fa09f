/** What was decided since the operator last looked, each with the way to take it back; then what waits for him. */
import { everyHandoff } from './archive.ts';
import type { HandoffFacts } from './archived-handoff.ts';
import { explainVerdict } from './explain.ts';
import type { HandoffId, Ms } from './ids.ts';
import { plain } from './plain.ts';
import type { Handoff, HistoryEntry, State } from './state.ts';
import { duration, isoTime } from './time.ts';

export type Decided = {
  readonly handoff: HandoffId;
  readonly at: Ms;
  readonly decision: 'approved' | 'denied' | 'withdrawn' | 'reassigned' | 'reopened';
  readonly by: string;
  readonly task: string;
  /** The strongest reason, in one clause. */
  readonly why: string | null;
  /** The command that takes it back; null: nothing does, or it was taken back already. */
  readonly back: string | null;
};

const DECISIONS: Readonly<Partial<Record<HistoryEntry['move'], Decided['decision']>>> = {
  approve: 'approved',
  deny: 'denied',
  withdraw: 'withdrawn',
  reassign: 'reassigned',
  reopen: 'reopened',
};

export function decidedSince(state: State, since: Ms): Decided[] {
  return everyHandoff(state, since)
    .flatMap((handoff) => handoff.history.filter(({ at }) => at >= since).flatMap((entry) => decided(handoff, entry)))
    .toSorted((a, b) => a.at - b.at);
}

function decided(handoff: HandoffFacts, entry: HistoryEntry): Decided[] {
  const decision = DECISIONS[entry.move];
  if (decision === undefined) return [];
  const verdict = handoff.rounds.find(({ epoch }) => epoch === entry.epoch)?.verdict ?? null;
  const why = entry.reason ?? (verdict === null ? null : (explainVerdict(verdict)[0] ?? null));
  return [
    {
      handoff: handoff.id,
      at: entry.at,
      decision,
      by: entry.by,
      task: plain(handoff.task, 120),
      why: why === null ? null : plain(why, 240),
      back: wayBack(handoff, entry),
    },
  ];
}

/** An approval can be taken back as long as nothing later happened to the handoff than its passing on. */
function wayBack(handoff: HandoffFacts, entry: HistoryEntry): string | null {
  if (entry.move !== 'approve') return null;
  const later = handoff.history.slice(handoff.history.indexOf(entry) + 1);
  const taken = later.some(({ move }) => move !== 'transfer' && move !== 'release');
  const closed = handoff.closedAt !== null && handoff.history.at(-1)?.move !== 'release';
  return taken || closed ? null : `coordtui reopen ${handoff.id} --reason TEXT`;
}

/** What is decided and has not taken effect: the one thing that `undo` takes back (PROTOCOL section 3). */
function stillToCome({ id, task, pending, closedAt, verifier }: Handoff, now: Ms): string[] {
  if (pending?.dueAt == null || closedAt !== null) return [];
  const word = pending.decision === 'approve' ? 'approval' : 'denial';
  const left = duration(Math.max(0, pending.dueAt - now));
  return [
    `  in ${left}  ${id}  ${word} by ${plain(pending.by ?? verifier, 60)}  "${plain(task, 120)}"`,
    `         to take it back: coordtui undo ${id}`,
  ];
}

/** The brief as lines, and a sentence when nothing happened. */
export function briefLines(state: State, since: Ms, now: Ms): string[] {
  const all = decidedSince(state, since);
  const head =
    since === 0 ? 'since the beginning:' : `since ${isoTime(since).slice(0, 16).replace('T', ' ')} (${duration(now - since)} ago):`;
  const waiting = Object.values(state.coordinator.handoffs).filter(({ question, closedAt }) => question !== null && closedAt === null);
  return [
    all.length === 0 ? `${head} nothing was decided` : `${head} ${all.length} decided`,
    ...all.flatMap(({ handoff, at, decision, by, task, why, back }) => [
      `  ${isoTime(at).slice(11, 16)}  ${handoff}  ${decision} by ${by}  "${task}"`,
      ...(why === null ? [] : [`         because ${why}`]),
      ...(back === null ? [] : [`         to take it back: ${back}`]),
    ]),
    ...Object.values(state.coordinator.handoffs).flatMap((handoff) => stillToCome(handoff, now)),
    ...(waiting.length === 0
      ? ['nothing waits for you']
      : waiting.map(({ id, question }) => `⚑ ${id} waits for you: ${plain(question?.context ?? '', 200)}`)),
  ];
}
