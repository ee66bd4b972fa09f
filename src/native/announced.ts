/**
 * The kernel's own word, by a signal, that something can be read from a terminal, or written to it again. A stream of
 * Node's would read whatever is there; this leaves it there, so that the reader can look first whose it is.
 */
import { bind } from './libc.ts';

/** Linux, as on x64 and arm64. */
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;
const O_ASYNC = 0o20000;
/** Not SIGIO: that ends a process which does not listen, and packages that listen for ends (Ink's) take it for one. */
const SIGURG = 23;

const listeners = new Set<() => void>();

const hear = (): void => {
  for (const listener of [...listeners]) listener();
};

/**
 * From now on `ready` is called when `fd`, opened for reading and writing, has something to read, or room again after a
 * write that did not fit. The signal does not say which terminal: whoever listens tries. It is given once for what comes,
 * so everything has to be read. Answers the stop, to be called before `fd` is closed; null where it cannot be had.
 */
export function announce(fd: number, ready: () => void): (() => void) | null {
  if (process.platform !== 'linux') return null;
  const fcntl = bind('int fcntl(int fd, int command, ...)');
  if ('unavailable' in fcntl) return null;
  const set = (command: number, value: number): boolean => fcntl.call(fd, command, 'int', value).value >= 0;
  // Its owner first, or the signal would go to those who sit at that terminal.
  if (!set(F_SETOWN, process.pid) || !set(F_SETSIG, SIGURG) || !set(F_SETFL, O_RDWR | O_NONBLOCK | O_ASYNC)) return null;
  if (listeners.size === 0) process.on('SIGURG', hear);
  listeners.add(ready);
  return () => {
    listeners.delete(ready);
    if (listeners.size === 0) process.off('SIGURG', hear);
    set(F_SETFL, O_RDWR | O_NONBLOCK);
  };
}
