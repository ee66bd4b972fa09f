/** Where recordings lie: a ring of files for each instance, each of them playable alone, the oldest given up first. */
import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

export type Ring = {
  /** Of all files of one instance together. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
};

const PARTS = 8;
const NAME = /^(\d{13,15})\.cast$/;

/** At what size a file is full. */
export function partBytes({ maxBytes }: Ring): number {
  return Math.max(4096, Math.floor(maxBytes / PARTS));
}

/** 0700, a directory and no link, and our own. Throws the sentence that says why not. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a directory`);
  if (found.uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user`);
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

/** A file that was not there; its name is when it begins, in ms since 1970. */
export function beginPart(folder: string, at: number): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return open(path.join(folder, `${at}.cast`), flags, 0o600);
}

export type Part = { readonly file: string; readonly startsAt: number };

/** Oldest first; empty when nothing was recorded. */
export async function partsIn(folder: string): Promise<Part[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const startsAt = Number(NAME.exec(name)?.[1] ?? Number.NaN);
      return Number.isNaN(startsAt) ? [] : [{ file: path.join(folder, name), startsAt }];
    })
    .sort((a, b) => a.startsAt - b.startsAt);
}

/** Gives up what is too old, and the oldest of what is too much; room for the part that is being written is kept. */
export async function prune(folder: string, ring: Ring, now: number): Promise<void> {
  const parts = await partsIn(folder);
  const stats = await Promise.all(parts.map(async ({ file }) => ({ file, stat: await lstat(file) })));
  let total = stats.reduce((sum, { stat }) => sum + stat.size, 0) + partBytes(ring);
  for (const { file, stat } of stats.slice(0, -1)) {
    if (total <= ring.maxBytes && now - stat.mtimeMs <= ring.maxAgeMs) continue;
    await rm(file, { force: true });
    total -= stat.size;
  }
}
