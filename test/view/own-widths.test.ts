import { expect, test } from 'vitest';
import { segmenter, stringWidth } from '../../src/view/own-widths.ts';

const TEXTS: readonly (readonly [text: string, cells: number])[] = [
  ['', 0],
  ['letters', 7],
  ['\u001b[1;31mred\u001b[0m', 3],
  ['漢字 and more', 13],
  ['e\u0301a', 2],
  ['┌─┐│', 4],
  ['✔ done', 6],
  ['\u001b]8;;https://a.b\u0007x\u001b]8;;\u0007', 1],
];

test.each(TEXTS)('%j takes %i cells, its sequences none', (text, cells) => {
  expect(stringWidth(text)).toBe(cells);
});

test.each(TEXTS)('%j falls into the same characters', (text) => {
  const theirs = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  const ours = segmenter.segment(text);
  expect([...ours]).toEqual([...theirs].map(({ segment, index }) => ({ segment, index })));
  for (let at = 0; at <= text.length; at++) expect(ours.containing(at)?.index).toBe(theirs.containing(at)?.index);
});
