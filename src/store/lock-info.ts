import { ftruncateSync, readFileSync, writeSync } from 'node:fs';

/** The address book: what the lock file says about the room that holds it. Only the lock itself is proof. */
export type LockInfo = {
  readonly pid: number;
  readonly host: string;
  /** Names one boot of one machine; with it a pid can be told from an older one. null: not to be had here. */
  readonly bootId: string | null;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Path of the room's socket. */
  readonly socket: string;
  /** Version of coordtui. */
  readonly version: string;
  /** Version of the wire protocol. */
  readonly protocol: number;
};

const MAX_BYTES = 4096;

/** Writes into the locked file itself (`fd` from the lock): a rename would leave the lock on another inode. */
export function writeLockInfo(fd: number, info: LockInfo): void {
  const bytes = Buffer.from(`${JSON.stringify(info)}\n`);
  if (bytes.length > MAX_BYTES) throw new Error(`the lock file's content is ${bytes.length} bytes long, more than ${MAX_BYTES}`);
  writeSync(fd, bytes, 0, bytes.length, 0);
  ftruncateSync(fd, bytes.length);
}

/** null when there is no file, or nothing in it that could be an address (also in the instant of its first writing). */
export function readLockInfo(path: string): LockInfo | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
  if (text.length > MAX_BYTES) return null;
  try {
    return lockInfoOf(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function lockInfoOf(parsed: unknown): LockInfo | null {
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { pid, host, bootId, since, socket, version, protocol } = parsed as Record<string, unknown>;
  if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(protocol)) return null;
  if (typeof host !== 'string' || typeof since !== 'string' || typeof socket !== 'string' || typeof version !== 'string') return null;
  return {
    pid: pid as number,
    host,
    bootId: typeof bootId === 'string' ? bootId : null,
    since,
    socket,
    version,
    protocol: protocol as number,
  };
}

/** Linux only; null elsewhere. */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
