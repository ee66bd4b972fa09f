/** The lines of one segment: verified one by one, skimmed for their ids when a seal vouches for them, or read again. */
import { decode, type JournalRecord, type Snapshot } from './record.ts';

export type Scanned = {
  readonly bytes: number;
  readonly records: number;
  /** Bytes after the last newline. */
  readonly tail: number;
  readonly firstSeq: number;
  readonly seq: number;
  readonly h: string;
};

type Issue = { readonly issue: string; readonly line: number; readonly good: Scanned };

const NEWLINE = 0x0a;
/** How every record begins; an id that holds an escape is read from the whole line. */
const HEAD = /^\{"v":1,"seq":([0-9]+),"t":"[^"]*","kind":"([a-z]+)"(?:,"id":(?:null|"([^"\\]*)"))?/;
const HEAD_BYTES = 256;
const TAIL_BYTES = 34;

/** Verifies every line against the chain, which goes on from `before`. */
export function scan(
  bytes: Buffer,
  before: { readonly seq: number; readonly h: string },
  visit: (record: JournalRecord) => void,
): Scanned | Issue {
  let at = 0;
  let records = 0;
  let { seq, h } = before;
  let firstSeq = seq + 1;
  const good = (): Scanned => ({ bytes: at, records, tail: bytes.length - at, firstSeq, seq, h });
  for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
    const decoded = decode(bytes.subarray(at, end), h, null);
    if ('issue' in decoded) return { issue: decoded.issue, line: records + 1, good: good() };
    const { record } = decoded;
    const leap = record.kind === 'snapshot' && record.recovered?.from === seq && record.seq > seq;
    if (record.seq !== seq + 1 && !leap)
      return { issue: `seq ${record.seq} stands where ${seq + 1} belongs`, line: records + 1, good: good() };
    if ((records === 0) !== (record.kind === 'snapshot'))
      return { issue: 'a segment has one snapshot, as its first record', line: records + 1, good: good() };
    visit(record);
    ({ h } = decoded);
    ({ seq } = record);
    if (records === 0) firstSeq = seq;
    records += 1;
    at = end + 1;
  }
  // A whole record and one byte more is no interrupted write: it is a whole line whose newline was damaged.
  if (bytes.length - at > 1 && !('issue' in decode(bytes.subarray(at, -1), h, seq + 1)))
    return { issue: 'the newline at its end is damaged', line: records + 1, good: good() };
  return good();
}

/** The ids in a segment whose bytes are known to be what they were, and where it ends. */
export function idsOf(bytes: Buffer, tell: (id: string, seq: number) => void): Scanned {
  let at = 0;
  let records = 0;
  let firstSeq = 0;
  let seq = 0;
  for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
    const head = HEAD.exec(bytes.toString('latin1', at, Math.min(end, at + HEAD_BYTES)));
    seq = Number(head?.[1]);
    if (records === 0) firstSeq = seq;
    const id = head?.[3];
    if (id !== undefined) tell(id, seq);
    else if (head?.[2] !== 'snapshot' && !head?.[0].endsWith('null')) {
      const record = JSON.parse(bytes.toString('utf8', at, end)) as JournalRecord;
      ({ seq } = record);
      if (record.kind !== 'snapshot' && record.id !== null) tell(record.id, record.seq);
    }
    records += 1;
    at = end + 1;
  }
  const h = bytes.toString('latin1', at - TAIL_BYTES - 1, at - 3);
  return { bytes: at, records, tail: bytes.length - at, firstSeq, seq, h };
}

/** What the first line says, unverified; null when it is not whole. */
export function firstOf(bytes: Buffer): Snapshot | null {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return null;
  try {
    const record = JSON.parse(bytes.toString('utf8', 0, end)) as JournalRecord;
    return record.kind === 'snapshot' ? record : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The records of a segment that was verified before, from `fromSeq` on; with `holding` only those in which these bytes stand. */
export function* recordsOf(bytes: Buffer, fromSeq = 0, holding?: Buffer): Generator<JournalRecord> {
  let at = 0;
  for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
    const seq = Number(HEAD.exec(bytes.toString('latin1', at, Math.min(end, at + HEAD_BYTES)))?.[1] ?? Number.POSITIVE_INFINITY);
    if (seq >= fromSeq && (holding === undefined || bytes.subarray(at, end).includes(holding)))
      yield JSON.parse(bytes.toString('utf8', at, end)) as JournalRecord;
    at = end + 1;
  }
}

/** Those records of a verified segment that were merged from a document of this revision; no other line is parsed. */
export function* mergedFrom(bytes: Buffer, base: number): Generator<JournalRecord> {
  const mark = Buffer.from(`,"base":${base},"raw":`);
  for (let at = bytes.indexOf(mark); at >= 0; ) {
    const begin = bytes.lastIndexOf(NEWLINE, at) + 1;
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) return;
    yield JSON.parse(bytes.toString('utf8', begin, end)) as JournalRecord;
    at = bytes.indexOf(mark, end);
  }
}
