import { describe, expect, test } from 'vitest';
// Not under its own name, which the test runner has taken.
import { clusters, fit as fitTo, widthOf } from '../../src/core/width.ts';
import { unicodeProvider } from '../../src/core/width-provider.ts';
import { ODD_WORDS, outerTerminal, PLAIN_WORDS, random } from '../screen/support.ts';

describe('cells', () => {
  test.each<[string, number]>([
    ['abc', 3],
    ['', 0],
    ['漢字', 4],
    ['ｶ', 1],
    ['ｶﾞ', 2],
    ['Ａ', 2],
    ['한', 2],
    ['\u1112\u1161\u11ab', 2],
    ['e\u0301', 1],
    ['a\u0308\u0323\u0301', 1],
    ['\u0301', 0],
    ['😀🚀', 4],
    ['❤', 1],
    ['❤️', 2],
    ['⌚', 2],
    ['⌚︎', 2],
    ['⚠', 1],
    ['⚠️', 2],
    ['✅', 2],
    ['👍🏽', 2],
    ['☝🏽', 2],
    ['👨‍👩‍👧‍👦', 2],
    ['🏳️‍🌈', 2],
    ['❤‍🔥', 2],
    ['🇩🇪', 2],
    ['🇩', 1],
    ['🇩🇪🇫🇷', 4],
    ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', 2],
    ['1️⃣', 2],
    ['1⃣', 2],
    ['1', 1],
    ['#', 1],
    ['©️', 2],
    ['कि', 2],
    ['ทำ', 2],
    ['─│╭●…', 5],
    ['a\u200bb\u2060c\ufeff', 3],
    ['a\x1b\t\n\x07\x9b', 1],
    ['\ud83d', 0],
  ])('%j takes %i', (text, cells) => {
    expect(widthOf(text)).toBe(cells);
    expect(clusters(text).reduce((sum, cluster) => sum + cluster.width, 0)).toBe(cells);
  });
});

describe('clusters', () => {
  test('together they are the text', () => {
    const next = random(1);
    for (let round = 0; round < 200; round++) {
      const text = mixed(next, 12);
      expect(
        clusters(text)
          .map((cluster) => cluster.text)
          .join(''),
      ).toBe(text);
    }
  });

  test('are those of UAX 29, as Node has them', () => {
    const next = random(2);
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    // Conjuncts are left apart here: terminals draw them so.
    const words = [...PLAIN_WORDS, ...ODD_WORDS, '\u0301', '\u200d', '\ufe0f', '🏽'].filter((word) => word !== 'क्ष');
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 8 }, () => words[next(words.length)]).join('');
      expect(clusters(text).map((cluster) => cluster.text)).toEqual([...segmenter.segment(text)].map(({ segment }) => segment));
    }
  });

  test('a control character stands alone', () => {
    expect(clusters('a\x1b\u0301b').map(({ text, width }) => [text, width])).toEqual([
      ['a', 1],
      ['\x1b', 0],
      ['\u0301', 0],
      ['b', 1],
    ]);
  });
});

test('an emulator that was given the provider counts the same', async () => {
  const next = random(3);
  const { terminal, feed } = outerTerminal(400, 2);
  expect(terminal.unicode.activeVersion).toBe(unicodeProvider().version);
  for (let round = 0; round < 300; round++) {
    const text = mixed(next, 14);
    await feed(`\x1b[2J\x1b[Hx${text}`);
    expect(terminal.buffer.active.cursorX, JSON.stringify(text)).toBe(widthOf(`x${text}`));
    const shown: string[] = [];
    const line = terminal.buffer.active.getLine(0);
    for (let x = 0; x < widthOf(`x${text}`); x++) {
      const cell = line?.getCell(x);
      if (cell !== undefined && cell.getWidth() > 0) shown.push(cell.getChars());
    }
    expect(shown).toEqual(clusters(`x${text}`).map((cluster) => cluster.text));
  }
});

describe('fit', () => {
  test.each<[string, number, string]>([
    ['hello', 5, 'hello'],
    ['hello', 7, 'hello  '],
    ['hello', 4, 'hel…'],
    ['hello', 1, '…'],
    ['hello', 0, ''],
    ['hello', -3, ''],
    ['', 3, '   '],
    ['漢字', 4, '漢字'],
    ['漢字', 5, '漢字 '],
    ['漢字漢', 5, '漢字…'],
    ['漢字漢', 4, '漢… '],
    ['漢', 1, '…'],
    ['👨‍👩‍👧‍👦ab', 3, '👨‍👩‍👧‍👦…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['a\x1b[31m\nb', 9, 'a[31mb   '],
  ])('%j in %i cells', (text, width, fitted) => expect(fitTo(text, width)).toBe(fitted));

  test('is exact for any text, and never splits a cluster', () => {
    const next = random(4);
    for (let round = 0; round < 300; round++) {
      const text = mixed(next, 10);
      const width = next(20);
      const fitted = fitTo(text, width);
      expect(widthOf(fitted), JSON.stringify(text)).toBe(width);
      expect(fitted).not.toMatch(/\p{Cs}/u);
    }
  });

  test('a text without end is cut like any other', () => {
    expect(fitTo('x\u0301'.repeat(1_000_000), 3)).toBe('x\u0301x\u0301…');
    expect(fitTo(`x${'\u0301'.repeat(1_000_000)}`, 3)).toMatch(/^x\u0301{20,100}… $/u);
  });
});

function mixed(next: (below: number) => number, most: number): string {
  const words = [...PLAIN_WORDS, ...ODD_WORDS, '\u200d', '\u0301', '\ufe0f', '\u200b', '🏽', 'ि', '\u1161', '\u20e3'];
  return Array.from({ length: next(most) }, () => words[next(words.length)]).join('');
}
