/**
 * Streams that Ink takes for a terminal's, so that it never touches the real ones. Mount it with `debug: true`: then it
 * writes each frame whole and at once, also where `CI` is set. With `CI` set it does not listen to `resize`: render again.
 */

import { PassThrough, Writable } from 'node:stream';

export type VirtualStdout = {
  /** For Ink's `stdout` option. */
  readonly stream: NodeJS.WriteStream;
  resize(cols: number, rows: number): void;
};

/** What Ink writes beside frames: nothing at all to wait for a flush; when it goes, the cursor to be shown, or (with `CI` set) a line end. */
const NO_FRAME = /^(?:\u001b\[[0-?]*[ -/]*[@-~])*\n?$/u;

/** `onFrame` gets each frame as Ink made it, lines apart by `\n`. A frame of one row without a character is none. */
export function createVirtualStdout(size: { cols: number; rows: number }, onFrame: (frame: string) => void): VirtualStdout {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      const frame = String(chunk);
      if (!NO_FRAME.test(frame)) onFrame(frame);
      done();
    },
  });
  const terminal = Object.assign(stream, { columns: size.cols, rows: size.rows, isTTY: true });
  return {
    // The rest of a WriteStream moves a real cursor and is not used by Ink.
    stream: terminal as unknown as NodeJS.WriteStream,
    resize(cols, rows) {
      terminal.columns = cols;
      terminal.rows = rows;
      terminal.emit('resize');
    },
  };
}

/** For Ink's `stdin` option: a terminal that nobody types on. */
export function createVirtualStdin(): NodeJS.ReadStream {
  const stream = new PassThrough();
  const itself = (): PassThrough => stream;
  return Object.assign(stream, {
    isTTY: true,
    isRaw: true,
    setRawMode: itself,
    ref: itself,
    unref: itself,
  }) as unknown as NodeJS.ReadStream;
}
