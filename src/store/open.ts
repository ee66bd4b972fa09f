import type { JsonObject } from '../core/tree.ts';
import type { exchange } from '../native/exchange.ts';
import { tryLock } from '../native/lock.ts';
import { type HeldLock, openFilesLog } from './files-log.ts';
import { heldBy } from './holder.ts';
import { ensureLayout, type Layout, layoutOf } from './layout.ts';
import { type LockInfo, readLockInfo, writeLockInfo } from './lock-info.ts';
import { networkFolder } from './network-folder.ts';
import { createRevisions } from './revisions.ts';
import type { Segment } from './segments.ts';
import { createStore, type OpenStore } from './store.ts';
import { asStoreError, StoreError } from './store-error.ts';

export type OpenOptions = {
  /** `<workspace>/status`. */
  readonly statusDir: string;
  /** The tree `{document, coordinator}` that a new store begins with; not looked at when there is a journal. */
  readonly initial: JsonObject;
  readonly lockInfo: LockInfo;
  /** Revisions held in memory; older ones are replayed. */
  readonly revisionsKept?: number;
  readonly segmentBytes?: number;
  readonly segmentRecords?: number;
  /** Bytes of closed segments that are kept at least; older ones go, but never one that memory still needs. */
  readonly keepBytes?: number;
  readonly exchange?: typeof exchange;
  /** Also on a network file system, at the risk of whoever says so. */
  readonly anywhere?: boolean;
  /** The built `witness-thread.ts`; without it the calling thread alone looks at the status file. */
  readonly witness?: string;
};

export type Opened =
  | {
      readonly ok: true;
      readonly store: OpenStore;
      readonly tree: JsonObject;
      /** There was no journal: it begins with `initial`. */
      readonly fresh: boolean;
      /** Where the bytes of a write that a crash interrupted were kept, if there were any. */
      readonly torn: string | null;
    }
  | { readonly ok: false; readonly code: 'held'; readonly holder: LockInfo | null; readonly message: string }
  | { readonly ok: false; readonly code: 'corrupt' | 'unavailable'; readonly message: string };

const REVISIONS_KEPT = 4_096;

/**
 * Opens the store of a workspace for its one writer and takes the lock for life. Order of a start: lock, verify
 * and fold the journal, then watch; what others wrote meanwhile comes out of the first `capture()`.
 * After every round of capture and append, call `project()`: it costs nothing when nothing changed, and it is what
 * restores a status file that somebody removed, broke or merely reformatted.
 */
export async function openStore(options: OpenOptions): Promise<Opened> {
  const layout = layoutOf(options.statusDir);
  try {
    ensureLayout(layout);
  } catch (error) {
    return unavailable(error);
  }
  const remote = options.anywhere === true ? null : networkFolder(options.statusDir);
  if (remote !== null)
    return { ok: false, code: 'unavailable', message: `${options.statusDir} lies on ${remote}, where a lock does not keep others out` };
  const lock = tryLock(layout.lock);
  if ('unavailable' in lock) return { ok: false, code: 'unavailable', message: lock.unavailable };
  if ('held' in lock) {
    const holder = readLockInfo(layout.lock);
    return { ok: false, code: 'held', holder, message: heldBy(options.statusDir, holder) };
  }
  try {
    if (options.anywhere !== true && !locksOut(layout.lock)) {
      lock.release();
      return { ok: false, code: 'unavailable', message: `locks do not keep others out where ${options.statusDir} lies` };
    }
    writeLockInfo(lock.fd, options.lockInfo);
    const opened = await openLocked(layout, options, lock);
    if (!opened.ok) lock.release();
    return opened;
  } catch (error) {
    lock.release();
    return unavailable(error);
  }
}

/** A file system may grant a lock to everybody. */
function locksOut(path: string): boolean {
  const second = tryLock(path);
  if ('fd' in second) second.release();
  return !('fd' in second);
}

function unavailable(error: unknown): Opened {
  const told = asStoreError(error, 'the store cannot be opened');
  if (told instanceof StoreError) return { ok: false, code: 'unavailable', message: told.message };
  throw error;
}

async function openLocked(layout: Layout, options: OpenOptions, lock: HeldLock): Promise<Opened> {
  let segments: () => readonly Segment[] = () => [];
  const revisions = createRevisions({ kept: options.revisionsKept ?? REVISIONS_KEPT, segments: () => segments() });
  const opened = await openFilesLog({ ...options, layout, lock, onRecord: revisions.note });
  if (!opened.ok) return { ok: false, code: 'corrupt', message: opened.message };
  const { log, storeId, guard, fresh, torn } = opened;
  ({ segments } = opened);
  const { exchange } = options;
  const store = createStore({
    layout,
    log,
    revisions,
    storeId,
    guard,
    witness: options.witness ?? null,
    ...(exchange === undefined ? {} : { exchange }),
  });
  return { ok: true, store, tree: store.tree(), fresh, torn };
}
