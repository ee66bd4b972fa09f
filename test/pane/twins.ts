/** Two emulators for the same bytes: one that takes what is plain in its own quick way, and one that never does. */
import { onTestFinished } from 'vitest';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';

type Print = (data: Uint32Array, start: number, end: number) => void;
type Inside = {
  readonly _inputHandler: {
    parse(bytes: Uint8Array): void;
    print: Print;
    readonly _parser: { setPrintHandler(print: Print): void; readonly _printHandler: Print };
  };
  readonly buffer: { readonly lines: { readonly length: number; get(at: number): Line }; readonly ybase: number; x: number; y: number };
};
type Line = { readonly _data: Uint32Array; readonly _combined: object; readonly isWrapped: boolean; readonly length: number };

export const inside = ({ terminal }: Emulator): Inside => (terminal as unknown as { readonly _core: Inside })._core;

export function emulators(cols: number, rows: number): { readonly quick: Emulator; readonly plain: Emulator } {
  const [quick, plain] = [0, 1].map(() => {
    const one = createEmulator({ cols, rows, scrollbackLines: 30, promptEndsWork: false, clock: () => 0, onAnswer: () => {} });
    onTestFinished(() => one.close());
    return one;
  }) as [Emulator, Emulator];
  const handler = inside(plain)._inputHandler;
  handler._parser.setPrintHandler((data, start, end) => handler.print(data, start, end));
  return { quick, plain };
}

/** Every number of every cell, of the history too, and the cursor. */
export function all(emulator: Emulator): unknown {
  const { buffer } = inside(emulator);
  const lines = Array.from({ length: buffer.lines.length }, (_, at) => {
    const line = buffer.lines.get(at);
    const cells = [...line._data.subarray(0, line.length * 3)];
    const texts = cells.filter((content, index) => index % 3 === 0 && (content & 0x20_0000) !== 0).length;
    return {
      cells: cells.join(' '),
      wrapped: line.isWrapped,
      clusters: texts === 0 ? null : emulator.terminal.buffer.active.getLine(at)?.translateToString(),
    };
  });
  return { lines, x: buffer.x, y: buffer.y, ybase: buffer.ybase };
}
