/**
 * A tree written out into a directory of its own, with a repository of its own: nothing that happens there reaches the
 * user's files, index, branches or list of worktrees. Only objects are read from his (PROTOCOL section 4, the base and the snapshot).
 */

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeRef } from '../core/report.ts';
import { isAlive } from '../native/process.ts';
import { GitTrouble, git, tryGit } from './git.ts';
import type { Place } from './repository.ts';
import { quoted, type Shadow } from './shadow.ts';

export type Scratch = {
  /** A real path; what the tree's paths are relative to. */
  readonly root: string;
  /** Removes it; safe to call twice. */
  dispose(): Promise<void>;
};

const NAME = /^tree-(\d+)-[0-9a-f]{16}$/;

/** Outside of the workspace: no tool that looks upwards for its settings may find those of the tree beside it. */
function scratchFolder(): string {
  return join(tmpdir(), `coordtui-${process.getuid?.() ?? 0}-trees`);
}

/** Writes the files of `ref` out. Rejects with `GitTrouble`, and then nothing is left. */
export async function writeOut(place: Place, ref: TreeRef, shadow: Shadow, signal?: AbortSignal): Promise<Scratch> {
  const folder = await ownFolder();
  await sweep(folder);
  const root = join(folder, `tree-${process.pid}-${randomBytes(8).toString('hex')}`);
  const dispose = () => removeAll(root);
  try {
    await mkdir(root, { mode: 0o700 });
    await fill(root, place, ref, shadow, signal);
    return { root, dispose };
  } catch (error) {
    await dispose();
    if (error instanceof GitTrouble) throw error;
    throw new GitTrouble(`the tree cannot be written out: ${(error as Error).message}`, { cause: error });
  }
}

async function fill(root: string, place: Place, ref: TreeRef, shadow: Shadow, signal: AbortSignal | undefined): Promise<void> {
  const { repository } = place;
  await shadow.prepare(repository?.objectFormat ?? 'sha1', repository === null ? [] : [repository.objects]);
  const gitDir = join(root, '.git');
  const own = { cwd: root, env: { GIT_DIR: gitDir, GIT_WORK_TREE: root }, signal };
  await git(['init', '-q', '--template=', `--object-format=${repository?.objectFormat ?? 'sha1'}`, root], { cwd: root, signal });
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
  const alternates = [shadow.objects, ...(repository === null ? [] : [repository.objects])];
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${alternates.map(quoted).join('\n')}\n`);
  // A part of a repository is not what its commit holds: then there is no HEAD to compare with.
  if (ref.commit !== null && repository?.prefix === '') await tryGit(['update-ref', '--no-deref', 'HEAD', ref.commit], own);
  await git(['read-tree', ref.tree], own);
  // With the settings of the user's repository, whose filters wrote what the tree holds.
  const source = repository === null ? gitDir : repository.commonDir;
  await git(['checkout-index', '-a', '-f', '-q', '-u'], {
    cwd: root,
    env: {
      GIT_DIR: source,
      GIT_WORK_TREE: root,
      GIT_INDEX_FILE: join(gitDir, 'index'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: shadow.objects,
    },
    signal,
  });
}

/** Ours alone, or not used at all: others on the machine share the folder for temporary files. */
async function ownFolder(): Promise<string> {
  const folder = scratchFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const entry = await lstat(folder);
  if (!entry.isDirectory() || entry.uid !== (process.getuid?.() ?? entry.uid) || (entry.mode & 0o077) !== 0)
    throw new GitTrouble(`${folder} is not a directory of this user alone, so no tree is written there`);
  return folder;
}

/** What processes left that were killed. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isInteger(pid) && pid !== process.pid && !isAlive(pid)) await removeAll(join(folder, name));
  }
}

/** A check may have left directories that cannot be written to: what stays is swept once this process has ended. */
async function removeAll(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}
