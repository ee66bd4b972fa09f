/**
 * The store, whose invariants are these (each is held in the file that is named):
 * 1. Acknowledged means: a record with that id is in the journal and fdatasync has answered, its folder synced when the file is new (`journal.ts`).
 * 2. The status file's revision is never ahead of the last durable record (`projection.ts` writes only what the log folds to).
 * 3. The state at a revision is the fold of the records up to it, so every base can be had again (`revisions.ts`).
 * 4. An id is applied once; its file goes only when its record is durable (`files-log.ts`, `capture.ts`).
 * 5. No foreign file is destroyed that was not taken in: exchanged first, then looked at (`projection.ts`, `swap.ts`).
 * 6. Numbers have no gaps and hashes chain; the one leap is that of a repair. One writer: who holds the lock (`scan.ts`, `files-log.ts`).
 * 7. A failed sync is final until the next start; a full disk, or a folder closed to us, is not: cut back, wait, acknowledge nothing (`journal.ts`).
 * 8. What others wrote can be refused, never stop the room, and is met once (`eye.ts`, `quarantine.ts`).
 */
import type { Entry, Store } from '../core/ports.ts';
import type { Json, JsonObject, Path } from '../core/tree.ts';
import { createCapture } from './capture.ts';
import { lastBeforeDeleted } from './deleted.ts';
import type { Layout } from './layout.ts';
import type { Log } from './log.ts';
import { createMerging, type Origin } from './merging.ts';
import { createProjection, type ProjectionOptions } from './projection.ts';
import { createQuarantine } from './quarantine.ts';
import type { JournalRecord } from './record.ts';
import { documentOf, type Revisions } from './revisions.ts';
import { asStoreError, StoreError, withoutPlace } from './store-error.ts';

export type OpenStore = Store & {
  /** The fold of the journal up to `seq()`: `{document, coordinator}`. */
  tree(): JsonObject;
  readonly storeId: string;
  /** Durable records from `fromSeq` on, in order, up to the one that was last when the call was made. */
  history(fromSeq: number): AsyncIterable<JournalRecord>;
  /** What stood at this path of the tree before it was last deleted; undefined: the journal does not know, or no longer. */
  deleted(path: Path): Promise<Json | undefined>;
};

export type StoreParts = {
  readonly layout: Layout;
  readonly log: Log;
  readonly revisions: Revisions;
  readonly storeId: string;
  readonly guard: () => void;
  readonly exchange?: ProjectionOptions['exchange'];
  readonly witness: string | null;
};

/** The port over its parts; takes over the log, and closes it. */
export function createStore({ layout, log, revisions, storeId, guard, exchange, witness }: StoreParts): OpenStore {
  const quarantine = createQuarantine(layout.quarantine);
  const listeners = new Set<() => void>();
  let projecting: Promise<void> = Promise.resolve();
  let closed = false;

  const tree = (): JsonObject => log.snapshot().tree;
  const document = (): JsonObject => documentOf(tree());
  const merging = createMerging({ storeId, seq: log.seq, document, revisions });
  const capture = createCapture({
    layout,
    quarantine,
    journaled: (id) => log.seqOf(id) !== undefined,
    carriesNothing: merging.carriesNothing,
    witness,
    poke: () => {
      for (const listener of listeners) listener();
    },
  });
  const projection = createProjection({
    layout,
    storeId,
    quarantine,
    publish: capture.publish,
    ...(exchange === undefined ? {} : { exchange }),
  });

  /** What the journal keeps of a merged document besides its effect: without it the same edit could come twice. */
  function originOf(entry: Entry): Partial<Origin> {
    if (entry.kind !== 'ext' || entry.id === null) return {};
    const foreign = capture.pending(entry.id);
    if (merging.origin(entry.id) === null && foreign?.kind === 'document') merging.ahead().merge(foreign);
    return merging.origin(entry.id) ?? {};
  }

  async function append(...entries: readonly Entry[]): Promise<number> {
    const seq = await log.append(
      entries.map((entry) => {
        const { kind, id, event, ops, note } = entry;
        return { kind, id, event, ops, ...(note === undefined ? {} : { note }), ...originOf(entry) };
      }),
    );
    for (const { id } of entries) if (id !== null) merging.forget(id);
    return seq;
  }

  function guarded<T>(doing: string, work: () => T): T {
    if (closed) throw new StoreError('unavailable', 'the store is closed');
    try {
      return work();
    } catch (error) {
      throw asStoreError(error, doing);
    }
  }

  async function projectNow(): Promise<void> {
    try {
      await projection.write(document(), log.seq());
    } catch (error) {
      throw asStoreError(error, `${layout.statusFile} cannot be written`, withoutPlace(error));
    }
  }

  return {
    storeId,
    seq: log.seq,
    tree,
    append,
    ahead: merging.ahead,
    project: async () => {
      guarded('the status file cannot be written', guard);
      const next = projecting.then(projectNow, projectNow);
      projecting = next;
      await next;
    },
    capture: async () => guarded('what others wrote cannot be read', capture.drain),
    settle: async (foreign) => {
      if (log.seqOf(foreign.id) === undefined)
        throw new Error(`settle: there is no record of ${foreign.id}; append one first, also for what was refused`);
      capture.settle(foreign.id);
    },
    onPoke: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    history: (fromSeq) => log.since(fromSeq - 1),
    deleted: (path) => lastBeforeDeleted(layout.journal, path),
    close: async () => {
      if (closed) return;
      closed = true;
      await capture.close();
      listeners.clear();
      await projecting.catch(() => undefined);
      await log.close();
    },
  };
}
