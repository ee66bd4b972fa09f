/** One client's terminal, with emulators for sessions: what is written for what was touched. */
import type { Terminal } from '@xterm/headless';
import { expect, test } from 'vitest';
import type { InstanceId } from '../../src/core/ids.ts';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { createCompositor } from '../../src/room/compositor.ts';
import { createReaders } from '../../src/room/readers.ts';
import type { ScreenWorld } from '../../src/room/screen-types.ts';
import { drawScreen } from '../../src/screen/blit.ts';
import { keepFrames } from '../../src/screen/held-frame.ts';
import type { Slot } from '../../src/view/scene.ts';
import { initialUi } from '../../src/view/ui-state.ts';

const A = 'instance-1-a' as InstanceId;
const B = 'instance-2-b' as InstanceId;
const SIZE = { cols: 20, rows: 4 };

function emulator(cols = 8): Emulator {
  return createEmulator({ cols, rows: 2, scrollbackLines: 10, promptEndsWork: false, onAnswer: () => {} });
}

function slot(instance: InstanceId, x: number): Slot {
  return { kind: 'pane', instance, x, y: 1, width: 8, height: 2, cols: 8, rows: 2 };
}

function chrome(title: string) {
  const row = (y: number, text: string) => ({ rect: { x: 0, y, width: 20, height: 1 }, text });
  return [row(0, title), row(1, 'left    right'), row(3, 'end')];
}

function stage() {
  const emulators = new Map([
    [A, emulator()],
    [B, emulator()],
  ]);
  const world = {
    painting: () => () => undefined,
    panes: {
      get(id: InstanceId) {
        const history = emulators.get(id);
        return history === undefined ? null : { history };
      },
    },
    paneModes: () => null,
    now: () => 0,
    mouse: false,
  } as unknown as ScreenWorld;
  let written = '';
  const compositor = createCompositor({
    world,
    readers: createReaders(world, () => undefined),
    size: SIZE,
    colours: 'none',
    write: (output) => {
      written += output;
      return true;
    },
  });
  const ui = { ...initialUi(SIZE, A), mode: 'typing' as const };
  compositor.take(chrome('title'), [slot(A, 0), slot(B, 9)]);
  const bytes = () => {
    const all = written;
    written = '';
    return all;
  };
  const say = (id: InstanceId, text: string) => {
    emulators.get(id)?.feed(Buffer.from(text));
    compositor.touch(id);
  };
  return { compositor, ui, bytes, say, emulators };
}

test('an echo brings the session in focus and leaves the others for their frame', () => {
  const { compositor, ui, bytes, say } = stage();
  compositor.paint(ui, 'holder');
  bytes();
  say(B, 'flood');
  say(A, 'k');
  compositor.paintPane(A, ui, 'holder');
  expect(bytes()).toMatch(/^[^f]*k[^f]*$/);
  compositor.paint(ui, 'holder');
  expect(bytes()).toContain('flood');
});

test('what nobody touched is not looked at again, but a session that was started anew or resized is', () => {
  const { compositor, ui, bytes, say, emulators } = stage();
  say(B, 'one');
  compositor.paint(ui, 'holder');
  bytes();
  emulators.get(B)?.feed(Buffer.from(' two'));
  compositor.paint(ui, 'holder');
  expect(bytes()).toBe('');
  emulators.get(B)?.resize(6, 2);
  compositor.paint(ui, 'holder');
  expect(bytes()).toContain('two'.slice(0, 2));
  const other = emulator();
  other.feed(Buffer.from('anew'));
  emulators.set(B, other);
  compositor.paint(ui, 'holder');
  expect(bytes()).toContain('anew');
});

test('before the first whole frame an echo is one', () => {
  const { compositor, ui, bytes, say } = stage();
  say(B, 'there');
  compositor.paintPane(A, ui, 'holder');
  const first = bytes();
  expect(first).toContain('title');
  expect(first).toContain('there');
});

test('new chrome is drawn under sessions that nobody touched', () => {
  const { compositor, ui, bytes, say } = stage();
  say(A, 'stays');
  compositor.paint(ui, 'holder');
  bytes();
  compositor.take(chrome('TITLE'), [slot(A, 0), slot(B, 9)]);
  compositor.paint(ui, 'holder');
  const second = bytes();
  expect(second).toContain('TITLE');
  expect(second).not.toContain('left');
});

test('of a session that printed in one row only that row is drawn, and of a held frame everything', () => {
  const { compositor, ui, bytes, emulators } = stage();
  const say = (text: string) => {
    const one = emulators.get(A);
    one?.feed(Buffer.from(text));
    compositor.touch(A, one?.changedRows());
  };
  say('ab\r\ncd');
  compositor.paint(ui, 'holder');
  bytes();
  // Told wrongly on purpose: what is drawn shows what was looked at.
  emulators.get(A)?.feed(Buffer.from('\x1b[1;1HXY\x1b[2;3H'));
  say('e');
  compositor.paintPane(A, ui, 'holder');
  const echo = bytes();
  expect(echo).toContain('e');
  expect(echo).not.toContain('XY');
  // The clock stands still: of a machine that does, the frame would have taken too long to be waited for.
  const stop = keepFrames(emulators.get(A)?.terminal as Terminal, drawScreen, () => 0);
  say('\x1b[?2026h\x1b[1;1Hnew');
  compositor.paint(ui, 'holder');
  expect(bytes()).not.toContain('new');
  say('\x1b[2;1H.\x1b[?2026l');
  compositor.paint(ui, 'holder');
  expect(bytes()).toContain('new');
  stop();
});
