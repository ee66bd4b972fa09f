/** What a program is told of its terminal: the user's real colours, in the order of its questions. */
import { afterEach, describe, expect, test } from 'vitest';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { createOuterColours, type OuterColours } from '../../src/pane/outer-colours.ts';
import { askColours } from '../../src/screen/ask-colours.ts';
import { until } from '../support/until.ts';

const open: (Emulator | OuterColours)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function terminal(patienceMs = 60_000) {
  const answers: string[] = [];
  const colours = createOuterColours(patienceMs);
  const onAnswer = (bytes: Buffer) => answers.push(bytes.toString('latin1'));
  const emulator = createEmulator({ cols: 20, rows: 5, scrollbackLines: 10, promptEndsWork: false, colours, onAnswer });
  open.push(emulator, colours);
  return { colours, answers, say: (text: string) => emulator.feed(Buffer.from(text)) };
}

const LIGHT = ['\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\', '\x1b]10;rgb:65/7b/83\x07', '\x1b]4;1;rgb:d/3/2\x1b\\', '\x1b[?62;22c'];

test('OSC 4, 10, 11 and 12 are answered with what the outer terminal said, before a DA1 that follows', () => {
  const { colours, answers, say } = terminal();
  for (const answer of LIGHT) colours.take(answer);
  say('\x1b]11;?\x07\x1b]10;?\x1b\\\x1b]4;1;?;200;?\x1b\\\x1b]12;?\x07\x1b[c');
  expect(answers).toEqual([
    '\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\',
    '\x1b]10;rgb:6565/7b7b/8383\x1b\\',
    '\x1b]4;1;rgb:dddd/3333/2222\x1b\\',
    '\x1b]4;200;rgb:ffff/0000/d7d7\x1b\\',
    '\x1b[?1;2c',
  ]);
});

test('who asks before the outer terminal has answered gets everything in its order, and DA1 last', () => {
  const { colours, answers, say } = terminal();
  say('\x1b]7501;?\x1b\\\x1b]11;?\x1b\\\x1b[?996n\x1b[5n\x1b[c');
  expect(answers).toEqual(['\x1b]7501;?\x1b\\']);
  for (const answer of LIGHT) colours.take(answer);
  expect(answers.slice(1)).toEqual(['\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\', '\x1b[?997;2n', '\x1b[0n', '\x1b[?1;2c']);
  say('\x1b[5n');
  expect(answers.at(-1)).toBe('\x1b[0n');
});

test('a terminal that never answers is waited for a while only, and then the rest is answered', async () => {
  const { answers, say } = terminal(30);
  say('\x1b]11;?\x1b\\\x1b[?996n\x1b[c');
  await until('the patience to be over', () => answers.length > 0);
  expect(answers).toEqual(['\x1b[?1;2c']);
});

test('who asks without end is not remembered without end', () => {
  const { colours, answers, say } = terminal();
  for (let round = 0; round < 100; round++) say('\x1b]11;?\x1b\\'.repeat(1000));
  for (const answer of LIGHT) colours.take(answer);
  expect(answers.length).toBeLessThanOrEqual(256);
  say(`\x1b]4;${'1;?;'.repeat(100_000)}\x1b\\`);
  expect(answers.length).toBeLessThanOrEqual(600);
});

describe('of an answer only colours are taken', () => {
  test.each(['\x1b]11;?\x1b\\', '\x1b]11;rgb:12345/0/0\x07', '\x1b]11;red\x07', '\x1b]52;c;aGk=\x07', '\x1b]11;rgb:0/0/0', '\x1b[0n'])(
    '%j',
    (sequence) => {
      const { colours } = terminal();
      colours.take(sequence);
      expect([colours.of('11'), colours.isLight(), colours.awaits(() => {})]).toEqual([null, null, true]);
    },
  );
});

test('a program may not set the colours of anybody', () => {
  const { colours, answers, say } = terminal();
  for (const answer of LIGHT) colours.take(answer);
  say('\x1b]11;#000000\x07\x1b]4;1;rgb:0/0/0\x07\x1b]104\x07\x1b]111\x07\x1b]11;?\x07');
  expect(answers).toEqual(['\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\']);
});

test('its name and its size', () => {
  const { answers, say } = terminal();
  say('\x1b[>q\x1b[18t\x1b[>c\x1b[14t\x1b[21t\x1b[?u');
  expect(answers).toEqual(['\x1bP>|coordtui\x1b\\', '\x1b[8;5;20t', '\x1b[>0;276;0c']);
});

test('few colours, no questions', () => {
  expect([askColours('none'), askColours('16')]).toEqual(['', '']);
  expect(askColours('256')).toMatch(/^(?:\x1b\](?:4;\d+|1[0-2]);\?\x1b\\){19}\x1b\[c$/u);
});
