/** A room that says nothing: its user is told, may leave or wait, and loses no key (decision 0027). */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { workspacePaths } from '../../src/workspace/paths.ts';
import { BIN, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { coordtui } from './hands.ts';
import { lineMode, openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenOptions, type ScreenPlace } from './screen.ts';

const LEADER = '\x1d';
const SILENT = 'the room has not answered since';
const ASKED = 'q leaves, Enter waits';

let place: ScreenPlace;
let aside: string;
let turns = 0;
const open: ScreenAt[] = [];

const at = (options?: ScreenOptions): ScreenAt => {
  const screen = openScreen(place.root, options);
  open.push(screen);
  return screen;
};
const stop = () => process.kill(place.roomPid(), 'SIGSTOP');
const goOn = () => process.kill(place.roomPid(), 'SIGCONT');

beforeAll(async () => {
  aside = scratch('hung');
  place = openScreenPlace('hung');
  // So that there is a room to be stopped.
  const first = at();
  await prompts(first);
  first.press('q');
  expect(await first.exit()).toBe(0);
});
afterEach(async () => {
  goOn();
  for (const screen of open.splice(0)) await screen.close();
});
afterAll(async () => {
  await place.remove();
  rmSync(aside, { recursive: true, force: true });
});

/** A screen that types into a program which writes down each line that it reads. */
async function typing(env: NodeJS.ProcessEnv): Promise<{ screen: ScreenAt; read: () => string }> {
  const file = join(aside, `read-${++turns}`);
  const screen = at({ env });
  await screen.sees('CONTROL');
  screen.press('2', '\r');
  await screen.sees('TYPING');
  screen.press(`clear; echo rea""dy-${turns}; cat >${file}\r`);
  await screen.sees(`ready-${turns}`);
  return { screen, read: () => (existsSync(file) ? readFileSync(file, 'utf8') : '') };
}

/** The way to the room, behind which nobody speaks until it is released: then all that came goes through. */
async function holdDoor(): Promise<{ release(): void; close(): Promise<void> }> {
  const { lock } = workspacePaths(place.root);
  const before = readFileSync(lock, 'utf8');
  const { socket } = JSON.parse(before) as { socket: string };
  const door = join(aside, 'door.sock');
  const waiting = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    waiting.add(client.on('error', () => {}));
  });
  await new Promise<void>((listening) => server.listen(door, listening));
  writeFileSync(lock, before.replace(JSON.stringify(socket), JSON.stringify(door)));
  return {
    release() {
      for (const client of waiting) {
        const room = connect(socket).on('error', () => {});
        client.pipe(room).pipe(client);
      }
    },
    async close() {
      writeFileSync(lock, before);
      for (const client of waiting) client.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Ends the program, and leaves. */
async function leave(screen: ScreenAt): Promise<void> {
  screen.press('\x04', LEADER);
  await screen.sees(/^ CONTROL/m);
  screen.press('q');
  expect(await screen.exit()).toBe(0);
  expect(screen.modesLeft()).toEqual([]);
}

describe.each([
  ['lent', {}],
  ['carried', { COORDTUI_TERMINAL: 'carried' }],
])('a room that is stopped, its screen’s terminal %s', (_how, env) => {
  it('what was typed reaches the program once and in order when it goes on, and the screen is whole', async () => {
    const { screen, read } = await typing(env);
    screen.press('before\r');
    await until('what was typed before', () => read() === 'before\n');
    stop();
    screen.press('unread, with q and\r');
    await screen.sees(SILENT);
    screen.press('more of it\r');
    await screen.sees(ASKED);
    // It answers nothing: it is more than that one key.
    screen.press('quite so\r');
    await screen.sees('what is typed is kept for it');
    goOn();
    screen.press('after\r');
    await screen.misses(SILENT);
    await until('all of it', () => read().endsWith('after\n'));
    expect(read()).toBe('before\nunread, with q and\nmore of it\nquite so\nafter\n');
    await screen.sees(/3 coordinator[\s\S]*handoffs[\s\S]*verification[\s\S]*TYPING/);
    expect(screen.modesLeft()).toContain('?1002');
    await leave(screen);
  });

  it('Enter waits, and q leaves: the terminal is as it was, and nobody gets the two keys', async () => {
    const { screen, read } = await typing(env);
    stop();
    await screen.sees(ASKED);
    screen.press('\r');
    await screen.sees('what is typed is kept for it');
    goOn();
    await screen.misses(SILENT);
    stop();
    await screen.sees(ASKED);
    screen.press('q');
    expect(await screen.exit()).toBe(69);
    expect(screen.modesLeft()).toEqual([]);
    await screen.sees(`left a room that had not answered since`);
    expect(screen.text()).toContain(`kill -CONT ${place.roomPid()}`);
    goOn();
    expect(read()).toBe('');
    const next = at({ env });
    await next.sees('CONTROL');
    next.press('2', '\r');
    await next.sees('TYPING');
    next.press('still here\r');
    await until('the session to live on', () => read() === 'still here\n');
    await leave(next);
  });
});

describe('a room that takes the connection and says nothing', () => {
  it('a client that comes is told, and is shown the room when that speaks, and what was typed reaches it', async () => {
    const door = await holdDoor();
    try {
      const screen = at();
      await screen.sees(ASKED);
      screen.press('?');
      await screen.sees('what is typed is kept for it');
      door.release();
      await screen.sees('type to filter');
      screen.press('\x1b');
      await screen.misses('type to filter');
      screen.press('q');
      expect(await screen.exit()).toBe(0);
      expect(screen.modesLeft()).toEqual([]);
    } finally {
      await door.close();
    }
  });

  it('can be left at any size, and the line mode is as it was', async () => {
    const door = await holdDoor();
    const screen = at({
      command: ['sh', '-c', 'echo ready; read _; "$0" "$@"; echo "left $?"; exec sleep 100000', process.execPath, BIN],
      cols: 20,
      rows: 8,
    });
    try {
      await screen.sees('ready');
      const before = lineMode(screen.tty);
      screen.press('\r');
      await screen.sees(/^ q leaves/m);
      screen.press('q');
      await screen.sees('left 69');
      expect(screen.modesLeft()).toEqual([]);
      expect(lineMode(screen.tty)).toBe(before);
    } finally {
      process.kill(screen.pid, 'SIGKILL');
      await door.close();
    }
  });
});

it('a room that does not come up can be left, and goes on when it can', async () => {
  const slow = openScreenPlace('slow');
  const screen = openScreen(slow.root);
  try {
    const room = await until('the room to have been started', () => childOf(screen.pid, 'serve'));
    process.kill(room, 'SIGSTOP');
    try {
      await screen.sees(ASKED);
      screen.press('q');
      expect(await screen.exit()).toBe(69);
      expect(screen.modesLeft()).toEqual([]);
    } finally {
      process.kill(room, 'SIGCONT');
    }
    await until('the room to be there', async () => (await coordtui(slow.root, ['status'])).exit === 0);
    expect(slow.roomPid()).toBe(room);
  } finally {
    await screen.close();
    await slow.remove();
  }
});

/** Of whose children the arguments hold the word; null: of none. */
function childOf(pid: number, word: string): number | null {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid), '-f', word], { encoding: 'utf8' });
  return stdout.trim() === '' ? null : Number(stdout.trim().split('\n')[0]);
}

describe('a room that is stopped', () => {
  it('a signal ends the client also while it asks', async () => {
    const screen = at();
    await screen.sees('CONTROL');
    stop();
    await screen.sees(SILENT);
    process.kill(screen.pid, 'SIGTERM');
    expect(await screen.exit()).toBe(143);
    expect(screen.modesLeft()).toEqual([]);
  });
});
