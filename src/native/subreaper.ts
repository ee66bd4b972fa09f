import { readdirSync, readFileSync } from 'node:fs';
import { bind } from './libc.ts';
import { allProcesses, processInfo } from './process.ts';

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/**
 * From now on every orphan among our descendants becomes our child instead of init's, so that nothing which a
 * session started can leave its ancestry (PROTOCOL section 1). Linux only; false where it cannot be had.
 */
export function becomeSubreaper(): boolean {
  if (process.platform !== 'linux') return false;
  const prctl = bind('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  return !('unavailable' in prctl) && prctl.call(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0).value === 0;
}

/**
 * Reaps the dead orphans that a subreaper inherits. A zombie that is still there at the second of two looks
 * belongs to nobody here: libuv reaps its children in the poll phase that lies between two timers, node-pty at
 * once in a thread of its own. Only exactly that pid is waited for, never "any child".
 */
export function startReaper({ intervalMs }: { readonly intervalMs: number }): { close(): void } {
  const waitpid = bind('int waitpid(int pid, void *status, int options)');
  if ('unavailable' in waitpid || process.platform !== 'linux') return { close: () => undefined };
  let seen = new Map<number, number>();
  const timer = setInterval(() => {
    const now = new Map<number, number>();
    for (const pid of childrenOfSelf()) {
      const info = processInfo(pid);
      if (info?.state !== 'Z' || info.ppid !== process.pid) continue;
      // The start time tells a second process with a used-again pid from the first.
      if (seen.get(pid) === info.startTicks) waitpid.call(pid, null, WNOHANG);
      else now.set(pid, info.startTicks);
    }
    seen = now;
  }, intervalMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** Every thread has its own list of children; kernels built without these lists cost a walk over all processes. */
function childrenOfSelf(): number[] {
  try {
    const found: number[] = [];
    for (const thread of readdirSync('/proc/self/task')) {
      const list = readFileSync(`/proc/self/task/${thread}/children`, 'utf8');
      for (const word of list.split(' ')) if (word !== '') found.push(Number(word));
    }
    return found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return allProcesses().flatMap((info) => (info.ppid === process.pid ? [info.pid] : []));
  }
}
