import { describe, expect, test } from 'vitest';
import { beat, gapOf, type Pulse } from '../../src/core/awake.ts';

const GAP = gapOf(30_000);
const HOUR = 3_600_000;
const start: Pulse = { at: 1_000_000, steady: 500, awake: 0 };
const after = (wallMs: number, steadyMs: number) => {
  const { pulse, jump } = beat(start, start.at + wallMs, start.steady + steadyMs, GAP);
  return { counts: pulse.awake, jump };
};

describe('PROTOCOL §7: time that counts', () => {
  test.each([
    ['an ordinary interval', 30_000, 30_000, { counts: 30_000, jump: 0 }],
    ['drift is no jump', 30_400, 30_000, { counts: 30_000, jump: 0 }],
    ['sleep, on a system whose steady clock sleeps too', 9 * HOUR, 20_000, { counts: 20_000, jump: 9 * HOUR - 20_000 }],
    ['sleep, on a system whose steady clock goes on', 9 * HOUR, 9 * HOUR, { counts: 0, jump: 9 * HOUR }],
    ['the clock is set an hour forward', HOUR + 30_000, 30_000, { counts: 30_000, jump: HOUR }],
    ['the clock is set an hour back', 30_000 - HOUR, 30_000, { counts: 30_000, jump: -HOUR }],
    ['a steady clock that goes back counts nothing', 30_000, -5, { counts: 0, jump: 30_000 }],
  ])('%s', (_name, wall, steady, expected) => {
    expect(after(wall, steady)).toEqual(expected);
  });
});
