/** The document at every revision: the last thousands in memory (they share what did not change), older ones by replay. */
import { readFileSync } from 'node:fs';
import { applyOps, isObject, type JsonObject, type Op } from '../core/tree.ts';
import type { Revision } from './base.ts';
import type { JournalRecord } from './record.ts';
import { mergedFrom, recordsOf } from './scan.ts';
import type { Segment } from './segments.ts';

export type Revisions = {
  /** Takes in a durable record and the tree after it. */
  note(record: JournalRecord, tree: JsonObject): void;
  /** null: no such revision. Reads the disk when it is an old one. */
  at(seq: number): JsonObject | null;
  /** The documents that were merged from this revision, rebuilt. */
  seen(seq: number): readonly JsonObject[];
  newestFirst(count: number): Revision[];
};

type Old = { readonly document: JsonObject; readonly versions: JsonObject[] };

const OLD_KEPT = 16;

export function createRevisions(options: { readonly kept: number; readonly segments: () => readonly Segment[] }): Revisions {
  const documents = new Map<number, JsonObject>();
  /** What was merged from a revision; they share with it what they left alone. */
  const merged = new Map<number, JsonObject[]>();
  const old = new Map<number, Old>();
  let newest = 0;

  function remember(base: number, raw: readonly Op[]): void {
    const replayedOne = old.get(base);
    replayedOne?.versions.push(applyOps(replayedOne.document, raw));
    const document = documents.get(base);
    if (document === undefined) return;
    const versions = merged.get(base);
    if (versions === undefined) merged.set(base, [applyOps(document, raw)]);
    else versions.push(applyOps(document, raw));
  }

  function replayed(seq: number): Old | null {
    const known = old.get(seq);
    if (known !== undefined) return known;
    const found = replay(options.segments(), seq);
    if (found === null) return null;
    old.set(seq, found);
    const [first] = old.keys();
    if (old.size > OLD_KEPT && first !== undefined) old.delete(first);
    return found;
  }

  return {
    note: (record, tree) => {
      newest = record.seq;
      documents.set(newest, documentOf(tree));
      if (record.kind !== 'snapshot' && record.base !== undefined && record.raw !== undefined) remember(record.base, record.raw);
      const gone = record.seq - options.kept;
      documents.delete(gone);
      merged.delete(gone);
    },
    at: (seq) => documents.get(seq) ?? replayed(seq)?.document ?? null,
    seen: (seq) => (documents.has(seq) ? (merged.get(seq) ?? []) : (replayed(seq)?.versions ?? [])),
    newestFirst: (count) => {
      const found: Revision[] = [];
      for (let seq = newest; found.length < count; seq--) {
        const document = documents.get(seq);
        if (document === undefined) break;
        // Steps that left the document as it was are one revision for our purpose.
        if (found.at(-1)?.document !== document) found.push({ seq, document });
      }
      return found;
    },
  };
}

/** The operations of the coordinator keep the document under this key of the one tree. */
export function documentOf(tree: JsonObject): JsonObject {
  const document = tree['document'];
  if (!isObject(document)) throw new Error('store: the tree has no document');
  return document;
}

function replay(segments: readonly Segment[], seq: number): Old | null {
  const start = segments.findLast((segment) => segment.firstSeq <= seq);
  if (start === undefined) return null;
  let tree: JsonObject | null = null;
  let document: JsonObject | null = null;
  const versions: JsonObject[] = [];
  for (const record of recordsOf(readFileSync(start.path))) {
    if (record.seq > seq) break;
    tree = record.kind === 'snapshot' ? record.tree : applyOps(tree ?? {}, record.ops);
    if (record.seq === seq) document = documentOf(tree);
  }
  if (document === null) return null;
  for (const segment of segments.slice(segments.indexOf(start))) {
    for (const record of mergedFrom(readFileSync(segment.path), seq))
      if (record.kind !== 'snapshot' && record.base === seq && record.raw !== undefined) versions.push(applyOps(document, record.raw));
  }
  return { document, versions };
}
