/** One thing after the other: what happens takes its turn in the order in which it came. */
export type Turns = {
  /** Runs the job when everything before it is done. */
  take<T>(job: () => Promise<T>): Promise<T>;
  /** How many wait or are at it. */
  count(): number;
  /** Resolves when nothing waits any more; rejects never. */
  settled(): Promise<void>;
  /** Rejects with the first error of a job: nothing can be trusted after it. */
  readonly lost: Promise<never>;
};

export function createTurns(): Turns {
  let tail: Promise<void> = Promise.resolve();
  let count = 0;
  let fail: (error: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever wants to know asks for it; a loss that nobody waits for must not end the process.
  lost.catch(() => {});
  return {
    take(job) {
      count++;
      const turn = tail.then(job);
      tail = turn
        .then(
          () => {},
          (error: unknown) => fail(error instanceof Error ? error : new Error(String(error))),
        )
        .finally(() => {
          count--;
        });
      return turn;
    },
    count: () => count,
    settled: () => tail,
    lost,
  };
}
