/** The room's door: a Unix socket, 0600 in a 0700 directory (DESIGN section 2), and who stands in it. */
import { lstatSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Actor } from '../core/event.ts';
import { prepareSocketDir } from '../workspace/paths.ts';
import { type ConversationOptions, converse } from './conversation.ts';

export type ServerOptions = Pick<ConversationOptions, 'welcome' | 'serve' | 'screen' | 'log'> & {
  readonly socketPath: string;
  readonly actorOf: (socket: Socket) => Actor;
  /** How often the room looks whether its socket is still there. */
  readonly lookMs?: number;
  /** For the last answers to be taken; who does not read does not hold up the end of the room. */
  readonly lastWordsMs?: number;
};

export type RoomServer = { close(): Promise<void> };

/** Of the operator's, and again of everybody else's: the sessions together cannot lock him out. */
const MAX_CONNECTIONS = 250;
const LOOK_MS = 30_000;
const LAST_WORDS_MS = 1_000;

type Door = {
  readonly socket: Socket;
  readonly operator: boolean;
  greeted: boolean;
};

/** The caller holds the workspace's lock, so a socket that is still there is a dead room's. Rejects when it cannot listen. */
export async function openServer(options: ServerOptions): Promise<RoomServer> {
  const doors = new Set<Door>();
  let server = await listen(options, doors);
  let mark = markOf(options.socketPath);
  let closing = false;

  const remake = async () => {
    // First this: node removes the path of a server that it closes. Who is connected stays connected.
    server.close();
    const distrust = prepareSocketDir(dirname(options.socketPath));
    if (distrust !== null) throw new Error(distrust);
    server = await listen(options, doors);
    mark = markOf(options.socketPath);
  };

  // Cleaners of temporary directories take sockets away; the room then has to be reachable again by itself.
  const look = setInterval(() => {
    if (closing || (mark !== null && markOf(options.socketPath) === mark)) return;
    remake().then(
      () => options.log(`the socket ${options.socketPath} was gone and is made again`),
      (error: unknown) => options.log(`the socket cannot be made again: ${error instanceof Error ? error.message : String(error)}`),
    );
  }, options.lookMs ?? LOOK_MS);

  return {
    async close() {
      closing = true;
      clearInterval(look);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const left = [...doors].map(({ socket }) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
      // Closed by the other side first: who writes into a closed connection never gets to read his last answer.
      for (const { socket } of doors) socket.end();
      const cut = setTimeout(() => {
        for (const { socket } of doors) socket.destroy();
      }, options.lastWordsMs ?? LAST_WORDS_MS);
      await Promise.all([closed, ...left]);
      clearTimeout(cut);
      rmSync(options.socketPath, { force: true, recursive: true });
    },
  };
}

function listen(options: ServerOptions, doors: Set<Door>): Promise<Server> {
  // Whatever lies under this name, in our own directory, stands in the way; a link is removed and not followed.
  rmSync(options.socketPath, { force: true, recursive: true });
  const server = createServer((socket) => admit(socket, options, doors));
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

/** When it is full, whoever came in and said nothing goes first: silence must not keep others out. */
function admit(socket: Socket, options: ServerOptions, doors: Set<Door>): void {
  // Rights first: before a byte of the peer is read, and once for the whole connection.
  const actor = options.actorOf(socket);
  const door: Door = { socket, operator: actor.kind === 'operator', greeted: false };
  const alike = [...doors].filter(({ operator }) => operator === door.operator);
  if (alike.length >= MAX_CONNECTIONS) {
    const silent = alike.find(({ greeted }) => !greeted);
    (silent?.socket ?? socket).destroy();
    if (silent === undefined) return;
    doors.delete(silent);
  }
  doors.add(door);
  socket.on('close', () => doors.delete(door));
  converse(socket, {
    ...options,
    actor,
    onGreeted: () => {
      door.greeted = true;
    },
  });
}

/** Names one file for good (its number alone is soon given to another); null when there is none, or none to be seen. */
function markOf(path: string): string | null {
  try {
    const { dev, ino, ctimeNs } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}:${ctimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
