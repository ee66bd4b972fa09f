/** Imports nothing but what the kernel tells: the smallest client asks this, too (decision 0003). */
import { processInfo } from '../native/process.ts';

/** Whether it was halted by a signal (SIGSTOP, ctrl+z) and does nothing until somebody lets it go on; a debugger's halts end by themselves. */
export function isStopped(pid: number): boolean {
  return processInfo(pid)?.state === 'T';
}
