/** When an operator last looked at this room: the brief tells what was decided since. Kept across rooms. */
import { readFileSync, writeFileSync } from 'node:fs';

export type Seen = {
  /** Milliseconds since 1970: the end of the last look; 0 when nobody ever looked. */
  before(): number;
  /** An operator's screen is there, or has just gone. */
  look(attached: boolean): void;
};

export function createSeen(file: string, now: () => number): Seen {
  let last = read(file) ?? 0;
  let watching = 0;
  return {
    before: () => last,
    look(attached) {
      watching += attached ? 1 : -1;
      if (watching > 0) return;
      last = now();
      try {
        writeFileSync(file, `${last}\n`, { mode: 0o600 });
      } catch (error) {
        // A brief that reaches farther back than it need harms nobody; anything but a refusing disk is our own fault.
        if (!(error instanceof Error && 'syscall' in error)) throw error;
      }
    },
  };
}

function read(file: string): number | null {
  try {
    const at = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(at) && at > 0 ? at : null;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
