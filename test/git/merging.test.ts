import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTrees, type Trees } from '../../src/git/trees.ts';
import { ensureWorktree } from '../../src/git/worktrees.ts';
import { gitIn, makeProject, type Project } from './project.ts';

let project: Project;
let trees: Trees;
const at = (path = '') => join(project.root, '.coordtui/worktrees/one', path);
const commit = () => {
  gitIn(at(), 'add', '-A');
  gitIn(at(), 'commit', '-q', '-m', 'work');
  return gitIn(at(), 'rev-parse', 'HEAD').trim();
};
const look = async () => trees.merge(at(), await trees.snapshot(at()), project.root);

beforeEach(async () => {
  project = makeProject();
  trees = openTrees({ root: project.root, privateDir: project.privateDir });
  project.write('a.ts', 'one\n');
  project.write('status/README.md', 'kept by coordtui\n');
  project.commit();
  await ensureWorktree(project.root, { directory: '.coordtui/worktrees/one', branch: 'one' });
});
afterEach(() => project.dispose());

describe('PROTOCOL §5: approved work reaches the target', () => {
  test('clean: the commit is named, and no branch, index or file is touched', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    const made = commit();
    project.write('main.ts', 'the other went on\n');
    project.commit();
    const before = [project.git('for-each-ref'), project.git('count-objects'), readFileSync(join(project.root, '.git/index'), 'latin1')];
    expect(await look()).toEqual({ kind: 'clean', commit: made });
    expect([project.git('for-each-ref'), project.git('count-objects'), readFileSync(join(project.root, '.git/index'), 'latin1')]).toEqual(
      before,
    );
    project.git('merge', '-q', '-m', 'merged', made);
    expect(await look()).toEqual({ kind: 'there', commit: made });
  });

  test('a conflict names its files', async () => {
    writeFileSync(at('a.ts'), 'mine\n');
    const made = commit();
    project.write('a.ts', 'yours\n');
    project.commit();
    expect(await look()).toEqual({ kind: 'conflict', commit: made, files: ['a.ts'] });
  });

  test('what was judged and is not committed is named instead of a commit without it', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commit();
    writeFileSync(at('b.ts'), 'b, and more\n');
    writeFileSync(at('c.ts'), 'c\n');
    expect(await look()).toEqual({ kind: 'uncommitted', files: ['b.ts', 'c.ts'] });
  });

  test('what is committed after the judgement is not what was judged', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    const made = commit();
    const judged = await trees.snapshot(at());
    writeFileSync(at('late.ts'), 'late\n');
    commit();
    expect(await trees.merge(at(), judged, project.root)).toEqual({ kind: 'clean', commit: made });
  });

  test("no merge driver of the repository's settings is run", async () => {
    const fired = join(project.root, '..', 'fired');
    gitIn(project.root, 'config', 'merge.evil.driver', `touch ${fired}`);
    project.write('.gitattributes', '*.ts merge=evil\n');
    project.write('a.ts', 'yours\n');
    project.commit();
    writeFileSync(at('a.ts'), 'mine\n');
    writeFileSync(at('.gitattributes'), '*.ts merge=evil\n');
    const made = commit();
    expect(await look()).toMatchObject({ kind: 'conflict', commit: made });
    expect(existsSync(fired)).toBe(false);
  });
});
