/** Where a check may work and leave its report: inside the judged tree, links resolved. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

export type Found = { readonly path: string } | { readonly refused: string };

/** A directory below `root` (a real path), or why it is none. */
export async function directoryInside(root: string, way: string): Promise<Found> {
  const found = await inside(root, way);
  if ('refused' in found) return { refused: `cwd ${found.refused}` };
  return (await stat(found.path)).isDirectory() ? found : { refused: `cwd ${way} is no directory` };
}

/** A file below `root` that need not exist yet, nor its directory. */
export async function fileInside(root: string, way: string): Promise<Found> {
  const folder = await inside(root, dirname(way));
  if ('refused' in folder) return folder.refused.endsWith('does not exist') ? { path: join(root, way) } : folder;
  return { path: join(folder.path, basename(way)) };
}

async function inside(root: string, way: string): Promise<Found> {
  const lexical = relative(root, join(root, way));
  if (isAbsolute(way) || leaves(lexical)) return { refused: `${way} leaves the judged tree` };
  try {
    const path = await realpath(join(root, way));
    return leaves(relative(root, path)) ? { refused: `${way} leaves the judged tree` } : { path };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { refused: code === 'ENOENT' || code === 'ENOTDIR' ? `${way} does not exist` : `${way} cannot be entered (${code})` };
  }
}

function leaves(way: string): boolean {
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/** Tells one version of a file from the next: no writer can leave the change time as it was. */
export async function versionOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, ctimeNs } = await lstat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${ctimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
