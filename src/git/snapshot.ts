/**
 * The hash of everything a working tree holds: HEAD, uncommitted and untracked work, .gitignore respected. It is
 * built in a temporary index and written to the room's own objects, so that neither the user's index nor his
 * object store is touched (PROTOCOL section 4, "what is judged").
 */
import { copyFile, lstat, rm, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fields, type GitCall, GitTrouble, git, nulList, tryGit } from './git.ts';
import { findRepository, isInside, type Place, type Repository } from './repository.ts';
import type { Shadow } from './shadow.ts';

export type SnapshotOptions = {
  readonly shadow: Shadow;
  /** Paths below the judged root that are coordtui's own and never count. */
  readonly own: readonly string[];
  readonly signal: AbortSignal | undefined;
};

/** Files come and go while agents work: a snapshot that stumbled over one is taken again. */
const ATTEMPTS = 4;
const MAX_NESTING = 8;
const GITLINK = '160000';

type Entry = { readonly tag: string; readonly mode: string; readonly path: string };

/** Answers the tree's hash. Throws `GitTrouble` when git cannot read the working tree. */
export async function writeTree(place: Place, options: SnapshotOptions, depth = 0): Promise<string> {
  const { repository } = place;
  if (depth > MAX_NESTING) throw new GitTrouble(`repositories lie more than ${MAX_NESTING} deep in each other at ${place.root}`);
  await options.shadow.prepare(repository?.objectFormat ?? 'sha1', repository === null ? [] : [repository.objects]);
  for (let attempt = 1; ; attempt++) {
    const index = options.shadow.temporaryIndex();
    try {
      // The copy spares git from reading every tracked file again; a damaged index must not be the end, though.
      if (repository !== null) await seed(index, place.root, repository, attempt < ATTEMPTS, options);
      return await fill(index, place, options, depth);
    } catch (error) {
      if (!(error instanceof GitTrouble) || attempt === ATTEMPTS || options.signal?.aborted) throw error;
    } finally {
      await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
    }
  }
}

/** What a commit holds of the judged part, without what is coordtui's own: to be compared with trees of `writeTree`. */
export async function commitTree(place: Place, commit: string, options: SnapshotOptions): Promise<string> {
  const { repository } = place;
  await options.shadow.prepare(repository?.objectFormat ?? 'sha1', repository === null ? [] : [repository.objects]);
  const index = options.shadow.temporaryIndex();
  const prefix = repository?.prefix ?? '';
  try {
    const call = callFor(index, place, options);
    await git(['read-tree', commit], call);
    const own = await git(['ls-files', '-z', '--', ...options.own.map((path) => `:(literal)${path}`)], call);
    if (own.length > 0) await git(['update-index', '--force-remove', '-z', '--stdin'], { ...call, input: own });
    const tree = prefix === '' ? [] : [`--prefix=${prefix}`];
    return hash(await git(['write-tree', ...tree], call));
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}

/** How git is called so that it sees this working tree, the temporary index and the room's objects. */
export function callFor(index: string, place: Place, options: SnapshotOptions): GitCall {
  const env: Record<string, string> = { GIT_INDEX_FILE: index, GIT_OBJECT_DIRECTORY: options.shadow.objects };
  if (place.repository === null) {
    env.GIT_DIR = options.shadow.gitDir;
    env.GIT_WORK_TREE = place.root;
  }
  return { cwd: place.root, env, signal: options.signal };
}

async function seed(index: string, root: string, repository: Repository, copy: boolean, options: SnapshotOptions): Promise<void> {
  if (!copy) {
    const call = callFor(index, { root, repository }, options);
    const head = await tryGit(['rev-parse', '-q', '--verify', 'HEAD^{tree}'], call);
    if (head.exitCode === 0) await git(['read-tree', 'HEAD'], call);
    return;
  }
  try {
    const { mtimeMs } = await stat(repository.index);
    await copyFile(repository.index, index);
    // Git takes a file for unchanged without reading it when the index is younger than the file. The copy must not
    // look younger than what it was copied from; a little older only costs reading a few files more.
    const time = Math.floor(mtimeMs / 1000) - 1;
    await utimes(index, time, time);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new GitTrouble(`the index of ${root} cannot be copied: ${(error as Error).message}`);
  }
}

async function fill(index: string, place: Place, options: SnapshotOptions, depth: number): Promise<string> {
  const call = callFor(index, place, options);
  const prefix = place.repository?.prefix ?? '';
  const tracked = entries(await git(['ls-files', '-v', '--stage', '-z'], call));
  await trustNothing(tracked, call);
  const nested = await nestedRepositories(tracked, place, options, call);
  const apart = [...options.own, ...nested.map((one) => one.path)];
  const gone = tracked.filter((entry) => apart.some((path) => entry.path === path || entry.path.startsWith(`${path}/`)));
  if (gone.length > 0)
    await git(['update-index', '--force-remove', '-z', '--stdin'], { ...call, input: nulList(gone.map((entry) => entry.path)) });
  if (prefix !== '') await dropConflictsElsewhere(prefix, place, call);
  const excluded = (await notIgnored(apart, call)).map((path) => `:(exclude,literal)${path}`);
  await git(['add', '-A', '--pathspec-from-file=-', '--pathspec-file-nul'], { ...call, input: nulList(['.', ...excluded]) });
  for (const one of nested) {
    if (one.place === null) continue;
    const tree = await writeTree(one.place, { ...options, own: [] }, depth + 1);
    await git(['read-tree', `--prefix=${prefix}${one.path}/`, tree], { ...call, cwd: place.repository?.top ?? place.root });
  }
  if (prefix === '') return hash(await git(['write-tree'], call));
  const any = await tryGit(['ls-files', '-z'], { ...call, maxBytes: 1 });
  if (any.stdout.length === 0) return emptyTree(call);
  return hash(await git(['write-tree', `--prefix=${prefix}`], call));
}

/** `git add` refuses to be told to leave out what it leaves out anyway. */
async function notIgnored(paths: readonly string[], call: GitCall): Promise<string[]> {
  if (paths.length === 0) return [];
  const { stdout } = await tryGit(['check-ignore', '-z', '--stdin'], { ...call, input: nulList(paths) });
  const ignored = new Set(stdout.toString('utf8').split('\0'));
  return paths.filter((path) => !ignored.has(path));
}

/** The tree without a file, written so that it can be compared with. */
export async function emptyTree(call: GitCall): Promise<string> {
  return hash(await git(['hash-object', '-t', 'tree', '-w', '--stdin'], { ...call, input: '' }));
}

/** "assume unchanged" and "skip worktree" hide a changed file from git; nothing may be hidden from the judge. */
async function trustNothing(tracked: readonly Entry[], call: GitCall): Promise<void> {
  const assumed = tracked.filter((entry) => entry.tag !== entry.tag.toUpperCase()).map((entry) => entry.path);
  const sparse: string[] = [];
  for (const entry of tracked) {
    // Not on disk is what sparse checkouts look like: those files are as they were.
    if (entry.tag.toUpperCase() === 'S' && (await isThere(join(call.cwd, entry.path)))) sparse.push(entry.path);
  }
  if (assumed.length > 0) await git(['update-index', '--no-assume-unchanged', '-z', '--stdin'], { ...call, input: nulList(assumed) });
  if (sparse.length > 0) await git(['update-index', '--no-skip-worktree', '-z', '--stdin'], { ...call, input: nulList(sparse) });
}

type Nested = { readonly path: string /** null: left out of the tree. */; readonly place: Place | null };

/**
 * Git would note a nested repository by its commit alone and be blind to uncommitted work in it; here it counts
 * with its files. A linked worktree of the same repository is another instance's tree and does not count at all.
 */
async function nestedRepositories(tracked: readonly Entry[], place: Place, options: SnapshotOptions, call: GitCall): Promise<Nested[]> {
  const untracked = fields(await git(['ls-files', '--others', '--exclude-standard', '-z'], call));
  const links = tracked.filter((entry) => entry.mode === GITLINK).map((entry) => entry.path);
  const candidates = [...links, ...untracked.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1))];
  const found: Nested[] = [];
  for (const path of new Set(candidates)) {
    if (options.own.some((own) => isInside(own, path))) continue;
    const directory = join(place.root, path);
    if (!(await isThere(join(directory, '.git')))) continue; // a submodule that was never checked out
    const repository = await findRepository(directory, options.signal);
    if (repository === null || repository.prefix !== '') found.push({ path, place: null });
    else if (repository.commonDir === place.repository?.commonDir) found.push({ path, place: null });
    else found.push({ path, place: { root: directory, repository } });
  }
  return found;
}

/** An unfinished merge outside the judged folder would keep git from writing any tree. */
async function dropConflictsElsewhere(prefix: string, place: Place, call: GitCall): Promise<void> {
  const top: GitCall = { ...call, cwd: place.repository?.top ?? place.root };
  const unmerged = fields(await git(['ls-files', '-u', '-z'], top)).map((line) => line.slice(line.indexOf('\t') + 1));
  const elsewhere = unmerged.filter((path) => !path.startsWith(prefix));
  if (elsewhere.length > 0) await git(['update-index', '--force-remove', '-z', '--stdin'], { ...top, input: nulList(elsewhere) });
}

/** `H 100644 <hash> 0\t<path>` */
function entries(output: Buffer): Entry[] {
  return fields(output).map((line) => {
    const tab = line.indexOf('\t');
    const [tag = '', mode = ''] = line.slice(0, tab).split(' ');
    return { tag, mode, path: line.slice(tab + 1) };
  });
}

function hash(output: Buffer): string {
  return output.toString('latin1').trim();
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** The private directory's place below the judged root, if it lies there. */
export function ownBelow(root: string, directory: string): string[] {
  return isInside(root, directory) && root !== directory ? [relative(root, directory)] : [];
}
