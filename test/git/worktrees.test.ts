import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GitTrouble } from '../../src/git/git.ts';
import { openTrees } from '../../src/git/trees.ts';
import { ensureWorktree } from '../../src/git/worktrees.ts';
import { gitIn, makeProject, type Project } from './project.ts';

let project: Project;
const OWN = { directory: '.coordtui/worktrees/instance-1', branch: 'feature/backend' };
const at = (path = '') => join(project.root, OWN.directory, path);
const ensure = (own = OWN) => ensureWorktree(project.root, own);

beforeEach(() => {
  project = makeProject();
  project.write('src/a.ts', 'one\n');
  project.write('status/README.md', 'kept by coordtui\n');
  project.commit();
});
afterEach(() => project.dispose());

describe("PROTOCOL §1: an instance's own worktree", () => {
  test('is made on its branch, and again on the same branch with its work', async () => {
    await ensure();
    expect(gitIn(at(), 'symbolic-ref', '--short', 'HEAD').trim()).toBe('feature/backend');
    writeFileSync(at('src/a.ts'), 'two\n');
    await ensure();
    expect(readFileSync(at('src/a.ts'), 'utf8')).toBe('two\n');
  });

  test('the workspace does not see it: nothing to commit, no file in its tree', async () => {
    const trees = openTrees({ root: project.root, privateDir: project.privateDir });
    const before = await trees.snapshot(project.root);
    await ensure();
    writeFileSync(at('new.ts'), 'x\n');
    expect(project.git('status', '--porcelain', '--', '.coordtui')).toBe('');
    expect(await trees.snapshot(project.root)).toEqual(before);
  });

  test("the user's index, his hooks and his branch are left alone", async () => {
    project.write('staged.ts', 's\n');
    project.git('add', 'staged.ts');
    const fired = join(project.root, '..', 'fired');
    project.write('.git/hooks/post-checkout', `#!/bin/sh\ntouch ${JSON.stringify(fired)}\n`);
    gitIn(project.root, 'config', 'core.hooksPath', join(project.root, '.git/hooks'));
    rmSync(fired, { force: true });
    const index = readFileSync(join(project.root, '.git/index'));
    await ensure();
    expect(readFileSync(join(project.root, '.git/index')).equals(index)).toBe(true);
    expect(existsSync(fired)).toBe(false);
    expect(project.git('symbolic-ref', '--short', 'HEAD').trim()).toBe('main');
  });

  test('a branch that exists is taken as it is; a directory that somebody removed is made again', async () => {
    project.git('branch', 'feature/backend');
    project.write('src/a.ts', 'later\n');
    project.commit();
    await ensure();
    expect(readFileSync(at('src/a.ts'), 'utf8')).toBe('one\n');
    rmSync(at(), { recursive: true });
    await ensure();
    expect(readFileSync(at('src/a.ts'), 'utf8')).toBe('one\n');
  });

  test('a rebase under way is the work of whoever does it', async () => {
    await ensure();
    gitIn(at(), 'checkout', '-q', '--detach');
    await expect(ensure()).resolves.toBeUndefined();
  });

  const refused: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'another repository',
      () => {
        project.write(`${OWN.directory}/x`, '');
        gitIn(at(), 'init', '-q');
      },
      /is another repository/,
    ],
    ['a directory with files', () => project.write(`${OWN.directory}/x`, 'mine'), /exists and is no worktree/],
    ['a file', () => project.write(OWN.directory, 'mine'), /exists and is no worktree/],
    [
      'a branch that stands in the workspace',
      () => void project.git('switch', '-q', '-c', OWN.branch),
      /is checked out in .*workspace already/,
    ],
    [
      'another branch in it',
      () => void project.git('worktree', 'add', '-q', '-b', 'other', at()),
      /stands on the branch other, not on feature\/backend/,
    ],
    [
      'a link that leads out',
      () => {
        project.write('.coordtui/keep', '');
        symlinkSync(tmpdir(), join(project.root, '.coordtui/worktrees'));
      },
      /lead out of the workspace through a link/,
    ],
  ];
  test.each(refused)('%s: one sentence, and nothing is touched', async (_what, lay, sentence) => {
    lay();
    const before = project.git('worktree', 'list', '--porcelain');
    const error = await ensure().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GitTrouble);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).not.toContain('\n');
    expect(project.git('worktree', 'list', '--porcelain')).toBe(before);
  });

  test('no repository, no commit, no such name: one sentence each', async () => {
    await expect(ensure({ ...OWN, branch: 'a..b' })).rejects.toThrow(/cannot be the name of a branch/);
    project.dispose();
    project = makeProject();
    await expect(ensure()).rejects.toThrow(/has no commit yet/);
    project.dispose();
    project = makeProject({ repository: false });
    await expect(ensure()).rejects.toThrow(/is no git repository/);
  });
});

describe('PROTOCOL §4: what is judged of a worktree', () => {
  test('its own tree, against where its branch left the workspace, without what coordtui keeps', async () => {
    const trees = openTrees({ root: project.root, privateDir: project.privateDir });
    await ensure();
    const left = project.git('rev-parse', 'HEAD').trim();
    project.write('src/main.ts', 'the operator went on\n');
    project.commit();
    writeFileSync(at('src/b.ts'), 'committed\n');
    gitIn(at(), 'add', '-A');
    gitIn(at(), 'commit', '-q', '-m', 'b');
    writeFileSync(at('src/a.ts'), 'uncommitted\n');
    const [base, now] = await Promise.all([trees.ground(at()), trees.snapshot(at())]);
    expect(base?.commit).toBe(left);
    expect((await trees.changes(base, now)).map(({ path }) => path)).toEqual(['src/a.ts', 'src/b.ts']);
    expect(await trees.judgedRoot(at())).toBe(at().replace(/\/$/, ''));
  });

  test('a branch with nothing in common has no ground', async () => {
    const trees = openTrees({ root: project.root, privateDir: project.privateDir });
    await ensure();
    gitIn(at(), 'checkout', '-q', '--orphan', 'apart');
    gitIn(at(), 'commit', '-q', '-m', 'apart');
    expect(await trees.ground(at())).toBeNull();
  });
});
