/** What was found and what is selected, over cells that are there already. */
import { describe, expect, it } from 'vitest';
import { createGrid, styleAt, text } from '../../src/screen/grid.ts';
import { markCells } from '../../src/screen/marks.ts';
import { ATTR, PLAIN_STYLE, underlineOf } from '../../src/screen/style.ts';

/** The columns whose cells differ from plain ones. */
function marked(
  content: string,
  rect: { x: number; width: number },
  from: number,
  end: number,
  look: 'match' | 'found' | 'selected',
): number[] {
  const grid = createGrid(12, 2);
  text(grid, 0, 1, content, PLAIN_STYLE);
  markCells(grid, { x: rect.x, y: 1, width: rect.width, height: 1 }, 0, from, end, look);
  return Array.from({ length: 24 }, (_, index) => index).flatMap((index) => (styleAt(grid, index).attributes === 0 ? [] : [index - 12]));
}

describe('marks', () => {
  it('stand where they are meant to, and never outside of the rectangle', () => {
    expect(marked('hello world', { x: 2, width: 6 }, 1, 4, 'found')).toEqual([3, 4, 5]);
    expect(marked('hello world', { x: 2, width: 6 }, -5, 99, 'selected')).toEqual([2, 3, 4, 5, 6, 7]);
    expect(marked('hello world', { x: 2, width: 6 }, 6, 9, 'match')).toEqual([]);
    expect(marked('hello world', { x: 8, width: 20 }, 0, 20, 'match')).toEqual([8, 9, 10, 11]);
  });

  it('render.md section 9: take wide characters whole', () => {
    expect(marked('a漢字b', { x: 0, width: 12 }, 2, 3, 'selected')).toEqual([1, 2]);
    expect(marked('a漢字b', { x: 0, width: 12 }, 1, 4, 'selected')).toEqual([1, 2, 3, 4]);
  });

  it('show without colours, each in its own way, and in text that is inverse already', () => {
    const looks = (['match', 'found', 'selected'] as const).map((look) => {
      const grid = createGrid(2, 1);
      text(grid, 0, 0, 'ab', { ...PLAIN_STYLE, attributes: ATTR.inverse });
      markCells(grid, { x: 0, y: 0, width: 2, height: 1 }, 0, 1, 1, look);
      markCells(grid, { x: 0, y: 0, width: 2, height: 1 }, 0, 0, 1, look);
      const { attributes } = styleAt(grid, 0);
      return { attributes: attributes & 0xff, underline: underlineOf(attributes) };
    });
    expect(looks).toEqual([
      { attributes: ATTR.inverse | ATTR.bold, underline: 1 },
      { attributes: ATTR.inverse | ATTR.bold, underline: 0 },
      { attributes: 0, underline: 0 },
    ]);
  });
});
