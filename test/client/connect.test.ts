/** A client against whatever may listen at a room's address. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holderOf, socketOf, socketsOfUser } from '../../src/client/address.ts';
import { connect, exitOf } from '../../src/client/connect.ts';
import { seenAs } from '../../src/client/seen-as.ts';
import { done, EXIT, failure } from '../../src/core/reply.ts';
import { MAX_LINE_BYTES, PROTOCOL } from '../../src/wire/protocol.ts';
import { workspacePaths } from '../../src/workspace/paths.ts';
import { scratch } from '../support/rooms.ts';

const WELCOME = `{"coordtui":${PROTOCOL},"version":"0","workspace":"/w","pid":1,"authority":"instance a"}\n`;

let root: string;
let socketPath: string;
let server: Server | null = null;

beforeEach(() => {
  root = scratch('client');
  socketPath = join(root, 's');
  const { lock } = workspacePaths(root);
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, JSON.stringify({ pid: 4321, socket: socketPath }));
});
afterEach(async () => {
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
  rmSync(root, { recursive: true, force: true });
});

/** Says `first` to whoever comes, then what `answer` makes of each line it hears. */
function listener(first: string, answer: (line: string, socket: Socket) => void = () => {}): Promise<void> {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(first);
    socket.on('data', (bytes: Buffer) => {
      for (const line of bytes.toString().split('\n')) if (line.includes('"verb"')) answer(line, socket);
    });
  });
  return new Promise((resolve) => server?.listen(socketPath, resolve));
}

async function asked(answer: (line: string, socket: Socket) => void) {
  await listener(WELCOME, answer);
  const reached = await connect(socketPath);
  if (!reached.ok) throw new Error(reached.message);
  const parts: unknown[] = [];
  const reply = await reached.connection.request('ls', {}, (part) => parts.push(part));
  reached.connection.close();
  return { reply, parts };
}

describe('the client', () => {
  it.each([
    ['nobody listens', null, 'no-room'],
    ['another program speaks first', '220 mail.example ESMTP\r\n', 'not-ours'],
    ['the other side is of another protocol', `{"coordtui":${PROTOCOL + 1},"version":"9"}\n`, 'protocol'],
    ['the first line never ends', 'x'.repeat(MAX_LINE_BYTES + 10), 'no-room'],
  ] as const)('%s: an answer, and no exception', async (_what, first, reason) => {
    if (first !== null) await listener(first);
    expect(await connect(socketPath)).toMatchObject({ ok: false, reason });
  });

  it('hands on the parts and then the closing answer, however the bytes are cut', async () => {
    const { reply, parts } = await asked((_line, socket) => {
      for (const byte of '{"id":1,"part":{"text":"ä"}}\n{"id":1,"part":2}\n{"id":1,"ok":true,"text":"t","data":[1]}\n') socket.write(byte);
    });
    expect(parts).toEqual([{ text: 'ä' }, 2]);
    expect(reply).toEqual({ ok: true, text: 't', data: [1] });
  });

  it.each([
    ['goes away', (_line: string, socket: Socket) => void socket.destroy()],
    ['says nonsense', (_line: string, socket: Socket) => void socket.write('nonsense\n')],
    ['answers without an exit code', (_line: string, socket: Socket) => void socket.write('{"id":1,"ok":false}\n')],
    ['says a line without an end', (_line: string, socket: Socket) => void socket.write('x'.repeat(MAX_LINE_BYTES + 10))],
  ])('a room that %s before it answers is exit 69, and nobody waits for ever', async (_what, answer) => {
    const { reply } = await asked(answer);
    expect(reply).toMatchObject({ ok: false, code: 'noRoom' });
    expect(exitOf(reply)).toBe(69);
  });

  it('every answer has an exit code', () => {
    expect(exitOf(done(''))).toBe(0);
    for (const [code, number] of Object.entries(EXIT)) if (code !== 'done') expect(exitOf(failure(code as 'no', '', ''))).toBe(number);
  });
});

describe('who one is', () => {
  it('as the room says, also one of another version; null when none answers', async () => {
    expect(await seenAs(root)).toBeNull();
    await listener(WELCOME.replace(`"coordtui":${PROTOCOL}`, '"coordtui":99'));
    expect(await seenAs(root)).toBe('instance a');
  });

  it('a stranger behind the address is no room', async () => {
    await listener('hello\n');
    expect(await seenAs(root)).toBeNull();
  });
});

describe('the address', () => {
  it('stands in the lock file; without a usable one it is computed', () => {
    expect(socketOf(root)).toBe(socketPath);
    expect(holderOf(root)).toBe(4321);
    const { lock } = workspacePaths(root);
    for (const text of ['', '{', '[]', 'null', '{"socket":7}', '{"socket":"relative"}']) {
      writeFileSync(lock, text);
      expect(socketOf(root)).toMatch(/\/coordtui-\d+\/[0-9a-f]{16}\.sock$/);
      expect(holderOf(root)).toBeNull();
    }
    rmSync(lock);
    expect(socketOf(root)).toMatch(/\.sock$/);
  });

  it('a user without a directory of sockets, or with something else in its place, has no rooms', () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = root;
    try {
      expect(socketsOfUser()).toEqual([]);
      const place = join(root, `coordtui-${process.getuid?.()}`);
      writeFileSync(place, '');
      expect(socketsOfUser()).toEqual([]);
      rmSync(place);
      symlinkSync(join(root, 'nowhere'), place);
      expect(socketsOfUser()).toEqual([]);
    } finally {
      process.env.TMPDIR = before;
    }
  });
});
