/**
 * Most of what programs print is plain letters, and for each of them the emulator asks a dozen questions whose answer is
 * the same for the whole run. Here such a run is written into its row at once; whatever is not plain goes the emulator's
 * own way. Measured: half of the time that a flood costs.
 *
 * This needs its private part. Where that is otherwise than expected, the emulator prints as it always did.
 */
import type { Terminal } from '@xterm/headless';
import { advance } from '../core/width.ts';
import { coreOf, part } from './inside.ts';

type Attributes = { readonly fg: number; readonly bg: number };
type Line = {
  readonly _data: Uint32Array;
  readonly length: number;
  clone(): Line;
  setCellFromCodepoint(at: number, codePoint: number, width: number, attributes: Attributes): void;
};
type Lines = { get(at: number): Line | undefined };
type Buffer = { x: number; y: number; readonly ybase: number; readonly ydisp: number; readonly lines: Lines };
/** Code points; or bytes, where all that is looked at is ASCII. */
export type Codes = Uint32Array | Uint8Array;
type Print = (data: Codes, start: number, end: number) => void;

export type Handler = {
  print: Print;
  readonly _activeBuffer: Buffer;
  readonly _curAttrData: Attributes;
  readonly _dirtyRowTracker: { markDirty(row: number): void };
  readonly _charsetService: { readonly charset: unknown };
  readonly _coreService: { readonly modes: { readonly insertMode: boolean } };
  readonly _parser: { precedingJoinState: number; readonly _printHandler: Print; setPrintHandler(print: Print): void };
};

/** Numbers of a cell: what it shows, then its colours and attributes. */
const CELL = 3;
const WIDTH_SHIFT = 22;
const HAS_CONTENT = 0x3f_ffff;
const NARROW = 1 << WIDTH_SHIFT;
/** Such a cell has more to it than its numbers: an underline of another kind, a link. */
const EXTENDED = 0x1000_0000;

/** What follows a plain letter may join it: that depends on the letter alone. */
const AFTER = Uint32Array.from({ length: 0x7f }, (_, code) => advance(code, 0));

export type RunPrinter = {
  /** Writes a run of plain letters (0x20 to 0x7e), as far as they go; answers where it stopped: at `end`, or before if letters are not to be written so now. */
  run(codes: Codes, start: number, end: number): number;
  /** Whether it is still this that prints. */
  prints(): boolean;
  readonly handler: Handler;
};

/** From now on; null where the emulator is otherwise than expected. */
export function printRuns(terminal: Terminal): RunPrinter | null {
  const found = part(coreOf(terminal), '_inputHandler');
  return isAsExpected(found) ? printWith(found) : null;
}

function printWith(handler: Handler): RunPrinter {
  const { _parser: parser, _charsetService: charsets, _coreService: service } = handler;
  const slowly: Print = (data, start, end) => handler.print(data, start, end);

  /** As far as the row goes, of plain letters only; answers where it stopped. */
  function row(data: Codes, start: number, end: number): number {
    const buffer = handler._activeBuffer;
    const { fg, bg } = handler._curAttrData;
    const line = buffer.lines.get(buffer.ybase + buffer.y);
    const from = buffer.x;
    if (line === undefined || from >= line.length || (bg & EXTENDED) !== 0) {
      // It wraps before the next one.
      const next = (bg & EXTENDED) === 0 ? start + 1 : end;
      slowly(data, start, next);
      return next;
    }
    const stop = Math.min(end, start + line.length - from);
    const cells = line._data;
    // The left half of a wide character whose right half is written over.
    if (from > 0 && widthOf(cells, from - 1) === 2) line.setCellFromCodepoint(from - 1, 0, 1, handler._curAttrData);
    for (let at = start, cell = from * CELL; at < stop; at++, cell += CELL) {
      cells[cell] = (data[at] as number) | NARROW;
      cells[cell + 1] = fg;
      cells[cell + 2] = bg;
    }
    const to = from + stop - start;
    if (to < line.length && ((cells[to * CELL] as number) & HAS_CONTENT) === 0 && widthOf(cells, to) === 0)
      line.setCellFromCodepoint(to, 0, 1, handler._curAttrData);
    buffer.x = to;
    handler._dirtyRowTracker.markDirty(buffer.y);
    parser.precedingJoinState = AFTER[data[stop - 1] as number] as number;
    return stop;
  }

  const isPlain = (): boolean => charsets.charset === undefined && !service.modes.insertMode;

  const print: Print = (data, start, end) => {
    if (!isPlain()) return slowly(data, start, end);
    for (let at = start; at < end; ) {
      // Looked for once a run: a line without an end would be read to its end again for each of its rows.
      const plain = endOf(data, at, end, true);
      while (at < plain) at = row(data, at, plain);
      const other = endOf(data, at, end, false);
      if (other > at) slowly(data, at, other);
      at = other;
    }
  };
  parser.setPrintHandler(print);

  return {
    run(codes, start, end) {
      if (!isPlain()) return start;
      let at = start;
      while (at < end) at = row(codes, at, end);
      return end;
    },
    prints: () => parser._printHandler === print,
    handler,
  };
}

/** Where the run of plain letters, or of all others, is over. The parser prints no control characters. */
function endOf(data: Codes, from: number, end: number, plain: boolean): number {
  let at = from;
  while (at < end && (data[at] as number) < 0x7f === plain) at++;
  return at;
}

function widthOf(cells: Uint32Array, at: number): number {
  return (cells[at * CELL] as number) >> WIDTH_SHIFT;
}

function isAsExpected(handler: unknown): handler is Handler {
  const parser = part(handler, '_parser');
  const buffer = part(handler, '_activeBuffer');
  const attributes = part(handler, '_curAttrData');
  return (
    [part(handler, 'print'), part(part(handler, '_dirtyRowTracker'), 'markDirty'), part(parser, 'setPrintHandler')].every(
      (one) => typeof one === 'function',
    ) &&
    [part(parser, 'precedingJoinState'), ...['x', 'y', 'ybase'].map((name) => part(buffer, name))].every(
      (one) => typeof one === 'number',
    ) &&
    [part(attributes, 'fg'), part(attributes, 'bg')].every((one) => typeof one === 'number') &&
    typeof part(part(part(handler, '_coreService'), 'modes'), 'insertMode') === 'boolean' &&
    typeof part(handler, '_charsetService') === 'object' &&
    isLine((part(buffer, 'lines') as Partial<Lines> | undefined)?.get?.(0))
  );
}

/** Tried on a copy: a cell lies where it is written here. */
function isLine(line: unknown): boolean {
  if (typeof part(line, 'clone') !== 'function' || typeof part(line, 'setCellFromCodepoint') !== 'function') return false;
  const copy = (line as Line).clone();
  if (!(part(copy, '_data') instanceof Uint32Array) || copy.length < 2) return false;
  copy.setCellFromCodepoint(1, 0x41, 1, { fg: 5, bg: 6 });
  return copy._data[CELL] === (0x41 | NARROW) && copy._data[CELL + 1] === 5 && copy._data[CELL + 2] === 6;
}
