/** What the program in a pane asked of its terminal, as far as the outer terminal and the input have to follow it. */

import type { IDisposable, Terminal } from '@xterm/headless';
import { drawScreen } from './blit.ts';
import { keepFrames } from './held-frame.ts';

export type MouseTracking = Terminal['modes']['mouseTrackingMode'];
export type MouseEncoding = 'default' | 'utf8' | 'sgr' | 'urxvt' | 'sgr-pixels';

export type PaneModes = {
  /** DECCKM: arrows come as SS3. */
  readonly appCursor: boolean;
  readonly appKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly focusEvents: boolean;
  readonly mouse: MouseTracking;
  readonly mouseEncoding: MouseEncoding;
  /** Mode 1007, on until a program turns it off: on the alternate screen the wheel becomes arrow keys. */
  readonly alternateScroll: boolean;
  readonly cursorVisible: boolean;
  /** DECSCUSR: 0 the user's own, 1 and 2 block, 3 and 4 underline, 5 and 6 bar; odd ones blink. */
  readonly cursorStyle: number;
  /** The program is in the midst of a frame (mode 2026): shown as it was before until it is done (`held-frame.ts`). */
  readonly synchronized: boolean;
};

export type ModeWatch = {
  modes(): PaneModes;
  close(): void;
};

const ENCODINGS: Readonly<Record<number, MouseEncoding>> = { 1005: 'utf8', 1006: 'sgr', 1015: 'urxvt', 1016: 'sgr-pixels' };

/** From now on; for a new emulator, before its first byte. The hooks only look: the terminal does what it did before. */
export function watchModes(terminal: Terminal): ModeWatch {
  let cursorVisible = true;
  let cursorStyle = 0;
  let alternateScroll = true;
  let mouseEncoding: MouseEncoding = 'default';

  function set(parameters: readonly (number | number[])[], on: boolean): false {
    for (const parameter of parameters) {
      if (typeof parameter !== 'number') continue;
      if (parameter === 25) cursorVisible = on;
      if (parameter === 1007) alternateScroll = on;
      const encoding = ENCODINGS[parameter];
      if (encoding !== undefined) mouseEncoding = on ? encoding : 'default';
    }
    return false;
  }

  function reset(): false {
    alternateScroll = true;
    cursorVisible = true;
    cursorStyle = 0;
    mouseEncoding = 'default';
    return false;
  }

  const stopKeeping = keepFrames(terminal, drawScreen);
  const { parser } = terminal;
  const hooks: IDisposable[] = [
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (parameters) => set(parameters, true)),
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, (parameters) => set(parameters, false)),
    parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([style]) => {
      if (typeof style === 'number' && style >= 0 && style <= 6) cursorStyle = style;
      return false;
    }),
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset),
    parser.registerEscHandler({ final: 'c' }, reset),
  ];

  return {
    modes: () => ({
      appCursor: terminal.modes.applicationCursorKeysMode,
      appKeypad: terminal.modes.applicationKeypadMode,
      bracketedPaste: terminal.modes.bracketedPasteMode,
      focusEvents: terminal.modes.sendFocusMode,
      mouse: terminal.modes.mouseTrackingMode,
      mouseEncoding,
      alternateScroll,
      cursorVisible,
      cursorStyle,
      synchronized: terminal.modes.synchronizedOutputMode,
    }),
    close() {
      stopKeeping();
      for (const hook of hooks) hook.dispose();
    },
  };
}
