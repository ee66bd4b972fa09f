/** A connection to the room of a workspace: one request at a time, or a stream of parts. */
import { connect as connectSocket, type Socket } from 'node:net';
import { EXIT, failure, type Reply } from '../core/reply.ts';
import type { Json, JsonObject } from '../core/tree.ts';
import { lineReader } from '../wire/lines.ts';
import { format, MAX_LINE_BYTES, PROTOCOL, parseAnswer, parseWelcome, type Welcome } from '../wire/protocol.ts';
import { saidOfStopped, watchForStop } from './stopped-room.ts';
import { VERSION } from './version.ts';

export type Connection = {
  readonly welcome: Welcome;
  /** Resolves with the closing answer; parts are handed on as they come. */
  request(verb: string, args: JsonObject, onPart?: (part: Json) => void): Promise<Reply>;
  close(): void;
};

export type Connected =
  | { readonly ok: true; readonly connection: Connection }
  | { readonly ok: false; readonly reason: 'no-room' | 'stopped' | 'not-ours'; readonly message: string; readonly hint: string }
  | { readonly ok: false; readonly reason: 'protocol'; readonly message: string; readonly hint: string; readonly welcome: Welcome };

const HELLO_TIMEOUT_MS = 10_000;

const RESTART = 'restart the room: coordtui stop, then coordtui serve';

/**
 * Never throws: no room, a stopped one, a dead socket and a stranger behind it are answers. `stopped` names the process
 * behind that socket if it is halted by a signal.
 */
export function connect(socketPath: string, stopped: (socket: Socket) => number | null = () => null): Promise<Connected> {
  return new Promise((resolve) => {
    const socket = connectSocket(socketPath);
    let settled = false;
    const refuse = (message: string) => give({ ok: false, reason: 'not-ours', message, hint: RESTART });
    const gone = (message: string) => give({ ok: false, reason: 'no-room', message, hint: 'start one: coordtui serve' });
    const timer = setTimeout(() => refuse(`the room at ${socketPath} does not answer`), HELLO_TIMEOUT_MS);
    const stopWatching = watchForStop(
      () => stopped(socket),
      (pid) => give({ ok: false, reason: 'stopped', ...saidOfStopped(pid) }),
    );
    const give = (answer: Connected) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      stopWatching();
      if (!answer.ok) socket.destroy();
      resolve(answer);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => gone(`no room answers at ${socketPath} (${error.code ?? error.message})`));
    socket.on('close', () => gone(`the room at ${socketPath} closed the connection`));
    socket.write(format({ coordtui: PROTOCOL, version: VERSION, mode: 'lines' }));
    speak(socket, (welcome, connection) => {
      if (welcome === null) refuse(`whoever listens at ${socketPath} is no coordtui room`);
      else if (welcome.coordtui !== PROTOCOL)
        give({
          ok: false,
          reason: 'protocol',
          welcome,
          message: `the room runs coordtui ${welcome.version}, this is ${VERSION}, and the two do not speak the same protocol`,
          hint: RESTART,
        });
      else give({ ok: true, connection });
    });
  });
}

type Pending = { readonly resolve: (reply: Reply) => void; readonly onPart: ((part: Json) => void) | undefined };

function speak(socket: Socket, onWelcome: (welcome: Welcome | null, connection: Connection) => void): void {
  const reader = lineReader(MAX_LINE_BYTES);
  const pending = new Map<number, Pending>();
  let welcome: Welcome | null = null;
  let next = 1;

  const fail = (message: string) => {
    for (const waiting of pending.values()) waiting.resolve(failure('noRoom', message, 'look whether it still runs: coordtui ls'));
    pending.clear();
  };
  const connection: Connection = {
    get welcome() {
      if (welcome === null) throw new Error('the room has not said welcome yet');
      return welcome;
    },
    request(verb, args, onPart) {
      return new Promise((resolve) => {
        if (socket.destroyed) {
          resolve(failure('noRoom', `${verb}: the connection to the room is closed`, 'look whether it still runs: coordtui ls'));
          return;
        }
        const id = next++;
        pending.set(id, { resolve, onPart });
        socket.write(format({ id, verb, args }));
      });
    },
    close() {
      socket.destroy();
    },
  };
  socket.on('close', () => fail('the room went away before it answered'));
  /** What it says cannot be understood, so it is not listened to any longer. */
  const giveUp = (why: string) => {
    fail(why);
    socket.destroy();
  };
  socket.on('data', (chunk: Buffer) => {
    const lines = reader.push(chunk);
    if (lines === null) giveUp(`the room said a line of more than ${MAX_LINE_BYTES} bytes`);
    for (const line of lines ?? []) {
      if (welcome === null) {
        const parsed = parseWelcome(line);
        welcome = parsed.ok ? parsed.value : null;
        onWelcome(welcome, connection);
        continue;
      }
      const parsed = parseAnswer(line);
      if (!parsed.ok) {
        giveUp('the room said something that is no answer');
        return;
      }
      const waiting = pending.get(parsed.value.id);
      if (waiting === undefined) continue;
      if ('part' in parsed.value) {
        waiting.onPart?.(parsed.value.part);
        continue;
      }
      pending.delete(parsed.value.id);
      const { id: _id, ...reply } = parsed.value;
      waiting.resolve(reply);
    }
  });
}

export function exitOf(reply: Reply): number {
  return reply.ok ? EXIT.done : EXIT[reply.code];
}
