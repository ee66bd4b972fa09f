/** Days of coordination on the bench: stories that run side by side over a clock that the test turns, each waiting in minutes of it. */
import { everyHandoff } from '../../src/core/archive.ts';
import type { Command } from '../../src/core/command.ts';
import type { Config, Dial } from '../../src/core/config.ts';
import type { CheckId, HandoffId, InstanceId } from '../../src/core/ids.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { CheckReport, CheckSpec, Outcome, Severity } from '../../src/core/report.ts';
import type { Handoff } from '../../src/core/state.ts';
import { as, type Bench, CONFIG, checkReport, ONE, OPERATOR, TWO, UNIT } from './bench.ts';

export const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;
const FOUR = 'instance-4' as InstanceId;

const check = (id: string, more: Partial<CheckSpec> = {}): CheckSpec => ({ ...UNIT, id: id as CheckId, timeoutMs: 600_000, ...more });

/** Four instances, a check that is slow and one that is moody; a look every five minutes, since days have to pass. */
export const BUSY: Config = {
  ...CONFIG,
  instances: CONFIG.instances.flatMap((one) => (one.id === TWO ? [one, { ...one, id: FOUR, role: 'backend' }] : [one])),
  policy: { ...DEFAULT_POLICY, monitorIntervalMs: 5 * MINUTE, undoMs: 10_000, restartCap: 3 },
  verification: { ...CONFIG.verification, checks: [check('unit'), check('slow'), check('moody', { critical: false })] },
};

/** What a round comes home with; what is not named has passed. */
type Found = { readonly unit?: Outcome; readonly moody?: Outcome; readonly severity?: Severity; readonly tree?: string };
/** A story waits as many minutes as it yields. */
type Story = AsyncGenerator<number, void>;

export type Days = {
  readonly bench: Bench;
  /** Starts a story so many minutes from now. */
  begin(afterMinutes: number, story: (tell: Telling) => Story): void;
  /** Runs all stories, and time with them, for so many minutes. */
  run(minutes: number): Promise<void>;
};

/** What a story can do. */
type Telling = {
  say(command: Command): Promise<void>;
  dial(set: Dial | 'pause' | 'resume'): Promise<void>;
  assign(instance: InstanceId, more?: Partial<Extract<Command, { verb: 'assign' }>>): Promise<HandoffId>;
  ready(instance: InstanceId, more?: Partial<Extract<Command, { verb: 'ready' }>>): Promise<void>;
  ack(instance: InstanceId, task: HandoffId): Promise<void>;
  of(id: HandoffId): Handoff;
  /** Waits for the run of this handoff, lets it take so many minutes, and sends it home. */
  judged(id: HandoffId, minutes: number, found?: Found): Story;
};

export function days(bench: Bench): Days {
  const waiting: { at: number; story: Story }[] = [];
  let rounds = 0;
  const obey = async (...asked: Parameters<Bench['command']>) => {
    const reply = await bench.command(...asked);
    if (!reply.ok) throw new Error(`${JSON.stringify(asked[1])}: ${reply.message}`);
    return reply;
  };
  const of = (id: HandoffId) => {
    const found = bench.handoffs().find((one) => one.id === id);
    if (found === undefined) throw new Error(`no handoff ${id}`);
    return found;
  };
  const telling: Telling = {
    of,
    say: async (command) => void (await obey(OPERATOR, command)),
    dial: async (set) => void (await obey(OPERATOR, { verb: 'autopilot', set })),
    async assign(instance, more = {}) {
      const known = new Set(everyHandoff(bench.coordinator.state()).map(({ id }) => id));
      await obey(OPERATOR, {
        verb: 'assign',
        instance,
        task: `task ${known.size + 1}`,
        type: null,
        priority: 'medium',
        depends: [],
        required: [],
        next: null,
        ...more,
      });
      const made = bench.handoffs().find(({ id }) => !known.has(id));
      if (made === undefined) throw new Error('nothing was assigned');
      return made.id;
    },
    ready: async (instance, more = {}) =>
      void (await obey(as(instance), { verb: 'ready', instance, summary: 'done', artifacts: [], to: null, questions: [], ...more })),
    ack: async (instance, task) => void (await obey(as(instance), { verb: 'ack', instance, task, status: 'RECEIVED', text: null })),
    async *judged(id, minutes, found = {}) {
      while (bench.verifier.under[0]?.handoff !== id) yield 1;
      yield minutes;
      const tree = { commit: 'c', tree: found.tree ?? `tree-${++rounds}` };
      bench.verifier.finish('passed', { checks: checksOf(found), judged: tree, judgedAfter: tree });
      await bench.quiet();
    },
  };
  const look = () => bench.coordinator.state().coordinator.config.policy.monitorIntervalMs;
  const pass = async (ms: number) => {
    bench.clock.advance(ms);
    bench.coordinator.poke('timer');
    await bench.quiet();
  };
  return {
    bench,
    begin(afterMinutes, story) {
      waiting.push({ at: bench.clock.now() + afterMinutes * MINUTE, story: story(telling) });
    },
    async run(minutes) {
      const end = bench.clock.now() + minutes * MINUTE;
      while (bench.clock.now() < end || waiting.some(({ at }) => at <= end)) {
        const next = waiting.toSorted((a, b) => a.at - b.at)[0];
        const until = Math.min(next?.at ?? end, end);
        while (bench.clock.now() < until) await pass(Math.min(look(), until - bench.clock.now()));
        if (next === undefined || next.at > end) continue;
        waiting.splice(waiting.indexOf(next), 1);
        const told = await next.story.next();
        await bench.quiet();
        if (!told.done) waiting.push({ at: bench.clock.now() + told.value * MINUTE, story: next.story });
      }
    },
  };
}

function checksOf({ unit = 'passed', moody = 'passed', severity }: Found): CheckReport[] {
  const report = (id: string, outcome: Outcome, durationMs: number, more: Partial<CheckReport> = {}) =>
    checkReport(outcome, { check: id as CheckId, durationMs, reason: outcome, ...more });
  return [
    report('unit', unit, 2_000, {
      violations: severity === undefined ? [] : [{ type: 'fault', severity, description: 'planted' }],
    }),
    report('slow', 'passed', 400_000),
    report('moody', moody, 30_000, { critical: false }),
  ];
}

const TOLD = { epoch: null, reason: null };

/** The ways in which work goes through a day. Each gets its owner; whoever works in pairs gets both. */
const STORIES: readonly ((owner: InstanceId) => (tell: Telling) => Story)[] = [
  // Straight through.
  (owner) =>
    async function* ({ assign, ready, judged }) {
      const id = await assign(owner);
      yield 20;
      await ready(owner);
      yield* judged(id, 7);
    },
  // Denied once for a CRITICAL violation, fixed.
  (owner) =>
    async function* ({ assign, ready, judged }) {
      const id = await assign(owner);
      yield 9;
      await ready(owner);
      yield* judged(id, 3, { unit: 'failed', severity: 'CRITICAL' });
      yield 11;
      await ready(owner);
      yield* judged(id, 4);
    },
  // A check could not run: the same tree again, and it passes: flaky.
  (owner) =>
    async function* ({ assign, ready, judged, say }) {
      const id = await assign(owner);
      yield 5;
      await ready(owner);
      yield* judged(id, 2, { moody: 'did-not-run', tree: `same-${id}` });
      yield 13;
      await say({ verb: 'answer', handoff: id, epoch: null, text: 'again' });
      yield* judged(id, 2, { tree: `same-${id}` });
    },
  // Not critical, and red: the operator approves; the first word is taken back and given again.
  (owner) =>
    async function* ({ assign, ready, judged, say }) {
      const id = await assign(owner);
      yield 5;
      await ready(owner);
      yield* judged(id, 6, { moody: 'failed' });
      yield 40;
      await say({ verb: 'approve', handoff: id, ...TOLD });
      await say({ verb: 'undo', handoff: id });
      yield 2;
      await say({ verb: 'approve', handoff: id, ...TOLD });
      yield 1;
    },
  // Approved, found bad, opened again, approved anew.
  (owner) =>
    async function* ({ assign, ready, judged, say }) {
      const id = await assign(owner);
      yield 3;
      await ready(owner);
      yield* judged(id, 2);
      yield 45;
      await say({ verb: 'reopen', handoff: id, reason: 'orders are lost' });
      yield* judged(id, 8);
    },
  // Three denials: the third is a question, and the operator denies; then it is fixed.
  (owner) =>
    async function* ({ assign, ready, judged, say }) {
      const id = await assign(owner);
      for (const minutes of [4, 5, 6]) {
        yield minutes;
        await ready(owner);
        yield* judged(id, 2, { unit: 'failed' });
      }
      yield 7;
      await say({ verb: 'deny', handoff: id, epoch: null, reason: 'still wrong' });
      yield 4;
      await ready(owner);
      yield* judged(id, 3);
    },
  // Taken from one and given to the other of its kind.
  (owner) =>
    async function* ({ assign, ready, judged, say, of }) {
      const heir = owner === ONE ? FOUR : ONE;
      // By then the other is through with its own.
      yield 40;
      const id = await assign(owner);
      yield 6;
      await say({ verb: 'reassign', handoff: id, instance: heir, reason: 'it is ill' });
      yield 10;
      await ready(of(id).from);
      yield* judged(id, 4);
    },
  // Withdrawn after it was called ready, and before.
  (owner) =>
    async function* ({ assign, ready, judged, say }) {
      const id = await assign(owner);
      yield 5;
      await ready(owner);
      yield* judged(id, 2, { unit: 'did-not-run' });
      yield 3;
      await say({ verb: 'withdraw', handoff: id, reason: 'not wanted' });
      const early = await assign(owner);
      yield 3;
      await say({ verb: 'withdraw', handoff: early, reason: null });
    },
  // Passed on to the front end, which acknowledges after a reminder and does its part.
  (owner) =>
    async function* ({ assign, ready, judged, ack, of }) {
      const id = await assign(owner, { next: TWO, priority: 'high' });
      yield 8;
      await ready(owner);
      yield* judged(id, 3);
      while (of(id).delegation === null) yield 1;
      yield 6;
      const task = of(id).delegation?.handoff;
      if (task === undefined) throw new Error('nothing was passed on');
      await ack(TWO, task);
      yield 12;
      await ready(TWO);
      yield* judged(task, 5);
    },
  // Forced through against the verdict's row 3.
  (owner) =>
    async function* ({ assign, ready, judged, say }) {
      const id = await assign(owner);
      yield 5;
      await ready(owner);
      yield* judged(id, 2, { unit: 'did-not-run' });
      yield 2;
      await say({ verb: 'override', handoff: id, epoch: null, move: 'approve', reason: 'seen by hand' });
      yield 1;
    },
];

/** The first of them is what most work is like. */
export const straight = STORIES[0] as (owner: InstanceId) => (tell: Telling) => Story;

/** Turns the dial for a while at noon, and decides by hand meanwhile. */
const BY_HAND: readonly ('watch' | 'suggest' | 'pause')[] = ['suggest', 'pause', 'watch'];

/** One day: every story once, owned in turn; at its middle an hour in which only the operator decides. */
export async function oneDay(lived: Days, day: number): Promise<void> {
  const owners = [ONE, FOUR];
  for (const [index, story] of STORIES.entries())
    lived.begin(30 + Math.floor(index / 2) * 95, story(owners[(index + day) % 2] as InstanceId));
  lived.begin(620, async function* ({ dial, assign, ready, judged, say, of }) {
    const set = BY_HAND[day % BY_HAND.length] ?? 'suggest';
    const id = await assign(ONE);
    yield 10;
    await ready(ONE);
    yield* judged(id, 3, { unit: 'failed', severity: 'CRITICAL' });
    await dial(set === 'pause' ? 'pause' : set);
    yield 30;
    await ready(ONE);
    // Where not even a run begins by itself.
    if (of(id).phase === 'HANDOFF_READY') await say({ verb: 'verify', handoff: id });
    yield* judged(id, 3);
    yield 20;
    if (day % 2 === 0) await say({ verb: 'approve', handoff: id, ...TOLD });
    yield 30;
    await dial(set === 'pause' ? 'resume' : 'act');
    if (day % 2 === 0) return;
    yield 5;
    await say({ verb: 'approve', handoff: id, ...TOLD });
    yield 1;
  });
  await lived.run(1_440);
}
