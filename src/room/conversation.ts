/** One connection of a client that speaks lines: its rights, its hello, its requests, its end. */
import type { Socket } from 'node:net';
import type { Actor } from '../core/event.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { Json } from '../core/tree.ts';
import { lineReader } from '../wire/lines.ts';
import {
  type Answer,
  format,
  MAX_LINE_BYTES,
  PROTOCOL,
  parseHello,
  parseRequest,
  parseScreenHello,
  type Request,
  type ScreenHello,
  type Welcome,
} from '../wire/protocol.ts';

export type Served = {
  readonly request: Request;
  readonly actor: Actor;
  readonly part: (part: Json) => void;
  /** Aborted when the client goes away. */
  readonly gone: AbortSignal;
};

export type ConversationOptions = {
  /** How the connection is seen, settled before a byte of it was read. */
  readonly actor: Actor;
  readonly welcome: (actor: Actor) => Welcome;
  readonly serve: (served: Served) => Promise<Reply>;
  readonly log: (line: string) => void;
  /** Takes the connection over after the hello of a screen; it reads and writes frames from then on. */
  readonly screen: (socket: Socket, hello: ScreenHello, actor: Actor) => void;
  readonly onGreeted: () => void;
};

/** A client that does not read what it asked for is cut off here, in bytes; it slows nobody. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;
/** Requests of one connection that are served at a time: the next ones wait in the client's own buffers. */
const MAX_UNDER_WAY = 32;
const HELLO_MS = 10_000;

export function converse(socket: Socket, { actor, welcome, serve, log, screen, onGreeted }: ConversationOptions): void {
  const reader = lineReader(MAX_LINE_BYTES);
  const gone = new AbortController();
  const waiting: string[] = [];
  let greeted = false;
  let over = false;
  // To a screen: when it is read is no longer decided here.
  let handedOver = false;
  let underWay = 0;
  const patience = setTimeout(() => socket.destroy(), HELLO_MS);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    over = true;
    clearTimeout(patience);
    gone.abort();
  });

  /** Also when the room ends: what nobody can be answered is not begun. */
  const isOver = () => over || socket.writableEnded;

  const say = (message: Answer | Welcome) => {
    if (socket.destroyed || !socket.writable) return;
    const line = format(message);
    // The other side would have to give up the whole connection over it.
    if (Buffer.byteLength(line) > MAX_LINE_BYTES && 'id' in message) {
      say({ id: message.id, ...failure('no', `the answer is longer than ${MAX_LINE_BYTES} bytes`, 'ask for less of it') });
      return;
    }
    socket.write(line);
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  };

  /** Nothing more is read; the client has until its patience ends to take what was said. */
  const hangUp = (line = '') => {
    over = true;
    socket.end(line);
  };

  const greet = (line: string) => {
    const hello = parseHello(line);
    if (!hello.ok) {
      hangUp(
        `${JSON.stringify({ error: { code: 'usage', message: hello.why, hint: `say {"coordtui":${PROTOCOL},"mode":"lines"} first` } })}\n`,
      );
      return;
    }
    greeted = true;
    say(welcome(actor));
    if (hello.value.coordtui !== PROTOCOL) {
      hangUp();
      return;
    }
    clearTimeout(patience);
    onGreeted();
    if (hello.value.mode === 'screen') showScreen(line);
  };

  const showScreen = (line: string) => {
    const hello = parseScreenHello(line);
    if (!hello.ok) {
      hangUp();
      return;
    }
    socket.off('data', onData);
    handedOver = true;
    screen(socket, hello.value, actor);
  };

  const answer = async (request: Request): Promise<Reply> => {
    try {
      return await serve({ request, actor, gone: gone.signal, part: (part) => say({ id: request.id, part }) });
    } catch (error) {
      log(`${request.verb}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      const why = error instanceof Error ? error.message : String(error);
      return failure('no', `${request.verb}: the room failed at it: ${why}`, 'the room goes on; its log tells more');
    }
  };

  const onLine = (line: string) => {
    if (!greeted) {
      greet(line);
      return;
    }
    const request = parseRequest(line);
    if (!request.ok) {
      say({ id: -1, ...failure('usage', request.why, 'one JSON object a line: {"id":1,"verb":"handoffs","args":{}}') });
      return;
    }
    underWay++;
    void answer(request.value).then((reply) => {
      say({ id: request.value.id, ...reply });
      underWay--;
      goOn();
    });
  };

  const goOn = () => {
    while (!isOver() && underWay < MAX_UNDER_WAY && waiting.length > 0) {
      const line = waiting.shift() ?? '';
      if (line.length > 0) onLine(line);
    }
    if (handedOver) return;
    if (waiting.length > 0) socket.pause();
    else socket.resume();
  };

  const onData = (chunk: Buffer) => {
    if (isOver()) return;
    const lines = reader.push(chunk);
    if (lines === null) {
      say({
        id: -1,
        ...failure('usage', `a line is longer than ${MAX_LINE_BYTES} bytes`, 'put large texts into files and name their paths'),
      });
      over = true;
      socket.destroySoon();
      return;
    }
    for (const line of lines) waiting.push(line);
    goOn();
  };
  socket.on('data', onData);
}
