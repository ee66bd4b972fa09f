/** A screen's connection to a room: its hello, the room's welcome, and frames both ways from there on. */
import type { Socket } from 'node:net';
import { type Frame, frameReader } from '../wire/frames.ts';
import { MAX_LINE_BYTES, PROTOCOL, parseWelcome, type ScreenHello } from '../wire/protocol.ts';
import { VERSION } from './version.ts';

export type FrameLine = {
  /** What is said before the welcome waits for it: until then the room reads lines. */
  send(frame: Uint8Array): void;
  /** Of the room; null: it has not said a word yet. */
  pid(): number | null;
};

export type FrameLineOptions = {
  readonly hello: ScreenHello;
  readonly onFrame: (frame: Frame) => void;
  /** It cannot go on; a sentence. */
  readonly onTrouble: (why: string) => void;
};

const NOT_UNDERSTOOD = 'the room sent what this version does not understand; restart it: coordtui stop, then coordtui';

export function openFrameLine(socket: Socket, { hello, onFrame, onTrouble }: FrameLineOptions): FrameLine {
  const reader = frameReader();
  const early: Uint8Array[] = [];
  let line = new Uint8Array();
  let pid: number | null = null;

  const take = (bytes: Uint8Array) => {
    const frames = reader.push(bytes);
    if (frames === null) onTrouble(NOT_UNDERSTOOD);
    else for (const frame of frames) onFrame(frame);
  };
  const greeted = (text: string, rest: Uint8Array) => {
    const welcome = parseWelcome(text);
    if (!welcome.ok) return onTrouble(welcome.why);
    const { coordtui, version } = welcome.value;
    if (coordtui !== PROTOCOL) return onTrouble(`the room runs ${version}, this is ${VERSION}; restart it: coordtui stop, then coordtui`);
    ({ pid } = welcome.value);
    for (const frame of early.splice(0)) socket.write(frame);
    take(rest);
  };
  socket.on('data', (chunk: Buffer) => {
    if (pid !== null) return take(chunk);
    const all = Buffer.concat([line, chunk]);
    const newline = all.indexOf(10);
    line = all;
    if (newline >= 0) greeted(all.subarray(0, newline).toString(), all.subarray(newline + 1));
    else if (all.length > MAX_LINE_BYTES) onTrouble(NOT_UNDERSTOOD);
  });
  socket.write(`${JSON.stringify(hello)}\n`);
  return {
    send(frame) {
      if (pid !== null) socket.write(frame);
      else early.push(frame);
    },
    pid: () => pid,
  };
}
