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

const FIRST_OF_C1 = 0xc2;

/**
 * C1 control characters in UTF-8 (U+0080 to U+009F) are nothing to tmux and xterm, and begin sequences in this emulator:
 * they are taken out, wherever a character is split.
 */
export function withoutC1(feed: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  let held = false;
  return (chunk) => {
    if (!held && chunk.indexOf(FIRST_OF_C1) === -1) {
      feed(chunk);
      return;
    }
    const bytes = held ? Buffer.concat([Uint8Array.of(FIRST_OF_C1), chunk]) : chunk;
    held = bytes[bytes.length - 1] === FIRST_OF_C1;
    const end = held ? bytes.length - 1 : bytes.length;
    let start = 0;
    for (let at = bytes.indexOf(FIRST_OF_C1); at !== -1 && at < end; at = bytes.indexOf(FIRST_OF_C1, at + 1)) {
      const next = bytes[at + 1] ?? 0;
      if (next < 0x80 || next > 0x9f) continue;
      if (at > start) feed(bytes.subarray(start, at));
      start = at + 2;
    }
    if (end > start) feed(bytes.subarray(start, end));
  };
}

/** From here on the parser's states are those within a string (OSC, DCS, PM, APC). */
const STRING_STATES = 7;
/** As tmux has it. */
const STRING_PATIENCE_MS = 5_000;
const CANCEL = Uint8Array.of(0x18);
const ESCAPE = 0x1b;
const BELL = 0x07;

/** A program that ends no string that it began would never be seen again: after five seconds it is ended for it. */
export function endingStrings(terminal: Terminal, clock: () => number, feed: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  const parser = part(part(coreOf(terminal), '_inputHandler'), '_parser');
  let since: number | null = null;
  return (bytes) => {
    if (since !== null && clock() - since > STRING_PATIENCE_MS) feed(CANCEL);
    feed(bytes);
    const state = part(parser, 'currentState');
    if (typeof state !== 'number' || state < STRING_STATES) since = null;
    // One that ended, and another one that began.
    else if (since === null || bytes.includes(ESCAPE) || bytes.includes(BELL)) since = clock();
  };
}
