/**
 * Ink measures text by a table of its own, slowly, and one character on which it disagrees with ours shifts the rest
 * of the line. So it never sees one: everything beyond ASCII is a `#` for each of its cells while Ink lays it out, and
 * is put back into the finished frame by its place.
 */
import { clusters } from '../core/width.ts';
import type { Block } from './scene.ts';

const ASCII = /^[ -~]*$/u;
const MASK = '#';

/** As many ASCII characters as the text has cells. What takes no cell, an escape character too, is left out. */
export function masked(text: string): string {
  if (ASCII.test(text)) return text;
  return clusters(text)
    .map(({ text: cluster, width }) => (ASCII.test(cluster) ? cluster : MASK.repeat(width)))
    .join('');
}

/** The frame that Ink made of masked blocks, with the characters that belong there. */
export function unmasked(frame: string, blocks: readonly Block[]): string {
  const hidden = hiddenCells(blocks);
  return frame
    .split('\n')
    .map((line, y) => {
      const here = hidden.get(y);
      return here === undefined ? line : restored(line, here);
    })
    .join('\n');
}

type Cells = Map<number, string>;

function hiddenCells(blocks: readonly Block[]): Map<number, Cells> {
  const lines = new Map<number, Cells>();
  for (const { rect, rows } of blocks) {
    for (const [index, row] of rows.entries()) {
      const cells: Cells = lines.get(rect.y + index) ?? new Map();
      lines.set(rect.y + index, cells);
      let { x } = rect;
      for (const { text } of row) x = hide(cells, x, text);
    }
  }
  return lines;
}

/** Answers the column behind the text. The second cell of a wide character holds nothing. */
function hide(cells: Cells, x: number, text: string): number {
  if (ASCII.test(text)) return x + text.length;
  let at = x;
  for (const { text: cluster, width } of clusters(text)) {
    if (!ASCII.test(cluster) && width > 0) cells.set(at, cluster);
    if (width === 2) cells.set(at + 1, '');
    at += width;
  }
  return at;
}

function restored(line: string, cells: Cells): string {
  let x = 0;
  return line.replace(/\u001b\[[0-9;]*m|./gu, (part) => (part.length > 1 ? part : (cells.get(x++) ?? part)));
}
