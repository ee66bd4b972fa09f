import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ChromeClock, createChromeClock } from '../../src/room/chrome-clock.ts';

const open: ChromeClock[] = [];
// Time as the test says: how late a busy machine calls is not what is tried here.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const clock of open.splice(0)) clock.close();
  vi.useRealTimers();
});

function drawn() {
  const lastKey = { at: Number.NEGATIVE_INFINITY };
  const times: number[] = [];
  const clock = createChromeClock(Date.now, lastKey, () => times.push(Date.now()));
  open.push(clock);
  return { clock, lastKey, times, begun: Date.now() };
}

test('many changes are one frame, within a tenth of a second', () => {
  const { clock, times, begun } = drawn();
  for (let change = 0; change < 50; change++) clock.ask();
  vi.advanceTimersByTime(1_000);
  expect(times).toEqual([begun + 100]);
});

test('a key that comes while the frame is waited for puts it off, also one that came after the change', () => {
  const { clock, lastKey, times, begun } = drawn();
  clock.ask();
  vi.advanceTimersByTime(60);
  lastKey.at = Date.now();
  vi.advanceTimersByTime(1_000);
  expect(times).toEqual([begun + 60 + 120]);
});

test('who types without a pause sees the facts all the same', () => {
  const { clock, lastKey, times, begun } = drawn();
  clock.ask();
  for (let key = 0; key < 200; key++) {
    lastKey.at = Date.now();
    vi.advanceTimersByTime(5);
  }
  expect(times).toEqual([begun + 500]);
});

test('nothing is drawn after the end', () => {
  const { clock, times } = drawn();
  clock.ask();
  clock.close();
  clock.ask();
  vi.advanceTimersByTime(1_000);
  expect(times).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
