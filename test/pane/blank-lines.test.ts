/** Lines of a full history that are used again: the same cells as the emulator's own, and nothing made anew for empty parts. */
import { createRequire } from 'node:module';
import type { Terminal } from '@xterm/headless';
import { expect, test } from 'vitest';
import { spareBlankLines } from '../../src/pane/blank-lines.ts';
import { coreOf, part } from '../../src/pane/inside.ts';

const require = createRequire(import.meta.url);
const SIZE = { cols: 12, rows: 3, scrollback: 4, allowProposedApi: true, logLevel: 'off' };

/** From a copy of the program of its own: lines of all terminals of one copy share what they do. */
function terminal(): Terminal {
  const path = require.resolve('@xterm/headless');
  delete require.cache[path];
  return new (require(path) as { Terminal: new (options: object) => Terminal }).Terminal(SIZE);
}

type Line = { readonly _data: Uint32Array; readonly _combined: object; readonly _extendedAttrs: object; readonly isWrapped: boolean };
type Lines = { readonly length: number; get(at: number): Line };

const lines = (of: Terminal): Line[] => {
  const held = part(part(coreOf(of), 'buffer'), 'lines') as Lines;
  return Array.from({ length: held.length }, (_, at) => held.get(at));
};
const feed = (to: Terminal, text: string) => (coreOf(to) as { writeSync(data: string): void }).writeSync(text);

const KINDS = [
  'plain',
  'e\u0301\u0302 and more',
  '\x1b[4:3;58:2::9:8:7mcurly\x1b[m',
  '\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\',
  '\x1b[41mred to the end\x1b[K\x1b[m',
  'a line that is longer than the screen and goes on',
  '👩‍🚀🇩🇪',
  '',
];

test('what is shown is what the emulator would show by itself, whatever stood in the line before', () => {
  const [own, plain] = [terminal(), terminal()];
  spareBlankLines(own);
  // Every kind after every other, through a history that is full from the first few on.
  for (const first of KINDS)
    for (const second of KINDS) for (const text of [first, second, first]) for (const each of [own, plain]) feed(each, `${text}\r\n`);
  const cells = (of: Terminal) =>
    lines(of).map(({ _data, _combined, _extendedAttrs, isWrapped }) => ({
      cells: [..._data],
      combined: { ..._combined },
      extended: Object.keys(_extendedAttrs),
      isWrapped,
    }));
  expect(cells(own)).toEqual(cells(plain));
});

test.each([
  ['of letters and colours nothing is made anew', 'again \x1b[31mand\x1b[m again', true],
  ['rare parts do not stay in the line after', 'e\u0301', false],
])('%s', (_what, text, kept) => {
  const own = terminal();
  spareBlankLines(own);
  const all = SIZE.rows + SIZE.scrollback;
  for (let count = 0; count < all; count++) feed(own, `${text}\r\n`);
  const before = new Set(lines(own).map(({ _combined }) => _combined));
  for (let count = 0; count < all; count++) feed(own, '\r\n');
  const after = lines(own);
  expect(after.filter(({ _combined }) => before.has(_combined)).length >= all - 1).toBe(kept);
  expect(after.every(({ _combined, _extendedAttrs }) => Object.keys({ ..._combined, ..._extendedAttrs }).length === 0)).toBe(true);
});
