/** Where the room of a workspace listens, and which rooms this user has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootId } from '../store/lock-info.ts';
import { socketAddress, workspacePaths } from '../workspace/paths.ts';

/** The lock file is the address book: it also leads to a room that was started under another TMPDIR. */
export function socketOf(root: string): string {
  const paths = workspacePaths(root);
  try {
    const info: unknown = JSON.parse(readFileSync(paths.lock, 'utf8'));
    if (typeof info === 'object' && info !== null && 'socket' in info && typeof info.socket === 'string' && info.socket.startsWith('/'))
      return info.socket;
  } catch (error) {
    // No lock file, or one in the instant of its first writing: the address can be computed as well.
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  const address = socketAddress(root);
  return address.ok ? address.path : '';
}

/** Which process holds the workspace, by its own word, of any version; null when that was before the machine began anew. */
export function holderOf(root: string): number | null {
  try {
    const info: unknown = JSON.parse(readFileSync(workspacePaths(root).lock, 'utf8'));
    if (typeof info !== 'object' || info === null || !('pid' in info) || typeof info.pid !== 'number') return null;
    const earlier = 'bootId' in info && typeof info.bootId === 'string' && info.bootId !== bootId();
    return earlier ? null : info.pid;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code !== undefined) return null;
    throw error;
  }
}

/** Sockets of all rooms of this user; dead ones among them. */
export function socketsOfUser(): string[] {
  const address = socketAddress('/');
  if (!address.ok) return [];
  try {
    return readdirSync(address.dir)
      .filter((name) => name.endsWith('.sock'))
      .map((name) => join(address.dir, name));
  } catch (error) {
    // Nothing there, or something else under that name: no rooms in either case.
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
}
