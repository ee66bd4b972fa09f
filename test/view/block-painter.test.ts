/** Ink draws each block once, and it looks the same wherever it stands and beside whatever it was drawn. */
import { afterEach, expect, it } from 'vitest';
import { type BlockPainter, createBlockPainter } from '../../src/view/block-painter.tsx';
import { span } from '../../src/view/row.ts';
import type { Block } from '../../src/view/scene.ts';
import { plainText } from './draw.ts';

const open: BlockPainter[] = [];
afterEach(() => {
  for (const painter of open.splice(0)) painter.close();
});
function painter(): BlockPainter {
  const made = createBlockPainter();
  open.push(made);
  return made;
}

function block(x: number, y: number, ...lines: string[]): Block {
  return {
    rect: { x, y, width: Math.max(...lines.map((line) => line.length)), height: lines.length },
    rows: lines.map((line) => [span(line)]),
  };
}

it('blocks of every shape come back as they went in', () => {
  const lines = (count: number, text: string) => Array.from({ length: count }, (_, index) => `${text}${index}`);
  const blocks = [
    block(3, 0, 'a title'),
    block(0, 1, ...lines(9, '|')),
    block(30, 1, ...lines(9, '/')),
    block(40, 7, ...lines(4, 'in the middle ')),
  ];
  const texts = painter().paint(blocks, 'none');
  expect(texts.map(plainText)).toEqual(blocks.map(({ rows }) => rows.map((row) => row.map(({ text }) => text).join('')).join('\n')));
});

it('a block keeps its own colours beside one of others, and its wide characters', () => {
  const styled: Block = { rect: { x: 0, y: 0, width: 6, height: 1 }, rows: [[span('äöü', 'bad'), span('漢', 'good'), span('x')]] };
  const alone = painter().paint([styled], 'truecolor');
  const beside = painter().paint([block(0, 0, 'a longer one to the left'), { ...styled, rect: { ...styled.rect, x: 40 } }], 'truecolor');
  expect(beside[1]).toBe(alone[0]);
  expect(plainText(alone[0] ?? '')).toBe('äöü漢x');
});

it('what was drawn lately is not drawn again, also at another place and for another screen', () => {
  const made = painter();
  const [first] = made.paint([block(0, 0, 'the same')], 'none');
  made.paint(
    Array.from({ length: 200 }, (_, index) => block(0, index, `other ${index}`)),
    'none',
  );
  const before = process.cpuUsage();
  for (let turn = 0; turn < 2_000; turn++) expect(made.paint([block(turn, 5, 'the same')], 'none')[0]).toBe(first);
  // Two thousand frames of Ink take many seconds of the processor.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(10_000);
});
