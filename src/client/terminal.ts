/** The user's own terminal: taken over, and given back as it was, whatever happens. */
import { spawnSync } from 'node:child_process';
import { readlinkSync, writeSync } from 'node:fs';
import { enter, leave } from '../screen/modes.ts';

export type Line = {
  /** Path of the terminal's device, and its line mode as `stty` writes it; null where they cannot be had. */
  readonly tty: string | null;
  readonly mode: string | null;
};

/** To be asked before the raw mode is set. */
export function lineOf(): Line {
  return { tty: ttyPath(), mode: lineMode() };
}

function ttyPath(): string | null {
  try {
    const path = readlinkSync('/proc/self/fd/0');
    return path.startsWith('/dev/') ? path : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    const asked = spawnSync('tty', { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
    return asked.status === 0 ? asked.stdout.trim() : null;
  }
}

function lineMode(): string | null {
  const asked = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : null;
}

export type Taken = {
  /** Back to how it was; once, and safe to call from any exit path. */
  restore(): void;
  /** After a restore: raw again, the alternate screen again. */
  retake(): void;
};

export function takeTerminal(): Taken {
  let taken = false;
  const retake = () => {
    if (taken) return;
    taken = true;
    process.stdin.setRawMode(true);
    // The alternate screen at once, so that nothing of the shell is disturbed while the room is being reached.
    say(enter());
  };
  const restore = () => {
    if (!taken) return;
    taken = false;
    say(leave());
    try {
      process.stdin.setRawMode(false);
    } catch (error) {
      // The terminal itself is gone (a closed window): there is nothing left to restore.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  };
  process.on('exit', restore);
  retake();
  return { restore, retake };
}

/** Written at once and not through the stream: the process may be about to end. */
function say(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    // EAGAIN of a stopped terminal, EIO of a closed one: it cannot be told anything.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
