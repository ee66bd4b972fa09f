/** `coordtui replay`: the journal as somebody reads it from outside, whoever writes to it meanwhile. */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { getAt, type Json } from '../../src/core/tree.ts';
import { type Past, readPast, type Until } from '../../src/store/past.ts';
import { opened, scratch, setDocument } from './support.ts';

/** Thirty steps in segments of ten, by a store that stays open. */
async function used(): Promise<string> {
  const dir = scratch();
  const store = await opened(dir, { segmentRecords: 10 });
  for (let n = 1; n <= 30; n++) await store.append(setDocument(['instances', 'a', 'step'], n));
  return dir;
}

const segments = (dir: string) => {
  const journal = join(dir, '.coordtui/journal');
  return readdirSync(journal)
    .sort()
    .map((name) => join(journal, name));
};

function read(dir: string, until: Until, records: number): { past: Past; seqs: number[]; step: Json | undefined } {
  const seqs: number[] = [];
  let step: Json | undefined;
  const past = readPast(dir, until, records, ({ record, tree }) => {
    seqs.push(record.seq);
    step = getAt(tree, ['document', 'instances', 'a', 'step']);
  });
  return { past, seqs, step };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('all of it, while a room writes; no more segments than are asked for; the fold is the same from any of them', async () => {
  const dir = await used();
  expect(segments(dir)).toHaveLength(4);
  expect(read(dir, 'newest', 1_000)).toEqual({ past: { ok: true }, seqs: upTo(1, 34), step: 30 });
  expect(read(dir, 'newest', 5)).toEqual({ past: { ok: true }, seqs: upTo(21, 34), step: 30 });
  expect(read(dir, 'newest', 4)).toEqual({ past: { ok: true }, seqs: upTo(31, 34), step: 30 });
});

test('as of a record, and as of a time', async () => {
  const dir = await used();
  expect(read(dir, { seq: 15 }, 1)).toEqual({ past: { ok: true }, seqs: upTo(11, 15), step: 13 });
  expect(read(dir, { seq: 99 }, 1)).toMatchObject({ seqs: upTo(31, 34) });
  expect(read(dir, { t: '2000-01-01T00:00:00.000Z' }, 1)).toEqual({ past: { ok: true }, seqs: [], step: undefined });
  const lines = segments(dir).flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'));
  const { seq, t } = JSON.parse(lines.at(15) ?? '') as { seq: number; t: string };
  const { seqs } = read(dir, { t }, 1);
  expect(seqs.at(-1)).toBeGreaterThanOrEqual(seq);
  expect(lines.slice(0, seqs.at(-1)).every((line) => (JSON.parse(line) as { t: string }).t <= t)).toBe(true);
});

test('what is still being written is not there yet, and nothing is changed', async () => {
  const dir = await used();
  const last = segments(dir).at(-1) ?? '';
  appendFileSync(last, '{"v":1,"seq":35,"t":"20');
  const before = segments(dir).map((path) => readFileSync(path, 'utf8'));
  expect(read(dir, 'newest', 1).seqs.at(-1)).toBe(34);
  expect(segments(dir).map((path) => readFileSync(path, 'utf8'))).toEqual(before);
});

test('damage is named with file and line; what was told before it is whole', async () => {
  const dir = await used();
  const second = segments(dir)[1] ?? '';
  const bytes = readFileSync(second);
  const at = bytes.indexOf('"step"', bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1);
  bytes[at + 1] = 0x53;
  writeFileSync(second, bytes);
  const { past, seqs } = read(dir, 'newest', 1_000);
  expect(past).toEqual({ ok: false, issue: expect.stringMatching(/00000002\.jsonl, line 3: the hash does not follow/) });
  expect(seqs).toEqual(upTo(1, 12));
});
