import { afterEach, describe, expect, test } from 'vitest';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';

const open: Emulator[] = [];
afterEach(() => {
  for (const emulator of open.splice(0)) emulator.close();
});

function screen(options: { cols?: number; rows?: number; scrollbackLines?: number; promptEndsWork?: boolean } = {}) {
  const answers: string[] = [];
  const emulator = createEmulator({
    cols: 20,
    rows: 5,
    scrollbackLines: 100,
    promptEndsWork: false,
    ...options,
    onAnswer: (bytes) => answers.push(bytes.toString('latin1')),
  });
  open.push(emulator);
  return { emulator, answers, say: (text: string) => emulator.feed(Buffer.from(text)) };
}

describe('answers', () => {
  test('DA1, DSR and DECRQM are answered in the turn in which they are asked', () => {
    const { answers, say } = screen();
    say('ab\x1b[c\x1b[6n\x1b[5n\x1b[?2004h\x1b[?2004$p');
    expect(answers).toEqual(['\x1b[?1;2c', '\x1b[1;3R', '\x1b[0n', '\x1b[?2004;1$y']);
  });

  test('PROTOCOL §9: the program-status question is answered before a DA1 that follows it', () => {
    const { answers, say } = screen();
    say('\x1b]7501;?\x1b\\\x1b[c');
    expect(answers).toEqual(['\x1b]7501;?\x1b\\', '\x1b[?1;2c']);
  });

  test('what it does not know is swallowed and never answered or shown', () => {
    const { emulator, answers, say } = screen();
    say('a\x1b]9999;secret\x07\x1bPzunknown\x1b\\\x1b_Gi=1;AAAA\x1b\\\x1b^pm\x1b\\\x1b]52;c;aGk=\x07b');
    expect(emulator.text(5)).toEqual(['ab']);
    expect(answers).toEqual([]);
  });
});

describe('program status', () => {
  test('PROTOCOL §9: reports are recorded, RIS removes them', () => {
    const { emulator, say } = screen();
    say('\x1b]7501;state=working:app=codex\x1b\\');
    expect(emulator.programStatus()).toMatchObject([{ state: 'working', app: 'codex' }]);
    say('\x1b]7501;state=nonsense\x1b\\');
    expect(emulator.programStatus()).toMatchObject([{ state: 'working' }]);
    say('\x1bc');
    expect(emulator.programStatus()).toEqual([]);
  });

  test.each([
    [true, []],
    [false, ['working']],
  ])('a prompt ends work in a shell only (%s)', (promptEndsWork, states) => {
    const { emulator, say } = screen({ promptEndsWork });
    say('\x1b]7501;state=working\x1b\\\x1b]133;A\x07');
    expect(emulator.programStatus().map(({ state }) => state)).toEqual(states);
  });

  test('a sequence of ten megabytes is dropped', () => {
    const { emulator, say } = screen();
    say(`\x1b]7501;state=working:msg=${'A'.repeat(10_000_000)}\x1b\\ok`);
    expect(emulator.programStatus()).toEqual([]);
    expect(emulator.text(1)).toEqual(['ok']);
  });
});

describe('titles', () => {
  test.each([
    ['control characters', '\x1b]0;a\x01\x08b\x7fc\x07', 'abc'],
    ['direction overrides', '\x1b]2;safe\u202eexe.txt\x07', 'safeexe.txt'],
    ['line separators', '\x1b]2;one\u2028two\x07', 'onetwo'],
    ['padding', `\x1b]2;  Ready${' '.repeat(70)}\x07`, 'Ready'],
    ['emoji are kept', '\x1b]2;\u2726 👩‍💻 work\x07', '\u2726 👩‍💻 work'],
  ])('%s', (_title, bytes, expected) => {
    const { emulator, say } = screen();
    say(bytes);
    expect(emulator.title()).toBe(expected);
  });

  test('200 characters at most, never half a character', () => {
    const { emulator, say } = screen();
    say(`\x1b]0;${'😀'.repeat(100_000)}\x07`);
    expect([...emulator.title()]).toHaveLength(200);
    expect(emulator.title()).toBe('😀'.repeat(200));
  });

  test('bells are counted', () => {
    const { emulator, say } = screen();
    say('\x07\x07x\x07');
    expect(emulator.bells()).toBe(3);
  });
});

describe('text', () => {
  test('wrapped lines are joined, empty lines at the end are left out, inner ones stay', () => {
    const { emulator, say } = screen();
    say(`one\r\n\r\n${'0123456789'.repeat(5)}\r\nlast\r\n`);
    expect(emulator.text(10)).toEqual(['one', '', '0123456789'.repeat(5), 'last']);
  });

  test('a wide character that did not fit leaves no gap', () => {
    const { emulator, say } = screen({ cols: 5 });
    say('abcd漢字ef');
    expect(emulator.text(10)).toEqual(['abcd漢字ef']);
  });

  test('the last lines only, out of the scrollback too', () => {
    const { emulator, say } = screen({ scrollbackLines: 50 });
    for (let index = 1; index <= 200; index++) say(`line ${index}\r\n`);
    expect(emulator.text(3)).toEqual(['line 198', 'line 199', 'line 200']);
    expect(emulator.text(1000)).toHaveLength(54);
  });

  test('a paragraph longer than the scrollback is cut, not lost', () => {
    const { emulator, say } = screen({ cols: 10, rows: 2, scrollbackLines: 3 });
    say('x'.repeat(100));
    expect(emulator.text(10)).toEqual(['x'.repeat(50)]);
  });

  test('the alternate screen is what is shown while it is on', () => {
    const { emulator, say } = screen();
    say('shell\r\n\x1b[?1049h\x1b[Hfull screen');
    expect(emulator.text(10)).toEqual(['full screen']);
    say('\x1b[?1049l');
    expect(emulator.text(10)).toEqual(['shell']);
  });

  test('a character split over two pieces is one character', () => {
    const { emulator } = screen();
    const bytes = Buffer.from('é漢🚀');
    for (const byte of bytes) emulator.feed(Buffer.from([byte]));
    expect(emulator.text(1)).toEqual(['é漢🚀']);
  });

  test('a character between two others is whole, wherever all three are cut', () => {
    const bytes = Buffer.from('─…🚀b');
    for (let first = 1; first < bytes.length; first++) {
      for (let second = first; second < bytes.length; second++) {
        const { emulator } = screen();
        for (const part of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) emulator.feed(part);
        expect(emulator.text(1), `cut at ${first} and ${second}`).toEqual(['─…🚀b']);
      }
    }
  });

  test('a resize keeps the text', () => {
    const { emulator, say } = screen();
    say('0123456789abcdef\r\nsecond');
    emulator.resize(8, 5);
    expect(emulator.text(10)).toEqual(['0123456789abcdef', 'second']);
  });
});

describe('put right', () => {
  test('C1 controls in UTF-8 are nothing, wherever they are split, and other characters with the same first byte are whole', () => {
    const bytes = Buffer.from('a\u009b31mb\u0085c\u0090d\u009ce\u00a0f\u00b5');
    const { emulator } = screen();
    emulator.feed(bytes);
    expect(emulator.text(1)).toEqual(['a31mbcde\u00a0f\u00b5']);
    const single = screen();
    for (const byte of bytes) single.emulator.feed(Buffer.from([byte]));
    expect(single.emulator.text(1)).toEqual(emulator.text(1));
  });
});
