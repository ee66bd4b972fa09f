/** What stands out on a screen that is there already: what was found, what is selected. By attributes, which every terminal shows. */
import type { Grid, Rect } from './grid.ts';
import { ATTR, withUnderline } from './style.ts';

export type MarkLook = 'match' | 'found' | 'selected';

/** Cells from column `from` to before `end`, counted from the rectangle's corner; what lies outside is left out. */
export function markCells(grid: Grid, rect: Rect, y: number, from: number, end: number, look: MarkLook): void {
  const row = rect.y + y;
  if (y < 0 || y >= rect.height || row < 0 || row >= grid.rows) return;
  const least = Math.max(0, rect.x);
  const most = Math.min(grid.cols, rect.x + rect.width);
  let left = Math.max(least, rect.x + from);
  let right = Math.min(most, rect.x + end);
  if (left >= right) return;
  const at = (x: number): number => row * grid.cols + x;
  // A wide character is marked as a whole.
  if (left > least && grid.width[at(left)] === 0) left--;
  if (right < most && grid.width[at(right)] === 0) right++;
  for (let index = at(left); index < at(right); index++) {
    const attributes = grid.attributes[index] ?? 0;
    if (look === 'match') grid.attributes[index] = withUnderline(attributes | ATTR.bold, 1);
    else if (look === 'selected') grid.attributes[index] = attributes ^ ATTR.inverse;
    else grid.attributes[index] = attributes | ATTR.inverse | ATTR.bold;
  }
}
