/** Runs of plain letters are written at once: what stands on the screen must be what the emulator alone would have written. */
import { describe, expect, test } from 'vitest';
import { random } from '../screen/support.ts';
import { all, emulators, inside } from './twins.ts';
import { CORPUS } from './vt/corpus.ts';

describe('the same cells as without', () => {
  for (const [name, bytes] of Object.entries(CORPUS)) {
    test(name, () => {
      const { quick, plain } = emulators(20, 8);
      for (const one of [quick, plain]) one.feed(Buffer.from(`${bytes}after`));
      expect(all(quick)).toEqual(all(plain));
    });
  }

  const pieces = [
    'plain letters',
    'a',
    ' ',
    '0123456789 and more of it than a row holds, so that it wraps and wraps again',
    '漢字',
    'e\u0301',
    '7\ufe0f\u20e3',
    '👩‍👩‍👧',
    '🇫🇷🇩🇪',
    'ü',
    '\u00a0',
    '\r\n',
    '\n',
    '\r',
    '\b\b',
    '\t',
    '\x7f',
    '\x1b[1;31m',
    '\x1b[m',
    '\x1b[4:3;58:5:1m',
    '\x1b[24m',
    '\x1b[48;2;1;2;3m',
    '\x1b]8;;https://example.org\x1b\\',
    '\x1b]8;;\x1b\\',
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[?7l',
    '\x1b[?7h',
    '\x1b(0',
    '\x1b(B',
    '\x1b[3;5r',
    '\x1b[r',
    '\x1b[H',
    '\x1b[5;9H',
    '\x1b[2;18H',
    '\x1b[K',
    '\x1b[3b',
    '\x1b[2P',
    '\x1b[2@',
    '\x1b[1"q',
    '\x1b[?1049h',
    '\x1b[?1049l',
    '\x1b7',
    '\x1b8',
  ];
  for (let seed = 1; seed <= 12; seed++) {
    test(`of anything, cut anywhere, resized in between, seed ${seed}`, () => {
      const next = random(seed);
      const { quick, plain } = emulators(20, 8);
      for (let turn = 0; turn < 60; turn++) {
        const bytes = Buffer.from(Array.from({ length: 1 + next(20) }, () => pieces[next(pieces.length)]).join(''));
        const cut = next(bytes.length);
        for (const one of [quick, plain]) {
          one.feed(bytes.subarray(0, cut));
          one.feed(bytes.subarray(cut));
        }
        expect(all(quick)).toEqual(all(plain));
        if (next(10) === 0) {
          const [cols, rows] = [2 + next(40), 1 + next(12)];
          for (const one of [quick, plain]) one.resize(cols, rows);
        }
      }
    });
  }
});

test('plain text never goes the slow way, so that a new emulator in which nothing of this fits is noticed', () => {
  const { quick } = emulators(40, 8);
  const handler = inside(quick)._inputHandler;
  const { print } = handler;
  let slowly = 0;
  handler.print = (data, start, end) => {
    slowly += end - start;
    print.call(handler, data, start, end);
  };
  quick.feed(Buffer.from('\x1b[1;31ma build says this\x1b[m\r\n'.repeat(20)));
  expect(slowly).toBe(0);
  // The first letter of a wrapped line is the emulator's to place.
  quick.feed(Buffer.from(`\x1bc${'x'.repeat(100)}`));
  expect(slowly).toBe(2);
});

test('a line without an end is read a few times, not once for each of its rows', () => {
  const { quick } = emulators(20, 8);
  const letters = new Uint32Array(20_000).fill(0x78);
  let reads = 0;
  const counted = new Proxy(letters, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads += 1;
      const found: unknown = Reflect.get(target, name, target);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
  inside(quick)._inputHandler._parser._printHandler(counted, 0, letters.length);
  expect(quick.terminal.buffer.active.getLine(quick.terminal.buffer.active.length - 1)?.translateToString(true)).toBe('x'.repeat(20));
  expect(reads).toBeLessThan(10 * letters.length);
});
