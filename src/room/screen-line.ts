/**
 * Between a screen and its user's terminal: the room reads and writes it itself where the client could lend it, or the
 * client carries the bytes. Whoever draws and types does not know which. Only one of the two ever touches the terminal:
 * it changes hands by frames, and whoever had it has let go before the other is told (decision 0022).
 */
import type { Socket } from 'node:net';
import { decodeSize, decodeTime, encodeFrame, encodeText, FRAME, type Frame, frameReader, type Size } from '../wire/frames.ts';
import { type Lent, type LentTerminal, openLentTerminal } from './lent-terminal.ts';

export type ScreenLine = {
  /** False: there is no room. What was given is taken, but no more until it has drained, or everything is drawn anew. */
  write(output: string): boolean;
  /** Whether what is typed is taken, or waits. */
  listen(on: boolean): void;
  /** The terminal is the client's now, and this is what it is for. */
  giveBack(type: 'suspend' | 'edit' | 'end', payload?: Uint8Array): void;
  /** Of the terminal, as the client told it last. */
  size(): Size;
  /** From now on these hear of it. */
  begin(heard: Heard): void;
  /** The connection is over. */
  close(): void;
};

export type Heard = {
  /** The bytes are valid only during the call. */
  readonly input: (bytes: Uint8Array) => void;
  readonly resized: () => void;
  readonly drained: () => void;
  /** Nobody knows what the terminal shows: everything is to be drawn. */
  readonly anew: () => void;
  readonly misunderstood: () => void;
};

/** A room that does not listen says so often that it lives: a client asks each second. */
const ALIVE_MS = 1_000;

/**
 * `own`: where the terminal is that the room may use itself, and until when (milliseconds of the machine's steady clock); null:
 * the client carries. Begins to read the socket, but no keys.
 */
export function openScreenLine(socket: Socket, own: (Lent & { readonly until: number }) | null, first: Size): ScreenLine {
  const reader = frameReader();
  let terminal: LentTerminal | null = null;
  let holder: 'room' | 'carried' | 'client' = 'client';
  let listening = false;
  let heard: Heard | null = null;
  let size = first;
  let until = own?.until ?? 0;
  // What a client has kept for a room that did not answer; it was typed before all that waits in the terminal.
  const unheard: Uint8Array[] = [];
  let deaf: NodeJS.Timeout | null = null;

  const events = {
    onInput: (bytes: Uint8Array) => heard?.input(bytes),
    isLent: () => steadyMs() < until,
    onDrained: () => heard?.drained(),
    onAgain: () => heard?.anew(),
    onLost: () => lost(),
  };

  const send = (frame: Uint8Array): boolean => socket.writable && socket.write(frame);

  const take = (): void => {
    terminal?.close();
    terminal = own === null ? null : openLentTerminal({ ...own, ...events });
    if (terminal === null) carry();
    else {
      holder = 'room';
      send(encodeFrame(FRAME.took));
      follow();
    }
  };

  const carry = (): void => {
    terminal = null;
    holder = 'carried';
    send(encodeFrame(FRAME.carry));
    follow();
  };

  const lost = (): void => {
    carry();
    heard?.anew();
  };

  const letGo = (): void => {
    terminal?.close();
    terminal = null;
    holder = 'client';
    follow();
  };

  /** Keys that are carried wait in the socket: then nothing else is heard of the client either, but its end. */
  const follow = (): void => {
    terminal?.listen(listening && unheard.length === 0);
    if (holder === 'carried' && !listening && !socket.destroyed) {
      socket.pause();
      deaf ??= setInterval(() => send(encodeFrame(FRAME.renewed)), ALIVE_MS);
    } else {
      socket.resume();
      hearAgain();
    }
  };

  const hearAgain = (): void => {
    if (deaf !== null) clearInterval(deaf);
    deaf = null;
  };

  const hear = (bytes: Uint8Array): void => {
    if (listening && unheard.length === 0) heard?.input(bytes);
    else unheard.push(bytes);
  };

  const onFrame = ({ type, payload }: Frame): void => {
    if (type === FRAME.input) hear(payload);
    else if (type === FRAME.resize) {
      size = decodeSize(payload) ?? size;
      heard?.resized();
    } else if (type === FRAME.reclaim) {
      letGo();
      send(encodeFrame(FRAME.freed));
    } else if (type === FRAME.renew) {
      until = decodeTime(payload) ?? until;
      send(encodeFrame(FRAME.renewed));
    } else if (type === FRAME.lend) {
      until = decodeTime(payload) ?? until;
      take();
      heard?.anew();
    } else if (type === FRAME.detach) letGo();
  };

  socket.on('data', (chunk: Buffer) => {
    const frames = reader.push(chunk);
    if (frames === null) heard?.misunderstood();
    else for (const [index, frame] of frames.entries()) if (!isOutdated(frame, frames[index + 1])) onFrame(frame);
  });
  socket.on('drain', () => holder === 'carried' && heard?.drained());
  take();

  return {
    write(output) {
      if (terminal !== null) return terminal.write(output);
      return holder === 'carried' && send(encodeText(FRAME.output, output));
    },
    listen(on) {
      listening = on;
      // Each may end the listening.
      while (listening && unheard.length > 0) heard?.input(unheard.shift() ?? new Uint8Array());
      follow();
    },
    giveBack(type, payload) {
      letGo();
      send(encodeFrame(FRAME[type], payload));
    },
    size: () => size,
    begin(who) {
      heard = who;
    },
    close() {
      hearAgain();
      terminal?.close();
      terminal = null;
    },
  };
}

const steadyMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** Of sizes that follow each other at once only the last is drawn: each costs a whole screen, and a dragged window sends many. */
const isOutdated = (frame: Frame, next: Frame | undefined): boolean => frame.type === FRAME.resize && next?.type === FRAME.resize;
