import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkFilesystem } from '../../../src/verify/checks/filesystem/check.ts';
import type { Finding } from '../../../src/verify/checks/finding.ts';
import { filesOf, findingsIn, reopened, type Sources } from './project.ts';
import { shop } from './shop.ts';

const SECONDS = 60_000;
const NOTHING = { declared: [], territory: [], base: null };
const said = (findings: readonly Finding[]) => findings.map((one) => `${one.severity} ${one.type} ${one.file}:${one.line}`).sort();

async function findings(sources: Sources, declared: readonly string[] = []) {
  return said(findingsIn(await checkFilesystem(filesOf(sources), {}, { ...NOTHING, declared })));
}

const CLEAN: Readonly<Record<string, string>> = {
  'docs/merging.md': '# Merging\n\n```\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> branch\n```\n\nHeading\n=======\n',
  'src/conflict-fixture.ts': 'export const sample = `\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n`;\n',
  'tsconfig.web.json': '{\n  // with a comment\n  "extends": "./tsconfig.json",\n}\n',
  'deploy/chart.yaml': 'name: {{ .Values.name }}\n',
  'deploy/many.yaml': 'a: 1\n---\nb: 2\n',
  'web/style.css': '',
  'web/legacy.js': 'export const view = () => <p>jsx in js</p>;\n',
  'scripts/tool.cjs': '#!/usr/bin/env node\nconst a = require("node:fs");\nmodule.exports = a;\n',
};

describe('PROTOCOL §4: what the instance says it has made', () => {
  const handed = async (...paths: string[]) =>
    said(findingsIn(await checkFilesystem(filesOf(new Map([['src/a.ts', 'export {};\n']])), {}, { ...NOTHING, handed: paths })));

  test('a file that is there is there', async () => expect(await handed('src/a.ts', './src/a.ts')).toEqual([]));

  test.each([
    'src/b.ts',
    '../outside.ts',
    '/etc/passwd',
    'src/../../x',
    'src/*.ts',
    '**',
    'src',
    '(1200 more than can be listed)',
    'src/a.ts\uFFFDx',
    '$(id)',
    '--help',
  ])('%j is not found, and nothing else comes of it', async (path) =>
    expect(await handed(path)).toEqual([expect.stringContaining('HIGH declared-file-missing')]),
  );
});

describe('verify-filesystem on a project of realistic size', () => {
  const clean = () => new Map([...shop(), ...Object.entries(CLEAN)]);

  test('says nothing about a tree without faults', { timeout: SECONDS }, async () => {
    expect(await findings(clean(), ['src/server/app.ts', 'migrations/*.up.sql'])).toEqual([]);
  });

  test.each<[string, string, string, string]>([
    [
      'a conflict in code',
      'src/server/pool.ts',
      "import { Pool } from 'pg';\n<<<<<<< HEAD\nconst a = 1;\n=======\nconst a = 2;\n>>>>>>> feature/x\n",
      'CRITICAL conflict-marker src/server/pool.ts:2',
    ],
    [
      'a conflict in SQL',
      'migrations/001_users.up.sql',
      'CREATE TABLE a (\n<<<<<<< HEAD\n  id INT\n=======\n  id BIGINT\n>>>>>>> 1a2b3c4\n);\n',
      'CRITICAL conflict-marker migrations/001_users.up.sql:2',
    ],
    ['a conflict half resolved', 'web/style.css', 'a {}\n>>>>>>> 1a2b3c4d (a commit)\n', 'CRITICAL conflict-marker web/style.css:2'],
    [
      'a conflict in JSON',
      'package.json',
      '{\n<<<<<<< Updated upstream\n  "a": 1\n=======\n  "a": 2\n>>>>>>> Stashed changes\n}\n',
      'CRITICAL conflict-marker package.json:2',
    ],
    ['an empty source', 'src/server/routes/carts.ts', '', 'HIGH half-written-file src/server/routes/carts.ts:1'],
    [
      'zero bytes',
      'src/server/rows/users.ts',
      'export interface A {\n  a: string;\n\u0000\u0000\u0000',
      'HIGH half-written-file src/server/rows/users.ts:3',
    ],
    [
      'code that stops in the middle',
      'src/server/app.ts',
      'export function a() {\n  if (true) {\n    return [1,\n',
      'HIGH half-written-file src/server/app.ts:4',
    ],
    [
      'JSON that stops in the middle',
      'tsconfig.json',
      '{\n  "compilerOptions": {\n    "strict": true\n',
      'HIGH half-written-file tsconfig.json:4',
    ],
    ['JSON with a comma too many', 'package.json', '{\n  "name": "x",\n}\n', 'HIGH half-written-file package.json:1'],
    ['YAML that cannot be read', 'deploy/many.yaml', 'a:\n  - b\n c: [1\n', 'HIGH half-written-file deploy/many.yaml:3'],
    ['the swap file of an editor', 'src/server/.app.ts.swp', 'b0VIM', 'MEDIUM leftover-file src/server/.app.ts.swp:1'],
    ['what a merge has left', 'src/server/app.ts.orig', 'old', 'MEDIUM leftover-file src/server/app.ts.orig:1'],
    ['what somebody was writing', 'src/server/app.ts.tmp', 'new', 'MEDIUM leftover-file src/server/app.ts.tmp:1'],
  ])('finds %s', { timeout: SECONDS }, async (_, file, text, expected) => {
    expect(await findings(new Map([...clean(), [file, text]]))).toEqual([expected]);
  });

  test('a declared file that is not there, or not in the project', { timeout: SECONDS }, async () => {
    expect(await findings(clean(), ['src/server/invoices.ts', '../secret', 'src/server'])).toEqual([
      'HIGH declared-file-missing ../secret:undefined',
      'HIGH declared-file-missing src/server/invoices.ts:undefined',
      'HIGH declared-file-missing src/server:undefined',
    ]);
  });
});

describe('territory', () => {
  function repository() {
    const files = filesOf(new Map([...shop()].slice(0, 4)));
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
        cwd: files.root,
        stdio: 'pipe',
      }).toString();
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'first');
    writeFileSync(join(files.root, 'web/src/api/http.ts'), 'export const http = 1;\n');
    mkdirSync(join(files.root, 'src/new'), { recursive: true });
    writeFileSync(join(files.root, 'src/new/file.ts'), 'export const a = 1;\n');
    return { files, git };
  }

  test('in a checkout that several share, what lies outside only informs', { timeout: SECONDS }, async () => {
    const { files } = repository();
    // What coordtui writes itself is nobody's change (PROTOCOL section 4).
    mkdirSync(join(files.root, 'docs_dev/handoffs'), { recursive: true });
    writeFileSync(join(files.root, 'docs_dev/handoffs/handoff-1.md'), 'delegated\n');
    const expected = { declared: [], territory: ['src/**', 'migrations/**'], base: 'HEAD' };
    expect(said(findingsIn(await checkFilesystem(reopened(files), {}, expected)))).toEqual(['LOW outside-territory web/src/api/http.ts:1']);
  });

  test('in a worktree of its own it is a violation, and a base that does not exist is no answer', { timeout: SECONDS }, async () => {
    const { files, git } = repository();
    const tree = `${files.root}/tree`;
    git('worktree', 'add', '-q', tree, '-b', 'feature');
    writeFileSync(join(tree, 'package.json'), '{}\n');
    const there = reopened({ ...files, root: tree });
    const expected = { declared: [], territory: ['src/**'], base: 'HEAD' };
    expect(said(findingsIn(await checkFilesystem(there, {}, expected)))).toEqual(['HIGH outside-territory package.json:1']);
    expect(await checkFilesystem(there, {}, { ...expected, base: 'nowhere' })).toMatchObject({ ran: false });
  });
});
