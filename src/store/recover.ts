/** What a start reads back from the disk: the fold of the whole journal. Decisions are never run again. */
import { applyOps, type JsonObject } from '../core/tree.ts';
import { isKnownFormat, readIdentity } from './identity.ts';
import { createKnownIds, type KnownIds } from './known-ids.ts';
import type { Layout } from './layout.ts';
import type { JournalRecord } from './record.ts';
import { type JournalEnd, readJournal, type Segment } from './segments.ts';
import { highestPublished } from './swap.ts';

export type Recovered = {
  /** null: there was no journal yet. */
  readonly tree: JsonObject | null;
  readonly storeId: string | null;
  readonly ids: KnownIds;
  readonly end: JournalEnd;
  readonly segments: readonly Segment[];
  /** Where the bytes of an interrupted write were put, if there were any. */
  readonly torn: string | null;
};

/** `note` gets every record with the tree after it. Throws the system's errors. */
export function recover(layout: Layout, note: (record: JournalRecord, tree: JsonObject) => void): Recovered | { readonly corrupt: string } {
  let tree: JsonObject | null = null;
  let storeId: string | null = null;
  let strange: string | null = null;
  const ids = createKnownIds();
  const visit = (record: JournalRecord): void => {
    if (record.kind === 'snapshot') {
      if (storeId !== null && record.storeId !== storeId)
        strange ??= `${layout.journal}: record ${record.seq} belongs to store ${record.storeId}, those before it to ${storeId}`;
      storeId = record.storeId;
      // A later snapshot repeats what was folded; the fold goes on sharing its branches with older revisions.
      tree ??= record.tree;
    } else {
      tree = applyOps(tree ?? {}, record.ops);
      if (record.id !== null) ids.add(record.id, record.seq);
    }
    note(record, tree);
  };
  const read = readJournal(layout.journal, { record: visit, id: ids.addOld });
  if (!read.ok) return { corrupt: read.message };
  const identity = readIdentity(layout);
  if (identity !== null && !isKnownFormat(identity.format))
    strange ??= `${layout.storeFile}: format ${identity.format} is newer than this program`;
  if (identity !== null && storeId !== null && identity.storeId !== storeId)
    strange ??= `${layout.storeFile} names store ${identity.storeId}, the journal ${storeId}`;
  const published = highestPublished(layout.swap);
  if (published > read.end.seq)
    strange ??= `${layout.journal} ends with record ${read.end.seq}, but revision ${published} was published: acknowledged records are lost`;
  if (strange !== null) return { corrupt: strange };
  return { tree, storeId: storeId ?? identity?.storeId ?? null, ids, end: read.end, segments: read.segments, torn: read.torn };
}
