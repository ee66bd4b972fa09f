import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../src/core/report.ts';
import { allProcesses, environmentOf, processInfo } from '../../src/native/process.ts';
import { makeProject, type Project } from '../git/project.ts';
import { until } from '../support/until.ts';
import { check, openRounds, type Rounds, runs } from './round.ts';

let project: Project;
let rounds: Rounds;

beforeEach(() => {
  project = makeProject();
  project.write('src/a.ts', 'a\n');
  project.write('not-executable', 'x\n');
  project.commit();
  rounds = openRounds(project);
});
afterEach(() => project.dispose());

/** A command that leaves this report and ends with this code. */
const reports = (report: unknown, exit: number): string => `printf '%s' '${JSON.stringify(report)}' > "$COORDTUI_REPORT"; exit ${exit}`;
const ok = { success: true, violations: [] };
const critical = { success: false, violations: [{ type: 'x', severity: 'critical', description: 'broken' }] };

type Case = readonly [what: string, command: string, expected: Partial<CheckReport>, more?: Parameters<typeof check>[2]];

const CASES: readonly Case[] = [
  ['exit 0 has passed', 'true', { outcome: 'passed', reason: 'exit 0', exitCode: 0, disagrees: false }],
  ['exit 1 has failed', 'exit 1', { outcome: 'failed', reason: 'exit 1', exitCode: 1 }],
  ['exit 2 has failed, as make and tsc mean it', 'exit 2', { outcome: 'failed', reason: 'exit 2' }],
  ['exit 125 has failed', 'exit 125', { outcome: 'failed' }],
  ['a declared exit code did not run', 'exit 2', { outcome: 'did-not-run', exitCode: 2 }, { notRunExitCodes: [2] }],
  ['exit 126 did not run', './not-executable', { outcome: 'did-not-run', reason: 'exit 126 (not executable)' }],
  ['exit 127 did not run', 'no-such-command-anywhere', { outcome: 'did-not-run', reason: 'exit 127 (command not found)' }],
  ['exit 128 did not run', 'exit 128', { outcome: 'did-not-run', reason: 'exit 128' }],
  ['exit 137 did not run', "sh -c 'kill -9 $$'; exit $?", { outcome: 'did-not-run', reason: 'exit 137 (killed by SIGKILL)' }],
  ['exit 255 did not run', 'exit 255', { outcome: 'did-not-run', reason: 'exit 255' }],
  ['a killed shell did not run', 'kill -9 $$', { outcome: 'did-not-run', reason: 'killed by SIGKILL', signal: 'SIGKILL', exitCode: null }],
  ['a syntax error has failed or did not run, never passed', 'if then ((', { outcome: 'failed', exitCode: 2 }],
  ['a report of success has passed', reports(ok, 0), { outcome: 'passed', disagrees: false }],
  ['a lie: exit 0 with a report of failure', reports(critical, 0), { outcome: 'passed', disagrees: true }],
  ['a lie: exit 0 with success: false', reports({ success: false }, 0), { outcome: 'passed', disagrees: true }],
  ['a lie: success: true with a HIGH violation', reports({ ...critical, success: true }, 0), { outcome: 'passed', disagrees: true }],
  [
    'a lie: exit 0 with failed tests',
    reports({ ...ok, tests: { total: 2, passed: 1, failed: 1 } }, 0),
    { outcome: 'passed', disagrees: true },
  ],
  ['a lie: exit 1 with success: true', reports(ok, 1), { outcome: 'failed', disagrees: true }],
  ['exit 1 with a report of failure agrees', reports(critical, 1), { outcome: 'failed', disagrees: false }],
  [
    'success with a LOW violation agrees',
    reports({ success: true, violations: [{ type: 'x', severity: 'Low', description: 'd' }] }, 0),
    { outcome: 'passed', disagrees: false },
  ],
  [
    'zero tests counted did not run',
    reports({ ...ok, tests: { total: 0, passed: 0, failed: 0, skipped: 0 } }, 0),
    { outcome: 'did-not-run', reason: 'no test was counted' },
  ],
  [
    'only skipped tests did not run',
    reports({ ...ok, tests: { total: 3, passed: 0, failed: 0, skipped: 3 } }, 0),
    { outcome: 'did-not-run', reason: 'no test was counted' },
  ],
  [
    'a report that is no JSON did not run',
    'echo "{oops" > "$COORDTUI_REPORT"',
    { outcome: 'did-not-run', reason: expect.stringMatching(/^unreadable report: no JSON/) },
  ],
  [
    'an empty report did not run',
    ': > "$COORDTUI_REPORT"',
    { outcome: 'did-not-run', reason: expect.stringMatching(/^unreadable report/) },
  ],
  [
    'a report that is a link did not run',
    'ln -s /etc/passwd "$COORDTUI_REPORT"',
    { outcome: 'did-not-run', reason: 'unreadable report: it is a symbolic link' },
  ],
  [
    'a report that is a pipe did not run, and nobody waits for it',
    'mkfifo "$COORDTUI_REPORT"',
    { outcome: 'did-not-run', reason: 'unreadable report: it is no regular file' },
  ],
  [
    'a report that is a directory did not run',
    'mkdir "$COORDTUI_REPORT"',
    { outcome: 'did-not-run', reason: expect.stringMatching(/^unreadable report/) },
  ],
  [
    'a check that deletes its report has the exit code alone',
    `${reports(critical, 0)}`.replace('exit 0', 'rm "$COORDTUI_REPORT"; exit 0'),
    { outcome: 'passed', disagrees: false, violations: [] },
  ],
  [
    'a cwd that leaves the tree is refused',
    'true',
    { outcome: 'did-not-run', reason: 'cwd ../.. leaves the judged tree' },
    { cwd: '../..' },
  ],
  ['an absolute cwd is refused', 'true', { outcome: 'did-not-run', reason: 'cwd /tmp leaves the judged tree' }, { cwd: '/tmp' }],
  ['a cwd that is missing did not run', 'true', { outcome: 'did-not-run', reason: 'cwd nowhere does not exist' }, { cwd: 'nowhere' }],
  ['a cwd that is a file did not run', 'true', { outcome: 'did-not-run', reason: 'cwd src/a.ts is no directory' }, { cwd: 'src/a.ts' }],
  [
    'a report path that leaves the tree is refused',
    'true',
    { outcome: 'did-not-run', reason: expect.stringContaining('leaves the judged tree') },
    { report: '../r.json' },
  ],
];

describe('PROTOCOL §4: the outcome of a check', () => {
  for (const [what, command, expected, more] of CASES) {
    test(what, async () => expect(await rounds.outcome(command, more)).toMatchObject(expected));
  }

  test('a cwd that leaves the tree through a link is refused', async () => {
    symlinkSync('/tmp', join(project.root, 'out'));
    expect(await rounds.outcome('touch owned', { cwd: 'out' })).toMatchObject({
      outcome: 'did-not-run',
      reason: 'cwd out leaves the judged tree',
    });
    expect(await rounds.outcome('true', { report: 'out/r.json' })).toMatchObject({ outcome: 'did-not-run' });
  });

  test('a report at a configured path is read when it was written now, and not when it lay there before', async () => {
    project.write('build/report.json', JSON.stringify(ok));
    const stale = await rounds.outcome('exit 1', { report: 'build/report.json' });
    expect(stale).toMatchObject({ outcome: 'failed', reason: 'exit 1; no report at build/report.json', disagrees: false });
    const same = `cp build/report.json x && cp x build/report.json && rm x; exit 1`;
    expect(await rounds.outcome(same, { report: 'build/report.json' })).toMatchObject({ outcome: 'failed', disagrees: true });
    const made = `mkdir -p new/folder && cp build/report.json new/folder/r.json; exit 1`;
    expect(await rounds.outcome(made, { report: 'new/folder/r.json' })).toMatchObject({ disagrees: true });
    const away = 'ln -s /tmp away; exit 0';
    expect(await rounds.outcome(away, { report: 'away/r.json' })).toMatchObject({
      reason: 'unreadable report: away leaves the judged tree',
    });
  });

  test('what the report holds comes through: violations, benchmarks, coverage, tests', async () => {
    const report = {
      success: false,
      violations: [
        {
          type: 'schema-column-missing',
          severity: 'High',
          description: 'no column',
          file: 'db/1.sql',
          line: 3,
          gap: true,
          expected: 1,
          extra: 'ignored',
        },
      ],
      benchmarks: [{ name: 'query', value: 12.5, unit: 'ms', better: 'lower', target: 20 }],
      coverage: { lines: { pct: 81.5 } },
      tests: { total: 4, passed: 3, failed: 1 },
    };
    expect(await rounds.outcome(reports(report, 1))).toMatchObject({
      outcome: 'failed',
      violations: [
        { type: 'schema-column-missing', severity: 'HIGH', description: 'no column', file: 'db/1.sql', line: 3, gap: true, expected: '1' },
      ],
      benchmarks: [{ name: 'query', value: 12.5, unit: 'ms', better: 'lower', target: 20 }],
      coveragePercent: 81.5,
      tests: { total: 4, passed: 3, failed: 1, skipped: 0 },
    });
  });

  test('the environment: what a check is given, and what it is not', async () => {
    process.env.COORDTUI_INSTANCE = 'instance-1';
    try {
      const report = await rounds.run([check('env', 'env; pwd; cat', { cwd: 'src' })]);
      const lines = rounds.log(report, 'env').split('\n');
      expect(lines).toEqual(
        expect.arrayContaining([
          'CI=1',
          'NO_COLOR=1',
          'COORDTUI_CHECK=env',
          `COORDTUI_WORKSPACE=${project.root}`,
          join(project.root, 'src'),
        ]),
      );
      expect(lines.some((line) => line.startsWith('COORDTUI_INSTANCE='))).toBe(false);
      expect(lines.find((line) => line.startsWith('COORDTUI_REPORT='))).toContain(rounds.evidenceDir);
    } finally {
      delete process.env.COORDTUI_INSTANCE;
    }
  });

  test('stdout and stderr are kept in the order in which they were written', async () => {
    const report = await rounds.run([check('mix', 'i=0; while [ $i -lt 200 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done')]);
    const expected = Array.from({ length: 200 }, (_, i) => `out ${i}\nerr ${i}\n`).join('');
    expect(rounds.log(report, 'mix')).toBe(expected);
    expect(rounds.shown.get('mix')).toBe(expected);
  });
});

describe('PROTOCOL §4: nothing of a check stays behind', () => {
  const pidFrom = (file: string): number => Number(readFileSync(join(project.root, 'status', file), 'utf8'));
  const has = (file: string): boolean => existsSync(join(project.root, 'status', file)) && pidFrom(file) > 0;

  beforeEach(() => mkdirSync(join(project.root, 'status'), { recursive: true }));

  test('a check that hangs is ended after its time, with a grandchild that ignores SIGTERM', async () => {
    const command = `(trap '' TERM; echo $$ > status/shell; sh -c 'trap "" TERM; echo $$ > status/child; while :; do sleep 0.1; done') & wait`;
    const started = performance.now();
    const report = await rounds.outcome(command, { timeoutMs: 1_500 });
    expect(report).toMatchObject({ outcome: 'did-not-run', reason: 'timed out after 1.5 s' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(1_500);
    // Known by what they were started with: on a busy machine the time may be over before one of them could write its number.
    const left = allProcesses().filter(({ pid, state }) => state !== 'Z' && environmentOf(pid)?.get('COORDTUI_WORKSPACE') === project.root);
    expect(left).toEqual([]);
    expect(runs(rounds.pids.get('one') ?? 0)).toBe(false);
  });

  test.skipIf(process.platform !== 'linux')('one that has ended in time has not timed out, though the room hears of it later', async () => {
    // Nothing of this process runs from its start until it has ended and its time is over.
    rounds.pids.set = function (this: Map<string, number>, _id, pid): Map<string, number> {
      while (processInfo(pid)?.state !== 'Z') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300));
      return this;
    };
    expect(await rounds.outcome('exit 0', { timeoutMs: 200 })).toMatchObject({ outcome: 'passed', reason: 'exit 0' });
  });

  test('processes that outlive the shell are ended with its group, and it is said', async () => {
    const report = await rounds.outcome('sleep 1000 & echo $! > status/child; exit 0');
    expect(report).toMatchObject({ outcome: 'passed', reason: 'exit 0; left processes behind, which were ended' });
    expect(runs(pidFrom('child'))).toBe(false);
  });

  const AWAY = (environment: string) =>
    `${environment} setsid sh -c 'trap "" HUP TERM; echo $$ > status/child.part; mv status/child.part status/child; exec sleep 1000' & while ! [ -s status/child ]; do sleep 0.05; done; echo before the end`;

  test.skipIf(process.platform !== 'linux')('a daemon in a session of its own is ended with its check, and it is said', async () => {
    const report = await rounds.outcome(AWAY(''));
    expect(runs(pidFrom('child'))).toBe(false);
    expect(report).toMatchObject({ outcome: 'passed', reason: 'exit 0; left processes behind, which were ended' });
    expect(rounds.shown.get('one')).toBe('before the end\n');
  });

  test.skipIf(process.platform !== 'linux')('also when the check is cancelled; the daemons of another check go on', async () => {
    const suite = rounds.start([check('hang', `${AWAY('')}; while :; do sleep 0.1; done`)]);
    await until('the daemon to run', () => has('child'));
    const other = spawn('sleep', ['1000'], { env: { ...process.env, COORDTUI_CHECK_RUN: 'of another' } });
    try {
      suite.cancel();
      await suite.done;
      expect(runs(pidFrom('child'))).toBe(false);
      expect(runs(other.pid ?? 0)).toBe(true);
    } finally {
      other.kill('SIGKILL');
    }
  });

  test.skipIf(process.platform !== 'linux')('one that has cleared its environment is not reached, but holds nothing up', async () => {
    const report = await rounds.outcome(AWAY('env -i PATH="$PATH"'));
    const escaped = pidFrom('child');
    try {
      expect(report).toMatchObject({
        outcome: 'passed',
        reason: expect.stringContaining('a process outside its group still held its output'),
      });
      expect(rounds.shown.get('one')).toBe('before the end\n');
      expect(runs(escaped)).toBe(true);
    } finally {
      process.kill(escaped, 'SIGKILL');
    }
  });

  test.skipIf(process.platform !== 'linux')('nor does one that floods the pipe it has kept', async () => {
    const report = await rounds.outcome(
      `env -i PATH="$PATH" setsid sh -c 'echo $$ > status/child; exec yes' & while ! [ -s status/child ]; do sleep 0.05; done`,
    );
    const escaped = pidFrom('child');
    expect(report).toMatchObject({ outcome: 'passed', reason: expect.stringContaining('a process outside its group') });
    await until('the flood to end by its broken pipe', () => !runs(escaped));
  });

  test('cancelling ends what runs and starts nothing more', async () => {
    const suite = rounds.start([
      check('hang', 'echo $$ > status/child; trap "" TERM; while :; do sleep 0.1; done'),
      check('later', 'touch status/later', { needs: ['hang'] }),
    ]);
    await until('the check to run', () => has('child'));
    suite.cancel();
    const report = await suite.done;
    expect(report).toMatchObject({ cancelled: true, trouble: null });
    expect(report.checks.map(({ check: id, outcome, reason }) => [id, outcome, reason])).toEqual([
      ['hang', 'did-not-run', 'cancelled'],
      ['later', 'skipped', 'skipped (the round was cancelled)'],
    ]);
    expect(runs(pidFrom('child'))).toBe(false);
    expect(existsSync(join(project.root, 'status/later'))).toBe(false);
  });

  test('cancelling before anything has started', async () => {
    const suite = rounds.start([check('one', 'touch status/owned')]);
    suite.cancel();
    suite.cancel();
    expect(await suite.done).toMatchObject({ cancelled: true, trouble: null });
    expect(existsSync(join(project.root, 'status/owned'))).toBe(false);
  });

  test('a listener that throws ends the round with its check', async () => {
    rounds.pids.set = (_id, pid) => {
      writeFileSync(join(project.root, 'status/child'), String(pid));
      throw new Error('the listener is broken');
    };
    expect((await rounds.run([check('one', 'sleep 1000'), check('two', 'sleep 1000')])).trouble).toBe('the listener is broken');
    expect(runs(pidFrom('child'))).toBe(false);
  });

  test('a round in which nothing can be written is trouble, not an exception', async () => {
    writeFileSync(join(project.root, 'status/.coordtui'), 'a file where the directory should be');
    const report = await rounds.run([check('one', 'true')]);
    expect(report.trouble).toMatch(/evidence could not be kept/);
    expect(report).toMatchObject({ evidence: null, cancelled: false });
  });
});
