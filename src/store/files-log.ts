/** The log as files: the journal, what ids it holds, and the lock that makes this process its one writer. */
import { fstatSync, lstatSync, readFileSync } from 'node:fs';
import { applyOps, type JsonObject } from '../core/tree.ts';
import { drawStoreId, FORMAT, readIdentity, writeIdentity } from './identity.ts';
import { type Journal, type JournalOptions, openJournal } from './journal.ts';
import type { KnownIds } from './known-ids.ts';
import type { Layout } from './layout.ts';
import type { Log, LogEntry } from './log.ts';
import type { JournalRecord } from './record.ts';
import { recover } from './recover.ts';
import { recordsOf } from './scan.ts';
import type { Segment } from './segments.ts';
import { StoreError } from './store-error.ts';

export type HeldLock = { readonly fd: number; release(): void };

export type FilesLogOptions = {
  readonly layout: Layout;
  /** Ours from here on: given back when the log is closed. */
  readonly lock: HeldLock;
  /** The tree that a new log begins with. */
  readonly initial: JsonObject;
  /** Hears every record that memory shall know, with the tree after it: the newest of the past, then each that is written. */
  readonly onRecord: (record: JournalRecord, tree: JsonObject) => void;
} & Pick<JournalOptions, 'segmentBytes' | 'segmentRecords' | 'keepBytes'>;

export type OpenedFilesLog =
  | {
      readonly ok: true;
      readonly log: Log;
      readonly storeId: string;
      /** Throws when this process may no longer write. */
      readonly guard: () => void;
      readonly segments: () => readonly Segment[];
      readonly fresh: boolean;
      readonly torn: string | null;
    }
  | { readonly ok: false; readonly message: string };

/** Verifies and folds the journal; not ok: it is damaged. Throws the system's errors. */
export async function openFilesLog(options: FilesLogOptions): Promise<OpenedFilesLog> {
  const { layout, lock, onRecord, segmentBytes, segmentRecords, keepBytes } = options;
  const found = recover(layout, onRecord);
  if ('corrupt' in found) return { ok: false, message: found.corrupt };
  const { ids } = found;
  const storeId = found.storeId ?? drawStoreId();
  if (readIdentity(layout)?.format !== FORMAT) writeIdentity(layout, storeId);
  let tree = found.tree ?? (JSON.parse(JSON.stringify(options.initial)) as JsonObject);
  const guard = (): void => guardLock(layout, lock.fd);
  const journal = await openJournal(
    {
      dir: layout.journal,
      storeId,
      tree: () => tree,
      adopt: (record) => {
        tree = applyOps(tree, record.ops);
        if (record.id !== null) ids.add(record.id, record.seq);
        onRecord(record, tree);
      },
      onSnapshot: (record) => onRecord(record, tree),
      guard,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
      ...(segmentRecords === undefined ? {} : { segmentRecords }),
      ...(keepBytes === undefined ? {} : { keepBytes }),
    },
    found.end,
    found.segments,
  );
  const log = createLog({ journal, ids, tree: () => tree, release: lock.release });
  return { ok: true, log, storeId, guard, segments: journal.segments, fresh: found.tree === null, torn: found.torn };
}

/** Whoever replaced the lock file could hold a lock of its own: then we are no longer the only writer. */
function guardLock(layout: Layout, fd: number): void {
  const there = lstatSync(layout.lock, { bigint: true, throwIfNoEntry: false });
  if (there?.ino !== fstatSync(fd, { bigint: true }).ino)
    throw new StoreError('fenced', `${layout.lock} was removed or replaced: this room no longer holds the workspace`);
}

type Parts = { readonly journal: Journal; readonly ids: KnownIds; readonly tree: () => JsonObject; readonly release: () => void };

function createLog({ journal, ids, tree, release }: Parts): Log {
  /** Ids whose records are being written. */
  const underway = new Map<string, Promise<number>>();
  let writing = 0;
  let closed = false;
  const news = new Set<() => void>();

  async function write(drafts: readonly LogEntry[]): Promise<number> {
    writing += 1;
    try {
      return await journal.append(drafts);
    } finally {
      writing -= 1;
    }
  }

  /** What is new among them is handed over in one piece, so that it shares one write and nothing comes between. */
  async function all(entries: readonly LogEntry[]): Promise<number> {
    const fresh: LogEntry[] = [];
    const places = new Map<string, number>();
    for (const entry of entries) {
      const { id } = entry;
      if (id !== null && (ids.get(id) !== undefined || underway.has(id) || places.has(id))) continue;
      if (id !== null) places.set(id, fresh.length);
      fresh.push(entry);
    }
    const written = fresh.length === 0 ? Promise.resolve(journal.seq()) : write(fresh);
    for (const [id, place] of places)
      underway.set(
        id,
        written.then((last) => last - (fresh.length - 1 - place)).finally(() => underway.delete(id)),
      );
    const numbers = await Promise.all(entries.map(({ id }) => (id === null ? written : (ids.get(id) ?? underway.get(id)))));
    return numbers.at(-1) ?? (await written);
  }

  async function* since(seq: number, follow: boolean): AsyncIterable<JournalRecord> {
    let last = seq;
    for (;;) {
      const until = journal.seq();
      for (const record of recordsBetween(journal, last, until)) {
        yield record;
        last = record.seq;
      }
      if (!follow || closed) return;
      if (journal.seq() === until) await new Promise<void>((resolve) => news.add(resolve));
    }
  }

  /** Who is told may wait again before the next one has heard. */
  function tellNews(): void {
    const told = [...news];
    news.clear();
    for (const tell of told) tell();
  }

  return {
    seq: journal.seq,
    seqOf: ids.get,
    append: async (entries, options = {}) => {
      if (closed) throw new StoreError('unavailable', 'the store is closed');
      if (options.ifSeq !== undefined && (writing > 0 || options.ifSeq !== journal.seq()))
        throw new StoreError(
          'conflict',
          `the log is at ${journal.seq()}${writing > 0 ? ' and being written' : ''}, not at ${options.ifSeq}`,
        );
      const last = await all(entries);
      tellNews();
      return last;
    },
    since: (seq, { follow = false } = {}) => since(seq, follow),
    snapshot: () => ({ seq: journal.seq(), tree: tree() }),
    close: async () => {
      if (closed) return;
      closed = true;
      await journal.close();
      release();
      tellNews();
    },
  };
}

function* recordsBetween(journal: Journal, after: number, until: number): Generator<JournalRecord> {
  const segments = [...journal.segments()];
  for (const [index, segment] of segments.entries()) {
    if ((segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY) <= after + 1) continue;
    for (const record of recordsOf(readFileSync(segment.path), after + 1)) {
      if (record.seq > until) return;
      yield record;
    }
  }
}
