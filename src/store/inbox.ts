/** The reading side of the inbox: drops in the order of their names, each with its bytes parsed and bounded. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { type Drop, isDropId, MAX_DROP_BYTES, parseDrop } from './inbox-drop.ts';
import { beyondLimits } from './limits.ts';

export type InboxFile = { readonly path: string; readonly name: string };

export type ReadDrop = { readonly drop: Drop } | { readonly issue: string; readonly bytes: Buffer | null } | { readonly gone: true };

/** What lies in a folder, by name; nothing when the folder is not there (who drops something makes it). */
export function listFolder(dir: string): InboxFile[] {
  try {
    return readdirSync(dir)
      .sort()
      .map((name) => ({ path: `${dir}${sep}${name}`, name }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}

/** A drop was renamed into its place complete, so there is nothing to wait for: what does not parse is refused. */
export function readDrop(file: InboxFile): ReadDrop {
  const stat = lstatSync(file.path, { throwIfNoEntry: false });
  if (stat === undefined) return { gone: true };
  if (!stat.isFile()) return { issue: 'it is no file', bytes: null };
  if (stat.size > MAX_DROP_BYTES) return { issue: `${stat.size} bytes are more than ${MAX_DROP_BYTES}`, bytes: null };
  const bytes = readPlain(file.path);
  if (bytes === null) return { gone: true };
  if (!isDropId(file.name)) return { issue: 'its name is not that of a drop', bytes };
  const parsed = parseDrop(bytes.toString('utf8'));
  if ('issue' in parsed) return { issue: parsed.issue, bytes };
  const beyond = beyondLimits(parsed.drop.value, parsed.drop.path.length);
  return beyond === null ? parsed : { issue: beyond, bytes };
}

function readPlain(path: string): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
  try {
    return fstatSync(fd).isFile() ? readFileSync(fd) : null;
  } finally {
    closeSync(fd);
  }
}
