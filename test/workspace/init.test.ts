import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/workspace/apply-plan.ts';
import { parseConfig, problemLine } from '../../src/workspace/config.ts';
import { type InitOptions, planInit } from '../../src/workspace/init.ts';
import { PATTERNS, type PatternName } from '../../src/workspace/patterns.ts';
import { surveyProject } from '../../src/workspace/survey.ts';
import { scratch } from '../support/rooms.ts';

let root: string;
beforeEach(() => {
  root = scratch('init');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const options: InitOptions = { pattern: 'web', agents: new Map(), createAgentsFile: false };
const plan = (changed: Partial<InitOptions> = {}) => planInit(surveyProject(root), { ...options, ...changed });
const init = (changed: Partial<InitOptions> = {}) => applyPlan(root, plan(changed));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

function put(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function config(text: string) {
  const parsed = parseConfig(text, { shell: '/bin/sh' });
  if (!parsed.ok) throw new Error(parsed.problems.map(problemLine).join('\n'));
  return parsed.config;
}

function proposed() {
  const file = plan().write.find(({ path }) => path === 'coordtui.yaml');
  return config(file?.text ?? '').verification.checks.map(({ id, phase, command }) => `${phase} ${id}: ${command}`);
}

describe('PROTOCOL §12: what init writes', () => {
  test('in an empty directory: a config that our own parser understands, the status pages, the page for agents, nothing else', () => {
    expect(init().map(({ path, action }) => `${action} ${path}`)).toEqual([
      'created coordtui.yaml',
      'created status/.gitignore',
      'created status/README.md',
      'created docs_dev/coordtui-for-agents.md',
    ]);
    expect(readdirSync(root).sort()).toEqual(['coordtui.yaml', 'docs_dev', 'status']);
    expect(config(read('coordtui.yaml')).instances.map(({ id, agent }) => [id, agent])).toEqual([
      ['instance-1-planning-backend', 'shell'],
      ['instance-2-frontend', 'shell'],
      ['instance-3-coordinator', 'none'],
    ]);
  });

  test('the page for agents says of each way to write what it guarantees, as the page beside the status file does', () => {
    init();
    const rows = read('status/README.md').match(/^\| .*(status set PATH|tmp\.json|temporary file|in place).* \|$/gm);
    expect(rows).toHaveLength(5);
    for (const row of rows ?? []) expect(read('docs_dev/coordtui-for-agents.md')).toContain(row);
  });

  test.each(Object.keys(PATTERNS) as PatternName[])('the pattern %s', (pattern) => {
    const id = PATTERNS[pattern][0]?.id ?? '';
    init({ pattern, agents: new Map([[id, 'claude']]) });
    const { instances } = config(read('coordtui.yaml'));
    expect(instances.slice(0, -1).map((instance) => [instance.id, instance.role, instance.files])).toEqual(
      PATTERNS[pattern].map((instance) => [instance.id, instance.role, instance.files]),
    );
    expect(instances[0]?.agent).toBe('claude');
  });

  test('a second run changes nothing', () => {
    put('AGENTS.md', '# Ours\n');
    init();
    expect(plan().write).toEqual([]);
    expect(plan().keep.map(({ path, why }) => `${path}: ${why}`)).toEqual([
      'coordtui.yaml: there already, and yours',
      'status/.gitignore: up to date',
      'status/README.md: up to date',
      'docs_dev/coordtui-for-agents.md: up to date',
      'AGENTS.md: up to date',
    ]);
  });

  test('what somebody has edited stays; what is ours and old is replaced', () => {
    init();
    const page = read('docs_dev/coordtui-for-agents.md');
    put('docs_dev/coordtui-for-agents.md', page.replace('# Working', '# My way of working'));
    expect(plan().keep).toContainEqual({ path: 'docs_dev/coordtui-for-agents.md', why: 'edited by somebody, left as it is' });
    // Another pattern has other instances in its page, as a newer version would have another text.
    put('docs_dev/coordtui-for-agents.md', page);
    expect(plan({ pattern: 'microservices' }).write).toMatchObject([
      { path: 'docs_dev/coordtui-for-agents.md', action: 'update', before: page },
    ]);
    init({ pattern: 'microservices' });
    expect(read('docs_dev/coordtui-for-agents.md')).toContain('instance-2-gateway');
  });

  test('nothing is written by a plan alone', () => {
    plan();
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('PROTOCOL §12: the block in AGENTS.md and CLAUDE.md, existing text untouched', () => {
  test('is added at the end, and replaced in its place', () => {
    put('AGENTS.md', '# Ours\n\nText without a last newline');
    init();
    const first = read('AGENTS.md');
    expect(first).toMatch(/^# Ours\n\nText without a last newline\n\n<!-- coordtui:begin -->\n[\s\S]*\n<!-- coordtui:end -->\n$/);
    put('AGENTS.md', `before\n<!-- coordtui:begin -->\nold\n<!-- coordtui:end -->\nafter`);
    init();
    expect(read('AGENTS.md')).toMatch(/^before\n<!-- coordtui:begin -->\nThis project[\s\S]*\n<!-- coordtui:end -->\nafter$/);
  });

  test("a file with Windows' line ends keeps them, and its mode stays", () => {
    put('CLAUDE.md', 'a\r\nb\r\n');
    init();
    expect(read('CLAUDE.md').replaceAll('\r\n', '')).not.toContain('\n');
    expect(statSync(join(root, 'CLAUDE.md')).mode & 0o777).toBe(0o644);
  });

  test.each([
    ['an end without a begin', 'x\n<!-- coordtui:end -->\n'],
    ['a begin without an end', '<!-- coordtui:begin -->\nx'],
    ['two blocks', '<!-- coordtui:begin -->\n<!-- coordtui:end -->\n<!-- coordtui:begin -->\n<!-- coordtui:end -->'],
    ['the wrong order', '<!-- coordtui:end -->\n<!-- coordtui:begin -->'],
  ])('%s is left alone, and said', (_name, text) => {
    put('AGENTS.md', text);
    init();
    expect(read('AGENTS.md')).toBe(text);
    expect(plan().keep).toContainEqual({ path: 'AGENTS.md', why: expect.stringMatching(/do not stand as one pair/) });
  });

  test('a file is made only when asked for, and a link to its sibling is not written twice', () => {
    init();
    expect(readdirSync(root)).not.toContain('AGENTS.md');
    init({ createAgentsFile: true });
    expect(read('AGENTS.md')).toMatch(/^<!-- coordtui:begin -->/);
    symlinkSync('AGENTS.md', join(root, 'CLAUDE.md'));
    expect(plan().keep).toContainEqual({ path: 'CLAUDE.md', why: 'a link to AGENTS.md' });
  });

  test('a link out of the workspace is not followed', () => {
    const outside = scratch('outside');
    writeFileSync(join(outside, 'theirs.md'), 'theirs');
    symlinkSync(join(outside, 'theirs.md'), join(root, 'AGENTS.md'));
    symlinkSync(outside, join(root, 'docs_dev'));
    const failed = init().filter(({ action }) => action === 'failed');
    expect(failed).toEqual([{ path: 'docs_dev/coordtui-for-agents.md', action: 'failed', why: 'docs_dev leads out of the workspace' }]);
    expect(readFileSync(join(outside, 'theirs.md'), 'utf8')).toBe('theirs');
    expect(readdirSync(outside)).toEqual(['theirs.md']);
    rmSync(outside, { recursive: true });
  });

  test('what changed between the plan and its execution is not overwritten', () => {
    put('AGENTS.md', 'one');
    const late = plan();
    put('AGENTS.md', 'two');
    put('coordtui.yaml', '# mine');
    expect(applyPlan(root, late).filter(({ action }) => action === 'failed')).toEqual([
      { path: 'coordtui.yaml', action: 'failed', why: 'has appeared meanwhile, left as it is' },
      { path: 'AGENTS.md', action: 'failed', why: 'has changed meanwhile, left as it is' },
    ]);
    expect([read('AGENTS.md'), read('coordtui.yaml')]).toEqual(['two', '# mine']);
  });
});

describe('checks are proposed from what is there', () => {
  const scripts = (all: Record<string, string>) => put('package.json', JSON.stringify({ scripts: all }));

  test("the shipped checks where they have something to read, by copies that are anybody's to edit", () => {
    put('package.json', JSON.stringify({ type: 'module', dependencies: { fastify: '5' } }));
    put('db/migrations/001_a.sql', 'CREATE TABLE a (id INT);');
    expect(proposed()).toEqual([
      'pre filesystem: node scripts/integration/verify-filesystem.js',
      'pre database-schema: node scripts/integration/verify-database-schema.js',
      'pre ipc-contracts: node scripts/integration/verify-ipc-contracts.js',
    ]);
    init();
    expect(config(read('coordtui.yaml')).verification.checks.map((check) => check.notRunExitCodes)).toEqual([[2], [2], [2]]);
    const copy = 'scripts/integration/verify-cache-pipeline.js';
    put(copy, `${read(copy)}// mine\n`);
    expect(plan().keep).toContainEqual({ path: copy, why: 'edited by somebody, left as it is' });
    expect(plan().keep).toContainEqual({ path: 'scripts/integration/verify-filesystem.js', why: 'up to date' });
  });

  test("a package's scripts, quick ones as pre checks; npm's own placeholder is none", () => {
    scripts({ test: 'vitest', lint: 'biome', 'type-check': 'tsc', build: 'x', deploy: 'y' });
    expect(proposed()).toEqual([
      'pre lint: npm run --silent lint',
      'pre typecheck: npm run --silent type-check',
      'pre build: npm run --silent build',
      'integration test: npm run --silent test',
    ]);
    scripts({ test: 'echo "Error: no test specified" && exit 1' });
    expect(proposed()).toEqual([]);
  });

  test.each([
    ['pnpm-lock.yaml', 'pnpm run test'],
    ['yarn.lock', 'yarn run test'],
    ['bun.lockb', 'bun run test'],
  ])('run by the package manager of %s', (lock, command) => {
    scripts({ test: 'x' });
    put(lock, '');
    expect(proposed()).toEqual([`integration test: ${command}`]);
  });

  test.each([
    ['Makefile', 'all: test\ntest:\n\techo', 'make test'],
    ['Makefile', 'CC := x\ncheck: a b\n', 'make check'],
    ['pyproject.toml', '[tool.pytest.ini_options]\n', 'pytest -q'],
    ['pytest.ini', '', 'pytest -q'],
    ['Cargo.toml', '', 'cargo test'],
    ['go.mod', '', 'go test ./...'],
  ])('%s %j', (file, text, command) => {
    put(file, text);
    expect(proposed()).toEqual([`integration test: ${command}`]);
  });

  test('two tools with a test each get two names', () => {
    scripts({ test: 'x' });
    put('Makefile', 'test:\n');
    put('go.mod', '');
    expect(proposed()).toEqual([
      'integration test: npm run --silent test',
      'integration test-make: make test',
      'integration test-go: go test ./...',
    ]);
  });

  test.each(['{', '[]', 'null', '{"scripts": 7}', '{"scripts": {"test": {}}}', '{"scripts": {"__proto__": "x"}}'])(
    'a package.json of %j proposes nothing',
    (text) => {
      put('package.json', text);
      expect(proposed()).toEqual([]);
    },
  );
});
