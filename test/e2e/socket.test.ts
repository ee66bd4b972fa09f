/** A real room's socket: where it lies, who may be in its way, and what a bad client does to the good ones. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL } from '../../src/wire/protocol.ts';
import { BIN, type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { BACKEND, coordtui, openPlace, type Place } from './hands.ts';

const HELLO = `${JSON.stringify({ coordtui: PROTOCOL, version: '0', mode: 'lines' })}\n`;

let place: Place;
let room: Room;
const sockets: Socket[] = [];

beforeAll(async () => {
  place = openPlace('socket');
  room = await startRoom(place.root);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await room?.stop();
  place?.remove();
});

function raw(): Socket {
  const socket = connect(room.socket);
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** Somebody else is served; if not, why not stands in the report. */
const expectServed = async () => expect(await coordtui(place.root, ['handoffs', '--json'])).toMatchObject({ exit: 0, err: '' });

describe('where it lies', () => {
  it('DESIGN §2: mode 0600 in a directory of mode 0700', () => {
    expect(statSync(room.socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(room.socket)).mode & 0o777).toBe(0o700);
  });

  it('the stale socket of a killed room is replaced by the next one', async () => {
    await room.stop('SIGKILL');
    expect(statSync(room.socket).isSocket()).toBe(true);
    expect((await coordtui(place.root, ['handoffs'])).exit).toBe(69);
    room = await startRoom(place.root);
    await expectServed();
  });

  it.each([
    ['a link to a directory of one’s own', (path: string, aside: string) => symlinkSync(aside, path), /a link is not accepted/],
    ['a file', (path: string) => writeFileSync(path, ''), /\S/],
  ] as const)('%s in the place of its directory is refused with a sentence, and nothing is started', async (_what, plant, why) => {
    const tmp = join(place.aside, 'tmp');
    mkdirSync(tmp);
    plant(join(tmp, `coordtui-${process.getuid?.()}`), place.aside);
    const other = join(place.aside, 'other');
    mkdirSync(other);
    for (const args of [['serve', '--foreground'], ['serve']]) {
      const { exit, err } = await coordtui(other, args, { TMPDIR: tmp });
      expect([exit, err]).toEqual([73, expect.stringMatching(why)]);
      expect(err.trim().split('\n')).toHaveLength(1);
    }
    rmSync(tmp, { recursive: true });
    rmSync(other, { recursive: true });
  });
});

describe('bad clients leave the room to the others', () => {
  it('500 that say nothing, and go on saying nothing', async () => {
    const silent = Array.from({ length: 500 }, raw);
    await until('all of them to be in, or out again', () => silent.every((socket) => !socket.connecting));
    await expectServed();
  });

  it('garbage, half lines, lines without an end, one that asks and never reads', async () => {
    for (const bytes of [
      Buffer.alloc(100_000, 0),
      Buffer.from('{"coordtui":1,"mode'),
      Buffer.from(`${HELLO}{"id":`),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ])
      raw().write(bytes);
    for (let index = 0; index < 3; index++) raw().write(Buffer.concat([Buffer.from(HELLO), Buffer.alloc(20 * 1024 * 1024, 0x78)]));
    const greedy = raw();
    greedy.pause();
    greedy.write(HELLO + Array.from({ length: 20_000 }, (_, id) => `{"id":${id},"verb":"status"}\n`).join(''));
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    const odd = raw();
    let said = '';
    odd.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const args = [
      `{"id":${deep}}`,
      '{"id":{"toString":1}}',
      '{"handoff":{"toString":1}}',
      '{"check":[{"toString":1}]}',
      '{"instance":{"toString":1}}',
      '{"lines":{"valueOf":1}}',
    ];
    const verbs = ['explain', 'diff', 'tail', 'verify', 'assign', 'handoffs show', 'interrupt', '__proto__', 'constructor'];
    const asked = verbs.flatMap((verb) => args.map((arg) => ({ verb, arg })));
    odd.write(HELLO + asked.map(({ verb, arg }, id) => `{"id":${id},"verb":"${verb}","args":${arg}}\n`).join(''));
    await until('each odd request to be answered', () => said.split('\n').length >= asked.length + 2);
    const answers = said
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line) as { ok: boolean; message: string });
    expect(answers.filter(({ ok, message }) => ok || /failed at it/.test(message))).toEqual([]);
    await expectServed();
    expect(room.child.exitCode).toBeNull();
  });

  it('a client that is killed in the middle of what it watches', async () => {
    const watchers: ChildProcess[] = [['status', 'watch'], ['tail', BACKEND, '--follow'], ['verify']].map((args) =>
      spawn(process.execPath, [BIN, ...args, '--workspace', place.root], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const ended = watchers.map((child) => new Promise((resolve) => child.once('close', resolve)));
    await expectServed();
    for (const child of watchers) child.kill('SIGKILL');
    await Promise.all(ended);
    expect((await coordtui(place.root, ['status', 'set', `instances.${BACKEND}.currentTask`, 'go on', '--instance', BACKEND])).exit).toBe(
      0,
    );
    await expectServed();
  });

  it('the room stops in order with all of them still there', async () => {
    const silent = Array.from({ length: 50 }, raw);
    await until('all of them to be in', () => silent.every((socket) => !socket.connecting));
    const stopped = await coordtui(place.root, ['stop', '--yes']);
    expect([stopped.exit, stopped.err]).toEqual([0, '']);
    await until('the room to have ended', () => room.child.exitCode !== null);
    expect(room.child.exitCode).toBe(0);
  });
});
