/** When frames are painted, by a clock that only the test moves: no other timer of the process, and no halt of it, is counted. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFrames, type Frames } from '../../src/screen/frames.ts';

const open: Frames[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  for (const frames of open.splice(0)) frames.close();
  vi.useRealTimers();
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

const timers = (): number => vi.getTimerCount();

test('many requests are one frame', () => {
  const { frames, painted } = scheduler();
  for (let time = 0; time < 100; time++) frames.request();
  expect(painted).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(painted).toHaveLength(1);
  frames.request();
  frames.request();
  vi.advanceTimersByTime(1_000);
  expect(painted).toHaveLength(2);
});

test('frames keep their distance', () => {
  const { frames, painted } = scheduler(40);
  const begun = performance.now();
  for (let ms = 0; ms < 200; ms++) {
    frames.request();
    vi.advanceTimersByTime(1);
  }
  expect(painted.map((at) => at - begun)).toEqual([0, 40, 80, 120, 160, 200]);
});

test('immediate does not wait, and takes the place of the frame that was due', () => {
  const { frames, painted } = scheduler(60_000);
  frames.immediate();
  frames.request();
  expect([painted.length, timers()]).toEqual([1, 1]);
  frames.immediate();
  expect([painted.length, timers()]).toEqual([2, 0]);
});

describe('while the terminal has no room', () => {
  test('nothing is painted and no timer runs; then the latest is, once', () => {
    const { frames, painted, state } = scheduler();
    state.full = true;
    frames.immediate();
    frames.request();
    frames.request();
    frames.immediate();
    expect([painted.length, timers()]).toEqual([0, 0]);
    state.full = false;
    frames.drained();
    vi.advanceTimersByTime(1_000);
    expect(painted).toHaveLength(1);
    frames.drained();
    expect(timers()).toBe(0);
  });

  test('drained without anything owed paints nothing', () => {
    const { frames, painted } = scheduler();
    frames.drained();
    expect([painted.length, timers()]).toEqual([0, 0]);
  });
});

test('no timer without a request, none after close', () => {
  const { frames, painted } = scheduler();
  expect(timers()).toBe(0);
  frames.request();
  expect(timers()).toBe(1);
  frames.close();
  frames.request();
  frames.immediate();
  frames.drained();
  expect([painted.length, timers()]).toEqual([0, 0]);
});

test('a part that is painted at once leaves the frame that was due to its turn', () => {
  const { frames, painted } = scheduler(30);
  frames.request();
  let parts = 0;
  frames.immediate(() => {
    parts++;
    return true;
  });
  expect([parts, painted.length]).toEqual([1, 0]);
  vi.advanceTimersByTime(30);
  expect(painted).toHaveLength(1);
});

test('a part for which there is no room is owed as a whole frame', () => {
  const { frames, painted } = scheduler();
  frames.immediate(() => false);
  frames.immediate(() => {
    throw new Error('painted without room');
  });
  expect(painted).toHaveLength(0);
  frames.drained();
  vi.advanceTimersByTime(1_000);
  expect(painted).toHaveLength(1);
});
