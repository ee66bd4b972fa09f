/** Links and the finer attributes: from a program's bytes through its emulator to the outer terminal, and nothing else with them. */
import { afterEach, describe, expect, test } from 'vitest';
import { safeLink } from '../../src/core/link.ts';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { blit } from '../../src/screen/blit.ts';
import type { Depth } from '../../src/screen/depth.ts';
import { createGrid, linkAt, styleAt } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette, rgb, withUnderline } from '../../src/screen/style.ts';
import { createWriter } from '../../src/screen/writer.ts';

const open: Emulator[] = [];
afterEach(() => {
  for (const emulator of open.splice(0)) emulator.close();
});

function shown(bytes: string, cols = 12, rows = 3) {
  const emulator = createEmulator({ cols, rows, scrollbackLines: 50, promptEndsWork: false, onAnswer: () => {} });
  open.push(emulator);
  emulator.feed(Buffer.from(bytes));
  const grid = createGrid(cols, rows);
  const draw = () => {
    blit(grid, emulator.terminal, { x: 0, y: 0, width: cols, height: rows }, { scrolledBack: 0, addressOf: emulator.addressOf });
    return grid;
  };
  draw();
  return { emulator, grid, draw };
}

function written(bytes: string, depth: Depth = 'truecolor'): string {
  let output = '';
  const write = (frame: string) => {
    output += frame;
    return true;
  };
  const writer = createWriter({ write }, depth);
  writer.paint(shown(bytes).grid, null);
  return output;
}

describe('attributes', () => {
  test('an underline keeps its kind and its colour', () => {
    const { grid } = shown('\x1b[4:3ma\x1b[4:2;58:5:9mb\x1b[4:4;58:2::1:2:3mc\x1b[4:5md\x1b[59me\x1b[4mf\x1b[4:0mg\x1b[21mh');
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((x) => styleAt(grid, x))).toEqual([
      { ...PLAIN_STYLE, attributes: withUnderline(0, 3) },
      { ...PLAIN_STYLE, attributes: withUnderline(0, 2), underline: palette(9) },
      { ...PLAIN_STYLE, attributes: withUnderline(0, 4), underline: rgb(0x010203) },
      { ...PLAIN_STYLE, attributes: withUnderline(0, 5), underline: rgb(0x010203) },
      { ...PLAIN_STYLE, attributes: withUnderline(0, 5) },
      { ...PLAIN_STYLE, attributes: withUnderline(0, 1) },
      PLAIN_STYLE,
      { ...PLAIN_STYLE, attributes: withUnderline(0, 2) },
    ]);
  });

  test('blinking and overlined text is that', () => {
    const { grid } = shown('\x1b[5ma\x1b[25;53mb\x1b[55mc');
    expect([0, 1, 2].map((x) => styleAt(grid, x).attributes)).toEqual([ATTR.blink, ATTR.overline, 0]);
    expect(written('\x1b[5ma\x1b[25;53mb')).toMatch(/\x1b\[5ma\x1b\[0;53mb/u);
    expect(written('\x1b[53mb', '256')).not.toContain('53');
  });
});

describe('links', () => {
  const link = (address: string, text: string, id = '') => `\x1b]8;${id};${address}\x1b\\${text}\x1b]8;;\x1b\\`;

  test('are written anew, named by their address, ended in the same frame', () => {
    const out = written(`a${link('https://a.example/x', 'bc')}d`);
    expect(out).toMatch(/\x1b\]8;id=[a-z0-9]+;https:\/\/a\.example\/x\x1b\\bc\x1b\]8;;\x1b\\d/u);
    const last = written(link('https://a.example/x', 'bc'));
    expect(last.match(/\x1b\]8;/gu)).toHaveLength(2);
    expect(last.lastIndexOf('\x1b]8;;\x1b\\')).toBeGreaterThan(last.indexOf('bc'));
  });

  test('go over the end of a line, with a wide character, and keep their name', () => {
    const { grid } = shown(link('mailto:a@b.example', '漢字漢字漢字漢', 'x'));
    expect([0, 1, 11, 12, 13, 14].map((index) => linkAt(grid, index))).toEqual([...Array(5).fill('mailto:a@b.example'), null]);
    expect(new Set(written(link('http://a.example', 'over two lines of text')).match(/id=\w+/gu))).toHaveLength(1);
  });

  test('end where the program says so, is reset, or its cell is written over', () => {
    const { emulator, grid, draw } = shown(`${link('http://a.example', 'ab')}c`);
    expect([0, 1, 2].map((x) => linkAt(grid, x))).toEqual(['http://a.example', 'http://a.example', null]);
    emulator.feed(Buffer.from('\rx'));
    expect([0, 1].map((x) => linkAt(draw(), x))).toEqual([null, 'http://a.example']);
    emulator.feed(Buffer.from('\x1b]8;;http://b.example\x07\x1bcplain'));
    expect(linkAt(draw(), 0)).toBeNull();
    emulator.feed(Buffer.from('\r\x1b]8;;http://b.example\x07a\x1b[0mb'));
    // Only OSC 8 ends a link, SGR does not.
    expect(linkAt(draw(), 1)).toBe('http://b.example');
    expect(styleAt(draw(), 1).attributes).toBe(0);
  });

  test('another address under the same text is another link', () => {
    const outputs: string[] = [];
    const writer = createWriter({ write: (frame) => outputs.push(frame) > 0 }, '256');
    const { emulator, grid, draw } = shown(link('http://a.example/1', 'ab'));
    writer.paint(grid, null);
    emulator.feed(Buffer.from(`\r${link('http://a.example/2', 'ab')}`));
    writer.paint(draw(), null);
    expect(outputs[1]).toContain('http://a.example/2');
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://a.example/ space',
    'http://a.example/\u202e',
    'http://a.example/\u0301',
    'ssh://host',
    'x-man-page://ls',
    'http://',
    '//a.example',
    `http://a.example/${'x'.repeat(800)}`,
  ])('%s is only its text', (address) => {
    expect(safeLink(address)).toBeNull();
    expect(written(`${link('http://good.example', 'a')}${link(address, 'b')}`).match(/\x1b\]8;id/gu)).toHaveLength(1);
  });

  test('cannot end the sequence that they are in', () => {
    const out = written('\x1b]8;;http://a.example/\x07evil\x1b]8;;\x07');
    expect(out.replace(/\x1b\]8;id=\w+;http:\/\/a\.example\/\x1b\\|\x1b\]8;;\x1b\\/gu, '')).not.toMatch(/\x1b\]|\x07/u);
  });

  test('a terminal of 16 colours gets none', () => expect(written(link('http://a.example', 'ab'), '16')).not.toContain('\x1b]8'));

  test('a million of them keep no more than a thousand, and nothing for each line', () => {
    const { emulator, draw } = shown('');
    for (let round = 0; round < 100; round++) {
      let bytes = '';
      for (let at = 0; at < 1000; at++) bytes += `\r${link(`http://a.example/${round}/${at}`, 'x')}`;
      emulator.feed(Buffer.from(bytes));
    }
    expect(linkAt(draw(), 0)).toBe('http://a.example/99/999');
    expect(emulator.terminal.buffer.active.getLine(0)).toBeDefined();
    expect(emulator.terminal.markers).toHaveLength(0);
    expect([emulator.addressOf(0x1000_0000), emulator.addressOf(0x1000_0000 + 99_999)]).toEqual([null, 'http://a.example/99/999']);
  });

  test('one that is never ended costs the lines after it nothing', () => {
    const { emulator } = shown('\x1b]8;;http://a.example\x07');
    emulator.feed(Buffer.from('y\r\n'.repeat(5_000)));
    expect(emulator.terminal.markers).toHaveLength(0);
  });
});
