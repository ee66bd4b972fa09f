/** A second emulator as the user's terminal, and screens full of whatever may come. */

import type { Terminal } from '@xterm/headless';
import xterm from '@xterm/headless';
import { clusters } from '../../src/core/width.ts';
import { unicodeProvider } from '../../src/core/width-provider.ts';
import { createGrid, type Grid, text } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette, rgb, type Style, withUnderline } from '../../src/screen/style.ts';

export type Outer = {
  readonly terminal: Terminal;
  feed(bytes: string | Uint8Array): Promise<void>;
};

/** `agrees`: whether it counts the widths as we do; else as a terminal of 2010 does. */
export function outerTerminal(cols: number, rows: number, agrees = true): Outer {
  const terminal = new xterm.Terminal({ cols, rows, scrollback: 100, allowProposedApi: true, logLevel: 'off' });
  if (agrees) {
    const provider = unicodeProvider();
    terminal.unicode.register(provider);
    terminal.unicode.activeVersion = provider.version;
  }
  return { terminal, feed: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)) };
}

/** The same numbers for the same seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const PLAIN_WORDS = ['a', 'b', ' ', '  ', 'word', '│', '─', '●', 'é', '…', '0', '#'];
export const ODD_WORDS = [
  ...['漢', '字', 'カ', 'ｶ', 'ｶﾞ', 'Ａ', '한', '\u1112\u1161\u11ab', '😀', '🚀', '❤️', '❤', '✔', '✅', '⚠️', '⚑'],
  ...['👨‍👩‍👧‍👦', '👩🏽‍🚀', '👍🏽', '🇩🇪', '🇩', '1️⃣', '1⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏳️‍🌈', '❤️‍🔥', 'e\u0301', 'a\u0308\u0323', 'ทำ', 'कि', 'क्ष', '⌚︎', '\ue0b0'],
];

function randomStyle(next: (below: number) => number): Style {
  const colour = (): number => [0, palette(next(16)), palette(next(256)), rgb(next(0x1000000))][next(4)] ?? 0;
  let attributes = 0;
  for (const bit of Object.values(ATTR)) if (next(6) === 0) attributes |= bit;
  return { fg: colour(), bg: colour(), attributes: withUnderline(attributes, next(6) === 0 ? 1 : 0), underline: 0, link: null };
}

/** Writes some texts over what is there: wide ones at the edges, over halves of each other, anywhere. */
export function scribble(grid: Grid, next: (below: number) => number, words: readonly string[], times: number): void {
  for (let time = 0; time < times; time++) {
    let content = '';
    for (let word = next(8); word >= 0; word--) content += words[next(words.length)];
    const style = next(3) === 0 ? PLAIN_STYLE : randomStyle(next);
    text(grid, next(grid.cols + 4) - 2, next(grid.rows), content, style, 1 + next(grid.cols));
  }
}

export function copyOf(grid: Grid): Grid {
  const copy = createGrid(grid.cols, grid.rows);
  copy.glyph.set(grid.glyph);
  copy.width.set(grid.width);
  copy.fg.set(grid.fg);
  copy.bg.set(grid.bg);
  copy.attributes.set(grid.attributes);
  copy.underline.set(grid.underline);
  for (const [index, cluster] of grid.clusters) copy.clusters.set(index, cluster);
  for (const [index, link] of grid.links) copy.links.set(index, link);
  return copy;
}

/** What a terminal shows, read without our own code: a line for each cell that is no blank. */
export function cellsOf(terminal: Terminal): string[] {
  const found: string[] = [];
  for (let y = 0; y < terminal.rows; y++) {
    const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + y);
    for (let x = 0; x < terminal.cols; x++) {
      const cell = line?.getCell(x);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const fg = cell.isFgRGB() ? rgb(cell.getFgColor()) : cell.isFgPalette() ? palette(cell.getFgColor()) : 0;
      const bg = cell.isBgRGB() ? rgb(cell.getBgColor()) : cell.isBgPalette() ? palette(cell.getBgColor()) : 0;
      const flags = [
        cell.isBold(),
        cell.isDim(),
        cell.isItalic(),
        cell.isInverse(),
        cell.isInvisible(),
        cell.isStrikethrough(),
        cell.isBlink(),
        cell.isOverline(),
        cell.isUnderline(),
      ];
      found.push(`${y},${x} ${cell.getChars() || ' '} ${cell.getWidth()} ${fg}/${bg} ${flags.map((flag) => (flag ? 1 : 0)).join('')}`);
    }
  }
  return found;
}

/** The same lines for what a grid wants. */
export function wantedCells(grid: Grid): string[] {
  const found: string[] = [];
  for (let index = 0; index < grid.glyph.length; index++) {
    const width = grid.width[index];
    if (width === 0) continue;
    const glyph = grid.glyph[index] ?? 0;
    const content = glyph === 0x110000 ? grid.clusters.get(index) : String.fromCodePoint(glyph);
    const attributes = grid.attributes[index] ?? 0;
    const flags = [1, 2, 4, 8, 16, 32, 64, 128, 7 << 8].map((bit) => ((attributes & bit) !== 0 ? 1 : 0)).join('');
    found.push(`${Math.floor(index / grid.cols)},${index % grid.cols} ${content} ${width} ${grid.fg[index]}/${grid.bg[index]} ${flags}`);
  }
  return found;
}

/** No half of a wide character without the other, and no cell wider than its text. */
export function brokenCells(grid: Grid): string[] {
  const broken: string[] = [];
  for (let index = 0; index < grid.glyph.length; index++) {
    const width = grid.width[index];
    const x = index % grid.cols;
    if (width === 2 && (x === grid.cols - 1 || grid.width[index + 1] !== 0)) broken.push(`${index}: a left half alone`);
    if (width === 0 && (x === 0 || grid.width[index - 1] !== 2)) broken.push(`${index}: a right half alone`);
    if (grid.glyph[index] === 0x110000 && clusters(grid.clusters.get(index) ?? '').length !== 1) broken.push(`${index}: not one cluster`);
  }
  return broken;
}
