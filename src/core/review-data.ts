/**
 * What a review looks at (P1, continuous improvement; PROTOCOL section 10): times by phase, checks, denials, rows of the
 * verdict that fired, what each instance did, how long words took. Facts with the handoffs behind them, no advice yet.
 */

import { everyHandoff } from './archive.ts';
import type { HandoffFacts, RoundFacts } from './archived-handoff.ts';
import { PHASES, type Phase } from './handoff.ts';
import type { CheckId, HandoffId, InstanceId, Ms } from './ids.ts';
import { median } from './kpi.ts';
import type { State } from './state.ts';

export const REVIEWS = ['weekly', 'monthly'] as const;
export type ReviewKind = (typeof REVIEWS)[number];

export type PhaseTime = {
  readonly phase: Phase;
  readonly totalMs: Ms;
  readonly medianMs: Ms;
  readonly longest: { readonly handoff: HandoffId; readonly ms: Ms };
};

export type CheckStory = {
  readonly check: CheckId;
  readonly runs: number;
  readonly medianMs: Ms;
  readonly longestMs: Ms;
  readonly failed: number;
  readonly didNotRun: number;
  /** Handoffs in which the same tree got different outcomes. */
  readonly flaky: readonly HandoffId[];
};

export type Pattern = { readonly rule: string; readonly check: CheckId | null; readonly handoffs: readonly HandoffId[] };

export type InstanceStory = {
  readonly instance: InstanceId;
  readonly types: Readonly<Record<string, number>>;
  readonly handoffs: number;
  readonly denials: number;
  /** From the delegation to its acknowledgment; empty when none was acknowledged. */
  readonly ackMs: readonly Ms[];
  readonly reminders: number;
  readonly questions: number;
};

export type ReviewData = {
  readonly from: Ms;
  readonly to: Ms;
  readonly handoffs: number;
  readonly phases: readonly PhaseTime[];
  /** From the escalation to the operator's word. */
  readonly waitsForYou: readonly { readonly handoff: HandoffId; readonly ms: Ms }[];
  readonly checks: readonly CheckStory[];
  readonly denials: readonly Pattern[];
  readonly escalations: readonly Pattern[];
  /** How often each row of the verdict's table decided. */
  readonly rows: Readonly<Record<number, readonly HandoffId[]>>;
  readonly instances: readonly InstanceStory[];
};

/** Everything between the two instants; a phase that began before counts from the beginning of the window. */
export function reviewData(state: State, from: Ms, to: Ms): ReviewData {
  const all = everyHandoff(state, from).filter(({ createdAt, closedAt }) => createdAt <= to && (closedAt === null || closedAt >= from));
  const rounds = all.flatMap((handoff) =>
    handoff.rounds.filter((round) => isIn(round.finishedAt, from, to)).map((round) => ({ handoff, round })),
  );
  const judged = rounds.filter(({ round }) => round.verdict !== null);
  return {
    from,
    to,
    handoffs: all.length,
    phases: phaseTimes(all, from, to),
    waitsForYou: all.flatMap((handoff) => waits(handoff, from, to)).toSorted((a, b) => b.ms - a.ms),
    checks: checkStories(rounds),
    denials: patterns(judged.filter(({ round }) => round.verdict?.kind === 'deny')),
    escalations: patterns(judged.filter(({ round }) => round.verdict?.kind === 'escalate')),
    rows: rowsFired(judged),
    instances: state.coordinator.config.instances
      .map(({ id }) => instanceStory(id, all, from, to))
      .filter(({ handoffs, reminders }) => handoffs + reminders > 0),
  };
}

function isIn(at: Ms | null, from: Ms, to: Ms): at is Ms {
  return at !== null && at >= from && at <= to;
}

type Stay = { readonly handoff: HandoffId; readonly phase: Phase; readonly ms: Ms };

/** How long the handoff stayed in each phase inside the window; the last one until it was closed, or until now. */
function stays(handoff: HandoffFacts, from: Ms, to: Ms): Stay[] {
  return handoff.history.flatMap((entry, index): Stay[] => {
    if (entry.to === 'CLOSED') return [];
    const end = handoff.history[index + 1]?.at ?? handoff.closedAt ?? to;
    const ms = Math.min(end, to) - Math.max(entry.at, from);
    return ms > 0 ? [{ handoff: handoff.id, phase: entry.to, ms }] : [];
  });
}

/** Phases in which somebody works, waits or is waited for; standing by and being done cost nobody anything. */
const COSTING: readonly Phase[] = PHASES.filter((phase) => phase !== 'STANDBY' && phase !== 'HANDOFF_COMPLETE');

function phaseTimes(all: readonly HandoffFacts[], from: Ms, to: Ms): PhaseTime[] {
  const every = all.flatMap((handoff) => stays(handoff, from, to));
  return COSTING.flatMap((phase): PhaseTime[] => {
    const those = every.filter((stay) => stay.phase === phase).toSorted((a, b) => b.ms - a.ms);
    const [longest] = those;
    if (longest === undefined) return [];
    const totalMs = those.reduce((sum, { ms }) => sum + ms, 0);
    return [{ phase, totalMs, medianMs: median(those.map(({ ms }) => ms)), longest: { handoff: longest.handoff, ms: longest.ms } }];
  }).toSorted((a, b) => b.totalMs - a.totalMs);
}

function waits(handoff: HandoffFacts, from: Ms, to: Ms) {
  return handoff.answers
    .filter(({ at }) => isIn(at, from, to))
    .flatMap(({ at, epoch }) => {
      const asked = handoff.rounds.find((round) => round.epoch === epoch && round.verdict?.kind === 'escalate')?.finishedAt ?? null;
      return asked === null || asked > at ? [] : [{ handoff: handoff.id, ms: at - asked }];
    });
}

type Ran = { readonly handoff: HandoffFacts; readonly round: RoundFacts };

function checkStories(rounds: readonly Ran[]): CheckStory[] {
  const byCheck = new Map<CheckId, { ran: Ran; outcome: string; durationMs: number }[]>();
  for (const ran of rounds) {
    for (const { check, outcome, durationMs } of ran.round.checks) {
      if (outcome === 'skipped') continue;
      byCheck.set(check, [...(byCheck.get(check) ?? []), { ran, outcome, durationMs }]);
    }
  }
  return [...byCheck]
    .map(
      ([check, runs]): CheckStory => ({
        check,
        runs: runs.length,
        medianMs: median(runs.map(({ durationMs }) => durationMs)),
        longestMs: Math.max(...runs.map(({ durationMs }) => durationMs)),
        failed: runs.filter(({ outcome }) => outcome === 'failed').length,
        didNotRun: runs.filter(({ outcome }) => outcome === 'did-not-run').length,
        flaky: flakyIn(runs),
      }),
    )
    .toSorted((a, b) => b.medianMs - a.medianMs || (a.check < b.check ? -1 : 1));
}

/** The same tree, different outcomes: the check says something about itself, not about the work. */
function flakyIn(runs: readonly { ran: Ran; outcome: string }[]): HandoffId[] {
  const byTree = new Map<string, { outcomes: Set<string>; handoff: HandoffId }>();
  for (const { ran, outcome } of runs) {
    const tree = ran.round.judged?.tree;
    if (tree === undefined) continue;
    const seen = byTree.get(tree) ?? { outcomes: new Set(), handoff: ran.handoff.id };
    seen.outcomes.add(outcome);
    byTree.set(tree, seen);
  }
  return [...new Set([...byTree.values()].filter(({ outcomes }) => outcomes.size > 1).map(({ handoff }) => handoff))];
}

/** The reasons of these rounds' deciding rows, the most frequent first, with the handoffs that they fell in. */
function patterns(rounds: readonly Ran[]): Pattern[] {
  const found = new Map<string, { rule: string; check: CheckId | null; handoffs: Set<HandoffId> }>();
  for (const { handoff, round } of rounds) {
    for (const { row, rule, check } of round.verdict?.reasons ?? []) {
      if (row !== round.verdict?.row) continue;
      const key = `${rule} ${check ?? ''}`;
      const pattern = found.get(key) ?? { rule, check: check ?? null, handoffs: new Set() };
      pattern.handoffs.add(handoff.id);
      found.set(key, pattern);
    }
  }
  return [...found.values()]
    .map(({ rule, check, handoffs }) => ({ rule, check, handoffs: [...handoffs] }))
    .toSorted((a, b) => b.handoffs.length - a.handoffs.length || (`${a.rule}${a.check}` < `${b.rule}${b.check}` ? -1 : 1));
}

function rowsFired(rounds: readonly Ran[]): Record<number, HandoffId[]> {
  const rows: Record<number, HandoffId[]> = {};
  for (const { handoff, round } of rounds) {
    const row = round.verdict?.row;
    if (row !== undefined) rows[row] = [...(rows[row] ?? []), handoff.id];
  }
  return rows;
}

function instanceStory(instance: InstanceId, all: readonly HandoffFacts[], from: Ms, to: Ms): InstanceStory {
  const own = all.filter((handoff) => handoff.from === instance);
  const sent = all.flatMap((handoff) =>
    handoff.to === instance && handoff.delegation !== null ? [{ handoff, delegation: handoff.delegation }] : [],
  );
  const types: Record<string, number> = {};
  for (const { type } of own) types[type ?? 'untyped'] = (types[type ?? 'untyped'] ?? 0) + 1;
  return {
    instance,
    types,
    handoffs: own.length,
    denials: own.flatMap(({ history }) => history.filter(({ move, at }) => move === 'deny' && isIn(at, from, to))).length,
    ackMs: sent.flatMap(({ handoff, delegation }) => {
      const transferred = handoff.history.find(({ move, at }) => move === 'transfer' && isIn(at, from, to))?.at;
      return transferred === undefined || transferred < delegation.sentAt ? [] : [transferred - delegation.sentAt];
    }),
    reminders: sent.reduce((sum, { delegation }) => sum + (isIn(delegation.sentAt, from, to) ? delegation.reminders : 0), 0),
    questions: own.reduce((sum, { questions }) => sum + questions.length, 0),
  };
}
