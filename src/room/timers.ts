/** Named timers with one owner: each runs once, however often it is asked for meanwhile, and none outlives its owner. */
export type Timers<Name extends string> = { once(name: Name, ms: number, after: () => void): void; close(): void };

export function createTimers<Name extends string>(): Timers<Name> {
  const running = new Map<Name, NodeJS.Timeout>();
  let closed = false;
  return {
    once(name, ms, after) {
      if (closed || running.has(name)) return;
      const timer = setTimeout(() => {
        running.delete(name);
        after();
      }, ms);
      running.set(name, timer);
    },
    close() {
      closed = true;
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
  };
}
