import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TreeRef } from '../../src/core/report.ts';
import { GitTrouble } from '../../src/git/git.ts';
import { openTrees, type Trees } from '../../src/git/trees.ts';
import { gitIn, makeProject, type Project, photograph } from './project.ts';

let project: Project;
let trees: Trees;

function open(made: Project): void {
  project = made;
  trees = openTrees({ root: project.root, privateDir: project.privateDir });
}

const snapshot = (cwd = project.root): Promise<TreeRef> => trees.snapshot(cwd);

async function paths(base: TreeRef | null, now: TreeRef): Promise<string[]> {
  return (await trees.changes(base, now)).map((file) => `${file.status[0]} ${file.path}`);
}

afterEach(() => project.dispose());

describe('PROTOCOL §4: the tree is HEAD plus uncommitted files, as one hash', () => {
  beforeEach(() => {
    open(makeProject());
    project.write('src/a.ts', 'one\n');
    project.write('.gitignore', 'dist/\n');
    project.commit();
  });

  test('a clean checkout hashes to HEAD itself', async () => {
    const now = await snapshot();
    expect(now).toEqual({ commit: project.git('rev-parse', 'HEAD').trim(), tree: project.git('rev-parse', 'HEAD^{tree}').trim() });
  });

  test('edited, staged, untracked and deleted files each change the hash; ignored ones do not', async () => {
    const seen = new Set([(await snapshot()).tree]);
    const fresh = async (): Promise<boolean> => seen.size !== seen.add((await snapshot()).tree).size;
    project.write('src/a.ts', 'two\n');
    expect(await fresh()).toBe(true);
    project.write('src/b.ts', 'new\n');
    expect(await fresh()).toBe(true);
    project.git('add', 'src/b.ts');
    expect(await fresh()).toBe(false);
    rmSync(join(project.root, 'src/a.ts'));
    expect(await fresh()).toBe(true);
    project.write('dist/out.js', 'made\n');
    expect(await fresh()).toBe(false);
  });

  test('a change of the same size and time stamp as the committed file is seen', async () => {
    const before = await snapshot();
    const file = join(project.root, 'src/a.ts');
    const { atime, mtime } = statSync(file);
    project.write('src/a.ts', 'eno\n');
    utimesSync(file, atime, mtime);
    expect((await snapshot()).tree).not.toBe(before.tree);
  });

  test('a change within the second of the commit, same size, looked at later, is seen', async () => {
    // Many builds of git compare time stamps by the second and rely on the index being no younger than the file.
    const file = join(project.root, 'src/a.ts');
    const second = (): number => Math.floor(statSync(file).ctimeMs / 1000);
    let committed = -1;
    for (let round = 0; committed !== second(); round++) {
      project.write('src/a.ts', `${String(round).padStart(3, '0')}\n`);
      committed = second();
      project.commit();
      project.write('src/a.ts', 'xxx\n');
    }
    while (Math.floor(Date.now() / 1000) <= committed + 1) await delay(50);
    const head = project.git('rev-parse', 'HEAD^{tree}').trim();
    expect((await snapshot()).tree).not.toBe(head);
  });

  test.each(['--assume-unchanged', '--skip-worktree'])('a file hidden from git by %s is seen all the same', async (flag) => {
    const before = await snapshot();
    project.git('update-index', flag, 'src/a.ts');
    project.write('src/a.ts', 'hidden\n');
    expect(project.git('diff', '--name-only')).toBe('');
    expect(await paths(before, await snapshot())).toEqual(['m src/a.ts']);
  });

  test('the same content gives the same hash, committed or not', async () => {
    project.write('src/c.ts', 'c\n');
    const before = await snapshot();
    project.commit();
    const after = await snapshot();
    expect(after.tree).toBe(before.tree);
    expect(after.commit).not.toBe(before.commit);
  });

  test('neither the index, the objects nor anything else below .git is touched, and no hook runs', async () => {
    gitIn(project.root, 'config', 'core.fsmonitor', 'touch hooked; false');
    gitIn(project.root, 'config', 'core.splitIndex', 'true');
    project.write('src/staged.ts', 'staged\n');
    gitIn(project.root, '-c', 'core.fsmonitor=false', 'add', 'src/staged.ts');
    project.write('src/untracked.ts', 'untracked\n');
    project.write('.git/hooks/post-index-change', '#!/bin/sh\ntouch "$PWD/hooked"\n');
    chmodSync(join(project.root, '.git/hooks/post-index-change'), 0o755);
    const before = photograph(join(project.root, '.git'));
    const now = await snapshot();
    await trees.changes(null, now);
    await trees.patch(null, now, { maxBytes: 1000 });
    expect(photograph(join(project.root, '.git'))).toEqual(before);
    expect(existsSync(join(project.root, 'hooked'))).toBe(false);
  });

  test('temporary indexes are gone, also after a failure', async () => {
    await snapshot();
    await expect(snapshot(join(project.root, 'missing'))).rejects.toThrow(GitTrouble);
    expect(readdirSync(project.privateDir)).toEqual(['shadow.git']);
  });

  test('a damaged index is no obstacle', async () => {
    const before = await snapshot();
    project.write('.git/index', 'garbage');
    expect((await snapshot()).tree).toBe(before.tree);
  });

  test('GIT_DIR and GIT_INDEX_FILE of the surrounding environment point nowhere', async () => {
    const before = await snapshot();
    process.env.GIT_DIR = '/nowhere';
    process.env.GIT_INDEX_FILE = '/nowhere/index';
    try {
      expect(await snapshot()).toEqual(before);
    } finally {
      delete process.env.GIT_DIR;
      delete process.env.GIT_INDEX_FILE;
    }
  });

  test("coordtui's own files never count, tracked or not", async () => {
    const before = await snapshot();
    for (const own of ['status/multi-instance-status.json', 'docs_dev/handoffs/h.md', 'docs/verification-failures/f.md'])
      project.write(own, '1\n');
    project.write('docs/instance-logs/l.md', '1\n');
    project.write('docs/integration/current-integration-status.md', '1\n');
    expect((await snapshot()).tree).toBe(before.tree);
    project.git('add', '-f', 'status/multi-instance-status.json', 'docs_dev');
    project.git('commit', '-q', '-m', 'status');
    project.write('status/multi-instance-status.json', '2\n');
    expect((await snapshot()).tree).toBe(before.tree);
    project.write('src/status/real.ts', 'counts\n');
    expect(await paths(before, await snapshot())).toEqual(['a src/status/real.ts']);
  });

  test('snapshots at the same time agree', async () => {
    project.write('src/b.ts', 'b\n');
    const all = await Promise.all(Array.from({ length: 6 }, () => snapshot()));
    expect(new Set(all.map((one) => one.tree)).size).toBe(1);
  });

  test('a cancelled snapshot ends and leaves nothing', async () => {
    await snapshot();
    const stop = new AbortController();
    const taken = trees.snapshot(project.root, stop.signal);
    stop.abort();
    await expect(taken).rejects.toThrow(GitTrouble);
    expect(readdirSync(project.privateDir).filter((name) => name.startsWith('index-'))).toEqual([]);
  });
});

describe('every kind of checkout', () => {
  test('a repository without a commit', async () => {
    open(makeProject());
    project.write('a.txt', 'a\n');
    const now = await snapshot();
    expect(now.commit).toBeNull();
    expect(await paths(null, now)).toEqual(['a a.txt']);
  });

  test('a directory without a repository has a tree too, and gets no .git of its own', async () => {
    open(makeProject({ repository: false }));
    project.write('a.txt', 'a\n');
    project.write('.gitignore', 'ignored.txt\n');
    project.write('ignored.txt', 'x\n');
    project.write('node_modules/x/index.js', 'x\n');
    const before = await snapshot();
    expect(before.commit).toBeNull();
    expect(await paths(null, before)).toEqual(['a .gitignore', 'a a.txt']);
    project.write('a.txt', 'b\n');
    project.write('b.txt', 'b\n');
    expect(await paths(before, await snapshot())).toEqual(['m a.txt', 'a b.txt']);
    expect(existsSync(join(project.root, '.git'))).toBe(false);
  });

  test('a workspace that becomes a repository later is still comparable with what it was', async () => {
    open(makeProject({ repository: false }));
    project.write('a.txt', 'a\n');
    const before = await snapshot();
    project.git('init', '-q');
    project.write('b.txt', 'b\n');
    project.commit();
    expect(await paths(before, await snapshot())).toEqual(['a b.txt']);
  });

  test('an empty directory', async () => {
    open(makeProject({ repository: false }));
    const before = await snapshot();
    expect(await paths(null, before)).toEqual([]);
    project.write('a.txt', 'a\n');
    expect(await paths(before, await snapshot())).toEqual(['a a.txt']);
  });

  test('a workspace that is a folder of a larger repository is judged alone', async () => {
    const whole = makeProject();
    whole.write('packages/a/src/x.ts', 'x\n');
    whole.write('packages/b/y.ts', 'y\n');
    whole.commit();
    project = whole;
    const root = join(whole.root, 'packages/a');
    trees = openTrees({ root, privateDir: join(root, 'status/.coordtui/git') });
    const before = await snapshot(root);
    whole.write('packages/b/y.ts', 'changed\n');
    whole.write('packages/a/status/s.json', '{}\n');
    expect((await snapshot(root)).tree).toBe(before.tree);
    whole.write('packages/a/src/x.ts', 'changed\n');
    expect(await paths(before, await snapshot(root))).toEqual(['m src/x.ts']);
    rmSync(join(root, 'src'), { recursive: true });
    expect(await paths(before, await snapshot(root))).toEqual(['d src/x.ts']);
  });

  test('an unfinished merge, inside and outside the judged folder', async () => {
    const whole = makeProject();
    for (const path of ['a/x.txt', 'b/y.txt']) whole.write(path, 'base\n');
    whole.commit();
    whole.git('checkout', '-q', '-b', 'side');
    for (const path of ['a/x.txt', 'b/y.txt']) whole.write(path, 'side\n');
    whole.commit();
    whole.git('checkout', '-q', 'main');
    for (const path of ['a/x.txt', 'b/y.txt']) whole.write(path, 'main\n');
    whole.commit();
    expect(() => whole.git('merge', '-q', 'side')).toThrow();
    project = whole;
    trees = openTrees({ root: join(whole.root, 'a'), privateDir: whole.privateDir });
    const now = await snapshot(join(whole.root, 'a'));
    expect(await trees.patch(null, now, { maxBytes: 10_000 })).toContain('<<<<<<<');
  });

  test('a workspace that the repository around it ignores is judged as a directory of its own', async () => {
    const outer = makeProject();
    outer.write('.gitignore', 'scratch/\n');
    outer.write('scratch/a.txt', 'a\n');
    outer.commit();
    project = outer;
    const root = join(outer.root, 'scratch');
    trees = openTrees({ root, privateDir: join(root, 'status/.coordtui/git') });
    expect(await paths(null, await snapshot(root))).toEqual(['a a.txt']);
  });

  test('PROTOCOL §1: an instance in a linked worktree is judged there, with the same paths', async () => {
    open(makeProject());
    project.write('src/a.ts', 'a\n');
    project.commit();
    const before = await snapshot();
    const worktree = join(project.root, 'worktrees', 'two');
    project.git('worktree', 'add', '-q', '-b', 'two', worktree);
    writeFileSync(join(worktree, 'src/b.ts'), 'b\n');
    expect(await trees.judgedRoot(join(worktree, 'src'))).toBe(worktree);
    expect(await paths(before, await snapshot(join(worktree, 'src')))).toEqual(['a src/b.ts']);
    // and what happens in that worktree is not the work of those in the main one
    expect((await snapshot()).tree).toBe(before.tree);
  });

  test('an instance that works in a folder of the workspace is judged with the whole workspace', async () => {
    open(makeProject());
    project.write('frontend/a.ts', 'a\n');
    project.commit();
    expect(await trees.judgedRoot(join(project.root, 'frontend'))).toBe(project.root);
    expect(await snapshot(join(project.root, 'frontend'))).toEqual(await snapshot());
  });

  test('nested repositories count with their files, uncommitted ones too', async () => {
    open(makeProject());
    project.write('a.txt', 'a\n');
    project.commit();
    mkdirSync(join(project.root, 'lib/empty'), { recursive: true });
    gitIn(join(project.root, 'lib/empty'), 'init', '-q');
    project.write('lib/empty/x.txt', 'x\n');
    mkdirSync(join(project.root, 'lib/full'));
    gitIn(join(project.root, 'lib/full'), 'init', '-q');
    project.write('lib/full/y.txt', 'y\n');
    gitIn(join(project.root, 'lib/full'), 'add', '-A');
    gitIn(join(project.root, 'lib/full'), 'commit', '-q', '-m', 'y');
    const before = await snapshot();
    expect(await paths(null, before)).toEqual(['a a.txt', 'a lib/empty/x.txt', 'a lib/full/y.txt']);
    project.write('lib/full/y.txt', 'changed\n');
    expect(await trees.changes(before, await snapshot())).toEqual([{ path: 'lib/full/y.txt', status: 'modified', added: 1, removed: 1 }]);
  });

  test('a submodule counts with its files; one that was never checked out does no harm', async () => {
    open(makeProject());
    const library = makeProject();
    try {
      library.write('l.txt', 'l\n');
      library.commit();
      project.git('submodule', '--quiet', 'add', library.root, 'vendor/lib');
      project.commit();
      const before = await snapshot();
      project.write('vendor/lib/l.txt', 'uncommitted\n');
      expect(await paths(before, await snapshot())).toEqual(['m vendor/lib/l.txt']);
      project.git('submodule', '--quiet', 'deinit', '-f', 'vendor/lib');
      await snapshot();
    } finally {
      library.dispose();
    }
  });

  test('a .git file that points nowhere is said, not taken for a plain directory', async () => {
    open(makeProject({ repository: false }));
    project.write('.git', 'gitdir: /nowhere/at/all\n');
    await expect(snapshot()).rejects.toThrow(/git refuses/);
  });
});

describe('what lies between two trees', () => {
  beforeEach(() => {
    open(makeProject());
    project.write('keep.txt', '1\n2\n3\n');
    project.write('gone.txt', 'gone\n');
    project.write('old-name.txt', 'a\nb\nc\nd\n');
    project.commit();
  });

  test('added, modified, deleted, renamed, binary and oddly named files', async () => {
    const before = await snapshot();
    project.write('keep.txt', '1\n2\nthree\nfour\n');
    rmSync(join(project.root, 'gone.txt'));
    renameSync(join(project.root, 'old-name.txt'), join(project.root, 'new-name.txt'));
    project.write('image.bin', Uint8Array.of(0, 1, 2, 0));
    const odd = ['-dash', ':(top)magic', 'tab\there', 'line\nbreak', 'quote"d', 'ünïcode ✓', '$(touch owned)'];
    for (const name of odd) project.write(name, 'x\n');
    symlinkSync('/etc/passwd', join(project.root, 'link'));
    const changed = await trees.changes(before, await snapshot());
    expect(changed).toEqual(
      expect.arrayContaining([
        { path: 'gone.txt', status: 'deleted', added: 0, removed: 1 },
        { path: 'image.bin', status: 'added', added: 0, removed: 0 },
        { path: 'keep.txt', status: 'modified', added: 2, removed: 1 },
        { path: 'link', status: 'added', added: 1, removed: 0 },
        { path: 'new-name.txt', status: 'added', added: 4, removed: 0 },
        { path: 'old-name.txt', status: 'deleted', added: 0, removed: 4 },
        ...odd.map((path) => ({ path, status: 'added', added: 1, removed: 0 })),
      ]),
    );
    expect(changed).toHaveLength(6 + odd.length);
  });

  test('the patch shows uncommitted work, runs no driver of the user, and is cut with a line that says so', async () => {
    const before = await snapshot();
    gitIn(project.root, 'config', 'diff.external', 'touch owned');
    gitIn(project.root, 'config', 'diff.x.textconv', 'touch owned; cat');
    project.write('.gitattributes', '*.txt diff=x\nhidden.ts binary\n');
    project.write('keep.txt', `${'long line\n'.repeat(1000)}`);
    project.write('hidden.ts', 'it.skip("x")\n');
    const now = await snapshot();
    const whole = await trees.patch(before, now, { maxBytes: 1_000_000 });
    expect(whole).toContain('+long line');
    expect(whole).toContain('+it.skip("x")'); // an attribute must not hide text
    const cut = await trees.patch(before, now, { maxBytes: 500 });
    expect(cut).toMatch(/\n\[the patch is cut here, at 500 bytes\]\n$/);
    expect(cut.length).toBeLessThan(600);
    expect(existsSync(join(project.root, 'owned'))).toBe(false);
    expect(await trees.changedLines(before, now, '\\.skip\\(')).toEqual(['hidden.ts']);
  });

  test('a tree that is no longer kept is named', async () => {
    const now = await snapshot();
    const lost: TreeRef = { commit: null, tree: 'd'.repeat(40) };
    await expect(trees.changes(lost, now)).rejects.toThrow(/tree d{40} is missing/);
    await expect(trees.patch(lost, now, { maxBytes: 10 })).rejects.toThrow(GitTrouble);
    await expect(trees.changes({ commit: null, tree: '--help' }, now)).rejects.toThrow(/no tree hash/);
  });

  test('trees outlive the one who took them', async () => {
    project.write('uncommitted.txt', 'x\n');
    const before = await snapshot();
    rmSync(join(project.root, 'uncommitted.txt'));
    trees = openTrees({ root: project.root, privateDir: project.privateDir });
    expect(await trees.changes(before, await snapshot())).toEqual([{ path: 'uncommitted.txt', status: 'deleted', added: 0, removed: 1 }]);
  });
});
