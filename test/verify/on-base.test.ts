/** PROTOCOL §4: a check that failed is run again, mechanically, on the base; and the snapshot of exactly the judged tree. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TreeRef } from '../../src/core/report.ts';
import { verifyBundle } from '../../src/verify/evidence.ts';
import { makeProject, type Project, photograph } from '../git/project.ts';
import { until } from '../support/until.ts';
import { check, openRounds, type Rounds } from './round.ts';

let project: Project;
let rounds: Rounds;
let base: TreeRef;

beforeEach(async () => {
  project = makeProject();
  project.write('src/a.txt', 'good\n');
  project.write('src/b.txt', 'broken\n');
  project.write('.gitignore', 'node_modules/\n.env\nmade/\n');
  project.commit();
  rounds = openRounds(project);
  base = await rounds.trees.snapshot(project.root);
});
afterEach(() => {
  project.dispose();
  const folder = join(tmpdir(), `coordtui-${process.getuid?.() ?? 0}-trees`);
  const left = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`tree-${process.pid}-`)) : [];
  expect(left).toEqual([]);
});

const isGood = (name: string): string => `grep -q good src/${name}.txt`;
const one = async (command: string, more: Parameters<typeof check>[2] = {}) => {
  const report = await rounds.run([check('one', command, more)], base);
  expect(report.trouble).toBeNull();
  return { report, only: report.checks[0] };
};

describe('PROTOCOL §4: failed-on-base', () => {
  test('it fails there too: not the doing of this handoff', async () => {
    project.write('src/a.txt', 'good, and more\n');
    const { report, only } = await one(isGood('b'));
    expect(only).toMatchObject({ outcome: 'failed-on-base', exitCode: 1, onBase: { outcome: 'failed', log: 'one.base.log' } });
    expect(only?.reason).toBe('exit 1; on the base too (exit 1)');
    expect(await verifyBundle(join(project.root, report.evidence?.path ?? ''), report.evidence?.sha256)).toEqual([]);
  });

  test('it passes there: it stays failed', async () => {
    project.write('src/a.txt', 'bad\n');
    const { only } = await one(isGood('a'));
    expect(only).toMatchObject({ outcome: 'failed', reason: 'exit 1; on the base it passes', onBase: { outcome: 'passed' } });
  });

  test('it finds more now than there: said, and still the base it fails on', async () => {
    project.write('src/a.txt', 'bad\n');
    const finding = (name: string) => `{"type":"t","severity":"HIGH","description":"${name}"}`;
    const script = `if grep -q bad src/a.txt; then L='${finding('a')},${finding('b')}'; else L='${finding('b')}'; fi; printf '{"success":false,"violations":[%s]}' "$L" > $COORDTUI_REPORT; exit 1`;
    expect((await one(script)).only).toMatchObject({
      outcome: 'failed-on-base',
      reason: 'exit 1; on the base too (exit 1, with 1 finding fewer)',
    });
  });

  test('it cannot run there: nothing is known, so it stays failed', async () => {
    project.write('src/a.txt', 'bad\n');
    const { only } = await one('if grep -q good src/a.txt; then exit 127; fi; exit 1');
    expect(only).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('on the base it did not run (exit 127') });
  });

  test('a script that is new is missing on the base, which is no failure of the base', async () => {
    project.write('scripts/new.sh', 'exit 1\n');
    expect((await one('sh scripts/new.sh')).only).toMatchObject({ outcome: 'failed', reason: 'exit 1; the base has no scripts/new.sh' });
  });

  test('no base, no second run', async () => {
    const report = await rounds.run([check('one', 'exit 1')]);
    expect(report.checks[0]).toMatchObject({ outcome: 'failed', reason: 'exit 1' });
    expect(report.checks[0]?.onBase).toBeUndefined();
  });

  test('a base whose objects are lost is told, and the round goes on', async () => {
    project.write('src/a.txt', 'bad\n');
    project.commit();
    base = { commit: null, tree: base.tree };
    expect((await one(isGood('a'))).only).toMatchObject({ outcome: 'failed', onBase: { outcome: 'passed' } });
  });

  test('what did not run, and what passed, is not asked again', async () => {
    for (const command of ['exit 127', 'true']) expect((await one(command)).only?.onBase).toBeUndefined();
  });

  test('uncommitted work is part of the base when it was there at its time', async () => {
    project.write('src/c.txt', 'broken\n');
    base = await rounds.trees.snapshot(project.root);
    project.write('src/a.txt', 'good, and more\n');
    expect((await one('! grep -q broken src/c.txt')).only).toMatchObject({ outcome: 'failed-on-base' });
  });

  test('node_modules are there, packages within packages too, and are never written through to', async () => {
    project.write('node_modules/left/index.js', 'module.exports = 1;\n');
    project.write('node_modules/.bin/.keep', '');
    symlinkSync('../left/index.js', join(project.root, 'node_modules/.bin/left'));
    project.write('packages/in/package.json', '{}\n');
    project.write('packages/in/node_modules/right/index.js', 'module.exports = 2;\n');
    project.write('.env', 'A=1\n');
    project.commit();
    base = await rounds.trees.snapshot(project.root);
    project.write('src/a.txt', 'bad\n');
    const before = photograph(join(project.root, 'node_modules'));
    const script = [
      'test -f .env && test -f packages/in/node_modules/right/index.js && node -e "require(\'left\')"',
      'if grep -q good src/a.txt; then echo spoiled > node_modules/left/index.js; echo x > node_modules/new; echo y > node_modules/.bin/left; fi',
      isGood('a'),
    ].join(' && ');
    expect((await one(`{ ${script}; }`)).only).toMatchObject({ outcome: 'failed', onBase: { outcome: 'passed' } });
    expect(photograph(join(project.root, 'node_modules'))).toEqual(before);
  });

  test('node_modules that is itself a link is copied, not followed', async () => {
    const shared = join(project.privateDir, '..', 'shared-modules');
    mkdirSync(join(shared, 'left'), { recursive: true });
    writeFileSync(join(shared, 'left', 'index.js'), 'module.exports = 1;\n');
    project.write('.gitignore', 'node_modules\n');
    symlinkSync(shared, join(project.root, 'node_modules'));
    project.commit();
    base = await rounds.trees.snapshot(project.root);
    project.write('src/a.txt', 'bad\n');
    await one(
      `echo spoiled > node_modules/left/index.js.new; if grep -q good src/a.txt; then echo spoiled > node_modules/left/index.js; fi; ${isGood('a')}`,
    );
    expect(readFileSync(join(shared, 'left', 'index.js'), 'utf8')).toBe('module.exports = 1;\n');
  });

  test('the base is a repository of its own: git answers there, and the user’s knows nothing of it', async () => {
    project.write('src/a.txt', 'bad\n');
    const { only } = await one(
      `git status --porcelain; test -z "$(git status --porcelain)" || exit 1; git log -1 --format=%s; git commit -q --allow-empty -m no; ${isGood('a')}`,
    );
    expect(only).toMatchObject({ outcome: 'failed', onBase: { outcome: 'passed' } });
    expect(project.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(project.git('log', '--format=%s').includes('no\n')).toBe(false);
  });

  test('a workspace without a repository has a base as well', async () => {
    const bare = makeProject({ repository: false });
    try {
      bare.write('a.txt', 'broken\n');
      const there = openRounds(bare);
      const ref = await there.trees.snapshot(bare.root);
      bare.write('b.txt', 'more\n');
      const report = await there.run([check('one', 'grep -q good a.txt')], ref);
      expect(report.checks[0]).toMatchObject({ outcome: 'failed-on-base' });
    } finally {
      bare.dispose();
    }
  });

  test('cancelled while the base is asked: ended at once, nothing is left', async () => {
    project.write('src/a.txt', 'bad\n');
    const suite = rounds.start([check('one', 'grep -q bad src/a.txt && exit 1; sleep 600')], base);
    await until('the base is asked', () => (rounds.shown.get('one') ?? '').includes('run again on the base'));
    suite.cancel();
    expect(await suite.done).toMatchObject({ cancelled: true });
  });
});

describe('PROTOCOL §4: verification.in: snapshot', () => {
  test('exactly the judged tree, uncommitted work included, while the workspace goes on changing', async () => {
    project.write('src/a.txt', 'uncommitted\n');
    const calm = openRounds(project, { in: 'snapshot' });
    const report = await calm.run(
      [check('one', `pwd; cat src/a.txt; echo changed > ${project.root}/src/a.txt; grep -q uncommitted src/a.txt`)],
      base,
    );
    expect(report).toMatchObject({ voided: false, trouble: null, checks: [{ outcome: 'passed' }] });
    expect(report.judgedAfter).toEqual(report.judged);
    expect(calm.log(report, 'one')).toContain('uncommitted\n');
    expect(calm.log(report, 'one')).not.toContain(`${project.root}\n`);
  });

  test('what a check writes there stays there, its report is read from there, and the base is asked as well', async () => {
    project.write('src/a.txt', 'bad\n');
    const calm = openRounds(project, { in: 'snapshot' });
    const report = await calm.run(
      [
        check('writes', 'echo x > src/new.txt; mkdir -p made; echo \'{"success":true,"tests":{"passed":3}}\' > made/r.json', {
          report: 'made/r.json',
        }),
        check('old', isGood('b')),
      ],
      base,
    );
    expect(report.checks).toMatchObject([{ outcome: 'passed', tests: { total: 3 } }, { outcome: 'failed-on-base' }]);
    expect(existsSync(join(project.root, 'src/new.txt'))).toBe(false);
  });
});
