import { describe, expect, test } from 'vitest';
import { createInput, type Focus, type Input } from '../../src/screen/input.ts';
import { DEFAULT_LEADER, type Leader, parseLeader } from '../../src/screen/leader.ts';
import { random } from './support.ts';

type Options = { focus?: Focus; leader?: Leader; bracketed?: boolean; onInput?: (input: Input, set: (focus: Focus) => void) => void };

/** One line for each input, neighbouring bytes joined: what matters is what the pane reads in the end. */
function router(options: Options = {}) {
  const seen: string[] = [];
  let focus = options.focus ?? 'terminal';
  let bytes: number[] = [];
  const close = (): void => {
    if (bytes.length > 0) seen.push(`bytes ${Buffer.from(bytes).toString('latin1')}`);
    bytes = [];
  };
  const input = createInput({
    leader: options.leader ?? DEFAULT_LEADER,
    focus: () => focus,
    bracketedPaste: () => options.bracketed ?? true,
    onInput(event) {
      if (event.type === 'bytes') bytes.push(...event.bytes);
      else {
        close();
        if (event.type === 'key') seen.push(event.key);
        else if (event.type === 'paste') seen.push(`paste ${JSON.stringify(event.text)}`);
        else if (event.type === 'mouse') seen.push(`mouse ${event.mouse.action} ${event.mouse.button} ${event.mouse.x},${event.mouse.y}`);
        else if (event.type === 'focus') seen.push(`focus ${event.focused}`);
        else if (event.type === 'reply') seen.push(`reply ${JSON.stringify(event.sequence)}`);
        else seen.push('LEADER');
      }
      options.onInput?.(event, (next) => {
        focus = next;
      });
    },
  });
  return {
    input,
    push: (text: string | Uint8Array) => input.push(typeof text === 'string' ? Buffer.from(text, 'latin1') : text),
    seen: () => {
      close();
      return seen.splice(0);
    },
  };
}

function typed(text: string, options: Options = {}): string[] {
  const { input, push, seen } = router(options);
  push(text);
  input.flush();
  return seen();
}

/** The same for every way to split it in two, and byte by byte. */
function splitAnywhere(text: string | Uint8Array, options: Options): string[] {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const whole = router(options);
  whole.push(bytes);
  whole.input.flush();
  const expected = whole.seen();
  const single = router(options);
  for (const byte of bytes) single.push(Uint8Array.of(byte));
  single.input.flush();
  expect(single.seen()).toEqual(expected);
  for (let at = 1; at < bytes.length; at++) {
    const parts = router(options);
    parts.push(bytes.subarray(0, at));
    parts.push(bytes.subarray(at));
    parts.input.flush();
    expect(parts.seen(), `split at ${at}`).toEqual(expected);
  }
  return expected;
}

describe('terminal focus', () => {
  test('all 256 bytes but the leader go on as they came', () => {
    const every = Uint8Array.from({ length: 256 }, (_, value) => value).filter((value) => value !== DEFAULT_LEADER.byte);
    expect(splitAnywhere(every, {})).toEqual([`bytes ${Buffer.from(every).toString('latin1')}`]);
  });

  test('so do the sequences of keys', () => {
    const keys = '\x1b[A\x1bOA\x1b[1;5C\x1b[5~\x1b[24~\x1b[Z\x1bx\x1b\x1b\x1b[3~\r\t\x7f\x03\x1b[97;5u\x1b[27;5;97~\x1b[[A\x1bOP';
    expect(splitAnywhere(keys, {})).toEqual([`bytes ${keys}`]);
  });

  test('and UTF-8, whole or broken', () => {
    const bytes = Buffer.concat([Buffer.from('漢字 😀 é'), Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82])]);
    expect(splitAnywhere(bytes, {})).toEqual([`bytes ${bytes.toString('latin1')}`]);
  });

  for (const seed of [1, 2, 3]) {
    test(`noise made of pieces of sequences: where it is split makes no difference, seed ${seed}`, () => {
      const next = random(seed);
      const pieces = [
        '\x1b',
        '[',
        'O',
        ']',
        'P',
        '_',
        '2',
        '0',
        '1',
        '~',
        ';',
        'A',
        'u',
        '<',
        'M',
        'm',
        '?',
        'c',
        'R',
        '\x07',
        '\\',
        '\x1d',
        '\xe2',
        'x',
      ];
      for (let round = 0; round < 60; round++) {
        const text = Array.from({ length: 3 + next(14) }, () => pieces[next(pieces.length)]).join('');
        for (const focus of ['terminal', 'control'] as const) splitAnywhere(text, { focus });
      }
    });
  }

  test.each([
    ['the byte', '\x1d'],
    ['CSI u', '\x1b[93;5u'],
    ['CSI u with an event', '\x1b[93;5:1u'],
    ['CSI u with num lock', '\x1b[93;133u'],
    ['CSI u with the shifted key', '\x1b[93:125;5u'],
    ['modifyOtherKeys', '\x1b[27;5;93~'],
  ])('the leader as %s', (_, leader) => {
    expect(splitAnywhere(`ab${leader}cd`, {})).toEqual(['bytes ab', 'LEADER', 'bytes cd']);
  });

  test('what is like the leader and is not', () => {
    for (const other of ['\x1b[93;6u', '\x1b[93;1u', '\x1b[27;5;92~', '\x1b[93;7u']) expect(typed(other)).toEqual([`bytes ${other}`]);
    expect(typed('\x1b[93;5:3u')).toEqual([]);
  });

  test('the leader right after an Esc is the leader', () => {
    expect(splitAnywhere('\x1b\x1d', {})).toEqual(['bytes \x1b', 'LEADER']);
    expect(splitAnywhere('\x1b[\x1d', {})).toEqual(['bytes \x1b[', 'LEADER']);
    expect(splitAnywhere('\x1b]1\x1d', {})).toEqual(['bytes \x1b]1', 'LEADER']);
  });

  test('another leader', () => {
    const leader = parseLeader('ctrl+a');
    if (leader === null) throw new Error('ctrl+a is a leader');
    for (const spelling of ['\x01', '\x1b[97;5u', '\x1b[27;5;97~'])
      expect(typed(`x${spelling}`, { leader })).toEqual(['bytes x', 'LEADER']);
    expect(typed('\x1d', { leader })).toEqual(['bytes \x1d']);
    expect([parseLeader('ctrl+space')?.byte, parseLeader('ctrl+\\')?.byte, parseLeader('Ctrl+]')]).toEqual([0, 0x1c, DEFAULT_LEADER]);
    for (const none of ['ctrl+i', 'ctrl+[', 'ctrl+m', 'ctrl+c', 'x', 'alt+x', '', 'ctrl+']) expect(parseLeader(none)).toBeNull();
  });

  test('after the leader the rest of the same chunk means what the new focus says', () => {
    const onInput: Options['onInput'] = (event, set) => {
      if (event.type === 'leader') set('control');
      if (event.type === 'key' && event.key === 'enter') set('terminal');
    };
    expect(typed('ls\x1d1\r\x1b[A', { onInput })).toEqual(['bytes ls', 'LEADER', '1', 'enter', 'bytes \x1b[A']);
  });

  test('a lone Esc waits for flush, and is whole then', () => {
    const { input, push, seen } = router();
    push('a\x1b');
    expect(input.pending()).toBe(true);
    expect(seen()).toEqual(['bytes a']);
    input.flush();
    expect(input.pending()).toBe(false);
    expect(seen()).toEqual(['bytes \x1b']);
  });
});

describe('paste', () => {
  const paste = '\x1b[200~one\x1d two\x1b[A\x1b[20\x1b[200~\x1b[93;5u\x1b[c\r\n\x1b[201~';

  test('the leader, keys and answers in it are text', () => {
    expect(splitAnywhere(`a${paste}b`, {})).toEqual([`bytes a${paste}b`]);
  });

  test('a program that did not ask for brackets gets none', () => {
    expect(splitAnywhere(`a${paste}b`, { bracketed: false })).toEqual([`bytes a${paste.slice(6, -6)}b`]);
  });

  test('in control focus it is one text, and presses no keys', () => {
    expect(splitAnywhere('q\x1b[200~a\r\nd\rQ\x1d\xc3\xa9\x1b[201~z', { focus: 'control' })).toEqual([
      'q',
      `paste ${JSON.stringify('a\nd\nQ\x1dé')}`,
      'z',
    ]);
  });

  test('one without an end can be ended', () => {
    const { input, push, seen } = router();
    push('\x1b[200~abc\x1b[20');
    expect(input.inPaste()).toBe(true);
    push('\x1d');
    expect(seen()).toEqual(['bytes \x1b[200~abc\x1b[20\x1d']);
    input.endPaste();
    expect(input.inPaste()).toBe(false);
    push('\x1d');
    expect(seen()).toEqual(['bytes \x1b[201~', 'LEADER']);
  });

  test('as a text it has a limit, and what comes after it is read on', () => {
    const { push, seen } = router({ focus: 'control' });
    push('\x1b[200~');
    for (let part = 0; part < 40; part++) push('x'.repeat(10_000));
    push('\x1b[201~q');
    const [text = '', key] = seen();
    expect([text.length - 'paste ""'.length, key]).toEqual([256 * 1024, 'q']);
  });
});

describe('in both focuses', () => {
  const answers = [
    '\x1b[24;80R',
    '\x1b[1;1R',
    '\x1b[?1;2c',
    '\x1b[>41;390;0c',
    '\x1b[0n',
    '\x1b[?997;1n',
    '\x1b[?2026;2$y',
    '\x1b[?0u',
    '\x1b[8;24;80t',
    '\x1b]11;rgb:1616/1818/1d1d\x1b\\',
    '\x1b]10;rgb:ffff/ffff/ffff\x07',
    '\x1b]4;1;rgb:cdcd/0000/0000\x07',
    '\x1bP>|XTerm(390)\x1b\\',
    '\x1bP1$r0m\x1b\\',
    '\x1b_Gi=1;OK\x1b\\',
  ];
  for (const focus of ['terminal', 'control'] as const) {
    test.each(answers)(`${focus}: the answer %j is nobody's input`, (answer) => {
      expect(splitAnywhere(answer, { focus })).toEqual([`reply ${JSON.stringify(answer)}`]);
    });

    test(`${focus}: the mouse and the window's focus are events`, () => {
      expect(
        splitAnywhere('\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<35;3;4M\x1b[<34;3;4M\x1b[I\x1b[O', { focus }),
      ).toEqual([
        'mouse press left 9,4',
        'mouse release left 9,4',
        'mouse wheel up 0,0',
        'mouse wheel down 0,0',
        'mouse move none 2,3',
        'mouse move right 2,3',
        'focus true',
        'focus false',
      ]);
      expect(typed('\x1b[<0;0;5M\x1b[<999;1;1M\x1b[<0;1M', { focus })).toEqual([]);
    });
  }

  test('Alt and a bracket, and typing on, is not taken for the start of an answer', () => {
    expect(typed('\x1b]hello\x1bPop\x1b_x', { focus: 'terminal' })).toEqual(['bytes \x1b]hello\x1bPop\x1b_x']);
    expect(typed('\x1b]h', { focus: 'control' })).toEqual(['alt+]', 'h']);
  });

  test('a string that never ends is given up, and goes on as bytes', () => {
    const { push, seen } = router();
    push('\x1b]11;');
    for (let part = 0; part < 5; part++) push('x'.repeat(1000));
    expect(seen()).toEqual([`bytes \x1b]11;${'x'.repeat(5000)}`]);
    push('\x1d');
    expect(seen()).toEqual(['LEADER']);
  });
});

describe('control focus: one name for each key', () => {
  test.each<[string, string[]]>([
    ['aA? :', ['a', 'A', '?', 'space', ':']],
    ['\r\x1b', ['enter', 'esc']],
    ['\t\x1b[Z\x7f\x08', ['tab', 'shift+tab', 'backspace', 'backspace']],
    ['\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA\x1bOD', ['up', 'down', 'right', 'left', 'up', 'left']],
    [
      '\x1b[H\x1b[F\x1b[1~\x1b[4~\x1bOH\x1b[3~\x1b[2~\x1b[5~\x1b[6~',
      ['home', 'end', 'home', 'end', 'home', 'delete', 'insert', 'pgup', 'pgdn'],
    ],
    ['\x1bOP\x1bOS\x1b[11~\x1b[15~\x1b[24~\x1b[[A\x1b[[E', ['f1', 'f4', 'f1', 'f5', 'f12', 'f1', 'f5']],
    ['\x01\x10\x15\x1a\x00\x1c\x1f', ['ctrl+a', 'ctrl+p', 'ctrl+u', 'ctrl+z', 'ctrl+space', 'ctrl+\\', 'ctrl+_']],
    ['\x1bx\x1bX\x1b\r\x1b\x01\x1b\x7f', ['alt+x', 'alt+X', 'alt+enter', 'ctrl+alt+a', 'alt+backspace']],
    ['\x1b[1;5A\x1b[1;2B\x1b[3;3~\x1b[1;8C\x1b[1;5R', ['ctrl+up', 'shift+down', 'alt+delete', 'ctrl+alt+shift+right', 'ctrl+f3']],
    [
      '\x1b[97u\x1b[97;5u\x1b[97;3u\x1b[97;2u\x1b[47:63;2u\x1b[13u\x1b[27u\x1b[9;2u\x1b[32u',
      ['a', 'ctrl+a', 'alt+a', 'A', '?', 'enter', 'esc', 'shift+tab', 'space'],
    ],
    ['\x1b[27;5;97~\x1b[27;2;13~\x1b[27;6;65~', ['ctrl+a', 'shift+enter', 'ctrl+shift+a']],
    ['\x1b[97;1:3u\x1b[1;1:3A\x1b[97;9u\x1b[57441u', []],
    ['\x1b[97;65u\x1b[97;133u\x1b[57399u\x1bOM\x1bOj', ['a', 'ctrl+a', '0', 'enter', '*']],
    ['\x1b\x1b[A', ['esc', 'up']],
    ['é漢😀', ['é', '漢', '😀']],
    ['\ufeff', ['\ufeff']],
    ['\x1bé', ['alt+é']],
    ['\x1b[99;99;99z\x1b[3J\x1b[', ['alt+[']],
  ])('%j', (text, keys) => {
    const bytes = Buffer.from(text, 'utf8');
    expect(splitAnywhere(bytes, { focus: 'control' })).toEqual(keys);
  });

  test('the leader is told of here too', () => expect(typed('\x1d', { focus: 'control' })).toEqual(['LEADER']));

  test('a broken sequence presses none of its letters', () => {
    expect(typed('\x1b[12\x01q', { focus: 'control' })).toEqual(['ctrl+a', 'q']);
    expect(typed(`\x1b[${'1;'.repeat(100)}Aq`, { focus: 'control' }).at(-1)).toBe('q');
    expect(typed('\x1b[12', { focus: 'control' })).toEqual([]);
  });

  test('bytes that are no UTF-8 are no keys', () => {
    expect(typed('\xff\xc3\x28\xe2\x82', { focus: 'control' })).toEqual(['(']);
  });
});
