/** When a screen's chrome is drawn: at most ten times a second, and never between a key and its echo. */
import type { Ms } from '../core/ids.ts';

export type ChromeClock = {
  /** Facts have changed. Whatever is asked for before the next frame is one. */
  ask(): void;
  close(): void;
};

const LEAST_MS = 100;
const AFTER_KEY_MS = 120;
/** Who types without a pause sees the facts all the same. */
const LONGEST_MS = 500;

/** `lastKey`: when a key was pressed last at any screen of the room; they share one thread. */
export function createChromeClock(now: () => Ms, lastKey: { readonly at: Ms }, draw: () => void): ChromeClock {
  let timer: NodeJS.Timeout | null = null;
  let askedAt: Ms = 0;
  let closed = false;

  const due = (): void => {
    timer = null;
    const waitMs = Math.min(lastKey.at + AFTER_KEY_MS, askedAt + LONGEST_MS) - now();
    if (waitMs > 0) timer = setTimeout(due, waitMs);
    else draw();
  };

  return {
    ask() {
      if (closed || timer !== null) return;
      askedAt = now();
      timer = setTimeout(due, LEAST_MS);
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
