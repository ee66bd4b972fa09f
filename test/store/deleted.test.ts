/** Decision 0028: what a record took out of the state is had from the journal, in whichever segment it lies. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Op } from '../../src/core/tree.ts';
import { opened, scratch, setDocument } from './support.ts';

const ALICE = ['coordinator', 'handoffs', 'h-a11c'] as const;
const BOB = ['coordinator', 'handoffs', 'h-b0b0'] as const;

const steps = (...ops: Op[]) => ({ ...setDocument(['x'], 0), ops });

async function used() {
  const dir = scratch();
  const store = await opened(dir, { segmentRecords: 10 });
  const idle = async (records: number) => {
    for (let n = 0; n < records; n++) await store.append(setDocument(['instances', 'a', 'step'], n));
  };
  await store.append(steps([ALICE, { task: 'one', rounds: [] }], [BOB, { task: 'h-a11c' }]));
  return { dir, store, idle, journal: join(dir, '.coordtui/journal') };
}

test('as it was left by the record before: parts that were set one by one, segments later', async () => {
  const { store, idle } = await used();
  await idle(12);
  await store.append(steps([[...ALICE, 'task'], 'two'], [[...ALICE, 'phase'], 'APPROVED']));
  await idle(12);
  await store.append(steps([[...ALICE, 'phase'], 'HANDOFF_COMPLETE'], [[...BOB, 'task'], 'three']));
  expect(await store.deleted(ALICE)).toBeUndefined();
  await store.append(steps([ALICE], [['coordinator', 'archive', 'h-a11c'], { task: 'tw' }]));
  const whole = { task: 'two', rounds: [], phase: 'HANDOFF_COMPLETE' };
  expect(await store.deleted(ALICE)).toEqual(whole);
  await idle(30);
  expect(await store.deleted(ALICE)).toEqual(whole);
  expect(await store.deleted(BOB)).toBeUndefined();
});

test('the last of several times counts, also when all were in one segment; a part that is deleted is not the whole', async () => {
  const { store, idle } = await used();
  await store.append(steps([ALICE]));
  await store.append(steps([ALICE, { task: 'again', question: 1 }]));
  await store.append(steps([[...ALICE, 'question']]));
  expect(await store.deleted(ALICE)).toEqual({ task: 'one', rounds: [] });
  await store.append(steps([ALICE]));
  expect(await store.deleted(ALICE)).toEqual({ task: 'again' });
  await idle(25);
  await store.append(steps([ALICE, { task: 'third' }]));
  expect(await store.deleted(ALICE)).toEqual({ task: 'again' });
});

test('a segment that is gone has taken it along', async () => {
  const { store, idle, journal } = await used();
  await store.append(steps([ALICE]));
  await idle(40);
  for (const name of readdirSync(journal).sort().slice(0, 2)) rmSync(join(journal, name));
  expect(await store.deleted(ALICE)).toBeUndefined();
});
