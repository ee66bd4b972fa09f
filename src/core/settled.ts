/**
 * What became of each handoff, as one row a handoff: the ground on which indicators and reviews stand
 * (PROTOCOL section 10). Counted by the final decision, from the state that the journal folds to and from nothing else.
 */
import { everyHandoff } from './archive.ts';
import type { HandoffFacts } from './archived-handoff.ts';
import type { HandoffId, InstanceId, Ms } from './ids.ts';
import type { DialChange, HistoryEntry, State } from './state.ts';

export type Settled = {
  readonly handoff: HandoffId;
  readonly from: InstanceId;
  readonly at: Ms;
  readonly how: 'approved' | 'withdrawn';
  /** By the coordinator, with no word of the operator's on the way. */
  readonly auto: boolean;
  /** The operator was asked, or had his own way. */
  readonly intervened: boolean;
  /** From ready to approved, remediation included, without the time in which the autopilot was only looking on; null: withdrawn. */
  readonly cycleMs: Ms | null;
  /** Approved by its first round. */
  readonly firstPass: boolean;
  readonly denials: number;
  /** At least one CRITICAL violation was found on the way. */
  readonly critical: boolean;
};

/** Dials under which the coordinator decides nothing by itself. */
const LOOKS_ON = new Set(['watch', 'suggest']);

/**
 * Every handoff that was decided for good, oldest first. One that was opened again or given to another instance is open
 * until it is decided anew. A decision made while the dial was at `watch` or `suggest` is left out. What was decided
 * before `since` need not be asked for.
 */
export function settledOf(state: State, since: Ms = 0): Settled[] {
  const manual = manualTimes(state);
  return everyHandoff(state, since)
    .flatMap((handoff) => settle(handoff, manual))
    .toSorted((a, b) => a.at - b.at || (a.handoff < b.handoff ? -1 : 1));
}

type Span = readonly [from: Ms, to: Ms];

function settle(handoff: HandoffFacts, manual: readonly Span[]): Settled[] {
  const { history } = handoff;
  const anew = history.findLastIndex(({ move }) => move === 'reopen' || move === 'reassign');
  const lap = history.slice(Math.max(0, anew));
  const decision = lap.findLast(({ move }) => move === 'approve') ?? withdrawnWork(lap);
  if (decision === undefined || manual.some(([from, to]) => decision.at >= from && decision.at < to)) return [];
  const readyAt = lap.find(({ to }) => to === 'HANDOFF_READY')?.at ?? decision.at;
  const asked = handoff.rounds.some(({ verdict }) => verdict?.kind === 'escalate') || handoff.answers.length > 0;
  const own = history.some(({ move }) => move === 'reopen' || move === 'reassign') || decision.by !== handoff.verifier;
  const approved = decision.move === 'approve';
  return [
    {
      handoff: handoff.id,
      from: handoff.from,
      at: decision.at,
      how: approved ? 'approved' : 'withdrawn',
      auto: approved && !asked && !own,
      intervened: asked || own,
      cycleMs: approved ? decision.at - readyAt - overlap([readyAt, decision.at], manual) : null,
      firstPass: approved && !history.some(({ move }) => move === 'deny'),
      denials: history.filter(({ move }) => move === 'deny').length,
      critical: handoff.rounds.some(({ verdict }) => verdict?.reasons.some(({ rule }) => rule === 'critical-violation')),
    },
  ];
}

/** Work that was called ready and then closed without an approval; what was withdrawn before says nothing. */
function withdrawnWork(lap: readonly HistoryEntry[]): HistoryEntry | undefined {
  return lap.some(({ to }) => to === 'HANDOFF_READY') ? lap.findLast(({ move }) => move === 'withdraw') : undefined;
}

/** When the coordinator decided nothing by itself: paused, or a dial that only looks on. */
function manualTimes({ coordinator }: State): Span[] {
  const spans: Span[] = [];
  let since: Ms | null = null;
  for (const { at, dial, paused } of coordinator.dials ?? []) {
    const manual = paused || LOOKS_ON.has(dial);
    if (manual) since ??= at;
    else if (since !== null) {
      spans.push([since, at]);
      since = null;
    }
  }
  return since === null ? spans : [...spans, [since, Number.POSITIVE_INFINITY]];
}

function overlap([from, to]: Span, spans: readonly Span[]): Ms {
  return spans.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(to, b) - Math.max(from, a)), 0);
}

/** Changes of the dial are kept for this many turns of it: more than any window of the indicators holds. */
const DIALS_KEPT = 2000;

/** The dial as it is from now on, for the times that the indicators leave out. Nothing is added when nothing changed. */
export function dialled(before: readonly DialChange[] | undefined, now: DialChange): readonly DialChange[] {
  const last = before?.at(-1);
  if (last !== undefined && last.dial === now.dial && last.paused === now.paused) return before ?? [];
  return [...(before ?? []), now].slice(-DIALS_KEPT);
}
