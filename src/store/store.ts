import { readFileSync } from 'node:fs';
import type { Entry, Store } from '../core/ports.ts';
import type { JsonObject } from '../core/tree.ts';
import { createCapture } from './capture.ts';
import type { Journal } from './journal.ts';
import type { KnownIds } from './known-ids.ts';
import type { Layout } from './layout.ts';
import { createMerging, type Origin } from './merging.ts';
import { createProjection, type ProjectionOptions } from './projection.ts';
import { createQuarantine } from './quarantine.ts';
import type { JournalRecord } from './record.ts';
import { documentOf, type Revisions } from './revisions.ts';
import { recordsOf } from './scan.ts';
import { asStoreError, StoreError } from './store-error.ts';

export type OpenStore = Store & {
  /** The fold of the journal up to `seq()`: `{document, coordinator}`. */
  tree(): JsonObject;
  readonly storeId: string;
  /** Durable records from `fromSeq` on, in order, up to the one that was last when the call was made. */
  history(fromSeq: number): AsyncIterable<JournalRecord>;
};

export type StoreParts = {
  readonly layout: Layout;
  readonly journal: Journal;
  readonly revisions: Revisions;
  readonly ids: KnownIds;
  readonly storeId: string;
  readonly tree: () => JsonObject;
  readonly guard: () => void;
  readonly release: () => void;
  readonly exchange?: ProjectionOptions['exchange'];
  readonly witness: string | null;
};

/** The port over its parts; takes over the lock and the journal, and closes both. */
export function createStore({ layout, journal, revisions, ids, storeId, tree, guard, release, exchange, witness }: StoreParts): OpenStore {
  const quarantine = createQuarantine(layout.quarantine);
  const listeners = new Set<() => void>();
  const underway = new Map<string, Promise<number>>();
  let projecting: Promise<void> = Promise.resolve();
  let closed = false;

  const document = (): JsonObject => documentOf(tree());
  const merging = createMerging({ storeId, seq: journal.seq, document, revisions });
  const capture = createCapture({
    layout,
    quarantine,
    journaled: (id) => ids.get(id) !== undefined,
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
    if (merging.origin(entry.id) === null && foreign?.kind === 'document') merging.merge(foreign);
    return merging.origin(entry.id) ?? {};
  }

  async function append(entry: Entry): Promise<number> {
    const { id } = entry;
    const known = id === null ? undefined : (ids.get(id) ?? underway.get(id));
    if (known !== undefined) return known;
    const { kind, event, ops, note } = entry;
    const appended = journal.append({ kind, id, event, ops, ...(note === undefined ? {} : { note }), ...originOf(entry) });
    if (id === null) return appended;
    underway.set(id, appended);
    try {
      const seq = await appended;
      merging.forget(id);
      return seq;
    } finally {
      underway.delete(id);
    }
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
      await projection.write(document(), journal.seq());
    } catch (error) {
      throw asStoreError(error, `${layout.statusFile} cannot be written`);
    }
  }

  return {
    storeId,
    seq: journal.seq,
    tree,
    append,
    merge: merging.merge,
    project: async () => {
      guarded('the status file cannot be written', guard);
      const next = projecting.then(projectNow, projectNow);
      projecting = next;
      await next;
    },
    capture: async () => guarded('what others wrote cannot be read', capture.drain),
    settle: async (foreign) => {
      if (ids.get(foreign.id) === undefined)
        throw new Error(`settle: there is no record of ${foreign.id}; append one first, also for what was refused`);
      capture.settle(foreign.id);
    },
    onPoke: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    history: (fromSeq) => history(journal, fromSeq),
    close: async () => {
      if (closed) return;
      closed = true;
      await capture.close();
      listeners.clear();
      await projecting.catch(() => undefined);
      await journal.close();
      release();
    },
  };
}

async function* history(journal: Journal, fromSeq: number): AsyncIterable<JournalRecord> {
  const until = journal.seq();
  const segments = [...journal.segments()];
  for (const [index, segment] of segments.entries()) {
    if ((segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY) <= fromSeq) continue;
    for (const record of recordsOf(readFileSync(segment.path), fromSeq)) {
      if (record.seq > until) return;
      yield record;
    }
  }
}
