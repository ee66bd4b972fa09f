/** Instances in worktrees of their own, by the real program: where they work, what is judged, who fails alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { atTerminal, BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const YES = { after: /\[y\/N\] /, text: 'y\r' };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const CHECKS = `policy: { undoMs: 0 }
verification:
  checks:
    - { id: unit, command: "ls made*" }
`;

function worktreePlace(name: string): Place {
  const place = openPlace(name, CHECKS);
  const config = join(place.root, 'coordtui.yaml');
  writeFileSync(
    config,
    readFileSync(config, 'utf8')
      .replace('role: backend,', 'role: backend, worktree: feature/backend,')
      .replace('role: frontend,', 'role: frontend, worktree: feature/frontend,'),
  );
  closers.push(() => place.remove());
  gitIn(place.root, 'add', '--all');
  gitIn(place.root, 'commit', '--quiet', '--message', 'config');
  return place;
}

const gitIn = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    encoding: 'utf8',
  });

async function open(place: Place): Promise<Room> {
  const room = await startRoom(place.root);
  closers.push(() => room.stop());
  return room;
}

type Status = { id: string; session: string };
const sessionOf = async (place: Place, id: string) => {
  const { exit, out } = await coordtui(place.root, ['status', '--json']);
  return exit === 0 ? (JSON.parse(out) as Status[]).find((one) => one.id === id)?.session : undefined;
};
const becomes = (place: Place, id: string, session: string) =>
  until(`${id} to be ${session}`, async () => (await sessionOf(place, id)) === session);

describe('PROTOCOL §1 and §4: worktrees', () => {
  it('the session works there, its own tree is judged, and the other one does not see it', async () => {
    const place = worktreePlace('worktrees');
    await open(place);
    await Promise.all([becomes(place, BACKEND, 'running'), becomes(place, FRONTEND, 'running')]);
    const own = realpathSync(join(place.root, '.coordtui/worktrees', BACKEND));
    const where = await place.inSession(BACKEND, 'pwd -P; echo "$COORDTUI_WORKSPACE"; git symbolic-ref --short HEAD');
    expect(where.out.trim().split('\n')).toEqual([own, place.root, 'feature/backend']);
    // The config stands in the worktree too, and the room is the one above.
    expect((await coordtui(own, ['status'])).exit).toBe(0);

    for (const instance of [BACKEND, FRONTEND])
      expect(await atTerminal(place.root, ['assign', instance, '--task', 'make it'])).toMatchObject({ exit: 0 });
    await place.inSession(BACKEND, 'echo 1 >made.ts');
    for (const instance of [BACKEND, FRONTEND])
      expect(await place.inSession(instance, 'coordtui ready --summary done --artifact made.ts')).toMatchObject({ exit: 0 });
    type Shown = { rounds: { end: string | null; checks: { outcome: string }[]; changed: { path: string }[] }[] };
    const judged = await Promise.all(
      [BACKEND, FRONTEND].map(async (instance) => {
        const list = JSON.parse((await coordtui(place.root, ['handoffs', '--json'])).out) as { id: string; from: string }[];
        const id = list.find(({ from }) => from === instance)?.id ?? '';
        return until(`${instance} to be judged`, async () => {
          const { rounds } = JSON.parse((await coordtui(place.root, ['handoffs', 'show', id, '--json'])).out) as Shown;
          const last = rounds.at(-1);
          return last?.end !== 'judged' ? null : [last.checks.map(({ outcome }) => outcome), last.changed.map(({ path }) => path)];
        });
      }),
    );
    expect(judged).toEqual([
      [['passed'], ['made.ts']],
      [['failed-on-base'], []],
    ]);
    expect(gitIn(place.root, 'status', '--porcelain', '--', '.coordtui', 'made.ts')).toBe('');
  });

  it('a directory that is another repository: a sentence, and only that session fails', async () => {
    const place = worktreePlace('worktrees-taken');
    const taken = join(place.root, '.coordtui/worktrees', BACKEND);
    mkdirSync(taken, { recursive: true });
    gitIn(taken, 'init', '--quiet');
    writeFileSync(join(taken, 'mine'), 'mine');
    await open(place);
    await Promise.all([becomes(place, BACKEND, 'failed'), becomes(place, FRONTEND, 'running')]);
    expect(readFileSync(join(taken, 'mine'), 'utf8')).toBe('mine');
    const journal = join(place.root, 'status/.coordtui/journal');
    const told = () =>
      readdirSync(journal).some((name) =>
        /could not be started: [^"]*is another repository/.test(readFileSync(join(journal, name), 'utf8')),
      );
    await until('the reason to be told', told);
  });

  it('PROTOCOL §5: approved work that would conflict is a card, and the delegation names commit, command and files', async () => {
    const place = worktreePlace('worktrees-merge');
    await open(place);
    await Promise.all([becomes(place, BACKEND, 'running'), becomes(place, FRONTEND, 'running')]);
    const commit = (text: string) =>
      `echo ${text} >made.ts && git add -A && git -c user.name=T -c user.email=t@localhost -c commit.gpgsign=false commit -qm ${text}`;
    expect(await place.inSession(FRONTEND, commit('frontend'))).toMatchObject({ exit: 0 });
    expect(await atTerminal(place.root, ['assign', BACKEND, '--task', 'make it', '--then', FRONTEND])).toMatchObject({ exit: 0 });
    expect(await place.inSession(BACKEND, commit('backend'))).toMatchObject({ exit: 0 });
    expect(await place.inSession(BACKEND, 'coordtui ready --summary done')).toMatchObject({ exit: 0 });
    const [{ id } = { id: '' }] = JSON.parse((await coordtui(place.root, ['handoffs', '--json'])).out) as { id: string }[];
    type Shown = {
      phase: string;
      question: { kind: string; context: string } | null;
      delegation: { handoff: string } | null;
      document: string;
    };
    const show = async (handoff: string) => JSON.parse((await coordtui(place.root, ['handoffs', 'show', handoff, '--json'])).out) as Shown;
    await until('the verdict to be asked about', async () => (await show(id)).question !== null);
    expect(await atTerminal(place.root, ['approve', id], YES)).toMatchObject({ exit: 0 });
    const asked = await until('the conflict to be a card', async () => {
      const shown = await show(id);
      return shown.question?.kind === 'conflict' ? shown : null;
    });
    expect(asked.question?.context).toContain('made.ts');
    const delegation = await show(asked.delegation?.handoff ?? '');
    const head = gitIn(join(place.root, '.coordtui/worktrees', BACKEND), 'rev-parse', 'HEAD').trim();
    const text = readFileSync(join(place.root, delegation.document), 'utf8');
    expect(text).toContain(`git merge ${head}`);
    expect(text).toContain('- made.ts');
    expect(await place.inSession(FRONTEND, `coordtui ack ${asked.delegation?.handoff} RECEIVED --understanding yes`)).toMatchObject({
      exit: 0,
    });
    expect((await show(id)).phase).toBe('APPROVED');
    expect(await atTerminal(place.root, ['answer', id, 'wait'], YES)).toMatchObject({ exit: 0 });
    await until('the handoff to be complete', async () => (await show(id)).phase !== 'APPROVED');
  });
});
