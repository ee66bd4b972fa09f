/** What foreign input means for the document now: finds its base, merges, and remembers what the journal needs of it. */
import type { Ahead, Entry, Foreign, Merged } from '../core/ports.ts';
import { applyOps, diff, equal, type JsonObject, type Op } from '../core/tree.ts';
import { mostSimilar, statedRevision } from './base.ts';
import { mergeDocument, unstamped } from './merge.ts';
import { mergeSet } from './merge-set.ts';
import { documentOf, type Revisions } from './revisions.ts';

/** The revision that a document was made from, and everything in which it differs from that. */
export type Origin = { readonly base: number; readonly raw: readonly Op[] };

export type MergingOptions = {
  readonly storeId: string;
  readonly seq: () => number;
  readonly document: () => JsonObject;
  readonly revisions: Revisions;
};

const SIMILAR_AMONG = 64;
const NOTHING: Merged = { base: null, edits: [], refused: [], conflicts: [] };

export function createMerging({ storeId, seq, document, revisions }: MergingOptions) {
  const origins = new Map<string, Origin>();

  function baseOf(foreign: JsonObject): { readonly revision: number; readonly base: JsonObject; readonly stated: boolean } {
    const stated = statedRevision(foreign, storeId, seq());
    const known = stated === null ? null : revisions.at(stated);
    if (stated !== null && known !== null) return { revision: stated, base: unstamped(known), stated: true };
    const guess = mostSimilar(unstamped(foreign), revisions.newestFirst(SIMILAR_AMONG));
    return { revision: guess.seq, base: unstamped(guess.document), stated: false };
  }

  /** Nobody can have read a document that is ahead of the journal, so a base is always a revision that is durable. */
  function createAhead(): Ahead {
    let tree: JsonObject = { document: document() };
    const merged = new Map<number, JsonObject[]>();
    return {
      merge: (foreign: Foreign): Merged => {
        const ours = documentOf(tree);
        if (foreign.kind === 'broken') return NOTHING;
        if (foreign.kind === 'set') return mergeSet(foreign, ours, seq(), revisions.at);
        const { revision, base, stated } = baseOf(foreign.document);
        const theirs = unstamped(foreign.document);
        origins.set(foreign.id, { base: revision, raw: diff(base, theirs) });
        const seen = [...revisions.seen(revision), ...(merged.get(revision) ?? [])];
        return { base: stated ? revision : null, ...mergeDocument({ base, seen, ours: unstamped(ours), theirs, deletes: stated }) };
      },
      add: ({ id, ops }: Entry): void => {
        tree = applyOps(
          tree,
          ops.filter(([[root]]) => root === 'document'),
        );
        const origin = id === null ? undefined : origins.get(id);
        const base = origin === undefined ? null : revisions.at(origin.base);
        if (origin === undefined || base === null) return;
        merged.set(origin.base, [...(merged.get(origin.base) ?? []), applyOps(base, origin.raw)]);
      },
    };
  }

  return {
    /** Whether the document says nothing but what its base said, or what was merged from that base before. */
    carriesNothing: (foreign: JsonObject): boolean => {
      const { revision, base } = baseOf(foreign);
      const theirs = unstamped(foreign);
      return equal(base, theirs) || revisions.seen(revision).some((version) => equal(unstamped(version), theirs));
    },
    ahead: (): Ahead => createAhead(),
    /** As it was when the document was last merged; null when it never was. */
    origin: (id: string): Origin | null => origins.get(id) ?? null,
    forget: (id: string): void => {
      origins.delete(id);
    },
  };
}
