/** Whoever draws only the rows that are told to have changed has the whole screen. */
import { expect, it } from 'vitest';
import { ALL_ROWS } from '../../src/pane/changed-rows.ts';
import { createEmulator } from '../../src/pane/emulator.ts';
import { blit } from '../../src/screen/blit.ts';
import { createGrid } from '../../src/screen/grid.ts';
import { hostileBytes, torn } from '../screen/hostile.ts';
import { random, wantedCells } from '../screen/support.ts';

const SIZE = { cols: 40, rows: 12 };
const SCREEN = { x: 0, y: 0, width: SIZE.cols, height: SIZE.rows };

const open = (scrollbackLines = 20) => createEmulator({ ...SIZE, scrollbackLines, promptEndsWork: false, onAnswer: () => {} });

it('an echo changes its row, a line that scrolls changes all', () => {
  const emulator = open();
  emulator.feed(Buffer.from('$ \r\nsecond\r\n'));
  emulator.feed(Buffer.from('x'));
  expect(emulator.changedRows()).toEqual({ from: 2, to: 3 });
  emulator.feed(Buffer.from('\b \b'));
  expect(emulator.changedRows()).toEqual({ from: 2, to: 3 });
  emulator.feed(Buffer.from('\x1b[1;1Hy\x1b[4;1H'));
  expect(emulator.changedRows()).toMatchObject({ from: 0 });
  emulator.feed(Buffer.from('\x1b[12;1H\r\n'));
  expect(emulator.changedRows()).toMatchObject({ from: 0, to: SIZE.rows });
  emulator.feed(Buffer.from('x'));
  emulator.resize(30, 12);
  expect(emulator.changedRows()).toEqual(ALL_ROWS);
  emulator.close();
});

it.each(Array.from({ length: 12 }, (_, seed) => seed))('whatever is printed (seed %i)', (seed) => {
  const next = random(seed + 1);
  const emulator = open();
  const [partly, whole] = [createGrid(SIZE.cols, SIZE.rows), createGrid(SIZE.cols, SIZE.rows)];
  blit(partly, emulator.terminal, SCREEN);
  const scrolls = [
    '\r\n',
    '\n\n\n',
    'x'.repeat(90),
    '\x1b[3;6r\x1b[6;1H\n\n',
    '\x1b[r',
    '\x1bM',
    '\x1b[2S',
    '\x1bc',
    '\x1b#8',
    '\x1b[?1049h',
    '\x1b[?1049l',
  ];
  for (let piece = 0; piece < 40; piece++) {
    const bytes = next(3) === 0 ? Buffer.from(scrolls[next(scrolls.length)] ?? '') : hostileBytes(next, 1 + next(6));
    for (const part of torn(next, bytes)) {
      emulator.feed(part);
      blit(partly, emulator.terminal, SCREEN, { scrolledBack: 0, rows: emulator.changedRows() });
      blit(whole, emulator.terminal, SCREEN);
      expect(wantedCells(partly)).toEqual(wantedCells(whole));
    }
  }
  emulator.close();
});
