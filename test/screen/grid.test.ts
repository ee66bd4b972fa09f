import { describe, expect, test } from 'vitest';
import { createGrid, fill, putText, rowText, text, textAt } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette } from '../../src/screen/style.ts';
import { copyGrid, firstChange } from '../../src/screen/two-grids.ts';
import { brokenCells, ODD_WORDS, PLAIN_WORDS, random, scribble } from './support.ts';

const red = { ...PLAIN_STYLE, fg: palette(1) };

describe('text', () => {
  test.each<[string, number, number | undefined, string, number]>([
    ['abc', 2, undefined, '..abc.....', 5],
    ['abc', 8, undefined, '........ab', 10],
    ['abc', -1, undefined, 'bc........', 2],
    ['abcdef', 1, 3, '.abc......', 4],
    ['漢字', 0, 3, '漢 .......', 3],
    ['漢字', 9, undefined, '......... ', 10],
    ['漢字', -1, undefined, ' 字.......', 3],
    ['e\u0301x', 0, undefined, 'e\u0301x........', 2],
    ['👨‍👩‍👧‍👦!', 0, undefined, '👨‍👩‍👧‍👦!.......', 3],
    ['a\u200bb\u202ec', 0, undefined, 'abc.......', 3],
    ['\u0301a', 0, undefined, 'a.........', 1],
    ['', 0, undefined, '..........', 0],
  ])('%j at %i, %s cells wide: %j', (content, x, width, row, end) => {
    const grid = createGrid(10, 1);
    fill(grid, { x: 0, y: 0, width: 10, height: 1 }, '.', PLAIN_STYLE);
    expect(text(grid, x, 0, content, red, width)).toBe(end);
    let shown = '';
    for (let at = 0; at < 10; at++) shown += textAt(grid, at);
    expect(shown).toBe(row);
  });

  test('rows outside are left alone', () => {
    const grid = createGrid(3, 1);
    text(grid, 0, -1, 'abc', red);
    text(grid, 0, 1, 'abc', red);
    expect(rowText(grid, 0)).toBe('');
  });

  test('half of a wide character that is written over leaves a space where the other half was', () => {
    const left = createGrid(4, 1);
    text(left, 1, 0, '漢', red);
    text(left, 1, 0, 'x', PLAIN_STYLE);
    expect([rowText(left, 0), left.width[2]]).toEqual([' x', 1]);
    const right = createGrid(4, 1);
    text(right, 1, 0, '漢', red);
    text(right, 2, 0, 'x', PLAIN_STYLE);
    expect([rowText(right, 0), right.width[1]]).toEqual(['  x', 1]);
    const both = createGrid(6, 1);
    text(both, 0, 0, '漢字', red);
    text(both, 1, 0, '語', PLAIN_STYLE);
    expect([rowText(both, 0), brokenCells(both)]).toEqual([' 語', []]);
  });

  test('no cell ever holds half a character, whatever is written where', () => {
    const next = random(5);
    const grid = createGrid(17, 4);
    for (let time = 0; time < 500; time++) {
      scribble(grid, next, [...PLAIN_WORDS, ...ODD_WORDS], 2);
      expect(brokenCells(grid)).toEqual([]);
    }
  });

  test('a base with thousands of marks is one short cell', () => {
    const grid = createGrid(4, 1);
    text(grid, 0, 0, `e${'\u0301'.repeat(100_000)}x`, red);
    expect([textAt(grid, 0).length, textAt(grid, 1)]).toEqual([32, 'x']);
  });

  test('a mark alone in a cell is a space', () => {
    const grid = createGrid(2, 1);
    putText(grid, 0, '\u0301\u0302', 1, red);
    putText(grid, 1, '\u202e', 1, red);
    expect([textAt(grid, 0), textAt(grid, 1)]).toEqual([' ', ' ']);
  });
});

test('a rectangle is filled as far as it lies on the grid', () => {
  const grid = createGrid(4, 3);
  fill(grid, { x: -1, y: 1, width: 3, height: 9 }, '#', { ...red, attributes: ATTR.bold });
  expect([0, 1, 2].map((y) => rowText(grid, y))).toEqual(['', '##', '##']);
  expect(() => fill(grid, { x: 0, y: 0, width: 1, height: 1 }, '漢', red)).toThrow(RangeError);
  expect(() => fill(grid, { x: 0, y: 0, width: 1, height: 1 }, 'ab', red)).toThrow(RangeError);
});

test('a copy shows the same, clusters too, and nothing of what was there', () => {
  const from = createGrid(10, 2);
  const to = createGrid(10, 2);
  scribble(from, random(3), ODD_WORDS, 10);
  scribble(to, random(4), ODD_WORDS, 10);
  copyGrid(from, to);
  expect(firstChange(from, to, 0, 20)).toBe(20);
  text(to, 3, 1, '~', red);
  expect(firstChange(from, to, 0, 20)).toBe(from.width[13] === 0 ? 12 : 13);
  expect(() => copyGrid(createGrid(2, 2), to)).toThrow(RangeError);
});
