/** What is copied leaves the room: for the clipboard of the operator's own terminal, or for a command of his. */
import { type ChildProcess, spawn } from 'node:child_process';

export type Clipboard = {
  /** A sentence about what came of it; `told` may come later. */
  copy(text: string, told: (sentence: string, ok: boolean) => void): void;
  close(): void;
};

export type ClipboardOptions = {
  readonly setting: 'write' | 'off';
  readonly command: readonly string[] | null;
  /** To the outer terminal. */
  readonly write: (output: string) => void;
};

/** Terminals stop reading such a sequence at some length, xterm at 100,000 characters of base64; what is cut there is lost unseen. */
const MAX_BYTES = 74_994;
const SHORT = 80;
const COMMAND_MS = 5_000;

export function createClipboard({ setting, command, write }: ClipboardOptions): Clipboard {
  const running = new Set<ChildProcess>();

  const byCommand = ([program = '', ...args]: readonly string[], text: string, told: (sentence: string, ok: boolean) => void): void => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], timeout: COMMAND_MS, killSignal: 'SIGKILL' });
    running.add(child);
    child.once('error', (error) => {
      running.delete(child);
      told(`${program} cannot be run (ui.copyCommand): ${error.message}`, false);
    });
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (code === 0) told(`copied ${size(text)} with ${program}`, true);
      else told(`${program} did not take it (ui.copyCommand): ${signal ?? `exit ${code}`}`, false);
    });
    // A command that ends without reading is told of by its exit.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  };

  return {
    copy(text, told) {
      if (text === '') return told('nothing is selected', false);
      if (command !== null) return byCommand(command, text, told);
      if (setting === 'off') return told('nothing was copied: ui.clipboard is off', false);
      const bytes = Buffer.from(text);
      if (bytes.length > MAX_BYTES)
        return told(`${size(text)} are too much for a terminal's clipboard; E opens all of it in your editor`, false);
      write(`\x1b]52;c;${bytes.toString('base64')}\x07`);
      told(text.includes('\n') || text.length > SHORT ? `copied ${size(text)}` : `copied: ${text}`, true);
    },
    close() {
      for (const child of running) child.kill('SIGKILL');
    },
  };
}

function size(text: string): string {
  const lines = text.split('\n').length;
  const characters = Array.from(text).length;
  return lines === 1 ? `${characters} characters` : `${lines} lines`;
}
