/** A clock that is set an hour on or back between any two writes decides nothing: order is that of the numbers. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/tree.ts';
import { drop } from '../../src/store/inbox-drop.ts';
import { opened, readStatus, round, scratch, setDocument, statusFile } from './support.ts';

const NOON = Date.UTC(2030, 0, 1, 12);
const HOUR = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
});

/** Edits of the file, drops and own steps in turn, over three lives of the store; the clock is set to `hours` before each. */
async function history(hours: readonly number[]): Promise<{ document: JsonObject; numbers: number[]; swap: string[] }> {
  vi.useFakeTimers({ toFake: ['Date'] });
  const dir = scratch();
  let at = 0;
  const set = (): void => {
    vi.setSystemTime(NOON + (hours[at++ % hours.length] ?? 0) * HOUR);
  };
  for (let life = 0; life < 3; life++) {
    const store = await opened(dir, { segmentRecords: 10 });
    await store.project();
    for (let n = 0; n < 8; n++) {
      set();
      const stale = readFileSync(statusFile(dir), 'utf8');
      await store.append(setDocument(['handoffProtocol', 'tick'], `${life}-${n}`));
      set();
      const edited = JSON.parse(stale);
      edited.instances.a.last = `${life}-${n}`;
      edited.instances.a.log = [...(edited.instances.a.log ?? []), `${life}-${n}`];
      writeFileSync(join(dir, 'aside'), JSON.stringify(edited));
      renameSync(join(dir, 'aside'), statusFile(dir));
      await round(store);
      set();
      drop(dir, { op: 'incr', path: ['instances', 'b', 'sum'], value: 1, by: 'b', ifRevision: null });
      drop(dir, { op: 'set', path: ['instances', 'b', 'last'], value: `${life}-${n}`, by: 'b', ifRevision: null });
      await round(store);
    }
    await store.close();
  }
  const { revision: _revision, storeId: _store, ...document } = readStatus(dir);
  const journal = join(dir, '.coordtui/journal');
  const lines = readdirSync(journal)
    .sort()
    .flatMap((name) => readFileSync(join(journal, name), 'utf8').trim().split('\n'));
  const numbers = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
  return { document, numbers, swap: readdirSync(join(dir, '.coordtui/swap')) };
}

test('the same document, gapless numbers, and nothing lost, whichever way the clock is set', async () => {
  const still = await history([0]);
  expect(still.document).toMatchObject({
    handoffProtocol: { tick: '2-7' },
    instances: { a: { last: '2-7' }, b: { sum: 24, last: '2-7' } },
  });
  for (const hours of [
    [0, -1],
    [1, 0, -1],
    [-1, -2, -3, -4, 5],
  ]) {
    const jumping = await history(hours);
    expect(jumping.document).toEqual(still.document);
    expect(jumping.numbers).toEqual(jumping.numbers.map((_, index) => index + 1));
    expect(jumping.numbers.length).toBe(still.numbers.length);
  }
});

test('drops that wait for a room keep the order of their making, whichever way the clock is set', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const dir = scratch();
  for (const [n, hour] of [0, -1, 2, -1_000, -1_000].entries()) {
    vi.setSystemTime(NOON + hour * HOUR);
    expect(drop(dir, { op: 'set', path: ['instances', 'b', 'log'], value: n, by: 'b', ifRevision: null }).ok).toBe(true);
  }
  // The highest name there can be, by whomever it was made: no number follows it, and none is refused.
  writeFileSync(join(dir, '.coordtui/inbox/new/99999999999999-1-x'), 'no drop');
  expect(drop(dir, { op: 'set', path: ['instances', 'b', 'last'], value: 5, by: 'b', ifRevision: null }).ok).toBe(true);
  const store = await opened(dir);
  const found = await store.capture();
  const dropped = found.flatMap((foreign) => (foreign.kind === 'set' ? [foreign.value] : []));
  expect(dropped.filter((value) => value !== 5)).toEqual([0, 1, 2, 3, 4]);
  expect(dropped).toContain(5);
});
