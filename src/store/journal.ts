/**
 * The appending side of the journal. One write and one fdatasync per batch: what arrives while a sync runs
 * waits for the next one. Nothing is acknowledged before fdatasync has answered.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type FileHandle, open, stat, unlink } from 'node:fs/promises';
import type { JsonObject } from '../core/tree.ts';
import { encode, formatSnapshot, formatStep, type Snapshot, type Step } from './record.ts';
import { type JournalEnd, type Segment, segmentPath } from './segments.ts';
import { isBarred, isFull, StoreError } from './store-error.ts';
import { syncFolder } from './sync-folder.ts';

type Draft = Omit<Step, 'v' | 'seq' | 't'>;

export type JournalOptions = {
  readonly dir: string;
  readonly storeId: string;
  /** The tree as of the last durable record: what a new segment begins with. */
  readonly tree: () => JsonObject;
  /** Called in order with every durable record, before its `append` resolves. */
  readonly adopt: (record: Step) => void;
  /** Called with the snapshot that a new segment begins with, once it is durable. */
  readonly onSnapshot: (record: Snapshot) => void;
  /** Throws a StoreError when this process may no longer write; asked before every batch. */
  readonly guard: () => void;
  /** A segment that has reached either is closed; tests make them small. */
  readonly segmentBytes?: number;
  readonly segmentRecords?: number;
  /** Closed segments beyond so many bytes go when a new one begins. */
  readonly keepBytes?: number;
};

export type Journal = {
  seq(): number;
  segments(): readonly Segment[];
  /**
   * Resolves with the last one's seq once all are durable, in one write and with nothing between them. Rejects with StoreError
   * `full` (a later append may succeed), `fenced` or `unavailable` (none will); then nothing of it is there.
   */
  append(drafts: readonly Draft[]): Promise<number>;
  /** Waits for what was appended, then closes the file. */
  close(): Promise<void>;
};

type Waiting = { readonly contents: readonly string[]; readonly resolve: (seq: number) => void; readonly reject: (error: unknown) => void };

const SEGMENT_BYTES = 16 * 1024 * 1024;
const SEGMENT_RECORDS = 50_000;
/** Some four million records: months of work. */
const KEEP_BYTES = 1024 * 1024 * 1024;
/** However small the limit, so many closed segments stay: what was edited from their revisions can still be merged. */
const KEEP_SEGMENTS = 2;

/** Opens the last segment for appending, or begins the first one; then the snapshot in it is durable. */
export async function openJournal(options: JournalOptions, found: JournalEnd, known: readonly Segment[]): Promise<Journal> {
  const { dir, segmentBytes = SEGMENT_BYTES, segmentRecords = SEGMENT_RECORDS, keepBytes = KEEP_BYTES } = options;
  const segments = [...known];
  const sizes = new Map(known.map(({ path }) => [path, statSync(path).size]));
  /** Of the open segment, as far as it is durable: what the next one vouches for. */
  let hash = createHash('sha256');
  if (found.segment !== null) hash.update(readFileSync(found.segment.path));
  let end = found;
  let file: FileHandle | null = end.segment === null ? null : await open(end.segment.path, 'r+');
  let inode = file === null ? null : (await file.stat({ bigint: true })).ino;
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let dead: StoreError | null = null;

  /** One write, one sync. `lines` go behind `end`; on any error the file is as long as before, or the journal is dead. */
  async function commit(lines: string): Promise<void> {
    const handle = file;
    if (handle === null) throw new Error('journal: there is no open segment');
    const bytes = Buffer.from(lines);
    try {
      await writeAll(handle, bytes, end.bytes);
    } catch (error) {
      if (!isFull(error)) throw fatal(error, 'cannot write');
      await handle.truncate(end.bytes).catch((again: unknown) => {
        throw fatal(again, 'cannot take back a half-written record');
      });
      throw new StoreError('full', `the disk is full: ${end.segment?.path ?? dir}`);
    }
    // After a failed sync nobody knows what is on the disk, and a second one may answer "fine" without looking.
    await handle.datasync().catch((error: unknown) => {
      throw fatal(error, 'cannot sync');
    });
    hash.update(bytes);
  }

  function fatal(error: unknown, doing: string): StoreError {
    dead =
      error instanceof StoreError
        ? error
        : new StoreError('unavailable', `the journal ${doing} (${end.segment?.path ?? dir}): ${(error as Error).message}`);
    return dead;
  }

  async function nextSegment(t: string): Promise<void> {
    const number = (end.segment?.number ?? 0) + 1;
    const path = segmentPath(dir, number);
    const oldest = oldestToKeep();
    const closing = end.segment === null ? {} : { seal: { bytes: end.bytes, sha256: hash.copy().digest('hex') } };
    const snapshot = { storeId: options.storeId, prev: end.h, oldest, ...closing, tree: options.tree() };
    const { line, h } = encode(end.seq + 1, t, formatSnapshot(snapshot), end.h);
    let fresh: FileHandle | null = null;
    try {
      fresh = await open(path, 'wx', 0o600);
      const bytes = Buffer.from(line);
      await writeAll(fresh, bytes, 0);
      await fresh.sync();
      await syncFolder(dir);
      inode = (await fresh.stat({ bigint: true })).ino;
    } catch (error) {
      await fresh?.close();
      // A file that stayed would be taken for the segment that follows.
      if (fresh !== null) await unlink(path).catch((again: unknown) => Promise.reject(fatal(again, 'cannot remove an unfinished segment')));
      if (isFull(error)) throw new StoreError('full', `the disk is full: ${path}`);
      if (fresh === null && isBarred(error))
        throw new StoreError('full', `${path} may not be written: ${(error as NodeJS.ErrnoException).code}`);
      throw fatal(error, 'cannot begin a segment');
    }
    await file?.close();
    file = fresh;
    hash = createHash('sha256').update(line);
    if (end.segment !== null) sizes.set(end.segment.path, end.bytes);
    const segment = { path, number, firstSeq: end.seq + 1 };
    segments.push(segment);
    end = { segment, bytes: Buffer.byteLength(line), records: 1, seq: end.seq + 1, h };
    options.onSnapshot({ v: 1, seq: end.seq, t, kind: 'snapshot', storeId: options.storeId, tree: options.tree() });
    await removeOlder(oldest);
  }

  function oldestToKeep(): number {
    let bytes = 0;
    for (let index = segments.length - 1; index > 0; index--) {
      bytes += sizes.get(segments[index]?.path ?? '') ?? 0;
      if (bytes >= keepBytes && segments.length - index >= KEEP_SEGMENTS) return segments[index]?.number ?? 1;
    }
    return segments[0]?.number ?? 1;
  }

  /** Only once the new snapshot, which says so, is durable. What cannot be removed now is found, and allowed, at every start. */
  async function removeOlder(oldest: number): Promise<void> {
    while ((segments[0]?.number ?? oldest) < oldest) {
      const [gone] = segments.splice(0, 1);
      if (gone === undefined) return;
      sizes.delete(gone.path);
      await unlink(gone.path).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      });
    }
  }

  async function guard(): Promise<void> {
    if (dead !== null) throw dead;
    try {
      options.guard();
      if (end.segment === null) return;
      const there = await stat(end.segment.path, { bigint: true });
      if (there.ino !== inode) throw new StoreError('unavailable', `the journal was replaced: ${end.segment.path}`);
    } catch (error) {
      throw fatal(error, 'is gone');
    }
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    await guard();
    const t = new Date().toISOString();
    if (end.segment === null || end.bytes >= segmentBytes || end.records >= segmentRecords) await nextSegment(t);
    const records: Step[] = [];
    let lines = '';
    let { h, seq } = end;
    for (const content of batch.flatMap(({ contents }) => contents)) {
      const encoded = encode(seq + 1, t, content, h);
      ({ h } = encoded);
      seq += 1;
      lines += encoded.line;
      // What memory holds is read back from the text, so that it is to the letter what a recovery would find.
      records.push(JSON.parse(encoded.line) as Step);
    }
    await commit(lines);
    end = { segment: end.segment, bytes: end.bytes + Buffer.byteLength(lines), records: end.records + records.length, seq, h };
    for (const record of records) options.adopt(record);
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await write(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
        continue;
      }
      // A new segment's snapshot takes a number of its own, hence counting back from the end.
      let seq = end.seq - batch.reduce((sum, { contents }) => sum + contents.length, 0);
      for (const { contents, resolve } of batch) {
        seq += contents.length;
        resolve(seq);
      }
    }
    // In the same turn as the last look at `waiting`: an append in between would wait for ever.
    running = null;
  }

  if (end.segment === null) await nextSegment(new Date().toISOString());

  return {
    seq: () => end.seq,
    segments: () => segments,
    append: (drafts) =>
      new Promise((resolve, reject) => {
        if (dead !== null) throw dead;
        waiting.push({ contents: drafts.map(formatStep), resolve, reject });
        running ??= run();
      }),
    close: async () => {
      while (running !== null) await running;
      dead ??= new StoreError('unavailable', 'the store is closed');
      await file?.close();
      file = null;
    },
  };
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
