/** Would the work of two merge, as it stands now: over real worktrees (PROTOCOL section 5, seen ahead). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrees, type Trees } from '../../src/git/trees.ts';
import { ensureWorktree } from '../../src/git/worktrees.ts';
import { gitIn, makeProject, type Project } from './project.ts';

let project: Project;
let trees: Trees;
const cwd = (name: string) => join(project.root, '.coordtui/worktrees', name);
const side = async (name: string) => ({ cwd: cwd(name), tree: await trees.snapshot(cwd(name)) });

beforeEach(async () => {
  project = makeProject();
  trees = openTrees({ root: project.root, privateDir: project.privateDir });
  project.write('.gitignore', 'status/.coordtui/\n');
  project.write('a.ts', 'one\n');
  project.commit();
  project.git('branch', 'gathered');
  for (const name of ['one', 'two']) await ensureWorktree(project.root, { directory: `.coordtui/worktrees/${name}`, branch: name });
});
afterEach(() => project.dispose());

test('PROTOCOL §5: uncommitted work of two that does not merge names its files; nothing of theirs is touched', async () => {
  writeFileSync(join(cwd('one'), 'a.ts'), 'mine\n');
  writeFileSync(join(cwd('two'), 'a.ts'), 'yours\n');
  writeFileSync(join(cwd('two'), 'b.ts'), 'b\n');
  gitIn(cwd('two'), 'add', 'b.ts');
  const before = [project.git('for-each-ref'), project.git('count-objects'), gitIn(cwd('two'), 'status', '--porcelain')];
  expect(await trees.conflicts(await side('one'), await side('two'))).toEqual(['a.ts']);
  expect([project.git('for-each-ref'), project.git('count-objects'), gitIn(cwd('two'), 'status', '--porcelain')]).toEqual(before);
  writeFileSync(join(cwd('two'), 'a.ts'), 'one\n');
  expect(await trees.conflicts(await side('one'), await side('two'))).toEqual([]);
  expect(readFileSync(join(cwd('one'), 'a.ts'), 'utf8')).toBe('mine\n');
});

test('PROTOCOL §5: with the branch that gathers approved work', async () => {
  writeFileSync(join(cwd('one'), 'a.ts'), 'mine\n');
  expect(await trees.conflictsWithBranch(await side('one'), 'gathered')).toEqual([]);
  writeFileSync(join(cwd('two'), 'a.ts'), 'theirs\n');
  gitIn(cwd('two'), 'commit', '-qam', 'theirs');
  project.git('update-ref', 'refs/heads/gathered', 'refs/heads/two');
  expect(await trees.conflictsWithBranch(await side('one'), 'gathered')).toEqual(['a.ts']);
  await expect(trees.conflictsWithBranch(await side('one'), 'none')).rejects.toThrow(/there is no branch none/);
});
