/**
 * Our screen beside those of tmux and xterm for the same bytes. Where the two agree we have to be like them, cell by
 * cell; where they differ xterm decides; each exception stands in `ACCEPTED` with its reason.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../../src/pane/emulator.ts';
import { blit } from '../../../src/screen/blit.ts';
import { drawChrome } from '../../../src/screen/chrome.ts';
import { createGrid, type Grid, styleAt, textAt } from '../../../src/screen/grid.ts';
import { ACCEPTED } from './accepted.ts';
import { CORPUS, SIZE } from './corpus.ts';

type Screen = { readonly cursor: string; readonly rows: string[]; readonly words: string[] };

/** DEC's line drawing, which tmux tells as the letters that were sent. */
const LINES = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

function screenOf(grid: Grid, cursor: string): Screen {
  const rows: string[] = [];
  const words: string[] = [];
  for (let y = 0; y < SIZE.rows; y++) {
    let row = '';
    let word = '';
    for (let x = 0; x < SIZE.cols; x++) {
      const index = y * SIZE.cols + x;
      const { fg, bg, attributes, underline } = styleAt(grid, index);
      const text = textAt(grid, index);
      // The front of a space is not to be seen.
      const look = text === ' ' ? `${bg}` : `${fg}/${bg}/${attributes}/${underline}`;
      row += `${text}${look === '0' || look === '0/0/0/0' ? '' : `<${look}>`}`;
      // xterm's printing is not to be relied on for what has no character, and for attributes that end.
      word += text;
    }
    rows.push(row.trimEnd());
    // xterm prints marks and their letters as one character where there is one.
    words.push(word.trimEnd().normalize('NFC'));
  }
  return { cursor, rows, words };
}

function ours(bytes: string): Screen {
  const emulator = createEmulator({ ...SIZE, scrollbackLines: 100, promptEndsWork: false, onAnswer: () => {} });
  emulator.feed(Buffer.from(bytes));
  const grid = createGrid(SIZE.cols, SIZE.rows);
  blit(grid, emulator.terminal, { x: 0, y: 0, width: SIZE.cols, height: SIZE.rows });
  const { cursorX, cursorY } = emulator.terminal.buffer.active;
  emulator.close();
  return screenOf(grid, `${Math.min(cursorX, SIZE.cols - 1)},${cursorY}`);
}

function theirs(block: string): Screen {
  const [cursor = '', ...lines] = block.trimEnd().split('\n');
  const text = lines
    .map((line) => line.slice(1))
    .join('\n')
    .replaceAll('\\e', '\x1b')
    // So tmux writes the code of an overline.
    .replaceAll('\x1b[5:3m', '\x1b[53m');
  const drawn = text.replace(/\\so([\s\S]*?)(?:\\si|$)/g, (_, inside: string) =>
    inside.replace(/(\x1b\[[\d;:]*m)|[`-~]/g, (one, sequence) => sequence ?? LINES[one.charCodeAt(0) - 0x60]),
  );
  const grid = createGrid(SIZE.cols, SIZE.rows);
  drawChrome(grid, drawn);
  const [x = 0, y = 0] = cursor.split(',').map(Number);
  return screenOf(grid, `${Math.min(x, SIZE.cols - 1)},${y}`);
}

const recorded = new Map<string, { tmux: Screen; xterm: Screen }>();
for (const block of readFileSync(path.join(import.meta.dirname, 'screens.txt'), 'utf8')
  .split(/^== /m)
  .slice(1)) {
  const [, name = '', tmux = '', xterm = ''] = /^(.*)\ntmux ([\s\S]*?)\nxterm ([\s\S]*)$/.exec(block) ?? [];
  recorded.set(name, { tmux: theirs(tmux), xterm: theirs(xterm) });
}

const agree = (a: Screen, b: Screen): boolean => a.cursor === b.cursor && a.words.join('\n') === b.words.join('\n');

test('every case was recorded, and every exception is of a case', () => {
  expect([...recorded.keys()]).toEqual(Object.keys(CORPUS));
  expect(Object.keys(ACCEPTED).filter((name) => !(name in CORPUS))).toEqual([]);
});

describe('like the others', () => {
  test.each(Object.entries(CORPUS))('%s', (name, bytes) => {
    const screens = recorded.get(name);
    if (screens === undefined) throw new Error(`${name} was not recorded`);
    const { tmux, xterm } = screens;
    const accepted = ACCEPTED[name];
    const mine = ours(bytes);
    if (accepted?.like === 'neither') expect([mine.cursor, ...mine.rows.filter((row) => row !== '')]).toEqual(accepted.screen);
    else if (accepted?.like === 'tmux' || agree(tmux, xterm))
      expect({ cursor: mine.cursor, rows: mine.rows }).toEqual({ cursor: tmux.cursor, rows: tmux.rows });
    else expect({ cursor: mine.cursor, words: mine.words }).toEqual({ cursor: xterm.cursor, words: xterm.words });
  });
});

test.each(Object.keys(CORPUS))('%s, split after each byte', (name) => {
  const bytes = Buffer.from(CORPUS[name] ?? '');
  const emulator = createEmulator({ ...SIZE, scrollbackLines: 100, promptEndsWork: false, onAnswer: () => {} });
  for (const byte of bytes) emulator.feed(Uint8Array.of(byte));
  const grid = createGrid(SIZE.cols, SIZE.rows);
  blit(grid, emulator.terminal, { x: 0, y: 0, width: SIZE.cols, height: SIZE.rows });
  emulator.close();
  expect(screenOf(grid, '').rows).toEqual(ours(bytes.toString()).rows);
});
