/**
 * A branch that somebody stands on (decision 0029). Its checkout is moved along only by his word, and only by git's own fast
 * forward: that writes nothing over a change, an untracked or an ignored file, and moves the branch last.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { complaint, fields, type GitCall, GitTrouble, git, tryGit } from './git.ts';
import { findRepository } from './repository.ts';
import { listWorktrees } from './worktrees.ts';

/** `rebasing`: he is in the middle of a rebase of that branch. */
export type Checkout = { readonly path: string; readonly rebasing: boolean };

/** Everybody who has the branch checked out, or is in the middle of rebasing it. */
export async function checkouts(branch: string, call: GitCall): Promise<Checkout[]> {
  const ref = `refs/heads/${branch}`;
  const found: Checkout[] = [];
  for (const one of await listWorktrees(call)) {
    const there = await stat(one.path).catch(() => null);
    if (there === null) continue; // removed by hand: nobody stands on it
    const rebasing = await isRebased(one.path, ref);
    if (rebasing || one.branch === ref) found.push({ path: one.path, rebasing });
  }
  return found;
}

async function isRebased(cwd: string, ref: string): Promise<boolean> {
  for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name']) {
    const path = await tryGit(['rev-parse', '--path-format=absolute', '--git-path', file], { cwd });
    const name = await readFile(path.stdout.toString('utf8').trim(), 'utf8').catch(() => '');
    if (name.trim() === ref) return true;
  }
  return false;
}

export type Forward = { readonly onto: string; readonly commit: string; readonly env: Readonly<Record<string, string>> };

/**
 * Moves the one checkout of a branch, and the branch with it, from `onto` to `commit`, which has it as an ancestor.
 * @param working directories in which instances work: nothing is ever moved below them
 * @returns null when both stand there now; else why neither was moved, as the end of a sentence
 */
export async function moveAlong(all: readonly Checkout[], forward: Forward, working: readonly string[]): Promise<string | null> {
  const [here, ...more] = all;
  if (here === undefined || more.length > 0) return `${all.length} checkouts stand on it`;
  if (here.rebasing) return 'a rebase is under way there';
  const { onto, commit, env } = forward;
  // Whoever begins it sees it through: it is not cancelled, since half of it is worse than none.
  const call: GitCall = { cwd: here.path, env };
  if (await worksThere(here.path, working)) return 'an instance works there';
  if ((await tryGit(['rev-parse', '-q', '--verify', 'HEAD'], call)).stdout.toString('latin1').trim() !== onto)
    return 'it stands on another commit there';
  const changed = fields(await git(['status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=none'], call));
  if (changed[0] !== undefined) return `it has changes of its own there (${JSON.stringify(changed[0].slice(3))})`;
  if (await bringsSubmodule(onto, commit, call)) return 'the merge changes a submodule, whose checkout git leaves to you';
  const settings = ['merge.autoStash=false', 'submodule.recurse=false', 'gc.auto=0'].flatMap((one) => ['-c', one]);
  const merged = await tryGit([...settings, 'merge', '-q', '--ff-only', '--no-overwrite-ignore', commit], call).catch(troubleOf);
  if (typeof merged !== 'string' && merged.exitCode === 0) return null;
  return `git does not move it there: ${typeof merged === 'string' ? merged : complaint(merged.stderr)}`;
}

/** Also when it was killed: what became of it is seen by where the branch stands. */
function troubleOf(error: unknown): string {
  if (error instanceof GitTrouble) return error.message;
  throw error;
}

async function worksThere(top: string, working: readonly string[]): Promise<boolean> {
  const here = await realpath(top);
  for (const directory of working) {
    const found = await findRepository(directory).catch(() => null);
    if (found !== null && (await realpath(found.top)) === here) return true;
  }
  return false;
}

async function bringsSubmodule(onto: string, commit: string, call: GitCall): Promise<boolean> {
  const raw = await git(['diff-tree', '-r', '-z', '--raw', onto, commit], call);
  return fields(raw).some((entry) => /^:(?:160000 |\d{6} 160000 )/u.test(entry));
}
