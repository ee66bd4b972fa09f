/** Two grids of one size: where they differ, and cells from one into the other. */

import { CLUSTER, type Grid, linkAt, putGlyph, type Rect, styleAt } from './grid.ts';
import { LINKED } from './style.ts';

/** The first cell from `from` on, before `end`, that grids of one size show differently; `end` when there is none. */
export function firstChange(a: Grid, b: Grid, from: number, end: number): number {
  // Locals, since this loop runs over ten thousand cells for each frame.
  const { glyph, width, fg, bg, attributes, underline } = a;
  const { glyph: glyph2, width: width2, fg: fg2, bg: bg2, attributes: attributes2, underline: underline2 } = b;
  for (let at = from; at < end; at++) {
    if (glyph[at] !== glyph2[at] || fg[at] !== fg2[at] || bg[at] !== bg2[at] || attributes[at] !== attributes2[at]) return at;
    if (width[at] !== width2[at] || underline[at] !== underline2[at]) return at;
    if (glyph[at] === CLUSTER && a.clusters.get(at) !== b.clusters.get(at)) return at;
    if (((attributes[at] ?? 0) & LINKED) !== 0 && a.links.get(at) !== b.links.get(at)) return at;
  }
  return end;
}

export function copyCell(from: Grid, to: Grid, index: number): void {
  to.glyph[index] = from.glyph[index] ?? 0x20;
  to.width[index] = from.width[index] ?? 1;
  to.fg[index] = from.fg[index] ?? 0;
  to.bg[index] = from.bg[index] ?? 0;
  to.attributes[index] = from.attributes[index] ?? 0;
  to.underline[index] = from.underline[index] ?? 0;
  if (from.glyph[index] === CLUSTER) to.clusters.set(index, from.clusters.get(index) ?? ' ');
  const link = linkAt(from, index);
  if (link !== null) to.links.set(index, link);
}

/** All cells of a grid of the same size: a frame of chrome under what is drawn over it. */
export function copyGrid(from: Grid, to: Grid): void {
  if (from.cols !== to.cols || from.rows !== to.rows) throw new RangeError('Only grids of one size can be copied.');
  to.glyph.set(from.glyph);
  to.width.set(from.width);
  to.fg.set(from.fg);
  to.bg.set(from.bg);
  to.attributes.set(from.attributes);
  to.underline.set(from.underline);
  to.clusters.clear();
  to.links.clear();
  for (const [index, cluster] of from.clusters) to.clusters.set(index, cluster);
  for (const [index, link] of from.links) to.links.set(index, link);
}

/** Cells of one grid, from (`left`, `top`) on, into a rectangle of another that lies within it. No half of a wide character comes over. */
export function copyCells(from: Grid, to: Grid, { x, y, width, height }: Rect, left: number, top: number): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; ) {
      const source = (top + row) * from.cols + left + column;
      const target = (y + row) * to.cols + x + column;
      const cells = from.width[source] ?? 1;
      const whole = cells !== 0 && column + cells <= width;
      const glyph = from.glyph[source] ?? 0x20;
      putGlyph(to, target, whole && glyph !== CLUSTER ? glyph : 0x20, whole ? cells : 1, styleAt(from, source));
      if (whole && glyph === CLUSTER) {
        to.glyph[target] = CLUSTER;
        to.clusters.set(target, from.clusters.get(source) ?? ' ');
      }
      column += whole ? cells : 1;
    }
  }
}
