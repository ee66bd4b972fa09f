/** The log in memory: the twin of the files, for the tests that both must pass. A `place` is what would be the disk. */
import type { JsonObject } from '../../src/core/tree.ts';
import { applyOps } from '../../src/core/tree.ts';
import type { Log, LogEntry } from '../../src/store/log.ts';
import type { JournalRecord, Step } from '../../src/store/record.ts';
import { StoreError } from '../../src/store/store-error.ts';

export type Place = { records: JournalRecord[]; epoch: number; full: boolean };

export function createPlace(): Place {
  return { records: [], epoch: 0, full: false };
}

export function openMemoryLog(place: Place, initial: JsonObject): Log {
  const epoch = ++place.epoch;
  let closed = false;
  const news = new Set<() => void>();
  const tellNews = (): void => {
    const told = [...news];
    news.clear();
    for (const tell of told) tell();
  };
  if (place.records.length === 0) place.records.push({ v: 1, seq: 1, t: '', kind: 'snapshot', storeId: '0123456789abcdef', tree: initial });
  const seq = (): number => place.records.at(-1)?.seq ?? 0;
  const seqOf = (id: string): number | undefined => place.records.find((record) => record.kind !== 'snapshot' && record.id === id)?.seq;

  function write(entry: LogEntry): number {
    const known = entry.id === null ? undefined : seqOf(entry.id);
    if (known !== undefined) return known;
    place.records.push(JSON.parse(JSON.stringify({ v: 1, seq: seq() + 1, t: '', ...entry })) as Step);
    return seq();
  }

  return {
    seq,
    seqOf,
    append: async (entries, { ifSeq } = {}) => {
      if (closed) throw new StoreError('unavailable', 'the store is closed');
      if (place.epoch !== epoch) throw new StoreError('fenced', 'another holds the log');
      if (ifSeq !== undefined && ifSeq !== seq()) throw new StoreError('conflict', `the log is at ${seq()}`);
      if (place.full) throw new StoreError('full', 'there is no room');
      const last = entries.map(write).at(-1) ?? seq();
      tellNews();
      return last;
    },
    since: async function* (after, { follow = false } = {}) {
      for (let last = after; ; ) {
        for (const record of place.records.filter((one) => one.seq > last)) {
          yield record;
          last = record.seq;
        }
        if (!follow || closed) return;
        if (last === seq()) await new Promise<void>((resolve) => news.add(resolve));
      }
    },
    snapshot: () => ({
      seq: seq(),
      tree: place.records.reduce<JsonObject>((tree, record) => (record.kind === 'snapshot' ? record.tree : applyOps(tree, record.ops)), {}),
    }),
    close: async () => {
      closed = true;
      tellNews();
    },
  };
}
