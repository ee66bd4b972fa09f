import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Coordinator, Observer } from '../../src/coordinator/coordinator.ts';
import type { Event } from '../../src/core/event.ts';
import type { State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { diff, type Json, type JsonObject } from '../../src/core/tree.ts';
import { createSeen } from '../../src/room/seen.ts';
import { createTimeline } from '../../src/room/timeline.ts';
import type { JournalRecord } from '../../src/store/record.ts';
import { BACKEND, NOW, state } from '../core/state-fixture.ts';
import { scratch } from '../support/rooms.ts';

/** A journal as the coordinator writes one, by the core itself, and the room that goes on from it. */
function aRoom(count: number) {
  let now: State = state([]);
  let seq = 1;
  const records: JournalRecord[] = [{ v: 1, seq, t: '', kind: 'snapshot', storeId: 's', tree: now as unknown as JsonObject }];
  const observers = new Set<Observer>();
  const happen = (index: number) => {
    const event: Event = {
      at: NOW + index,
      seed: index.toString(16).padStart(16, '0'),
      type: 'pane.failed',
      instance: BACKEND,
      reason: `trouble ${index}`,
    };
    const before = now;
    const stepped = step(before, event);
    now = stepped.state;
    const ops = diff(before as unknown as JsonObject, now as unknown as JsonObject);
    records.push({ v: 1, seq: ++seq, t: '', kind: 'coord', id: null, event: event as unknown as Json, ops });
    for (const observer of observers) observer.changed?.(before, now, event);
  };
  for (let index = 0; index < count; index++) happen(index);
  const coordinator = {
    observe: (observer: Observer) => {
      observers.add(observer);
      return () => observers.delete(observer);
    },
  } as unknown as Coordinator;
  async function* history(from: number) {
    for (const record of [...records]) if (record.seq >= from || record.kind === 'snapshot') yield record;
  }
  return { happen, timeline: createTimeline({ coordinator, history, seq: () => seq }), observers };
}

const troubles = (entries: readonly { text: string }[]) =>
  entries.flatMap(({ text }) => /trouble (\d+)/u.exec(text)?.[1] ?? []).map(Number);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test('the whole past is told once it is asked for, and what comes afterwards is added', async () => {
  const { happen, timeline } = aRoom(5);
  expect(troubles(await timeline.entries())).toEqual(upTo(5));
  happen(5);
  expect(troubles(await timeline.entries())).toEqual(upTo(6));
});

test('what happens while the journal is read is told once, in its place', async () => {
  const { happen, timeline } = aRoom(1000);
  const reading = timeline.entries();
  happen(1000);
  await new Promise<void>((resolve) => setImmediate(resolve));
  happen(1001);
  expect(troubles(await reading)).toEqual(upTo(1002));
  expect(troubles(await timeline.entries())).toEqual(upTo(1002));
});

test('what happens at any moment of the reading is told once, also at its very end', async () => {
  const { happen, timeline } = aRoom(5);
  let over = false;
  const reading = timeline.entries().then(() => {
    over = true;
  });
  let count = 5;
  while (!over) {
    happen(count++);
    await null;
  }
  await reading;
  expect(troubles(await timeline.entries())).toEqual(upTo(count));
});

test('a room that ends lets go', async () => {
  const { timeline, observers } = aRoom(3);
  await timeline.entries();
  timeline.close();
  expect(observers.size).toBe(0);
});

let folder = '';
beforeEach(() => {
  folder = scratch('seen');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the last look ends when the last of the operator’s screens goes, and another room knows of it', () => {
  let now = 1000;
  const file = join(folder, 'seen');
  const seen = createSeen(file, () => now);
  expect(seen.before()).toBe(0);
  seen.look(true);
  now = 2000;
  seen.look(true);
  expect(seen.before()).toBe(0);
  seen.look(false);
  expect(seen.before()).toBe(0);
  now = 3000;
  seen.look(false);
  now = 4000;
  expect(seen.before()).toBe(3000);
  expect(createSeen(file, () => now).before()).toBe(3000);
});

test('what else may lie there is no time', () => {
  writeFileSync(join(folder, 'seen'), 'yesterday\n');
  expect(createSeen(join(folder, 'seen'), () => 7).before()).toBe(0);
  expect(createSeen(folder, () => 7).before()).toBe(0);
});
