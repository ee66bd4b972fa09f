/** Changes that touch the judge itself: its config, a check's script, a runner's config, the tests (PROTOCOL section 5, row 10). */
import { posix } from 'node:path';
import type { ChangedFile, CheckSpec, TreeRef } from '../core/report.ts';
import type { Trees } from '../git/trees.ts';
import { matcher } from './select.ts';

type Context = {
  readonly configPath: string;
  /** Files that appear in a check's command line. */
  readonly commanded: ReadonlySet<string>;
  /** Test files in which a test was newly skipped, or all others were. */
  readonly skipping: ReadonlySet<string>;
};

type Rule = { readonly what: string; readonly touches: (file: ChangedFile, context: Context) => boolean };

const RUNNERS = matcher([
  '**/{vite,vitest,jest,playwright,cypress,karma,ava,wdio}.{config,conf}.{js,cjs,mjs,ts,cts,mts,json}',
  '**/vitest.workspace.*',
  '**/jest.setup.*',
  '**/.mocharc*',
  '**/{pytest.ini,tox.ini,noxfile.py,conftest.py,setup.cfg,pyproject.toml}',
  '**/{phpunit.xml,phpunit.xml.dist,.rspec}',
  '**/package.json',
  '**/{Makefile,makefile,GNUmakefile,justfile,Taskfile.yml}',
]);
const SHIPPED = matcher(['scripts/integration/verify-*']);
const TESTS = matcher(['**/*.{test,spec}.*', '**/{test,tests,__tests__}/**', '**/test_*.py', '**/*_test.{go,py,rb}']);

const RULES: readonly Rule[] = [
  { what: 'the config', touches: (file, { configPath }) => file.path === configPath },
  { what: 'a file that a check is started with', touches: (file, { commanded }) => commanded.has(file.path) },
  { what: 'the config of a test runner', touches: (file) => RUNNERS(file.path) },
  { what: 'a shipped check', touches: (file) => SHIPPED(file.path) },
  { what: 'a deleted test', touches: (file) => file.status === 'deleted' && TESTS(file.path) },
  { what: 'a skipped test', touches: (file, { skipping }) => skipping.has(file.path) },
];

/** POSIX, for git: finds the few files worth reading. */
const MAYBE_SKIPS = '(skip|only|todo|xit|xdescribe|xtest|fit|fdescribe|xfail|Skip|ignore|Ignore|Disabled)';
const SKIPS =
  /\.(skip|only|todo)\b|\b(xit|xdescribe|xtest|fit|fdescribe)\s*\(|\b(skip|only|todo)\s*:\s*(true|['"`])|pytest\.(skip|mark\.(skip|xfail))|unittest\.skip|\bt\.Skip|#\[ignore|@(Ignore|Disabled)\b/;
/** A patch of more than this is not searched to its end: the file then counts as touched. */
const MAX_PATCH_BYTES = 4 * 1024 * 1024;

/** Paths of the changed files that belong to the judge, in the order of the changes. Rejects with `GitTrouble`. */
export async function judgeTouched(
  changed: readonly ChangedFile[],
  checks: readonly CheckSpec[],
  configPath: string,
  between: { readonly trees: Trees; readonly base: TreeRef | null; readonly now: TreeRef; readonly signal?: AbortSignal },
): Promise<string[]> {
  const context: Context = {
    configPath,
    commanded: new Set(checks.flatMap(filesInCommand)),
    skipping: await newlySkipping(changed, between),
  };
  return changed.filter((file) => RULES.some((rule) => rule.touches(file, context))).map((file) => file.path);
}

/** Words of the command line as paths of the tree; whether one exists is told by it being among the changes. */
export function filesInCommand(check: CheckSpec): string[] {
  const words = check.command.split(/[\s'"`=;&|()<>]+/).filter((word) => word !== '' && !word.startsWith('-'));
  return words.flatMap((word) => [posix.normalize(word), posix.join(check.cwd, word)]);
}

async function newlySkipping(
  changed: readonly ChangedFile[],
  {
    trees,
    base,
    now,
    signal,
  }: { readonly trees: Trees; readonly base: TreeRef | null; readonly now: TreeRef; readonly signal?: AbortSignal },
): Promise<Set<string>> {
  const tests = new Set(changed.filter((file) => file.status !== 'deleted' && TESTS(file.path)).map((file) => file.path));
  if (tests.size === 0) return new Set();
  const skipping = new Set<string>();
  for (const path of await trees.changedLines(base, now, MAYBE_SKIPS, signal)) {
    if (!tests.has(path)) continue;
    const patch = await trees.patch(base, now, { maxBytes: MAX_PATCH_BYTES, paths: [path], contextLines: 0 });
    const added = patch.split('\n').filter((line) => line.startsWith('+') && !line.startsWith('+++ '));
    if (patch.length >= MAX_PATCH_BYTES || added.some((line) => SKIPS.test(line))) skipping.add(path);
  }
  return skipping;
}
