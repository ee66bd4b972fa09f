/** `coordtui recover`: what verifies stays, what does not is moved aside, and the status file gives back what it shows. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getAt, type JsonObject } from '../../src/core/tree.ts';
import { openStore } from '../../src/store/open.ts';
import { repairStore } from '../../src/store/repair-store.ts';
import { initial, lockInfo, opened, readStatus, round, scratch, setDocument, statusFile } from './support.ts';

const journalOf = (dir: string): string => join(dir, '.coordtui/journal');
const segmentsOf = (dir: string): string[] =>
  readdirSync(journalOf(dir))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(journalOf(dir), name));

/** Twenty steps in segments of five, all of them projected. */
async function used(): Promise<string> {
  const dir = scratch();
  const store = await opened(dir, { segmentRecords: 5 });
  for (let n = 1; n <= 20; n++) await store.append(setDocument(['instances', 'a', 'step'], n));
  await store.append(setDocument(['handoffProtocol', 'currentHandoffPhase'], 'ACTIVE'));
  await round(store);
  await store.close();
  return dir;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function mended(dir: string): Promise<{ tree: JsonObject; seq: number }> {
  expect(await openStore({ statusDir: dir, initial, lockInfo })).toMatchObject({ ok: false, code: 'corrupt' });
  const looked = repairStore(dir, 'look');
  const repaired = repairStore(dir, 'repair');
  expect(repaired).toEqual(looked);
  expect(repairStore(dir, 'look')).toEqual({ ok: true, found: null });
  const store = await opened(dir, { segmentRecords: 5 });
  await round(store);
  const seq = await store.append(setDocument(['instances', 'a', 'after'], 1));
  await round(store);
  await store.close();
  const again = await opened(dir);
  expect(getAt(again.tree(), ['document', 'instances', 'a', 'after'])).toBe(1);
  return { tree: again.tree(), seq };
}

describe('a damaged journal', () => {
  test('whole: nothing to do', async () => {
    expect(repairStore(await used(), 'look')).toEqual({ ok: true, found: null });
  });

  test('in its last segment: the good beginning stays, the status file gives back its reports, not the coordinator’s part', async () => {
    const dir = await used();
    const published = Number(readStatus(dir)['revision']);
    const last = segmentsOf(dir).at(-1) ?? '';
    flip(last, readFileSync(last).indexOf('\n') + 30);
    const before = readFileSync(last);
    const { tree, seq } = await mended(dir);
    expect(getAt(tree, ['document', 'instances', 'a', 'step'])).toBe(20);
    expect(getAt(tree, ['document', 'handoffProtocol', 'currentHandoffPhase'])).toBe('NONE');
    expect(seq).toBeGreaterThan(published);
    const aside = readdirSync(join(dir, '.coordtui')).find((name) => name.startsWith('damaged-')) ?? '';
    expect(readFileSync(join(dir, '.coordtui', aside, last.slice(-14)))).toEqual(before);
    expect(readFileSync(join(dir, '.coordtui', aside, 'why'), 'utf8')).toContain(last);
  });

  test('in an old segment: only the history before it goes', async () => {
    const dir = await used();
    flip(segmentsOf(dir)[1] ?? '', 60);
    const { tree } = await mended(dir);
    expect(tree).toMatchObject({ document: { instances: { a: { step: 20 } }, handoffProtocol: { currentHandoffPhase: 'ACTIVE' } } });
    expect(segmentsOf(dir)[0]).toMatch(/00000003\.jsonl$/);
  });

  test('a segment is gone, the journal is too short, or nothing of it is left: it opens again', async () => {
    for (const harm of [
      (dir: string) => rmSync(segmentsOf(dir)[2] ?? ''),
      (dir: string) => rmSync(segmentsOf(dir).at(-1) ?? ''),
      (dir: string) => segmentsOf(dir).map((path) => writeFileSync(path, 'nonsense\n')),
      (dir: string) => segmentsOf(dir).map((path) => rmSync(path)),
    ]) {
      const dir = await used();
      harm(dir);
      const { tree } = await mended(dir);
      expect(getAt(tree, ['document', 'instances', 'a', 'step'])).toBe(20);
    }
  });

  test('an edit made before the repair is merged after it', async () => {
    const dir = await used();
    truncateSync(segmentsOf(dir).at(-1) ?? '', 40);
    const edited = readStatus(dir) as { instances: { b: JsonObject } };
    writeFileSync(
      statusFile(dir),
      JSON.stringify({ ...edited, instances: { ...edited.instances, b: { ...edited.instances.b, task: 'x' } } }),
    );
    const { tree } = await mended(dir);
    expect(getAt(tree, ['document', 'instances', 'b', 'task'])).toBe('x');
  });

  test('not while a room holds it', async () => {
    const dir = scratch();
    await opened(dir);
    expect(repairStore(dir, 'repair')).toMatchObject({ ok: false, code: 'held' });
  });
});
