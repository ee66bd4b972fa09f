import { describe, expect, test } from 'vitest';
import { drawChrome } from '../../src/screen/chrome.ts';
import { createGrid, rowText, styleAt } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette, rgb, withUnderline } from '../../src/screen/style.ts';
import { cellsOf, outerTerminal, random, wantedCells } from './support.ts';

test('lines are rows, and what is beyond a line stays', () => {
  const grid = createGrid(6, 3);
  drawChrome(grid, '######\n######\n######\n######');
  drawChrome(grid, 'ab\n\n 漢', 1, 0);
  expect([0, 1, 2].map((y) => rowText(grid, y))).toEqual(['#ab###', '######', '# 漢##']);
});

describe('SGR', () => {
  test.each([
    ['\x1b[31mx', { ...PLAIN_STYLE, fg: palette(1) }],
    ['\x1b[1;2;3;7;8;9mx', { ...PLAIN_STYLE, attributes: 63 }],
    ['\x1b[1m\x1b[2m\x1b[22mx', PLAIN_STYLE],
    ['\x1b[97;104mx', { ...PLAIN_STYLE, fg: palette(15), bg: palette(12) }],
    ['\x1b[38;5;208;48;2;1;2;3;1mx', { ...PLAIN_STYLE, fg: palette(208), bg: rgb(0x010203), attributes: ATTR.bold }],
    ['\x1b[38:5:208;48:2::1:2:3mx', { ...PLAIN_STYLE, fg: palette(208), bg: rgb(0x010203) }],
    ['\x1b[38:2:1:2:3mx', { ...PLAIN_STYLE, fg: rgb(0x010203) }],
    ['\x1b[4:3;58:2::255:0:0mx', { ...PLAIN_STYLE, attributes: withUnderline(0, 3), underline: rgb(0xff0000) }],
    ['\x1b[4;31m\x1b[24;39mx', PLAIN_STYLE],
    ['\x1b[31;1m\x1b[mx', PLAIN_STYLE],
    ['\x1b[31;1;0mx', PLAIN_STYLE],
    ['\x1b[38;2;999;1;1mx', PLAIN_STYLE],
    ['\x1b[38;5mx', PLAIN_STYLE],
    ['\x1b[>4;2mx', PLAIN_STYLE],
    ['\x1b[?31mx', PLAIN_STYLE],
    ['\x1b[31 mx', PLAIN_STYLE],
    ['\x1b[__proto__mx', PLAIN_STYLE],
  ])('%j', (frame, style) => {
    const grid = createGrid(20, 1);
    drawChrome(grid, frame);
    const at = rowText(grid, 0).lastIndexOf('x');
    expect(styleAt(grid, at)).toEqual(style);
  });

  test('is read as a terminal reads it', async () => {
    const next = random(21);
    const outer = outerTerminal(60, 4);
    let frame = '';
    for (let piece = 0; piece < 60; piece++) {
      const codes = Array.from(
        { length: next(4) },
        () => [next(10), 30 + next(8), 40 + next(8), 90 + next(8), 100 + next(8), 20 + next(10)][next(6)],
      );
      frame += `\x1b[${codes.filter((code) => code !== 5 && code !== 6).join(';')}m${'abc'.slice(next(3))}`;
      if (piece % 15 === 14 && piece < 59) frame += '\n';
    }
    const grid = createGrid(60, 4);
    drawChrome(grid, frame);
    await outer.feed(frame.replace(/\n/gu, '\r\n'));
    expect(wantedCells(grid)).toEqual(cellsOf(outer.terminal));
  });
});

test('everything but colours and characters is left out', () => {
  const grid = createGrid(30, 1);
  drawChrome(grid, '\x1b[2J\x1b[5;5Ha\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\x1bP1$r\x1b\\d\x1b7e\x1b(Bf\x07\x08g\x1b');
  expect(rowText(grid, 0)).toBe('abcdefg');
  drawChrome(grid, 'h\x1b[12');
  expect(rowText(grid, 0)).toBe('hbcdefg');
});
