/**
 * A room that is started by somebody who looks at it shows itself first: what takes its time, git and the sessions, begins
 * behind its first frame. Without a screen it begins at once.
 */

export type FirstLook = {
  /** Resolves when there is nothing to wait for any more. */
  readonly over: Promise<void>;
  /** A frame is on its way. */
  had(): void;
};

/** Who was to look has gone, or is very slow. */
const LONGEST_MS = 1_000;

/** `expected`: somebody is about to look. Whoever awaits it calls `had` at the end, too: until then a timer may be left. */
export function awaitFirstLook(expected: boolean, longestMs = LONGEST_MS): FirstLook {
  let resolve: () => void = () => {};
  const over = new Promise<void>((done) => {
    resolve = done;
  });
  const timer = expected ? setTimeout(resolve, longestMs) : null;
  const had = () => {
    if (timer !== null) clearTimeout(timer);
    resolve();
  };
  if (!expected) had();
  return { over, had };
}
