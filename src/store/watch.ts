import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { join } from 'node:path';

const FAST_MS = 20;
const SLOW_MS = 500;
const FAST_FOR_MS = 2_000;

export type Watch = {
  /** Something is going on: look often for a while. */
  hurry(): void;
  close(): void;
};

/**
 * Calls `look` whenever something may have changed in one of the directories: at once on the system's word, and
 * on a poll besides (20 ms for 2 s after each event, else 500 ms), since that word can be lost. A directory that
 * was replaced is watched anew. `look` must not throw; nor must `named`, which hears the path that an event is about before.
 */
export function watchFolders(folders: readonly string[], look: () => void, named?: (path: string) => void): Watch {
  const watched = new Map<string, { readonly watcher: FSWatcher; readonly inode: bigint }>();
  let fastUntil = 0;
  let soon: NodeJS.Immediate | null = null;
  let closed = false;
  let timer = setTimeout(poll, SLOW_MS);
  let delay = SLOW_MS;

  function attach(folder: string): void {
    const inode = lstatSync(folder, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
    const known = watched.get(folder);
    if (known?.inode === inode) return;
    known?.watcher.close();
    watched.delete(folder);
    if (inode === null) return;
    try {
      const watcher = watch(folder, { persistent: true }, (_, name) => event(folder, name));
      watcher.on('error', () => {
        // The next poll attaches again.
        watcher.close();
        watched.delete(folder);
      });
      watched.set(folder, { watcher, inode });
    } catch (error) {
      // No watches left on this system (ENOSPC), or the folder has just gone: the poll goes on alone.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  function event(folder: string, name: string | null): void {
    if (name !== null) named?.(join(folder, name));
    hurry();
    // Hundreds of files that come or go are hundreds of events, and one look at a folder of hundreds.
    soon ??= setImmediate(() => {
      soon = null;
      look();
    });
  }

  function hurry(): void {
    if (closed) return;
    fastUntil = performance.now() + FAST_FOR_MS;
    if (delay === FAST_MS) return;
    clearTimeout(timer);
    delay = FAST_MS;
    timer = setTimeout(poll, delay);
  }

  function poll(): void {
    for (const folder of folders) attach(folder);
    delay = performance.now() < fastUntil ? FAST_MS : SLOW_MS;
    timer = setTimeout(poll, delay);
    look();
  }

  for (const folder of folders) attach(folder);
  return {
    hurry,
    close: () => {
      closed = true;
      clearTimeout(timer);
      if (soon !== null) clearImmediate(soon);
      for (const { watcher } of watched.values()) watcher.close();
      watched.clear();
    },
  };
}
