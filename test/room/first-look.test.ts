import { expect, test } from 'vitest';
import { awaitFirstLook } from '../../src/room/first-look.ts';

const state = async (promise: Promise<void>): Promise<string> => {
  const turn = new Promise<string>((resolve) => setImmediate(() => resolve('waits')));
  return Promise.race([promise.then(() => 'over'), turn]);
};

test('without a screen nothing is waited for', async () => {
  expect(await state(awaitFirstLook(false).over)).toBe('over');
});

test('a room that is started to be looked at begins behind its first frame', async () => {
  const { over, had } = awaitFirstLook(true, 2 ** 30);
  expect(await state(over)).toBe('waits');
  had();
  expect(await state(over)).toBe('over');
});

test('who does not come is not waited for', async () => {
  await awaitFirstLook(true, 1).over;
});
