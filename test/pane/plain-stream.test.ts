/** Plain output is taken from its bytes: what stands on the screen, and what a program is answered, must be what the emulator alone would have made of it. */
import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/pane/emulator.ts';
import { hostileBytes, torn } from '../screen/hostile.ts';
import { random } from '../screen/support.ts';
import { all, emulators, inside } from './twins.ts';

/** Sequences of every shape, most of them such that one of the two might read them otherwise. */
const FINALS = 'mHABCDEFGJKLMPSTXZ@abdefghlrst`';
function sequence(next: (below: number) => number): string {
  const prefix = ['', '', '', '?', '>', '='][next(6)];
  const numbers = Array.from({ length: next(5) === 0 ? next(40) : next(4) }, () =>
    [String(next(12)), '', '38;5;9', '0', String(next(1000)), '99999999999', '2147483647', '4:3'].at(next(next(4) === 0 ? 8 : 3)),
  );
  const middle = next(12) === 0 ? ' ' : '';
  return `\x1b[${prefix}${numbers.join(';')}${middle}${FINALS[next(FINALS.length)]}`;
}

const BETWEEN = [
  'a line of it',
  '\r\n',
  '\n',
  '\b',
  '\t',
  '\v',
  '\f',
  '\x0e',
  '\x0f',
  '\x00',
  '\x7f',
  'ü',
  '漢字',
  '\x1b',
  '\x1b[',
  '\x18',
  '\x1b]0;a title\x07',
  '\x1bP1$r\x1b\\',
];
const BROKEN = [[0xe4], [0xe4, 0xb8], [0x80], [0xf0, 0x9f], [0xc2, 0x85], [0xff], [0xe4, 0xc2, 0x85]].map((bytes) => Buffer.from(bytes));

describe('the same cells, cursor and rest of a sequence', () => {
  for (let seed = 1; seed <= 12; seed++) {
    test(`of sequences of any shape among text, cut anywhere, seed ${seed}`, () => {
      const next = random(seed);
      const { quick, plain } = emulators(20, 8);
      for (let turn = 0; turn < 80; turn++) {
        const parts = Array.from({ length: 1 + next(12) }, () => {
          const kind = next(8);
          if (kind === 0) return BROKEN[next(BROKEN.length)] ?? Buffer.of();
          return Buffer.from(kind < 4 ? sequence(next) : (BETWEEN[next(BETWEEN.length)] ?? ''));
        });
        for (const part of torn(next, Buffer.concat(parts))) for (const one of [quick, plain]) one.feed(part);
        expect(all(quick)).toEqual(all(plain));
        if (next(20) === 0) for (const one of [quick, plain]) one.feed(Buffer.from('\x1bc'));
      }
    });
  }

  for (let seed = 1; seed <= 6; seed++) {
    test(`of a hostile program, seed ${seed}`, () => {
      const next = random(seed + 100);
      const { quick, plain } = emulators(20, 8);
      for (let turn = 0; turn < 40; turn++) {
        for (const part of torn(next, hostileBytes(next, 1 + next(8)))) for (const one of [quick, plain]) one.feed(part);
        expect(all(quick)).toEqual(all(plain));
      }
    });
  }
});

test('a program is answered in the order in which it asked, whichever way its bytes went', () => {
  const answers: string[] = [];
  const emulator = createEmulator({
    cols: 20,
    rows: 8,
    scrollbackLines: 30,
    promptEndsWork: false,
    onAnswer: (bytes) => answers.push(String(bytes)),
  });
  emulator.feed(Buffer.from('text\x1b[6nmore\x1b[>cé\x1b[?25$p\x1b[5n'));
  expect(answers.join('')).toBe('\x1b[1;5R\x1b[>0;276;0c\x1b[?25;1$y\x1b[0n');
  emulator.close();
});

test("a build's log never goes the emulator's way, so that a new one in which nothing of this fits is noticed", () => {
  const { quick } = emulators(40, 8);
  const handler = inside(quick)._inputHandler;
  const { parse } = handler;
  let slowly = 0;
  handler.parse = (bytes) => {
    slowly += bytes.length;
    parse.call(handler, bytes);
  };
  quick.feed(Buffer.from('\x1b[2m10:04\x1b[0m \x1b[1;31ma build says this\x1b[m\x1b[K\r\n\x1b[?25l'.repeat(20)));
  expect(slowly).toBe(0);
  quick.feed(Buffer.from('plain, é, \x1b[31mred'));
  expect(slowly).toBe(4);
});
