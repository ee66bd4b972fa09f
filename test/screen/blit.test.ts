import { describe, expect, test } from 'vitest';
import { blit } from '../../src/screen/blit.ts';
import { createGrid, fill, rowText, styleAt } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette, rgb, withUnderline } from '../../src/screen/style.ts';
import { brokenCells, cellsOf, ODD_WORDS, outerTerminal, PLAIN_WORDS, random, wantedCells } from './support.ts';

async function shown(bytes: string, cols = 10, rows = 3) {
  const outer = outerTerminal(cols, rows);
  await outer.feed(bytes);
  return outer.terminal;
}

function rowsOf(grid: ReturnType<typeof createGrid>): string[] {
  return Array.from({ length: grid.rows }, (_, y) => rowText(grid, y));
}

test('cells, colours and attributes, with palette colours left to the theme', async () => {
  const terminal = await shown('\x1b[1;31ma\x1b[0;38;5;208;7mb\x1b[0;48;2;1;2;3;4mc\x1b[0;2;3;8;9md\x1b[0;94me');
  const grid = createGrid(12, 5);
  blit(grid, terminal, { x: 1, y: 1, width: 10, height: 3 });
  expect(rowText(grid, 1)).toBe(' abcde');
  expect([1, 2, 3, 4, 5].map((x) => styleAt(grid, 12 + x))).toEqual([
    { ...PLAIN_STYLE, fg: palette(1), attributes: ATTR.bold },
    { ...PLAIN_STYLE, fg: palette(208), attributes: ATTR.inverse },
    { ...PLAIN_STYLE, bg: rgb(0x010203), attributes: withUnderline(0, 1) },
    { ...PLAIN_STYLE, attributes: ATTR.dim | ATTR.italic | ATTR.hidden | ATTR.strike },
    { ...PLAIN_STYLE, fg: palette(12) },
  ]);
});

for (const seed of [1, 2, 3, 4]) {
  test(`any program's screen, cell for cell, seed ${seed}`, async () => {
    const next = random(seed);
    const words = [...PLAIN_WORDS, ...ODD_WORDS, '\u0301', '\u200d', '\ufe0f', '\u200b'];
    let bytes = '';
    for (let piece = 0; piece < 300; piece++) {
      bytes += words[next(words.length)];
      if (next(5) === 0) bytes += `\x1b[${1 + next(6)};${1 + next(24)}H`;
      if (next(5) === 0) bytes += `\x1b[${30 + next(8)};${next(2) === 0 ? 1 : 22}m`;
      if (next(20) === 0) bytes += ['\r\n', '\x1b[K', '\x1b[3P', '\x1b[2@', '\x1b[J', '\t', '\x1b[3X'][next(7)];
    }
    const terminal = await shown(bytes, 24, 6);
    const grid = createGrid(24, 6);
    blit(grid, terminal, { x: 0, y: 0, width: 24, height: 6 });
    expect(brokenCells(grid)).toEqual([]);
    // What has no cell of its own, alone in a cell, is shown as nothing.
    const sane = cellsOf(terminal).filter((cell) => !/^\d+,\d+ [\p{Cf}\p{M}]/u.test(cell) && !/[\u200b]/u.test(cell));
    const drawn = new Set(wantedCells(grid));
    for (const cell of sane) expect(drawn).toContain(cell);
  });
}

describe('sizes that differ', () => {
  test('a smaller rectangle crops, and halves no wide character', async () => {
    const terminal = await shown('abc漢def\r\nsecond\r\nthird');
    const grid = createGrid(8, 4);
    fill(grid, { x: 0, y: 0, width: 8, height: 4 }, '#', PLAIN_STYLE);
    blit(grid, terminal, { x: 1, y: 1, width: 4, height: 2 });
    expect(rowsOf(grid)).toEqual(['########', '#abc ###', '#seco###', '########']);
    expect(brokenCells(grid)).toEqual([]);
  });

  test('a larger one shows where the program ends', async () => {
    const terminal = await shown('ab\r\ncd', 3, 2);
    const grid = createGrid(6, 4);
    blit(grid, terminal, { x: 0, y: 0, width: 5, height: 3 });
    expect(rowsOf(grid)).toEqual(['ab ··', 'cd ··', '·····', '']);
    expect(styleAt(grid, 3).attributes).toBe(ATTR.dim);
  });

  test('a rectangle partly or wholly outside draws what is inside', async () => {
    const terminal = await shown('abcdef\r\nghijkl', 6, 2);
    const grid = createGrid(4, 2);
    expect(blit(grid, terminal, { x: -2, y: -1, width: 6, height: 2 }).cursor).toEqual({ x: 3, y: 0 });
    expect(rowsOf(grid)).toEqual(['ijkl', '']);
    blit(grid, terminal, { x: 9, y: 9, width: 5, height: 5 });
    blit(grid, terminal, { x: -20, y: 0, width: 5, height: 5 });
    blit(grid, terminal, { x: 0, y: 0, width: 0, height: 0 });
    expect(rowsOf(grid)).toEqual(['ijkl', '']);
  });
});

describe('cursor and history', () => {
  test('the cursor is where the program has it, on our screen', async () => {
    const terminal = await shown('ab\r\ncd');
    const grid = createGrid(20, 10);
    expect(blit(grid, terminal, { x: 3, y: 2, width: 10, height: 3 }).cursor).toEqual({ x: 5, y: 3 });
    expect(blit(grid, terminal, { x: 3, y: 2, width: 2, height: 3 }).cursor).toBeNull();
    expect(blit(grid, terminal, { x: 3, y: 2, width: 10, height: 1 }).cursor).toBeNull();
  });

  test('at a full row it waits on the last column', async () => {
    const terminal = await shown('0123456789');
    expect(blit(createGrid(10, 3), terminal, { x: 0, y: 0, width: 10, height: 3 }).cursor).toEqual({ x: 9, y: 0 });
  });

  test('scrolled back shows the history and no cursor, and never more than there is', async () => {
    const terminal = await shown('1\r\n2\r\n3\r\n4\r\n5', 10, 3);
    const grid = createGrid(10, 3);
    const at = (scrolledBack: number) => {
      const answer = blit(grid, terminal, { x: 0, y: 0, width: 10, height: 3 }, { scrolledBack });
      return [...rowsOf(grid), answer.cursor, answer.scrolledBack];
    };
    expect(at(0)).toEqual(['3', '4', '5', { x: 1, y: 2 }, 0]);
    expect(at(1)).toEqual(['2', '3', '4', null, 1]);
    expect(at(99)).toEqual(['1', '2', '3', null, 2]);
    expect(at(-5)).toEqual(['3', '4', '5', { x: 1, y: 2 }, 0]);
  });

  test('scrolled back a little, a cursor high on the screen is still not shown', async () => {
    const terminal = await shown('1\r\n2\r\n3\r\n4\r\n5\x1b[H', 10, 3);
    expect(blit(createGrid(10, 3), terminal, { x: 0, y: 0, width: 10, height: 3 }, { scrolledBack: 1 }).cursor).toBeNull();
  });

  test('an alternate screen has no history', async () => {
    const terminal = await shown('1\r\n2\r\n3\r\n4\r\n5\x1b[?1049h\x1b[Halt', 10, 3);
    const grid = createGrid(10, 3);
    expect(blit(grid, terminal, { x: 0, y: 0, width: 10, height: 3 }, { scrolledBack: 2 }).scrolledBack).toBe(0);
    expect(rowText(grid, 0)).toBe('alt');
  });
});
