/** When to paint: at most 60 times a second, at once for the echo of a key, never while the terminal has no room. */

export type Frames = {
  /** Something changed. Requests that come before the next frame are one. */
  request(): void;
  /**
   * Paints now, out of turn: for the echo of a key. Floods go through `request`, and so does a second echo of the same key.
   * `part` paints what the echo changed and no more: whatever else was asked for keeps its turn.
   */
  immediate(part?: () => boolean): void;
  /** The terminal has room again: what was left out is painted. */
  drained(): void;
  close(): void;
};

const FRAME_MS = 1000 / 60;

/**
 * `paint` answers false when the terminal had no room. Without a request no timer runs. `clock` is in milliseconds and
 * never goes back.
 */
export function createFrames(paint: () => boolean, frameMs = FRAME_MS, clock: () => number = () => performance.now()): Frames {
  let timer: NodeJS.Timeout | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  let full = false;
  let owed = false;
  let closed = false;

  function cancel(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function paintNow(): void {
    cancel();
    lastMs = clock();
    full = !paint();
    owed = full;
  }

  function request(): void {
    if (closed || timer !== null) return;
    owed = full;
    if (full) return;
    // One turn of the loop at least, so that all that came in this one is in the frame.
    timer = setTimeout(paintNow, Math.max(0, lastMs + frameMs - clock()));
  }

  return {
    request,
    immediate(part) {
      if (closed) return;
      if (full) owed = true;
      else if (part === undefined) paintNow();
      else {
        full = !part();
        owed = full;
      }
    },
    drained() {
      full = false;
      if (owed) request();
    },
    close() {
      closed = true;
      cancel();
    },
  };
}
