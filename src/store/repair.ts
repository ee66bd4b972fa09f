/**
 * Repair of a journal that a start refuses. What verifies is kept, what does not is moved aside and never destroyed, and what
 * the status file still shows beyond the last good record comes back as a record of its own, so that everybody can see it.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOwned } from '../core/ownership.ts';
import { applyOps, diff, type JsonObject, type Op } from '../core/tree.ts';
import { writeIdentity } from './identity.ts';
import { syncDir } from './inbox-drop.ts';
import type { Layout } from './layout.ts';
import { parseDocument } from './limits.ts';
import { unstamped } from './merge.ts';
import { encode, formatSnapshot, formatStep, GENESIS } from './record.ts';
import { recover } from './recover.ts';
import { documentOf } from './revisions.ts';
import { firstOf, type Scanned, scan } from './scan.ts';
import { cutTail, segmentNumbers, segmentPath } from './segments.ts';
import { highestPublished } from './swap.ts';

export type Diagnosis = {
  /** The sentence with which a start refuses. */
  readonly why: string;
  /** Records that verify, and the number of the last one; 0: none does. */
  readonly records: number;
  readonly seq: number;
  /** Numbers up to this were published; what lies between is lost but for what the status file shows. */
  readonly published: number;
  /** Names of the segments that are moved aside, whole or in part. */
  readonly aside: readonly string[];
  /** What the status file shows and the good records do not: dotted paths. */
  readonly restored: readonly string[];
};

type Good = Diagnosis & {
  readonly kept: readonly number[];
  readonly cut: { readonly number: number; readonly bytes: number } | null;
  readonly tree: JsonObject | null;
  readonly storeId: string | null;
  readonly h: string;
  readonly ops: readonly Op[];
};

/** null: the journal is as it should be. Throws the system's errors. The caller holds the lock. */
export function diagnose(layout: Layout): Diagnosis | null {
  return look(layout);
}

/** Does it; a start succeeds afterwards. Throws the system's errors. The caller holds the lock. */
export function repair(layout: Layout): Diagnosis | null {
  const good = look(layout);
  if (good === null) return null;
  const time = new Date().toISOString();
  const damaged = `damaged-${time.replace(/[^0-9]/g, '')}`;
  const aside = join(layout.privateDir, damaged);
  mkdirSync(aside, { mode: 0o700 });
  writeFileSync(join(aside, 'why'), `${time}\n${good.why}\n`, { mode: 0o600, flush: true });
  for (const number of segmentNumbers(layout.journal)) {
    const path = segmentPath(layout.journal, number);
    const name = path.slice(layout.journal.length + 1);
    if (good.cut?.number === number) {
      copyFileSync(path, join(aside, name));
      syncDir(aside);
      cutTail(path, good.cut.bytes, false);
    } else if (!good.kept.includes(number)) renameSync(path, join(aside, name));
  }
  // Their names would say that more was published than the journal has; what they hold is read like any foreign file.
  for (const name of readdirSync(layout.swap)) renameSync(join(layout.swap, name), join(layout.swap, `recovered-${name}`));
  if (good.tree !== null && good.storeId !== null) {
    writeRecovery(layout, { ...good, tree: good.tree, storeId: good.storeId }, damaged, time);
    writeIdentity(layout, good.storeId);
  }
  for (const folder of [aside, layout.swap, layout.journal, layout.privateDir]) syncDir(folder);
  return good;
}

function writeRecovery(layout: Layout, good: Good & { tree: JsonObject; storeId: string }, damaged: string, time: string): void {
  const last = good.kept.at(-1) ?? 0;
  const [oldest = 1] = good.kept;
  const before = readFileSync(segmentPath(layout.journal, last));
  const seq = Math.max(good.seq, good.published) + 1;
  const snapshot = encode(
    seq,
    time,
    formatSnapshot({
      storeId: good.storeId,
      prev: good.h,
      oldest,
      seal: { bytes: before.length, sha256: createHash('sha256').update(before).digest('hex') },
      recovered: { from: good.seq, projection: good.published, damaged },
      tree: good.tree,
    }),
    good.h,
  );
  const ops = good.ops.map((op): Op => (op.length === 1 ? [['document', ...op[0]]] : [['document', ...op[0]], op[1]]));
  const step = encode(
    seq + 1,
    time,
    formatStep({ kind: 'recover', id: null, event: { type: 'recovered', why: good.why, from: good.seq, damaged }, ops }),
    snapshot.h,
  );
  const draft = join(layout.journal, `.${damaged}`);
  writeFileSync(draft, snapshot.line + step.line, { mode: 0o600, flush: true });
  renameSync(draft, segmentPath(layout.journal, last + 1));
}

function look(layout: Layout): Good | null {
  const found = recover(layout, () => undefined);
  if (!('corrupt' in found)) return null;
  const numbers = segmentNumbers(layout.journal);
  // The longest run that ends last: a fault in an old segment costs the history before it, not what came after.
  let best: Run = { kept: [], cut: null, tree: null, storeId: null, seq: 0, h: GENESIS, records: 0 };
  for (let index = 0; index < numbers.length; index++) {
    const run = follow(layout.journal, numbers.slice(index));
    if (run.seq > best.seq) best = run;
  }
  const shown = projectionOf(layout, best.storeId);
  const ops =
    best.tree === null || shown === null ? [] : diff(documentOf(best.tree), shown.document).filter((op) => mayReturn(op, shown, best.seq));
  return {
    ...best,
    why: found.corrupt,
    published: Math.max(best.seq, shown?.revision ?? 0, highestPublished(layout.swap)),
    aside: numbers.filter((number) => !best.kept.includes(number) || best.cut?.number === number).map((number) => segmentPath('', number)),
    restored: ops.map(([path]) => path.join('.')),
    ops,
  };
}

type Run = Pick<Good, 'kept' | 'cut' | 'tree' | 'storeId' | 'seq' | 'h' | 'records'>;

/** Reads on from the first of these segments for as long as they verify. */
function follow(dir: string, numbers: readonly number[]): Run {
  const kept: number[] = [];
  let run: Run = { kept, cut: null, tree: null, storeId: null, seq: 0, h: GENESIS, records: 0 };
  for (const [index, number] of numbers.entries()) {
    const bytes = readFileSync(segmentPath(dir, number));
    const head = firstOf(bytes);
    if (index > 0 && number !== (numbers[index - 1] ?? 0) + 1) return run;
    if (index === 0 && number > 1 && head?.prev === undefined) return run;
    const before = index === 0 && number > 1 && head?.prev !== undefined ? { seq: head.seq - 1, h: head.prev } : run;
    let { tree, storeId } = run;
    const scanned = scan(bytes, before, (record) => {
      if (record.kind === 'snapshot') ({ tree, storeId } = record);
      else tree = applyOps(tree ?? {}, record.ops);
    });
    const good: Scanned = 'issue' in scanned ? scanned.good : scanned;
    if (good.records === 0) return run;
    kept.push(number);
    const whole = good.bytes === bytes.length;
    run = {
      kept,
      cut: whole ? null : { number, bytes: good.bytes },
      tree,
      storeId,
      seq: good.seq,
      h: good.h,
      records: run.records + good.records,
    };
    if (!whole) return run;
  }
  return run;
}

/** What the status file shows, if it is this store's. */
function projectionOf(layout: Layout, storeId: string | null): { readonly document: JsonObject; readonly revision: number } | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(layout.statusFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
  const parsed = parseDocument(bytes);
  if (!('document' in parsed) || parsed.document['storeId'] !== storeId) return null;
  const { revision } = parsed.document;
  return typeof revision === 'number' && Number.isSafeInteger(revision) ? { document: unstamped(parsed.document), revision } : null;
}

/** Only what is newer than the last good record, never a deletion, and nothing that is the coordinator's to say. */
function mayReturn(op: Op, shown: { readonly revision: number }, seq: number): boolean {
  return shown.revision > seq && op.length === 2 && !isOwned(op[0]);
}
