/** Changes that touch the judge itself: its config, a check's script, a runner's config, the tests (PROTOCOL section 5, row 10). */
import type { ChangedFile, CheckSpec } from '../core/report.ts';
import { lookedAway } from './looked-away.ts';
import { filesReached, wordsIn } from './reached-scripts.ts';
import { matcher } from './select.ts';
import { type Between, harmlessManifests, weakerTests } from './weaker-tests.ts';

type Context = {
  readonly configPath: string;
  /** Files that a check's command line comes to run. */
  readonly commanded: ReadonlySet<string>;
  /** Test files that test less than before: a test newly skipped, all others skipped, a test or an assertion taken out. */
  readonly weaker: ReadonlySet<string>;
  /** Files in which a judge is newly told to look away. */
  readonly away: ReadonlySet<string>;
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
  '**/{Makefile,makefile,GNUmakefile,justfile,Taskfile.yml,turbo.json,nx.json,.npmrc,bunfig.toml,deno.json,deno.jsonc}',
  '**/{.nycrc,.nycrc.*,.c8rc.json,.taprc,.coveragerc,codecov.yml,.codecov.yml}',
  '**/{.eslintrc,.eslintrc.*,.eslintignore,eslint.config.*,biome.json,biome.jsonc,.oxlintrc.json,ruff.toml,mypy.ini,.golangci.*}',
  '**/tsconfig*.json',
  '**/.env.test',
]);
const SHIPPED = matcher(['scripts/integration/verify-*']);
/** What tests are held against, or held against instead of the real thing. */
const EXPECTED = matcher([
  '**/*.snap',
  '**/{__snapshots__,__mocks__,golden,goldens,testdata}/**',
  '**/*.{golden,approved.*,snapshot}',
  '**/{test,tests,__tests__}/**/{fixtures,expected,snapshots}/**',
]);
/** A new one takes the place of the real thing all by itself. */
const MOCKS = matcher(['**/__mocks__/**']);
const TESTS = matcher(['**/*.{test,spec}.*', '**/{test,tests,__tests__}/**', '**/test_*.py', '**/*_test.{go,py,rb}']);

const RULES: readonly Rule[] = [
  { what: 'the config', touches: (file, { configPath }) => file.path === configPath },
  { what: 'a file that a check is started with', touches: (file, { commanded }) => commanded.has(file.path) },
  { what: 'the config of a test runner', touches: (file, { harmless }) => RUNNERS(file.path) && !harmless.has(file.path) },
  { what: 'a shipped check', touches: (file) => SHIPPED(file.path) },
  { what: 'a deleted test', touches: (file) => file.status === 'deleted' && TESTS(file.path) },
  { what: 'a test that tests less, or something else', touches: (file, { weaker }) => weaker.has(file.path) },
  { what: 'what tests are held against', touches: (file) => (file.status !== 'added' || MOCKS(file.path)) && EXPECTED(file.path) },
  { what: 'a judge told to look away', touches: (file, { away }) => away.has(file.path) },
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
    commanded: await filesReached(checks, between),
    weaker: await weakerTests(
      changed.filter((file) => file.status !== 'deleted' && TESTS(file.path)),
      between,
    ),
    away: await lookedAway(changed, between),
    harmless: await harmlessManifests(changed, between),
  };
  return changed.filter((file) => RULES.some((rule) => rule.touches(file, context))).map((file) => file.path);
}

/** Paths that the check's own command line names. */
export function filesInCommand({ command, cwd }: CheckSpec): string[] {
  return wordsIn(command, cwd);
}
