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
  if ((await tryGit(['merge-base', '--is-ancestor', commit, target], call)).exitCode === 0) return { kind: 'there', commit };
  const { exitCode, stdout, stderr } = await tryGit(
    ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', target, commit],
    call,
  );
  if (exitCode === 0) return { kind: 'clean', commit };
  if (exitCode === 1)
    return {
      kind: 'conflict',
      commit,
      files: [
        ...new Set(
          fields(stdout)
            .slice(1)
            .filter((path) => path !== ''),
        ),
      ],
    };
  // Before git 2.38 there was no such look.
  throw new GitTrouble(`git merge-tree says: ${complaint(stderr)}`);
}

/** Nothing is merged but what was judged: the commit under the judged tree, when that is all of it. */
export function isCommitted(judged: TreeRef, committed: string): boolean {
  return judged.commit !== null && judged.tree === committed;
}
