/** Where a shell's prompts stand in the history, so that a reader can jump from one to the next. */
import type { Terminal } from '@xterm/headless';
import type { Spot, Spots } from './spots.ts';

/** More commands than anybody walks back over. */
const KEPT = 500;

export function createPrompts(terminal: Terminal, spots: Spots): { mark(): void; rows(): readonly number[] } {
  let prompts: Spot[] = [];
  const forget = (spot: Spot | undefined): void => {
    if (spot !== undefined) spots.free(spot);
  };
  return {
    mark() {
      const { active } = terminal.buffer;
      const row = active.baseY + active.cursorY;
      // Drawn again on the same line: the same prompt.
      if (active.type === 'alternate' || prompts.at(-1)?.row === row) return;
      prompts.push(spots.place(row, 0));
      if (prompts.length > KEPT) forget(prompts.shift());
    },
    rows() {
      for (const spot of prompts) if (spot.gone) forget(spot);
      prompts = prompts.filter(({ gone }) => !gone);
      return prompts.map(({ row }) => row);
    },
  };
}
