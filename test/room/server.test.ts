/** The room's door, opened without a room behind it: its file, its limits, and what one client can do to the others. */
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/core/event.ts';
import { done } from '../../src/core/reply.ts';
import type { Served } from '../../src/room/conversation.ts';
import { openServer, type RoomServer, type ServerOptions } from '../../src/room/server.ts';
import { MAX_LINE_BYTES, PROTOCOL } from '../../src/wire/protocol.ts';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';

const OPERATOR: Actor = { kind: 'operator', terminal: true, name: 'me' };
const HELLO = `{"coordtui":${PROTOCOL},"version":"0","mode":"lines"}\n`;

let dir: string;
let socketPath: string;
let server: RoomServer | null = null;
let served: Served[];
let log: string[];
const clients: Socket[] = [];

beforeEach(() => {
  dir = scratch('door');
  mkdirSync(join(dir, 'own'), { mode: 0o700 });
  socketPath = join(dir, 'own', 'room.sock');
  served = [];
  log = [];
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server?.close();
  server = null;
  rmSync(dir, { recursive: true, force: true });
});

async function open(more: Partial<ServerOptions> = {}): Promise<void> {
  server = await openServer({
    socketPath,
    actorOf: () => OPERATOR,
    welcome: (actor) => ({ coordtui: PROTOCOL, version: '0', workspace: dir, pid: process.pid, authority: actor.kind }),
    serve: async (one) => {
      served.push(one);
      return done('served', one.request.args);
    },
    screen: (socket) => socket.destroy(),
    log: (line) => log.push(line),
    ...more,
  });
}

/** A client of bare bytes. */
function client(): {
  socket: Socket;
  lines: () => string[];
  ended: () => boolean;
  line: (index: number) => Promise<Record<string, unknown>>;
} {
  const socket = connect(socketPath);
  clients.push(socket);
  let text = '';
  let closed = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  const lines = () => text.split('\n').slice(0, -1);
  const line = async (index: number) =>
    JSON.parse(await until(`line ${index} from the room`, () => lines()[index])) as Record<string, unknown>;
  return { socket, lines, ended: () => closed, line };
}

/** Says hello and asks once: the door is open, and somebody serves behind it. */
async function isServed(): Promise<boolean> {
  const one = client();
  one.socket.write(`${HELLO}{"id":7,"verb":"ls"}\n`);
  const answered = await until('an answer, or none', () => (one.lines().length >= 2 ? 'yes' : one.ended() ? 'no' : null));
  one.socket.destroy();
  return answered === 'yes' && JSON.parse(one.lines()[1] ?? '{}').id === 7;
}

describe('the socket file', () => {
  it('DESIGN §2: has mode 0600 from its first moment, whatever the mask, and goes with the room', async () => {
    const mask = process.umask(0);
    try {
      await open();
      expect(process.umask()).toBe(0);
    } finally {
      process.umask(mask);
    }
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(socketPath).isSocket()).toBe(true);
    await server?.close();
    expect(existsSync(socketPath)).toBe(false);
  });

  it('replaces the stale socket of a dead room', async () => {
    const dead = createServer().listen(socketPath);
    await until('the first to listen', () => existsSync(socketPath));
    // As a kill leaves it: node's own close would take the file away.
    const kept = join(dir, 'kept.sock');
    renameSync(socketPath, kept);
    await new Promise((resolve) => dead.close(resolve));
    renameSync(kept, socketPath);
    await open();
    expect(await isServed()).toBe(true);
  });

  it('a link under its name is removed and not followed, and a directory does not stand in its way', async () => {
    writeFileSync(join(dir, 'precious'), 'kept');
    symlinkSync(join(dir, 'precious'), socketPath);
    await open();
    expect(lstatSync(socketPath).isSocket()).toBe(true);
    expect(existsSync(join(dir, 'precious'))).toBe(true);
    await server?.close();
    mkdirSync(join(socketPath, 'sub'), { recursive: true });
    await open();
    expect(await isServed()).toBe(true);
  });

  it('comes back when it was taken away, again and again, and who is connected stays connected', async () => {
    await open({ lookMs: 20 });
    const early = client();
    early.socket.write(HELLO);
    await early.line(0);
    for (let round = 0; round < 3; round++) {
      rmSync(socketPath);
      await until('the socket to be back', () => existsSync(socketPath));
      expect(await isServed()).toBe(true);
    }
    // It is made again once for each time, and does not go by itself.
    await until('the log', () => log.filter((line) => line.includes('made again')).length >= 3);
    expect(log).toHaveLength(3);
    early.socket.write('{"id":1,"verb":"ls"}\n');
    expect(await early.line(1)).toMatchObject({ id: 1, ok: true });
  });

  it('comes back when its directory was taken away, and with the right mode', async () => {
    await open({ lookMs: 20 });
    rmSync(join(dir, 'own'), { recursive: true });
    await until('the socket to be back', () => existsSync(socketPath));
    expect(statSync(join(dir, 'own')).mode & 0o777).toBe(0o700);
    expect(await isServed()).toBe(true);
  });

  it('comes back when another file, or another program, has taken its place', async () => {
    await open({ lookMs: 20 });
    rmSync(socketPath);
    writeFileSync(socketPath, 'not a socket');
    await until('the socket to be back', () => statSync(socketPath, { throwIfNoEntry: false })?.isSocket());
    rmSync(socketPath);
    const impostor = createServer((socket) => socket.resume().end('{"coordtui":1,"authority":"operator"}\n')).listen(socketPath);
    await until('the true room to answer again', async () => (await isServed()) || null);
    await new Promise((resolve) => impostor.close(resolve));
  });

  it('says why it cannot come back, and goes on trying', async () => {
    await open({ lookMs: 20 });
    rmSync(join(dir, 'own'), { recursive: true });
    symlinkSync(dir, join(dir, 'own'));
    await until('a sentence in the log', () => log.some((line) => /cannot be made again: .*a link is not accepted/.test(line)));
    rmSync(join(dir, 'own'));
    await until('the socket to be back', () => existsSync(socketPath));
    expect(await isServed()).toBe(true);
  });
});

describe('what a client says', () => {
  it('is answered once when it is no hello, and nothing after it is listened to', async () => {
    await open();
    for (const first of ['nonsense', '[]', '{}', '{"coordtui":"1"}', '{"coordtui":1,"mode":"x"}', '\u0000\u0001']) {
      const one = client();
      one.socket.write(`${first}\n${HELLO}{"id":1,"verb":"stop"}\n`);
      expect(await one.line(0)).toMatchObject({ error: { code: 'usage' } });
      await until('the connection to end', one.ended);
      expect(one.lines()).toHaveLength(1);
    }
    expect(served).toEqual([]);
  });

  it('of another protocol is welcomed, so that it can say what is wrong, and not served', async () => {
    await open();
    const one = client();
    one.socket.write(`{"coordtui":${PROTOCOL + 1},"mode":"lines"}\n{"id":1,"verb":"stop"}\n`);
    expect(await one.line(0)).toMatchObject({ coordtui: PROTOCOL });
    await until('the connection to end', one.ended);
    expect(served).toEqual([]);
  });

  it('that is no request is answered under no id, and the next one is served', async () => {
    await open();
    const one = client();
    const bad = ['nonsense', '[]', '{}', '{"id":1}', '{"id":1.5,"verb":"ls"}', '{"id":1,"verb":7}', '{"id":1,"verb":"ls","args":[]}'];
    one.socket.write(`${HELLO}\n\n${bad.join('\n')}\n{"id":9,"verb":"ls","args":{"__proto__":{"x":1}}}\n`);
    for (const index of bad.keys()) expect(await one.line(index + 1)).toMatchObject({ id: -1, ok: false, code: 'usage' });
    expect(await one.line(bad.length + 1)).toMatchObject({ id: 9, ok: true });
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('may come in halves, or a byte at a time', async () => {
    await open();
    const one = client();
    for (const byte of `${HELLO}{"id":3,"verb":"ls","args":{"text":"täglich ✓"}}\n`.split(/(?<=[\s\S])/u)) one.socket.write(byte);
    expect(await one.line(1)).toMatchObject({ id: 3, data: { text: 'täglich ✓' } });
  });

  it('without an end is told so, and its connection ended, while others are served', async () => {
    await open();
    const one = client();
    one.socket.write(HELLO);
    one.socket.write(Buffer.alloc(MAX_LINE_BYTES + 4 * 1024 * 1024, 0x78));
    expect(await isServed()).toBe(true);
    expect(await one.line(1)).toMatchObject({ id: -1, code: 'usage' });
    await until('the connection to end', one.ended);
  });

  it('at which the room fails is answered, and the room goes on', async () => {
    await open({
      serve: async () => {
        throw new Error('a broken invariant');
      },
    });
    const one = client();
    one.socket.write(`${HELLO}{"id":1,"verb":"explain"}\n{"id":2,"verb":"explain"}\n`);
    for (const id of [1, 2])
      expect(await one.line(id)).toMatchObject({ id, ok: false, code: 'no', message: expect.stringContaining('a broken invariant') });
    expect(log).toHaveLength(2);
  });
});

describe('one client and the others', () => {
  it('many that say nothing keep nobody out', async () => {
    await open();
    const silent = Array.from({ length: 500 }, () => client());
    await until('all of them to be in, or out again', () => silent.every(({ socket, ended }) => !socket.connecting || ended()));
    expect(await isServed()).toBe(true);
  });

  it('many of the sessions, all polite, do not keep the operator out, nor those that are in', async () => {
    let actor: Actor = { kind: 'check' };
    await open({ actorOf: () => actor });
    const come = async (count: number) => {
      const polite = Array.from({ length: count }, () => client());
      for (const { socket } of polite) socket.write(HELLO);
      await until('each to be welcomed or turned away', () => polite.every(({ lines, ended }) => lines().length === 1 || ended()));
      return polite;
    };
    // One after the other: who has not been heard yet counts as silent, and goes first.
    const early = await come(250);
    const late = await come(50);
    expect(late.every(({ ended }) => ended())).toBe(true);
    expect(early.some(({ ended }) => ended())).toBe(false);
    actor = OPERATOR;
    expect(await isServed()).toBe(true);
  });

  it('one that asks a lot at once gets all its answers, and a few at a time', async () => {
    let underWay = 0;
    let most = 0;
    await open({
      serve: async ({ request }) => {
        underWay++;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        return done(String(request.id));
      },
    });
    const one = client();
    one.socket.write(HELLO + Array.from({ length: 5000 }, (_, id) => `{"id":${id},"verb":"handoffs"}\n`).join(''));
    await until('all answers', () => one.lines().length === 5001);
    expect(
      new Set(
        one
          .lines()
          .slice(1)
          .map((line) => JSON.parse(line).id),
      ).size,
    ).toBe(5000);
    expect(most).toBeLessThanOrEqual(32);
  });

  it('one that never reads is cut off, and the others are served meanwhile', async () => {
    const big = 'x'.repeat(1024 * 1024);
    await open({ serve: async () => done(big) });
    const one = client();
    one.socket.pause();
    one.socket.write(HELLO + Array.from({ length: 200 }, (_, id) => `{"id":${id},"verb":"diff"}\n`).join(''));
    let gone = false;
    one.socket.on('close', () => {
      gone = true;
    });
    expect(await isServed()).toBe(true);
    await until('it to be cut off', () => {
      // Only a read shows a client that the other side has hung up.
      one.socket.resume();
      return gone;
    });
    expect(one.lines().length).toBeLessThan(200);
  });

  it('one that never reads does not hold up the end of the room', async () => {
    await open({ serve: async () => done('x'.repeat(8 * 1024 * 1024)) });
    const one = client();
    one.socket.pause();
    one.socket.write(`${HELLO}{"id":1,"verb":"diff"}\n`);
    await until('something to have been said', () => one.socket.bytesWritten > 0);
    expect(await isServed()).toBe(true);
    await server?.close();
    server = null;
    expect(existsSync(socketPath)).toBe(false);
  });

  it('an answer longer than a line may be is a sentence instead', async () => {
    await open({ serve: async () => done('x'.repeat(MAX_LINE_BYTES)) });
    const one = client();
    one.socket.write(`${HELLO}{"id":5,"verb":"tail"}\n`);
    expect(await one.line(1)).toMatchObject({ id: 5, ok: false, code: 'no', message: expect.stringContaining('longer than') });
  });

  it('one that still speaks when the room ends reads its last answer', async () => {
    await open({ lastWordsMs: 120_000 });
    const one = client();
    // Before it is connected: nothing at all is read then.
    one.socket.pause();
    one.socket.write(`${HELLO}{"id":1,"verb":"ls"}\n`);
    await until('it to be served', () => served.length === 1);
    const closed = server?.close();
    const turns = async () => {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    one.socket.write('{"id":2,"verb":"ls"}\n');
    await turns();
    one.socket.resume();
    expect(await one.line(1)).toMatchObject({ id: 1, ok: true });
    await closed;
    server = null;
    // What it asks then is not begun: nobody could be told what came of it.
    expect(served).toHaveLength(1);
  });

  it('one that goes in the middle is noticed by whoever works for it', async () => {
    const never = new Promise<never>(() => {});
    await open({
      serve: (one) => {
        served.push(one);
        return never;
      },
    });
    const one = client();
    one.socket.write(`${HELLO}{"id":1,"verb":"status watch"}\n`);
    const [work] = await until('the request to be served', () => (served.length > 0 ? served : null));
    expect(work?.gone.aborted).toBe(false);
    one.socket.destroy();
    await until('the work to be called off', () => work?.gone.aborted);
    work?.part('into the void');
  });
});

it('what a screen’s user types before it is shown waits in the socket', async () => {
  let taken: Socket | null = null;
  await open({
    screen: (socket) => {
      socket.pause();
      taken = socket;
    },
  });
  const { socket } = client();
  const hello = { mode: 'screen', cols: 80, rows: 24, tty: null, colours: 'none', focus: null, observe: false, zoom: false };
  socket.write(`${JSON.stringify({ coordtui: PROTOCOL, version: '0', ...hello })}\n`);
  const screen = await until('the screen', () => taken as Socket | null);
  socket.write('typed');
  await until('the bytes to lie there', () => screen.readableLength === 'typed'.length);
  expect([screen.isPaused(), screen.readableFlowing]).toEqual([true, false]);
  let seen = '';
  screen.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
  });
  screen.resume();
  await until('them to be read', () => seen === 'typed');
});
