/** Where a directory stands in git: which repository, which part of it, and which tree is judged for it. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { complaint, type GitCall, GitTrouble, tryGit } from './git.ts';

export type Repository = {
  /** Top of the working tree, real path. */
  readonly top: string;
  /** Of the directory that was asked about, below `top`: empty, or `packages/a/`. */
  readonly prefix: string;
  /** Shared by all worktrees of one repository. */
  readonly commonDir: string;
  readonly objects: string;
  readonly index: string;
  readonly objectFormat: string;
};

/** What is judged: `root` is the directory that paths in the tree are relative to. */
export type Place = { readonly root: string; readonly repository: Repository | null };

/** The repository around `cwd`; null when there is none. Throws `GitTrouble` when there is one that git refuses. */
export async function findRepository(cwd: string, signal?: AbortSignal): Promise<Repository | null> {
  const call: GitCall = { cwd, signal };
  const asked = [
    '--show-toplevel',
    '--show-prefix',
    '--git-common-dir',
    '--git-path',
    'objects',
    '--git-path',
    'index',
    '--show-object-format',
  ];
  const result = await tryGit(['rev-parse', '--path-format=absolute', ...asked], call);
  if (result.exitCode !== 0) {
    // A `.git` file that points nowhere says "not a git repository: <path>"; that is a fault, not an absence.
    if (result.stderr.includes('not a git repository (or any')) return null;
    throw new GitTrouble(`git refuses ${cwd}: ${complaint(result.stderr)}`);
  }
  const lines = result.stdout.toString('utf8').split('\n');
  const [top, prefix, commonDir, objects, index, objectFormat] = lines;
  if (lines.length !== 7 || !top || prefix === undefined || !commonDir || !objects || !index || !objectFormat) {
    throw new GitTrouble(`the path of ${JSON.stringify(cwd)} holds a line break, which git cannot tell apart`);
  }
  if (prefix !== '' && (await isIgnored(call))) return null;
  return { top, prefix, commonDir: await realpath(commonDir), objects, index, objectFormat };
}

/** A folder that the repository above ignores (a scratch folder, a home directory kept in git) is not its business. */
async function isIgnored(call: GitCall): Promise<boolean> {
  const ignored = await tryGit(['check-ignore', '-q', '.'], call);
  if (ignored.exitCode !== 0) return false;
  const tracked = await tryGit(['ls-files', '-z', '--', '.'], { ...call, maxBytes: 1 });
  return tracked.stdout.length === 0;
}

/**
 * The tree that is judged for an instance that works in `cwd`: the workspace itself, or the same part of
 * the worktree it works in; outside of both, its own repository or directory (PROTOCOL section 1).
 */
export async function placeOf(root: string, cwd: string, signal?: AbortSignal): Promise<Place> {
  const [realRoot, realCwd] = await Promise.all([real(root), real(cwd)]);
  const home = await findRepository(realRoot, signal);
  if (realCwd === realRoot) return { root: realRoot, repository: home };
  const here = await findRepository(realCwd, signal);
  if (home !== null && here !== null && here.commonDir === home.commonDir && here.top !== home.top) {
    const twin = join(here.top, home.prefix);
    return { root: await real(twin), repository: await findRepository(await real(twin), signal) };
  }
  if (isInside(realRoot, realCwd)) return { root: realRoot, repository: home };
  if (here === null) return { root: realCwd, repository: null };
  return { root: here.top, repository: { ...here, prefix: '' } };
}

/** Whether `path` lies in `folder` or is it; both real paths. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw new GitTrouble(`${path} cannot be judged: ${(error as NodeJS.ErrnoException).code}`);
  }
}
