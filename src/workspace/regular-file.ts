/** Reads a file that others may have put there: a pipe, a device or a flood in its place must neither hang nor fill us. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';

export type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** @param maxBytes a larger file is unreadable. A link to a regular file is followed. */
export function readRegularFile(path: string, maxBytes: number): ReadText {
  let fd: number;
  try {
    // Without it, opening a pipe waits for somebody who writes.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return isAbsent(error) && !isDanglingLink(path)
      ? { kind: 'absent' }
      : { kind: 'unreadable', why: `cannot be opened (${reason(error)})` };
  }
  try {
    const { size } = regular(fd);
    if (size === null) return { kind: 'unreadable', why: 'is not a regular file' };
    if (size > maxBytes) return { kind: 'unreadable', why: `has ${size} bytes, and ${maxBytes} are the limit` };
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd)) };
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read (${reason(error)})` };
  } finally {
    closeSync(fd);
  }
}

function regular(fd: number): { size: number | null } {
  const found = fstatSync(fd);
  return { size: found.isFile() ? found.size : null };
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function isDanglingLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
