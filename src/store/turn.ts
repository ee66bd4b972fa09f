/** Whose turn it is to look at the status file: the room's thread or the witness's, never both. Shared memory, so that neither waits for a message. */
export type Turn = {
  /** False: it was not given within the time, and the caller goes on without it. */
  take(patienceMs: number): boolean;
  give(): void;
};

const FREE = 0;
const TAKEN = 1;

export function createTurn(memory: SharedArrayBuffer): Turn {
  const cell = new Int32Array(memory);
  return {
    take: (patienceMs) => {
      const end = performance.now() + patienceMs;
      while (Atomics.compareExchange(cell, 0, FREE, TAKEN) !== FREE) {
        const left = end - performance.now();
        if (left <= 0) return false;
        Atomics.wait(cell, 0, TAKEN, left);
      }
      return true;
    },
    give: () => {
      Atomics.store(cell, 0, FREE);
      Atomics.notify(cell, 0, 1);
    },
  };
}

export function turnMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}
