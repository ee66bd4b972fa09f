/** A program's own frames (mode 2026) are never seen half done, and never waited for too long. */
import { expect, test } from 'vitest';
import { blit, drawScreen } from '../../src/screen/blit.ts';
import { createGrid, rowText } from '../../src/screen/grid.ts';
import { keepFrames } from '../../src/screen/held-frame.ts';
import { outerTerminal } from './support.ts';

function pane(cols = 8, rows = 2) {
  const { terminal, feed } = outerTerminal(cols, rows);
  const clock = { ms: 0 };
  const stop = keepFrames(terminal, drawScreen, () => clock.ms);
  const grid = createGrid(12, 3);
  const shown = (scrolledBack = 0) => {
    const { cursor } = blit(grid, terminal, { x: 1, y: 0, width: 8, height: 2 }, { scrolledBack });
    return { text: [rowText(grid, 0), rowText(grid, 1)], cursor };
  };
  return { terminal, feed, clock, stop, shown };
}

test('the screen stays as it was until the frame ends', async () => {
  const { feed, shown } = pane();
  await feed('old 漢\x1b[2;3H');
  await feed('\x1b[?2026h\x1b[2J\x1b[Hne');
  expect(shown()).toEqual({ text: [' old 漢', ''], cursor: { x: 3, y: 1 } });
  await feed('w\x1b[?2026l');
  expect(shown()).toEqual({ text: [' new', ''], cursor: { x: 4, y: 0 } });
});

test('a frame after a frame: the last whole one is shown', async () => {
  const { feed, clock, shown } = pane();
  for (let frame = 1; frame <= 50; frame++) {
    clock.ms += 10;
    await feed(`\x1b[?2026h\x1b[H${frame}`);
    expect(shown().text[0]?.trim()).toBe(frame === 1 ? '' : String(frame - 1));
    await feed('\x1b[?2026l');
  }
});

test('one without an end is shown as far as it is', async () => {
  const { feed, clock, shown } = pane();
  await feed('old\x1b[?2026h\x1b[Hnew');
  clock.ms = 149;
  expect(shown().text[0]).toBe(' old');
  clock.ms = 150;
  expect(shown().text[0]).toBe(' new');
  // Begun again within is no new one.
  await feed('\x1b[?2026h\x1b[Hxyz');
  expect(shown().text[0]).toBe(' xyz');
});

test('another size, the history, and a stop show what is there', async () => {
  const { terminal, feed, shown, stop } = pane();
  await feed('one\r\ntwo\r\nsix\x1b[?2026h\x1b[Habc');
  expect(shown().text).toEqual([' two', ' six']);
  expect(shown(1).text).toEqual([' one', ' abc']);
  terminal.resize(7, 2);
  expect(shown().text[0]).toBe(' abc    ·');
  terminal.resize(8, 2);
  expect(shown().text[0]).toBe(' two');
  stop();
  expect(shown().text[0]).toBe(' abc');
});

test('a million of them cost no picture each', async () => {
  const { terminal, feed, shown } = pane();
  let pictures = 0;
  const stop = keepFrames(
    terminal,
    (grid, of, viewport) => {
      pictures += 1;
      return drawScreen(grid, of, viewport);
    },
    () => 0,
  );
  await feed('old');
  await feed('\x1b[?2026h\x1b[?2026l'.repeat(100_000));
  expect([pictures, shown().text[0]]).toEqual([1, ' old']);
  stop();
});
