/** A room that is halted by a signal: the kernel still takes its connections, and nobody answers them. */
import { isStopped } from '../store/stopped.ts';
import { holderOf } from './address.ts';

const LOOK_MS = 250;

/** The process that holds the workspace, when it is halted; null when it runs, or nothing holds it. */
export function stoppedHolder(root: string): number | null {
  const pid = holderOf(root);
  return pid !== null && isStopped(pid) ? pid : null;
}

/** Asks `stopped` four times a second, and tells once it names a process. The answer ends it, and has to be called. */
export function watchForStop(stopped: () => number | null, tell: (pid: number) => void): () => void {
  const timer = setInterval(() => {
    const pid = stopped();
    if (pid === null) return;
    clearInterval(timer);
    tell(pid);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

export function saidOfStopped(pid: number): { readonly message: string; readonly hint: string } {
  return { message: `the room (pid ${pid}) is stopped, and does not answer`, hint: `let it go on: kill -CONT ${pid}` };
}
