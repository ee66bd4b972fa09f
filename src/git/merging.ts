/** What a merge would bring, seen without touching a branch, an index or a file (`git merge-tree`; PROTOCOL section 5). */
import type { TreeRef } from '../core/report.ts';
import { headCommit } from './changes.ts';
import { complaint, fields, type GitCall, GitTrouble, tryGit } from './git.ts';

export type Merge =
  /** `commit` merges without a conflict. */
  | { readonly kind: 'clean'; readonly commit: string }
  /** The other side has it already. */
  | { readonly kind: 'there'; readonly commit: string }
  | { readonly kind: 'conflict'; readonly commit: string; readonly files: readonly string[] }
  /** What was judged is no commit yet: these files differ from the one that it stands on. */
  | { readonly kind: 'uncommitted'; readonly files: readonly string[] };

/**
 * @param commit what would be merged, `into` the checkout of whom
 * @param call in the room's repository, where no driver and no attribute of the user's has a say
 */
export async function tryMerge(commit: string, into: string, call: GitCall): Promise<Exclude<Merge, { kind: 'uncommitted' }>> {
  const target = await headCommit(into, call.signal);
  if (target === null) throw new GitTrouble(`${into} has no commit that could be merged into`);
  if (await isAncestor(commit, target, call)) return { kind: 'there', commit };
  const { conflict } = await mergeTrees(target, commit, call);
  return conflict === null ? { kind: 'clean', commit } : { kind: 'conflict', commit, files: conflict };
}

/** Whether the second has all of the first. */
export async function isAncestor(commit: string, of: string, call: GitCall): Promise<boolean> {
  return (await tryGit(['merge-base', '--is-ancestor', commit, of], call)).exitCode === 0;
}

/** Two commits put together into a tree of `call`'s repository; `conflict`: the files that do not merge, null when all do. */
export async function mergeTrees(
  ours: string,
  theirs: string,
  call: GitCall,
): Promise<{ tree: string; conflict: readonly string[] | null }> {
  const { exitCode, stdout, stderr } = await tryGit(
    // Which files have a driver of their own is nobody's to say here.
    ['-c', 'core.attributesFile=/dev/null', 'merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs],
    call,
  );
  // Before git 2.38 there was no such look.
  if (exitCode !== 0 && exitCode !== 1) throw new GitTrouble(`git merge-tree says: ${complaint(stderr)}`);
  const [tree = '', ...paths] = fields(stdout);
  return { tree, conflict: exitCode === 0 ? null : [...new Set(paths.filter((path) => path !== ''))] };
}

/** Nothing is merged but what was judged: the commit under the judged tree, when that is all of it. */
export function isCommitted(judged: TreeRef, committed: string): boolean {
  return judged.commit !== null && judged.tree === committed;
}
