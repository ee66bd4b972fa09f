/** What every screen shows and no agent writes: the coordinator's log and the checks' output, as terminals of their own. */
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
