/** Evidence as it lies on the disk: what there is of it, and its removal (PROTOCOL section 8, Retention). Which of it goes is not decided here. */
import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { TreeRef } from '../core/report.ts';
import type { KeptBundle } from '../core/retention.ts';

const TRIALS = 'trials';
/** `<epoch>-<startedAt>`, and a number when there were two. */
const ROUND = /^\d+-(\d+)(-\d+)?$/;
/** Without a `bundle.json` by then, whoever made it has died. */
const UNSEALED_MS = 2 * 86_400_000;
/** A directory that is being removed: nothing reads half of a bundle. */
const GOING = '.removed-';

/** Every bundle and trial below these directories of evidence, and what rounds left that never came to their end. */
export async function listBundles(root: string, evidenceDir: string, now: number): Promise<KeptBundle[]> {
  const found: KeptBundle[] = [];
  for (const folder of [evidenceDir, join(evidenceDir, TRIALS)]) {
    for (const of of await names(folder)) {
      if (of === TRIALS) continue;
      for (const name of await names(join(folder, of))) {
        const directory = join(folder, of, name);
        const at = Number(ROUND.exec(name)?.[1] ?? Number.NaN);
        if (!Number.isSafeInteger(at)) continue;
        const files = await sizes(directory);
        if (files === null) continue;
        if (!files.has('bundle.json') && now - at < UNSEALED_MS) continue;
        found.push({ path: relative(root, directory), of, at, bytes: [...files.values()].reduce((sum, size) => sum + size, 0) });
      }
    }
  }
  return found;
}

/** Removes one bundle. Rejects when `path` does not name one below `evidenceDir`. */
export async function removeBundle(root: string, evidenceDir: string, path: string): Promise<void> {
  const directory = resolve(root, path);
  const parts = relative(evidenceDir, directory).split('/');
  const [of, name] = parts[0] === TRIALS ? parts.slice(1) : parts;
  const depth = parts[0] === TRIALS ? 3 : 2;
  if (parts.length !== depth || of === undefined || !/^[\w-]+$/.test(of) || name === undefined || !ROUND.test(name))
    throw new Error(`${path} is no bundle of evidence`);
  const going = join(directory, '..', `${GOING}${name}`);
  try {
    await rename(directory, going);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(going, { recursive: true, force: true });
}

const tree = z.object({ commit: z.string().nullable(), tree: z.string() });
const trees = z.object({ base: tree.nullable(), judged: tree.nullable() });

/** The trees that a bundle is about, which running it once more needs; none when it cannot be read. */
export async function treesOf(directory: string): Promise<TreeRef[]> {
  try {
    const { base, judged } = trees.parse(JSON.parse(await readFile(join(directory, 'bundle.json'), 'utf8')));
    return [base, judged].filter((one) => one !== null);
  } catch {
    return []; // nobody can run it again in any case
  }
}

async function names(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  // What an earlier removal did not bring to its end.
  for (const { name } of entries) if (name.startsWith(GOING)) await rm(join(folder, name), { recursive: true, force: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(GOING)).map(({ name }) => name);
}

/** null: it has gone since it was listed. */
async function sizes(directory: string): Promise<Map<string, number> | null> {
  const inside = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (inside === null) return null;
  const found = new Map<string, number>();
  for (const name of inside) {
    const entry = await lstat(join(directory, name)).catch(() => null);
    if (entry?.isFile() === true) found.set(name, entry.size);
  }
  return found;
}
