/** Reading the journal's files: one segment after the other, the newest line by line, those before them by their seals. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncDir } from './inbox-drop.ts';
import { GENESIS, type JournalRecord, type Snapshot } from './record.ts';
import { firstOf, idsOf, scan } from './scan.ts';

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

export type Visitor = {
  /** Every record of the newest segments, oldest first. */
  readonly record: (record: JournalRecord) => void;
  /** Every id of the segments before them. */
  readonly id: (id: string, seq: number) => void;
};

const NAME = /^([0-9]{8})\.jsonl$/;

/** So many records are read one by one, if there are as many: what editors may still have been made from. */
const READ_RECORDS = 4_096;

export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, '0')}.jsonl`);
}

/**
 * Reads and verifies the whole journal. Only bytes after the very last newline count as torn: they were never
 * acknowledged, so they are kept beside (`.torn-<t>`) and cut off. Every other fault is damage, and refused with file
 * and line: a closed segment's hash stands in the snapshot after it, and that line is chained like any other.
 * Throws the system's errors.
 */
export function readJournal(dir: string, visit: Visitor, readRecords = READ_RECORDS): ReadJournal {
  const numbers = segmentNumbers(dir);
  const [first = 1] = numbers;
  const segments: Segment[] = [];
  let end: JournalEnd = { segment: null, bytes: 0, records: 0, seq: 0, h: GENESIS };
  let torn: string | null = null;
  let oldest = 1;
  let ahead: Buffer | null = null;
  const readFrom = firstToRead(dir, numbers, readRecords);
  for (const [index, number] of numbers.entries()) {
    const path = segmentPath(dir, number);
    if (number !== first + index) return { ok: false, message: `${segmentPath(dir, first + index)} is missing` };
    const bytes = ahead ?? readFileSync(path);
    const last = index === numbers.length - 1;
    ahead = last ? null : readNext(dir, number + 1);
    const head = firstOf(bytes);
    if (index === 0 && number > 1 && head !== null && head.prev === undefined)
      return { ok: false, message: `${segmentPath(dir, number - 1)} is missing` };
    // Where the journal was shortened, or repaired, its first record says what came before it.
    const anchored = index === 0 && number > 1 ? anchor(head, end) : end;
    const seal = index < readFrom && ahead !== null ? firstOf(ahead)?.seal : undefined;
    const scanned =
      seal !== undefined && head !== null && sealed(bytes, seal)
        ? idsOf(bytes, visit.id)
        : scan(bytes, anchored, index < readFrom ? (record) => tellId(record, visit.id) : visit.record);
    if ('issue' in scanned) return { ok: false, message: `${path}, line ${scanned.line}: ${scanned.issue}` };
    if (!last && (scanned.tail > 0 || scanned.records === 0))
      return { ok: false, message: `${path}, line ${scanned.records + 1}: the file is cut off, though another follows` };
    if (scanned.tail > 0 || scanned.records === 0) torn = cutTail(path, scanned.bytes, scanned.records === 0);
    if (scanned.records === 0) break;
    const segment: Segment = { path, number, firstSeq: scanned.firstSeq };
    segments.push(segment);
    oldest = Math.max(oldest, head?.oldest ?? 1);
    end = { segment, bytes: scanned.bytes, records: scanned.records, seq: scanned.seq, h: scanned.h };
  }
  if (first > oldest) return { ok: false, message: `${segmentPath(dir, oldest)} is missing` };
  return { ok: true, end, segments, torn };
}

/** null: it is not there, which is told when its turn comes. */
function readNext(dir: string, number: number): Buffer | null {
  const path = segmentPath(dir, number);
  return existsSync(path) ? readFileSync(path) : null;
}

function anchor(head: Snapshot | null, none: JournalEnd): JournalEnd {
  return head?.prev === undefined ? none : { ...none, seq: head.seq - 1, h: head.prev };
}

function sealed(bytes: Buffer, seal: NonNullable<Snapshot['seal']>): boolean {
  return bytes.length === seal.bytes && createHash('sha256').update(bytes).digest('hex') === seal.sha256;
}

function tellId(record: JournalRecord, tell: Visitor['id']): void {
  if (record.kind !== 'snapshot' && record.id !== null) tell(record.id, record.seq);
}

/** The index of the first segment that is read line by line: the last one, and those before it until it is enough. */
function firstToRead(dir: string, numbers: readonly number[], enough: number): number {
  let index = numbers.length - 1;
  for (let records = 0; index > 0; index--) {
    records += countLines(readFileSync(segmentPath(dir, numbers[index] ?? 0)), enough);
    if (records >= enough) break;
  }
  return Math.max(0, index);
}

function countLines(bytes: Buffer, enough: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && count < enough; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** A segment without any whole record goes altogether: its creation was never finished. */
export function cutTail(path: string, goodBytes: number, whole: boolean): string | null {
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

export function segmentNumbers(dir: string): number[] {
  return readdirSync(dir)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
