/** What may happen next in a random history: the generator of the model test. */
import type { Command } from '../../../src/core/command.ts';
import type { Actor, Event } from '../../../src/core/event.ts';
import { ALL_MOVES } from '../../../src/core/handoff.ts';
import type { HandoffId, InstanceId } from '../../../src/core/ids.ts';
import type { CheckReport, Outcome, RoundReport, Violation } from '../../../src/core/report.ts';
import type { State } from '../../../src/core/state.ts';
import { merged, underWay } from './merging.ts';

/** A small generator with a seed: a failure names its history. */
export function dice(seed: number) {
  let state = seed | 1;
  const roll = (sides: number) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state ^= state << 7;
    return (state >>> 0) % sides;
  };
  return { roll, pick: <T>(items: readonly T[]): T => items[roll(items.length)] as T, chance: (oneIn: number) => roll(oneIn) === 0 };
}
export type Dice = ReturnType<typeof dice>;

const OPERATOR: Actor = { kind: 'operator', terminal: true, name: 'ann' };
export const INSTANCES = ['instance-1', 'instance-2', 'instance-4', 'instance-5', 'instance-6'] as InstanceId[];
const OUTCOMES: readonly Outcome[] = ['passed', 'passed', 'passed', 'failed', 'did-not-run', 'skipped', 'failed-on-base'];

export type Body = Event extends infer E ? (E extends Event ? Omit<E, 'at' | 'seed'> : never) : never;

export function anything(state: State, d: Dice): Body {
  const ids = Object.keys(state.coordinator.handoffs) as HandoffId[];
  const handoff = ids.length === 0 ? ('h-0000' as HandoffId) : d.pick(ids);
  const workers = state.coordinator.config.instances.filter(({ command: own }) => own !== null).map(({ id }) => id);
  const instance = d.pick(workers);
  const running = Object.values(state.coordinator.handoffs).find((one) => one.rounds.at(-1)?.end === null);
  if (running !== undefined && d.chance(2)) return finished(state, running.id, d);
  const stopped = Object.values(state.coordinator.handoffs).find(({ question }) => question?.kind === 'integration');
  if (stopped !== undefined && d.chance(3))
    return command(OPERATOR, { verb: 'answer', handoff: stopped.id, epoch: null, text: d.pick(['merge', 'leave', 'accept']) });
  const merging = Object.values(state.coordinator.handoffs).find(underWay);
  if (merging !== undefined && d.chance(2)) return mergeHome(state, merging.id, d);
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
    () => mergeHome(state, handoff, d),
    () => command(OPERATOR, verbOf(state, handoff, [instance, d.pick(workers)], d)),
    () => command(OPERATOR, verbOf(state, handoff, [instance, d.pick(workers)], d)),
    () =>
      command(
        { kind: 'instance', instance },
        {
          verb: 'ready',
          instance,
          summary: 's',
          artifacts: [],
          to: d.chance(2) ? d.pick(workers) : null,
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

function verbOf(state: State, handoff: HandoffId, [instance, other]: readonly [InstanceId, InstanceId], d: Dice): Command {
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
      next: d.chance(2) ? other : null,
      queue: d.chance(3),
    }),
    () => ({ verb: 'approve', handoff, epoch, reason: null }),
    () => ({ verb: 'deny', handoff, epoch, reason: 'no' }),
    () => ({
      verb: 'answer',
      handoff,
      epoch,
      text: d.pick(['approve', 'deny', 'again', 'wait', 'withdraw', 'words', 'merge', 'leave', 'accept']),
    }),
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
    () => (d.chance(4) ? { verb: 'emergency-stop', except: null } : { verb: 'autopilot', set: 'resume' }),
    () => ({ verb: 'autopilot', set: d.pick(['watch', 'suggest', 'countdown', 'act', 'pause', 'resume']) }),
  ])();
}

function mergeHome(state: State, handoff: HandoffId, d: Dice): Body {
  const run = finished(state, handoff, d);
  if (run.type !== 'verification.finished') throw new Error(`${run.type} has no report`);
  return merged(state, handoff, run.report, d);
}

function finished(state: State, id: HandoffId, d: Dice): Body {
  const handoff = state.coordinator.handoffs[id];
  const epoch = (handoff?.epoch ?? 0) - (d.chance(4) ? 1 : 0);
  const checks = state.coordinator.config.verification.checks.map((spec): CheckReport => {
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
      tests: d.chance(4) ? { total: 9, passed: 9, failed: 0, skipped: 0 } : null,
      violations: d.chance(8) ? [violation(d)] : [],
      benchmarks: d.chance(6) ? [{ name: 'p95', value: 100 + d.roll(60), unit: 'ms', better: 'lower' }] : [],
      coveragePercent: d.chance(6) ? 70 + d.roll(30) : null,
      ...(d.chance(5) ? { provides: [`table t${d.roll(3)}`] } : {}),
      disagrees: d.chance(20),
      flaky: d.chance(20),
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
    uncovered: d.chance(9) ? ['new.zig'] : [],
    checks,
    startedAt: 0,
    finishedAt: 1,
    evidence: { path: 'e', sha256: 'x' },
  };
  return { type: 'verification.finished', handoff: id, epoch, report };
}

function violation(d: Dice): Violation {
  return { type: d.pick(['style', 'missing-handler']), severity: d.pick(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']), description: 'x' };
}
