/**
 * Time as health counts it: only what passed while somebody was looking. The wall clock is set, jumps and goes back; a
 * laptop sleeps. What ages by this clock ages by none of it (PROTOCOL section 7).
 */
import type { Ms } from './ids.ts';

/** One look: the wall clock, a clock that nobody sets, and how long we have been awake in all. */
export type Pulse = { readonly at: Ms; readonly steady: Ms; readonly awake: Ms };

/** Differences below this are drift, not a jump. */
const DRIFT_MS = 5_000;

/** Longer than this between two looks, and nobody was there to look. */
export function gapOf(monitorIntervalMs: Ms): Ms {
  return 2 * monitorIntervalMs + DRIFT_MS;
}

/**
 * @param gapMs a longer pause between two looks counts as sleep: none of it ages anything
 * @returns `jump`: how far the wall clock went beyond the time that counts, forwards or backwards; 0 when it did not
 */
export function beat(before: Pulse, at: Ms, steady: Ms, gapMs: Ms): { readonly pulse: Pulse; readonly jump: Ms } {
  const passed = Math.max(0, steady - before.steady);
  const counted = passed > gapMs ? 0 : passed;
  const jump = at - before.at - counted;
  return { pulse: { at, steady, awake: before.awake + counted }, jump: Math.abs(jump) < DRIFT_MS ? 0 : jump };
}
