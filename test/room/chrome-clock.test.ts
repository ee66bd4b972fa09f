import { afterEach, expect, test } from 'vitest';
import { type ChromeClock, createChromeClock } from '../../src/room/chrome-clock.ts';
import { until } from '../support/until.ts';

const open: ChromeClock[] = [];
afterEach(() => {
  for (const clock of open.splice(0)) clock.close();
});

function drawn() {
  const lastKey = { at: Number.NEGATIVE_INFINITY };
  const times: number[] = [];
  const clock = createChromeClock(Date.now, lastKey, () => times.push(Date.now()));
  open.push(clock);
  return { clock, lastKey, times };
}

test('many changes are one frame', async () => {
  const { clock, times } = drawn();
  for (let change = 0; change < 50; change++) clock.ask();
  await until('the frame', () => times.length > 0);
  expect(times).toHaveLength(1);
});

test('a key that comes while the frame is waited for puts it off, also one that came after the change', async () => {
  const { clock, lastKey, times } = drawn();
  clock.ask();
  await new Promise((next) => setTimeout(next, 60));
  lastKey.at = Date.now();
  await until('the frame', () => times.length > 0);
  expect(times[0]).toBeGreaterThanOrEqual(lastKey.at + 119);
});

test('who types without a pause sees the facts all the same', async () => {
  const { clock, lastKey, times } = drawn();
  const keys = setInterval(() => {
    lastKey.at = Date.now();
  }, 5);
  const asked = Date.now();
  clock.ask();
  try {
    await until('the frame', () => times.length > 0);
  } finally {
    clearInterval(keys);
  }
  expect((times[0] ?? 0) - asked).toBeGreaterThanOrEqual(499);
});

test('nothing is drawn after the end', async () => {
  const { clock, times } = drawn();
  clock.ask();
  clock.close();
  clock.ask();
  await new Promise((next) => setTimeout(next, 200));
  expect(times).toEqual([]);
});
