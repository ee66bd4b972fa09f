/**
 * The modes of the outer terminal: what is set on the way in, what follows the focused pane, and that nothing is left
 * behind on any way out.
 *
 * Bracketed paste is on all the time, whatever the focused program wants: only so can a pasted leader be told from a
 * typed one, and a pasted text never press keys of the control room. `input.ts` takes the brackets off for programs
 * that did not ask for them.
 */

import type { PaneModes } from './pane-modes.ts';

/** What the outer terminal is asked to do for the one who has the focus. */
export type OuterModes = {
  readonly appCursor: boolean;
  readonly appKeypad: boolean;
  readonly focusEvents: boolean;
  /** `drag`: presses, releases, wheel and moves with a button down. `any`: all moves. */
  readonly mouse: 'none' | 'drag' | 'any';
  /** DECSCUSR, 0 to 6. */
  readonly cursorStyle: number;
};

/** In control focus, and right after `enter`. */
export const CONTROL_MODES: OuterModes = { appCursor: false, appKeypad: false, focusEvents: false, mouse: 'none', cursorStyle: 0 };

const SAVE_TITLE = '\u001b[22;0t';
const RESTORE_TITLE = '\u001b[23;0t';
const MOUSE_OFF = '\u001b[?1003l\u001b[?1002l\u001b[?1000l\u001b[?1006l';

/**
 * Alternate screen, no autowrap, cursor hidden, pastes bracketed, the title kept for later. The wheel must not become
 * arrow keys (1007), which would press keys of ours; whether it does in the user's terminal is saved.
 */
export function enter(): string {
  return `${SAVE_TITLE}\u001b[?1007s${enterAgain()}`;
}

/** The same for a terminal that somebody else may have used meanwhile: what was kept for later is still kept. */
export function enterAgain(): string {
  return '\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[?1007l\u001b[?2004h';
}

/**
 * Everything back, also what was never set: this is what a terminal gets whose client was killed. Once: a second time
 * it would bring the cursor back to where it was before `enter`, over what the shell has written since.
 */
export function leave(): string {
  return [
    '\u001b[?2026l\u001b]8;;\u001b\\\u001b[m',
    MOUSE_OFF,
    '\u001b[?1005l\u001b[?1015l\u001b[?1016l\u001b[?1004l\u001b[?2004l\u001b[?2031l',
    '\u001b[?1l\u001b>\u001b[0 q',
    // Before the alternate screen is left: there, kitty keeps a stack of its own for the keyboard, and the shell's is not touched.
    // And colours again: there are terminals that take `>4m` for an underline.
    '\u001b[<u\u001b[>4m\u001b[m',
    '\u001b[r\u001b[?6l\u001b[4l',
    '\u001b[?1049l\u001b[?1007r\u001b[?7h\u001b[?25h',
    RESTORE_TITLE,
  ].join('');
}

/**
 * Whatever was cut off in its midst is over, and nothing comes any more but what is typed: no mouse, no focus. For a line of a
 * few words over whatever stands there.
 */
export function onlyTyped(): string {
  return `\u001b\\\u001b[?2026l\u001b[m${MOUSE_OFF}\u001b[?1004l\u001b[r\u001b[?6l\u001b[?25l`;
}

/** What the outer terminal should have while a pane with these modes has the keyboard. `mouse`: whether the user wants the mouse at all. */
export function outerModes(pane: PaneModes, mouse: boolean): OuterModes {
  return {
    appCursor: pane.appCursor,
    appKeypad: pane.appKeypad,
    focusEvents: pane.focusEvents,
    mouse: mouse ? (pane.mouse === 'any' ? 'any' : 'drag') : 'none',
    cursorStyle: pane.cursorStyle,
  };
}

/** The sequences that bring the outer terminal from what was set to what is wanted; empty when it is so already. */
export function mirror(from: OuterModes, to: OuterModes): string {
  let output = '';
  if (from.appCursor !== to.appCursor) output += to.appCursor ? '\u001b[?1h' : '\u001b[?1l';
  if (from.appKeypad !== to.appKeypad) output += to.appKeypad ? '\u001b=' : '\u001b>';
  if (from.focusEvents !== to.focusEvents) output += to.focusEvents ? '\u001b[?1004h' : '\u001b[?1004l';
  if (from.mouse !== to.mouse) output += mouseModes(to.mouse);
  if (from.cursorStyle !== to.cursorStyle) output += `\u001b[${to.cursorStyle} q`;
  return output;
}

function mouseModes(mouse: OuterModes['mouse']): string {
  if (mouse === 'none') return MOUSE_OFF;
  // From nothing, since a terminal keeps only the mode set last, and unsetting any of them ends them all.
  return `${MOUSE_OFF}\u001b[?1000h\u001b[?1002h${mouse === 'any' ? '\u001b[?1003h' : ''}\u001b[?1006h`;
}

/** A title for the window, without anything that could end the sequence early. */
export function title(text: string): string {
  return `\u001b]2;${text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').slice(0, 200)}\u0007`;
}
