/** What the rest of the program asks of git: take a tree, and tell what lies between two of them. */
import { realpath } from 'node:fs/promises';
import type { Branched, MergeWords } from '../core/integration.ts';
import type { ChangedFile, TreeRef } from '../core/report.ts';
import { findInChanges, headCommit, listChanges, type PatchOptions, readContent, readingCall, readPatch } from './changes.ts';
import { clash, clashWithBranch } from './clash.ts';
import { GitTrouble, tryGit } from './git.ts';
import { type Candidate, forgetMerge, type Move, makeCandidate, moveBranch } from './integrating.ts';
import { isCommitted, type Merge, tryMerge } from './merging.ts';
import { OWN_PATHS } from './own-paths.ts';
import { looseObjects, pruneObjects } from './prune.ts';
import { type Place, placeOf } from './repository.ts';
import { type Scratch, writeOut } from './scratch.ts';
import { openShadow } from './shadow.ts';
import { commitTree, ownBelow, writeTree } from './snapshot.ts';

/** Fewer are not worth a walk over all of them. */
const MANY_OBJECTS = 2_000;

export type TreesOptions = {
  /** The workspace. */
  readonly root: string;
  /** A directory of the room's own (0700) for the objects of the trees; made on demand. */
  readonly privateDir: string;
  /** Further paths below the root that coordtui keeps itself, when the settings have moved some. */
  readonly ignore?: readonly string[];
};

/** A tree, and the directory for which it was taken. */
export type Side = { readonly cwd: string; readonly tree: TreeRef };

/** Every method rejects with `GitTrouble`, one sentence, when git or the disk refuses. */
export interface Trees {
  /** The directory that is judged for an instance working in `cwd`; trees and checks are relative to it. */
  judgedRoot(cwd: string, signal?: AbortSignal): Promise<string>;
  /** The tree as it is now: HEAD's commit (null if none) and a hash over everything, uncommitted work included. */
  snapshot(cwd: string, signal?: AbortSignal): Promise<TreeRef>;
  /** Where the branch of the worktree `cwd` left the workspace's own; null where nothing is common. */
  ground(cwd: string, signal?: AbortSignal): Promise<TreeRef | null>;
  /** What merging the judged work of `from` into the checkout `into` would bring; nothing is merged. */
  merge(from: string, judged: TreeRef, into: string, signal?: AbortSignal): Promise<Merge>;
  /** The judged work of `from` merged onto a branch of the workspace, as a commit that nobody sees but the room. */
  candidate(from: string, judged: TreeRef, branch: string, words: MergeWords, signal?: AbortSignal): Promise<Candidate>;
  /** The files in which the work of two does not merge as it stands, uncommitted work included. */
  conflicts(one: Side, other: Side, signal?: AbortSignal): Promise<readonly string[]>;
  conflictsWithBranch(one: Side, branch: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Moves the branch to that commit. No checkout, index or hook is touched, and nothing is pushed. */
  moveBranch(from: string, move: Move): Promise<Branched>;
  /** The name under which a merge waited for somebody who had the branch checked out is given up. */
  forgetMerge(from: string, handoff: string): Promise<void>;
  /** Changed files, renames told as one deleted and one added. `base` null: every file is new. */
  changes(base: TreeRef | null, now: TreeRef, signal?: AbortSignal): Promise<ChangedFile[]>;
  /** The files of a tree in a directory of their own, for whoever disposes of it. `cwd`: as in `snapshot`. */
  writeOut(cwd: string, tree: TreeRef, signal?: AbortSignal): Promise<Scratch>;
  /** The unified diff, at most `maxBytes` of it and a line that says that it was cut. */
  patch(base: TreeRef | null, now: TreeRef, options: PatchOptions): Promise<string>;
  /** One file of a tree; null when it is not there, or longer than `maxBytes`. */
  content(tree: TreeRef, path: string, maxBytes: number, signal?: AbortSignal): Promise<string | null>;
  /** Changed files with an added or removed line that matches this POSIX extended regular expression. */
  changedLines(base: TreeRef | null, now: TreeRef, pattern: string, signal?: AbortSignal): Promise<string[]>;
  /** Removes the room's own objects that none of these trees needs, once there are many; the user's are never touched. */
  prune(keep: readonly TreeRef[], signal?: AbortSignal): Promise<void>;
}

/** Opens nothing yet: the first call makes what it needs below `privateDir`. Holds no resource between calls. */
export function openTrees({ root, privateDir, ignore = [] }: TreesOptions): Trees {
  const shadow = openShadow(privateDir);

  async function ownOf(place: Place): Promise<string[]> {
    await shadow.prepare(place.repository?.objectFormat ?? 'sha1', []);
    return [...OWN_PATHS, ...ignore, ...ownBelow(place.root, await realpath(privateDir))];
  }

  async function groundOf(place: Place, signal: AbortSignal | undefined): Promise<TreeRef | null> {
    if (place.repository === null) return null;
    const [here, there] = await Promise.all([headCommit(place.root, signal), headCommit(root, signal)]);
    if (here === null || there === null) return null;
    const common = await tryGit(['merge-base', there, here], { cwd: place.root, signal });
    if (common.exitCode !== 0) return null;
    const commit = common.stdout.toString('latin1').trim();
    return { commit, tree: await commitTree(place, commit, { shadow, own: await ownOf(place), signal }) };
  }

  async function mergeOf(place: Place, judged: TreeRef, into: string, signal: AbortSignal | undefined): Promise<Merge> {
    const { commit } = judged;
    const under = commit === null ? null : await commitTree(place, commit, { shadow, own: await ownOf(place), signal });
    if (commit !== null && under !== null && isCommitted(judged, under)) return tryMerge(commit, into, readingCall(shadow.gitDir, signal));
    const base = under === null ? null : { commit, tree: under };
    const changed = await reading(() => listChanges(base, judged, readingCall(shadow.gitDir, signal)));
    return { kind: 'uncommitted', files: changed.map(({ path }) => path) };
  }

  async function takeTree(place: Place, signal: AbortSignal | undefined): Promise<TreeRef> {
    const own = await ownOf(place);
    const commit = place.repository === null ? null : await headCommit(place.root, signal);
    return { commit, tree: await writeTree(place, { shadow, own, signal }) };
  }

  /** The disk's refusals (no space, read-only) become sentences too. */
  async function orTrouble<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof GitTrouble || (error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new GitTrouble(`the tree cannot be kept: ${(error as Error).message}`, { cause: error });
    }
  }

  async function reading<Value>(read: () => Promise<Value>): Promise<Value> {
    return orTrouble(async () => {
      await shadow.prepare('sha1', []);
      return read();
    });
  }

  return {
    judgedRoot: async (cwd, signal) => (await orTrouble(() => placeOf(root, cwd, signal))).root,
    snapshot: (cwd, signal) => orTrouble(async () => takeTree(await placeOf(root, cwd, signal), signal)),
    ground: (cwd, signal) => orTrouble(async () => groundOf(await placeOf(root, cwd, signal), signal)),
    merge: (from, judged, into, signal) =>
      orTrouble(async () => mergeOf(await placeOf(root, from, signal), judged, (await placeOf(root, into, signal)).root, signal)),
    candidate: (from, judged, branch, words, signal) =>
      orTrouble(async () => {
        const place = await placeOf(root, from, signal);
        return makeCandidate(place, judged, branch, words, { shadow, own: await ownOf(place), signal });
      }),
    conflicts: (one, other, signal) =>
      orTrouble(async () => {
        const [ours, theirs] = await Promise.all([placeOf(root, one.cwd, signal), placeOf(root, other.cwd, signal)]);
        return clash({ place: ours, tree: one.tree }, { place: theirs, tree: other.tree }, { shadow, own: await ownOf(ours), signal });
      }),
    conflictsWithBranch: (one, branch, signal) =>
      orTrouble(async () => {
        const place = await placeOf(root, one.cwd, signal);
        return clashWithBranch({ place, tree: one.tree }, branch, { shadow, own: await ownOf(place), signal });
      }),
    moveBranch: (from, move) =>
      orTrouble(async () => {
        const place = await placeOf(root, from);
        return moveBranch(place, move, { shadow, own: await ownOf(place), signal: undefined });
      }),
    forgetMerge: (from, handoff) => orTrouble(async () => forgetMerge(await placeOf(root, from), handoff)),
    writeOut: (cwd, tree, signal) => orTrouble(async () => writeOut(await placeOf(root, cwd, signal), tree, shadow, signal)),
    changes: (base, now, signal) => reading(() => listChanges(base, now, readingCall(shadow.gitDir, signal))),
    patch: (base, now, options) => reading(() => readPatch(base, now, options, readingCall(shadow.gitDir))),
    content: (tree, path, maxBytes, signal) => reading(() => readContent(tree, path, maxBytes, readingCall(shadow.gitDir, signal))),
    prune: (keep, signal) =>
      orTrouble(async () => {
        if ((await looseObjects(shadow.gitDir)) >= MANY_OBJECTS) await pruneObjects(shadow.gitDir, keep, signal);
      }),
    changedLines: (base, now, pattern, signal) => reading(() => findInChanges(base, now, pattern, readingCall(shadow.gitDir, signal))),
  };
}
