import { fstatSync, lstatSync } from 'node:fs';
import { applyOps, type JsonObject } from '../core/tree.ts';
import type { exchange } from '../native/exchange.ts';
import { tryLock } from '../native/lock.ts';
import { drawStoreId, FORMAT, readIdentity, writeIdentity } from './identity.ts';
import { type Journal, openJournal } from './journal.ts';
import { ensureLayout, type Layout, layoutOf } from './layout.ts';
import { type LockInfo, readLockInfo, writeLockInfo } from './lock-info.ts';
import type { Step } from './record.ts';
import { recover } from './recover.ts';
import { createRevisions } from './revisions.ts';
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
  const lock = tryLock(layout.lock);
  if ('unavailable' in lock) return { ok: false, code: 'unavailable', message: lock.unavailable };
  if ('held' in lock) {
    const holder = readLockInfo(layout.lock);
    const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
    return { ok: false, code: 'held', holder, message: `${options.statusDir} is held by ${who}` };
  }
  try {
    writeLockInfo(lock.fd, options.lockInfo);
    const opened = await openLocked(layout, options, lock);
    if (!opened.ok) lock.release();
    return opened;
  } catch (error) {
    lock.release();
    return unavailable(error);
  }
}

function unavailable(error: unknown): Opened {
  const told = asStoreError(error, 'the store cannot be opened');
  if (told instanceof StoreError) return { ok: false, code: 'unavailable', message: told.message };
  throw error;
}

async function openLocked(layout: Layout, options: OpenOptions, lock: { readonly fd: number; release(): void }): Promise<Opened> {
  let journal: Journal | null = null;
  const revisions = createRevisions({ kept: options.revisionsKept ?? REVISIONS_KEPT, segments: () => journal?.segments() ?? [] });
  const found = recover(layout, revisions.note);
  if ('corrupt' in found) return { ok: false, code: 'corrupt', message: found.corrupt };
  const { ids } = found;
  const storeId = found.storeId ?? drawStoreId();
  if (readIdentity(layout)?.format !== FORMAT) writeIdentity(layout, storeId);
  let tree = found.tree ?? (JSON.parse(JSON.stringify(options.initial)) as JsonObject);

  function adopt(record: Step): void {
    tree = applyOps(tree, record.ops);
    if (record.id !== null) ids.add(record.id, record.seq);
    revisions.note(record, tree);
  }

  const guard = (): void => guardLock(layout, lock.fd);
  journal = await openJournal(
    {
      dir: layout.journal,
      storeId,
      tree: () => tree,
      adopt,
      onSnapshot: (record) => revisions.note(record, tree),
      guard,
      ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
      ...(options.keepBytes === undefined ? {} : { keepBytes: options.keepBytes }),
      ...(options.segmentRecords === undefined ? {} : { segmentRecords: options.segmentRecords }),
    },
    found.end,
    found.segments,
  );
  const store = createStore({
    layout,
    journal,
    revisions,
    ids,
    storeId,
    tree: () => tree,
    guard,
    release: lock.release,
    witness: options.witness ?? null,
    ...(options.exchange === undefined ? {} : { exchange: options.exchange }),
  });
  return { ok: true, store, tree, fresh: found.tree === null, torn: found.torn };
}

/** Whoever replaced the lock file could hold a lock of its own: then we are no longer the only writer. */
function guardLock(layout: Layout, fd: number): void {
  const there = lstatSync(layout.lock, { bigint: true, throwIfNoEntry: false });
  if (there?.ino !== fstatSync(fd, { bigint: true }).ino)
    throw new StoreError('fenced', `${layout.lock} was removed or replaced: this room no longer holds the workspace`);
}
