/**
 * Approved work into a branch by plumbing alone (PROTOCOL section 5): no checkout, no index, no hook, no push. Until a merge has
 * been verified it lies in the room's own objects only; the branch moves in one step, from the very commit that was merged onto.
 */
import { rm } from 'node:fs/promises';
import type { Branched, MergeWords } from '../core/integration.ts';
import type { TreeRef } from '../core/report.ts';
import { readingCall } from './changes.ts';
import { checkouts, moveAlong } from './checked-out.ts';
import { complaint, type GitCall, GitTrouble, git, tryGit } from './git.ts';
import { isAncestor, mergeTrees } from './merging.ts';
import type { Place, Repository } from './repository.ts';
import { callFor, commitTree, type SnapshotOptions } from './snapshot.ts';

export type Candidate =
  | { readonly kind: 'there'; readonly commit: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** `now` and `before`: the judged part of the merge and of the branch that it stands on. */
  | {
      readonly kind: 'candidate';
      readonly now: TreeRef & { readonly commit: string };
      readonly before: TreeRef & { readonly commit: string };
    };

const GITLINK = '160000';
const MAIL = 'coordtui@localhost';

/** The merge of the judged work and the branch, as a commit in the room's own objects. The same request makes the same commit. */
export async function makeCandidate(
  place: Place,
  judged: TreeRef,
  branch: string,
  words: MergeWords,
  options: SnapshotOptions,
): Promise<Candidate> {
  const repository = repositoryOf(place);
  await options.shadow.prepare(repository.objectFormat, [repository.objects]);
  const onto = await tipOf(branch, place, options.signal);
  const work = await commitOf(place, judged, words, options);
  const call = readingCall(options.shadow.gitDir, options.signal);
  if (await isAncestor(work, onto, call)) return { kind: 'there', commit: onto };
  const merged = await mergeTrees(onto, work, call);
  if (merged.conflict !== null) return { kind: 'conflict', files: merged.conflict };
  const message = `Merge ${words.subject}\n\n${words.body}\n`;
  const commit = await commitObject(merged.tree, [onto, work], message, { name: 'coordtui', at: words.at }, call);
  const part = async (of: string) => ({ commit: of, tree: await commitTree(place, of, options) });
  return { kind: 'candidate', now: await part(commit), before: await part(onto) };
}

/** What was judged as a commit: the one that it stands on when that is all of it, else one made of exactly that tree. */
export async function commitOf(place: Place, judged: TreeRef, words: MergeWords, options: SnapshotOptions): Promise<string> {
  if (judged.commit === null) throw new GitTrouble('there is no commit yet that a merge could begin from');
  if ((await commitTree(place, judged.commit, options)) === judged.tree) return judged.commit;
  const tree = await wholeTree(place, judged, judged.commit, options);
  const message = `${words.subject}\n\nNot committed by ${words.author}: this is the tree that was judged, ${judged.tree}.\n${words.body}\n`;
  const author = { name: words.author, at: words.at };
  return commitObject(tree, [judged.commit], message, author, readingCall(options.shadow.gitDir, options.signal));
}

/** The judged part, with all that was never judged as its commit has it: what lies elsewhere, and what coordtui keeps itself. */
async function wholeTree(place: Place, judged: TreeRef, commit: string, options: SnapshotOptions): Promise<string> {
  // Paths are bytes: latin1 keeps every one of them as it is.
  const prefix = bytes(place.repository?.prefix ?? '');
  const own = options.own.map((path) => `${prefix}${bytes(path)}`);
  const call = readingCall(options.shadow.gitDir, options.signal);
  const committed = await entriesOf(commit, call);
  const inside = (await entriesOf(judged.tree, call)).map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }));
  const links = new Set(inside.filter(({ mode }) => mode === GITLINK).map(({ path }) => path));
  const unfolded = committed.find(
    ({ mode, path }) => mode === GITLINK && !links.has(path) && inside.some((one) => one.path.startsWith(`${path}/`)),
  );
  if (unfolded !== undefined)
    throw new GitTrouble(
      `${JSON.stringify(unfolded.path)} is a repository of its own: its work has to be committed before it can be merged`,
    );
  const outside = committed.filter(({ path }) => !path.startsWith(prefix) || own.some((one) => path === one || path.startsWith(`${one}/`)));
  const index = options.shadow.temporaryIndex();
  const ours = { ...callFor(index, place, options), cwd: repositoryOf(place).top };
  try {
    const lines = [...outside, ...inside].map(({ mode, hash, path }) => `${mode} ${hash}\t${path}\0`).join('');
    await git(['update-index', '-z', '--index-info'], { ...ours, input: Buffer.from(lines, 'latin1') });
    return (await git(['write-tree'], ours)).toString('latin1').trim();
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}

type Entry = { readonly mode: string; readonly hash: string; readonly path: string };

/** `<mode> <type> <hash>\t<path>` */
async function entriesOf(tree: string, call: GitCall): Promise<Entry[]> {
  const lines = (await git(['ls-tree', '-r', '-z', '--full-tree', tree], call)).toString('latin1').split('\0');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', , hash = ''] = line.slice(0, tab).split(' ');
      return { mode, hash, path: line.slice(tab + 1) };
    });
}

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

type Author = { readonly name: string; readonly at: number };

async function commitObject(tree: string, parents: readonly string[], message: string, author: Author, call: GitCall): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
  const output = await git(args, { ...call, env: { ...call.env, ...signed(author) }, input: message });
  return output.toString('latin1').trim();
}

/** Nobody's settings, and no clock: a merge that is made again is the same commit. */
function signed({ name, at }: Author): Record<string, string> {
  const date = `@${Math.floor(at / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: MAIL,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'coordtui',
    GIT_COMMITTER_EMAIL: MAIL,
    GIT_COMMITTER_DATE: date,
  };
}

/** Where the branch stands. Always by its full name, which nothing takes for an option or for another ref. */
export async function tipOf(branch: string, place: Place, signal: AbortSignal | undefined): Promise<string> {
  const call: GitCall = { cwd: repositoryOf(place).top, signal };
  const ref = `refs/heads/${branch}`;
  if ((await tryGit(['check-ref-format', ref], call)).exitCode !== 0)
    throw new GitTrouble(`${JSON.stringify(branch)} cannot be the name of a branch`);
  if ((await tryGit(['symbolic-ref', '-q', ref], call)).exitCode === 0)
    throw new GitTrouble(`the branch ${branch} only stands for another one: name that one`);
  const found = await tryGit(['rev-parse', '-q', '--verify', `${ref}^{commit}`], call);
  if (found.exitCode !== 0) throw new GitTrouble(`there is no branch ${branch} to merge into; make it: git branch ${branch}`);
  return found.stdout.toString('latin1').trim();
}

export type Move = {
  readonly branch: string;
  readonly onto: string;
  readonly commit: string;
  readonly handoff: string;
  readonly at: number;
  /** A clean checkout of the branch may be moved along, though never one of these directories; absent: none may. */
  readonly follow?: readonly string[] | undefined;
};

/** The branch, from `onto` to the merge; nothing moves when it stands elsewhere by now, or somebody has it checked out. */
export async function moveBranch(
  place: Place,
  { branch, onto, commit, handoff, at, follow }: Move,
  options: SnapshotOptions,
): Promise<Branched> {
  const repository = repositoryOf(place);
  const call: GitCall = { cwd: repository.top, signal: options.signal };
  const now = await tipOf(branch, place, options.signal);
  if (now === commit) return { kind: 'moved' };
  if (now !== onto) return { kind: 'stale' };
  await handOver(commit, onto, call, options);
  const env = signed({ name: 'coordtui', at });
  const standing = await checkouts(branch, call);
  if (standing[0] !== undefined) {
    const why = follow === undefined ? null : await moveAlong(standing, { onto, commit, env }, follow);
    const stands = await tipOf(branch, place, options.signal);
    if (stands === commit) return { kind: 'moved' };
    if (stands !== onto) return { kind: 'stale' };
    // So that it has a name, and is not swept away before he has merged it.
    const ref = `refs/coordtui/${handoff}`;
    await git(['update-ref', '--no-deref', ref, commit], call);
    return { kind: 'checked-out', where: standing[0].path, ref, ...(why === null ? {} : { why }) };
  }
  const args = ['update-ref', '--no-deref', '-m', `coordtui: merge ${handoff}`, `refs/heads/${branch}`, commit, onto];
  const moved = await tryGit(args, { ...call, env });
  if (moved.exitCode === 0) return { kind: 'moved' };
  if ((await tipOf(branch, place, options.signal)) !== onto) return { kind: 'stale' };
  throw new GitTrouble(`the branch ${branch} cannot be moved: ${complaint(moved.stderr)}`);
}

/** The objects of the merge, from the room's store into the repository: what the branch has already stays out of it. */
async function handOver(commit: string, onto: string, call: GitCall, { shadow, signal }: SnapshotOptions): Promise<void> {
  const pack = await git(['pack-objects', '--revs', '--stdout', '-q'], {
    ...readingCall(shadow.gitDir, signal),
    input: `${commit}\n^${onto}\n`,
  });
  await git(['unpack-objects', '-q'], { ...call, input: pack });
  const whole = await tryGit(['rev-list', '--objects', '--quiet', commit, `^${onto}`], call);
  if (whole.exitCode !== 0) throw new GitTrouble(`the merge did not arrive whole: ${complaint(whole.stderr)}`);
}

/** The name that kept the merge while the branch was checked out is no longer needed. */
export async function forgetMerge(place: Place, handoff: string, signal?: AbortSignal): Promise<void> {
  await tryGit(['update-ref', '--no-deref', '-d', `refs/coordtui/${handoff}`], { cwd: repositoryOf(place).top, signal });
}

function repositoryOf({ root, repository }: Place): Repository {
  if (repository === null) throw new GitTrouble(`${root} is no git repository, so nothing can be merged from it`);
  return repository;
}
