import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangedFile } from '../../src/core/report.ts';
import { openTrees } from '../../src/git/trees.ts';
import { judgeTouched } from '../../src/verify/judge-files.ts';
import { impossible } from '../../src/verify/order.ts';
import { counting, hasWork, uncoveredFiles } from '../../src/verify/select.ts';
import { makeProject, type Project } from '../git/project.ts';
import { check } from './round.ts';

const changed = (...paths: string[]): ChangedFile[] => paths.map((path) => ({ path, status: 'modified', added: 1, removed: 0 }));

describe('PROTOCOL §4: which checks have something to do', () => {
  test.each([
    ['no globs: every file', [], ['a'], true],
    ['no globs: even none', [], [], true],
    ['a match', ['src/**/*.ts'], ['docs/x.md', 'src/deep/a.ts'], true],
    ['no match', ['src/**/*.ts'], ['docs/x.md'], false],
    ['dot files', ['**/*.json'], ['.config/.x.json'], true],
    ['one of several', ['a/**', '*.sql'], ['m.sql'], true],
    ['nothing changed', ['**'], [], false],
  ])('%s', (_what, when, paths, expected) => {
    expect(hasWork(check('c', 'true', { when }), changed(...paths))).toBe(expected);
  });

  test('changed files that no check covers; ignored ones do not count', () => {
    const checks = [check('a', 'true', { when: ['src/**'] }), check('b', 'true', { when: ['db/*.sql'] })];
    expect(uncoveredFiles(checks, changed('src/a.ts', 'db/1.sql', 'infra/x.tf', 'README.md'), ['**/*.md'])).toEqual(['infra/x.tf']);
    expect(uncoveredFiles([...checks, check('all', 'true')], changed('infra/x.tf'), [])).toEqual([]);
    expect(uncoveredFiles([], changed('a', 'b.md'), ['*.md'])).toEqual(['a']);
    expect(counting(changed('a', 'b.md'), ['*.md'])).toEqual(changed('a'));
  });

  test('needs that cannot be met are told by name', () => {
    const reasons = impossible([
      check('lost', 'true', { needs: ['nobody'] }),
      check('early', 'true', { phase: 'pre', needs: ['fine'] }),
      check('a', 'true', { needs: ['b'] }),
      check('b', 'true', { needs: ['c'] }),
      check('c', 'true', { needs: ['a'] }),
      check('self', 'true', { needs: ['self'] }),
      check('after-circle', 'true', { needs: ['a'] }),
      check('fine', 'true'),
    ]);
    expect(Object.fromEntries(reasons)).toEqual({
      lost: 'needs nobody, which is no check of this round',
      early: 'needs fine, which runs in a later phase',
      a: 'needs itself: a → b → c → a',
      b: 'needs itself: b → c → a → b',
      c: 'needs itself: c → a → b → c',
      self: 'needs itself: self → self',
    });
  });
});

describe('PROTOCOL §5 row 10: what touches the judge', () => {
  let project: Project;
  beforeEach(() => {
    project = makeProject();
    project.write('scripts/check.sh', 'true\n');
    project.write('app/run.js', 'true\n');
    project.write('test/a.test.ts', "it('a', () => {});\n");
    project.write('test/b.test.ts', "it('b', () => {});\nit.skip('old', () => {});\n");
    project.write('src/a.ts', 'a\n');
    project.commit();
  });
  afterEach(() => project.dispose());

  async function touched(change: () => void): Promise<string[]> {
    const trees = openTrees({ root: project.root, privateDir: project.privateDir });
    const base = await trees.snapshot(project.root);
    change();
    const now = await trees.snapshot(project.root);
    const checks = [check('sh', "env X=1 sh ./scripts/check.sh --fast && echo 'done'"), check('js', 'node run.js', { cwd: 'app' })];
    return judgeTouched(await trees.changes(base, now), checks, 'coordtui.yaml', { trees, base, now });
  }

  test.each([
    'coordtui.yaml',
    'scripts/check.sh',
    'app/run.js',
    'vitest.config.ts',
    'packages/a/jest.config.cjs',
    'playwright.config.ts',
    '.mocharc.yml',
    'pytest.ini',
    'tests/conftest.py',
    'package.json',
    'Makefile',
    'scripts/integration/verify-filesystem.js',
  ])('%s', async (path) => {
    expect(await touched(() => project.write(path, 'changed\n'))).toEqual([path]);
  });

  test('a deleted test', async () => {
    expect(await touched(() => rmSync(join(project.root, 'test/a.test.ts')))).toEqual(['test/a.test.ts']);
  });

  test.each([
    "it.skip('a', () => {});\n",
    "describe.only('a', () => {});\n",
    "xit('a', () => {});\n",
    "test('a', { skip: true }, () => {});\n",
  ])('a test that is newly skipped: %s', async (content) => {
    expect(await touched(() => project.write('test/a.test.ts', content))).toEqual(['test/a.test.ts']);
  });

  const THREE =
    "it('a', () => {\n  expect(sum(1, 2)).toBe(3);\n  expect(sum(0, 0)).toBe(0);\n});\nit('b', () => {\n  assert.equal(1, 1);\n});\n";
  test.each<[string, string, boolean]>([
    ['an assertion is taken out', THREE.replace('  expect(sum(0, 0)).toBe(0);\n', ''), true],
    ['an assertion becomes a comment', THREE.replace('  expect(sum(0', '  // expect(sum(0'), true],
    ['an assertion that always holds takes its place', THREE.replace('expect(sum(0, 0)).toBe(0)', 'expect(true).toBe(true)'), true],
    ['a test is taken out', THREE.slice(0, THREE.indexOf("it('b'")), true],
    ['an assertion asks for another figure', THREE.replace('toBe(3)', 'toBe(4)'), true],
    ['everything is indented anew', THREE.replaceAll('\n  ', '\n    '), false],
    ['an assertion more', THREE.replace("it('b'", "it('c', () => { expect(2).toBe(2); });\nit('b'"), false],
    ['a skip in a comment', `${THREE}// it.skip would be wrong here\n`, false],
  ])('a test file in which %s', async (_what, content, expected) => {
    project.write('test/three.test.ts', THREE);
    project.commit();
    expect(await touched(() => project.write('test/three.test.ts', content))).toEqual(expected ? ['test/three.test.ts'] : []);
  });

  test.each<[string, object, boolean]>([
    ['the test script', { scripts: { test: 'true' } }, true],
    ['the runner’s settings', { scripts: { test: 'jest' }, jest: { testMatch: [] } }, true],
    ['a dependency', { scripts: { test: 'jest' }, dependencies: { left: '1.0.0' } }, false],
  ])('package.json in which %s changed', async (_what, content, expected) => {
    project.write('package.json', '{"scripts":{"test":"jest"}}\n');
    project.commit();
    expect(await touched(() => project.write('package.json', JSON.stringify(content)))).toEqual(expected ? ['package.json'] : []);
  });

  test('pytest marks', async () => {
    expect(await touched(() => project.write('tests/test_x.py', '@pytest.mark.skip\ndef test_x(): pass\n'))).toEqual(['tests/test_x.py']);
  });

  test('an attribute cannot hide a skipped test', async () => {
    const change = (): void => {
      project.write('.gitattributes', '*.ts binary\n');
      project.write('test/a.test.ts', "it.skip('a', () => {});\n");
    };
    expect(await touched(change)).toEqual(['test/a.test.ts']);
  });

  test('not: sources, new tests, a skip that was there before or goes away, a skip outside of tests', async () => {
    const change = (): void => {
      project.write('src/a.ts', 'list.skip(1)\n');
      project.write('test/c.test.ts', "it('c', () => {});\n");
      project.write('test/b.test.ts', "it('b', () => {});\nit('old', () => {});\n");
      project.write('test/a.test.ts', "it('a', () => expect(1).toBe(1));\n");
    };
    expect(await touched(change)).toEqual([]);
  });
});
