import { describe, expect, test } from 'vitest';
import { createEmulator } from '../../src/pane/emulator.ts';
import { watchScreen } from '../../src/pane/screen-sign.ts';

function screen(scrollbackLines = 100) {
  const emulator = createEmulator({ cols: 60, rows: 12, scrollbackLines, promptEndsWork: false, onAnswer: () => {} });
  const sign = watchScreen(emulator.terminal);
  const write = (text: string) => {
    emulator.feed(Buffer.from(text));
    return sign.changed();
  };
  return { emulator, sign, write };
}

const box = 'Welcome\r\n\r\n> add the orders table\r\n\r\n';

describe('PROTOCOL §7: a change of the screen outside a spinner', () => {
  test('an empty screen is no sign, the first words are', () => {
    const { write } = screen();
    expect(write('')).toBe(false);
    expect(write(box)).toBe(true);
    expect(write('')).toBe(false);
  });

  test('a spinner that turns for ever, with other words, a clock and a counter, is none', () => {
    const { write } = screen();
    write(`${box}\x1b7`);
    write('\x1b8* Thinking (0s)');
    const words = ['Pondering', 'Frobnicating', 'Musing', 'Herding cats'];
    const signs = Array.from({ length: 400 }, (_, second) =>
      write(
        `\x1b8\x1b[K${'⠋⠙⠹⠸'[second % 4]} ${words[second % 4]} (${second}s · ↑ ${second * 7} tokens)\r\n\x1b[K  Tip: press ${words[(second + 1) % 4]}`,
      ),
    );
    expect(signs.filter(Boolean)).toEqual([]);
  });

  test('an animation of two rows and a clock of digits in a third are none', () => {
    const { write } = screen();
    write(box);
    const signs = Array.from({ length: 50 }, (_, n) =>
      write(`\x1b[6;1H${n % 2 ? 'left' : 'right'} \x1b[7;1H${n % 3 ? 'up' : 'down'}  \x1b[12;1H12:00:${10 + n}`),
    );
    expect(signs.filter(Boolean)).toEqual([]);
  });

  test('slow output adds up: a row now and then is work', () => {
    const { write } = screen();
    write(box);
    const signs = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map((word) => write(`the ${word} line\r\n`));
    expect(signs.filter(Boolean).length).toBeGreaterThanOrEqual(2);
  });

  test('lines that differ in a number only are output when they scroll, also at the end of the history', () => {
    const { write } = screen(5);
    for (let n = 0; n < 40; n++) write(`test ${n} passed\r\n`);
    expect(write('test 41 passed\r\n')).toBe(true);
    expect(write('')).toBe(false);
  });

  test('a window of another size is drawn anew and says nothing', () => {
    const { emulator, sign, write } = screen();
    write(box);
    emulator.resize(40, 10);
    expect(write('\x1b[2J\x1b[HWelcome, in a smaller window\r\nwith\r\nother\r\nrows')).toBe(false);
    expect(write('')).toBe(false);
    expect(write('\r\nand\r\nnow\r\nsomething\r\nnew')).toBe(true);
    sign.close();
  });
});
