import { describe, expect, it } from 'vitest';
import { duration, isoTime } from '../../src/core/time.ts';

describe('isoTime', () => {
  it('agrees with the calendar of the language, on every edge of it and on days all over it', () => {
    const edges = [
      0,
      1,
      999,
      1000,
      59_999,
      86_399_999,
      86_400_000,
      -1,
      -86_400_000,
      -62_135_596_800_000,
      -62_167_219_200_000,
      -62_167_219_200_001,
      253_402_300_799_999,
      253_402_300_800_000,
      8.64e15,
      -8.64e15,
      Date.UTC(2000, 1, 29),
      Date.UTC(1900, 1, 28, 23, 59, 59, 999),
      Date.UTC(2100, 2, 1),
      Date.UTC(2024, 11, 31),
      1.9,
      -1.9,
    ];
    for (const at of edges) expect(isoTime(at)).toBe(new Date(at).toISOString());
    for (let day = -1_000_000; day < 3_000_000; day += 997) {
      const at = day * 86_400_000 + ((day * 7919) % 86_400_000);
      expect(isoTime(at)).toBe(new Date(at).toISOString());
    }
    for (let at = Date.UTC(1999, 11, 1); at < Date.UTC(2005, 1, 1); at += 86_400_000 / 2)
      expect(isoTime(at)).toBe(new Date(at).toISOString());
  });

  it('throws a sentence for what is no instant', () => {
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) expect(() => isoTime(at)).toThrow(/no instant/u);
  });
});

describe('duration', () => {
  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [999, '0 s'],
    [12_400, '12 s'],
    [60_000, '1 m'],
    [4 * 60_000 + 59_000, '4 m'],
    [3_600_000, '1 h'],
    [2 * 3_600_000 + 5 * 60_000, '2 h 5 m'],
    [86_400_000, '1 d'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
  ])('%d ms reads %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});
