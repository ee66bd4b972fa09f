/** One start of an instance's program and its screen, from the first byte to the last process. */

import type { Terminal } from '@xterm/headless';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { PaneExit } from '../core/ports.ts';
import { createEmulator, type Emulator } from './emulator.ts';
import type { OuterColours } from './outer-colours.ts';
import type { ProgramReport } from './program-status.ts';
import { spawnPty } from './pty.ts';
import { type Away, openRedialled, type Redialled, type RedialOptions } from './redial.ts';

export type PaneOptions = {
  readonly instance: InstanceId;
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  readonly scrollbackLines: number;
  readonly promptEndsWork: boolean;
  readonly colours: OuterColours;
  /** What stands on the screen before the program writes: the end of the session before. */
  readonly before: readonly string[];
  now(): Ms;
  onExit(exit: PaneExit): void;
  /** The session is elsewhere: how its line is made again when it breaks. */
  readonly far?: Far;
};

export type Far = Pick<RedialOptions, 'way' | 'swept' | 'onDial' | 'onAway'>;

export type OutputListener = (bytes: Buffer) => void;

export type Pane = {
  readonly instance: InstanceId;
  /** Of the process in the terminal: of a session that is elsewhere, the line to it. */
  readonly pid: number;
  readonly startedAt: Ms;
  /** The line to the session is broken, and being made again; null: it is here. */
  away(): Away | null;
  /** null while the program runs. */
  exit(): PaneExit | null;
  lastOutputAt(): Ms | null;
  title(): string;
  bells(): number;
  /** What the program says of itself; nothing once it has ended. */
  programStatus(): readonly ProgramReport[];
  /** The last `lines` of scrollback and screen as plain text, wrapped lines joined. */
  text(lines: number): string[];
  size(): { readonly cols: number; readonly rows: number };
  /** False: refused, because the program has ended or 4 MB wait already. */
  write(bytes: Uint8Array): boolean;
  interrupt(): boolean;
  backlogBytes(): number;
  /** What the program prints is left in the kernel, until `readOn`. */
  hold(): void;
  readOn(): void;
  /** Clamped to what a terminal can be. */
  resize(cols: number, rows: number): void;
  /** Raw output as it comes, after the screen has taken it. Returns the unsubscriber. */
  subscribe(listener: OutputListener): () => void;
  /** For whoever draws the cells, and for whoever reads in its history. */
  readonly terminal: Terminal;
  readonly history: Pick<Emulator, 'terminal' | 'spots' | 'promptRows' | 'addressOf' | 'changedRows'>;
  /** A broken line is not made again. */
  giveUp(): void;
  close(): void;
};

const SMALLEST = { cols: 2, rows: 1 };
const LARGEST = 1000;

export function openPane(options: PaneOptions): Pane | { readonly failed: string } {
  const { instance, now, scrollbackLines, promptEndsWork, colours } = options;
  let { cols, rows } = clamp(options.cols, options.rows);
  let exit: PaneExit | null = null;
  let lastOutputAt: Ms | null = null;
  const listeners = new Set<OutputListener>();

  const emulator = createEmulator({ cols, rows, scrollbackLines, promptEndsWork, colours, onAnswer: (bytes) => pty.write(bytes) });
  if (options.before.length > 0) emulator.feed(Buffer.from(`${options.before.join('\r\n')}\r\n`));
  const line = {
    cols,
    rows,
    onData(bytes: Buffer) {
      lastOutputAt = now();
      emulator.feed(bytes);
      for (const listener of listeners) listener(bytes);
    },
    onExit(how: PaneExit) {
      exit = how;
      options.onExit(how);
    },
  };
  const redialled = options.far === undefined ? null : openRedialled({ ...line, ...options.far, now });
  const spawned = redialled ?? spawnPty({ ...options, ...line });
  if ('failed' in spawned) {
    emulator.close();
    return spawned;
  }
  const pty = spawned;
  const far: Redialled | null = redialled !== null && 'away' in redialled ? redialled : null;

  return {
    instance,
    get pid() {
      return pty.pid;
    },
    startedAt: now(),
    away: () => far?.away() ?? null,
    giveUp: () => far?.giveUp(),
    exit: () => exit,
    lastOutputAt: () => lastOutputAt,
    title: emulator.title,
    bells: emulator.bells,
    programStatus: () => (exit === null ? emulator.programStatus() : []),
    text: emulator.text,
    size: () => ({ cols, rows }),
    write: pty.write,
    interrupt: pty.interrupt,
    backlogBytes: pty.backlogBytes,
    hold: pty.hold,
    readOn: pty.readOn,
    resize(wantedCols, wantedRows) {
      const wanted = clamp(wantedCols, wantedRows);
      if (wanted.cols === cols && wanted.rows === rows) return;
      ({ cols, rows } = wanted);
      // The screen first: what the program draws for the new size must find it.
      emulator.resize(cols, rows);
      pty.resize(cols, rows);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    terminal: emulator.terminal,
    history: emulator,
    close() {
      listeners.clear();
      emulator.close();
    },
  };
}

function clamp(cols: number, rows: number): { cols: number; rows: number } {
  const between = (least: number, value: number): number => Math.min(Math.max(Math.trunc(value) || least, least), LARGEST);
  return { cols: between(SMALLEST.cols, cols), rows: between(SMALLEST.rows, rows) };
}
