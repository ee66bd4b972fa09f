/** The screen as a picture: text in a grid, so that it stays sharp and can be searched. */

import { rgbOf } from './depth.ts';
import { type Grid, styleAt, textAt } from './grid.ts';
import { ATTR, type Colour, isPalette, type Style, underlineOf } from './style.ts';

export type Theme = {
  readonly background: string;
  readonly foreground: string;
  /** The 16 colours that a theme decides about. */
  readonly colours: readonly string[];
};

export const DARK: Theme = {
  background: '#16181d',
  foreground: '#d7dae0',
  colours: [
    '#2b303b',
    '#e06c75',
    '#98c379',
    '#e5c07b',
    '#61afef',
    '#c678dd',
    '#56b6c2',
    '#abb2bf',
    '#6b7280',
    '#ff7b86',
    '#b5e890',
    '#ffd68a',
    '#82c8ff',
    '#de9bf0',
    '#7fdbe6',
    '#ffffff',
  ],
};

export const LIGHT: Theme = {
  background: '#fbfbf9',
  foreground: '#2e3440',
  colours: [
    '#2e3440',
    '#b3261e',
    '#2e7d32',
    '#8a6100',
    '#1259a7',
    '#8e3a9d',
    '#00727d',
    '#6b7280',
    '#7d8590',
    '#d93a30',
    '#3c9a41',
    '#a87900',
    '#1f74d1',
    '#a94fb8',
    '#008c99',
    '#16181d',
  ],
};

const CELL = { width: 8.4, height: 18, size: 14, baseline: 13.5 } as const;
const MARGIN = 12;

type Run = { x: number; cells: number; text: string; style: Style; alone: boolean };

/** Monospace text on the theme's background; neighbours that look alike are one piece, fitted to its cells whatever the font. */
export function toSvg(grid: Grid, theme: Theme, title: string): string {
  const width = number(grid.cols * CELL.width + 2 * MARGIN);
  const height = number(grid.rows * CELL.height + 2 * MARGIN);
  const body: string[] = [];
  for (let y = 0; y < grid.rows; y++) for (const run of runsOf(grid, y)) body.push(...draw(run, y, theme));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${theme.background}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.size}" xml:space="preserve">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function runsOf(grid: Grid, y: number): Run[] {
  const runs: Run[] = [];
  for (let x = 0; x < grid.cols; x++) {
    const index = y * grid.cols + x;
    const cells = grid.width[index] ?? 1;
    if (cells === 0) continue;
    const content = textAt(grid, index);
    const style = styleAt(grid, index);
    const last = runs.at(-1);
    // A wide or composed one stands alone: fonts have their own ideas of its width.
    const alone = cells === 2 || content.length > 1;
    if (last !== undefined && !alone && !last.alone && sameStyle(last.style, style)) {
      last.text += content;
      last.cells += 1;
    } else runs.push({ x, cells, text: content, style, alone });
  }
  return runs;
}

function draw(run: Run, y: number, theme: Theme): string[] {
  const inverse = (run.style.attributes & ATTR.inverse) !== 0;
  const front = hex(run.style.fg, theme, theme.foreground);
  const back = hex(run.style.bg, theme, theme.background);
  const [fg, bg] = inverse ? [back, front] : [front, back];
  const left = number(MARGIN + run.x * CELL.width);
  const top = number(MARGIN + y * CELL.height);
  const width = number(run.cells * CELL.width);
  const drawn: string[] = [];
  if (bg !== theme.background) drawn.push(`<rect x="${left}" y="${top}" width="${width}" height="${CELL.height}" fill="${bg}"/>`);
  const bare = run.text.trim() === '' && underlineOf(run.style.attributes) === 0;
  if (bare || (run.style.attributes & ATTR.hidden) !== 0) return drawn;
  const look = `fill="${fg}"${lookOf(run.style)} textLength="${width}" lengthAdjust="spacingAndGlyphs"`;
  drawn.push(`<text x="${left}" y="${number(top + CELL.baseline)}" ${look}>${escaped(run.text)}</text>`);
  return drawn;
}

function lookOf(style: Style): string {
  const has = (bit: number): boolean => (style.attributes & bit) !== 0;
  const lines = [underlineOf(style.attributes) > 0 ? 'underline' : '', has(ATTR.strike) ? 'line-through' : ''].filter(Boolean).join(' ');
  return [
    has(ATTR.bold) ? ' font-weight="bold"' : '',
    has(ATTR.italic) ? ' font-style="italic"' : '',
    has(ATTR.dim) ? ' opacity="0.6"' : '',
    lines === '' ? '' : ` text-decoration="${lines}"`,
  ].join('');
}

function hex(colour: Colour, theme: Theme, own: string): string {
  if (colour === 0) return own;
  if (isPalette(colour) && (colour & 0xff) < 16) return theme.colours[colour & 0xff] ?? own;
  const value = isPalette(colour) ? rgbOf(colour & 0xff) : colour & 0xffffff;
  return `#${value.toString(16).padStart(6, '0')}`;
}

function sameStyle(a: Style, b: Style): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.attributes === b.attributes && a.underline === b.underline;
}

function number(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Also what XML cannot hold at all. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/&/gu, '&amp;')
    .replace(/</gu, '&lt;')
    .replace(/>/gu, '&gt;')
    .replace(/"/gu, '&quot;');
}
