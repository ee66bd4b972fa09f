/**
 * A tree as a place where checks can run: written out, with what the judged tree has installed but git does not keep. That is
 * copied (where the file system can, without taking space), so that no check can write through to the original.
 */
import { constants, type Dirent } from 'node:fs';
import { cp, lstat, readdir, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { TreeRef } from '../core/report.ts';
import type { Scratch } from '../git/scratch.ts';
import type { Trees } from '../git/trees.ts';

/** What package managers install beside the sources. */
const INSTALLED: readonly string[] = ['node_modules', '.venv', 'venv', 'vendor'];
/** Settings that are kept out of git and without which many programs do not start. */
const SETTINGS = /^\.env(\..+)?$/;
/** Caches hold answers about the other tree. */
const CACHES: ReadonlySet<string> = new Set(['.cache', '.vite', '.vite-temp', '.vitest', '.turbo']);

export type Elsewhere = Scratch;

/** Rejects with `GitTrouble`, or when what is installed cannot be copied; then nothing is left. */
export async function openElsewhere(
  trees: Trees,
  { cwd, root, tree, signal }: { readonly cwd: string; readonly root: string; readonly tree: TreeRef; readonly signal: AbortSignal },
): Promise<Elsewhere> {
  const scratch = await trees.writeOut(cwd, tree, signal);
  try {
    await equip(root, scratch.root, signal);
    return scratch;
  } catch (error) {
    await scratch.dispose();
    throw error;
  }
}

/** Beside every directory of the tree, what the original has there and the tree has not. */
async function equip(from: string, into: string, signal: AbortSignal): Promise<void> {
  const here = await readdir(into, { withFileTypes: true });
  const there = await readdir(from, { withFileTypes: true }).catch((): Dirent[] => []); // the tree has a directory that is gone by now
  const known = new Set(here.map(({ name }) => name));
  for (const entry of there) {
    if (known.has(entry.name)) continue;
    if (INSTALLED.includes(entry.name)) await copyInstalled(join(from, entry.name), join(into, entry.name), signal);
    else if (entry.isFile() && SETTINGS.test(entry.name)) await cp(join(from, entry.name), join(into, entry.name));
  }
  for (const entry of here)
    if (entry.isDirectory() && entry.name !== '.git' && !INSTALLED.includes(entry.name))
      await equip(join(from, entry.name), join(into, entry.name), signal);
}

/** Links inside stay as they are: `../pkg` then means the copy, and a workspace's link the tree's own package. */
async function copyInstalled(from: string, into: string, signal: AbortSignal): Promise<void> {
  const source = await realpath(from);
  if (!(await lstat(source)).isDirectory()) return;
  await cp(source, into, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: async (path) => {
      signal.throwIfAborted();
      if (CACHES.has(basename(path)) && path.split(sep).at(-2) === basename(source)) return false;
      const entry = await lstat(path);
      return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
    },
  });
}
