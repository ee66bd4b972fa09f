/** Time and randomness, for the core that has neither. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/ports.ts';

export function systemClock(): Clock & Required<Pick<Clock, 'steady'>> {
  return {
    now: Date.now,
    // Stands still while the machine sleeps, on Linux; elsewhere the gap between two looks tells.
    steady: () => performance.now(),
    seed: () => randomBytes(16).toString('hex'),
    at(time, call) {
      // setTimeout overflows at 24.8 days; nobody waits that long for one poke.
      const timer = setTimeout(call, Math.min(Math.max(0, time - Date.now()), 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}
