/** Documents of the protocol on disk: filled from their templates, written once, never over another (PROTOCOL section 8). */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Documents } from '../core/ports.ts';
import { fill } from '../core/template.ts';
import { safeFolder } from './safe-folder.ts';

export type DocumentsOptions = {
  /** The workspace's real path: nothing is written outside of it. */
  readonly root: string;
  /** Searched in this order: the workspace's own templates, then the shipped ones. */
  readonly templateDirs: readonly string[];
};

/** In bytes; nobody writes a longer one by hand. */
const MAX_TEMPLATE_BYTES = 256 * 1024;

export type Attachments = {
  /** A file beside a document, as it stands. An error sentence, or null. */
  attach(path: string, text: string): Promise<string | null>;
};

export function createDocuments({ root, templateDirs }: DocumentsOptions): Documents & Attachments {
  return {
    async attach(path, text) {
      const folder = await safeFolder(root, path);
      return folder === null ? `${path} leads out of the workspace` : writeOnce(join(folder, basename(path)), text);
    },
    async write(path, template, values) {
      try {
        const text = await findTemplate(templateDirs, template);
        if (text === null) return `there is no template ${template}.md in ${templateDirs.join(' or ')}`;
        const filled = fill(text, values);
        if (!filled.ok) return `template ${template}.md: ${filled.error}`;
        const folder = await safeFolder(root, path);
        if (folder === null) return `${path} leads out of the workspace`;
        return await writeOnce(join(folder, basename(path)), seal(filled.text));
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

async function findTemplate(dirs: readonly string[], name: string): Promise<string | null> {
  for (const dir of dirs) {
    const text = await readTemplate(join(dir, `${name}.md`));
    if (text !== null) return text;
  }
  return null;
}

/**
 * null when there is none. An agent may lay anything where an override belongs: a pipe must not hang the room, nor a
 * flood fill it. Rejects with a sentence when what lies there is no readable text.
 */
async function readTemplate(file: string): Promise<string | null> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Without O_NONBLOCK, opening a pipe waits for somebody who writes.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return null;
    throw error;
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${file} is not a regular file`);
    if (found.size > MAX_TEMPLATE_BYTES) throw new Error(`${file} has ${found.size} bytes, and ${MAX_TEMPLATE_BYTES} are the limit`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** The digest covers the body below the front matter, since the status in it is edited later. */
function seal(text: string): string {
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 4) : -1;
  if (end < 0) return text;
  const body = text.slice(end + 5);
  return `${text.slice(0, end)}\nsha256: ${createHash('sha256').update(body).digest('hex')}${text.slice(end)}`;
}

/**
 * Never over another file. One that begins as this document does was begun by a room that was killed at it: it is
 * finished, and when it is whole nothing is left to do. null, or why it was not written.
 */
async function writeOnce(file: string, text: string): Promise<string | null> {
  const bytes = Buffer.from(text);
  const { handle, made } = await openNew(file);
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > bytes.length) return `${file} exists already: it is left as it is`;
    const before = made ? Buffer.alloc(0) : await handle.readFile();
    if (!bytes.subarray(0, before.length).equals(before)) return `${file} exists already: it is left as it is`;
    await handle.write(bytes, before.length, bytes.length - before.length, before.length);
    await handle.sync();
    return null;
  } finally {
    await handle.close();
  }
}

async function openNew(file: string): Promise<{ handle: Awaited<ReturnType<typeof open>>; made: boolean }> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return { handle: await open(file, flags | constants.O_CREAT | constants.O_EXCL, 0o644), made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { handle: await open(file, flags), made: false };
  }
}
