/** Which sessions a room has started, kept on disk so that the next room can end them if this one is killed. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type InstanceId, parseInstanceId } from '../core/ids.ts';

export type SessionRecord = {
  readonly instance: InstanceId;
  readonly pid: number;
  /** Since boot, in the kernel's ticks: tells a process from a later one with the same pid. */
  readonly startTicks: number;
};

export type SessionsRecord = {
  /** Pids and ticks mean nothing after a reboot. Empty where the system has no such id. */
  readonly bootId: string;
  readonly tokens: readonly string[];
  readonly sessions: readonly SessionRecord[];
};

const VERSION = 1;
const BYTES_AT_MOST = 1024 * 1024;
const TOKEN = /^[0-9a-f]{32}$/;

/** What was recorded; null when nothing was. A file that cannot be understood is an issue, and no record. */
export function readSessionsFile(file: string): { readonly record: SessionsRecord | null; readonly issue: string | null } {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > BYTES_AT_MOST) return { record: null, issue: `${file} is not a file of sessions` };
    return parse(JSON.parse(readFileSync(file, 'utf8')), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { record: null, issue: null };
    return { record: null, issue: `${file} cannot be read: ${(error as Error).message}` };
  }
}

/** Durable when it returns: swap file, fsync, rename, fsync of the directory. Throws what the disk throws. */
export function writeSessionsFile(file: string, record: SessionsRecord): void {
  const directory = path.dirname(file);
  const swap = `${file}.${process.pid}.tmp`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  rmSync(swap, { force: true });
  withFile(swap, 'wx', (fd) => {
    writeSync(fd, `${JSON.stringify({ version: VERSION, ...record }, null, 2)}\n`);
    fsyncSync(fd);
  });
  renameSync(swap, file);
  withFile(directory, 'r', fsyncSync);
}

export function currentBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Elsewhere start times are dates, which no reboot repeats.
    return '';
  }
}

function withFile(file: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(file, flags, 0o600);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

function parse(value: unknown, file: string): { record: SessionsRecord | null; issue: string | null } {
  const bad = { record: null, issue: `${file} is not a file of sessions` };
  if (!isRecord(value) || value.version !== VERSION || typeof value.bootId !== 'string') return bad;
  if (!Array.isArray(value.tokens) || !Array.isArray(value.sessions)) return bad;
  const tokens = value.tokens.filter((token): token is string => typeof token === 'string' && TOKEN.test(token));
  const sessions = value.sessions.map(sessionOf).filter((session) => session !== null);
  const whole = tokens.length === value.tokens.length && sessions.length === value.sessions.length;
  return { record: { bootId: value.bootId, tokens, sessions }, issue: whole ? null : `${file} holds lines that are no sessions` };
}

function sessionOf(value: unknown): SessionRecord | null {
  if (!isRecord(value)) return null;
  const { pid, startTicks } = value;
  const instance = typeof value.instance === 'string' ? parseInstanceId(value.instance) : null;
  // 0 and 1 are never ours, and negative numbers would name whole groups.
  if (instance === null || typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return null;
  if (typeof startTicks !== 'number' || !Number.isSafeInteger(startTicks)) return null;
  return { instance, pid, startTicks };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
