/** One command to a Redis server, in its own protocol (RESP 2): small enough that no client is needed for it. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { Answer } from './layers.ts';

const MAX_REPLY_BYTES = 4 * 1024 * 1024;

/** @param address `redis://[[user]:password@]host[:port][/database]`, `rediss:` for TLS */
export function askRedis(address: string, command: readonly string[], timeoutMs: number): Promise<Answer> {
  const url = new URL(address);
  const before: string[][] = [];
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  if (password !== '') before.push(user === '' ? ['AUTH', password] : ['AUTH', user, password]);
  const database = url.pathname.slice(1);
  if (database !== '') before.push(['SELECT', database]);
  const commands = [...before, command];
  const place = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 6379) };
  return new Promise((resolve) => {
    const socket: Socket = url.protocol === 'rediss:' ? connectSecure({ ...place, servername: place.host }) : connectPlain(place);
    let received = Buffer.alloc(0);
    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(
      () => finish({ ok: false, reached: false, why: `no answer from ${place.host}:${place.port} within ${timeoutMs} ms` }),
      timeoutMs,
    );
    socket.once('error', (error) => finish({ ok: false, reached: false, why: error.message || 'the connection was refused' }));
    socket.once('close', () => finish({ ok: false, reached: false, why: 'the connection was closed' }));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > MAX_REPLY_BYTES) return finish({ ok: false, reached: true, why: 'the answer is too long' });
      const replies = repliesIn(received, commands.length);
      if (replies === null) return;
      const error = replies.find((reply) => reply.isError);
      finish(
        error === undefined ? { ok: true, text: replies[replies.length - 1]?.text ?? '' } : { ok: false, reached: true, why: error.text },
      );
    });
    socket.write(commands.map(encoded).join(''));
  });
}

function encoded(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
}

type Reply = { readonly text: string; readonly isError: boolean; readonly end: number };

/** null: not all there yet. */
function repliesIn(bytes: Buffer, count: number): Reply[] | null {
  const replies: Reply[] = [];
  let at = 0;
  while (replies.length < count) {
    const reply = replyAt(bytes, at, 0);
    if (reply === null) return null;
    replies.push(reply);
    if (reply.isError) return replies;
    at = reply.end;
  }
  return replies;
}

function replyAt(bytes: Buffer, at: number, depth: number): Reply | null {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return null;
  const head = bytes.toString('latin1', at, at + 1);
  const line = bytes.toString('utf8', at + 1, lineEnd);
  const end = lineEnd + 2;
  if (head === '$') {
    const length = Number(line);
    if (length < 0) return { text: '', isError: false, end };
    return bytes.length < end + length + 2
      ? null
      : { text: bytes.toString('utf8', end, end + length), isError: false, end: end + length + 2 };
  }
  if (head !== '*') return { text: line, isError: head === '-', end };
  const parts: string[] = [];
  let next = end;
  // Deeper than any command answers.
  for (let index = 0; index < Number(line) && depth < 16; index++) {
    const part = replyAt(bytes, next, depth + 1);
    if (part === null) return null;
    parts.push(part.text);
    next = part.end;
  }
  return { text: parts.join('\n'), isError: false, end: next };
}
