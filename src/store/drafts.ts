/**
 * Files that may be about to be moved over the status file. Each is held open from its first moment on, since what one
 * agent moves there another may replace before anybody could look; through an open descriptor the bytes stay readable,
 * and the system's own table of descriptors says under which name they were last to be found. Linux only.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readOpen, type Stamp, stampOf } from './eye.ts';
import { MAX_BYTES } from './limits.ts';

export type Version = { readonly stamp: Stamp; readonly bytes: Buffer };

type Held = { readonly fd: number; readonly since: number };

/** An edit takes milliseconds; whatever stays longer is another sort of file, or its move will be seen like any other. */
const HELD_MS = 5_000;
const MAX_HELD = 256;
const DELETED = ' (deleted)';

export function createDrafts(statusFile: string) {
  const held = new Map<bigint, Held>();
  const can = process.platform === 'linux';

  function drop(inode: bigint): void {
    const one = held.get(inode);
    held.delete(inode);
    if (one !== undefined) closeSync(one.fd);
  }

  /** Where the descriptor's file is now, by the kernel's word; null: it is of no more interest. */
  function placeOf(fd: number, target: string, since: number, now: number): 'replaced' | 'waiting' | null {
    const name = readlinkSync(`/proc/self/fd/${fd}`);
    if (name === `${target}${DELETED}`) return 'replaced';
    if (name === target || (!name.endsWith(DELETED) && now - since < HELD_MS)) return 'waiting';
    return null;
  }

  return {
    /** Something has just appeared, or was written to, under this name; it may be the status file's own. */
    hold: (path: string): void => {
      if (!can || held.size >= MAX_HELD) return;
      let fd: number | null = null;
      try {
        fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
        const stat = fstatSync(fd, { bigint: true });
        if (!stat.isFile() || stat.size > BigInt(MAX_BYTES) || held.has(stat.ino)) closeSync(fd);
        else held.set(stat.ino, { fd, since: performance.now() });
      } catch (error) {
        if (fd !== null) closeSync(fd);
        // Gone again, or not ours to read.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    },
    /** What lay at the status file and does no more, oldest first. */
    replaced: (): Version[] => {
      const found: { version: Version; written: bigint }[] = [];
      const now = performance.now();
      const target = join(realpathSync(dirname(statusFile)), basename(statusFile));
      for (const [inode, { fd, since }] of held) {
        const place = placeOf(fd, target, since, now);
        if (place === 'waiting') continue;
        if (place === 'replaced') {
          const stat = fstatSync(fd, { bigint: true });
          const bytes = stat.size <= BigInt(MAX_BYTES) ? readOpen(fd, stampOf(stat)) : null;
          if (bytes !== null) found.push({ version: { stamp: stampOf(stat), bytes }, written: stat.mtimeNs });
        }
        drop(inode);
      }
      return found.sort((a, b) => (a.written < b.written ? -1 : 1)).map(({ version }) => version);
    },
    close: (): void => {
      for (const inode of [...held.keys()]) drop(inode);
    },
  };
}
