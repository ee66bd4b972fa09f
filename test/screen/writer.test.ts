import { describe, expect, test } from 'vitest';
import type { Depth } from '../../src/screen/depth.ts';
import { createGrid, fill, type Grid, rowText, text } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette, rgb, withUnderline } from '../../src/screen/style.ts';
import { createWriter, type Writer } from '../../src/screen/writer.ts';
import { brokenCells, cellsOf, copyOf, ODD_WORDS, outerTerminal, PLAIN_WORDS, random, scribble, wantedCells } from './support.ts';

type Tape = { writer: Writer; output: string[]; full: boolean; take(): string };

function tape(depth: Depth = 'truecolor'): Tape {
  const output: string[] = [];
  const made: Tape = {
    output,
    full: false,
    writer: createWriter(
      {
        write(bytes) {
          output.push(bytes);
          return !made.full;
        },
      },
      depth,
    ),
    take: () => output.splice(0).join(''),
  };
  return made;
}

const bold = { ...PLAIN_STYLE, attributes: ATTR.bold };
const SEQUENCE = /\u001b\[[0-?]*[ -/]*[@-~]/gu;

describe('what is painted is what is shown', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`random screens with wide, joined and combined characters, diff after diff, seed ${seed}`, async () => {
      const next = random(seed);
      const cols = 20 + next(40);
      const rows = 4 + next(8);
      const outer = outerTerminal(cols, rows);
      await outer.feed('\x1b[?7l');
      const { writer, take } = tape();
      const grid = createGrid(cols, rows);
      for (let frame = 0; frame < 40; frame++) {
        scribble(grid, next, [...PLAIN_WORDS, ...ODD_WORDS], 1 + next(12));
        expect(brokenCells(grid)).toEqual([]);
        const cursor = next(4) === 0 ? null : { x: next(cols), y: next(rows) };
        writer.paint(grid, cursor);
        await outer.feed(take());
        expect(cellsOf(outer.terminal)).toEqual(wantedCells(grid));
        if (cursor !== null) {
          expect([outer.terminal.buffer.active.cursorX, outer.terminal.buffer.active.cursorY]).toEqual([cursor.x, cursor.y]);
        }
      }
    });
  }

  for (const seed of [11, 12, 13, 14]) {
    test(`a terminal with other widths still shows every plain character in its place, seed ${seed}`, async () => {
      const next = random(seed);
      const outer = outerTerminal(40, 6, false);
      await outer.feed('\x1b[?7l');
      const { writer, take } = tape();
      const grid = createGrid(40, 6);
      for (let frame = 0; frame < 40; frame++) {
        scribble(grid, next, [...PLAIN_WORDS, ...ODD_WORDS], 1 + next(6));
        writer.paint(grid, null);
        await outer.feed(take());
        expect(plainPlaces(cellsOf(outer.terminal))).toEqual(plainPlaces(wantedCells(grid)));
      }
    });
  }

  test('frames that the terminal had no room for are left out, and the next one holds what they held', async () => {
    const next = random(99);
    const outer = outerTerminal(30, 5);
    await outer.feed('\x1b[?7l');
    const recorder = tape();
    const grid = createGrid(30, 5);
    for (let frame = 0; frame < 30; frame++) {
      scribble(grid, next, [...PLAIN_WORDS, ...ODD_WORDS], 3);
      recorder.full = next(2) === 0;
      expect(recorder.writer.paint(grid, null)).toBe(true);
      if (recorder.full) {
        const before = copyOf(grid);
        for (let skipped = 0; skipped < 3; skipped++) {
          scribble(grid, next, ODD_WORDS, 2);
          expect(recorder.writer.paint(grid, null)).toBe(false);
        }
        await outer.feed(recorder.take());
        expect(cellsOf(outer.terminal)).toEqual(wantedCells(before));
        recorder.writer.drained();
        recorder.full = false;
        expect(recorder.writer.paint(grid, null)).toBe(true);
      }
      await outer.feed(recorder.take());
      expect(cellsOf(outer.terminal)).toEqual(wantedCells(grid));
    }
  });

  test('after invalidate, whatever the terminal showed is gone', async () => {
    const outer = outerTerminal(20, 3);
    const { writer, take } = tape();
    const grid = createGrid(20, 3);
    text(grid, 2, 1, 'kept 漢', bold);
    writer.paint(grid, null);
    await outer.feed(take());
    await outer.feed('\x1b[H\x1b[7;31mgarbage\x1b[3;1Hmore');
    writer.invalidate();
    writer.paint(grid, null);
    await outer.feed(take());
    expect(cellsOf(outer.terminal)).toEqual(wantedCells(grid));
  });

  test('another size is another screen', async () => {
    const outer = outerTerminal(10, 2);
    const { writer, take } = tape();
    writer.paint(filled(10, 2, 'x'), null);
    await outer.feed(take());
    outer.terminal.resize(7, 3);
    const smaller = filled(7, 3, 'y');
    writer.paint(smaller, null);
    await outer.feed(take());
    expect(cellsOf(outer.terminal)).toEqual(wantedCells(smaller));
  });

  test('the bottom right cell does not scroll the screen, not even with autowrap on', async () => {
    const outer = outerTerminal(6, 2);
    const { writer, take } = tape();
    const grid = filled(6, 2, 'x');
    writer.paint(grid, { x: 5, y: 1 });
    await outer.feed(take());
    text(grid, 5, 1, 'y', PLAIN_STYLE);
    text(grid, 0, 0, 'z', PLAIN_STYLE);
    writer.paint(grid, null);
    await outer.feed(take());
    expect(cellsOf(outer.terminal)).toEqual(wantedCells(grid));
    expect(outer.terminal.buffer.active.baseY).toBe(0);
  });
});

describe('no byte too many', () => {
  test('nothing changed, nothing written', () => {
    const { writer, take } = tape();
    const grid = filled(10, 3, 'x');
    writer.paint(grid, { x: 1, y: 1 });
    take();
    expect(writer.paint(grid, { x: 1, y: 1 })).toBe(true);
    expect(take()).toBe('');
  });

  test('only the cursor moved: it is moved, and not hidden for that', () => {
    const { writer, take } = tape();
    const grid = filled(10, 3, 'x');
    writer.paint(grid, { x: 1, y: 1 });
    take();
    writer.paint(grid, { x: 4, y: 2 });
    expect(take()).toBe('\x1b[?2026h\x1b[3;5H\x1b[?2026l');
    writer.paint(grid, null);
    expect(take()).toBe('\x1b[?2026h\x1b[?25l\x1b[?2026l');
    writer.paint(grid, { x: 4, y: 2 });
    expect(take()).toContain('\x1b[?25h');
  });

  test('one changed cell costs one frame of few bytes, with the cursor hidden meanwhile and placed inside it', () => {
    const { writer, take } = tape();
    const grid = filled(80, 24, 'x');
    writer.paint(grid, { x: 0, y: 0 });
    take();
    text(grid, 40, 12, 'y', PLAIN_STYLE);
    writer.paint(grid, { x: 41, y: 12 });
    expect(take()).toBe('\x1b[?2026h\x1b[?25l\x1b[13;41Hy\x1b[13;42H\x1b[?25h\x1b[?2026l');
  });

  test('small gaps are written over, large ones jumped', () => {
    const { writer, take } = tape();
    const grid = filled(80, 1, 'x');
    writer.paint(grid, null);
    take();
    for (const x of [10, 12, 40]) text(grid, x, 0, 'y', PLAIN_STYLE);
    writer.paint(grid, null);
    expect(take()).toBe('\x1b[?2026h\x1b[1;11Hyxy\x1b[41Gy\x1b[?2026l');
  });

  test('spaces with a background are written, not erased', async () => {
    const outer = outerTerminal(20, 2);
    const { writer, take } = tape();
    const grid = filled(20, 2, 'x');
    writer.paint(grid, null);
    fill(grid, { x: 5, y: 0, width: 15, height: 1 }, ' ', { ...PLAIN_STYLE, bg: palette(4) });
    fill(grid, { x: 11, y: 0, width: 9, height: 1 }, ' ', { ...PLAIN_STYLE, bg: palette(2) });
    fill(grid, { x: 9, y: 1, width: 11, height: 1 }, ' ', { ...PLAIN_STYLE, attributes: ATTR.inverse });
    writer.paint(grid, null);
    await outer.feed(take());
    expect(cellsOf(outer.terminal)).toEqual(wantedCells(grid));
  });

  test('a row that becomes empty is erased', () => {
    const { writer, take } = tape();
    const grid = filled(80, 2, 'x');
    writer.paint(grid, null);
    take();
    fill(grid, { x: 3, y: 0, width: 77, height: 1 }, ' ', PLAIN_STYLE);
    writer.paint(grid, null);
    expect(take()).toBe('\x1b[?2026h\x1b[1;4H\x1b[K\x1b[?2026l');
  });

  test('a style is said once for all the cells that have it', () => {
    const { writer, take } = tape();
    const grid = createGrid(20, 1);
    writer.paint(grid, null);
    take();
    text(grid, 0, 0, 'bold and bold', bold);
    writer.paint(grid, null);
    expect(take().match(/\x1b\[[0-9;]*m/gu)).toEqual(['\x1b[1m']);
  });
});

describe('after characters that terminals disagree about', () => {
  test.each(['❤️', '👩🏽‍🚀', '😀', '漢', 'e\u0301', '🇩🇪', '1️⃣'])('%s: the next cell is placed by its column', (odd) => {
    const { writer, take } = tape();
    const grid = createGrid(20, 1);
    writer.paint(grid, null);
    take();
    const end = text(grid, 3, 0, odd, PLAIN_STYLE);
    text(grid, end, 0, 'z', PLAIN_STYLE);
    writer.paint(grid, null);
    expect(take()).toContain(`${odd}\x1b[${end + 1}Gz`);
  });

  test.each(['\u093f', '\u0e33', '🏽', '🇪', 'ﾞ'])('%j in a cell of its own is not joined to the one before it', async (mark) => {
    const outer = outerTerminal(20, 1);
    const { writer, take } = tape();
    const grid = createGrid(20, 1);
    writer.paint(grid, null);
    text(grid, 3, 0, 'a🇩', PLAIN_STYLE);
    text(grid, 5, 0, mark, PLAIN_STYLE);
    text(grid, 9, 0, 'a', PLAIN_STYLE);
    text(grid, 10, 0, mark, PLAIN_STYLE);
    writer.paint(grid, null);
    await outer.feed(take());
    expect(cellsOf(outer.terminal)).toEqual(wantedCells(grid));
  });

  test('what a terminal may have covered with a wider one is written again', () => {
    const { writer, take } = tape();
    const grid = filled(20, 1, 'x');
    writer.paint(grid, null);
    take();
    text(grid, 3, 0, '👍🏽', PLAIN_STYLE);
    writer.paint(grid, null);
    expect(take()).toContain('👍🏽\x1b[6Gxx');
  });
});

describe('colours', () => {
  const shown = (depth: Depth, style: Parameters<typeof text>[4]): string => {
    const { writer, take } = tape(depth);
    const grid = createGrid(4, 1);
    writer.paint(grid, null);
    take();
    text(grid, 0, 0, 'x', style);
    writer.paint(grid, null);
    return /\x1b\[1;1H(.*)x/u.exec(take())?.[1] ?? '';
  };
  const orange = { ...PLAIN_STYLE, fg: rgb(0xff8700), bg: palette(200), attributes: ATTR.bold | ATTR.inverse };

  test('24 bits as they are', () => expect(shown('truecolor', orange)).toBe('\x1b[1;7;38;2;255;135;0;48;5;200m'));
  test('256: the nearest of the cube', () => expect(shown('256', orange)).toBe('\x1b[1;7;38;5;208;48;5;200m'));
  test('16: the nearest of the theme', () => expect(shown('16', orange)).toMatch(/^\x1b\[1;7;(?:3|9)[0-7];(?:4|10)[0-7]m$/u));
  test('none: NO_COLOR leaves bold, inverse and underline', () => {
    expect(shown('none', { ...orange, attributes: withUnderline(orange.attributes, 1) })).toBe('\x1b[1;7;4m');
  });
  test('the 16 of the theme stay those, at every depth', () => {
    for (const depth of ['16', '256', 'truecolor'] as const)
      expect(shown(depth, { ...PLAIN_STYLE, fg: palette(1), bg: palette(12) })).toBe('\x1b[31;104m');
  });
  test('curly lines and their colour only where they are understood', () => {
    const curly = { ...PLAIN_STYLE, attributes: withUnderline(0, 3), underline: rgb(0x0a0b0c) };
    expect(shown('truecolor', curly)).toBe('\x1b[4:3;58:2::10:11:12m');
    expect(shown('256', curly)).toBe('\x1b[4m');
  });
});

test('one kind of underline after another, and none', () => {
  const { writer, take } = tape();
  const grid = createGrid(12, 1);
  writer.paint(grid, null);
  take();
  for (const [x, kind] of [1, 3, 2, 0].entries()) text(grid, x, 0, 'x', { ...PLAIN_STYLE, attributes: withUnderline(0, kind) });
  writer.paint(grid, null);
  expect(take()).toContain('\x1b[4mx\x1b[0;4:3mx\x1b[0;4:2mx\x1b[mx');
});

test('hostile text: nothing but our own sequences comes out', () => {
  const { writer, take } = tape();
  const grid = createGrid(60, 8);
  const hostile = [
    '\x1b]0;title\x07\x1b[2J\x1b[31mred',
    '\x9b31mC1 \x9d0;t\x9c',
    'line\r\nbreaks\tand\x00nul\x7fdel',
    '\u202eoverride\u202c \u2066isolate\u2069 \u200bzero\ufeff',
    'a\u0301\x1b\u0302b\u200d\x1b[1m',
    '\ud83d lone \ude00 halves',
    `x${'\u0301'.repeat(5000)}y`,
    '\u2028line\u2029paragraph\u{e0001}tag',
  ];
  for (const [row, content] of hostile.entries()) text(grid, 0, row, content, PLAIN_STYLE);
  writer.paint(grid, null);
  const output = take();
  const rest = output.replace(SEQUENCE, '').replace(/\r/gu, '');
  expect(rest).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\u2028\u2029\u{e0001}]/u);
  expect(rest).not.toMatch(/\p{Cs}/u);
  for (const [sequence] of output.matchAll(SEQUENCE)) expect(sequence).toMatch(/^\x1b\[(?:\?2026[hl]|\?25[hl]|2J|K|[0-9;]*[HGm])$/u);
  expect(rowText(grid, 0)).toContain('red');
  expect(output.length).toBeLessThan(2000);
});

function filled(cols: number, rows: number, character: string): Grid {
  const grid = createGrid(cols, rows);
  fill(grid, { x: 0, y: 0, width: cols, height: rows }, character, PLAIN_STYLE);
  return grid;
}

/** Those of one plain character in one cell; where terminals may differ is left out. */
function plainPlaces(cells: readonly string[]): string[] {
  return cells.filter((cell) => /^\d+,\d+ [a-z0-9#│─é…] 1 /u.test(cell));
}

test('rows that are not asked for are not looked at, and come with the next whole frame', () => {
  const { writer, take } = tape();
  const grid = createGrid(10, 3);
  writer.paint(grid, null);
  take();
  text(grid, 0, 0, 'top', PLAIN_STYLE);
  text(grid, 0, 1, 'middle', PLAIN_STYLE);
  writer.paint(grid, null, { from: 1, to: 2 });
  const part = take();
  expect([part.includes('middle'), part.includes('top')]).toEqual([true, false]);
  writer.paint(grid, null);
  expect(take()).toContain('top');
});
