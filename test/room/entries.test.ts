/** Going through a list that is read as a document, entry by entry. */
import { afterEach, expect, test } from 'vitest';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { createReader, type Reader } from '../../src/pane/reader.ts';
import { openedEntry, toEntry } from '../../src/room/entries.ts';

const ROWS = 6;
let emulator: Emulator;
let reader: Reader;

async function list(lines: readonly string[]): Promise<void> {
  emulator = createEmulator({ cols: 60, rows: ROWS, scrollbackLines: 500, promptEndsWork: false, onAnswer: () => {} });
  emulator.feed(Buffer.from(lines.join('\r\n')));
  await new Promise<void>((resolve) => emulator.terminal.write('', resolve));
  reader = createReader({ ...emulator, changed: () => {} });
  reader.see(ROWS);
  reader.toTop();
}
afterEach(() => {
  reader.close();
  emulator.close();
});

const MANY = [
  '2026-11-21 10:41:03  h-3f2a VERIFICATION  verification begins',
  '    unit: passed, h-0000 is only named here',
  '2026-11-21 10:41:02  instance-1: session started (pid 7)',
  '  10:41  h-91c0  approved by ann  "orders"',
  ...Array.from({ length: 12 }, () => '         because everything passed'),
  '⚑ h-77de waits for you: what now?',
  '  in 8 s  h-0a0b  approval by ann  "orders"',
];

test('the first entry in view is opened when none is marked', async () => {
  await list(MANY);
  expect(openedEntry(reader, ROWS, null)).toBe('h-3f2a');
});

test('from entry to entry, over lines that only name a handoff, and into view', async () => {
  await list(MANY);
  const seen: (string | null)[] = [];
  let row: number | null = null;
  for (let step = 0; step < 5; step++) {
    row = toEntry(reader, ROWS, row, 1) ?? row;
    seen.push(openedEntry(reader, ROWS, row));
    const top = reader.max() - reader.back();
    expect(row).toBeGreaterThanOrEqual(top);
    expect(row).toBeLessThan(top + ROWS);
  }
  expect(seen).toEqual(['h-3f2a', 'h-91c0', 'h-77de', 'h-0a0b', 'h-0a0b']);
  expect(reader.selected()).toContain('h-0a0b');
  row = toEntry(reader, ROWS, row, -1);
  expect(openedEntry(reader, ROWS, row)).toBe('h-77de');
});

test('a list without entries opens nothing', async () => {
  await list(['nothing happened yet']);
  expect(toEntry(reader, ROWS, null, 1)).toBeNull();
  expect(openedEntry(reader, ROWS, null)).toBeNull();
});
