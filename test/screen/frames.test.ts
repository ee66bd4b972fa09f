import { afterEach, describe, expect, test } from 'vitest';
import { createFrames, type Frames } from '../../src/screen/frames.ts';
import { until } from '../support/until.ts';

const open: Frames[] = [];
afterEach(() => {
  for (const frames of open.splice(0)) frames.close();
});

function scheduler(frameMs?: number) {
  const painted: number[] = [];
  const state = { full: false };
  const frames = createFrames(() => {
    if (state.full) return false;
    painted.push(performance.now());
    return true;
  }, frameMs);
  open.push(frames);
  return { frames, painted, state };
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('many requests are one frame', async () => {
  const { frames, painted } = scheduler();
  for (let time = 0; time < 100; time++) frames.request();
  expect(painted).toHaveLength(0);
  await until('the first frame', () => painted.length === 1);
  frames.request();
  frames.request();
  await until('the second frame', () => painted.length === 2);
  await new Promise(setImmediate);
  expect(painted).toHaveLength(2);
});

test('frames keep their distance', async () => {
  const { frames, painted } = scheduler(40);
  while (painted.length < 5) {
    frames.request();
    await new Promise(setImmediate);
  }
  // A timer may fire a millisecond early, never more.
  for (let frame = 1; frame < painted.length; frame++) expect((painted[frame] ?? 0) - (painted[frame - 1] ?? 0)).toBeGreaterThan(38);
});

test('immediate does not wait, and takes the place of the frame that was due', async () => {
  const { frames, painted } = scheduler(60_000);
  frames.immediate();
  frames.request();
  expect([painted.length, timers() > 0]).toEqual([1, true]);
  const before = timers();
  frames.immediate();
  expect([painted.length, timers()]).toEqual([2, before - 1]);
});

describe('while the terminal has no room', () => {
  test('nothing is painted and no timer runs; then the latest is, once', async () => {
    const { frames, painted, state } = scheduler();
    const idle = timers();
    state.full = true;
    frames.immediate();
    frames.request();
    frames.request();
    frames.immediate();
    expect([painted.length, timers()]).toEqual([0, idle]);
    state.full = false;
    frames.drained();
    await until('the first frame', () => painted.length === 1);
    frames.drained();
    expect(timers()).toBe(idle);
  });

  test('drained without anything owed paints nothing', () => {
    const { frames, painted } = scheduler();
    const idle = timers();
    frames.drained();
    expect([painted.length, timers()]).toEqual([0, idle]);
  });
});

test('no timer without a request, none after close', () => {
  const idle = timers();
  const { frames, painted } = scheduler();
  expect(timers()).toBe(idle);
  frames.request();
  expect(timers()).toBe(idle + 1);
  frames.close();
  frames.request();
  frames.immediate();
  frames.drained();
  expect([painted.length, timers()]).toEqual([0, idle]);
});

test('a part that is painted at once leaves the frame that was due to its turn', async () => {
  const { frames, painted } = scheduler(30);
  frames.request();
  let parts = 0;
  frames.immediate(() => {
    parts++;
    return true;
  });
  expect([parts, painted.length]).toEqual([1, 0]);
  await until('the whole frame', () => painted.length === 1);
});

test('a part for which there is no room is owed as a whole frame', async () => {
  const { frames, painted } = scheduler();
  frames.immediate(() => false);
  frames.immediate(() => {
    throw new Error('painted without room');
  });
  expect(painted).toHaveLength(0);
  frames.drained();
  await until('the owed frame', () => painted.length === 1);
});
