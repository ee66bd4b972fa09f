import { constants } from 'node:os';
import { bind } from './libc.ts';

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;
const RENAME_SWAP = 2;

export type Exchanged = 'done' | 'absent' | { readonly unavailable: string };

/**
 * Swaps what two paths name, in one step of the file system, so that what was displaced is in our hands
 * afterwards. `absent`: one of the two does not exist. `unavailable` (an old kernel, a file system that cannot):
 * the caller takes the longer way round.
 */
export function exchange(a: string, b: string): Exchanged {
  const called = process.platform === 'darwin' ? darwinSwap(a, b) : linuxExchange(a, b);
  if ('unavailable' in called) return called;
  if (called.value === 0) return 'done';
  if (called.errno === constants.errno.ENOENT) return 'absent';
  return { unavailable: `the exchange of ${a} and ${b} failed with errno ${called.errno}` };
}

function linuxExchange(a: string, b: string) {
  const renameat2 = bind('int renameat2(int from, const char *a, int to, const char *b, unsigned int flags)');
  return 'unavailable' in renameat2 ? renameat2 : renameat2.call(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

function darwinSwap(a: string, b: string) {
  const renamex = bind('int renamex_np(const char *a, const char *b, unsigned int flags)');
  return 'unavailable' in renamex ? renamex : renamex.call(a, b, RENAME_SWAP);
}
