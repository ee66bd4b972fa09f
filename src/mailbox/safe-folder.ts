/** Where a document may be written: below the workspace, whatever an agent has laid there. */
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

/** Made a level at a time, so that no link planted by an agent is followed out of the workspace. */
export async function safeFolder(root: string, path: string): Promise<string | null> {
  if (isAbsolute(path) || path.split('/').includes('..') || ['', '.'].includes(basename(path))) return null;
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
