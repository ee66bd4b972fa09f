/**
 * Documents that coordtui and the agents keep together: our lines stand between markers, and nothing outside of them is
 * ever touched (PROTOCOL section 8, logs).
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Block, KeptDocument } from '../core/logbook.ts';
import { plainLines } from '../core/plain.ts';
import { safeFolder } from './safe-folder.ts';

/** Nobody writes a longer log in a day; a longer file is left alone and told. */
const MAX_BYTES = 4 * 1024 * 1024;
const ATTEMPTS = 3;

/** Brings the document up to date. Answers null, or one sentence that says why it was left as it is. */
export async function keepDocument(root: string, document: KeptDocument): Promise<string | null> {
  const file = join(root, document.path);
  try {
    if ((await safeFolder(root, document.path)) === null) return `${document.path} leads out of the workspace`;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await readKept(file);
      if (typeof before === 'string') return before;
      const text = withBlocks(before.text ?? `# ${document.title}\n`, document.blocks);
      if (text === before.text || (await replace(file, text, before.stamp))) return null;
    }
    return `${document.path} was written by somebody else each time that it was to be brought up to date`;
  } catch (error) {
    return `${document.path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

type Stamp = string | null;

/** `text` null: there is none yet. A sentence: what lies there is not ours to touch. */
async function readKept(file: string): Promise<{ readonly text: string | null; readonly stamp: Stamp } | string> {
  const stamp = await stampOf(file);
  if (stamp === null) return { text: null, stamp };
  // Without O_NONBLOCK, opening a pipe waits for somebody who writes.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) return `${file} is no regular file`;
    if (found.size > MAX_BYTES) return `${file} has ${found.size} bytes, and ${MAX_BYTES} are the limit`;
    return { text: await readFile(handle, 'utf8'), stamp };
  } finally {
    await handle.close();
  }
}

async function stampOf(file: string): Promise<Stamp> {
  try {
    const { ino, size, mtimeMs } = await lstat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** false: somebody wrote it meanwhile, and nothing was done. */
async function replace(file: string, text: string, stamp: Stamp): Promise<boolean> {
  const swap = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}`);
  const handle = await open(swap, 'wx', 0o644);
  try {
    await handle.writeFile(text);
    await handle.close();
    if ((await stampOf(file)) !== stamp) return false;
    await rename(swap, file);
    return true;
  } finally {
    await rm(swap, { force: true });
  }
}

const begin = (name: string) => `<!-- coordtui: ${name} -->`;
const end = (name: string) => `<!-- /coordtui: ${name} -->`;

/** The text with each block brought up to date, in its place when it has one, else at the end. */
export function withBlocks(text: string, blocks: readonly Block[]): string {
  return blocks.reduce(withBlock, text);
}

function withBlock(text: string, block: Block): string {
  const lines = text.split('\n');
  const place = placeOf(lines, block.name);
  const content = (before: readonly string[]) => [begin(block.name), ...merged(block, before), end(block.name)];
  if (place !== null)
    return [...lines.slice(0, place.from), ...content(lines.slice(place.from + 1, place.to)), ...lines.slice(place.to + 1)].join('\n');
  const body = text.replace(/\n*$/u, '\n');
  return `${body}\n## ${block.heading}\n\n${content([]).join('\n')}\n`;
}

/** The last pair of markers with none of the same name between them: a marker whose partner was deleted swallows nothing. */
function placeOf(lines: readonly string[], name: string): { readonly from: number; readonly to: number } | null {
  const to = lines.lastIndexOf(end(name));
  const from = to < 0 ? -1 : lines.lastIndexOf(begin(name), to);
  return from < 0 || lines.slice(from + 1, to).includes(end(name)) ? null : { from, to };
}

function merged({ lines, grows }: Block, before: readonly string[]): string[] {
  // A line of ours that looked like a marker would end the block in the wrong place.
  const clean = lines.map((line) => plainLines(line).replaceAll('\n', ' ').replaceAll('<!--', '‹!--'));
  if (!grows) return clean;
  const known = new Set(before);
  return [...before.filter((line) => line.trim() !== ''), ...clean.filter((line) => !known.has(line))].toSorted(byTime);
}

const TIME = /^- (\d\d:\d\d:\d\d) /u;

/** Stable, so that lines of one second keep their order. */
function byTime(a: string, b: string): number {
  const [left, right] = [TIME.exec(a)?.[1] ?? '', TIME.exec(b)?.[1] ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}
