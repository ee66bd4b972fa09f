import type { Terminal } from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { CONTROL_MODES, enter, leave, mirror, type OuterModes, outerModes, title } from '../../src/screen/modes.ts';
import { type PaneModes, watchModes } from '../../src/screen/pane-modes.ts';
import { outerTerminal, random } from './support.ts';

/** Everything about a terminal that a program can leave behind, as far as this one tells. */
async function stateOf(terminal: Terminal, feed: (bytes: string) => Promise<void>): Promise<Record<string, unknown>> {
  const answers: string[] = [];
  const listening = terminal.onData((answer) => answers.push(answer));
  await feed(
    [1, 4, 6, 7, 25, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1049, 2004, 2026].map((mode) => `\x1b[?${mode}$p`).join(''),
  );
  listening.dispose();
  return { modes: { ...terminal.modes }, answers, buffer: terminal.buffer.active.type };
}

function pane(modes: Partial<PaneModes> = {}): PaneModes {
  return {
    appCursor: false,
    appKeypad: false,
    alternateScroll: true,
    bracketedPaste: false,
    focusEvents: false,
    mouse: 'none',
    mouseEncoding: 'default',
    cursorVisible: true,
    cursorStyle: 0,
    synchronized: false,
    ...modes,
  };
}

const busy = pane({
  appCursor: true,
  appKeypad: true,
  bracketedPaste: true,
  focusEvents: true,
  mouse: 'any',
  mouseEncoding: 'sgr',
  cursorStyle: 5,
});

describe('in and out', () => {
  test('leave puts everything back, from any state on the way', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    const watch = watchModes(terminal);
    await feed('$ coordtui\r\n');
    const before = await stateOf(terminal, feed);
    const entered = mirror(CONTROL_MODES, outerModes(busy, true));
    for (const sent of [enter(), enter() + entered, `${enter() + entered}\x1b[?2026h\x1b[?25l\x1b[1;31;4mhalf a fra`]) {
      await feed(sent);
      expect(terminal.buffer.active.type).toBe('alternate');
      await feed(leave());
      expect(await stateOf(terminal, feed)).toEqual(before);
      // Saved and restored by the terminal itself, which this one cannot.
      expect(watch.modes()).toEqual(pane({ alternateScroll: false }));
      expect([terminal.buffer.active.cursorX, terminal.buffer.active.cursorY]).toEqual([0, 1]);
    }
    await feed('plain');
    expect(terminal.buffer.active.getLine(1)?.getCell(0)?.isAttributeDefault()).toBe(true);
  });

  test('what an agent leaves set in a terminal that was given to it directly goes too', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    const before = await stateOf(terminal, feed);
    await feed(
      '\x1b[?1049h\x1b[?1h\x1b=\x1b[?1000;1002;1003;1005;1006;1015;1004;2004;2026h\x1b[?25l\x1b[?7l\x1b[>4;2m\x1b[>1u\x1b[3 q\x1b[4h\x1b[?6h\x1b[5;10r',
    );
    await feed(leave());
    expect(await stateOf(terminal, feed)).toEqual(before);
  });

  test('while we own the screen there is no autowrap and pastes are bracketed', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    await feed(enter());
    expect(terminal.modes).toMatchObject({ wraparoundMode: false, bracketedPasteMode: true, mouseTrackingMode: 'none' });
  });
});

describe('mirror', () => {
  test('nothing to change, nothing sent', () => {
    expect(mirror(outerModes(busy, true), outerModes({ ...busy }, true))).toBe('');
    expect(mirror(CONTROL_MODES, outerModes(pane(), false))).toBe('');
  });

  test('the outer terminal has what the focused pane wants, whatever it had before', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    const next = random(7);
    let set: OuterModes = CONTROL_MODES;
    for (let step = 0; step < 60; step++) {
      const wanted = outerModes(
        pane({
          appCursor: next(2) === 0,
          appKeypad: next(2) === 0,
          focusEvents: next(2) === 0,
          mouse: (['none', 'vt200', 'drag', 'any'] as const)[next(4)] ?? 'none',
          cursorStyle: next(7),
        }),
        next(3) > 0,
      );
      await feed(mirror(set, wanted));
      set = wanted;
      expect(terminal.modes).toMatchObject({
        applicationCursorKeysMode: wanted.appCursor,
        applicationKeypadMode: wanted.appKeypad,
        sendFocusMode: wanted.focusEvents,
        mouseTrackingMode: wanted.mouse,
      });
    }
  });

  test('back in control focus nothing of a pane is left set', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    await feed(enter());
    const before = await stateOf(terminal, feed);
    await feed(mirror(CONTROL_MODES, outerModes(busy, true)));
    await feed(mirror(outerModes(busy, true), CONTROL_MODES));
    expect(await stateOf(terminal, feed)).toEqual(before);
  });

  test('who wants no mouse gets none', () => expect(outerModes(busy, false).mouse).toBe('none'));
});

describe('what a pane asked for', () => {
  test('is seen, and the emulator does with it what it did before', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    const watch = watchModes(terminal);
    expect(watch.modes()).toEqual(pane());
    await feed('\x1b[?1;1003;1006;25l\x1b[?1h\x1b=\x1b[?1003;1006;1004;2004;2026h\x1b[5 q');
    expect(watch.modes()).toEqual({ ...busy, cursorVisible: false, synchronized: true });
    await feed('\x1b[?25;1015h\x1b[ q');
    expect(watch.modes()).toMatchObject({ cursorVisible: true, mouseEncoding: 'urxvt', cursorStyle: 0 });
    await feed('\x1b[?1006h\x1b[?1006l\x1b[4 q');
    expect(watch.modes()).toMatchObject({ mouseEncoding: 'default', cursorStyle: 4 });
    watch.close();
  });

  test('a reset of the terminal resets it', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    const watch = watchModes(terminal);
    await feed('\x1b[?25l\x1b[?1006h\x1b[3 q\x1bc');
    expect(watch.modes()).toEqual(pane());
    await feed('\x1b[?25l\x1b[!p');
    expect(watch.modes().cursorVisible).toBe(true);
  });

  test('after close it looks no more', async () => {
    const { terminal, feed } = outerTerminal(80, 24);
    const watch = watchModes(terminal);
    watch.close();
    await feed('\x1b[?25l');
    expect(watch.modes().cursorVisible).toBe(true);
  });
});

test('a title cannot end its sequence', async () => {
  const { terminal, feed } = outerTerminal(80, 24);
  let shown = '';
  terminal.onTitleChange((text) => {
    shown = text;
  });
  await feed(title('shop\x07\x1b[2J\x9c\u202e 漢'));
  expect([shown, terminal.buffer.active.cursorX]).toEqual(['shop[2J 漢', 0]);
});
