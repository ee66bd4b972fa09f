import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, test } from 'vitest';
import { parseReport } from '../../../src/verify/report-reader.ts';
import { copyPath, copyText, SHIPPED_CHECKS } from '../../../src/workspace/check-copies.ts';
import { PROJECT_ROOT } from '../../support/rooms.ts';
import { filesOf } from './project.ts';

const SECONDS = 120_000;
const BIN = join(PROJECT_ROOT, 'bin/coordtui.js');

const SOURCES = {
  'migrations/001_a.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n',
  'src/user.ts': 'export interface UserRow {\n  id: number;\n  name: string;\n  mail: string;\n}\n',
};

function project(manifest: string) {
  const { root } = filesOf(
    new Map([
      ...Object.entries(SOURCES),
      ['package.json', manifest],
      ...SHIPPED_CHECKS.map((check) => [copyPath(check), copyText(check)] as const),
    ]),
  );
  return root;
}

function run(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(execPath, args, { cwd, env: { PATH, HOME: cwd, ...env }, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the shipped checks as P1 starts them', () => {
  test.each([
    ['a module', '{"type":"module"}'],
    ['a script', '{"type":"commonjs"}'],
    ['whatever a package.json without a word makes of it', '{}'],
  ])('a copy works as %s, with a report that the suite reads', { timeout: SECONDS }, (_, manifest) => {
    const root = project(manifest);
    const report = join(root, 'report.json');
    const { status, stdout } = run(root, ['scripts/integration/verify-database-schema.js', '--json'], {
      COORDTUI_BIN: BIN,
      COORDTUI_REPORT: report,
    });
    expect(status).toBe(1);
    const printed = JSON.parse(stdout);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual(printed);
    expect(printed.summary).toMatchObject({ critical: 0, high: 1, tables: 1 });
    const parsed = parseReport(stdout);
    expect(parsed.issues).toEqual([]);
    expect(parsed.report?.violations).toEqual([
      expect.objectContaining({
        type: 'schema-column-missing',
        severity: 'HIGH',
        layer: 'database',
        file: 'src/user.ts',
        line: 4,
        description: expect.stringContaining('Repair: '),
      }),
    ]);
  });

  test('from another folder, and with a package of the project', { timeout: SECONDS }, () => {
    const root = project('{}');
    mkdirSync(join(root, 'node_modules/coordtui/bin'), { recursive: true });
    writeFileSync(join(root, 'node_modules/coordtui/bin/coordtui.js'), `import(${JSON.stringify(BIN)});\n`);
    const { status, stdout } = run(join(root, 'src'), ['../scripts/integration/verify-database-schema.js']);
    expect(status).toBe(1);
    expect(stdout).toContain('src/user.ts:4');
  });

  test('without coordtui it did not run, and says so', { timeout: SECONDS }, () => {
    const root = project('{}');
    const { status, stderr } = run(root, ['scripts/integration/verify-filesystem.js'], { PATH: '/nowhere' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/did not run: coordtui was not found/);
  });

  test('nothing to read, a settings file that is none, an unknown option: it did not run', { timeout: SECONDS }, () => {
    const root = project('{}');
    const check = (...args: string[]) => run(root, [BIN, ...args]);
    expect(check('verify-cache-pipeline')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('no probe is configured'),
    });
    expect(check('verify-ipc-contracts', '--json')).toMatchObject({ status: 2, stdout: expect.stringContaining('"didNotRun":true') });
    expect(check('verify-filesystem', '--colour')).toMatchObject({ status: 2, stderr: expect.stringContaining('--colour') });
    writeFileSync(join(root, 'coordtui.yaml'), 'verification:\n  integration:\n    cache: { probe: [] }\n');
    expect(check('verify-cache-pipeline')).toMatchObject({ status: 2, stderr: expect.stringContaining('coordtui.yaml: cache') });
  });

  test('nothing else of coordtui loads a compiler', () => {
    const dist = join(PROJECT_ROOT, 'dist');
    expect(existsSync(join(dist, 'checks.js'))).toBe(true);
    for (const entry of ['fast.cjs', 'client.js', 'cli.js', 'room.script.js']) {
      const text = readFileSync(join(dist, entry), 'utf8');
      expect(text, entry).not.toMatch(/["'](?:ts-morph|@guanmingchiu\/sqlparser-ts|node-sqlite3-wasm)["']/);
    }
  });
});
