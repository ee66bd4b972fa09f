/** One program in one pseudo-terminal: bytes in, bytes out, and how it ended, told truthfully. */
import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type { IPty } from 'node-pty';
import type { PaneExit } from '../core/ports.ts';
import { closeOnExec } from '../native/close-on-exec.ts';
import { directoryObstacle, findCommand } from './command-path.ts';
import { createInputQueue, type Sink } from './input-queue.ts';

export type PtyOptions = {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  onData(bytes: Buffer): void;
  /** Called once, after the last byte was given to `onData`. */
  onExit(exit: PaneExit): void;
};

export type Pty = {
  readonly pid: number;
  /** False: refused, see the input queue. */
  write(bytes: Uint8Array): boolean;
  /** Ctrl-C ahead of whatever still waits to be typed. */
  interrupt(): boolean;
  backlogBytes(): number;
  /** Stops reading, so that the program has to wait once the kernel's buffer is full; `readOn` goes on. */
  hold(): void;
  readOn(): void;
  resize(cols: number, rows: number): void;
};

/** The parts of node-pty that its types keep to themselves; used only when they are what they were. */
type Inside = { readonly fd?: unknown; readonly _socket?: unknown };
type Master = { readonly fd: number; readonly socket: { destroyed: boolean; destroy(error?: Error): unknown } };

const INTERRUPT = Buffer.from([0x03]);
const LEFT_OVER_BYTES = 1024 * 1024;
const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

export function spawnPty(options: PtyOptions): Pty | { readonly failed: string } {
  const [name, ...args] = options.command;
  const blocked = directoryObstacle(options.cwd);
  if (blocked !== null) return { failed: blocked };
  const found = findCommand(name ?? '', options.cwd, options.env.PATH ?? '/usr/bin:/bin');
  if ('failed' in found) return found;
  let pty: IPty;
  try {
    pty = startProgram(found.file, args, options);
  } catch (error) {
    return { failed: `no terminal could be opened for "${name}": ${error instanceof Error ? error.message : String(error)}` };
  }
  return wire(pty, options);
}

function startProgram(file: string, args: string[], options: PtyOptions): IPty {
  // Loaded only here: where there is no build of it for the platform, that is a sentence about one pane.
  const nodePty = createRequire(import.meta.url)('node-pty') as typeof import('node-pty');
  return nodePty.spawn(file, args, {
    name: options.env.TERM ?? 'xterm-256color',
    cwd: options.cwd,
    env: { ...options.env },
    cols: options.cols,
    rows: options.rows,
    encoding: null,
  });
}

function wire(pty: IPty, options: PtyOptions): Pty {
  const master = masterOf(pty);
  // Or every check and every git would hold the terminals of all sessions: to be read, written, and kept from hanging up.
  if (master) closeOnExec(master.fd);
  const input = createInputQueue(master ? intoMaster(master) : intoStream(pty));
  let open = true;
  pty.onData((data) => options.onData(data as unknown as Buffer));
  keepLastBytes(pty, options.onData);
  pty.onExit(({ exitCode, signal }) => {
    open = false;
    input.close();
    // One more turn: what the stream has already read may still be on its way to onData.
    setImmediate(() => options.onExit(exitOf(exitCode, signal ?? 0)));
  });
  return {
    pid: pty.pid,
    write: (bytes) => open && input.write(bytes),
    interrupt: () => {
      input.clear();
      return open && input.write(INTERRUPT);
    },
    backlogBytes: input.backlogBytes,
    hold: () => {
      if (open) pty.pause();
    },
    readOn: () => pty.resume(),
    resize: (cols, rows) => {
      if (!open || master?.socket.destroyed) return;
      try {
        pty.resize(cols, rows);
      } catch (error) {
        // The program may have ended in this very turn; a size that is no size is the caller's mistake.
        if (!(error instanceof Error && /ioctl|EBADF|ENOTTY/.test(error.message))) throw error;
      }
    },
  };
}

/** node-pty tells a killed program as exit code 0 with a signal: the signal counts first. */
function exitOf(exitCode: number, signal: number): PaneExit {
  if (signal === 0) return { exitCode, signal: null };
  return { exitCode: null, signal: SIGNAL_NAMES.get(signal) ?? `signal ${signal}` };
}

function masterOf(pty: IPty): Master | null {
  const { fd, _socket: socket } = pty as IPty & Inside;
  if (typeof fd !== 'number' || typeof socket !== 'object' || socket === null) return null;
  if (!('destroyed' in socket) || !('destroy' in socket) || typeof socket.destroy !== 'function') return null;
  return { fd, socket: socket as Master['socket'] };
}

/** Synchronous on a descriptor that never blocks: no write can be on its way while the number is given to another file. */
function intoMaster(master: Master): Sink {
  return (piece) => {
    if (master.socket.destroyed) return null;
    try {
      return writeSync(master.fd, piece);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : null;
    }
  };
}

function intoStream(pty: IPty): Sink {
  return (piece) => {
    // A copy: it may be written later.
    pty.write(Buffer.from(piece));
    return piece.length;
  };
}

/**
 * node-pty gives a terminal that does not close by itself 200 ms after the exit and then closes it. On a busy
 * machine that is not enough to have read everything, so the rest is read on the way out.
 */
export function keepLastBytes(pty: IPty, onData: (bytes: Buffer) => void): void {
  const master = masterOf(pty);
  if (master === null) return;
  const { socket, fd } = master;
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (!socket.destroyed && error === undefined) {
      for (const bytes of leftOver(fd)) onData(bytes);
    }
    return destroy(error);
  };
}

function* leftOver(fd: number): Generator<Buffer> {
  for (let total = 0; total < LEFT_OVER_BYTES; ) {
    const bytes = Buffer.alloc(65_536);
    let length: number;
    try {
      length = readSync(fd, bytes);
    } catch {
      // EAGAIN and EIO both say that there is no more.
      return;
    }
    if (length === 0) return;
    total += length;
    yield bytes.subarray(0, length);
  }
}
