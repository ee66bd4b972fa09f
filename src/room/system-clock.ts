/** Time and randomness, for the core that has neither. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/ports.ts';

/** By so much at most a timer comes before its time; more than that is a clock that was set. */
const EARLY_MS = 5;

export function systemClock(): Clock & Required<Pick<Clock, 'steady'>> {
  return {
    now: Date.now,
    // Stands still while the machine sleeps, on Linux; elsewhere the gap between two looks tells.
    steady: () => performance.now(),
    seed: () => randomBytes(16).toString('hex'),
    at(time, call) {
      let timer: NodeJS.Timeout;
      const left = () => time - Date.now();
      const wait = () => {
        // setTimeout overflows at 24.8 days; nobody waits that long for one poke.
        timer = setTimeout(come, Math.min(Math.max(0, left()), 2 ** 31 - 1));
      };
      // One timer in ten comes a millisecond before its time: nothing would be due yet, and the next cycle may be far.
      const come = () => (left() > 0 && left() <= EARLY_MS ? wait() : call());
      wait();
      return () => clearTimeout(timer);
    },
  };
}
