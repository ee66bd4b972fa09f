/** The bytes of one screen's user: cut into keys, pastes and mouse events, and a lone ESC waited for. */
import { createInput, type Input } from '../screen/input.ts';
import type { Leader } from '../screen/leader.ts';

export type ScreenKeysOptions = {
  readonly leader: Leader;
  readonly typing: () => boolean;
  readonly bracketedPaste: () => boolean;
  /** Whether the client has to wait: what it sends does not come then. */
  readonly waits: () => boolean;
  readonly onInput: (input: Input) => void;
};

const ESCAPE_MS = 30;
/** A line that halts in the midst of a paste must not make commands of its rest. */
const PASTE_END_MS = 5_000;

export function createScreenKeys({ leader, typing, bracketedPaste, waits, onInput }: ScreenKeysOptions): {
  push(bytes: Uint8Array): void;
  inPaste(): boolean;
  close(): void;
} {
  const input = createInput({ leader, focus: () => (typing() ? 'terminal' : 'control'), bracketedPaste, onInput });
  let timer: NodeJS.Timeout | null = null;
  let turn: NodeJS.Immediate | null = null;
  const rest = () => {
    if (timer !== null) clearTimeout(timer);
    if (turn !== null) clearImmediate(turn);
    timer = null;
    turn = null;
  };
  const wait = () => {
    // After a standstill the time is up before what has come meanwhile was read: that first.
    timer = setTimeout(
      () => {
        turn = setImmediate(settle);
      },
      input.inPaste() ? PASTE_END_MS : ESCAPE_MS,
    );
  };
  const settle = () => {
    rest();
    if (input.inPaste() && waits()) wait();
    else if (input.inPaste()) input.endPaste();
    else input.flush();
  };
  return {
    push(bytes) {
      rest();
      input.push(bytes);
      if (input.pending() || input.inPaste()) wait();
    },
    inPaste: () => input.inPaste(),
    close: rest,
  };
}
