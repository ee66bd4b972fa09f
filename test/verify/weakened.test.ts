/** PROTOCOL §5 row 10: the ways in which work can make its tests pass without being right, each against a real repository. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTrees } from '../../src/git/trees.ts';
import { judgeTouched } from '../../src/verify/judge-files.ts';
import { makeProject, type Project } from '../git/project.ts';
import { check } from './round.ts';

const CART = `import { expect, it } from 'vitest';
import { total } from '../src/cart';

it('adds up', () => {
  expect(total([{ price: 2 }, { price: 3 }])).toBe(5);
});

it('is nothing when empty', async () => {
  const sum = total([]);
  expect(sum).toBe(0);
});
`;
const SHOWN =
  "import { expect, it } from 'vitest';\nit('shows', () => {\n  expect(show()).toMatchInlineSnapshot(`\n    total 5\n  `);\n});\n";
const SOURCES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    scripts: { test: 'sh scripts/test.sh', pretest: 'node tools/prepare.mjs', start: 'node src/server.js' },
  }),
  'scripts/test.sh': 'set -e\nnode tools/run.mjs\n. scripts/lib.sh\n',
  'scripts/lib.sh': 'vitest run\n',
  'tools/run.mjs': 'run();\n',
  'tools/prepare.mjs': 'prepare();\n',
  'tools/other.mjs': 'other();\n',
  'src/server.js': 'serve();\n',
  'src/cart.ts': 'export const total = (items) => items.reduce((sum, { price }) => sum + price, 0);\n',
  'src/__mocks__/pay.ts': 'export const pay = () => true;\n',
  'test/cart.test.ts': CART,
  'test/shown.test.ts': SHOWN,
  'test/__snapshots__/page.test.ts.snap': 'exports[`page`] = `5`;\n',
  'test/fixtures/orders.json': '[1]\n',
  'vitest.config.ts': "export default { test: { include: ['test/**'], coverage: { thresholds: { lines: 80 } } } };\n",
  '.nycrc.json': '{ "lines": 80 }\n',
  'tsconfig.json': '{ "include": ["src"] }\n',
  'tests/test_cart.py': 'def test_total():\n    assert total([2, 3]) == 5\n',
  Makefile: 'test:\n\tsh scripts/test.sh\n',
};

let project: Project;
beforeEach(() => {
  project = makeProject();
  for (const [path, text] of Object.entries(SOURCES)) project.write(path, text);
  project.commit();
});
afterEach(() => project.dispose());

async function touched(change: () => void, command = 'npm test'): Promise<string[]> {
  const trees = openTrees({ root: project.root, privateDir: project.privateDir });
  const base = await trees.snapshot(project.root);
  change();
  const now = await trees.snapshot(project.root);
  return judgeTouched(await trees.changes(base, now), [check('unit', command)], 'coordtui.yaml', { trees, base, now });
}

const edit = (path: string, from: string, to: string) => () => {
  const text = SOURCES[path] ?? '';
  if (!text.includes(from)) throw new Error(`${path} holds no ${from}`);
  project.write(path, text.replace(from, to));
};
const cart = (from: string, to: string) => edit('test/cart.test.ts', from, to);
const [FIRST, LAST] = ['  expect(total([{ price: 2 }, { price: 3 }])).toBe(5);\n', '  expect(sum).toBe(0);\n'];

describe('PROTOCOL §5 row 10: a test that is weakened is named', () => {
  test.each<[string, string, () => void]>([
    ['deleted', 'test/cart.test.ts', () => rmSync(join(project.root, 'test/cart.test.ts'))],
    [
      'renamed out of the runner’s sight',
      'test/cart.test.ts',
      () => renameSync(join(project.root, 'test/cart.test.ts'), join(project.root, 'test/cart.text.ts')),
    ],
    ['skipped', 'test/cart.test.ts', cart("it('adds", "it.skip('adds")],
    ['skipped on a condition', 'test/cart.test.ts', cart("it('adds", "it.skipIf(true)('adds")],
    ['expected to fail', 'test/cart.test.ts', cart("it('adds", "it.fails('adds")],
    ['all others skipped', 'test/cart.test.ts', cart("it('is nothing", "it.only('is nothing")],
    ['an assertion removed', 'test/cart.test.ts', cart(FIRST, '')],
    ['an assertion removed and one that says nothing added', 'test/cart.test.ts', cart(FIRST, '  expect(true).toBe(true);\n')],
    ['the expected value changed to what comes', 'test/cart.test.ts', cart('toBe(5)', 'toBe(6)')],
    ['a looser matcher', 'test/cart.test.ts', cart('toBe(5)', 'toBeDefined()')],
    ['more patience', 'test/cart.test.ts', cart(`${LAST}});`, `${LAST}}, 60_000);`)],
    ['more patience, as an option', 'test/cart.test.ts', cart("empty', async", "empty', { timeout: 60000 }, async")],
    ['more attempts', 'test/cart.test.ts', cart("empty', async", "empty', { retry: 5 }, async")],
    ['a fault swallowed', 'test/cart.test.ts', cart(FIRST, `  try {\n${FIRST}  } catch {}\n`)],
    ['a rejection swallowed', 'test/cart.test.ts', cart('const sum = total([]);', 'const sum = await run().catch(() => 0);')],
    ['an end before the assertions', 'test/cart.test.ts', cart(LAST, `  return;\n${LAST}`)],
    ['an assertion that is never reached', 'test/cart.test.ts', cart(FIRST, `  if (false) {\n${FIRST}  }\n`)],
    ['an assertion as a comment', 'test/cart.test.ts', cart(FIRST, `  // ${FIRST.trim()}\n`)],
    ['the exit code swallowed in it', 'test/cart.test.ts', cart(FIRST, `${FIRST}  process.exit(0);\n`)],
    [
      'the tested module replaced',
      'test/cart.test.ts',
      cart("\nit('adds", "\nvi.mock('../src/cart', () => ({ total: () => 5 }));\nit('adds"),
    ],
    ['an inline snapshot rewritten', 'test/shown.test.ts', edit('test/shown.test.ts', 'total 5', 'total 6')],
    ['a snapshot rewritten', 'test/__snapshots__/page.test.ts.snap', edit('test/__snapshots__/page.test.ts.snap', '5', '6')],
    ['a fixture of the tests', 'test/fixtures/orders.json', edit('test/fixtures/orders.json', '1', '2')],
    [
      'a replacement that is found by itself',
      'src/__mocks__/cart.ts',
      () => project.write('src/__mocks__/cart.ts', 'export const total = () => 5;\n'),
    ],
    ['the runner’s include narrowed', 'vitest.config.ts', edit('vitest.config.ts', 'test/**', 'test/a*')],
    ['the threshold of coverage lowered', 'vitest.config.ts', edit('vitest.config.ts', '80', '10')],
    ['the threshold in a file of its own', '.nycrc.json', edit('.nycrc.json', '80', '10')],
    ['lines hidden from coverage', 'src/cart.ts', edit('src/cart.ts', 'export', '/* v8 ignore next */\nexport')],
    ['a file hidden from the compiler', 'src/cart.ts', edit('src/cart.ts', 'export', '// @ts-nocheck\nexport')],
    ['a product that asks whether it is tested', 'src/cart.ts', edit('src/cart.ts', '=> items', '=> process.env.VITEST ? 5 : items')],
    ['the compiler’s files narrowed', 'tsconfig.json', edit('tsconfig.json', 'src', 'src/a')],
    ['|| true in the manifest', 'package.json', edit('package.json', 'sh scripts/test.sh', 'sh scripts/test.sh || true')],
    ['|| true in the script', 'scripts/test.sh', edit('scripts/test.sh', 'run.mjs', 'run.mjs || true')],
    ['|| true in a script that the script reads', 'scripts/lib.sh', edit('scripts/lib.sh', 'run', 'run || true')],
    ['the program that the script starts', 'tools/run.mjs', edit('tools/run.mjs', 'run()', 'run().catch(() => {})')],
    ['what runs before it', 'tools/prepare.mjs', edit('tools/prepare.mjs', 'prepare()', 'process.exit(0)')],
    ['the shell of the package manager', '.npmrc', () => project.write('.npmrc', 'script-shell=/bin/true\n')],
    ['an assertion of pytest', 'tests/test_cart.py', edit('tests/test_cart.py', '== 5', '>= 0')],
    [
      'a fault swallowed in pytest',
      'tests/test_cart.py',
      edit('tests/test_cart.py', '    assert', '    try:\n        pass\n    except Exception:\n        pass\n    assert'),
    ],
  ])('%s: %s', async (_way, path, change) => {
    expect(await touched(change)).toContain(path);
  });

  test('a Makefile leads to its scripts as well', async () => {
    expect(await touched(edit('scripts/lib.sh', 'run', 'run || true'), 'make test')).toContain('scripts/lib.sh');
  });

  test.each<[string, () => void]>([
    ['sources', edit('src/cart.ts', 'sum + price', 'price + sum')],
    [
      'a new test file, with patience and replacements of its own',
      () => project.write('test/new.test.ts', "vi.mock('x');\nit('a', { timeout: 9000 }, () => { expect(1).toBe(1); });\n"),
    ],
    [
      'one more test in a file',
      cart("it('is nothing", "it('is one', () => {\n  expect(total([{ price: 1 }])).toBe(1);\n});\n\nit('is nothing"),
    ],
    [
      'tests in another order',
      () => project.write('test/cart.test.ts', CART.replace(/(it\('adds[\s\S]*?\}\);\n)\n(it\('is[\s\S]*)$/, '$2\n$1')),
    ],
    ['a test renamed', cart("'adds up'", "'sums up'")],
    ['tests indented anew, with a comment', () => project.write('test/cart.test.ts', `// all of it\n${CART.replaceAll('\n  ', '\n    ')}`)],
    ['a script that no check runs', edit('src/server.js', 'serve()', 'serve(1)')],
    ['a tool that no check runs', edit('tools/other.mjs', 'other()', 'other(1)')],
    ['a new snapshot', () => project.write('test/__snapshots__/new.test.ts.snap', 'x\n')],
    ['a page that speaks of it', () => project.write('docs/ci.md', 'Use eslint-disable sparingly; @ts-nocheck never.\n')],
    ['a suppression that goes away', () => project.write('src/clean.ts', 'export {};\n')],
  ])('not: %s', async (_what, change) => {
    expect(await touched(change)).toEqual([]);
  });
});
