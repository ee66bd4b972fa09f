/** The user's own terminal: taken over, and given back as it was, whatever happens. */
import { spawn } from 'node:child_process';
import { fstatSync, readlinkSync, writeSync } from 'node:fs';
import { enter, enterAgain, leave } from '../screen/modes.ts';
import type { Size } from '../wire/frames.ts';
import { openGuard } from './guard.ts';

/** The path of the terminal's device; null where it cannot be had. */
export async function ttyPath(): Promise<string | null> {
  try {
    const path = readlinkSync('/proc/self/fd/0');
    return path.startsWith('/dev/') ? path : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return output('tty');
  }
}

/** Of a program that asks the terminal; null when it cannot be run, or fails. */
function output(program: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, { stdio: ['inherit', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code === 0 ? text.trim() : null));
  });
}

export function sizeOf(): Size {
  return { cols: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

/** Whether what is typed and what is shown belong to the same terminal. */
export function isOneTerminal(): boolean {
  const [input, output] = [fstatSync(0), fstatSync(1)];
  return input.isCharacterDevice() && output.isCharacterDevice() && input.rdev === output.rdev;
}

export type Taken = {
  /** To be awaited before `raw`: until then it can be read how the line was. */
  readonly known: Promise<void>;
  /** Keys come as they are typed, and are not echoed. */
  raw(): void;
  /** Back to how it was; once, and safe to call from any exit path. */
  restore(): void;
  /** After a restore: raw again, the alternate screen again. */
  retake(): void;
  /** Without a restore: somebody else may have used it while this process stood still. */
  reassert(): void;
};

/** The alternate screen at once, so that nothing of the shell is disturbed while the room is being reached; raw is for later. */
export function takeTerminal(): Taken {
  let taken = true;
  const raw = () => {
    process.stdin.setRawMode(true);
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
    guard.undo('');
  };
  // In the background the kernel stops whoever sets a line mode: here, before anything of the shell's screen is touched.
  process.stdin.setRawMode(true);
  process.stdin.setRawMode(false);
  // Before anything is changed that would have to be undone.
  const guard = openGuard();
  guard.undo(leave());
  process.on('exit', restore);
  say(enter());
  return {
    known: guard.ready,
    raw,
    restore,
    retake() {
      if (taken) return;
      taken = true;
      guard.undo(leave());
      raw();
      say(enter());
    },
    reassert() {
      if (!taken) return;
      // What is set already would not be set again.
      process.stdin.setRawMode(false);
      raw();
      say(enterAgain());
    },
  };
}

/** To the terminal; written at once and not through the stream: the process may be about to end. */
export function say(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    // EAGAIN of a stopped terminal, EIO of a closed one: it cannot be told anything.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
