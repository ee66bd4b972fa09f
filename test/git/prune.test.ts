/** PROTOCOL §8, Retention: the room's own objects are pruned, the user's are not touched, and nothing that is of use goes. */
import { execFileSync } from 'node:child_process';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { looseObjects, pruneObjects } from '../../src/git/prune.ts';
import { openTrees, type Trees } from '../../src/git/trees.ts';
import { makeProject, type Project, photograph } from './project.ts';

let project: Project;
let trees: Trees;
let gitDir: string;

beforeEach(() => {
  project = makeProject();
  project.write('a.txt', 'committed\n');
  project.commit();
  trees = openTrees({ root: project.root, privateDir: project.privateDir });
  gitDir = join(project.privateDir, 'shadow.git');
});
afterEach(() => project.dispose());

async function treeOf(content: string) {
  project.write('a.txt', content);
  return trees.snapshot(project.root);
}

function objects(): string[] {
  const folder = join(gitDir, 'objects');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[0-9a-f]{2}\/[0-9a-f]+$/.test(name))
    .map((name) => join(folder, name));
}

function age(): void {
  const long = Date.now() / 1000 - 3 * 86_400;
  for (const path of objects()) utimesSync(path, long, long);
}

const has = (hash: string) => {
  try {
    execFileSync('git', ['cat-file', '-e', hash], { env: { ...process.env, GIT_DIR: gitDir }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test('a tree that is of use stays readable to its last file; one that nobody needs goes; the user keeps every byte', async () => {
  const [kept, gone] = [await treeOf('kept\n'), await treeOf('gone\n')];
  age();
  const before = photograph(join(project.root, '.git'));
  await pruneObjects(gitDir, [kept]);
  expect(await trees.content(kept, 'a.txt', 100)).toBe('kept\n');
  expect(has(gone.tree)).toBe(false);
  expect(photograph(join(project.root, '.git'))).toEqual(before);
  // Once more, now that what is kept lies in a pack: a tree that is no longer of use leaves it too.
  await pruneObjects(gitDir, []);
  await pruneObjects(gitDir, [kept]);
});

test('what was taken a moment ago is spared: a round may stand on it', async () => {
  const fresh = await treeOf('fresh\n');
  await pruneObjects(gitDir, []);
  expect(has(fresh.tree)).toBe(true);
});

test('a few objects are not worth the walk', async () => {
  const old = await treeOf('old\n');
  age();
  await trees.prune([]);
  expect(await looseObjects(gitDir)).toBeGreaterThan(0);
  expect(has(old.tree)).toBe(true);
});
