/** Keeping what a step has changed: the journal and the status file, with patience for a disk that is full, or a folder that is closed. */
import type { Clock, Entry, Store } from '../core/ports.ts';
import { codeOf } from './record.ts';

export type KeeperOptions = {
  readonly store: Store;
  readonly clock: Clock;
  /** Nothing can be kept, and why; null: all is well again. */
  readonly onStall: (why: string | null) => void;
};

export type Keeper = {
  /** Why nothing can be kept at the moment; null when all is well. */
  stalled(): string | null;
  /** The journal takes nothing now; the status file alone may lag behind without this being true. */
  blocked(): boolean;
  /** True once all of it is durable. False: the disk is full, and it was not worth waiting for, or nobody waits any more. */
  keep(entries: readonly Entry[], patience: 'wait' | 'refuse'): Promise<boolean>;
  /** Writes the status file. False: the disk is full, try again later. */
  project(): Promise<boolean>;
  /** Ends every wait. */
  close(): void;
};

export const RETRY_MS = 500;

export function createKeeper({ store, clock, onStall }: KeeperOptions): Keeper {
  let journal: string | null = null;
  let file: string | null = null;
  let told: string | null = null;
  let closed = false;
  let endPause: () => void = () => {};

  const tell = () => {
    const now = journal ?? file;
    if (now === told) return;
    told = now;
    onStall(now);
  };

  /** At most one keeper's wait is under way: the loop takes one thing after the other. */
  const pause = () =>
    new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + RETRY_MS, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });

  return {
    stalled: () => told,
    blocked: () => journal !== null,
    async keep(entries, patience) {
      for (;;) {
        try {
          await store.append(...entries);
          journal = null;
          tell();
          return true;
        } catch (error) {
          journal = whyFull(error);
          tell();
          if (patience === 'refuse' || closed) return false;
          await pause();
        }
      }
    },
    async project() {
      try {
        await store.project();
        file = null;
      } catch (error) {
        file = whyFull(error);
      }
      tell();
      return file === null;
    },
    close() {
      closed = true;
      endPause();
    },
  };
}

/** Throws whatever time cannot mend: after that the store cannot be trusted with anything. */
function whyFull(error: unknown): string {
  if (codeOf(error) !== 'full') throw error;
  return error instanceof Error ? error.message : String(error);
}
