/** Reading the journal's files: one segment after the other, each line checked against the chain. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncDir } from './inbox-drop.ts';
import { decode, GENESIS, type JournalRecord } from './record.ts';

export type Segment = { readonly path: string; readonly number: number; readonly firstSeq: number };

/** Where the next record goes. `segment` is null in an empty journal. */
export type JournalEnd = {
  readonly segment: Segment | null;
  readonly bytes: number;
  readonly records: number;
  readonly seq: number;
  readonly h: string;
};

export type ReadJournal =
  | { readonly ok: true; readonly end: JournalEnd; readonly segments: readonly Segment[]; readonly torn: string | null }
  | { readonly ok: false; readonly message: string };

const NAME = /^([0-9]{8})\.jsonl$/;
const NEWLINE = 0x0a;

export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, '0')}.jsonl`);
}

/**
 * Reads and verifies the whole journal and calls `visit` with every record, oldest first. Only bytes after the
 * very last newline count as torn: they were never acknowledged, so they are kept beside (`.torn-<t>`) and cut off.
 * Every other fault is damage, and refused with file and line. Throws the system's errors.
 */
export function readJournal(dir: string, visit: (record: JournalRecord) => void): ReadJournal {
  const numbers = segmentNumbers(dir);
  const segments: Segment[] = [];
  let end: JournalEnd = { segment: null, bytes: 0, records: 0, seq: 0, h: GENESIS };
  let torn: string | null = null;
  for (const [index, number] of numbers.entries()) {
    const path = segmentPath(dir, number);
    if (number !== index + 1) return { ok: false, message: `${segmentPath(dir, index + 1)} is missing` };
    const scanned = scan(readFileSync(path), end.h, end.seq, visit);
    if ('issue' in scanned) return { ok: false, message: `${path}, line ${scanned.line}: ${scanned.issue}` };
    const last = index === numbers.length - 1;
    if (!last && (scanned.tail > 0 || scanned.records === 0))
      return { ok: false, message: `${path}, line ${scanned.records + 1}: the file is cut off, though another follows` };
    if (scanned.tail > 0 || scanned.records === 0) torn = cutTail(path, scanned.bytes, scanned.records === 0);
    if (scanned.records === 0) break;
    const segment: Segment = { path, number, firstSeq: end.seq + 1 };
    segments.push(segment);
    end = { segment, bytes: scanned.bytes, records: scanned.records, seq: scanned.seq, h: scanned.h };
  }
  return { ok: true, end, segments, torn };
}

type Scanned = { readonly bytes: number; readonly records: number; readonly tail: number; readonly seq: number; readonly h: string };

function scan(
  bytes: Buffer,
  previous: string,
  seqBefore: number,
  visit: (record: JournalRecord) => void,
): Scanned | { issue: string; line: number } {
  let at = 0;
  let records = 0;
  let seq = seqBefore;
  let h = previous;
  for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
    const decoded = decode(bytes.subarray(at, end), h, seq + 1);
    if ('issue' in decoded) return { issue: decoded.issue, line: records + 1 };
    if ((records === 0) !== (decoded.record.kind === 'snapshot'))
      return { issue: 'a segment has one snapshot, as its first record', line: records + 1 };
    visit(decoded.record);
    ({ h } = decoded);
    seq += 1;
    records += 1;
    at = end + 1;
  }
  const tail = bytes.length - at;
  // A whole record and one byte more is no interrupted write: it is a whole line whose newline was damaged.
  if (tail > 1 && !('issue' in decode(bytes.subarray(at, -1), h, seq + 1)))
    return { issue: 'the newline at its end is damaged', line: records + 1 };
  return { bytes: at, records, tail, seq, h };
}

/** A segment without any whole record goes altogether: its creation was never finished. */
function cutTail(path: string, goodBytes: number, whole: boolean): string | null {
  const fd = openSync(path, 'r+');
  let kept: string | null = null;
  try {
    if (fstatSync(fd).size > goodBytes) {
      kept = `${path}.torn-${Date.now()}`;
      writeFileSync(kept, readFileSync(path).subarray(goodBytes), { mode: 0o600, flush: true });
    }
    ftruncateSync(fd, goodBytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (whole) unlinkSync(path);
  syncDir(join(path, '..'));
  return kept;
}

function segmentNumbers(dir: string): number[] {
  return readdirSync(dir)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Every record of a segment that was verified before, without verifying it again. */
export function* recordsOf(path: string): Generator<JournalRecord> {
  const bytes = readFileSync(path);
  let at = 0;
  for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
    yield JSON.parse(bytes.subarray(at, end).toString('utf8')) as JournalRecord;
    at = end + 1;
  }
}
