/**
 * The terminal of a client that was killed: nobody else can give it back. Only a terminal that the kernel says
 * is the peer's own is ever touched, whatever the hello claims.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { processInfo, ttyNumber } from '../native/process.ts';

/** `pid`: of the client. */
export type Lent = { readonly tty: string; readonly pid: number; readonly line: string | null };

const LINE_MODE = /^[0-9a-fA-F:]{1,400}$|^[\x20-\x7e]{1,400}$/;

/** What may be restored later; null when the claim is not borne out. To be asked while the peer lives. */
export function lentBy(pid: number, tty: string | null, line: string | null): Lent | null {
  if (tty === null || !/^\/dev\/[A-Za-z0-9/]+$/.test(tty)) return null;
  const number = ttyNumber(tty);
  if (number === null || number === 0 || processInfo(pid)?.ttyNr !== number) return null;
  return { tty, pid, line: line !== null && LINE_MODE.test(line) ? line : null };
}

/** A shell that sets its line mode back itself does it at once, and then reads keys in a mode of its own. */
const SHELL_FIRST_MS = 50;
const STTY_MS = 5_000;
const FLAG = process.platform === 'darwin' ? '-f' : '-F';

/** Writes the given sequence (which leaves every mode) and sets the line mode back. Never throws: the terminal may be gone too. */
export function restoreTerminal({ tty, line }: Lent, leave: string, log: (line: string) => void): void {
  try {
    const fd = openSync(tty, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    try {
      writeSync(fd, leave);
    } finally {
      closeSync(fd);
    }
    if (line !== null) setTimeout(() => setBack(tty, line, log), SHELL_FIRST_MS);
  } catch (error) {
    log(`the terminal ${tty} of a killed client could not be restored: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Only the mode of the killed client itself: keys that interrupt nothing. Any other is somebody's who has the terminal by now. */
function setBack(tty: string, line: string, log: (line: string) => void): void {
  execFile('stty', [FLAG, tty, '-a'], { timeout: STTY_MS }, (unread, mode) => {
    if (unread === null && !/(^|\s)-isig\b/.test(mode)) return;
    execFile('stty', [FLAG, tty, line], { timeout: STTY_MS }, (error) => {
      if (error !== null) log(`the line mode of ${tty} could not be set back: ${error.message}`);
    });
  });
}
