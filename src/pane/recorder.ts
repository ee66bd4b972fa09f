/**
 * What one session shows, as it goes by, into a ring of files. Never in the way: output is taken in memory up to a limit,
 * written when the disk can, and beyond the limit (a flood, a slow disk) the screen itself is kept every so often instead
 * of every byte that went over it. Whatever the disk refuses ends the recording, with one sentence.
 */
import type { FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Terminal } from '@xterm/headless';
import { type CastCode, castEvent, castHeader, sizeText } from './cast.ts';
import { createGround } from './ground.ts';
import { keyframe } from './keyframe.ts';
import { beginPart, partBytes, prepareFolder, prune, type Ring } from './recording-files.ts';

export type RecorderOptions = {
  readonly terminal: Terminal;
  readonly folder: string;
  readonly ring: Ring;
  readonly title: string;
  /** Begins the recording: why there is a new one. */
  readonly mark: string;
  /** The recording before it in the same folder is whole: who follows leaves a file for the next one at its end. */
  readonly after?: Promise<void> | undefined;
  /** More of it is in the files. */
  readonly onWritten: () => void;
  readonly onTrouble: (why: string) => void;
};

export type Recorder = {
  /** After the terminal has taken them. */
  output(bytes: Uint8Array): void;
  mark(text: string): void;
  /** Resolves when what was taken so far is written, or never will be. */
  flushed(): Promise<void>;
  close(mark: string): Promise<void>;
};

const FLUSH_MS = 250;
/** In memory, and so at most this much in `FLUSH_MS`. */
const TAKEN_AT_MOST = 128 * 1024;

/** Of a flood that goes on, its screen is kept more and more rarely: so many times `FLUSH_MS` at most. */
const RAREST = 4;

type Batch = { readonly startsAt: number | null; readonly bytes: Buffer };

/** Later than any file that was begun before, also when the clock has been set back. */
let newest = 0;

export function createRecorder(options: RecorderOptions): Recorder {
  const { terminal, folder, ring, title, onTrouble } = options;
  const decoder = new StringDecoder('utf8');
  const ground = createGround();
  const full = partBytes(ring);
  let text = '';
  let begins: number | null = null;
  let startsAt = 0;
  let zero = 0;
  let partSize = 0;
  /** Since the last screen that was kept whole, output was left out. */
  let leftOut = false;
  /** How long that has been so, and how long it may be, in turns of the timer. */
  let waited = 0;
  let patience = 1;
  let over = false;
  let timer: NodeJS.Timeout | null = null;
  let file: FileHandle | null = null;
  let writing: Promise<void> = (options.after ?? Promise.resolve()).then(() => prepareFolder(folder)).catch(fail);
  let behind = 0;
  let broken = false;

  function fail(error: unknown): void {
    if (broken) return;
    broken = true;
    stop();
    onTrouble(error instanceof Error ? error.message : String(error));
  }

  function stop(): void {
    over = true;
    text = '';
    resized.dispose();
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  const event = (code: CastCode, data: string): void => {
    text += castEvent((performance.now() - zero) / 1000, code, data);
    timer ??= setTimeout(tick, FLUSH_MS);
  };

  /** A file of its own, and what the screen shows at its beginning. */
  const begin = (): void => {
    send();
    startsAt = newest = Math.max(Date.now(), newest + 1);
    zero = performance.now();
    begins = startsAt;
    partSize = 0;
    text = castHeader({ width: terminal.cols, height: terminal.rows, startsAt, title });
    whole();
  };

  const whole = (): void => {
    leftOut = false;
    // What was halved in it stands whole in the screen.
    decoder.end();
    event('o', keyframe(terminal));
  };

  /** Hands what was taken to the disk; what it has not taken yet stands before it. */
  const send = (): void => {
    if (text === '') return;
    const batch: Batch = { startsAt: begins, bytes: Buffer.from(text) };
    partSize += batch.bytes.length;
    text = '';
    begins = null;
    behind++;
    writing = writing
      .then(() => (broken ? undefined : put(batch)))
      .catch(fail)
      .finally(() => {
        behind--;
      });
  };

  const put = async (batch: Batch): Promise<void> => {
    if (batch.startsAt !== null) {
      await file?.close();
      file = null;
      await prune(folder, ring, Date.now());
      file = await beginPart(folder, batch.startsAt);
    }
    await file?.appendFile(batch.bytes);
    options.onWritten();
  };

  const tick = (): void => {
    timer = null;
    waited = leftOut ? waited + 1 : 0;
    if (!leftOut) patience = 1;
    else if (waited >= patience && behind === 0 && ground.here) {
      waited = 0;
      patience = Math.min(2 * patience, RAREST);
      if (partSize >= full) begin();
      else whole();
    }
    if (behind === 0) send();
    if (text !== '' || leftOut) timer ??= setTimeout(tick, FLUSH_MS);
  };

  const resized = terminal.onResize(({ cols, rows }) => {
    event('r', sizeText(cols, rows));
  });

  begin();
  event('m', options.mark);

  return {
    output(bytes) {
      if (over) return;
      ground.push(bytes);
      if (leftOut) return;
      if (partSize + text.length >= full && ground.here && behind === 0) {
        begin();
        return;
      }
      if (text.length + bytes.length > TAKEN_AT_MOST) {
        leftOut = true;
        return;
      }
      const data = shown(decoder.write(bytes as Buffer), bytes);
      if (data !== '') event('o', data);
    },
    mark(words) {
      if (!over && text.length < 2 * TAKEN_AT_MOST) event('m', words);
    },
    async flushed() {
      if (!over) {
        if (leftOut && ground.here) whole();
        send();
      }
      await writing;
    },
    async close(mark) {
      if (!over) {
        if (leftOut) whole();
        event('m', mark);
        send();
      }
      stop();
      await writing;
      await file?.close().catch(() => {
        // What could not be closed was told when it could not be written.
      });
      file = null;
    },
  };
}

const REPLACEMENT = Buffer.from('\ufffd');

/** Bytes that are no character are not shown by terminals, so no sign may stand in their place. */
function shown(text: string, bytes: Uint8Array): string {
  return text.includes('\ufffd') && !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(REPLACEMENT)
    ? text.replaceAll('\ufffd', '')
    : text;
}
