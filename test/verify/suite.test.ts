import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RoundReport } from '../../src/core/report.ts';
import { readDurations } from '../../src/verify/durations.ts';
import { verifyBundle } from '../../src/verify/evidence.ts';
import { LOG_CAP_BYTES } from '../../src/verify/log-file.ts';
import { gitIn, makeProject, type Project } from '../git/project.ts';
import { until } from '../support/until.ts';
import { check, filesBelow, openRounds, type Rounds } from './round.ts';

let project: Project;
let rounds: Rounds;

beforeEach(() => {
  project = makeProject();
  project.write('src/a.ts', 'a\n');
  project.write('.gitignore', 'made/\n');
  project.commit();
  mkdirSync(join(project.root, 'status'));
  rounds = openRounds(project);
});
afterEach(() => project.dispose());

const outcomes = (report: RoundReport): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ check: id, outcome, reason }) => [id, outcome === 'skipped' ? reason : outcome]));

/** What the checks wrote, in the order in which they did. */
const order = (): string[] =>
  existsSync(join(project.root, 'made/order')) ? readFileSync(join(project.root, 'made/order'), 'utf8').trim().split('\n') : [];
const mark = (word: string): string => `mkdir -p made; echo ${word} >> made/order`;

describe('PROTOCOL §4: the order of checks', () => {
  test('phase pre first, then integration; inside a phase by needs', async () => {
    const report = await rounds.run([
      check('z', mark('z'), { needs: ['y'] }),
      check('y', mark('y'), { needs: ['x'] }),
      check('x', mark('x')),
      check('p', mark('p'), { phase: 'pre', needs: ['o'] }),
      check('o', mark('o'), { phase: 'pre' }),
    ]);
    expect(order()).toEqual(['o', 'p', 'x', 'y', 'z']);
    expect(report.checks.map((one) => one.check)).toEqual(['z', 'y', 'x', 'p', 'o']);
    expect(rounds.finished.map((one) => one.check)).toEqual(['o', 'p', 'x', 'y', 'z']);
  });

  test('without needs in parallel, up to verification.parallelism', async () => {
    // Each waits for the other: only side by side can both end.
    const meet = (mine: string, other: string): string =>
      `mkdir -p made; touch made/${mine}; while ! [ -e made/${other} ]; do sleep 0.05; done`;
    expect(outcomes(await rounds.run([check('a', meet('a', 'b')), check('b', meet('b', 'a'))]))).toEqual({ a: 'passed', b: 'passed' });
    const alone = openRounds(project, { parallelism: 1 });
    const solitary = 'mkdir made/lock || exit 1; sleep 0.1; rmdir made/lock';
    expect(outcomes(await alone.run([check('a', solitary), check('b', solitary), check('c', solitary)]))).toEqual({
      a: 'passed',
      b: 'passed',
      c: 'passed',
    });
  });

  test('a check whose need did not pass is skipped, and so is what needs that', async () => {
    const report = await rounds.run([
      check('c', 'true', { needs: ['b'] }),
      check('b', 'true', { needs: ['a'] }),
      check('a', 'exit 1'),
      check('d', 'true'),
    ]);
    expect(outcomes(report)).toEqual({ a: 'failed', b: 'skipped (needs a)', c: 'skipped (needs b)', d: 'passed' });
  });

  test.each([
    ['failed', 'exit 1'],
    ['did-not-run', 'exit 127'],
  ])('a critical pre check that %s ends the round', async (outcome, command) => {
    const alone = openRounds(project, { parallelism: 1 });
    const report = await alone.run([
      check('gate', command, { phase: 'pre' }),
      check('other', 'true', { phase: 'pre' }),
      check('late', mark('late')),
    ]);
    expect(outcomes(report)).toEqual({ gate: outcome, other: 'skipped (needs gate)', late: 'skipped (needs gate)' });
    expect(order()).toEqual([]);
  });

  test('a pre check that is not critical does not end it', async () => {
    expect(outcomes(await rounds.run([check('gate', 'exit 1', { phase: 'pre', critical: false }), check('late', 'true')]))).toEqual({
      gate: 'failed',
      late: 'passed',
    });
  });

  test('when matches nothing changed: skipped; what needs it is skipped too', async () => {
    const base = await rounds.trees.snapshot(project.root);
    project.write('src/b.ts', 'b\n');
    const report = await rounds.run(
      [check('after', 'true', { needs: ['db'] }), check('db', 'exit 1', { when: ['db/**'] }), check('ts', 'true', { when: ['src/**'] })],
      base,
    );
    expect(outcomes(report)).toEqual({ db: 'skipped (nothing it covers has changed)', after: 'skipped (needs db)', ts: 'passed' });
    expect(report.changed).toEqual([{ path: 'src/b.ts', status: 'added', added: 1, removed: 0 }]);
    expect(report.uncovered).toEqual([]);
  });

  test('unknown needs and circles did not run, and the rest goes on', async () => {
    const report = await rounds.run([
      check('lost', 'true', { needs: ['nobody'] }),
      check('a', 'true', { needs: ['b'] }),
      check('b', 'true', { needs: ['a'] }),
      check('ok', 'true'),
    ]);
    expect(outcomes(report)).toEqual({ lost: 'did-not-run', a: 'did-not-run', b: 'did-not-run', ok: 'passed' });
  });

  test('no check at all', async () => {
    expect(await rounds.run([])).toMatchObject({ checks: [], trouble: null, voided: false, uncovered: ['.gitignore', 'src/a.ts'] });
  });
});

describe('PROTOCOL §4: what is judged is one tree', () => {
  test('taken before and after, with what changed since the base', async () => {
    const base = await rounds.trees.snapshot(project.root);
    project.write('src/a.ts', 'changed\n');
    const report = await rounds.run([check('ok', 'true')], base);
    expect(report).toMatchObject({
      base,
      voided: false,
      trouble: null,
      cancelled: false,
      changed: [{ path: 'src/a.ts', status: 'modified', added: 1, removed: 1 }],
    });
    expect(report.judged).toEqual(await rounds.trees.snapshot(project.root));
    expect(report.judgedAfter).toEqual(report.judged);
  });

  test('a tree that changed meanwhile voids the round', async () => {
    const report = await rounds.run([check('writes', 'echo changed > src/a.ts')]);
    expect(report.voided).toBe(true);
    expect(report.judgedAfter?.tree).not.toBe(report.judged?.tree);
  });

  test("files that git ignores, coordtui's own and those of verification.ignore do not void it", async () => {
    const lenient = openRounds(project, { ignore: ['**/*.md'] });
    const report = await lenient.run([check('writes', 'mkdir -p made docs status; touch made/x status/y; echo x > docs/notes.md')]);
    expect(report.voided).toBe(false);
    expect(report.judgedAfter?.tree).not.toBe(report.judged?.tree);
  });

  test('PROTOCOL §1: checks run in the worktree of the instance, told the workspace', async () => {
    const worktree = join(project.root, 'worktrees', 'two');
    project.git('worktree', 'add', '-q', '-b', 'two', worktree);
    writeFileSync(join(worktree, 'src/only-here.ts'), 'x\n');
    const elsewhere = openRounds(project, { cwdOf: () => join(worktree, 'src') });
    const report = await elsewhere.run([check('pwd', 'pwd; echo $COORDTUI_WORKSPACE; cat src/only-here.ts')]);
    expect(outcomes(report)).toEqual({ pwd: 'passed' });
    expect(elsewhere.log(report, 'pwd')).toBe(`${worktree}\n${project.root}\nx\n`);
  });

  test('a workspace without a repository', async () => {
    rmSync(join(project.root, '.git'), { recursive: true });
    const report = await rounds.run([check('ok', 'true')]);
    expect(report).toMatchObject({ trouble: null, voided: false, judged: { commit: null } });
    expect((await rounds.run([check('writes', 'echo x > src/new.ts')])).voided).toBe(true);
  });

  test('no git, or a base that is lost, is trouble and no exception; the round is sealed all the same', async () => {
    const report = await rounds.run([check('ok', 'true')], { commit: null, tree: 'e'.repeat(40) });
    expect(report.trouble).toMatch(/tree e{40} is missing/);
    expect(report.checks).toEqual([]);
    expect(report.evidence).not.toBeNull();
    const path = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      expect((await rounds.run([check('ok', 'true')])).trouble).toMatch(/git was not found/);
    } finally {
      process.env.PATH = path;
    }
  });

  test('changes to the judge are named', async () => {
    const base = await rounds.trees.snapshot(project.root);
    project.write('coordtui.yaml', 'checks: []\n');
    expect((await rounds.run([check('ok', 'true')], base)).judgeTouched).toEqual(['coordtui.yaml']);
  });
});

describe('PROTOCOL §4: evidence', () => {
  const directory = (report: RoundReport): string => join(project.root, report.evidence?.path ?? 'none');

  test('every round seals a bundle of its own', async () => {
    const base = await rounds.trees.snapshot(project.root);
    project.write('src/b.ts', 'b\n');
    const report = await rounds.run(
      [check('one', 'echo hello; echo world >&2'), check('two', 'exit 1', { needs: ['one'] }), check('no', 'true', { when: ['x/**'] })],
      base,
    );
    expect(report.evidence?.path).toMatch(/^status\/\.coordtui\/evidence\/h-0001\/1-\d+$/);
    expect(filesBelow(directory(report))).toEqual(['bundle.json', 'one.log', 'two.base.log', 'two.log']);
    for (const name of filesBelow(directory(report))) expect(statSync(join(directory(report), name)).mode & 0o777).toBe(0o400);
    const text = readFileSync(join(directory(report), 'bundle.json'));
    expect(report.evidence?.sha256).toBe(createHash('sha256').update(text).digest('hex'));
    const bundle = JSON.parse(text.toString());
    expect(bundle).toMatchObject({
      version: 1,
      handoff: 'h-0001',
      epoch: 1,
      instance: 'instance-1',
      base,
      judged: report.judged,
      judgedAfter: report.judged,
      changed: [{ path: 'src/b.ts' }],
      tools: { node: process.version, git: expect.stringMatching(/^git version/) },
    });
    expect(bundle.checks[0]).toMatchObject({ check: 'one', command: 'echo hello; echo world >&2', cwd: '.', exitCode: 0, log: 'one.log' });
    expect(bundle.checks[0].logSha256).toBe(createHash('sha256').update('hello\nworld\n').digest('hex'));
    expect(bundle.checks[2]).toMatchObject({ check: 'no', outcome: 'skipped', log: null, logSha256: null });
    expect(await verifyBundle(directory(report), report.evidence?.sha256)).toEqual([]);
    const second = await rounds.run([check('one', 'true')], base);
    expect(second.evidence?.path).not.toBe(report.evidence?.path);
  });

  test.each<[string, (at: string) => void, RegExp]>([
    ['a changed log', (at) => appendFileSync(join(at, 'one.log'), 'x'), /log of one is not what was sealed/],
    ['a log that is gone', (at) => rmSync(join(at, 'one.log')), /log of one is missing/],
    [
      'a log replaced by a link',
      (at) => {
        renameSync(join(at, 'one.log'), `${at}.elsewhere`);
        symlinkSync(`${at}.elsewhere`, join(at, 'one.log'));
      },
      /log of one is missing/,
    ],
    [
      'a changed bundle',
      (at) => writeFileSync(join(at, 'bundle.json'), readFileSync(join(at, 'bundle.json'), 'utf8').replace('"passed"', '"failed"')),
      /bundle.json is not what was sealed/,
    ],
    ['a bundle that is gone', (at) => rmSync(join(at, 'bundle.json')), /bundle.json cannot be read/],
    ['a bundle of garbage', (at) => writeFileSync(join(at, 'bundle.json'), 'garbage'), /bundle.json cannot be read/],
    ['a file more', (at) => writeFileSync(join(at, 'more'), 'x'), /more was not there/],
  ])('%s is found', async (_what, tamper, expected) => {
    const report = await rounds.run([check('one', 'echo hello')]);
    for (const name of filesBelow(directory(report))) chmodSync(join(directory(report), name), 0o600);
    tamper(directory(report));
    expect((await verifyBundle(directory(report), report.evidence?.sha256)).join('\n')).toMatch(expected);
  });

  test('secrets are in no file of it, nor shown, nor reported', async () => {
    const secret = 'hunter2-and-more';
    const env = { ...process.env, MY_API_TOKEN: secret };
    const guarded = openRounds(project, { env });
    const leak = [
      'echo "token: $MY_API_TOKEN"',
      // split over two writes, and over two chunks
      `printf '%s' hunter2-; sleep 0.3; printf '%s\\n' and-more`,
      `printf '{"success":false,"violations":[{"type":"leak","severity":"LOW","description":"%s"}]}' "$MY_API_TOKEN" > "$COORDTUI_REPORT"`,
    ].join('; ');
    const report = await guarded.run([check('leak', leak)]);
    expect(guarded.log(report, 'leak')).toBe('token: [redacted MY_API_TOKEN]\n[redacted MY_API_TOKEN]\n');
    expect(guarded.shown.get('leak')).toBe('token: [redacted MY_API_TOKEN]\n[redacted MY_API_TOKEN]\n');
    expect(report.checks[0]?.violations[0]?.description).toBe('[redacted MY_API_TOKEN]');
    for (const name of filesBelow(rounds.evidenceDir)) {
      const path = join(rounds.evidenceDir, name);
      if (statSync(path).isFile()) expect(readFileSync(path, 'utf8')).not.toContain(secret);
    }
  });

  test('200 MB of output: memory stays bounded, the log keeps head and tail and says what is left out', async () => {
    let most = 0;
    const before = process.memoryUsage().rss;
    const flood = openRounds(project);
    flood.shown.set = function (this: Map<string, string>): Map<string, string> {
      most = Math.max(most, process.memoryUsage().rss - before);
      return this; // what is shown is not kept
    };
    const report = await flood.run([check('flood', 'echo first; yes 0123456789abcde | head -c 200000000; echo; echo last')]);
    const log = readFileSync(join(directory(report), 'flood.log'), 'latin1');
    expect(log.startsWith('first\n0123456789abcde\n')).toBe(true);
    expect(log.endsWith('\nlast\n')).toBe(true);
    const gap = /\n\[(\d+) bytes are left out here\]\n/.exec(log);
    const total = 'first\n'.length + 200_000_000 + '\nlast\n'.length;
    expect(Number(gap?.[1])).toBe(total - LOG_CAP_BYTES);
    expect(log.length).toBe(LOG_CAP_BYTES + (gap?.[0].length ?? 0));
    expect(most).toBeLessThan(150 * 1024 * 1024);
    expect(await verifyBundle(directory(report), report.evidence?.sha256)).toEqual([]);
  });

  test.each([
    [
      'its own log',
      'cd "$(dirname "$COORDTUI_REPORT")/../.." && rm -f one.log && echo all is well > one.log',
      /log of one is not what was sealed/,
    ],
    ['a file beside it', 'touch "$(dirname "$COORDTUI_REPORT")/../../more"', /more was not there/],
    ['the whole round', 'rm -rf "$(cd "$(dirname "$COORDTUI_REPORT")/../.." && pwd)"', /evidence could not be kept/],
  ])('a check that tampers with %s is trouble', async (_what, command, expected) => {
    expect((await rounds.run([check('one', command)])).trouble).toMatch(expected);
  });

  test('a bundle that a check has laid out beforehand is replaced, not followed', async () => {
    const victim = join(project.root, 'made', 'victim');
    project.write('made/victim', 'precious');
    const command = `ln -s ${victim} "$(dirname "$COORDTUI_REPORT")/../../bundle.json"`;
    const report = await rounds.run([check('one', command)]);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(await verifyBundle(directory(report), report.evidence?.sha256)).toEqual([]);
  });

  test('a killed round leaves no bundle, and the next one a fresh directory', async () => {
    const suite = rounds.start([check('hang', 'mkdir -p made; touch made/up; sleep 1000')]);
    await until('the check to run', () => existsSync(join(project.root, 'made/up')));
    expect(filesBelow(rounds.evidenceDir).some((name) => name.endsWith('bundle.json'))).toBe(false);
    suite.cancel();
    const report = await suite.done;
    expect(report.cancelled).toBe(true);
    expect(await verifyBundle(directory(report), report.evidence?.sha256)).toEqual([]);
  });

  test('the last duration of each check is kept for the next estimate', async () => {
    expect((await readDurations(rounds.evidenceDir)).size).toBe(0);
    await rounds.run([check('slow', 'sleep 0.2'), check('fails', 'exit 1'), check('lost', 'exit 127')]);
    const durations = await readDurations(rounds.evidenceDir);
    expect([...durations.keys()].sort()).toEqual(['fails', 'slow']);
    expect(durations.get('slow')).toBeGreaterThanOrEqual(200);
    writeFileSync(join(rounds.evidenceDir, 'durations.json'), '{"version":1,"lastMs":{"x":"soon"}}');
    expect((await readDurations(rounds.evidenceDir)).size).toBe(0);
  });

  test("the user's repository is as it was", async () => {
    const before = [gitIn(project.root, 'status', '--porcelain', '--', 'src'), readFileSync(join(project.root, '.git/index'), 'latin1')];
    await rounds.run([check('ok', 'true')]);
    expect([
      gitIn(project.root, '--no-optional-locks', 'status', '--porcelain', '--', 'src'),
      readFileSync(join(project.root, '.git/index'), 'latin1'),
    ]).toEqual(before);
  });
});
