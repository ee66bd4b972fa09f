/** Approved work into a branch, over real repositories: nothing but that one ref is ever touched (PROTOCOL section 5). */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TreeRef } from '../../src/core/report.ts';
import { openTrees, type Trees } from '../../src/git/trees.ts';
import { ensureWorktree } from '../../src/git/worktrees.ts';
import { processInfo } from '../../src/native/process.ts';
import { until } from '../support/until.ts';
import { gitIn, makeProject, type Project } from './project.ts';

let project: Project;
let trees: Trees;
const WORDS = {
  at: Date.UTC(2026, 10, 21, 9),
  author: 'instance-1',
  subject: 'h-3f2a: add the table',
  body: 'Verified and approved by ann, round 2.',
};
const HANDOFF = 'h-3f2a';

const at = (path = '') => join(project.root, '.coordtui/worktrees/one', path);
const elsewhere = () => join(project.root, '../elsewhere');
const commitIn = (cwd: string) => {
  gitIn(cwd, 'add', '-A');
  gitIn(cwd, 'commit', '-q', '-m', 'work');
  return gitIn(cwd, 'rev-parse', 'HEAD').trim();
};
const tip = (branch = 'gathered') => project.git('rev-parse', `refs/heads/${branch}`).trim();
const candidate = async (judged?: TreeRef, branch = 'gathered') =>
  trees.candidate(at(), judged ?? (await trees.snapshot(at())), branch, WORDS);
const made = async (judged?: TreeRef) => {
  const found = await candidate(judged);
  if (found.kind !== 'candidate') throw new Error(`no candidate: ${JSON.stringify(found)}`);
  return { commit: found.now.commit, onto: found.before.commit, found };
};
const move = ({ commit, onto }: { commit: string; onto: string }, branch = 'gathered') =>
  trees.moveBranch(at(), { branch, commit, onto, handoff: HANDOFF, at: WORDS.at });
/** The branch goes on by another hand, in no checkout of it. */
const goesOn = (path: string, content: string) => {
  if (!existsSync(elsewhere())) project.git('worktree', 'add', '-q', '--detach', elsewhere(), 'gathered');
  writeFileSync(join(elsewhere(), path), content);
  const commit = commitIn(elsewhere());
  project.git('update-ref', 'refs/heads/gathered', commit);
  return commit;
};
const untouched = () => [
  project.git('for-each-ref'),
  project.git('count-objects'),
  project.git('status', '--porcelain'),
  readFileSync(join(project.root, '.git/index'), 'latin1'),
];

beforeEach(async () => {
  project = makeProject();
  trees = openTrees({ root: project.root, privateDir: project.privateDir });
  project.write('.gitignore', 'status/.coordtui/\n');
  project.write('a.ts', 'one\ntwo\nthree\n');
  project.write('status/README.md', 'kept by coordtui\n');
  project.commit();
  project.git('branch', 'gathered');
  await ensureWorktree(project.root, { directory: '.coordtui/worktrees/one', branch: 'one' });
});
afterEach(() => project.dispose());

describe('PROTOCOL §5: approved work is merged into integration.branch', () => {
  test('until it is moved, the repository has not one object more', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    const before = untouched();
    const { found } = await made();
    expect(untouched()).toEqual(before);
    expect(await trees.changes(found.before, found.now)).toEqual([{ path: 'b.ts', status: 'added', added: 1, removed: 0 }]);
  });

  test('the branch has the merge, both its parents, and nothing else has changed: no checkout, no index, no other ref', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    const work = commitIn(at());
    const theirs = goesOn('c.ts', 'c\n');
    const { commit, onto } = await made();
    const before = [
      project.git('status', '--porcelain'),
      readFileSync(join(project.root, '.git/index'), 'latin1'),
      tip('main'),
      tip('one'),
    ];
    expect(await move({ commit, onto })).toEqual({ kind: 'moved' });
    expect([tip(), project.git('rev-parse', `${commit}^1`).trim(), project.git('rev-parse', `${commit}^2`).trim()]).toEqual([
      commit,
      theirs,
      work,
    ]);
    expect(project.git('ls-tree', '-r', '--name-only', 'gathered').trim().split('\n')).toEqual([
      '.gitignore',
      'a.ts',
      'b.ts',
      'c.ts',
      'status/README.md',
    ]);
    expect([
      project.git('status', '--porcelain'),
      readFileSync(join(project.root, '.git/index'), 'latin1'),
      tip('main'),
      tip('one'),
    ]).toEqual(before);
    expect(project.git('log', '-1', '--format=%an <%ae> %s%n%b', 'gathered')).toBe(
      'coordtui <coordtui@localhost> Merge h-3f2a: add the table\nVerified and approved by ann, round 2.\n\n',
    );
    project.git('fsck', '--strict');
    // Once it is there, there is nothing to be done again.
    expect(await candidate()).toEqual({ kind: 'there', commit });
    expect(await move({ commit, onto })).toEqual({ kind: 'moved' });
  });

  test('what was judged and is not committed is merged exactly as it was judged, by a commit that says so', async () => {
    writeFileSync(at('b.ts'), 'judged\n');
    writeFileSync(at('zü\nname.ts'), 'odd\n');
    writeFileSync(at('a.ts'), 'one\ntwo\nthree\nfour\n');
    writeFileSync(at('status/README.md'), 'an agent wrote here\n');
    const judged = await trees.snapshot(at());
    writeFileSync(at('b.ts'), 'changed after the judgement\n');
    const { commit, onto } = await made(judged);
    expect(await move({ commit, onto })).toEqual({ kind: 'moved' });
    expect(project.git('show', 'gathered:b.ts')).toBe('judged\n');
    expect(project.git('show', 'gathered:zü\nname.ts')).toBe('odd\n');
    // What coordtui keeps itself was never judged: as it was.
    expect(project.git('show', 'gathered:status/README.md')).toBe('kept by coordtui\n');
    expect(project.git('log', '-1', '--format=%an | %cn | %s%n%b', 'gathered^2')).toMatch(
      new RegExp(
        `^instance-1 \\| coordtui \\| h-3f2a: add the table\nNot committed by instance-1: this is the tree that was judged, ${judged.tree}`,
      ),
    );
    project.git('fsck', '--strict');
    // The instance's own branch, index and files stay its own.
    expect(tip('one')).toBe(tip('main'));
    expect(readFileSync(at('b.ts'), 'utf8')).toBe('changed after the judgement\n');
    // The same request makes the same commits: a room that was killed in between finds it there.
    expect(await candidate(judged)).toEqual({ kind: 'there', commit });
  });

  test('a workspace that is a part of its repository: the rest of it stays as the branch has it', async () => {
    mkdirSync(join(project.root, 'packages/shop'), { recursive: true });
    project.write('packages/shop/x.ts', 'x\n');
    project.write('packages/other/y.ts', 'y\n');
    project.commit();
    project.git('branch', '-f', 'gathered');
    const root = join(project.root, 'packages/shop');
    const part = openTrees({ root, privateDir: project.privateDir });
    await ensureWorktree(root, { directory: '.w/two', branch: 'two' });
    const cwd = join(root, '.w/two');
    writeFileSync(join(cwd, 'packages/shop/x.ts'), 'x, better\n');
    const found = await part.candidate(cwd, await part.snapshot(cwd), 'gathered', WORDS);
    if (found.kind !== 'candidate') throw new Error(JSON.stringify(found));
    expect(await part.changes(found.before, found.now)).toMatchObject([{ path: 'x.ts', status: 'modified' }]);
    await part.moveBranch(cwd, { branch: 'gathered', commit: found.now.commit, onto: found.before.commit, handoff: HANDOFF, at: WORDS.at });
    expect(project.git('diff', '--name-only', 'main', 'gathered')).toBe('packages/shop/x.ts\n');
  });

  test('a conflict names its files and leaves nothing behind', async () => {
    writeFileSync(at('a.ts'), 'mine\n');
    commitIn(at());
    goesOn('a.ts', 'yours\n');
    const before = untouched();
    expect(await candidate()).toEqual({ kind: 'conflict', files: ['a.ts'] });
    expect(untouched()).toEqual(before);
  });

  test('a branch that has moved meanwhile is not moved: never from anywhere but what was merged onto', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    const first = await made();
    const theirs = goesOn('c.ts', 'c\n');
    expect(await move(first)).toEqual({ kind: 'stale' });
    expect(tip()).toBe(theirs);
    const again = await made();
    expect(again.onto).toBe(theirs);
    expect(await move(again)).toEqual({ kind: 'moved' });
  });

  test('two that would move it at once: one does, the other finds it moved', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    const one = await made();
    const other = await trees.candidate(at(), await trees.snapshot(at()), 'gathered', {
      ...WORDS,
      subject: 'h-0001: the same, said otherwise',
    });
    if (other.kind !== 'candidate') throw new Error(other.kind);
    const both = await Promise.all([move(one), move({ commit: other.now.commit, onto: other.before.commit })]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['moved', 'stale']);
    expect([one.commit, other.now.commit]).toContain(tip());
  });

  test('somebody has it checked out, or is rebasing it: it is not moved below his feet, and the merge has a name for him', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    project.git('switch', '-q', 'gathered');
    project.write('a.ts', 'work in progress\n');
    const { commit, onto } = await made();
    expect(await move({ commit, onto })).toEqual({ kind: 'checked-out', where: project.root, ref: 'refs/coordtui/h-3f2a' });
    expect([tip(), readFileSync(join(project.root, 'a.ts'), 'utf8')]).toEqual([onto, 'work in progress\n']);
    project.git('merge', '-q', '--ff-only', 'refs/coordtui/h-3f2a');
    expect(await candidate()).toEqual({ kind: 'there', commit });
    await trees.forgetMerge(at(), HANDOFF);
    expect(project.git('for-each-ref', 'refs/coordtui')).toBe('');
  });

  describe('decision 0029: a checkout of the branch that may be moved along', () => {
    const there = () => join(project.root, '../integration');
    const follow = async (made1: { commit: string; onto: string }, working: readonly string[] = []) =>
      trees.moveBranch(at(), { branch: 'gathered', ...made1, handoff: HANDOFF, at: WORDS.at, follow: working });
    const state = () => [tip(), gitIn(there(), 'status', '--porcelain'), gitIn(there(), 'ls-files', '-s')];
    const read = (path: string) => readFileSync(join(there(), path), 'utf8');
    let work: { commit: string; onto: string };

    beforeEach(async () => {
      project.git('worktree', 'add', '-q', there(), 'gathered');
      writeFileSync(at('a.ts'), 'one\ntwo\nthree\nfour\n');
      writeFileSync(at('b.ts'), 'b\n');
      commitIn(at());
      const { commit, onto } = await made();
      work = { commit, onto };
    });

    test("a clean one: branch, index and files stand on the merge, what is untracked and in nobody's way stays", async () => {
      writeFileSync(join(there(), 'notes.txt'), 'mine\n');
      expect(await follow(work)).toEqual({ kind: 'moved' });
      expect(state().slice(0, 2)).toEqual([work.commit, '?? notes.txt\n']);
      expect([read('a.ts'), read('b.ts'), read('notes.txt')]).toEqual(['one\ntwo\nthree\nfour\n', 'b\n', 'mine\n']);
      expect(project.git('for-each-ref', 'refs/coordtui')).toBe('');
      gitIn(there(), 'fsck', '--strict');
    });

    test.each<[string, () => void, RegExp]>([
      ['a change', () => writeFileSync(join(there(), 'status/README.md'), 'changed\n'), /changes of its own there \("status\/README.md"\)/],
      [
        'a staged change',
        () => {
          writeFileSync(join(there(), 'new.ts'), 'x\n');
          gitIn(there(), 'add', 'new.ts');
        },
        /changes of its own/,
      ],
      ['an untracked file in the way', () => writeFileSync(join(there(), 'b.ts'), 'mine\n'), /would be overwritten/],
      [
        'an ignored file in the way',
        () => {
          writeFileSync(join(project.root, '.git/info/exclude'), 'b.ts\n');
          writeFileSync(join(there(), 'b.ts'), 'mine\n');
        },
        /would be overwritten/,
      ],
      [
        'a change that git was told not to look for',
        () => {
          gitIn(there(), 'update-index', '--assume-unchanged', 'a.ts');
          writeFileSync(join(there(), 'a.ts'), 'hidden\n');
        },
        /would be overwritten/,
      ],
      [
        'a git that is at work there',
        () => writeFileSync(gitIn(there(), 'rev-parse', '--path-format=absolute', '--git-path', 'index.lock').trim(), ''),
        /index\.lock/,
      ],
    ])('%s: nothing is moved, nothing is lost, and the card says why', async (_what, prepare, why) => {
      prepare();
      const before = [state(), existsSync(join(there(), 'b.ts')) ? read('b.ts') : null, read('a.ts')];
      expect(await follow(work)).toEqual({
        kind: 'checked-out',
        where: there(),
        ref: 'refs/coordtui/h-3f2a',
        why: expect.stringMatching(why),
      });
      expect([state(), existsSync(join(there(), 'b.ts')) ? read('b.ts') : null, read('a.ts')]).toEqual(before);
    });

    test('never below an instance, on two checkouts at once, or without the word', async () => {
      expect(await follow(work, [join(there(), 'status')])).toMatchObject({ kind: 'checked-out', why: 'an instance works there' });
      expect(await move(work)).toEqual({ kind: 'checked-out', where: there(), ref: 'refs/coordtui/h-3f2a' });
      project.git('worktree', 'add', '-q', '--force', elsewhere(), 'gathered');
      expect(await follow(work)).toMatchObject({ kind: 'checked-out', why: '2 checkouts stand on it' });
      expect(tip()).toBe(work.onto);
    });

    test('git killed in the middle of it: the branch stands where it stood, the next look says so, and what the card names ends it', async () => {
      const hold = join(project.root, '../hold');
      const script = `[ -e ${hold} ] && { echo $PPID >${hold}.pid.part; mv ${hold}.pid.part ${hold}.pid; while [ -e ${hold} ]; do sleep 0.05; done; }; cat`;
      writeFileSync(at('.gitattributes'), '*.slow filter=slow\n');
      writeFileSync(at('c.slow'), 'slow\n');
      commitIn(at());
      const { commit, onto } = await made();
      project.git('config', 'filter.slow.smudge', script);
      writeFileSync(hold, '');
      const moving = follow({ commit, onto });
      const pid = Number(await until('git to write the slow file', () => existsSync(`${hold}.pid`) && readFileSync(`${hold}.pid`, 'utf8')));
      // The filter's parent may be a shell of git's: the one that holds the index is its ancestor.
      for (let one = pid; one > 1 && /git/u.test(processInfo(one)?.comm ?? ''); one = processInfo(one)?.ppid ?? 0)
        process.kill(one, 'SIGKILL');
      rmSync(hold);
      expect(await moving).toMatchObject({ kind: 'checked-out', why: expect.stringMatching(/git/) });
      expect(tip()).toBe(onto);
      expect(await follow({ commit, onto })).toMatchObject({
        kind: 'checked-out',
        why: expect.stringMatching(/changes of its own|index\.lock/),
      });
      rmSync(gitIn(there(), 'rev-parse', '--path-format=absolute', '--git-path', 'index.lock').trim(), { force: true });
      gitIn(there(), 'stash', '--include-untracked');
      expect(await follow({ commit, onto })).toEqual({ kind: 'moved' });
      expect([tip(), read('c.slow'), gitIn(there(), 'status', '--porcelain')]).toEqual([commit, 'slow\n', '']);
    });
  });

  test('in the middle of a rebase of that branch', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    const own = join(project.root, '../own');
    project.git('worktree', 'add', '-q', own, 'gathered');
    writeFileSync(join(own, 'a.ts'), 'theirs\n');
    const onto = commitIn(own);
    project.write('a.ts', 'ours\n');
    project.commit();
    expect(() => gitIn(own, 'rebase', 'main')).toThrow();
    const made1 = await made();
    expect(made1.onto).toBe(onto);
    expect(await move(made1)).toMatchObject({ kind: 'checked-out', where: own });
    gitIn(own, 'rebase', '--abort');
    expect(tip()).toBe(onto);
  });

  test.each([
    ['no-such-branch', /there is no branch no-such-branch/],
    ['-x', /there is no branch -x/],
    ['../../HEAD', /cannot be the name of a branch/],
    ['a..b', /cannot be the name of a branch/],
    ['refs/heads/gathered', /there is no branch refs\/heads\/gathered/],
    ['gathered^{commit}', /cannot be the name of a branch/],
    ['alias', /only stands for another one/],
  ])('hostile or wrong: the branch %j', async (branch, said) => {
    project.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/gathered');
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    await expect(candidate(undefined, branch)).rejects.toThrow(said);
  });

  test('a branch whose name begins like an option is a branch like any other', async () => {
    project.git('update-ref', 'refs/heads/-x', tip());
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    const found = await candidate(undefined, '-x');
    if (found.kind !== 'candidate') throw new Error(found.kind);
    expect(await move({ commit: found.now.commit, onto: found.before.commit }, '-x')).toEqual({ kind: 'moved' });
    expect(tip('-x')).toBe(found.now.commit);
  });

  test('no hook, no merge driver, no filter and no signature of the settings is run', async () => {
    const fired = join(project.root, '../fired');
    const evil = join(project.root, '../evil.sh');
    writeFileSync(evil, `#!/bin/sh\ntouch ${fired}\n`);
    chmodSync(evil, 0o755);
    for (const hook of ['reference-transaction', 'post-merge', 'pre-commit', 'commit-msg', 'post-commit', 'pre-push'])
      writeFileSync(join(project.root, '.git/hooks', hook), `#!/bin/sh\ntouch ${fired}\n`, { mode: 0o755 });
    for (const [name, value] of [
      ['merge.evil.driver', evil],
      ['commit.gpgSign', 'true'],
      ['gpg.program', evil],
    ] as const)
      project.git('config', name, value);
    writeFileSync(at('.gitattributes'), '*.ts merge=evil\n');
    writeFileSync(at('a.ts'), 'one\ntwo\nthree\nmine\n');
    const judged = await trees.snapshot(at());
    goesOn('a.ts', 'theirs\none\ntwo\nthree\n');

    rmSync(fired, { force: true }); // the hooks are real ones: the test's own commits ran them
    const { commit, onto } = await made(judged);
    expect(await move({ commit, onto })).toEqual({ kind: 'moved' });
    expect(project.git('show', 'gathered:a.ts')).toBe('theirs\none\ntwo\nthree\nmine\n');
    expect(existsSync(fired)).toBe(false);
  });

  test('unrelated histories and a workspace without a commit are a sentence', async () => {
    writeFileSync(at('b.ts'), 'b\n');
    commitIn(at());
    const lone = project.git('commit-tree', project.git('mktree', '--missing', '-z').trim() || '', '-m', 'alone').trim();
    project.git('update-ref', 'refs/heads/lone', lone);
    await expect(candidate(undefined, 'lone')).rejects.toThrow(/unrelated histories/);
    await expect(candidate({ commit: null, tree: (await trees.snapshot(at())).tree })).rejects.toThrow(/no commit yet/);
  });
});
