import { closeSync, constants, openSync } from 'node:fs';
import { constants as os } from 'node:os';
import { bind } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

export type Lock =
  | {
      /** Open for reading and writing; the lock lives as long as this descriptor. */
      readonly fd: number;
      /** Closes the descriptor and with it gives the lock back. Safe to call twice. */
      release(): void;
    }
  | { readonly held: true }
  | { readonly unavailable: string };

/**
 * flock(2), exclusive, without waiting. The kernel frees it at any death of the holder, and no clock is involved.
 * The file is made with mode 0600 and never unlinked: a second file of the same name would be a second lock.
 * Node opens with O_CLOEXEC, so a child that is started later does not keep the lock alive.
 */
export function tryLock(path: string): Lock {
  const flock = bind('int flock(int fd, int operation)');
  if ('unavailable' in flock) return flock;
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    return { unavailable: `cannot open the lock file ${path}: ${(error as Error).message}` };
  }
  const { value, errno } = flock.call(fd, LOCK_EX | LOCK_NB);
  if (value !== 0) {
    closeSync(fd);
    if (errno === os.errno.EWOULDBLOCK || errno === os.errno.EAGAIN) return { held: true };
    return { unavailable: `flock on ${path} failed with errno ${errno}` };
  }
  let open = true;
  return {
    fd,
    release: () => {
      if (!open) return;
      open = false;
      closeSync(fd);
    },
  };
}
