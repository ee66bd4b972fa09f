/** Documents of the protocol on disk: filled from their templates, written once, never over another (PROTOCOL section 8). */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Documents } from '../core/ports.ts';
import { fill } from '../core/template.ts';

export type DocumentsOptions = {
  /** The workspace's real path: nothing is written outside of it. */
  readonly root: string;
  /** Searched in this order: the workspace's own templates, then the shipped ones. */
  readonly templateDirs: readonly string[];
};

export function createDocuments({ root, templateDirs }: DocumentsOptions): Documents {
  return {
    async write(path, template, values) {
      try {
        const text = await findTemplate(templateDirs, template);
        if (text === null) return `there is no template ${template}.md in ${templateDirs.join(' or ')}`;
        const filled = fill(text, values);
        if (!filled.ok) return `template ${template}.md: ${filled.error}`;
        const folder = await safeFolder(root, path);
        if (folder === null) return `${path} leads out of the workspace`;
        await writeOnce(join(folder, path.slice(path.lastIndexOf('/') + 1)), seal(filled.text));
        return null;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

async function findTemplate(dirs: readonly string[], name: string): Promise<string | null> {
  for (const dir of dirs) {
    try {
      return await readFile(join(dir, `${name}.md`), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return null;
}

/** Made a level at a time, so that no link planted by an agent is followed out of the workspace. */
async function safeFolder(root: string, path: string): Promise<string | null> {
  if (isAbsolute(path) || path.split('/').includes('..')) return null;
  let here = root;
  for (const name of dirname(path)
    .split('/')
    .filter((part) => part !== '.')) {
    here = join(here, name);
    await mkdir(here, { recursive: false }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(here)).isDirectory()) return null;
  }
  const real = relative(await realpath(root), await realpath(here));
  return real.startsWith(`..${sep}`) || real === '..' || isAbsolute(real) ? null : here;
}

/** The digest covers the body below the front matter, since the status in it is edited later. */
function seal(text: string): string {
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 4) : -1;
  if (end < 0) return text;
  const body = text.slice(end + 5);
  return `${text.slice(0, end)}\nsha256: ${createHash('sha256').update(body).digest('hex')}${text.slice(end)}`;
}

async function writeOnce(file: string, text: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
