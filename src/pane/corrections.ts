/**
 * Where the emulator is otherwise than xterm and tmux both are (`test/pane/vt` compares them), put right from outside.
 * Two of these need its private part; where that is otherwise than expected they are left out.
 */
import type { Terminal } from '@xterm/headless';
import { coreOf, part } from './inside.ts';

export function correct(terminal: Terminal): void {
  restoreOrigin(terminal);
  readShortColours(terminal);
}

/** DECSC keeps the origin mode and DECRC brings it back, for each of the two screens. */
function restoreOrigin(terminal: Terminal): void {
  const modes = part(part(coreOf(terminal), 'coreService'), 'decPrivateModes');
  if (typeof part(modes, 'origin') !== 'boolean') return;
  const saved = new Map<string, boolean>();
  const screen = () => terminal.buffer.active.type;
  const forget = () => {
    saved.clear();
    return false;
  };
  const { parser } = terminal;
  parser.registerEscHandler({ final: '7' }, () => {
    saved.set(screen(), terminal.modes.originMode);
    return false;
  });
  parser.registerEscHandler({ final: '8' }, () => {
    (modes as { origin: boolean }).origin = saved.get(screen()) ?? false;
    return false;
  });
  parser.registerEscHandler({ final: 'c' }, forget);
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, forget);
}

/** Parameters as xterm's parser has them. */
type Parameters = {
  readonly length: number;
  readonly params: ArrayLike<number>;
  hasSubParams(at: number): boolean;
  getSubParams(at: number): ArrayLike<number> | null;
};
type Graphics = { charAttributes(parameters: Parameters): boolean };
type Parser = { registerCsiHandler(id: { final: string }, handler: (parameters: Parameters) => boolean): unknown };

/** `38:2:r:g:b`, without the colour space that the standard has between: many programs write it so. */
function readShortColours(terminal: Terminal): void {
  const handler = part(coreOf(terminal), '_inputHandler');
  const parser = part(handler, '_parser');
  if (typeof part(handler, 'charAttributes') !== 'function' || typeof part(parser, 'registerCsiHandler') !== 'function') return;
  const graphics = handler as Graphics;
  (parser as Parser).registerCsiHandler({ final: 'm' }, (parameters) => {
    for (let at = 0; at < parameters.length; at++) {
      if (isShort(parameters, at)) return graphics.charAttributes(lengthened(parameters));
    }
    return false;
  });
}

function isShort(parameters: Parameters, at: number): boolean {
  if (!parameters.hasSubParams(at)) return false;
  const code = parameters.params[at];
  const inside = parameters.getSubParams(at);
  return (code === 38 || code === 48 || code === 58) && inside?.length === 4 && inside[0] === 2;
}

function lengthened(parameters: Parameters): Parameters {
  return {
    length: parameters.length,
    params: parameters.params,
    hasSubParams: (at) => parameters.hasSubParams(at),
    getSubParams(at) {
      const inside = parameters.getSubParams(at);
      return inside !== null && isShort(parameters, at) ? [2, -1, ...Array.from(inside).slice(1)] : inside;
    },
  };
}

/** A character that is cut is kept until the rest of it comes: the emulator loses some that are cut between two others. */
export function wholeCharacters(feed: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  let kept = new Uint8Array(0);
  return (chunk) => {
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    const end = bytes.length - unfinished(bytes);
    kept = bytes.slice(end);
    if (end > 0) feed(bytes.subarray(0, end));
  };
}

/** Bytes at the end that begin a character of UTF-8 and do not end it. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const length = byte < 0xc2 || byte >= 0xf5 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}

const FIRST_OF_C1 = 0xc2;

/**
 * C1 control characters in UTF-8 (U+0080 to U+009F) are nothing to tmux and xterm, and begin sequences in this emulator:
 * they are taken out. Of whole characters.
 */
export function withoutC1(feed: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  return (bytes) => {
    let start = 0;
    for (let at = bytes.indexOf(FIRST_OF_C1); at !== -1; at = bytes.indexOf(FIRST_OF_C1, at + 1)) {
      const next = bytes[at + 1] ?? 0;
      if (next < 0x80 || next > 0x9f) continue;
      if (at > start) feed(bytes.subarray(start, at));
      start = at + 2;
    }
    if (start < bytes.length) feed(start === 0 ? bytes : bytes.subarray(start));
  };
}

/** From here on the parser's states are those within a string (SOS, PM and APC; OSC; DCS). */
const STRING_STATES = 7;
const [OTHER_STRING, OSC_STRING, DCS_ENTRY, DCS_IGNORE, DCS_INTERMEDIATE] = [7, 8, 9, 11, 12];
/** As tmux has it. */
const STRING_PATIENCE_MS = 5_000;
/** What it says beyond this nobody here reads. xterm would keep ten million characters, 32 bytes for each. */
const STRING_LENGTH = 65_536;
const CANCEL = Uint8Array.of(0x18);
const ESCAPE = 0x1b;
const BELL = 0x07;

/**
 * A program that ends no string that it began would never be seen again: after five seconds it is ended for it. What is
 * too long of one is left out.
 */
export function endingStrings(terminal: Terminal, clock: () => number, feed: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  const parser = part(part(coreOf(terminal), '_inputHandler'), '_parser');
  keepStringsWhole(parser);
  let since: number | null = null;
  let length = 0;

  function take(bytes: Uint8Array): void {
    if (since !== null && clock() - since > STRING_PATIENCE_MS) {
      feed(CANCEL);
      since = null;
    }
    const tooLong = since !== null && length > STRING_LENGTH;
    const shown = tooLong ? bytes.subarray(endOfString(bytes, part(parser, 'currentState') === OSC_STRING)) : bytes;
    if (shown.length === 0) return;
    feed(shown);
    look(shown);
  }

  function look(bytes: Uint8Array): void {
    const state = part(parser, 'currentState');
    if (typeof state !== 'number' || state < STRING_STATES) since = null;
    // One that ended, and another one that began: none begins without an escape, and a bell ends not all of them.
    else if (since === null || bytes.includes(ESCAPE)) {
      since = clock();
      length = bytes.length;
    } else length += bytes.length;
  }

  return take;
}

/** Where a string may be over: at an escape, CAN, SUB, and an OSC at a bell. */
function endOfString(bytes: Uint8Array, bellEnds: boolean): number {
  const at = bytes.findIndex((byte) => byte === ESCAPE || byte === 0x18 || byte === 0x1a || (bellEnds && byte === BELL));
  return at === -1 ? bytes.length : at;
}

/** For the parser all characters beyond ASCII are this one. */
const BEYOND_ASCII = 0xa0;
const IGNORE = 0;
type Transitions = { add(code: number, state: number, action: number, next: number): void };

/** SOS, PM, APC and the beginning of DCS were over at the first character beyond ASCII, and the rest of them was shown. */
function keepStringsWhole(parser: unknown): void {
  const transitions = part(parser, '_transitions');
  if (typeof part(transitions, 'add') !== 'function') return;
  const { add } = transitions as Transitions;
  add.call(transitions, BEYOND_ASCII, OTHER_STRING, IGNORE, OTHER_STRING);
  for (let state = DCS_ENTRY; state <= DCS_INTERMEDIATE; state++) add.call(transitions, BEYOND_ASCII, state, IGNORE, DCS_IGNORE);
}
