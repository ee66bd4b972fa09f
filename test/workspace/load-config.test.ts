import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemLine } from '../../src/workspace/config.ts';
import { loadConfig } from '../../src/workspace/load-config.ts';
import { scratch } from '../support/rooms.ts';

let root: string;
beforeEach(() => {
  root = scratch('config');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function load(text?: string | Uint8Array) {
  if (text !== undefined) writeFileSync(join(root, 'coordtui.yaml'), text);
  const loaded = loadConfig(root, { shell: '/bin/sh' });
  return loaded.ok ? loaded : { ...loaded, lines: loaded.problems.map(problemLine) };
}

test('INTERFACE: an absent config is fine', () => {
  expect(load()).toMatchObject({
    ok: true,
    text: null,
    config: { instances: [{ agent: 'shell' }, { agent: 'shell' }, { command: null }] },
  });
});

test('the text comes back with what it means, for showing what changed', () => {
  expect(load('ui: {}')).toMatchObject({ ok: true, text: 'ui: {}' });
});

test('directories that the config names are looked at, and their faults stand among the others', () => {
  mkdirSync(join(root, 'api'));
  writeFileSync(join(root, 'file'), '');
  symlinkSync('/', join(root, 'out'));
  symlinkSync('api', join(root, 'in'));
  const text = `instances:
  - { id: a, agent: pi, cwd: api }
  - { id: b, agent: pi, cwd: in }
  - { id: c, agent: pi, cwd: out/etc }
  - { id: d, agent: pi, cwd: file }
  - { id: e, agent: nobody, cwd: gone }
  - { id: f, agent: pi, cwd: ../.. }
verification: { checks: [{ id: x, command: y, cwd: nowhere }] }
`;
  expect(load(text)).toMatchObject({
    ok: false,
    lines: [
      'coordtui.yaml:4:30: instances[2].cwd leads out of the workspace through a link',
      'coordtui.yaml:5:30: instances[3].cwd is not a directory',
      expect.stringMatching(/^coordtui.yaml:6:21: instances\[4\].agent must be one of /),
      'coordtui.yaml:6:34: instances[4].cwd names a directory that does not exist',
      expect.stringMatching(/^coordtui.yaml:7:30: instances\[5\].cwd must lie inside the workspace/),
      'coordtui.yaml:8:52: verification.checks[0].cwd names a directory that does not exist',
    ],
  });
});

test('a pipe in place of the config is refused instead of waited for', () => {
  expect(spawnSync('mkfifo', [join(root, 'coordtui.yaml')]).status).toBe(0);
  expect(load()).toMatchObject({ ok: false, lines: ['coordtui.yaml:1:1: is not a regular file'] });
});

test('a directory in its place, a link that leads nowhere, and bytes that are no text', () => {
  mkdirSync(join(root, 'coordtui.yaml'));
  expect(load()).toMatchObject({ ok: false, lines: ['coordtui.yaml:1:1: is not a regular file'] });
  rmSync(join(root, 'coordtui.yaml'), { recursive: true });
  symlinkSync('nowhere', join(root, 'coordtui.yaml'));
  expect(load()).toMatchObject({ ok: false, lines: [expect.stringMatching(/^coordtui.yaml:1:1: cannot be opened/)] });
  rmSync(join(root, 'coordtui.yaml'));
  expect(load(Uint8Array.of(0xff, 0xfe, 0x00))).toMatchObject({ ok: false, lines: ['coordtui.yaml:1:1: is not UTF-8 text'] });
  expect(load(new Uint8Array(300_000))).toMatchObject({
    ok: false,
    lines: [expect.stringMatching(/300000 bytes, and 262144 are the limit/)],
  });
});
