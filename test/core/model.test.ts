/** Random histories against the invariants that no transcript can cover one by one (PROTOCOL sections 1, 2 and 5). */
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/command.ts';
import type { Actor, Event } from '../../src/core/event.ts';
import { explainHandoff } from '../../src/core/explain.ts';
import { ALL_MOVES, MOVES } from '../../src/core/handoff.ts';
import type { HandoffId, InstanceId } from '../../src/core/ids.ts';
import { initialState } from '../../src/core/initial.ts';
import { narrate } from '../../src/core/narrate.ts';
import { compareInQueue } from '../../src/core/queue.ts';
import type { Outcome, RoundReport } from '../../src/core/report.ts';
import type { Handoff, State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { applyOps, diff, type JsonObject } from '../../src/core/tree.ts';
import { storyConfig } from '../transcripts/runner.ts';

/** A small generator with a seed: a failure names its history. */
function dice(seed: number) {
  let state = seed | 1;
  const roll = (sides: number) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state ^= state << 7;
    return (state >>> 0) % sides;
  };
  return { roll, pick: <T>(items: readonly T[]): T => items[roll(items.length)] as T, chance: (oneIn: number) => roll(oneIn) === 0 };
}
type Dice = ReturnType<typeof dice>;

const OPERATOR: Actor = { kind: 'operator', terminal: true, name: 'ann' };
const INSTANCES = ['instance-1', 'instance-2'] as InstanceId[];
const OUTCOMES: readonly Outcome[] = ['passed', 'passed', 'passed', 'failed', 'did-not-run', 'skipped', 'failed-on-base'];

type Body = Event extends infer E ? (E extends Event ? Omit<E, 'at' | 'seed'> : never) : never;

function anything(state: State, d: Dice): Body {
  const ids = Object.keys(state.coordinator.handoffs) as HandoffId[];
  const handoff = ids.length === 0 ? ('h-0000' as HandoffId) : d.pick(ids);
  const instance = d.pick(INSTANCES);
  const running = Object.values(state.coordinator.handoffs).find((one) => one.rounds.at(-1)?.end === null);
  if (running !== undefined && d.chance(2)) return finished(state, running.id, d);
  const kinds: readonly (() => Body)[] = [
    () => ({ type: 'tick', cause: 'timer' }),
    () => edit(instance, 'status', d.pick(['HANDOFF_READY', 'COMPLETED', 'APPROVED', 'ACTIVE', 'odd', 'FAILED'])),
    () => edit(instance, 'readyForHandoff', d.chance(2)),
    () => edit(instance, 'acknowledgments', [`[ACK] ${handoff} - ${d.pick(['RECEIVED', 'QUEUED', 'REJECTED'])}\nReason: no\nNote: later`]),
    () => ({
      type: 'pane.exited',
      instance,
      pid: state.coordinator.instances[instance]?.pid ?? 1,
      exitCode: d.roll(2),
      signal: d.chance(3) ? 'SIGKILL' : null,
    }),
    () => ({ type: 'pane.started', instance, pid: 100 + d.roll(900) }),
    () => ({ type: 'room.started', config: state.coordinator.config, tree: { commit: 'c', tree: 't' }, sessionId: 's' }),
    () => finished(state, handoff, d),
    () => command(OPERATOR, verbOf(state, handoff, instance, d)),
    () => command(OPERATOR, verbOf(state, handoff, instance, d)),
    () =>
      command(
        { kind: 'instance', instance },
        {
          verb: 'ready',
          instance,
          summary: 's',
          artifacts: [],
          to: d.chance(2) ? d.pick(INSTANCES) : null,
          questions: d.chance(5) ? ['?'] : [],
        },
      ),
    () =>
      command(
        { kind: 'instance', instance },
        { verb: 'ack', instance, task: handoff, status: d.pick(['RECEIVED', 'QUEUED', 'REJECTED', 'CLARIFICATION_NEEDED']), text: 't' },
      ),
  ];
  return d.pick(kinds)();
}

function edit(instance: InstanceId, field: string, value: string | boolean | string[]): Body {
  return { type: 'status.edited', source: 'status', edits: [{ path: ['instances', instance, field], value }], refused: [] };
}

function command(by: Actor, given: Command): Body {
  return { type: 'command', by, command: given, tree: { commit: 'c', tree: 't' } };
}

function verbOf(state: State, handoff: HandoffId, instance: InstanceId, d: Dice): Command {
  const epoch = d.chance(2) ? null : (state.coordinator.handoffs[handoff]?.epoch ?? 0) - d.roll(2);
  return d.pick<() => Command>([
    () => ({
      verb: 'assign',
      instance,
      task: 'work',
      type: null,
      priority: d.pick(['critical', 'high', 'medium', 'low']),
      depends: d.chance(4) ? [handoff] : [],
      required: [],
      next: d.chance(2) ? d.pick(INSTANCES) : null,
    }),
    () => ({ verb: 'approve', handoff, epoch, reason: null }),
    () => ({ verb: 'deny', handoff, epoch, reason: 'no' }),
    () => ({ verb: 'answer', handoff, epoch, text: d.pick(['approve', 'deny', 'again', 'wait', 'withdraw', 'words']) }),
    () => ({ verb: 'tick', handoff, epoch, box: 1 + d.roll(3), off: d.chance(4) }),
    () => ({ verb: 'override', handoff, epoch, move: d.pick(ALL_MOVES), reason: 'because' }),
    () => ({ verb: 'undo', handoff: d.chance(2) ? handoff : null }),
    () => ({ verb: 'verify', handoff }),
    () => ({ verb: 'cancel', handoff }),
    () => ({ verb: d.pick(['hold', 'unhold']), handoff }),
    () => ({ verb: 'prioritise', handoff, priority: 'high' }),
    () => ({ verb: 'withdraw', handoff, reason: null }),
    () => ({ verb: 'reassign', handoff, instance, reason: 'r' }),
    () => ({ verb: 'reopen', handoff, reason: 'r' }),
    () => ({ verb: d.pick(['new', 'close', 'restart']), instance }),
    () => ({ verb: 'autopilot', set: d.pick(['watch', 'suggest', 'countdown', 'act', 'pause', 'resume']) }),
  ])();
}

function finished(state: State, id: HandoffId, d: Dice): Body {
  const handoff = state.coordinator.handoffs[id];
  const epoch = (handoff?.epoch ?? 0) - (d.chance(4) ? 1 : 0);
  const checks = state.coordinator.config.verification.checks.map((spec) => {
    const outcome = d.pick(OUTCOMES);
    return {
      check: spec.id,
      phase: spec.phase,
      layer: spec.layer,
      critical: spec.critical,
      command: spec.command,
      outcome,
      reason: outcome,
      exitCode: outcome === 'passed' ? 0 : 1,
      signal: null,
      startedAt: 0,
      durationMs: 1,
      tests: null,
      violations: [],
      benchmarks: [],
      coveragePercent: null,
      disagrees: false,
      flaky: false,
      log: null,
      logSha256: null,
    };
  });
  const tree = { commit: 'c', tree: `t${epoch}` };
  const report: RoundReport = {
    handoff: id,
    epoch,
    base: null,
    judged: tree,
    judgedAfter: tree,
    voided: d.chance(6),
    cancelled: d.chance(9),
    trouble: d.chance(9) ? 'no disk' : null,
    changed: [],
    judgeTouched: d.chance(5) ? ['package.json'] : [],
    uncovered: [],
    checks,
    startedAt: 0,
    finishedAt: 1,
    evidence: { path: 'e', sha256: 'x' },
  };
  return { type: 'verification.finished', handoff: id, epoch, report };
}

function check(before: State, event: Event, after: State): void {
  const { handoffs, instances } = after.coordinator;
  for (const handoff of Object.values(handoffs)) {
    const was = before.coordinator.handoffs[handoff.id];
    // Nothing is lost: a handoff stays, and its history only grows.
    expect(handoff.history.slice(0, was?.history.length ?? 0)).toEqual(was?.history ?? []);
    for (const entry of handoff.history.slice(was?.history.length ?? 0)) {
      if (entry.move === 'approve') approvedRightly(before, after, event, handoff.id, entry.by);
      if (['reassign', 'reopen', 'withdraw'].includes(entry.move)) expect(entry.by).toBe('ann');
      expect(Object.values(MOVES).some((row) => entry.move in row)).toBe(true);
    }
    // Nothing is verified twice in one epoch.
    expect(new Set(handoff.rounds.map((round) => round.epoch)).size).toBe(handoff.rounds.length);
    expect(handoff.rounds.filter((round) => round.end === null).length).toBeLessThanOrEqual(1);
    if (handoff.closedAt !== null) expect(handoff.rounds.every((round) => round.end !== null)).toBe(true);
    if (handoff.rounds.at(-1)?.end === null) expect(handoff.phase).toBe('VERIFICATION');
  }
  for (const id of Object.keys(instances)) {
    expect(Object.values(handoffs).filter((one) => one.closedAt === null && one.from === id).length).toBeLessThanOrEqual(1);
  }
  fair(before, after, event);
  for (const handoff of Object.values(handoffs)) if (handoff.closedAt === null) hasReason(after, handoff);
  // One at a time; only what the operator started, or what is begun anew, may run beside it.
  const begun = Object.values(handoffs).filter((one) => one.closedAt === null && one.rounds.at(-1)?.end === null);
  const byItself = begun.filter((one) => {
    const last = one.history.findLast((entry) => entry.move === 'verify' || entry.move === 'again');
    return last?.move === 'verify' && last.by !== 'ann';
  });
  expect(byItself.length).toBeLessThanOrEqual(after.coordinator.config.policy.verificationConcurrency);
  for (const ids of Object.keys(handoffs)) {
    const told = explainHandoff(after, ids as HandoffId, event.at);
    expect(told.sentence.length).toBeGreaterThan(10);
  }
  narrate(before, after);
  const ops = diff(before as unknown as JsonObject, after as unknown as JsonObject);
  expect(applyOps(before as unknown as JsonObject, ops)).toEqual(JSON.parse(JSON.stringify(after)));
}

/** Only the verdict over that very round and tree, or the operator's word. */
function approvedRightly(before: State, after: State, event: Event, id: HandoffId, by: string): void {
  const handoff = after.coordinator.handoffs[id];
  const round = handoff?.rounds.at(-1);
  if (by === 'ann') {
    const given = before.coordinator.handoffs[id]?.pending;
    if (event.type !== 'command') expect(given).toMatchObject({ by: 'ann', decision: 'approve' });
    return;
  }
  const spoken =
    handoff?.answers.some(({ decision, epoch }) => epoch === handoff.epoch && (decision === 'answer' || decision === 'tick')) ?? false;
  expect(round).toMatchObject({ end: 'judged', epoch: handoff?.epoch });
  expect(round?.verdict?.kind === 'approve' || spoken).toBe(true);
  expect(round?.checks.some((one) => one.outcome === 'passed')).toBe(true);
  expect(round?.checks.every((one) => ['passed', 'skipped'].includes(one.outcome))).toBe(true);
  // The ground that the instance stands on from now is the tree that was judged, and every box was ticked over it.
  const owner = handoff?.from === undefined ? undefined : after.coordinator.instances[handoff.from];
  expect(owner?.base).toEqual(round?.judged);
  for (const { text } of after.coordinator.config.verification.criteria)
    expect(handoff?.ticks?.some((tick) => tick.box === text && tick.tree === round?.judged?.tree)).toBe(true);
}

/** Who is verified first is who comes first in the queue, and nobody waits while there is nothing to wait for. */
function fair(before: State, after: State, event: Event): void {
  const { autopilot, config, handoffs } = after.coordinator;
  const open = Object.values(handoffs).filter(({ closedAt }) => closedAt === null);
  const waiting = open.filter(({ phase, held }) => phase === 'HANDOFF_READY' && !held);
  for (const one of open) {
    const begun = one.history.slice(before.coordinator.handoffs[one.id]?.history.length ?? 0);
    const byItself = begun.some(({ move, by }) => move === 'verify' && by === one.verifier);
    if (byItself) for (const other of waiting) expect(compareInQueue(one, other)).toBeLessThanOrEqual(0);
  }
  const free = config.policy.verificationConcurrency - open.filter((one) => one.rounds.at(-1)?.end === null).length;
  if (!autopilot.paused && autopilot.dial !== 'watch' && event.type === 'tick' && free > 0) expect(waiting).toEqual([]);
}

/** Nothing is stuck: whoever has to move is known, and is told when it is the operator. */
function hasReason(state: State, handoff: Handoff): void {
  if (handoff.phase !== 'VERIFICATION') return;
  const runs = handoff.rounds.at(-1)?.end === null;
  expect([runs, handoff.question !== null, handoff.pending !== null].filter(Boolean).length, `${handoff.id} in VERIFICATION`).toBe(1);
  if (handoff.pending !== null) expect(handoff.pending.epoch).toBe(handoff.epoch);
  if (handoff.question !== null) expect(handoff.question.options.length).toBeGreaterThan(0);
  expect(explainHandoff(state, handoff.id, 0).sentence).not.toContain('no run is under way');
}

const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 40);
/** Long: MODEL_HISTORIES=2000 MODEL_EVENTS=1000 npm run model. */
const EVENTS = Number(process.env.MODEL_EVENTS ?? 150);

describe('the core under random histories', () => {
  test(`${HISTORIES} histories of ${EVENTS} events keep every invariant`, () => {
    const moves = new Set<string>();
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const d = dice(seed * 7919);
      const story = storyConfig(['schema', 'unit'], d.pick(['act', 'countdown', 'suggest']));
      const criteria = d.chance(3) ? [{ text: 'seen on a phone', check: null, informational: false }] : [];
      const config = {
        ...story,
        policy: { ...story.policy, undoMs: d.pick([0, 10_000]) },
        verification: { ...story.verification, criteria },
      };
      let state = initialState(config, 's', 0);
      /** What a room that was killed would read from the journal. */
      let folded = state as unknown as JsonObject;
      let at = 1_000_000;
      for (let index = 0; index < EVENTS; index++) {
        at += d.pick([1, 1000, 30_000, 400_000]);
        const body: Body =
          index === 0 ? { type: 'room.started', config: state.coordinator.config, tree: null, sessionId: 's' } : anything(state, d);
        const event = { ...body, at, seed: `${seed}-${index}` } as Event;
        let next: State;
        try {
          next = step(state, event).state;
          check(state, event, next);
        } catch (error) {
          throw new Error(
            `history ${seed}, event ${index} (${JSON.stringify(body).slice(0, 300)}): ${error instanceof Error ? error.message : error}`,
          );
        }
        folded = applyOps(folded, diff(state as unknown as JsonObject, next as unknown as JsonObject));
        state = next;
      }
      expect(folded).toEqual(JSON.parse(JSON.stringify(state)));
      for (const handoff of Object.values(state.coordinator.handoffs)) for (const entry of handoff.history) moves.add(entry.move);
    }
    // The generator is worth something only while it gets everywhere.
    expect([...moves].sort()).toEqual(
      Object.values(MOVES)
        .flatMap((row) => Object.keys(row))
        .filter((move, index, all) => all.indexOf(move) === index)
        .sort(),
    );
  }, 600_000);
});
