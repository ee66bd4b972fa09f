import { describe, expect, test } from 'vitest';
import { encodeMouse, type MouseEvent, mouseOfCsi, wheelAsArrows } from '../../src/screen/mouse.ts';
import { readSequence } from '../../src/screen/sequence.ts';

const rect = { x: 10, y: 5, width: 300, height: 20 };
const click: MouseEvent = { action: 'press', button: 'left', x: 12, y: 6, shift: false, alt: false, ctrl: false };

function encoded(
  event: Partial<MouseEvent>,
  mouse: 'none' | 'x10' | 'vt200' | 'drag' | 'any',
  mouseEncoding: 'default' | 'utf8' | 'sgr' | 'urxvt' | 'sgr-pixels',
) {
  const bytes = encodeMouse({ ...click, ...event }, rect, { mouse, mouseEncoding });
  return bytes === null ? null : Buffer.from(bytes).toString('latin1');
}

test.each([
  [{}, '\x1b[<0;3;2M'],
  [{ action: 'release' }, '\x1b[<0;3;2m'],
  [{ button: 'right', ctrl: true, shift: true }, '\x1b[<22;3;2M'],
  [{ action: 'move', button: 'middle' }, '\x1b[<33;3;2M'],
  [{ action: 'move', button: 'none', alt: true }, '\x1b[<43;3;2M'],
  [{ action: 'wheel', button: 'up' }, '\x1b[<64;3;2M'],
  [{ action: 'wheel', button: 'down' }, '\x1b[<65;3;2M'],
] as const)("%j in the pane's own cells", (event, bytes) => {
  expect(encoded(event, 'any', 'sgr')).toBe(bytes);
});

test('what was read comes out the same', () => {
  for (const report of ['\x1b[<0;3;2M', '\x1b[<2;3;2m', '\x1b[<34;300;20M', '\x1b[<35;1;1M', '\x1b[<92;9;9M', '\x1b[<65;9;9M']) {
    const csi = readSequence(Buffer.from(report), 0);
    const event = csi.kind === 'csi' ? mouseOfCsi(csi) : null;
    if (event === null) throw new Error(`${JSON.stringify(report)} is a report of the mouse`);
    const bytes = encodeMouse(event, { x: 0, y: 0, width: 300, height: 20 }, { mouse: 'any', mouseEncoding: 'sgr' });
    expect(Buffer.from(bytes ?? []).toString()).toBe(report);
  }
});

describe('other encodings', () => {
  test('of old', () => {
    expect(encoded({}, 'vt200', 'default')).toBe('\x1b[M #"');
    expect(encoded({ action: 'release' }, 'vt200', 'default')).toBe('\x1b[M##"');
    expect(encoded({ x: 232 }, 'vt200', 'default')).toBe('\x1b[M \xff"');
    expect(encoded({ x: 233 }, 'vt200', 'default')).toBeNull();
    expect(encoded({ ctrl: true }, 'x10', 'default')).toBe('\x1b[M #"');
  });
  test('urxvt and UTF-8', () => {
    expect(encoded({ action: 'release' }, 'vt200', 'urxvt')).toBe('\x1b[35;3;2M');
    expect(encoded({ x: 110 }, 'vt200', 'utf8')).toBe(Buffer.from('\x1b[M \u0085"').toString('latin1'));
  });
  test('pixels cannot be told', () => expect(encoded({}, 'any', 'sgr-pixels')).toBeNull());
});

test('a program hears only of what it asked for', () => {
  const events: Partial<MouseEvent>[] = [
    {},
    { action: 'release' },
    { action: 'wheel', button: 'up' },
    { action: 'move' },
    { action: 'move', button: 'none' },
  ];
  const heard = (mouse: Parameters<typeof encoded>[1]): number => events.filter((event) => encoded(event, mouse, 'sgr') !== null).length;
  expect([heard('none'), heard('x10'), heard('vt200'), heard('drag'), heard('any')]).toEqual([0, 1, 3, 4, 5]);
});

test('and only of what happens on its own cells', () => {
  for (const outside of [{ x: 9 }, { y: 4 }, { x: 310 }, { y: 25 }]) expect(encoded(outside, 'any', 'sgr')).toBeNull();
});

test('on the alternate screen a wheel can be arrow keys', () => {
  const arrows = (event: Partial<MouseEvent>, appCursor: boolean) => wheelAsArrows({ ...click, ...event }, { appCursor })?.toString();
  expect(arrows({ action: 'wheel', button: 'up' }, false)).toBe('\x1b[A\x1b[A\x1b[A');
  expect(arrows({ action: 'wheel', button: 'down' }, true)).toBe('\x1bOB\x1bOB\x1bOB');
  expect(arrows({}, false)).toBeUndefined();
});
