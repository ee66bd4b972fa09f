/**
 * One record of the journal: one line of JSON whose last member `h` chains it to the line before. The hash is
 * taken over bytes, not over meaning, so that every flipped bit is found.
 */
import { createHash } from 'node:crypto';
import type { Entry } from '../core/ports.ts';
import { isObject, type Json, type JsonObject, type Op } from '../core/tree.ts';

/** What a snapshot says of the segment before its own: that file's length and hash, so that it can be checked without being read line by line. */
export type Seal = { readonly bytes: number; readonly sha256: string };

/** What was done when a damaged journal was repaired; the one place where numbers may leap. */
export type Recovered = {
  /** The last good record that the tree was folded from. */
  readonly from: number;
  /** The revision that the status file had reached; numbers up to it are not given again. */
  readonly projection: number;
  /** Where the damaged files lie, below the private directory. */
  readonly damaged: string;
};

export type Snapshot = {
  readonly v: 1;
  readonly seq: number;
  /** ISO 8601, UTC; for the reader only, the order is that of `seq`. */
  readonly t: string;
  readonly kind: 'snapshot';
  readonly storeId: string;
  /** The chain's hash before this record; with it the journal can begin here. Absent in the first format. */
  readonly prev?: string;
  /** The number of the oldest segment that is still needed. Absent: the first. */
  readonly oldest?: number;
  readonly seal?: Seal;
  readonly recovered?: Recovered;
  readonly tree: JsonObject;
};

export type Step = {
  readonly v: 1;
  readonly seq: number;
  readonly t: string;
  readonly kind: Entry['kind'] | 'recover';
  readonly id: string | null;
  readonly event: Json;
  readonly ops: readonly Op[];
  readonly note?: JsonObject;
  /** A merged document: the revision it was made from, and everything in which it differed from that. */
  readonly base?: number;
  readonly raw?: readonly Op[];
};

export type JournalRecord = Snapshot | Step;

export const GENESIS = '0'.repeat(32);

const TAIL = /,"h":"([0-9a-f]{32})"\}$/;
const TAIL_BYTES = ',"h":"'.length + 32 + '"}'.length;

function chain(previous: string, body: string | Buffer): string {
  return createHash('sha256').update(previous).update('\n').update(body).digest('hex').slice(0, 32);
}

/** What a record says apart from its place in the journal, already as JSON (an object). */
export function formatStep(step: Omit<Step, 'v' | 'seq' | 't'>): string {
  return JSON.stringify(step);
}

export function formatSnapshot(snapshot: Omit<Snapshot, 'v' | 'seq' | 't' | 'kind'>): string {
  const { tree, ...rest } = snapshot;
  return JSON.stringify({ kind: 'snapshot', ...rest, tree });
}

/** The line, newline included, and the hash that the next one goes on from. */
export function encode(seq: number, t: string, content: string, previous: string): { readonly line: string; readonly h: string } {
  const body = `{"v":1,"seq":${seq},"t":${JSON.stringify(t)},${content.slice(1)}`;
  const h = chain(previous, body);
  return { line: `${body.slice(0, -1)},"h":"${h}"}\n`, h };
}

/** One line without its newline. Any fault is one sentence; the caller knows file and line number. */
export function decode(
  line: Buffer,
  previous: string,
  seq: number | null,
): { readonly record: JournalRecord; readonly h: string } | { readonly issue: string } {
  const h = TAIL.exec(line.subarray(-TAIL_BYTES).toString('latin1'))?.[1];
  if (h === undefined) return { issue: 'the line does not end in its hash' };
  const body = Buffer.concat([line.subarray(0, -TAIL_BYTES), Buffer.from('}')]);
  if (chain(previous, body) !== h) return { issue: 'the hash does not follow from the lines before' };
  let parsed: Json;
  try {
    parsed = JSON.parse(body.toString('utf8')) as Json;
  } catch (error) {
    return { issue: `no JSON: ${(error as Error).message}` };
  }
  if (!isObject(parsed)) return { issue: 'no JSON object' };
  if (parsed['v'] !== 1) return { issue: `version ${JSON.stringify(parsed['v'])} is newer than this program` };
  if (!Number.isSafeInteger(parsed['seq'])) return { issue: 'no seq' };
  if (seq !== null && parsed['seq'] !== seq) return { issue: `seq ${JSON.stringify(parsed['seq'])} stands where ${seq} belongs` };
  const shaped =
    parsed['kind'] === 'snapshot' ? isObject(parsed['tree']) && typeof parsed['storeId'] === 'string' : Array.isArray(parsed['ops']);
  if (!shaped) return { issue: 'the record lacks its tree or its operations' };
  return { record: parsed as unknown as JournalRecord, h };
}
