/** An instance's own worktree: made when it is missing, looked at closely when it is there, never removed (PROTOCOL section 1). */
import { lstat, mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { headCommit } from './changes.ts';
import { fields, type GitCall, GitTrouble, git, tryGit } from './git.ts';
import { findRepository, isInside, type Repository } from './repository.ts';

/** `directory`: relative to the workspace. */
export type OwnWorktree = { readonly directory: string; readonly branch: string };

/** Resolves when it stands there on its branch. Rejects with `GitTrouble`: then nothing that was there has been touched. */
export async function ensureWorktree(root: string, { directory, branch }: OwnWorktree, signal?: AbortSignal): Promise<void> {
  const home = await findRepository(root, signal);
  if (home === null) throw new GitTrouble('the workspace is no git repository, so an instance cannot have a worktree of it');
  const path = join(await realpath(root), directory);
  await staysInside(await realpath(root), path);
  if (await isTaken(path)) await fits(path, directory, branch, home, signal);
  else await make(root, path, directory, branch, signal);
}

/** The deepest part that exists must not lead out of the workspace through a link. */
async function staysInside(root: string, path: string): Promise<void> {
  for (let here = path; ; here = dirname(here)) {
    const entry = await lstat(here).catch(() => null);
    if (entry === null) continue;
    if (!isInside(root, await realpath(here))) throw new GitTrouble(`the worktree ${path} would lead out of the workspace through a link`);
    if (here === path && entry.isSymbolicLink()) throw new GitTrouble(`${path} is a link: a worktree is a directory of its own`);
    return;
  }
}

/** git itself fills an empty directory. */
async function isTaken(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => null);
  if (entry === null) return false;
  return !entry.isDirectory() || (await readdir(path)).length > 0;
}

async function fits(path: string, directory: string, branch: string, home: Repository, signal: AbortSignal | undefined): Promise<void> {
  const found = (await lstat(path)).isDirectory() ? await findRepository(path, signal) : null;
  if (found === null || found.top !== path)
    throw new GitTrouble(`${directory} exists and is no worktree: move it away, or set "worktrees"`);
  if (found.commonDir !== home.commonDir)
    throw new GitTrouble(`${directory} is another repository: move it away, or set "worktrees" to another directory`);
  const on = await tryGit(['symbolic-ref', '-q', '--short', 'HEAD'], { cwd: path, signal });
  const name = on.stdout.toString('utf8').trim();
  // Without a branch it is in the middle of a rebase or a look backwards: that is the agent's work, and it stays.
  if (on.exitCode === 0 && name !== branch)
    throw new GitTrouble(`${directory} stands on the branch ${name}, not on ${branch}: switch it, or change "worktree"`);
}

async function make(root: string, path: string, directory: string, branch: string, signal: AbortSignal | undefined): Promise<void> {
  const call: GitCall = { cwd: root, signal };
  if ((await headCommit(root, signal)) === null) throw new GitTrouble('the workspace has no commit yet, and a worktree begins from one');
  if ((await tryGit(['check-ref-format', `refs/heads/${branch}`], call)).exitCode !== 0)
    throw new GitTrouble(`"${branch}" cannot be the name of a branch`);
  const elsewhere = (await listWorktrees(call)).find((one) => one.branch === `refs/heads/${branch}` && one.path !== path);
  if (elsewhere !== undefined)
    throw new GitTrouble(`the branch ${branch} is checked out in ${elsewhere.path} already: one branch stands in one worktree`);
  // What is ours to make is nobody's to commit: the workspace must not take it for a repository inside of it.
  if ((await mkdir(dirname(path), { recursive: true })) !== undefined)
    await writeFile(join(dirname(path), '.gitignore'), '*\n', { flag: 'wx' });
  const known = (await tryGit(['show-ref', '--verify', '-q', `refs/heads/${branch}`], call)).exitCode === 0;
  // `-f` for the one whose directory somebody has removed, which git still has in its list under this very path.
  const ends = known ? [path, branch] : ['--no-track', '-b', branch, path, 'HEAD'];
  await git(['worktree', 'add', '-q', '-f', ...ends], call).catch((error: unknown) => {
    throw new GitTrouble(`${directory} could not be made: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
}

/** `branch`: its full name; null: none is checked out there. */
export async function listWorktrees(call: GitCall): Promise<{ path: string; branch: string | null }[]> {
  const found: { path: string; branch: string | null }[] = [];
  for (const line of fields(await git(['worktree', 'list', '--porcelain', '-z'], call))) {
    const last = found.at(-1);
    if (line.startsWith('worktree ')) found.push({ path: line.slice(9), branch: null });
    else if (line.startsWith('branch ') && last !== undefined) last.branch = line.slice(7);
  }
  return found;
}
