/** Who holds a workspace, asked from outside; whoever opens the store finds out by taking the lock. */
import { existsSync } from 'node:fs';
import { tryLock } from '../native/lock.ts';
import { type LockInfo, readLockInfo } from './lock-info.ts';
import { isStopped } from './stopped.ts';

export type Holder = {
  /** null: it has not said yet who it is. */
  readonly info: LockInfo | null;
  /** It was halted by a signal (SIGSTOP, ctrl+z) and answers nobody until somebody lets it go on. */
  readonly stopped: boolean;
};

/** null: nobody. */
export function lockHolder(lock: string): Holder | null {
  // A workspace without one has no room, and is not given one by a question.
  if (!existsSync(lock)) return null;
  const tried = tryLock(lock);
  if ('fd' in tried) tried.release();
  if (!('held' in tried)) return null;
  const info = readLockInfo(lock);
  return { info, stopped: info !== null && isStopped(info.pid) };
}

/** For whoever asks a holder that does not answer. */
export function whatToDo({ info, stopped }: Holder): string {
  return info !== null && stopped ? `it is stopped; let it go on: kill -CONT ${info.pid}` : 'it is starting: ask again in a moment';
}

export function heldBy(statusDir: string, info: LockInfo | null): string {
  const who = info === null ? 'another process' : `process ${info.pid} on ${info.host}, since ${info.since}`;
  return `${statusDir} is held by ${who}`;
}
