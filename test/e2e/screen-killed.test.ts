/** A client that is killed (SIGKILL) at any moment of its life: its terminal is as it was, whoever else is gone, too. */
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLockInfo } from '../../src/store/lock-info.ts';
import { prepareSocketDir, socketAddress, workspacePaths } from '../../src/workspace/paths.ts';
import { BIN } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { isAlive, lineMode, openScreen, openScreenPlace, type ScreenAt, type ScreenPlace } from './screen.ts';

/** Says when it is there, starts the program at Enter, tells how it ended, and keeps the terminal open. */
const HOLDER = 'echo ready; read _; "$0" "$@"; echo "left $?"; exec sleep 100000';

const childOf = (pid: number): number =>
  Number(
    execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  );

/** Below a shell that touches nothing of the terminal: it is killed when `ready`, and all of its terminal is as before. */
async function killed(place: ScreenPlace, ready: (screen: ScreenAt) => Promise<unknown>, also: () => void = () => {}): Promise<void> {
  const screen = openScreen(place.root, { command: ['sh', '-c', HOLDER, process.execPath, BIN] });
  try {
    await screen.sees('ready');
    const before = lineMode(screen.tty);
    screen.press('\r');
    await until('the line to be raw', () => /-isig/.test(lineMode(screen.tty)));
    await ready(screen);
    await until('the screen to have been taken', () => screen.modesLeft().includes('?1049'));
    const client = childOf(screen.pid);
    also();
    process.kill(client, 'SIGKILL');
    await until('it to be gone', () => screen.raw().includes('left 137'));
    await until(`no mode to be left: ${screen.modesLeft()}`, () => screen.modesLeft().length === 0);
    await until('the line mode to be as before', () => lineMode(screen.tty) === before);
    // Once: a second time would bring the cursor back over what was written since.
    expect(screen.raw().match(/\x1b\[\?1049l/g)).toHaveLength(1);
  } finally {
    process.kill(screen.pid, 'SIGKILL');
    await screen.close();
  }
}

describe('a client that is killed', () => {
  let place: ScreenPlace;
  beforeAll(() => {
    place = openScreenPlace('killed');
  });
  afterAll(() => place.remove());

  it('before a room has said a word', async () => {
    const address = socketAddress(place.root);
    if (!address.ok) throw new Error(address.message);
    prepareSocketDir(dirname(address.path));
    let heard = '';
    const deaf: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        heard += chunk;
      });
    });
    await new Promise<void>((listening) => deaf.listen(address.path, listening));
    try {
      await killed(place, () => until('its hello', () => heard.includes('"screen"')));
    } finally {
      await new Promise((closed) => deaf.close(closed));
    }
  });

  it('while the room is being started', async () => {
    // Made as its first deed, long before it listens.
    await killed(place, () => until('a room to have begun', () => readLockInfo(workspacePaths(place.root).lock)));
    expect(isAlive(place.roomPid())).toBe(true);
  });

  it('while it shows the room', () => killed(place, (screen) => screen.sees('CONTROL')));

  it('while the room is stopped', async () => {
    const room = () => place.roomPid();
    try {
      await killed(
        place,
        (screen) => screen.sees('CONTROL'),
        () => process.kill(room(), 'SIGSTOP'),
      );
    } finally {
      process.kill(room(), 'SIGCONT');
    }
  });

  it('together with the room', () =>
    killed(
      place,
      (screen) => screen.sees('CONTROL'),
      () => process.kill(place.roomPid(), 'SIGKILL'),
    ));
});
