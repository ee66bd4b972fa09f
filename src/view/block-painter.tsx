/**
 * Blocks of rows as Ink draws them. Ink's time goes by the cells that it is given, so it is given only blocks that it has
 * not drawn lately: most of a screen is what it was. One painter serves all screens of a room; its Ink stays mounted,
 * since mounting costs more than drawing.
 */
import { Writable } from 'node:stream';
import { type Instance, render } from 'ink';
import { createElement } from 'react';
import { App } from './app.tsx';
import { unmasked } from './mask.ts';
import type { Colours } from './model.ts';
import type { Block } from './scene.ts';
import type { Size } from './ui-state.ts';

export type BlockPainter = {
  /** For each block its lines, with SGR and without cursor movement; spaces at their ends may be missing. */
  paint(blocks: readonly Block[], colours: Colours): readonly string[];
  close(): void;
};

/** More than any screen has; of several screens and what they showed before. */
const KEPT = 500;

/** Whoever opens it closes it. Ink must never find the process's own terminal: it gets streams that lead nowhere. */
export function createBlockPainter(): BlockPainter {
  const known = new Map<string, string>();
  let ink: Instance | null = null;
  let closed = false;
  let size: Size = { cols: 1, rows: 1 };
  let written = '';
  const stdout = sink(
    () => size,
    (text) => {
      written = text;
    },
  );

  const draw = (missing: ReadonlyMap<string, Block>, colours: Colours): void => {
    const packed = pack([...missing.values()]);
    size = packed.size;
    const app = createElement(App, { size, blocks: packed.blocks, colours });
    if (ink === null)
      ink = render(app, { ...streams(stdout), debug: true, exitOnCtrlC: false, patchConsole: false, isScreenReaderEnabled: false });
    else ink.rerender(app);
    const lines = written.split('\n');
    for (const [index, [key, block]] of [...missing].entries()) {
      const { x, y } = packed.blocks[index]?.rect ?? { x: 0, y: 0 };
      const { width, height } = block.rect;
      const cut = Array.from({ length: height }, (_, row) => part(lines[y + row] ?? '', x, width));
      known.set(key, unmasked(cut.join('\n'), [{ ...block, rect: { x: 0, y: 0, width, height } }]));
    }
  };

  return {
    paint(blocks, colours) {
      const keys = blocks.map((block) => keyOf(block, colours));
      const missing = new Map<string, Block>();
      for (const [index, block] of blocks.entries()) {
        const key = keys[index] ?? '';
        if (!known.has(key)) missing.set(key, block);
      }
      // The last screens may still want a frame while the room ends.
      if (missing.size > 0 && !closed) draw(missing, colours);
      const texts = keys.map((key) => {
        const text = known.get(key) ?? '';
        // The one used last goes last.
        known.delete(key);
        known.set(key, text);
        return text;
      });
      for (const key of known.keys()) {
        if (known.size <= KEPT) break;
        known.delete(key);
      }
      return texts;
    },
    close() {
      closed = true;
      ink?.unmount();
      ink = null;
      stdout.destroy();
    },
  };
}

/** What it looks like, wherever it stands; what a click on it means is no part of that. */
function keyOf({ rect, rows }: Block, colours: Colours): string {
  return JSON.stringify([rect.width, rect.height, colours, rows.map((row) => row.map(({ text, style }) => [text, style]))]);
}

/** Side by side on shelves, the high ones first: narrow edges would otherwise each take the whole width. */
function pack(blocks: readonly Block[]): { readonly size: Size; readonly blocks: readonly Block[] } {
  const cols = Math.max(1, ...blocks.map(({ rect }) => rect.width));
  const placed: Block[] = [...blocks];
  let shelf = { x: 0, y: 0, height: 0 };
  const byHeight = [...blocks.entries()].sort(([, a], [, b]) => b.rect.height - a.rect.height);
  for (const [index, block] of byHeight) {
    const { width, height } = block.rect;
    if (shelf.height === 0 || shelf.x + width > cols) shelf = { x: 0, y: shelf.y + shelf.height, height };
    placed[index] = { ...block, rect: { x: shelf.x, y: shelf.y, width, height } };
    shelf.x += width;
  }
  return { size: { cols, rows: Math.max(1, shelf.y + shelf.height) }, blocks: placed };
}

const SEQUENCE_OR_CELL = /\u001b\[([0-9;]*)m|./gu;
/** What each of our styles' ends ends; see `theme.ts`. */
const ENDS: Readonly<Record<string, RegExp>> = { 0: /./, 22: /^[12]$/, 27: /^7$/, 39: /^3/ };

/**
 * `width` cells from `x` on, in the styles that they have there, said anew: what stands beside them has no part in it,
 * and no style outlives its line. All that Ink is given is one cell a character.
 */
function part(line: string, x: number, width: number): string {
  let at = 0;
  let style: readonly string[] = [];
  let said = '';
  let out = '';
  const say = (wanted: string): void => {
    if (wanted !== said) out += `\u001b[${wanted === '' ? '0' : said === '' ? wanted : `0;${wanted}`}m`;
    said = wanted;
  };
  for (const [piece, code] of line.matchAll(SEQUENCE_OR_CELL)) {
    if (at >= x + width) break;
    if (code !== undefined) {
      const ended = ENDS[code];
      // Ink goes from one colour to the next without an end between them.
      const alike = ended ?? Object.values(ENDS).find((group) => group !== ENDS[0] && group.test(code)) ?? /^$/;
      style = [...style.filter((one) => !alike.test(one)), ...(ended === undefined ? [code] : [])].sort();
    } else {
      if (at >= x) {
        say(style.join(';'));
        out += piece;
      }
      at += 1;
    }
  }
  say('');
  return out;
}

/** Not a terminal, so that Ink sends nothing but frames. */
function sink(size: () => Size, take: (text: string) => void): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      // Ink says goodbye with an empty write; that is no frame.
      if (typeof chunk === 'string' && chunk !== '') take(chunk);
      done();
    },
  });
  Object.defineProperties(stream, {
    isTTY: { value: false },
    columns: { get: () => size().cols },
    rows: { get: () => size().rows },
  });
  return stream;
}

/** Nobody types into Ink: keys go through the input router. Of a terminal's streams it uses nothing but what is here. */
function streams(stdout: Writable): { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream } {
  const stdin: unknown = { isTTY: false, setEncoding() {}, ref() {}, unref() {}, addListener() {}, removeListener() {} };
  const output: unknown = stdout;
  return { stdin: stdin as NodeJS.ReadStream, stdout: output as NodeJS.WriteStream, stderr: output as NodeJS.WriteStream };
}
