/**
 * Looks at one path where others put files, and says when a new version lies there. It never follows a link,
 * never waits on a pipe, and never judges a file that is still being written: what does not parse is only
 * broken once it has stayed the same for a while.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import type { JsonObject } from '../core/tree.ts';
import { MAX_BYTES, parseDocument } from './limits.ts';

/** Names one version of one file: its inode, the time of its last write in ns, its size. */
export type Stamp = string;

export type Look =
  | { readonly kind: 'same' | 'absent' }
  /** Bytes that may still be completed: look again soon. */
  | { readonly kind: 'unsettled' }
  | { readonly kind: 'version'; readonly stamp: Stamp; readonly id: string; readonly document: JsonObject }
  | { readonly kind: 'broken'; readonly stamp: Stamp; readonly id: string; readonly why: string; readonly bytes: Buffer | null };

export type Eye = {
  look(): Look;
  /** What it has last reported; null before that and after the file went. */
  stamp(): Stamp | null;
  /** This version is known from elsewhere and shall not be reported. */
  know(stamp: Stamp | null): void;
};

/** Short enough to heal at once, long enough for a writer that empties a file and then fills it. */
const SETTLE_MS = 20;

export function createEye(path: string): Eye {
  let known: Stamp | null = null;
  let suspect: { readonly stamp: Stamp; readonly since: number } | null = null;

  function look(): Look {
    const now = performance.now();
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) {
      const was = known;
      known = null;
      suspect = null;
      return { kind: was === null ? 'same' : 'absent' };
    }
    const stamp = stampOf(stat);
    if (stamp === known) return { kind: 'same' };
    if (!stat.isFile())
      return report({ kind: 'broken', stamp, id: idOf(stamp, Buffer.alloc(0)), why: `it is ${sortOf(stat)}, not a file`, bytes: null });
    if (stat.size > BigInt(MAX_BYTES))
      return report({
        kind: 'broken',
        stamp,
        id: idOf(stamp, Buffer.alloc(0)),
        why: `${stat.size} bytes are more than ${MAX_BYTES}`,
        bytes: null,
      });
    const bytes = readVersion(path, stamp);
    if (bytes === null) return { kind: 'unsettled' };
    if ('issue' in bytes) return report({ kind: 'broken', stamp, id: idOf(stamp, Buffer.alloc(0)), why: bytes.issue, bytes: null });
    const parsed = parseDocument(bytes);
    if ('document' in parsed) return report({ kind: 'version', stamp, id: idOf(stamp, bytes), document: parsed.document });
    // By two looks, and the time from the end of one to the beginning of the other: one alone that takes long has seen nothing stay.
    if (suspect?.stamp !== stamp) suspect = { stamp, since: performance.now() };
    if (now - suspect.since < SETTLE_MS) return { kind: 'unsettled' };
    return report({ kind: 'broken', stamp, id: idOf(stamp, bytes), why: parsed.issue, bytes });
  }

  function report<T extends Look & { stamp: Stamp }>(found: T): T {
    known = found.stamp;
    suspect = null;
    return found;
  }

  return {
    look,
    stamp: () => known,
    know: (stamp) => {
      known = stamp;
      suspect = null;
    },
  };
}

/** Inode and time of the last write stay what they are when a file is renamed or exchanged. */
export function stampOf(stat: BigIntStats): Stamp {
  return `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}

/** One version has one id, wherever it is found; a second file of the same content has another. */
export function idOf(stamp: Stamp, bytes: Uint8Array): string {
  return `doc-${createHash('sha256').update(stamp).update('\n').update(bytes).digest('hex').slice(0, 32)}`;
}

/** null: it was replaced, or written to, while it was read. */
export function readVersion(path: string, stamp: Stamp): Buffer | { readonly issue: string } | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    // Gone, or a link in its place, since it was looked at a moment ago.
    return code === 'ENOENT' || code === 'ELOOP' ? null : { issue: `it cannot be read (${code})` };
  }
  try {
    return readOpen(fd, stamp);
  } finally {
    closeSync(fd);
  }
}

/** null: it is not, or no longer, the version that the stamp names. */
export function readOpen(fd: number, stamp: Stamp): Buffer | null {
  const stat = fstatSync(fd, { bigint: true });
  if (stampOf(stat) !== stamp) return null;
  const bytes = Buffer.alloc(Number(stat.size));
  let done = 0;
  for (let count = -1; count !== 0 && done < bytes.length; done += count) count = readSync(fd, bytes, done, bytes.length - done, done);
  return stampOf(fstatSync(fd, { bigint: true })) === stamp && done === bytes.length ? bytes : null;
}

function sortOf(stat: BigIntStats): string {
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isDirectory()) return 'a directory';
  if (stat.isFIFO()) return 'a pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}
