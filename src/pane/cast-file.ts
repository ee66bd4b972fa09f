/** Reading a recording: all files of one instance as one asciicast, oldest first. */
import { readFile } from 'node:fs/promises';
import { joinCasts } from './cast.ts';
import { partsIn } from './recording-files.ts';

/** False: nothing is recorded. Each call of `write` has whole lines. */
export async function readCast(folder: string, write: (text: string) => void): Promise<boolean> {
  const parts = await partsIn(folder);
  let text = '';
  const joiner = joinCasts((line) => {
    text += line;
    // Between lines: in the midst of one a character could be cut.
    if (text.length < PIECE) return;
    write(text);
    text = '';
  });
  for (const { file, startsAt } of parts) {
    // Given up in between, or of another's making: the rest is told all the same.
    const content = await readFile(file, 'utf8').catch(() => '');
    const lines = content.slice(0, content.lastIndexOf('\n') + 1).split('\n');
    if (lines.length < 2) continue;
    joiner.add(startsAt, lines.slice(0, -1));
  }
  if (text !== '') write(text);
  return parts.length > 0;
}

const PIECE = 256 * 1024;
