/** The room's door: a Unix socket, 0600 in a 0700 directory, whose clients speak JSON lines. */
import { existsSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Actor } from '../core/event.ts';
import type { Reply } from '../core/reply.ts';
import type { Json } from '../core/tree.ts';
import { lineReader } from '../wire/lines.ts';
import { type Answer, format, MAX_LINE_BYTES, PROTOCOL, parseHello, parseRequest, type Request, type Welcome } from '../wire/protocol.ts';

export type Served = {
  readonly request: Request;
  readonly actor: Actor;
  readonly part: (part: Json) => void;
  /** Aborted when the client goes away. */
  readonly gone: AbortSignal;
};

export type ServerOptions = {
  readonly socketPath: string;
  readonly welcome: (actor: Actor) => Welcome;
  readonly actorOf: (socket: Socket) => Actor;
  readonly serve: (served: Served) => Promise<Reply>;
  readonly log: (line: string) => void;
};

export type RoomServer = { close(): Promise<void> };

/** A client that does not read what it asked for is cut off here, in bytes; it slows nobody. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;
const MAX_CONNECTIONS = 500;
const LOOK_MS = 30_000;
const HELLO_MS = 10_000;

/** The caller holds the workspace's lock, so a socket that is still there is a dead room's. */
export async function openServer(options: ServerOptions): Promise<RoomServer> {
  const sockets = new Set<Socket>();
  let server = await listen(options, sockets);
  let closing = false;

  // Cleaners of temporary directories take sockets away; the room then has to be reachable again by itself.
  const look = setInterval(() => {
    if (closing || existsSync(options.socketPath)) return;
    options.log(`the socket ${options.socketPath} was gone and is made again`);
    const old = server;
    listen(options, sockets).then(
      (fresh) => {
        server = fresh;
        old.close();
      },
      (error: unknown) => options.log(`the socket cannot be made again: ${error instanceof Error ? error.message : String(error)}`),
    );
  }, LOOK_MS);

  return {
    async close() {
      closing = true;
      clearInterval(look);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroySoon();
      });
      rmSync(options.socketPath, { force: true });
    },
  };
}

function listen(options: ServerOptions, sockets: Set<Socket>): Promise<Server> {
  rmSync(options.socketPath, { force: true });
  const server = createServer((socket) => {
    if (sockets.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    converse(socket, options);
  });
  return new Promise((resolve, reject) => {
    // The mode has to be right from the first moment, hence the mask and no chmod afterwards.
    const mask = process.umask(0o177);
    server.once('error', reject);
    server.listen(options.socketPath, () => {
      server.off('error', reject);
      server.on('error', (error) => options.log(`socket: ${error.message}`));
      resolve(server);
    });
    process.umask(mask);
  });
}

function converse(socket: Socket, options: ServerOptions): void {
  // Rights first: before a byte of the peer is read, and once for the whole connection.
  const actor = options.actorOf(socket);
  const reader = lineReader(MAX_LINE_BYTES);
  const gone = new AbortController();
  let greeted = false;
  const patience = setTimeout(() => socket.destroy(), HELLO_MS);
  socket.on('close', () => {
    clearTimeout(patience);
    gone.abort();
  });

  const say = (message: Answer | Welcome) => {
    if (socket.destroyed) return;
    socket.write(format(message));
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  };

  const onLine = (line: string) => {
    if (!greeted) {
      const hello = parseHello(line);
      if (!hello.ok) {
        socket.end(
          `${JSON.stringify({ error: { code: 'usage', message: hello.why, hint: 'say {"coordtui":1,"mode":"lines"} first' } })}\n`,
        );
        return;
      }
      greeted = true;
      clearTimeout(patience);
      say(options.welcome(actor));
      if (hello.value.coordtui !== PROTOCOL || hello.value.mode !== 'lines') socket.end();
      return;
    }
    const request = parseRequest(line);
    if (!request.ok) {
      say({ id: -1, ok: false, code: 'usage', message: request.why, hint: 'one JSON object a line: {"id":1,"verb":"handoffs","args":{}}' });
      return;
    }
    const { id } = request.value;
    options.serve({ request: request.value, actor, gone: gone.signal, part: (part) => say({ id, part }) }).then(
      (reply) => say({ id, ...reply }),
      (error: unknown) => {
        options.log(`${request.value.verb}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        say({
          id,
          ok: false,
          code: 'no',
          message: `${request.value.verb}: the room failed at it: ${error instanceof Error ? error.message : String(error)}`,
          hint: 'the room goes on; its log tells more',
        });
      },
    );
  };

  socket.on('data', (chunk: Buffer) => {
    const lines = reader.push(chunk);
    if (lines === null) {
      say({
        id: -1,
        ok: false,
        code: 'usage',
        message: `a line is longer than ${MAX_LINE_BYTES} bytes`,
        hint: 'put large texts into files and name their paths',
      });
      socket.destroySoon();
      return;
    }
    for (const line of lines) if (line.length > 0) onLine(line);
  });
}
