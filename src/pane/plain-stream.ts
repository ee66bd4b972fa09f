/**
 * Most of what a program prints is letters, line ends and colours. The emulator decodes every byte of it into a number,
 * looks each one up in a table, and collects the digits of a sequence one by one; here these three are taken from the
 * bytes as they are, and whatever else comes goes the emulator's own way until its next sequence. What is written and
 * what is called is the same: `test/pane/plain-stream.test.ts` compares all numbers of all cells.
 *
 * This needs its private part. Where that is otherwise than expected, all bytes go the emulator's way.
 */
import type { Terminal } from '@xterm/headless';
import { part } from './inside.ts';
import type { Handler, RunPrinter } from './printing.ts';

type Feed = (bytes: Uint8Array) => void;
type Parameters = { reset(): void; addParam(value: number): void };
type Control = (parameters: Parameters) => unknown;
type Parser = {
  precedingJoinState: number;
  readonly currentState: number;
  readonly _params: Parameters;
  readonly _executeHandlers: Readonly<Record<number, (() => unknown) | undefined>>;
  readonly _csiHandlers: Readonly<Record<number, readonly Control[] | undefined>>;
  readonly _csiHandlerFb: (ident: number, parameters: Parameters) => void;
};
type Rows = { readonly start: number; readonly end: number };
type Inside = {
  readonly _parser: Parser;
  readonly _utf8Decoder: { clear(): void };
  readonly _dirtyRowTracker: Rows & { clearRange(): void };
  readonly _onRequestRefreshRows: { fire(rows: Rows): void };
};

/** The parser's state between two sequences. */
const GROUND = 0;
const ESC = 0x1b;
const BRACKET = 0x5b;
const QUESTION = 0x3f;
/** From BEL to CR: each of them is done at once. */
const [FIRST_DONE, LAST_DONE] = [0x07, 0x0d];
/** More digits than this are more than any screen has; they are the emulator's to cut. */
const DIGITS = 9;

/** `slow` is the emulator's own way. */
export function plainStream(terminal: Terminal, printer: RunPrinter | null, slow: Feed): Feed {
  const handler: unknown = printer?.handler;
  if (printer === null || !isAsExpected(handler)) return slow;
  const { _parser: parser, _utf8Decoder: decoder, _dirtyRowTracker: dirty, _onRequestRefreshRows: refresh } = handler;
  const parameters = parser._params;

  /** As far as it is plain; answers where it stopped. */
  function quickly(bytes: Uint8Array, from: number): number {
    const end = bytes.length;
    let at = from;
    while (at < end) {
      const byte = bytes[at] as number;
      if (isLetter(byte)) {
        let stop = at + 1;
        while (stop < end && isLetter(bytes[stop] as number)) stop++;
        if (printer?.run(bytes, at, stop) !== stop) return at;
        at = stop;
      } else if (byte === ESC) {
        const next = control(bytes, at, end);
        if (next === at) return at;
        at = next;
      } else {
        const done = byte >= FIRST_DONE && byte <= LAST_DONE ? parser._executeHandlers[byte] : undefined;
        if (done === undefined) return at;
        done();
        parser.precedingJoinState = 0;
        at += 1;
      }
    }
    return at;
  }

  /** A control sequence of numbers, whole; answers where it ends, `at` when it is another. */
  function control(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at + 1] !== BRACKET) return at;
    const prefix = bytes[at + 2] === QUESTION ? QUESTION : 0;
    let value = 0;
    let digits = 0;
    parameters.reset();
    for (let index = at + (prefix === 0 ? 2 : 3); index < end; index++) {
      const byte = bytes[index] as number;
      if (byte >= 0x30 && byte <= 0x39) {
        digits += 1;
        if (digits > DIGITS) return at;
        value = value * 10 + byte - 0x30;
      } else if (byte === 0x3b) {
        parameters.addParam(value);
        value = digits = 0;
      } else if (byte >= 0x40 && byte <= 0x7e) {
        parameters.addParam(value);
        dispatch((prefix << 8) | byte);
        return index + 1;
      } else return at;
    }
    return at;
  }

  /** The newest handler first, until one has done it. */
  function dispatch(ident: number): void {
    const handlers = parser._csiHandlers[ident] ?? [];
    let at = handlers.length - 1;
    while (at >= 0 && handlers[at]?.(parameters) !== true) at--;
    if (at < 0) parser._csiHandlerFb(ident, parameters);
    parser.precedingJoinState = 0;
  }

  /** To whoever draws, as the emulator does at the end of what it is fed. */
  function tellRows(): void {
    const { start, end } = dirty;
    const last = terminal.rows - 1;
    if (start <= last) refresh.fire({ start, end: Math.min(end, last) });
  }

  return (bytes) => {
    if (!printer.prints()) return slow(bytes);
    for (let at = 0; at < bytes.length; ) {
      if (parser.currentState === GROUND) {
        // A character that was begun and is followed by none of its bytes is none.
        if ((bytes[at] as number) < 0x80) decoder.clear();
        dirty.clearRange();
        const stop = quickly(bytes, at);
        if (stop > at) tellRows();
        at = stop;
      }
      if (at === bytes.length) return;
      const next = bytes.indexOf(ESC, at + 1);
      const end = next === -1 ? bytes.length : next;
      slow(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      at = end;
    }
  };
}

function isLetter(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

function isAsExpected(handler: unknown): handler is Handler & Inside {
  const parser = part(handler, '_parser');
  const parameters = part(parser, '_params');
  const dirty = part(handler, '_dirtyRowTracker');
  const functions = [
    part(parameters, 'reset'),
    part(parameters, 'addParam'),
    part(parser, '_csiHandlerFb'),
    part(part(handler, '_utf8Decoder'), 'clear'),
    part(dirty, 'clearRange'),
    part(part(handler, '_onRequestRefreshRows'), 'fire'),
    part(part(parser, '_executeHandlers'), String(LAST_DONE)),
  ];
  const numbers = [part(parser, 'currentState'), part(parser, 'precedingJoinState'), part(dirty, 'start'), part(dirty, 'end')];
  return (
    functions.every((one) => typeof one === 'function') &&
    numbers.every((one) => typeof one === 'number') &&
    Array.isArray(part(part(parser, '_csiHandlers'), String('m'.charCodeAt(0))))
  );
}
