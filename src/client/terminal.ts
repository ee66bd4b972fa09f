/** The user's own terminal: taken over, and given back as it was, whatever happens. */
import { spawnSync } from 'node:child_process';
import { readlinkSync, writeSync } from 'node:fs';

/** Everything that the room may have switched on, switched off again; also what an older version might have left (`screen/modes.ts`, leave). */
const LEAVE =
  '\x1b[?2026l\x1b[m\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>' +
  '\x1b[<u\x1b[>4m\x1b[0 q\x1b[m\x1b[r\x1b[?6l\x1b[4l\x1b[?1049l\x1b[?1007r\x1b[?7h\x1b[?25h\x1b[23;0t';

/**
 * The alternate screen at once, so that nothing of the shell is disturbed while the room is being reached; pastes in
 * brackets, so that no pasted text ever presses keys; a wheel that is no arrow key (`screen/modes.ts`, enter).
 */
const ENTER = '\x1b[22;0t\x1b[?1007s\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[?1007l\x1b[?2004h\x1b[2J\x1b[H';

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
    say(ENTER);
  };
  const restore = () => {
    if (!taken) return;
    taken = false;
    say(LEAVE);
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
