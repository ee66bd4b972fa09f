/** Looking ahead: only at rest, only while nothing real waits or runs, given up at once, and never anybody's verdict (PROTOCOL section 5). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Coordinator, Observer } from '../../src/coordinator/coordinator.ts';
import type { Forecast } from '../../src/core/forecast.ts';
import { forecastLines, outlook } from '../../src/core/forecast.ts';
import type { HandoffId } from '../../src/core/ids.ts';
import type { SuiteRequest, Verifier } from '../../src/core/ports.ts';
import type { RoundReport, TreeRef } from '../../src/core/report.ts';
import type { State } from '../../src/core/state.ts';
import type { Trees } from '../../src/git/trees.ts';
import { type Forecasts, openForecasts } from '../../src/room/forecast.ts';
import { createRounds } from '../../src/room/rounds.ts';
import { until } from '../support/until.ts';
import { Story } from '../transcripts/runner.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Run = { readonly request: SuiteRequest; finish(change?: Partial<RoundReport>): void; cancelled: boolean };

/** Two at work, in worktrees of their own, and everything around them by hand. */
function open({ ahead = true, files = [] as readonly string[], atOnce = false } = {}) {
  const story = new Story();
  for (const line of [
    'config checks=unit dial=act worktree=instance-1,instance-2',
    'open',
    'assign instance-1 --task "one"',
    'advance 1s',
    'assign instance-2 --task "two"',
  ])
    story.play(line);
  const { config } = story.state.coordinator;
  const acting = {
    ...config,
    policy: { ...config.policy, aheadRestMs: 5, aheadSharePercent: 100 },
    verification: { ...config.verification, ahead },
  };
  const observers = new Set<Observer>();
  const trees = new Map<string, string>();
  const runs: Run[] = [];
  let looks = 0;
  const verifier: Verifier = {
    run(request) {
      let end: (report: RoundReport) => void = () => {};
      const done = new Promise<RoundReport>((resolve) => {
        end = resolve;
      });
      const report = reportOf(request);
      const run: Run = { request, cancelled: false, finish: (change = {}) => end({ ...report, ...change }) };
      runs.push(run);
      if (atOnce) run.finish();
      return {
        done,
        cancel() {
          run.cancelled = true;
          run.finish({ cancelled: true });
        },
      };
    },
  };
  const coordinator = {
    state: () => story.state,
    observe(observer: Observer) {
      observers.add(observer);
      return () => observers.delete(observer);
    },
  } as unknown as Coordinator;
  const seen = {
    snapshot: async (cwd: string): Promise<TreeRef> => {
      looks++;
      return { commit: 'c', tree: trees.get(cwd) ?? 't0' };
    },
    conflicts: async () => files,
  } as unknown as Trees;
  const evidenceDir = mkdtempSync(join(tmpdir(), 'ct-ahead-'));
  const rounds = createRounds();
  const forecasts = openForecasts({
    config: acting,
    coordinator,
    trees: seen,
    verifierFor: () => verifier,
    paths: { evidenceDir },
    rounds,
    see: () => {},
    log: (line) => {
      throw new Error(line);
    },
  });
  closers.push(() => rmSync(evidenceDir, { recursive: true, force: true }));
  closers.push(() => {
    for (const run of runs) run.finish({ cancelled: true });
    return forecasts.close();
  });
  const play = (line: string) => {
    const before: State = story.state;
    const lines = story.play(line);
    for (const observer of observers) observer.changed?.(before, story.state, {} as never);
    return lines;
  };
  const handoff = (from: string) => {
    const found = Object.values(story.state.coordinator.handoffs).find((one) => one.from === from);
    if (found === undefined) throw new Error(`${from} has none`);
    return found;
  };
  const of = (from: string): Forecast | null => (forecasts as Forecasts).of(handoff(from));
  const looked = async (times: number) => {
    const from = looks;
    await until('it to have looked', () => looks >= from + 2 * times);
  };
  return { story, play, forecasts, runs, rounds, trees, of, looked };
}

function reportOf({ handoff, tree, base, checks }: SuiteRequest): RoundReport {
  const passed = checks.map(({ id, phase, layer, critical, command }) => ({
    ...{ check: id, phase, layer, critical, command, outcome: 'passed' as const, reason: 'exit 0', exitCode: 0, signal: null },
    ...{ startedAt: 0, durationMs: 1, tests: null, violations: [], benchmarks: [], coveragePercent: null },
    ...{ disagrees: false, flaky: false, log: null, logSha256: null },
  }));
  const judged = tree ?? null;
  return {
    ...{ handoff: handoff as HandoffId, epoch: 0, base, judged, judgedAfter: judged, voided: false, cancelled: false, trouble: null },
    ...{ changed: [], judgeTouched: [], uncovered: [], checks: passed, startedAt: 0, finishedAt: 1, evidence: null },
  };
}

test('the tree at rest is tried, once; what changes from look to look is not', async () => {
  const { runs, of, trees, looked, story } = open();
  const before = JSON.stringify(story.state);
  await until('the first trial', () => runs.length === 1);
  expect(runs[0]?.request).toMatchObject({ instance: 'instance-1', tree: { tree: 't0' }, epoch: 0 });
  expect(of('instance-1')).toMatchObject({ running: true, trial: null });
  runs[0]?.finish();
  await until('the other one to be tried', () => runs.length === 2);
  expect(of('instance-1')).toMatchObject({ running: false, trial: { kind: 'approve', tree: 't0' } });
  runs[1]?.finish({ checks: [] });
  await looked(3);
  expect(runs.length).toBe(2);
  expect(of('instance-2')?.trial?.kind).toBe('escalate');
  // Work goes on: what was found is of before, and says so.
  trees.set('w/instance-1', 't1');
  await until('the change to be seen', () => of('instance-1')?.tree === 't1');
  const forecast = of('instance-1');
  expect(forecast && outlook(forecast)).toEqual({ kind: 'approve', word: 'would pass', old: true });
  expect(forecast && forecastLines(forecast, (forecast.trial?.at ?? 0) + 60_000)[0]).toBe(
    'ahead: it would pass (tried 1 m ago, and the work has gone on since; never part of a verdict)',
  );
  await until('it to be tried anew', () => runs.length === 3);
  // One fact, one home: nothing of it is in the state.
  expect(JSON.stringify(story.state)).toBe(before);
});

test('PROTOCOL §4: whatever is real comes first: nothing begins beside it, and what runs is given up at once', async () => {
  const { runs, play, of, rounds } = open();
  await until('a trial', () => runs.length === 1);
  play('instance-2: ready');
  expect(runs[0]?.cancelled).toBe(true);
  await until('it to be over', () => of('instance-1')?.running === false);
  expect(of('instance-1')?.trial).toBeNull();
  expect(of('instance-2')).toBeNull();
  play('finish H2 unit=passed');
  await until('looking ahead to go on', () => runs.length === 2);
  // A trial that the operator has asked for counts as real, too.
  rounds.listener(null).started('unit' as never, 4711);
  expect(runs[1]?.cancelled).toBe(true);
});

test.each(['autopilot pause', 'emergency-stop'])('nothing is tried after: %s', async (line) => {
  const { runs, play } = open();
  await until('a trial', () => runs.length === 1);
  play(line);
  expect(runs[0]?.cancelled).toBe(true);
});

test('whose work does not merge with whose is said on both sides, with its files', async () => {
  const { of } = open({ files: ['db/1.sql', 'a.ts'] });
  await until('both to be known', () => (of('instance-1')?.clashes?.length ?? 0) + (of('instance-2')?.clashes?.length ?? 0) === 2);
  const forecast = of('instance-2');
  expect(forecast && outlook(forecast)).toMatchObject({ kind: 'clash', word: 'conflicts' });
  expect(forecast && forecastLines(forecast, 0).at(-1)).toMatch(
    /^ahead: does not merge with instance-1 \(h-[0-9a-f]+\): db\/1\.sql, a\.ts$/,
  );
});

test('also with what is judged or approved already, and on its way', async () => {
  const { of, play, looked } = open({ files: ['a.ts'], atOnce: true });
  for (const line of ['autopilot suggest', 'instance-1: ready', 'finish H1 unit=passed']) play(line);
  await looked(3);
  await until('it to be known', () => of('instance-2') !== null);
  expect(of('instance-1')).toBeNull();
  expect(of('instance-2')?.clashes).toEqual([{ with: expect.stringMatching(/^instance-1 /), files: ['a.ts'] }]);
});

test('its processes are known as checks, and nobody is told of them', () => {
  const rounds = createRounds();
  const told: unknown[] = [];
  rounds.subscribe((event) => told.push(event));
  rounds.quiet().started('unit' as never, 4711);
  expect([[...rounds.pids()], rounds.busy(), told]).toEqual([[4711], false, []]);
});

test('switched off, nothing is looked at', async () => {
  const { of, forecasts } = open({ ahead: false });
  expect([of('instance-1'), forecasts.all()]).toEqual([null, {}]);
});
