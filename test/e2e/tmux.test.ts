/** Sessions in tmux, by the real program and a real tmux: they outlive the room, are never two, and are never the operator. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processInfo } from '../../src/native/process.ts';
import { type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { askOwn, DAEMON, HAS_TMUX, has, openProbes, openUserTmux, ownPanes, REFUSED } from './far.ts';
import { atTerminal, BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

const LINUX = process.platform === 'linux';
// Rooms come and go in each of them, and the machine may be busy with as many others.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The backend's agent runs in tmux, the frontend's in a terminal of the room. */
function tmuxPlace(name: string, session = 'tmux'): Place {
  const place = openPlace(name);
  const config = join(place.root, 'coordtui.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('role: backend,', `role: backend, session: ${session},`));
  closers.push(() => place.remove());
  return place;
}

async function open(place: Place, env: NodeJS.ProcessEnv = {}): Promise<Room> {
  const room = await startRoom(place.root, { env });
  closers.push(() => room.stop());
  // Until it has looked after its sessions, a room shows what the one before it knew.
  await until('the room to have its session', () => new RegExp(`${BACKEND}.*(session started|goes on)`).test(room.output()));
  await runs(place, BACKEND);
  return room;
}

type Status = {
  id: string;
  session: string;
  pid: number | null;
  adopted: string | null;
  exit: { code: number | null; signal: string | null } | null;
};

async function statusOf(place: Place, id: string): Promise<Status | undefined> {
  const { exit, out } = await coordtui(place.root, ['status', '--json']);
  return exit === 0 ? (JSON.parse(out) as Status[]).find((one) => one.id === id) : undefined;
}

const runs = (place: Place, id: string) => until(`${id} to run`, async () => (await statusOf(place, id))?.session === 'running');
/** Whatever a test did, nothing of it stays. */
const closeSession = (place: Place) =>
  coordtui(place.root, ['close', BACKEND]).then(() => until('the tmux session to end', () => ownPanes(place.root, BACKEND).length === 0));

/** The config says this, and the operator has accepted it. */
async function says(place: Place, text: string): Promise<void> {
  // In one step: half a file would be asked about, too.
  writeFileSync(join(place.aside, 'coordtui.yaml'), text);
  renameSync(join(place.aside, 'coordtui.yaml'), join(place.root, 'coordtui.yaml'));
  const id = await until('the room to ask about its config', async () => {
    const { out } = await coordtui(place.root, ['config', 'show', '--json']);
    return (JSON.parse(out) as { id: string | null }).id;
  });
  expect((await atTerminal(place.root, ['config', 'accept', id])).exit).toBe(0);
}

describe.skipIf(!HAS_TMUX)('a session in tmux', () => {
  it('outlives a room that ends, and one that is killed; never two of one', async () => {
    const place = tmuxPlace('tmux-lives');
    const room = await open(place);
    const [agent] = ownPanes(place.root, BACKEND);
    expect(agent).toBeGreaterThan(1);
    expect((await place.inSession(BACKEND, 'echo "$COORDTUI_INSTANCE $COORDTUI_ROOM"; command -v coordtui')).out).toContain(
      `${BACKEND} \n${place.root}`,
    );
    const stopped = await coordtui(place.root, ['stop', '--yes']);
    expect(stopped.out).toContain('one session goes on in tmux');
    await until('the room to end', () => room.child.exitCode !== null || room.child.signalCode !== null);
    expect(ownPanes(place.root, BACKEND)).toEqual([agent]);
    // It works on while no room is there.
    expect((await place.inSession(BACKEND, 'echo alone')).out).toBe('alone\n');

    const second = await open(place);
    expect(ownPanes(place.root, BACKEND)).toEqual([agent]);
    await until('the room to say that it goes on', () => second.output().includes('its tmux session goes on'));
    second.child.kill('SIGKILL');
    await until('the killed room to be gone', () => second.child.signalCode !== null);
    expect((await place.inSession(BACKEND, 'echo still alone')).out).toBe('still alone\n');

    await open(place);
    expect(ownPanes(place.root, BACKEND)).toEqual([agent]);
    const closed = await coordtui(place.root, ['close', BACKEND]);
    expect(closed.out).toContain('is ended, with all that runs in it');
    await until('the agent to be gone', () => processInfo(agent ?? 0) === null);
  });

  it('a config that no longer says tmux starts no second one beside it', async () => {
    const place = tmuxPlace('tmux-config');
    const room = await open(place);
    const [agent] = ownPanes(place.root, BACKEND);
    const config = join(place.root, 'coordtui.yaml');
    const text = readFileSync(config, 'utf8');
    await says(place, text.replace('session: tmux, ', ''));
    // The session that runs is as it was started; the next room finds it where the config no longer looks.
    await room.stop();
    const server = Number(askOwn(place.root, BACKEND, ['display-message', '-p', '#{pid}']));
    // Also one that does not answer may have it.
    process.kill(server, 'SIGSTOP');
    closers.push(() => processInfo(server)?.state === 'T' && process.kill(server, 'SIGCONT'));
    const silent = await startRoom(place.root);
    closers.push(() => silent.stop());
    await until('the room to say so', () => /could not be started: tmux did not answer within \d+ s/.test(silent.output()));
    process.kill(server, 'SIGCONT');
    await silent.stop();
    const second = await startRoom(place.root);
    closers.push(() => second.stop());
    await until('the refusal', async () => (await statusOf(place, BACKEND))?.session === 'failed');
    const refusal = /could not be started: it still runs in tmux: end it \(tmux -L coordtui-[0-9a-f]{16} kill-server\)/;
    await until('the room to say why', () => refusal.test(second.output()));
    expect(ownPanes(place.root, BACKEND)).toEqual([agent]);
    await says(place, text);
    await second.stop();
    await open(place);
    expect(ownPanes(place.root, BACKEND)).toEqual([agent]);
    await closeSession(place);
  });

  it('its end is told as it was, and what it left behind is ended', async () => {
    const place = tmuxPlace('tmux-end');
    await open(place);
    const mark = join(place.aside, 'daemon-pid');
    writeFileSync(
      join(place.aside, 'stay.sh'),
      `trap "" HUP TERM\necho $$ >${mark}.part; mv ${mark}.part ${mark}\nwhile :; do sleep 1; done\n`,
    );
    await place.inSession(BACKEND, `env -i ${DAEMON} first /bin/sh ${join(place.aside, 'stay.sh')}`);
    await until('the daemon to live', () => existsSync(mark));
    const daemon = Number(readFileSync(mark, 'utf8'));
    // The order's shell ends its parent, the agent, by a signal of its own.
    void place.inSession(BACKEND, 'kill -9 $PPID').catch(() => {});
    const ended = await until('the end to be told', async () => {
      const now = await statusOf(place, BACKEND);
      return now?.session === 'exited' ? now : null;
    });
    expect(ended.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
    if (LINUX) expect(['', 'Z'].includes(processInfo(daemon)?.state ?? '')).toBe(true);
    expect(ownPanes(place.root, BACKEND)).toEqual([]);
    expect((await coordtui(place.root, ['new', BACKEND])).exit).toBe(0);
    await runs(place, BACKEND);
    await closeSession(place);
  });

  it.runIf(LINUX)('its end is seen also when tmux tells nobody', async () => {
    const place = tmuxPlace('tmux-untold');
    await open(place);
    const [agent = 0] = ownPanes(place.root, BACKEND);
    askOwn(place.root, BACKEND, ['set-hook', '-pu', '-t', '%0', 'pane-died']);
    process.kill(agent, 'SIGKILL');
    const ended = await until('the end to be seen', async () => {
      const now = await statusOf(place, BACKEND);
      return now?.session === 'exited' ? now : null;
    });
    expect(ended.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(ownPanes(place.root, BACKEND)).toEqual([]);
  });

  const TRICKS: readonly { line: string; needs?: string }[] = [
    { line: '{prober}' },
    { line: 'env -i PATH="$PATH" {prober}' },
    { line: 'setsid {prober}', needs: 'setsid' },
    { line: 'env -i setsid -f {prober}', needs: 'setsid' },
    { line: `env -i ${DAEMON} first {prober}` },
    { line: 'setsid -f env -i PATH="$PATH" script -qec \'{prober}\' /dev/null', needs: 'script' },
    { line: `env -u TMUX -u COORDTUI_SESSION tmux -L "$(basename "$(echo "$TMUX" | cut -d, -f1)")" new-window -d '{prober}'` },
  ];

  it.runIf(LINUX)('PROTOCOL §1: whatever runs in it is that instance, by every trick, also in a room that did not start it', async () => {
    const place = tmuxPlace('tmux-rights');
    const judge = async (room: Room) => {
      const probe = openProbes(place.aside, room.socket);
      for (const { line, needs } of TRICKS) {
        if (needs !== undefined && !has(needs)) continue;
        const told = await probe(line, (script) => place.inSession(BACKEND, script));
        expect([line, told]).toEqual([line, { seen: `instance ${BACKEND}`, answers: REFUSED }]);
      }
    };
    const room = await open(place);
    await judge(room);
    room.child.kill('SIGKILL');
    await until('the killed room to be gone', () => room.child.signalCode !== null);
    await judge(await open(place));
    await closeSession(place);
  });

  it('without tmux only that session does not start, and says what to do', async () => {
    const place = tmuxPlace('tmux-none');
    const config = join(place.root, 'coordtui.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace('role: backend,', 'role: backend, env: { PATH: /nowhere },'));
    const room = await startRoom(place.root);
    closers.push(() => room.stop());
    await until('the refusal', async () => (await statusOf(place, BACKEND))?.session === 'failed');
    await until('the room to say why', () => room.output().includes('there is no command "tmux" on the PATH: install tmux, or give'));
    await runs(place, FRONTEND);
  });
});

describe.skipIf(!HAS_TMUX)("a session of the user's own tmux", () => {
  it('is adopted, is the instance from then on, and is only ever left', async () => {
    const user = openUserTmux('tmux-user');
    closers.push(() => user.close());
    const place = tmuxPlace('tmux-adopt', 'pty');
    user.run('new-session', '-d', '-s', 'work', 'sh');
    user.run('new-session', '-d', '-s', 'other', 'sh');
    const room = await open(place, user.env);
    const adopt = (...words: string[]) => coordtui(place.root, ['adopt', ...words]);
    expect((await adopt('work')).exit).toBe(2);
    expect((await adopt('tmux:=work')).exit).toBe(2);
    expect((await adopt('tmux:work')).err).toContain('--as');
    expect((await adopt('tmux:work', '--as', BACKEND)).err).toContain('is running already');
    await coordtui(place.root, ['close', BACKEND]);
    await until('it to be stopped', async () => (await statusOf(place, BACKEND))?.pid === null);
    expect((await adopt('tmux:nothing', '--as', BACKEND)).exit).toBe(0);
    await until('the refusal', async () => (await statusOf(place, BACKEND))?.session === 'failed');
    await until('the room to say why', () => room.output().includes('there is no tmux session "nothing"'));
    expect((await adopt('tmux:work')).out).toContain('closing it will only leave it');
    await runs(place, BACKEND);
    const probe = openProbes(place.aside, room.socket);
    const typeIn = (session: string) => (line: string) => {
      const script = join(place.aside, `typed-${Math.random().toString(16).slice(2)}.sh`);
      writeFileSync(script, line);
      user.run('send-keys', '-t', `=${session}:`, `. ${script}`, 'Enter');
    };
    const mine = { seen: `instance ${BACKEND}`, answers: REFUSED };
    expect(await probe('{prober}', typeIn('work'))).toEqual(mine);
    expect(await probe('env -i PATH="$PATH" setsid -w {prober}', typeIn('work'))).toEqual(mine);
    // A pane that nobody has told the room of.
    expect(await probe(`tmux split-window -d '{prober}'`, typeIn('work'))).toEqual(mine);
    // Forked twice, nothing is left that would tell it: then it is nobody, and no operator.
    if (LINUX) expect(await probe(`env -i ${DAEMON} first {prober}`, typeIn('work'))).toEqual({ seen: 'nobody', answers: REFUSED });
    // The operator himself, in another session of the same tmux, stays the operator.
    expect((await probe('{prober}', typeIn('other'))).seen).toBe('operator');

    user.run('send-keys', '-t', '=work:', 'echo marked-$((1 + 1))', 'Enter');
    await until('its screen to be seen', async () => (await atTerminal(place.root, ['tail', BACKEND])).out.includes('marked-2'));
    // Without a terminal one may be anybody now.
    expect((await coordtui(place.root, ['tail', BACKEND])).exit).toBe(77);
    expect(await statusOf(place, BACKEND)).toMatchObject({ adopted: 'work' });
    await room.stop();
    expect(user.sessions()).toEqual(['other', 'work']);
    const second = await open(place, user.env);
    expect(await statusOf(place, BACKEND)).toMatchObject({ adopted: 'work' });
    // A decision still is the operator's, at a terminal of his.
    expect((await atTerminal(place.root, ['close', BACKEND])).out).toContain('the tmux session work is left, and goes on');
    await until('it to be left', async () => (await statusOf(place, BACKEND))?.adopted === null);
    expect(user.sessions()).toEqual(['other', 'work']);
    expect((await coordtui(place.root, ['new', BACKEND])).exit).toBe(0);
    await runs(place, BACKEND);
    expect(await statusOf(place, BACKEND)).toMatchObject({ adopted: null });
    await second.stop();
  });

  it('becomes a new instance, once the operator has accepted what is written into the config', async () => {
    const user = openUserTmux('tmux-new-user');
    closers.push(() => user.close());
    const place = tmuxPlace('tmux-new', 'pty');
    const config = () => readFileSync(join(place.root, 'coordtui.yaml'), 'utf8');
    const before = config();
    user.run('new-session', '-d', '-s', 'docs', 'sh');
    const room = await open(place, user.env);
    const DOCS = 'instance-4-docs';
    const adopt = (...words: string[]) => coordtui(place.root, ['adopt', ...words]);
    expect(await adopt('tmux:docs', '--as', DOCS)).toMatchObject({ exit: 3, err: expect.stringContaining('--role') });
    expect(await adopt('tmux:docs', '--role', 'docs')).toMatchObject({ exit: 2, err: expect.stringContaining('--as') });
    expect(await adopt('tmux:none', '--as', DOCS, '--role', 'docs')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('no tmux session'),
    });
    expect(await adopt('tmux:docs', '--as', BACKEND, '--role', 'docs')).toMatchObject({
      exit: 4,
      err: expect.stringContaining('there already'),
    });
    expect(await adopt('tmux:docs', '--as', DOCS, '--role', 'two\nlines')).toMatchObject({ exit: 4, err: expect.stringContaining('role') });
    expect(config()).toBe(before);

    expect((await adopt('tmux:docs', '--as', DOCS, '--role', 'docs')).out).toContain('once you have accepted');
    const asked = await until('the room to ask', async () => {
      const { out } = await coordtui(place.root, ['config', 'show', '--json']);
      const told = JSON.parse(out) as { id: string | null; changes: { text: string }[] };
      return told.id === null ? null : { id: told.id, text: told.changes.map(({ text }) => text).join('\n') };
    });
    expect(asked.text).toContain(DOCS);
    expect(await statusOf(place, DOCS)).toBeUndefined();
    expect((await atTerminal(place.root, ['config', 'accept', asked.id])).exit).toBe(0);
    await until('it to be that session', async () => {
      // Without a terminal one may be anybody, as soon as a session is adopted.
      const { out } = await atTerminal(place.root, ['status', '--json']);
      const found = (JSON.parse(out) as Status[]).find(({ id }) => id === DOCS);
      return found?.session === 'running' && found.adopted === 'docs';
    });
    await room.stop();
    expect(user.sessions()).toEqual(['docs']);
    // All that stood there stands there.
    expect(before.split('\n').filter((line) => !config().split('\n').includes(line))).toEqual([]);
  });
});
