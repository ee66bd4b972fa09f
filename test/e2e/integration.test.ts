/** Approved work into a branch, by the real program: merged, verified there, moved, or a card; also when the room is killed in between. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { scratch, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { atTerminal, BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const YES = { after: /\[y\/N\] /, text: 'y\r' };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const gitIn = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    encoding: 'utf8',
  }).trim();

type Shown = {
  phase: string;
  closedAt: number | null;
  way?: string;
  question: { kind: string; context: string; options: { key: string }[] } | null;
  integration: { state: string; commit: string | null } | null;
  rounds: { end: string | null }[];
};

/** `flags`: while `hold` is there, a check that runs over merged work waits. */
function gathering(name: string, settings = ''): { place: Place; flags: string } {
  const flags = scratch(`${name}-flags`);
  const unit = `if [ -e base.txt ] && [ -e ${flags}/hold ]; then touch ${flags}/held; while [ -e ${flags}/hold ]; do sleep 0.05; done; fi; ! grep -r broken made*`;
  const place = openPlace(
    name,
    `integration: { branch: gathered${settings} }\npolicy: { undoMs: 0 }\nverification:\n  checks:\n    - { id: unit, command: ${JSON.stringify(unit)} }\n`,
  );
  closers.push(() => {
    place.remove();
    rmSync(flags, { recursive: true, force: true });
  });
  const config = join(place.root, 'coordtui.yaml');
  writeFileSync(
    config,
    readFileSync(config, 'utf8')
      .replace('role: backend,', 'role: backend, worktree: feature/backend,')
      .replace('role: frontend,', 'role: frontend, worktree: feature/frontend,'),
  );
  gitIn(place.root, 'add', '--all');
  gitIn(place.root, 'commit', '--quiet', '--message', 'config');
  // The branch has gone on by itself.
  gitIn(place.root, 'switch', '--quiet', '--create', 'gathered');
  writeFileSync(join(place.root, 'base.txt'), 'theirs\n');
  gitIn(place.root, 'add', '--all');
  gitIn(place.root, 'commit', '--quiet', '--message', 'theirs');
  gitIn(place.root, 'switch', '--quiet', 'main');
  return { place, flags };
}

const show = async (place: Place, id: string) => JSON.parse((await coordtui(place.root, ['handoffs', 'show', id, '--json'])).out) as Shown;

async function running(place: Place): Promise<void> {
  for (const id of [BACKEND, FRONTEND])
    await until(`${id} to run`, async () => {
      const { exit, out } = await coordtui(place.root, ['status', '--json']);
      return exit === 0 && (JSON.parse(out) as { id: string; session: string }[]).some((one) => one.id === id && one.session === 'running');
    });
}

/** The handoff of that work, approved by the operator. */
async function approved(place: Place, instance: string, script: string): Promise<string> {
  expect(await atTerminal(place.root, ['assign', instance, '--task', 'make it'])).toMatchObject({ exit: 0 });
  expect(await place.inSession(instance, script)).toMatchObject({ exit: 0 });
  expect(await place.inSession(instance, 'coordtui ready --summary done')).toMatchObject({ exit: 0 });
  const open = JSON.parse((await coordtui(place.root, ['handoffs', '--json'])).out) as { id: string; from: string }[];
  const id = open.find(({ from }) => from === instance)?.id ?? '';
  await until('the verdict to be asked about', async () => (await show(place, id)).question !== null);
  expect(await atTerminal(place.root, ['approve', id], YES)).toMatchObject({ exit: 0 });
  return id;
}

describe('PROTOCOL §5: approved work and integration.branch', () => {
  it('is merged as it was judged, uncommitted work included, verified there and moved; what conflicts or fails is a card', async () => {
    const { place } = gathering('gather');
    const room = await startRoom(place.root);
    closers.push(() => room.stop());
    await running(place);
    const first = await approved(place, BACKEND, 'echo backend >made.ts');
    const done = await until('the merge to have arrived', async () => {
      const shown = await show(place, first);
      return shown.closedAt === null ? null : shown;
    });
    expect(done.integration).toMatchObject({ state: 'merged', commit: gitIn(place.root, 'rev-parse', 'gathered') });
    expect(gitIn(place.root, 'show', 'gathered:made.ts')).toBe('backend');
    expect(gitIn(place.root, 'show', 'gathered:base.txt')).toBe('theirs');
    expect(gitIn(place.root, 'symbolic-ref', '--short', 'HEAD')).toBe('main');
    expect([existsSync(join(place.root, 'made.ts')), existsSync(join(place.root, 'base.txt'))]).toEqual([false, false]);
    const tip = gitIn(place.root, 'rev-parse', 'gathered');

    const second = await approved(place, FRONTEND, 'echo frontend >made.ts');
    const asked = await until('the conflict to be a card', async () => {
      const shown = await show(place, second);
      return shown.question?.kind === 'integration' ? shown : null;
    });
    expect(asked.question?.context).toContain('made.ts');
    expect(asked.phase).toBe('APPROVED');
    expect(asked.question?.options.map(({ key }) => key)).toEqual(['merge', 'reassign', 'leave', 'withdraw']);
    expect(gitIn(place.root, 'rev-parse', 'gathered')).toBe(tip);
    expect(await atTerminal(place.root, ['answer', second, 'leave'], YES)).toMatchObject({ exit: 0 });
    const left = await until('it to go on, with its way named', async () => {
      const shown = await show(place, second);
      return shown.closedAt !== null && shown.way !== undefined ? shown : null;
    });
    expect(left.way).toMatch(/not committed yet/);
  });

  it('PROTOCOL §5: fails where it was merged though it passed alone: the branch stays, and a room that was killed meanwhile asks as well', async () => {
    const { place, flags } = gathering('gather-fail');
    let room = await startRoom(place.root);
    closers.push(() => room.stop());
    await running(place);
    // What is broken stands on the branch alone.
    gitIn(place.root, 'switch', '--quiet', 'gathered');
    writeFileSync(join(place.root, 'made-elsewhere.ts'), 'broken\n');
    gitIn(place.root, 'add', '--all');
    gitIn(place.root, 'commit', '--quiet', '--message', 'broken');
    gitIn(place.root, 'switch', '--quiet', 'main');
    const tip = gitIn(place.root, 'rev-parse', 'gathered');
    writeFileSync(join(flags, 'hold'), '');
    const id = await approved(place, BACKEND, 'echo fine >made.ts');
    await until('the merge to be verified', () => existsSync(join(flags, 'held')));
    await room.stop('SIGKILL');
    rmSync(join(flags, 'hold'));
    room = await startRoom(place.root);
    const asked = await until('the failure to be a card', async () => {
      const shown = await show(place, id);
      return shown.question?.kind === 'integration' ? shown : null;
    });
    expect(asked).toMatchObject({ phase: 'APPROVED', integration: { state: 'stopped' } });
    expect(asked.question?.context).toMatch(/merges into gathered, but its verification there did not pass: unit: /);
    expect(gitIn(place.root, 'rev-parse', 'gathered')).toBe(tip);
    // Somebody repairs the branch, and the operator says: again.
    gitIn(place.root, 'switch', '--quiet', 'gathered');
    gitIn(place.root, 'rm', '--quiet', 'made-elsewhere.ts');
    gitIn(place.root, 'commit', '--quiet', '--message', 'repaired');
    gitIn(place.root, 'switch', '--quiet', 'main');
    expect(await atTerminal(place.root, ['answer', id, 'merge'], YES)).toMatchObject({ exit: 0 });
    await until('the merge to have arrived', async () => (await show(place, id)).integration?.state === 'merged');
    expect(gitIn(place.root, 'show', 'gathered:made.ts')).toBe('fine');
  });

  it('decision 0029: a clean checkout is moved along by the word of the config, also when the room is killed in the middle of it', async () => {
    const { place, flags } = gathering('gather-follow', ', checkout: follow');
    const there = join(flags, 'checkout');
    gitIn(place.root, 'worktree', 'add', '--quiet', there, 'gathered');
    // A slow filter of the operator's: there is a middle.
    const hold = join(flags, 'smudge');
    const smudge = `[ -e ${hold} ] && { touch ${hold}.begun; while [ -e ${hold} ]; do sleep 0.05; done; }; cat`;
    gitIn(place.root, 'config', 'filter.slow.smudge', smudge);
    writeFileSync(
      join(gitIn(place.root, 'rev-parse', '--path-format=absolute', '--git-common-dir'), 'info/attributes'),
      'made.slow filter=slow\n',
    );
    let room = await startRoom(place.root);
    closers.push(() => room.stop());
    await running(place);
    writeFileSync(hold, '');
    const id = await approved(place, BACKEND, 'echo slowly >made.slow; echo fast >made.ts');
    await until('git to write into the checkout', () => existsSync(`${hold}.begun`));
    await room.stop('SIGKILL');
    rmSync(hold);
    // Half-way through it would look like work of the operator's.
    const lock = gitIn(there, 'rev-parse', '--path-format=absolute', '--git-path', 'index.lock');
    const changes = () => gitIn(there, '--no-optional-locks', 'status', '--porcelain');
    await until('git to have seen it through, or given it up', () => !existsSync(lock) && changes() === '');
    room = await startRoom(place.root);
    const arrived = await until('the merge to have arrived', async () => {
      const { integration, question } = await show(place, id);
      if (question !== null) throw new Error(question.context);
      return integration?.state === 'merged' ? integration : null;
    });
    expect(gitIn(place.root, 'rev-parse', 'gathered')).toBe(arrived.commit);
    expect(gitIn(there, 'status', '--porcelain')).toBe('');
    expect([readFileSync(join(there, 'made.slow'), 'utf8'), readFileSync(join(there, 'made.ts'), 'utf8')]).toEqual(['slowly\n', 'fast\n']);

    // The operator begins something there: from now on he is asked, and nothing of his is touched.
    writeFileSync(join(there, 'base.txt'), 'mine\n');
    const second = await approved(place, FRONTEND, 'echo frontend >made-too.ts');
    const asked = await until('the operator to be asked', async () => {
      const shown = await show(place, second);
      return shown.question?.kind === 'integration' ? shown : null;
    });
    expect(asked.question?.context).toMatch(
      /is not moved along: it has changes of its own there \("base\.txt"\); there: git merge --ff-only refs\/coordtui\//,
    );
    expect(readFileSync(join(there, 'base.txt'), 'utf8')).toBe('mine\n');
  });
});
