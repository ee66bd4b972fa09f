import { eastAsianWidth } from 'get-east-asian-width';
import { describe, expect, test } from 'vitest';
import { ADDS, NARROW_EMOJI, PICTOGRAPHIC, UNICODE_VERSION, WIDE, ZERO } from '../../src/core/width-table.ts';

function members(ranges: string): Set<number> {
  const found = new Set<number>();
  for (const range of ranges.split(' ')) {
    const [first = '', last = first] = range.split('-');
    for (let at = Number.parseInt(first, 16); at <= Number.parseInt(last, 16); at++) found.add(at);
  }
  return found;
}

/** Code points where the table and the definition differ. */
function differences(ranges: string, isMember: (codePoint: number, character: string) => boolean): string[] {
  const table = members(ranges);
  const different: string[] = [];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
    if (table.has(codePoint) !== isMember(codePoint, String.fromCodePoint(codePoint))) different.push(codePoint.toString(16));
  }
  return different;
}

const IGNORABLE = /^[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;
const zero = members(ZERO);

test('wide is what the package says, but for marks', () => {
  expect(differences(WIDE, (codePoint) => eastAsianWidth(codePoint) === 2 && !zero.has(codePoint))).toEqual([]);
});

test('ranges are in order and apart', () => {
  for (const ranges of [WIDE, ZERO, ADDS, PICTOGRAPHIC, NARROW_EMOJI]) {
    const bounds = ranges.split(' ').map((range) => range.split('-').map((bound) => Number.parseInt(bound, 16)));
    for (const [index, [first = 0, last = first]] of bounds.entries()) {
      expect(last).toBeGreaterThanOrEqual(first);
      if (index > 0) expect(first).toBeGreaterThan((bounds[index - 1]?.at(-1) ?? 0) + 1);
    }
  }
});

// Another Node has another version of Unicode, and is right about other characters.
describe.runIf(process.versions.unicode === UNICODE_VERSION)(`by Unicode ${UNICODE_VERSION}`, () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const joins = (text: string): boolean => [...segmenter.segment(text)].length === 1;
  const isDrawn = (codePoint: number, character: string): boolean =>
    [0x115f, 0x3164, 0xffa0].includes(codePoint) ||
    (codePoint >= 0x1160 && codePoint <= 0x11a7) ||
    (/^\p{Cf}$/u.test(character) && joins(`${character}a`));

  test('what has no cell: marks, format characters and ignorables, but not those that terminals draw', () => {
    expect(differences(ZERO, (codePoint, character) => IGNORABLE.test(character) && !isDrawn(codePoint, character))).toEqual([]);
  });

  test('what adds a cell to the character before it', () => {
    const adds = (codePoint: number, character: string): boolean =>
      !zero.has(codePoint) &&
      eastAsianWidth(codePoint) === 1 &&
      /^[^\p{Emoji_Modifier}\p{Cc}\p{Zl}\p{Zp}\p{Unassigned}]$/u.test(character) &&
      joins(`a${character}`);
    expect(differences(ADDS, adds)).toEqual([]);
  });

  test('pictographs', () => {
    expect(differences(PICTOGRAPHIC, (_, character) => /^\p{Extended_Pictographic}$/u.test(character))).toEqual([]);
    const narrow = (codePoint: number, character: string): boolean =>
      /^\p{Emoji}$/u.test(character) && /^\p{Extended_Pictographic}$/u.test(character) && eastAsianWidth(codePoint) === 1;
    expect(differences(NARROW_EMOJI, narrow)).toEqual([]);
  });
});
