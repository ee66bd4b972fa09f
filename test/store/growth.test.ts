/** A journal that grows: sealed segments, the oldest of which may go, and the formats that came before. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { getAt, type JsonObject } from '../../src/core/tree.ts';
import { openJournal } from '../../src/store/journal.ts';
import { createKnownIds } from '../../src/store/known-ids.ts';
import { readJournal } from '../../src/store/segments.ts';
import { opened, readStatus, round, scratch, setDocument } from './support.ts';

/** `records` steps in segments of ten, the ids of every second one being `id-N`. */
async function grown(dir: string, records: number, keepBytes?: number): Promise<void> {
  const found = readJournal(dir, { record: () => undefined, id: () => undefined }, 1);
  if (!found.ok) throw new Error(found.message);
  const journal = await openJournal(
    {
      dir,
      storeId: '0123456789abcdef',
      tree: (): JsonObject => ({ document: {} }),
      adopt: () => undefined,
      onSnapshot: () => undefined,
      guard: () => undefined,
      segmentRecords: 10,
      ...(keepBytes === undefined ? {} : { keepBytes }),
    },
    found.end,
    found.segments,
  );
  onTestFinished(() => journal.close());
  const begun = journal.seq();
  for (let n = 0; n < records; n++)
    await journal.append([{ kind: 'coord', id: n % 2 === 0 ? `id-${begun + n}` : null, event: { n }, ops: [[['document', 'n'], n]] }]);
  await journal.close();
}

function skim(dir: string) {
  const seen: number[] = [];
  const ids: string[] = [];
  return { answer: readJournal(dir, { record: ({ seq }) => seen.push(seq), id: (id) => ids.push(id) }, 5), seen, ids };
}

describe('a journal of many segments', () => {
  test('only the newest are read line by line; of the others the ids are known, and the end is the same', async () => {
    const dir = scratch();
    await grown(dir, 60);
    const whole = readJournal(dir, { record: () => undefined, id: () => undefined }, 1_000);
    const { answer, seen, ids } = skim(dir);
    expect(answer).toEqual(whole);
    expect(seen[0]).toBeGreaterThan(40);
    expect(ids.length).toBeGreaterThan(20);
    await grown(dir, 15);
    expect(skim(dir).answer.ok).toBe(true);
  });

  test('every flipped bit in a sealed segment is refused, by file', async () => {
    const dir = scratch();
    await grown(dir, 34);
    const names = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
    expect(names).toHaveLength(4);
    for (const name of names.slice(0, 2)) {
      const path = join(dir, name);
      const bytes = readFileSync(path);
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        writeFileSync(path, flipped);
        const { answer } = skim(dir);
        expect(answer.ok, `${name}, bit ${bit}`).toBe(false);
        if (!answer.ok) expect(answer.message).toContain(name.slice(0, 8));
      }
      writeFileSync(path, bytes);
    }
    expect(skim(dir).answer.ok).toBe(true);
  });

  test('the oldest segments go once a newer one says so, the chain goes on, and one that is missing too early is damage', async () => {
    const dir = scratch();
    await grown(dir, 100, 3_000);
    const names = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
    expect(names.length).toBeLessThan(8);
    expect(names[0]).not.toBe('00000001.jsonl');
    expect(skim(dir).answer.ok).toBe(true);
    expect(readJournal(dir, { record: () => undefined, id: () => undefined }, 1_000).ok).toBe(true);
    rmSync(join(dir, String(names[0])));
    expect(skim(dir).answer).toEqual({ ok: false, message: expect.stringMatching(/is missing$/) });
  });
});

test('a format that came before is opened, goes on, and is from then on of this format', async () => {
  const dir = scratch();
  const sample = join(import.meta.dirname, 'samples/format-1');
  mkdirSync(join(dir, '.coordtui'), { recursive: true });
  for (const name of ['journal', 'store.json']) cpSync(join(sample, name), join(dir, '.coordtui', name), { recursive: true });
  cpSync(join(sample, 'multi-instance-status.json'), join(dir, 'multi-instance-status.json'));
  const store = await opened(dir, { segmentRecords: 4 });
  expect(store.tree()).toMatchObject({ document: { instances: { a: { step: 9 }, b: { task: 'kept' } } }, coordinator: { count: 7 } });
  expect(await store.append(setDocument(['instances', 'a', 'step'], 99, 'drop-3'))).toBeLessThan(store.seq());
  for (let n = 10; n < 20; n++) await store.append(setDocument(['instances', 'a', 'step'], n));
  await round(store);
  await store.close();
  const again = await opened(dir);
  expect(getAt(again.tree(), ['document', 'instances', 'a', 'step'])).toBe(19);
  expect(readStatus(dir)['storeId']).toBe('db261ba1fa7c75e6');
  expect(readFileSync(join(dir, '.coordtui/store.json'), 'utf8')).toContain('"format":2');
});

test('ids are known whether they are new, old, or very many', () => {
  const ids = createKnownIds();
  for (let n = 1; n <= 50_000; n++) {
    if (n % 3 === 0) ids.addOld(`doc-${n}`, n);
    else ids.add(`drop-${n}`, n);
  }
  for (let n = 1; n <= 50_000; n += 7) expect(ids.get(n % 3 === 0 ? `doc-${n}` : `drop-${n}`)).toBe(n);
  for (let n = 50_001; n < 60_000; n++) expect(ids.get(`drop-${n}`)).toBeUndefined();
});
