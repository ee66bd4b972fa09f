/** A frame around rows: the border carries a title above, and below it what a reader may overlook. */
import type { Rect } from './layout.ts';
import { fitRow, type Row, rowWidth, type Span, span, spread } from './row.ts';
import type { StyleName } from './theme.ts';

export type Border = 'quiet' | 'focus' | 'typing' | 'attention';

export type Panel = {
  readonly rect: Rect;
  readonly border: Border;
  readonly title: Row;
  readonly titleEnd?: Row;
  readonly foot?: Row;
  readonly footEnd?: Row;
  readonly rows: readonly Row[];
};

type Lines = {
  readonly corners: readonly [string, string, string, string];
  readonly across: string;
  readonly down: string;
  readonly style: StyleName;
};

/** The focus shows in the form of the border as well, for those who see no colours. */
const BORDERS: Readonly<Record<Border, Lines>> = {
  quiet: { corners: ['╭', '╮', '╰', '╯'], across: '─', down: '│', style: 'dim' },
  focus: { corners: ['┏', '┓', '┗', '┛'], across: '━', down: '┃', style: 'focus' },
  typing: { corners: ['╔', '╗', '╚', '╝'], across: '═', down: '║', style: 'typing' },
  attention: { corners: ['╭', '╮', '╰', '╯'], across: '─', down: '│', style: 'attention' },
};

/** The line that a border is made of, for clocks that stand in it. */
export function borderLine(border: Border): { readonly fill: string; readonly style: StyleName } {
  const { across, style } = BORDERS[border];
  return { fill: across, style };
}

/** As many rows as the rectangle has, each as wide as it is. */
export function panelRows({ rect, border, title, titleEnd, foot, footEnd, rows }: Panel): Row[] {
  const { corners, across, down, style } = BORDERS[border];
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const line = span(across, style);
  const edge = (left: string, start: Row, end: Row, right: string): Row => [
    span(left, style),
    ...spread(labelled(start, line, 'start'), labelled(end, line, 'end'), Math.max(0, rect.width - 2), line),
    span(right, style),
  ];
  const inside = Math.max(0, rect.height - 2);
  return [
    edge(topLeft, title, titleEnd ?? [], topRight),
    ...Array.from(
      { length: inside },
      (_, index): Row => [span(down, style), ...fitRow(rows[index] ?? [], Math.max(0, rect.width - 2)), span(down, style)],
    ),
    ...(rect.height > 1 ? [edge(bottomLeft, foot ?? [], footEnd ?? [], bottomRight)] : []),
  ];
}

/** Set off from the line by a blank on each side. A clock at the end brings its own, and a place at the beginning after what it does not need. */
function labelled(label: Row, line: Span, side: 'start' | 'end'): Row {
  if (rowWidth(label) === 0) return [];
  const clockAtEnd = label.at(-1)?.age !== undefined;
  const padded = [label[0]?.place === undefined ? span(' ') : line, ...label, ...(clockAtEnd ? [] : [span(' ')])];
  return side === 'start' ? [line, ...padded] : [...padded, line];
}

/** Cells that are left for the title beside what stands at the end of the same edge. */
export function titleRoom(rect: Rect, titleEnd: Row): number {
  const end = rowWidth(titleEnd) === 0 ? 0 : rowWidth(titleEnd) + (titleEnd.at(-1)?.age === undefined ? 3 : 2);
  return Math.max(0, rect.width - 2 - end - 3);
}
