/**
 * The writing side of the inbox: what `coordtui status set` needs, and nothing else. This file imports only
 * what Node brings along (the type import leaves no trace), so that the fast client stays small.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../core/tree.ts';

/** One wish to change the status document, without having read it. */
export type Drop = {
  /** `incr` adds `value`, a number, to what is there. */
  readonly op: 'set' | 'incr';
  /** Keys from the root of the document, at least one. */
  readonly path: readonly string[];
  readonly value: Json;
  /** Who says so: an instance id or `operator`. Nobody vouches for it. */
  readonly by: string;
  /** Only if the value at `path` is still what it was at this revision; null: in any case. */
  readonly ifRevision: number | null;
};

export type Dropped = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly code: string; readonly message: string };

export const MAX_DROP_BYTES = 1 << 20;
const MAX_PATH = 60;

export function privateDirOf(statusDir: string): string {
  return join(statusDir, '.coordtui');
}

/**
 * Puts one change into the inbox. When it answers ok the change is on the disk (file and directory are synced)
 * and will be applied exactly once, also if no room runs now. Directories that are missing are made.
 * `given` is the id of the same drop, repeated after an answer that never came; else one is drawn.
 */
export function drop(statusDir: string, change: Drop, given?: string): Dropped {
  const text = formatDrop(change);
  const issue = parseDrop(text);
  if ('issue' in issue) return { ok: false, code: 'EINVAL', message: issue.issue };
  if (given !== undefined && !isDropId(given))
    return { ok: false, code: 'EINVAL', message: `the id ${JSON.stringify(given)} cannot be a file name` };
  const inbox = join(privateDirOf(statusDir), 'inbox');
  try {
    ensurePrivateDir(statusDir);
    for (const folder of [inbox, join(inbox, 'tmp'), join(inbox, 'new')]) ensureDir(folder);
    const id = given ?? drawId(join(inbox, 'new'));
    const temporary = join(inbox, 'tmp', id);
    // A name that a killed client left half-written belongs to the same id: it may be written over.
    if (existsSync(temporary)) unlinkSync(temporary);
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeAll(fd, Buffer.from(text));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, join(inbox, 'new', id));
    syncDir(join(inbox, 'new'));
    return { ok: true, id };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, code, message };
  }
}

/** The highest number that a name can begin with and still be sorted by it. */
const LAST = 99_999_999_999_999;

/**
 * Sorted by name, the drops of one writer come in the order in which they were made: each has a higher number than all that
 * wait, whatever the clock says meanwhile. Those of two who write in the same moment have no order.
 */
function drawId(folder: string): string {
  const waiting = readdirSync(folder).map((name) => Number(/^(\d{14})-/.exec(name)?.[1] ?? 0));
  const number = waiting.reduce((highest, one) => Math.max(highest, one + 1), Date.now());
  return `${String(Math.min(number, LAST)).padStart(14, '0')}-${process.pid}-${randomWord()}`;
}

/** From the system itself: loading node's cryptography for six bytes would be a sixth of the client's time. */
function randomWord(): string {
  const bytes = Buffer.alloc(6);
  const fd = openSync('/dev/urandom', 'r');
  try {
    if (readSync(fd, bytes) !== bytes.length) throw new Error('/dev/urandom gave fewer bytes than asked');
  } finally {
    closeSync(fd);
  }
  return bytes.toString('hex');
}

export function isDropId(name: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z_-]{0,119}$/.test(name);
}

function formatDrop(change: Drop): string {
  return `${JSON.stringify({ v: 1, ...change })}\n`;
}

/** Reads a drop as it lies in the inbox; the bytes may come from anybody. */
export function parseDrop(text: string): { readonly drop: Drop } | { readonly issue: string } {
  if (Buffer.byteLength(text) > MAX_DROP_BYTES) return { issue: `larger than ${MAX_DROP_BYTES} bytes` };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { issue: `no JSON: ${(error as Error).message}` };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { issue: 'no JSON object' };
  const { v, op, path, value, by, ifRevision } = parsed as Record<string, unknown>;
  if (v !== 1) return { issue: `version ${JSON.stringify(v)} is not known here` };
  if (op !== 'set' && op !== 'incr') return { issue: 'op is neither "set" nor "incr"' };
  if (!Array.isArray(path) || path.length === 0 || path.length > MAX_PATH) return { issue: `path is no list of 1 to ${MAX_PATH} keys` };
  if (!path.every((key) => typeof key === 'string')) return { issue: 'path holds something that is no string' };
  if (value === undefined) return { issue: 'value is missing' };
  if (op === 'incr' && typeof value !== 'number') return { issue: 'incr needs a number' };
  if (typeof by !== 'string' || by.length > 200) return { issue: 'by is no short string' };
  if (ifRevision !== null && !(Number.isSafeInteger(ifRevision) && (ifRevision as number) >= 0))
    return { issue: 'ifRevision is no revision' };
  return { drop: { op, path: path as string[], value: value as Json, by, ifRevision: ifRevision as number | null } };
}

/**
 * The private directory below the status directory: 0700, hidden from git by a file of its own.
 * Throws the system's error, also (ENOTDIR) when something else than a directory has its name.
 */
export function ensurePrivateDir(statusDir: string): void {
  mkdirSync(statusDir, { recursive: true });
  const folder = privateDirOf(statusDir);
  ensureDir(folder);
  const ignore = join(folder, '.gitignore');
  if (existsSync(ignore)) return;
  try {
    const fd = openSync(ignore, 'wx', 0o600);
    writeSync(fd, '*\n');
    closeSync(fd);
  } catch (error) {
    // Somebody made it at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

export function ensureDir(folder: string): void {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  if (stat !== undefined) throw Object.assign(new Error(`${folder} is not a directory (a link does not count)`), { code: 'ENOTDIR' });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncDir(dirname(folder));
}

export function syncDir(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** write(2) may take fewer bytes than it was given. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
