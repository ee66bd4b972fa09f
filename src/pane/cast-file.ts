/** Reading a recording: all files of one instance as one asciicast, oldest first, and what is written to them meanwhile. */
import { type FileHandle, open } from 'node:fs/promises';
import { joinCasts } from './cast.ts';
import { type Part, partsIn } from './recording-files.ts';

export type CastReader = {
  /** All whole lines that are there and have not been read yet. False: nothing was ever recorded. To be awaited before the next call. */
  readOn(): Promise<boolean>;
  close(): Promise<void>;
};

/** In bytes. Between lines: in the midst of one a character could be cut. */
const PIECE = 256 * 1024;
const NEWLINE = 10;

/** Each call of `write` has whole lines. A file that is given up in between is told to its end all the same. */
export function openCast(folder: string, write: (text: string) => void): CastReader {
  let text = '';
  const joiner = joinCasts((line) => {
    text += line;
    if (text.length >= PIECE) hand();
  });
  const hand = () => {
    if (text !== '') write(text);
    text = '';
  };
  let part: Part | null = null;
  let file: FileHandle | null = null;
  /** The beginning of a line whose end is not written yet. */
  let rest: Buffer = Buffer.alloc(0);
  const buffer = Buffer.alloc(PIECE);

  /** To the end of the file as it is now. */
  const readFile = async ({ startsAt }: Part): Promise<void> => {
    for (;;) {
      const { bytesRead } = (await file?.read(buffer, 0, PIECE, null)) ?? { bytesRead: 0 };
      if (bytesRead === 0) return;
      const all: Buffer = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = all.lastIndexOf(NEWLINE) + 1;
      rest = all.subarray(end);
      if (end > 0) joiner.add(startsAt, all.toString('utf8', 0, end - 1).split('\n'));
    }
  };
  const close = async (): Promise<void> => {
    await file?.close();
    file = null;
  };
  const begin = async (next: Part): Promise<void> => {
    await close();
    part = next;
    // What a crash has cut off is no line.
    rest = Buffer.alloc(0);
    // Given up in between, or of another's making: the rest is told all the same.
    file = await open(next.file, 'r').catch(() => null);
  };

  return {
    async readOn() {
      // Looked for first: a file that is followed by another grows no more, so its end is then its last.
      const parts = await partsIn(folder);
      if (part !== null) await readFile(part);
      for (const next of parts.filter(({ startsAt }) => part === null || startsAt > part.startsAt)) {
        await begin(next);
        await readFile(next);
      }
      hand();
      return part !== null;
    },
    close,
  };
}
