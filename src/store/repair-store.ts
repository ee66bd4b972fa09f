import { tryLock } from '../native/lock.ts';
import { ensureLayout, layoutOf } from './layout.ts';
import { readLockInfo } from './lock-info.ts';
import { type Diagnosis, diagnose, repair } from './repair.ts';

export type RepairAnswer =
  | { readonly ok: true; readonly found: Diagnosis | null }
  | { readonly ok: false; readonly code: 'held' | 'cannotWrite'; readonly message: string };

/** What is wrong with the store of a workspace (`only` looking), or its repair. No room may run over it meanwhile. */
export function repairStore(statusDir: string, only: 'look' | 'repair'): RepairAnswer {
  const layout = layoutOf(statusDir);
  try {
    ensureLayout(layout);
    const lock = tryLock(layout.lock);
    if ('unavailable' in lock) return { ok: false, code: 'cannotWrite', message: lock.unavailable };
    if ('held' in lock) {
      const holder = readLockInfo(layout.lock);
      return { ok: false, code: 'held', message: `a room${holder === null ? '' : ` (pid ${holder.pid})`} holds ${statusDir}` };
    }
    try {
      return { ok: true, found: only === 'look' ? diagnose(layout) : repair(layout) };
    } finally {
      lock.release();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return { ok: false, code: 'cannotWrite', message: (error as Error).message };
  }
}
