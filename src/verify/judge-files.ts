/** Changes that touch the judge itself: its config, a check's script, a runner's config, the tests (PROTOCOL section 5, row 10). */
import { posix } from 'node:path';
import type { ChangedFile, CheckSpec } from '../core/report.ts';
import { matcher } from './select.ts';
import { type Between, harmlessManifests, weakerTests } from './weaker-tests.ts';

type Context = {
  readonly configPath: string;
  /** Files that appear in a check's command line. */
  readonly commanded: ReadonlySet<string>;
  /** Test files that test less than before: a test newly skipped, all others skipped, a test or an assertion taken out. */
  readonly weaker: ReadonlySet<string>;
  /** Manifests in which only what is no part of the judge has changed. */
  readonly harmless: ReadonlySet<string>;
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
  { what: 'the config of a test runner', touches: (file, { harmless }) => RUNNERS(file.path) && !harmless.has(file.path) },
  { what: 'a shipped check', touches: (file) => SHIPPED(file.path) },
  { what: 'a deleted test', touches: (file) => file.status === 'deleted' && TESTS(file.path) },
  { what: 'a test that tests less', touches: (file, { weaker }) => weaker.has(file.path) },
];

/** Paths of the changed files that belong to the judge, in the order of the changes. Rejects with `GitTrouble`. */
export async function judgeTouched(
  changed: readonly ChangedFile[],
  checks: readonly CheckSpec[],
  configPath: string,
  between: Between,
): Promise<string[]> {
  const context: Context = {
    configPath,
    commanded: new Set(checks.flatMap(filesInCommand)),
    weaker: await weakerTests(
      changed.filter((file) => file.status !== 'deleted' && TESTS(file.path)),
      between,
    ),
    harmless: await harmlessManifests(changed, between),
  };
  return changed.filter((file) => RULES.some((rule) => rule.touches(file, context))).map((file) => file.path);
}

/** Words of the command line as paths of the tree; whether one exists is told by it being among the changes. */
export function filesInCommand(check: CheckSpec): string[] {
  const words = check.command.split(/[\s'"`=;&|()<>]+/).filter((word) => word !== '' && !word.startsWith('-'));
  return words.flatMap((word) => [posix.normalize(word), posix.join(check.cwd, word)]);
}
