/**
 * The one log behind the store, whatever keeps it: files here, a database elsewhere. State is a fold of it. Every engine
 * passes the same tests (`test/store/log-contract.ts`).
 */
import type { Entry } from '../core/ports.ts';
import type { JsonObject } from '../core/tree.ts';
import type { Origin } from './merging.ts';
import type { JournalRecord } from './record.ts';

/** An entry, and for a merged document what it was made from. */
export type LogEntry = Entry & Partial<Origin>;

export interface Log {
  /** Number of the last durable record. */
  seq(): number;
  /**
   * Resolves with the number of the last of the entries once all are durable, in this order and with nothing between
   * them; an id that is in the log already is not written again and answers the number it has. Rejects with StoreError:
   * `conflict` (not at `ifSeq` any more), `full` (no room or no right; later it may succeed), `fenced` (another holds the log), `unavailable`.
   * Then nothing of it was applied.
   */
  append(entries: readonly LogEntry[], options?: { readonly ifSeq?: number }): Promise<number>;
  /** The number under which the log holds this id. */
  seqOf(id: string): number | undefined;
  /** Records after `seq`, in order and without gaps; with `follow` it goes on with what comes, until the log is closed. */
  since(seq: number, options?: { readonly follow?: boolean }): AsyncIterable<JournalRecord>;
  /** The fold of everything durable. */
  snapshot(): { readonly seq: number; readonly tree: JsonObject };
  /** Waits for what was appended, then gives the log back to whoever opens it next. */
  close(): Promise<void>;
}
