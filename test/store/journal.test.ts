import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/core/tree.ts';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import type { JournalRecord } from '../../src/store/record.ts';
import { readJournal } from '../../src/store/segments.ts';
import { scratch } from './support.ts';

async function openIn(dir: string, limits: { segmentRecords?: number; segmentBytes?: number } = {}) {
  const records: JournalRecord[] = [];
  const found = readJournal(dir, { record: (record) => records.push(record), id: () => undefined });
  if (!found.ok) throw new Error(found.message);
  const options = {
    dir,
    storeId: '0123456789abcdef',
    tree: (): JsonObject => ({ document: {} }),
    adopt: () => undefined,
    onSnapshot: () => undefined,
    guard: () => undefined,
    ...limits,
  };
  const journal = await openJournal(options, found.end, found.segments);
  onTestFinished(() => journal.close());
  return { journal, records };
}

function note(journal: Journal, n: number): Promise<number> {
  return journal.append([{ kind: 'coord', id: `id-${n}`, event: { n }, ops: [[['document', 'n'], n]] }]);
}

function read(dir: string) {
  const records: JournalRecord[] = [];
  return { records, answer: readJournal(dir, { record: (record) => records.push(record), id: () => undefined }) };
}

const first = (dir: string): string => join(dir, '00000001.jsonl');

async function small(): Promise<{ dir: string; bytes: Buffer }> {
  const dir = scratch();
  const { journal } = await openIn(dir);
  for (const n of [1, 2]) await note(journal, n);
  await journal.close();
  return { dir, bytes: readFileSync(first(dir)) };
}

describe('journal', () => {
  test('begins with a snapshot, numbers without gaps, and is read back as it was written', async () => {
    const { dir } = await small();
    const { records, answer } = read(dir);
    expect(answer.ok).toBe(true);
    expect(records.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'snapshot'],
      [2, 'coord'],
      [3, 'coord'],
    ]);
    const again = await openIn(dir);
    expect(await note(again.journal, 4)).toBe(4);
  });

  test('appends of one moment share few syncs and keep their order', async () => {
    const dir = scratch();
    const { journal } = await openIn(dir);
    const seqs = await Promise.all(Array.from({ length: 200 }, (_, n) => note(journal, n)));
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, n) => n + 2));
    const times = new Set(read(dir).records.map(({ t }) => t));
    expect(times.size).toBeLessThan(20);
  });

  test('a new segment begins with a snapshot and goes on with chain and numbers', async () => {
    const dir = scratch();
    const { journal } = await openIn(dir, { segmentRecords: 4 });
    const seqs: number[] = [];
    for (let n = 0; n < 10; n++) seqs.push(await note(journal, n));
    expect(seqs).toEqual([2, 3, 4, 6, 7, 8, 10, 11, 12, 14]);
    expect(readdirSync(dir)).toHaveLength(4);
    const { records, answer } = read(dir);
    expect(answer).toMatchObject({ ok: true, end: { seq: 14 } });
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 14 }, (_, n) => n + 1));
  });

  test('every flipped bit is refused with file and line', async () => {
    const { dir, bytes } = await small();
    const accepted: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(first(dir), flipped);
      const { answer } = read(dir);
      if (answer.ok) accepted.push(bit);
      else expect(answer.message).toMatch(/00000001\.jsonl, line \d+: /);
    }
    expect(accepted).toEqual([]);
  });

  test('every truncation keeps exactly the whole records, and the torn bytes beside', async () => {
    const { dir, bytes } = await small();
    for (let length = 0; length <= bytes.length; length++) {
      for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
      writeFileSync(first(dir), bytes.subarray(0, length));
      const whole = bytes.subarray(0, length).toString('latin1').split('\n').length - 1;
      const { records, answer } = read(dir);
      expect(records).toHaveLength(whole);
      if (!answer.ok) throw new Error(answer.message);
      const kept = bytes.subarray(0, length).lastIndexOf('\n') + 1;
      expect(answer.torn === null ? Buffer.alloc(0) : readFileSync(answer.torn)).toEqual(bytes.subarray(kept, length));
      if (whole > 0) expect(readFileSync(first(dir)).length).toBe(kept);
      expect(read(dir)).toMatchObject({ answer: { ok: true, torn: null }, records });
    }
  });

  test.each([
    ['a missing segment', (dir: string) => unlinkSync(join(dir, '00000002.jsonl')), /00000002\.jsonl is missing/],
    [
      'a segment cut off before another',
      (dir: string) => writeFileSync(first(dir), readFileSync(first(dir)).subarray(0, -5)),
      /another follows/,
    ],
    [
      'a segment that lost its last record',
      (dir: string) => writeFileSync(first(dir), dropLine(first(dir), -1)),
      /00000002\.jsonl, line 1: the hash/,
    ],
    ['two lines that changed places', (dir: string) => writeFileSync(first(dir), swapLines(first(dir))), /line 2: the hash/],
    [
      'a complete line of nonsense at the end',
      (dir: string) => writeFileSync(join(dir, '00000003.jsonl'), '{"v":1}\n', { flag: 'a' }),
      /00000003\.jsonl, line \d+: the line does not end in its hash/,
    ],
  ])('%s is refused', async (_name, damage, message) => {
    const dir = scratch();
    const { journal } = await openIn(dir, { segmentRecords: 4 });
    for (let n = 0; n < 8; n++) await note(journal, n);
    await journal.close();
    damage(dir);
    const { answer } = read(dir);
    expect(answer).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });

  test('a segment whose creation was interrupted is put aside, and the one before goes on', async () => {
    const { dir } = await small();
    writeFileSync(join(dir, '00000002.jsonl'), '{"v":1,"seq":4,"t"');
    const { journal, records } = await openIn(dir);
    expect(records).toHaveLength(3);
    expect(await note(journal, 9)).toBe(4);
    expect(readdirSync(dir).sort()).toEqual(['00000001.jsonl', expect.stringMatching(/^00000002\.jsonl\.torn-/)]);
  });

  test.each([
    ['removed', (path: string) => unlinkSync(path)],
    ['replaced by a copy', replaceByCopy],
  ])('a journal whose file was %s takes nothing more, not even once it is back', async (_name, damage) => {
    const dir = scratch();
    const { journal } = await openIn(dir);
    const [path, aside] = [first(dir), join(dir, 'aside')];
    linkSync(path, aside);
    damage(path);
    await expect(note(journal, 1)).rejects.toMatchObject({ code: 'unavailable' });
    renameSync(aside, path);
    await expect(note(journal, 2)).rejects.toMatchObject({ code: 'unavailable' });
  });

  const mayMount = process.getuid?.() === 0 && process.platform === 'linux';
  test.skipIf(!mayMount)('a full disk: nothing is acknowledged, nothing is torn, and it goes on once there is room', async ({ skip }) => {
    const mount = scratch();
    if (!mountTiny(mount)) return skip();
    onTestFinished(() => void execFileSync('umount', ['-l', mount]));
    const dir = join(mount, 'journal');
    mkdirSync(dir);
    const { journal } = await openIn(dir, { segmentRecords: 20 });
    await note(journal, 1);
    writeFileSync(join(mount, 'ballast'), '');
    let size = 1 << 20;
    while (size > 0) {
      try {
        writeFileSync(join(mount, 'ballast'), Buffer.alloc(size), { flag: 'a' });
      } catch {
        size >>= 1;
      }
    }
    const big = 'x'.repeat(300_000);
    await expect(journal.append([{ kind: 'coord', id: null, event: big, ops: [] }])).rejects.toMatchObject({ code: 'full' });
    expect(journal.seq()).toBe(2);
    expect(read(dir)).toMatchObject({ answer: { ok: true, torn: null, end: { seq: 2 } } });
    rmSync(join(mount, 'ballast'));
    expect(await journal.append([{ kind: 'coord', id: null, event: big, ops: [] }])).toBe(3);
    expect(read(dir)).toMatchObject({ answer: { ok: true, torn: null, end: { seq: 3 } } });
  });
});

/** 4 MB of memory as a disk; false where that is not allowed. */
function mountTiny(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function replaceByCopy(path: string): void {
  writeFileSync(`${path}.copy`, readFileSync(path));
  renameSync(`${path}.copy`, path);
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function dropLine(path: string, at: number): string {
  return `${lines(path).toSpliced(at, 1).join('\n')}\n`;
}

function swapLines(path: string): string {
  const [a, b, c, ...rest] = lines(path);
  return `${[a, c, b, ...rest].join('\n')}\n`;
}
