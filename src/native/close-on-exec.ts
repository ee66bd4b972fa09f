/** Node opens its own files so that no program it starts has them; what a package has opened is to be told so. */
import { bind } from './libc.ts';

/** The same on Linux and macOS. */
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** From now on no program that this process starts inherits the descriptor. False where that cannot be had. */
export function closeOnExec(fd: number): boolean {
  const fcntl = bind('int fcntl(int fd, int command, ...)');
  return !('unavailable' in fcntl) && fcntl.call(fd, F_SETFD, 'int', FD_CLOEXEC).value === 0;
}
