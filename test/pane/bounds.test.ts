/** What a program's bytes may cost: counts without end, marks without end, strings without end, a long log. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { LONGEST_CLUSTER } from '../../src/core/width.ts';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';

const open: Emulator[] = [];
afterEach(() => {
  for (const emulator of open.splice(0)) emulator.close();
});

function screen({ cols = 20, rows = 5, scrollbackLines = 100, clock = (): number => 0 } = {}) {
  const emulator = createEmulator({ cols, rows, scrollbackLines, promptEndsWork: false, clock, onAnswer: () => {} });
  open.push(emulator);
  return { emulator, say: (text: string) => emulator.feed(Buffer.from(text)) };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Megabytes that are really held. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_000_000;
}

describe('counts', () => {
  // At two milliards each of them would take from minutes to hours, or all memory.
  test.each([...'@ABCDEFGHIJKLMPSTXZ^`abdegrst'])('CSI 2147483647 %s is done at once', (final) => {
    const { emulator, say } = screen();
    say(`one\r\ntwo\r\nx\x1b[2147483647${final}\x1b[99999999999999;99999999999${final}\x1b[2147483647;2147483647${final}`);
    say('\x1bcafter');
    expect(emulator.text(5)).toEqual(['after']);
  });

  test('up to the size of the screen they are what they were', () => {
    const { emulator, say } = screen({ cols: 10, rows: 4 });
    say('a\x1b[9b\r\nb\x1b[2b\r\nc\x1b[H\x1b[1L');
    expect(emulator.text(9)).toEqual(['', 'aaaaaaaaaa', 'bbb', 'c']);
    say('\x1b[9999M');
    expect(emulator.text(9)).toEqual([]);
  });
});

test('a character with marks without end keeps what can be shown of it, and can be repeated', () => {
  const { emulator, say } = screen();
  const before = held();
  say('e');
  for (let part = 0; part < 20; part++) say('\u0301'.repeat(100_000));
  say('\x1b[2147483647b');
  say('\x1bcf');
  for (let part = 0; part < 20; part++) say('\u0301'.repeat(100_000));
  say('\x1b[3bx');
  const [line = ''] = emulator.text(1);
  expect(line).toHaveLength(4 * LONGEST_CLUSTER + 1);
  expect(line.endsWith('x')).toBe(true);
  expect(held() - before).toBeLessThan(20);
});

describe('a string that never ends', () => {
  const STRINGS = { OSC: '\x1b]0;', 'OSC 8': '\x1b]8;;http://a', DCS: '\x1bPq', APC: '\x1b_G', PM: '\x1b^', SOS: '\x1bX' };

  test.each(Object.entries(STRINGS))('%s is cancelled by what comes after five seconds, also when bells ring in it', (name, begin) => {
    let now = 1_000;
    const { emulator, say } = screen({ clock: () => now });
    say(`before${begin}swallowed`);
    for (let step = 0; step < 5; step++) {
      now += 1_000;
      // A bell ends an OSC, as it should.
      say(name.startsWith('OSC') ? 'still' : 'still\x07');
      expect(emulator.text(5)).toEqual(['before']);
    }
    now += 1;
    say('after');
    expect(emulator.text(5)).toEqual(['beforeafter']);
  });

  test('one that is sent slowly and does end is whole', () => {
    let now = 1_000;
    const { emulator, say } = screen({ clock: () => now });
    for (const part of ['\x1b]0;a ', 'long ', 'title']) {
      say(part);
      now += 1_500;
    }
    say('\x07shown');
    expect([emulator.title(), ...emulator.text(1)]).toEqual(['a long title', 'shown']);
  });

  test.each(Object.entries(STRINGS))('%s is swallowed whole, also where it is not ASCII', (_name, begin) => {
    const { emulator, say } = screen();
    say(`before${begin}é漢🚀 hidden\x1b\\after`);
    expect(emulator.text(5)).toEqual(['beforeafter']);
    say(`\x1bc\x1bPé hidden\x1b\\shown`);
    expect(emulator.text(5)).toEqual(['shown']);
  });

  test.each(Object.entries(STRINGS))('a hundred megabytes within %s are not kept, and what follows is shown', (_name, begin) => {
    const { emulator, say } = screen();
    const part = Buffer.alloc(1_000_000, 'x');
    const before = held();
    say(begin);
    let most = 0;
    for (let megabyte = 0; megabyte < 100; megabyte++) {
      emulator.feed(part);
      if (megabyte % 10 === 9) most = Math.max(most, held() - before);
    }
    expect(most).toBeLessThan(10);
    say('\x1b\\after');
    expect(emulator.text(1)).toEqual(['after']);
    expect(held() - before).toBeLessThan(5);
  });
});

/** `LOG_MB=50` for the long form. */
const LOG_MB = Number(process.env.LOG_MB ?? 5);

test(`a build log of ${LOG_MB} MB ends on the right screen and keeps only its history`, () => {
  const { emulator } = screen({ cols: 120, rows: 40, scrollbackLines: 1_000 });
  const line = (at: number) => `[${at}] \x1b[32m✓\x1b[0m compiled \x1b[1msrc/漢字/module-${at}.ts\x1b[0m in ${at % 977} ms`;
  const plain = (at: number) => line(at).replaceAll(/\x1b\[\d*m/gu, '');
  const before = held();
  let at = 0;
  for (let bytes = 0; bytes < LOG_MB * 1_000_000; ) {
    let chunk = '';
    while (chunk.length < 60_000) {
      chunk += `${line(at)}\r\n\x1b[33m${at % 100} %\x1b[0m\r\x1b[K`;
      at += 1;
    }
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    // Cut within characters and sequences.
    for (let from = 0; from < buffer.length; from += 4_093) emulator.feed(buffer.subarray(from, from + 4_093));
  }
  expect(emulator.text(10_000)).toEqual(Array.from({ length: 1_039 }, (_, row) => plain(at - 1_039 + row)));
  expect(held() - before).toBeLessThan(20);
});
