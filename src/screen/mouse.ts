/** The mouse: from the outer terminal's reports to events, and to what a pane's program asked for. */

import type { Rect } from './grid.ts';
import type { PaneModes } from './pane-modes.ts';
import type { Csi } from './sequence.ts';

export type MouseEvent = {
  /** `move` with a button is a drag. */
  readonly action: 'press' | 'release' | 'move' | 'wheel';
  /** For a wheel, where it turns. */
  readonly button: 'left' | 'middle' | 'right' | 'none' | 'up' | 'down';
  /** Cells from the top left corner, 0-based. */
  readonly x: number;
  readonly y: number;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
};

const BUTTONS = ['left', 'middle', 'right', 'none'] as const;
const WHEEL = 64;
const MOTION = 32;
const EXTRA = 128;

/** `CSI < code ; column ; row M` or `m`. Null for other sequences and for buttons beyond the third. */
export function mouseOfCsi(csi: Csi): MouseEvent | null {
  if (csi.prefix !== '<' || csi.fields.length !== 3 || !/^[Mm]$/u.test(csi.final)) return null;
  const [code = -1, column = 0, row = 0] = csi.fields.map((field) => Number.parseInt(field, 10));
  if (!(code >= 0 && code < EXTRA && column >= 1 && row >= 1)) return null;
  const wheel = (code & WHEEL) !== 0;
  if (wheel && (code & 3) > 1) return null;
  return {
    action: wheel ? 'wheel' : csi.final === 'm' ? 'release' : (code & MOTION) !== 0 ? 'move' : 'press',
    button: wheel ? ((code & 3) === 0 ? 'up' : 'down') : (BUTTONS[code & 3] ?? 'none'),
    x: column - 1,
    y: row - 1,
    shift: (code & 4) !== 0,
    alt: (code & 8) !== 0,
    ctrl: (code & 16) !== 0,
  };
}

/**
 * What the program in a pane is to read, with its own corner as the origin. Null when it is not to hear of it: outside
 * its rectangle, not asked for, or beyond what its encoding can say. (Pixels cannot be told from here.)
 */
export function encodeMouse(event: MouseEvent, rect: Rect, modes: Pick<PaneModes, 'mouse' | 'mouseEncoding'>): Uint8Array | null {
  const x = event.x - rect.x;
  const y = event.y - rect.y;
  if (x < 0 || y < 0 || x >= rect.width || y >= rect.height || !isWanted(event, modes.mouse)) return null;
  const modifiers = modes.mouse === 'x10' ? 0 : (event.shift ? 4 : 0) | (event.alt ? 8 : 0) | (event.ctrl ? 16 : 0);
  const code = buttonCode(event) | (event.action === 'move' ? MOTION : 0) | modifiers;
  // Without SGR a release cannot say of which button.
  const released = event.action === 'release' ? 3 | modifiers : code;
  switch (modes.mouseEncoding) {
    case 'sgr':
      return Buffer.from(`\u001b[<${code};${x + 1};${y + 1}${event.action === 'release' ? 'm' : 'M'}`);
    case 'urxvt':
      return Buffer.from(`\u001b[${released + 32};${x + 1};${y + 1}M`);
    case 'utf8':
      return x < 2015 && y < 2015 ? Buffer.from(`\u001b[M${String.fromCharCode(released + 32, x + 33, y + 33)}`) : null;
    case 'default':
      return x < 223 && y < 223 ? Uint8Array.of(0x1b, 0x5b, 0x4d, released + 32, x + 33, y + 33) : null;
    case 'sgr-pixels':
      return null;
  }
}

const WHEEL_LINES = 3;

/**
 * For a program on the alternate screen, which has no history to scroll, and that did not ask for the mouse: a turn of
 * the wheel as three arrow keys, as terminals do it. Null for anything but a wheel.
 */
export function wheelAsArrows(event: MouseEvent, modes: Pick<PaneModes, 'appCursor'>): Uint8Array | null {
  if (event.action !== 'wheel') return null;
  const arrow = `\u001b${modes.appCursor ? 'O' : '['}${event.button === 'up' ? 'A' : 'B'}`;
  return Buffer.from(arrow.repeat(WHEEL_LINES));
}

function isWanted(event: MouseEvent, tracking: PaneModes['mouse']): boolean {
  switch (tracking) {
    case 'none':
      return false;
    case 'x10':
      return event.action === 'press';
    case 'vt200':
      return event.action !== 'move';
    case 'drag':
      return event.action !== 'move' || event.button !== 'none';
    case 'any':
      return true;
  }
}

function buttonCode(event: MouseEvent): number {
  if (event.action === 'wheel') return WHEEL | (event.button === 'up' ? 0 : 1);
  if (event.button === 'left') return 0;
  return event.button === 'middle' ? 1 : event.button === 'right' ? 2 : 3;
}
