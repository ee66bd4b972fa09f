/**
 * The journal read from outside, also while its room is writing: nothing is locked and nothing is changed. Every line is
 * verified against the chain; what stands behind the last newline is still being written, or never was.
 */
import { readFileSync } from 'node:fs';
import { applyOps, type JsonObject } from '../core/tree.ts';
import { layoutOf } from './layout.ts';
import { GENESIS, type JournalRecord, type Snapshot } from './record.ts';
import { firstOf, scan } from './scan.ts';
import { segmentNumbers, segmentPath } from './segments.ts';

const NEWLINE = 0x0a;

/** Up to which record: its number, its time (ISO 8601; the last before the first that is later), or the newest. */
export type Until = { readonly seq: number } | { readonly t: string } | 'newest';

export type PastRecord = {
  readonly record: JournalRecord;
  /** null: nothing was folded before it. */
  readonly before: JsonObject | null;
  readonly tree: JsonObject;
};

/** `issue`: where the journal is damaged; what was told before that is whole. Throws the system's errors. */
export type Past = { readonly ok: true } | { readonly ok: false; readonly issue: string };

type Head = { readonly path: string; readonly snapshot: Snapshot };

/**
 * Tells the records up to `until`, oldest first: from the last snapshot that has `records` of them behind it, since nobody
 * waits for a million that he did not ask for.
 */
export function readPast(statusDir: string, until: Until, records: number, tell: (one: PastRecord) => void): Past {
  const { journal } = layoutOf(statusDir);
  let tree: JsonObject | null = null;
  let end: { readonly seq: number; readonly h: string } | null = null;
  let over = false;
  const visit = (record: JournalRecord): void => {
    over ||= isAfter(record, until);
    if (over) return;
    const before = tree;
    // A later snapshot repeats what was folded.
    tree = record.kind === 'snapshot' ? (before ?? record.tree) : applyOps(before ?? {}, record.ops);
    tell({ record, before, tree });
  };
  for (const { path, snapshot } of headsOf(journal, until, records)) {
    const scanned = scan(readFileSync(path), end ?? { seq: snapshot.seq - 1, h: snapshot.prev ?? GENESIS }, visit);
    if ('issue' in scanned) return { ok: false, issue: `${path}, line ${scanned.line}: ${scanned.issue}` };
    if (over) break;
    end = scanned;
  }
  return { ok: true };
}

function isAfter({ seq, t }: JournalRecord, until: Until): boolean {
  if (until === 'newest') return false;
  return 'seq' in until ? seq > until.seq : t > until.t;
}

/** The segments that are needed, by their first records; one whose first line is not whole yet is left out. */
function headsOf(journal: string, until: Until, records: number): Head[] {
  const heads: Head[] = [];
  let found = 0;
  for (const number of segmentNumbers(journal).toReversed()) {
    const path = segmentPath(journal, number);
    const bytes = readFileSync(path);
    const snapshot = firstOf(bytes);
    if (snapshot === null || isAfter(snapshot, until)) continue;
    heads.unshift({ path, snapshot });
    found += recordsUpTo(until, bytes, snapshot);
    if (found >= records && snapshot.prev !== undefined) break;
  }
  return heads;
}

function recordsUpTo(until: Until, bytes: Buffer, { seq }: Snapshot): number {
  // Where in it that time lies is not known yet: it counts as its first record alone.
  if (until !== 'newest' && 't' in until) return 1;
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return until === 'newest' ? lines : Math.min(lines, until.seq - seq + 1);
}
