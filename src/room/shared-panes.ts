/** What every screen shows and no agent writes: the coordinator's log and the checks' output, as terminals of their own. */
import type { Config } from '../core/config.ts';
import { fit as fitted, widthOf } from '../core/width.ts';
import { createEmulator, type Emulator } from '../pane/emulator.ts';

export type SharedPane = {
  readonly emulator: Emulator;
  print(bytes: Uint8Array): void;
  /** To the rectangle of whoever has the input; the other screens crop or pad it. */
  resize(cols: number, rows: number): void;
  subscribe(listener: () => void): () => void;
  close(): void;
};

const FIRST_SIZE = { cols: 80, rows: 24 };

export function createSharedPane(scrollbackLines: number): SharedPane {
  const listeners = new Set<() => void>();
  const emulator = createEmulator({
    ...FIRST_SIZE,
    scrollbackLines,
    promptEndsWork: false,
    // Nobody sits behind it who could read an answer.
    onAnswer: () => {},
  });
  let size = FIRST_SIZE;
  return {
    emulator,
    print(bytes) {
      emulator.feed(bytes);
      for (const listener of listeners) listener();
    },
    resize(cols, rows) {
      if (cols < 2 || rows < 1 || (cols === size.cols && rows === size.rows)) return;
      size = { cols, rows };
      emulator.resize(cols, rows);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => emulator.close(),
  };
}

export type LogPane = SharedPane & { line(text: string): void };

const LINES_KEPT = 1_000;
/** Cells that the time takes at the beginning of a line; what wraps stands below the text, not below the time. */
const INDENT = 9;

/** The coordinator's log: wrapped between words for the width that it has, and wrapped anew when that changes. */
export function createLogPane(scrollbackLines: number, config: Config): LogPane {
  const pane = createSharedPane(scrollbackLines);
  const lines: { readonly at: string; readonly text: string }[] = [];
  let cols = FIRST_SIZE.cols;

  const show = ({ at, text }: { readonly at: string; readonly text: string }): string => {
    const short = config.instances.reduce((out, { id }) => out.replaceAll(id, id.replace(/^instance-/, '')), text.trimStart());
    const [first = '', ...rest] = wrap(short, Math.max(8, cols - INDENT));
    // What belongs to the line before it has no time of its own.
    const head = text.startsWith(' ') ? ' '.repeat(INDENT) : `\x1b[2m${at}\x1b[0m `;
    return [`${head}${first}`, ...rest.map((part) => `${' '.repeat(INDENT)}${part}`)].join('\r\n');
  };

  return {
    ...pane,
    line(text) {
      const entry = { at: new Date().toTimeString().slice(0, 8), text };
      lines.push(entry);
      if (lines.length > LINES_KEPT) lines.shift();
      pane.print(Buffer.from(`${lines.length === 1 ? '' : '\r\n'}${show(entry)}`));
    },
    resize(nextCols, rows) {
      if (nextCols === cols || nextCols < 2) return pane.resize(nextCols, rows);
      const heights = () => lines.map((line) => show(line).split('\r\n').length);
      const before = heights();
      cols = nextCols;
      const now = heights();
      // Whoever reads in it goes on at the same entry.
      pane.emulator.spots.rewritten(
        () => {
          pane.resize(nextCols, rows);
          pane.print(Buffer.from(`\x1b[2J\x1b[3J\x1b[H${lines.map(show).join('\r\n')}`));
        },
        (up) => sum(now.slice(entryAt(before, up))),
      );
    },
  };
}

const sum = (heights: readonly number[]): number => heights.reduce((all, one) => all + one, 0);

/** The entry that a row belongs to which stands so many rows above the end. */
function entryAt(heights: readonly number[], up: number): number {
  let left = up;
  for (let index = heights.length - 1; index >= 0; index--) {
    left -= heights[index] ?? 0;
    if (left <= 0) return index;
  }
  return 0;
}

/** Between words; a word that is longer than a line is cut. */
function wrap(text: string, width: number): string[] {
  const out: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) line = joined;
    else {
      if (line !== '') out.push(line);
      line = word;
      while (widthOf(line) > width) {
        const head = fitted(line, width).replace(/…$/, '');
        const cut = Math.max(1, head.length);
        out.push(line.slice(0, cut));
        line = line.slice(cut);
      }
    }
  }
  return [...out, line];
}
