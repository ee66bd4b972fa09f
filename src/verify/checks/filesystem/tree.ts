/** The files of the tree as git sees them, and what was touched since the work began. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { fields, tryGit } from '../../../git/git.ts';
import { isOwnPath } from '../../../git/own-paths.ts';
import type { ProjectFiles } from '../project-files.ts';

export type Tree = {
  readonly paths: readonly string[];
  /** null: nobody asked, or there is no git to ask. */
  readonly changed: readonly string[] | null;
  /** Several instances work in it. */
  readonly isShared: boolean;
  /** Why what was asked could not be told. */
  readonly trouble: string | null;
};

/** @param base a commit; null: nobody asks what has changed */
export async function listTree(files: ProjectFiles, base: string | null): Promise<Tree> {
  const { root } = files;
  const stats = lstatSync(join(root, '.git'), { throwIfNoEntry: false });
  const listed = await tryGit(['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.'], { cwd: root });
  const isShared = stats?.isFile() !== true;
  // Without git every file counts; what tools make is left out in either case.
  if (listed.exitCode !== 0)
    return { paths: files.paths, changed: null, isShared, trouble: base === null ? null : 'there is no git repository to compare with' };
  const known = new Set(fields(listed.stdout));
  const paths = files.paths.filter((path) => known.has(path));
  if (base === null) return { paths, changed: null, isShared, trouble: null };
  const named = await tryGit(['rev-parse', '-q', '--verify', '--end-of-options', `${base}^{commit}`], { cwd: root });
  if (named.exitCode !== 0) return { paths, changed: null, isShared, trouble: `there is no commit ${base}` };
  const commit = named.stdout.toString('latin1').trim();
  const [differs, untracked] = await Promise.all([
    tryGit(['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--relative', commit, '--', '.'], { cwd: root }),
    tryGit(['ls-files', '-z', '--others', '--exclude-standard', '--', '.'], { cwd: root }),
  ]);
  if (differs.exitCode !== 0) return { paths, changed: null, isShared, trouble: `the tree could not be compared with ${base}` };
  return {
    paths,
    changed: [...new Set([...fields(differs.stdout), ...fields(untracked.stdout)])].filter((path) => !isOwnPath(path)).sort(),
    isShared,
    trouble: null,
  };
}
