/** PROTOCOL §4 and §5 row 11: a flaky check is found by its own history; a result is used again only when nothing has changed, and it is said. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeProject, type Project } from '../git/project.ts';
import { check, openRounds, type Rounds } from './round.ts';

let project: Project;
let rounds: Rounds;

beforeEach(() => {
  project = makeProject();
  project.write('src/a.txt', 'a\n');
  project.write('.gitignore', 'out/\nnode_modules/\n');
  project.write('out/verdict', '0');
  project.commit();
  rounds = openRounds(project);
});
afterEach(() => project.dispose());

/** Answers as a file says that git does not see, and counts its runs. */
const WAVERS = 'echo ran >> out/runs; exit $(cat out/verdict)';
const says = (code: number) => project.write('out/verdict', String(code));
const one = async (command = WAVERS, more: Parameters<typeof check>[2] = {}) => (await rounds.run([check('one', command, more)])).checks[0];

describe('PROTOCOL §5 row 11: flaky is the same tree with different outcomes', () => {
  test('passed, then failed; and for as long as the tree stays', async () => {
    expect(await one()).toMatchObject({ outcome: 'passed', flaky: false });
    says(1);
    expect(await one()).toMatchObject({ outcome: 'failed', flaky: true });
    says(0);
    expect(await one()).toMatchObject({ outcome: 'passed', flaky: true });
  });

  test('not: another tree, another command, a run that did not come about', async () => {
    says(1);
    await one();
    project.write('src/a.txt', 'b\n');
    says(0);
    expect(await one()).toMatchObject({ outcome: 'passed', flaky: false });
    project.write('src/a.txt', 'a\n');
    expect(await one(`${WAVERS} `)).toMatchObject({ outcome: 'passed', flaky: false });
    says(127);
    expect(await one()).toMatchObject({ outcome: 'did-not-run', flaky: false });
  });

  test('a round that does not count is not remembered: void, cancelled', async () => {
    await rounds.run([check('one', 'echo x > src/new.txt; exit 1')]);
    rmSync(join(project.root, 'src/new.txt'));
    expect(await one('echo x > /dev/null; exit 0')).toMatchObject({ flaky: false });
    const suite = rounds.start([check('one', 'sleep 600')]);
    suite.cancel();
    await suite.done;
    expect(await one('sleep 0')).toMatchObject({ flaky: false });
  });

  test('it passes on the base, and the base is the judged tree itself', async () => {
    const base = await rounds.trees.snapshot(project.root);
    const report = await rounds.run([check('one', '[ ! -d out ]')], base);
    expect(report.checks[0]).toMatchObject({ outcome: 'failed', flaky: true, onBase: { outcome: 'passed' } });
  });

  test('a history that cannot be read is none', async () => {
    await one();
    writeFileSync(join(rounds.evidenceDir, 'outcomes.json'), '{"version":1,"outcomes":[{"of":"x"}]}');
    says(1);
    expect(await one()).toMatchObject({ outcome: 'failed', flaky: false });
  });
});

describe('PROTOCOL §4: a result is used again', () => {
  const runs = () => project.git('hash-object', '--no-filters', 'out/runs');
  const reusing = (env: Record<string, string> = {}) => openRounds(project, { reuse: true, env: { ...process.env, ...env } });

  test('never by default', async () => {
    await one();
    const before = runs();
    expect((await one())?.reused).toBeUndefined();
    expect(runs()).not.toBe(before);
  });

  test('when command, tree, environment and tools are the same, and it says so', async () => {
    const [first] = (await reusing().run([check('one', WAVERS)])).checks;
    expect(first?.reused).toBeUndefined();
    const before = runs();
    const again = await reusing().run([check('one', WAVERS)]);
    expect(again.checks[0]).toMatchObject({ outcome: 'passed', reused: true, log: null });
    expect(again.checks[0]?.reason).toMatch(
      /^exit 0; as on \d{4}-.*: command, tree, environment and tools are the same \(status\/.*h-0001\/1-/,
    );
    expect(runs()).toBe(before);
  });

  test.each<[string, () => void, Record<string, string>, Parameters<typeof check>[2]]>([
    ['another tree', () => project.write('src/a.txt', 'b\n'), {}, {}],
    ['another environment', () => {}, { DATABASE_URL: 'elsewhere' }, {}],
    ['another time-out', () => {}, {}, { timeoutMs: 1000 }],
    ['other packages installed', () => project.write('node_modules/.package-lock.json', '{}'), {}, {}],
  ])('not with %s', async (_what, change, env, more) => {
    await reusing().run([check('one', WAVERS)]);
    change();
    expect((await reusing(env).run([check('one', WAVERS, more)])).checks[0]?.reused).toBeUndefined();
  });

  test('not with another tool of the same name', async () => {
    project.write('out/bin/tool', '#!/bin/sh\nexit 0\n');
    chmodSync(join(project.root, 'out/bin/tool'), 0o755);
    const env = { PATH: `${join(project.root, 'out/bin')}:${process.env.PATH}` };
    await reusing(env).run([check('one', 'tool')]);
    expect((await reusing(env).run([check('one', 'tool')])).checks[0]?.reused).toBe(true);
    project.write('out/bin/tool', '#!/bin/sh\nexit 0 # newer\n');
    expect((await reusing(env).run([check('one', 'tool')])).checks[0]?.reused).toBeUndefined();
  });

  test('not what failed, what measured a figure, or what is flaky', async () => {
    says(1);
    for (let round = 0; round < 2; round++) expect((await reusing().run([check('one', WAVERS)])).checks[0]?.reused).toBeUndefined();
    says(0);
    for (let round = 0; round < 2; round++) expect((await reusing().run([check('one', WAVERS)])).checks[0]).toMatchObject({ flaky: true });
    const measures = `echo '{"success":true,"benchmarks":[{"name":"q","value":1,"better":"lower"}]}' > $COORDTUI_REPORT`;
    for (let round = 0; round < 2; round++) expect((await reusing().run([check('two', measures)])).checks[0]?.reused).toBeUndefined();
  });

  test('PROTOCOL §4: never for a cache, a check marked so, or one whose report says that it looked at more than the tree; each says so', async () => {
    const lives = `printf %s '{"success":true,"violations":[],"reuse":false}' > "$COORDTUI_REPORT"`;
    for (const [spec, why] of [
      [check('cache', WAVERS, { layer: 'cache' }), 'the layer cache lives outside of the tree'],
      [check('marked', WAVERS, { reuse: false }), 'reuse: false'],
      [check('live', lives), 'it has looked at more than the tree'],
    ] as const)
      for (let round = 0; round < 2; round++) {
        const report = (await reusing().run([spec])).checks[0];
        expect(report?.reused).toBeUndefined();
        expect(report?.reason).toContain(`no result of it is used again (${why})`);
      }
  });
});
