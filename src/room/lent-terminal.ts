/**
 * The terminal of a client, read and written by the room itself: a key then wakes one process and its echo one, instead
 * of two each. It is touched only while the client runs in its foreground: a client may be stopped at any time, and then
 * the terminal is its shell's. So each read and each write is preceded by a look (decision 0022).
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { announce } from '../native/announced.ts';
import { watchForeground } from '../native/foreground.ts';
import { processInfo, terminalNumber, ttyNumber } from '../native/process.ts';

/** `pid`: of the client whose terminal it is. */
export type Lent = { readonly tty: string; readonly pid: number };

/** null when the kernel does not say that the terminal is the peer's own, whatever the hello claims. */
export function lentBy(pid: number, tty: string | null): Lent | null {
  if (tty === null || !/^\/dev\/[A-Za-z0-9/]+$/.test(tty)) return null;
  const number = ttyNumber(tty);
  return number === null || number === 0 || processInfo(pid)?.ttyNr !== number ? null : { tty, pid };
}

export type LentTerminal = {
  /** False: it has no room; what was given is kept and no more should come until it has drained, or the screen is drawn anew. */
  write(output: string): boolean;
  /** Whether what is typed is read, or waits in the terminal. */
  listen(on: boolean): void;
  /** From now on nothing of it is read or written; what had no room is forgotten. */
  close(): void;
};

export type LentTerminalOptions = Lent & {
  /** The bytes are valid only during the call. */
  readonly onInput: (bytes: Uint8Array) => void;
  /** Whether it is still lent; asked before each touch. A client that hears nothing of us takes it back unasked (decision 0027). */
  readonly isLent: () => boolean;
  readonly onDrained: () => void;
  /** The client has its terminal again, and nobody knows what was written there meanwhile. */
  readonly onAgain: () => void;
  /** It cannot be had (any more): hung up, or the kernel announces nothing. */
  readonly onLost: () => void;
};

/** A terminal's own buffer holds 4 KB; between two turns of the loop so many of them are read, so that a long paste holds up nothing. */
const READ_BYTES = 4096;
const READS_A_TURN = 16;
/** So long the look before a key holds: its echo is written within it, and no shell that learns of a stop has its terminal sooner. */
const LOOK_HOLDS_MS = 1;
/** When it is made sure that nothing was left over: not while an echo is on its way. */
const SURE_MS = 5;
/** While somebody else has the terminal, or it takes nothing: how often it is looked at. */
const LOOK_MS = 100;
/** How often it is read without a signal: never a key of a kernel that announces none may be lost. */
const DOUBT_MS = 500;

/** null: it is not to be had. */
export function openLentTerminal({ tty, pid, isLent, onInput, onDrained, onAgain, onLost }: LentTerminalOptions): LentTerminal | null {
  const client = watchForeground(pid);
  const fd = client?.look() === true ? openTerminal(tty, pid) : null;
  const stop = fd === null ? null : announce(fd, () => told());
  if (client === null || fd === null || stop === null) {
    if (fd !== null) closeSync(fd);
    client?.close();
    return null;
  }
  // No Buffer: whoever keeps a slice of it must get a copy.
  const buffer = new Uint8Array(READ_BYTES);
  let open = true;
  let listening = false;
  let owed: Buffer | null = null;
  // Somebody else's: nothing is read or written, and everything is drawn when it is the client's again.
  let away = false;
  let typedMs = Number.NEGATIVE_INFINITY;
  let more: NodeJS.Immediate | null = null;
  let sure: NodeJS.Timeout | null = null;
  let looking: NodeJS.Timeout | null = null;
  let signals = 0;
  let doubted: number | null = null;

  const close = (): void => {
    if (!open) return;
    // The number of a closed descriptor is soon another file's: nothing below touches it from here on.
    open = false;
    clearInterval(doubting);
    if (looking !== null) clearTimeout(looking);
    if (more !== null) clearImmediate(more);
    if (sure !== null) clearTimeout(sure);
    stop();
    closeSync(fd);
    client.close();
  };

  const lose = (): void => {
    if (!open) return;
    close();
    onLost();
  };

  /** Whether it is the client's now. */
  const isClients = (): boolean => {
    // Without a key each time: a frame that is written a moment after its client was killed stands in the shell.
    if (isLent() && (performance.now() - typedMs < LOOK_HOLDS_MS || client.look() === true)) return true;
    typedMs = Number.NEGATIVE_INFINITY;
    away = true;
    owed = null;
    lookLater();
    return false;
  };

  const lookLater = (): void => {
    looking ??= setTimeout(() => {
      looking = null;
      if (!away) pay();
      else if (isClients()) {
        away = false;
        onAgain();
        read();
      }
    }, LOOK_MS);
  };

  /** Writes what had no room. */
  const pay = (): void => {
    if (owed === null || !isClients()) return;
    owed = put(owed);
    if (owed !== null) lookLater();
    else if (open) onDrained();
  };

  /** Writes what fits; answers the rest, null when there is none. */
  const put = (bytes: Buffer): Buffer | null => {
    const written = tried(() => writeSync(fd, bytes));
    if (written === 'gone') {
      // Not in the midst of whoever writes.
      setImmediate(lose);
      return null;
    }
    return written < bytes.length ? bytes.subarray(written) : null;
  };

  const told = (): void => {
    signals += 1;
    if (open && !away) pay();
    read();
  };

  /** Answers whether there was anything. */
  const read = (): boolean => {
    // Who does not listen now reads it all when he does.
    if (!open || !listening || away || more !== null || !isClients()) return false;
    const looked = performance.now();
    for (let count = 0; count < READS_A_TURN; count++) {
      const length = tried(() => readSync(fd, buffer, 0, READ_BYTES, null));
      if (length === 'gone') lose();
      if (length === 'gone' || length === 0) return count > 0;
      typedMs = looked;
      onInput(buffer.subarray(0, length));
      if (!open || !listening) return true;
      // Less than there can be is most likely all.
      if (length < READ_BYTES - 1) {
        sure ??= setTimeout(() => {
          sure = null;
          read();
        }, SURE_MS);
        return true;
      }
    }
    more = setImmediate(() => {
      more = null;
      read();
    });
    return true;
  };

  // What no signal came for, also not late, shows that none ever will.
  const doubting = setInterval(() => {
    if (doubted === signals) return lose();
    const before = signals;
    doubted = read() ? before : null;
  }, DOUBT_MS);

  return {
    write(output) {
      if (output === '') return owed === null;
      if (!open || away) return false;
      // Before the look: nothing may take time between that and the write.
      const bytes = Buffer.from(output);
      if (!isClients()) return false;
      owed = owed === null ? put(bytes) : Buffer.concat([owed, bytes]);
      if (owed !== null) lookLater();
      return owed === null;
    },
    listen(on) {
      if (listening === on) return;
      listening = on;
      if (on) read();
    },
    close,
  };
}

/** How many bytes went through at once; 0 when it would have to wait. */
function tried(call: () => number): number | 'gone' {
  try {
    const bytes = call();
    return bytes > 0 ? bytes : 'gone';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === 'EAGAIN' || code === 'EINTR' ? 0 : 'gone';
  }
}

/**
 * A description of its own: what is set for it (that nothing blocks) holds for nobody else. Only the client's controlling
 * terminal, whatever lies under that name by now.
 */
function openTerminal(tty: string, pid: number): number | null {
  let fd: number;
  try {
    fd = openSync(tty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
  const opened = fstatSync(fd);
  if (opened.isCharacterDevice() && terminalNumber(opened.rdev) === processInfo(pid)?.ttyNr) return fd;
  closeSync(fd);
  return null;
}
