/**
 * What happened, out of the journal: folded record by record when somebody first asks, from then on kept up as it comes.
 * The fold decides nothing anew; it only tells what each record changed.
 */
import type { Coordinator } from '../coordinator/coordinator.ts';
import { plain } from '../core/plain.ts';
import type { State } from '../core/state.ts';
import { type TimelineEntry, timelineOf } from '../core/timeline.ts';
import { applyOps, type Json, type JsonObject } from '../core/tree.ts';
import type { JournalRecord } from '../store/record.ts';

export type TimelineOptions = {
  readonly coordinator: Coordinator;
  /** Durable records from a number on, the newest last. */
  readonly history: (fromSeq: number) => AsyncIterable<JournalRecord>;
  /** The number of the last durable record. */
  readonly seq: () => number;
};

export type Timeline = {
  /** Oldest first. The first call reads the journal; it never holds the room up for longer than a few records. */
  entries(): Promise<readonly TimelineEntry[]>;
  close(): void;
};

/** More than anybody reads; the oldest go first. */
const KEPT = 20_000;
/** How far back the journal is read: a snapshot stands at least every 50,000 records. */
const READ_BACK = 100_000;
const RECORDS_PER_TURN = 200;

export function createTimeline({ coordinator, history, seq }: TimelineOptions): Timeline {
  let known: TimelineEntry[] | null = null;
  let reading: Promise<readonly TimelineEntry[]> | null = null;
  let closed = false;
  /** What came while the journal was being read. */
  let fresh: TimelineEntry[] = [];

  const unobserve = coordinator.observe({
    changed(before, after, event) {
      if (known === null && reading === null) return;
      const entries = timelineOf(seq(), before, after, event as unknown as Json);
      if (known === null) fresh.push(...entries);
      else known = kept([...known, ...entries]);
    },
  });

  const read = async (): Promise<readonly TimelineEntry[]> => {
    const until = seq();
    const entries: TimelineEntry[] = [];
    let tree: JsonObject | null = null;
    let count = 0;
    for await (const record of history(Math.max(0, until - READ_BACK))) {
      if (record.seq > until || closed) break;
      if (record.kind === 'snapshot') tree = record.tree;
      else if (tree !== null) {
        const before: JsonObject = tree;
        tree = applyOps(before, record.ops);
        entries.push(...timelineOf(record.seq, before as unknown as State, tree as unknown as State, record.event));
      }
      if (++count % RECORDS_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    // In one go: what happens before somebody has heard of it must find it known.
    known = kept([...entries, ...fresh.filter((entry) => entry.seq > until)]);
    fresh = [];
    return known;
  };

  return {
    async entries() {
      reading ??= read();
      return known ?? reading;
    },
    close() {
      closed = true;
      unobserve();
    },
  };
}

function kept(entries: TimelineEntry[]): TimelineEntry[] {
  return entries.length > KEPT ? entries.slice(-KEPT) : entries;
}

/** One entry as lines: time, what happened, and what belongs to it. */
export function timelineLines(entry: TimelineEntry, isoOf: (at: number) => string): string[] {
  const evidence = entry.evidence === null ? [] : [`    evidence: ${plain(entry.evidence, 200)}`];
  return [`${isoOf(entry.at).slice(0, 19).replace('T', ' ')}  ${entry.text}`, ...entry.details.map((line) => `    ${line}`), ...evidence];
}
