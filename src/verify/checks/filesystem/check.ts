/** verify-filesystem (PROTOCOL section 4, check 4): the tree is what it is said to be, and nothing in it is half done. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import picomatch from 'picomatch';
import type { IntegrationSettings } from '../../../workspace/integration-settings.ts';
import type { CheckResult, Finding } from '../finding.ts';
import type { ProjectFiles } from '../project-files.ts';
import { listTree, type Tree } from './tree.ts';
import { wholenessOf } from './whole.ts';

export type Expected = {
  /** Globs of files that must be there. */
  readonly declared: readonly string[];
  /** Files that the instance says it has made: paths as they stand, never patterns, since whoever is judged names them. */
  readonly handed?: readonly string[];
  /** Globs of what the instance may touch; empty: anything. */
  readonly territory: readonly string[];
  /** What the work began from. */
  readonly base: string | null;
};

export async function checkFilesystem(
  files: ProjectFiles,
  settings: IntegrationSettings['filesystem'],
  expected: Expected,
): Promise<CheckResult> {
  const tree = await listTree(files, expected.base);
  if (tree.paths.length === 0)
    return { ran: false, why: 'there is no file here', hint: 'start it where the project lies, or name the folder with --workspace' };
  if (tree.trouble !== null) return { ran: false, why: tree.trouble, hint: 'name a commit that exists: --base COMMIT' };
  const isIgnored = (settings.ignore ?? []).length === 0 ? () => false : picomatch([...(settings.ignore ?? [])], { dot: true });
  const looked = tree.paths.filter((path) => !isIgnored(path));
  const asked = [...(settings.declared ?? []), ...expected.declared];
  const findings = [
    ...declaredFindings(files, asked, tree.paths, (path) => picomatch(path, { dot: true })),
    ...declaredFindings(files, expected.handed ?? [], tree.paths, (path) => (one) => one === path),
    ...looked.flatMap((path) => leftover(path) ?? wholenessOf(files, path)),
    ...territoryFindings(tree, expected.territory),
  ];
  return {
    ran: true,
    findings,
    looked: {
      files: looked.length,
      declared: asked.length + (expected.handed ?? []).length,
      'changed files': tree.changed?.length ?? 'not asked',
    },
  };
}

function declaredFindings(
  files: ProjectFiles,
  declared: readonly string[],
  paths: readonly string[],
  matcherOf: (path: string) => (path: string) => boolean,
): Finding[] {
  return declared.flatMap((wanted): Finding[] => {
    const path = wanted.replace(/^\.\//, '');
    const missing = (description: string): Finding[] => [
      {
        type: 'declared-file-missing',
        severity: 'HIGH',
        description,
        hint: 'write it, or take it off the list',
        expected: path,
        file: path,
      },
    ];
    if (path.startsWith('/') || path.split('/').includes('..')) return missing(`${path} was declared, and does not lie in the project`);
    const matches = matcherOf(path);
    if (paths.some((one) => one === path || matches(one))) return [];
    // Ignored by git or skipped as made by tools, and yet there.
    const stats = lstatSync(join(files.root, path), { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return missing(`${path} was declared as a file, and is a folder`);
    return stats === undefined ? missing(`${path} was declared, and does not exist`) : [];
  });
}

/** What editors, merges and broken downloads leave behind. */
const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)\.[^/]+\.sw[a-p]$|(?:^|\/)4913$/, 'the swap file of an editor: somebody has the file open, or the editor has died'],
  [/(?:^|\/)\.#[^/]+$|(?:^|\/)#[^/]+#$/, 'what an editor has not saved'],
  [/~$/, 'a copy that an editor has left'],
  [/\.(?:orig|rej)$/, 'what a merge or a patch has left'],
  [/\.(?:tmp|temp|part|partial|crdownload|bak)$/i, 'a file that somebody was still writing, or has set aside'],
];

function leftover(path: string): Finding[] | null {
  const found = LEFTOVERS.find(([pattern]) => pattern.test(path));
  if (found === undefined) return null;
  return [
    {
      type: 'leftover-file',
      severity: 'MEDIUM',
      description: `${path} is ${found[1]}`,
      hint: 'finish it or remove it; what is meant to lie there belongs into .gitignore',
      file: path,
      line: 1,
    },
  ];
}

/** In a shared checkout nobody knows who touched a file: there it only informs (PROTOCOL section 4). */
function territoryFindings(tree: Tree, territory: readonly string[]): Finding[] {
  if (territory.length === 0 || tree.changed === null) return [];
  const isOwn = picomatch([...territory], { dot: true });
  return tree.changed
    .filter((path) => !isOwn(path))
    .map((path) => ({
      type: 'outside-territory',
      severity: tree.isShared ? 'LOW' : 'HIGH',
      description: `${path} was touched, and lies outside of the instance's files${tree.isShared ? ' (others work in this checkout too)' : ''}`,
      hint: 'take the change back, or let the instance that owns the file make it',
      expected: territory.join(', '),
      file: path,
      line: 1,
    }));
}
