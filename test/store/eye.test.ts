import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEye } from '../../src/store/eye.ts';
import { until } from '../support/until.ts';
import { scratch } from './support.ts';

test('a file that is being written is not judged before it has stayed the same for a while', async () => {
  const path = join(scratch(), 'file');
  const eye = createEye(path);
  expect(eye.look()).toEqual({ kind: 'same' });
  writeFileSync(path, '');
  expect(eye.look()).toEqual({ kind: 'unsettled' });
  writeFileSync(path, '{"a":');
  expect(eye.look()).toEqual({ kind: 'unsettled' });
  writeFileSync(path, '{"a":1}');
  expect(eye.look()).toMatchObject({ kind: 'version', document: { a: 1 } });
  expect(eye.look()).toEqual({ kind: 'same' });
  writeFileSync(path, '{"a":1');
  let last = eye.look();
  await until('a judgement', () => {
    last = eye.look();
    return last.kind === 'broken';
  });
  expect(last).toMatchObject({ why: expect.stringMatching(/^no JSON/), bytes: Buffer.from('{"a":1') });
  expect(eye.look()).toEqual({ kind: 'same' });
  unlinkSync(path);
  expect([eye.look(), eye.look()]).toEqual([{ kind: 'absent' }, { kind: 'same' }]);
});

test('one look that takes long is one look: what is no JSON yet is judged by a second', () => {
  const path = join(scratch(), 'file');
  const eye = createEye(path);
  writeFileSync(path, '{"a":');
  let now = 0;
  // The process stands still between any two instructions.
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1_000));
  onTestFinished(() => clock.mockRestore());
  expect(eye.look()).toEqual({ kind: 'unsettled' });
  expect(eye.look()).toMatchObject({ kind: 'broken' });
});

test('one version has one id, wherever it is moved; a copy has another', () => {
  const dir = scratch();
  const [a, b, c] = [join(dir, 'a'), join(dir, 'b'), join(dir, 'c')];
  writeFileSync(a, '{}');
  writeFileSync(c, '{}');
  const first = createEye(a).look();
  const copy = createEye(c).look();
  renameSync(a, b);
  expect(createEye(b).look()).toEqual(first);
  expect('id' in first && 'id' in copy && first.id !== copy.id).toBe(true);
});

test('a link is never followed, whatever it points to', () => {
  const dir = scratch();
  writeFileSync(join(dir, 'real'), '{"secret":1}');
  symlinkSync(join(dir, 'real'), join(dir, 'link'));
  expect(createEye(join(dir, 'link')).look()).toMatchObject({ kind: 'broken', why: 'it is a symbolic link, not a file', bytes: null });
});
