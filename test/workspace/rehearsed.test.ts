import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepRehearsal, readRehearsals } from '../../src/workspace/rehearsed.ts';
import { scratch } from '../support/rooms.ts';

let home = '';
beforeEach(() => {
  home = scratch('state');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const env = () => ({ XDG_STATE_HOME: home });
const file = () => join(home, 'coordtui', 'rehearsals.json');

test('what was played is remembered, each by its name, for its user alone', () => {
  expect(readRehearsals(env())).toEqual({});
  expect(keepRehearsal('crash', { passed: true, at: 7, version: '1' }, env())).toBeNull();
  expect(keepRehearsal('tour', { passed: false, at: 8, version: '1' }, env())).toBeNull();
  keepRehearsal('crash', { passed: true, at: 9, version: '2' }, env());
  expect(readRehearsals(env())).toEqual({ crash: { passed: true, at: 9, version: '2' }, tour: { passed: false, at: 8, version: '1' } });
  expect(statSync(file()).mode & 0o077).toBe(0);
});

test('what else lies there was never played, and a folder that refuses is told', () => {
  mkdirSync(join(home, 'coordtui'));
  for (const text of ['', '[]', '{"crash":{"passed":"yes","at":1,"version":"1"},"tour":null}', '\u0000']) {
    writeFileSync(file(), text);
    expect(readRehearsals(env())).toEqual({});
  }
  rmSync(join(home, 'coordtui'), { recursive: true });
  writeFileSync(join(home, 'coordtui'), 'a file');
  expect(keepRehearsal('crash', { passed: true, at: 7, version: '1' }, env())).toMatch(/EEXIST|ENOTDIR/u);
});
