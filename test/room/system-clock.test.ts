/** PROTOCOL §3: what falls due by itself is looked at when it is due, also where the next cycle is far. */
import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/room/system-clock.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('a timer that comes before its time waits for it; a clock that was set back is waited for by nobody', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const now = vi.spyOn(Date, 'now').mockReturnValue(1_000);
  const called: string[] = [];
  const clock = systemClock();
  clock.at(1_010, () => called.push('due'));
  const cancel = clock.at(1_010, () => called.push('cancelled'));
  clock.at(1_010, () => called.push('past'));
  now.mockReturnValue(1_009);
  vi.advanceTimersByTime(10);
  expect(called).toEqual([]);
  cancel();
  now.mockReturnValue(1_010);
  vi.advanceTimersByTime(1);
  expect(called).toEqual(['due', 'past']);
  clock.at(2_000, () => called.push('set back'));
  now.mockReturnValue(500);
  vi.advanceTimersByTime(990);
  expect(called).toEqual(['due', 'past', 'set back']);
});

it('by the machine itself it never comes before its time', async () => {
  const clock = systemClock();
  const early: number[] = [];
  for (let turn = 0; turn < 200; turn++) {
    const time = Date.now() + 2 + (turn % 3);
    await new Promise<void>((resolve) => {
      clock.at(time, () => {
        if (Date.now() < time) early.push(time - Date.now());
        resolve();
      });
      setTimeout(() => {}, 1);
    });
  }
  expect(early).toEqual([]);
});
