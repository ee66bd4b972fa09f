/**
 * What comes from the outer terminal, sorted: bytes for the pane that has the focus, keys for the control room, the
 * leader, the mouse, and answers to questions that are nobody's input.
 *
 * In terminal focus every byte goes on as it came, all 256 of them, but for the leader (in each of its three spellings,
 * never inside a paste), the mouse and answers. Where the bytes are split makes no difference.
 */

import { codePointOf, isRelease, keyOfCharacter, keyOfCsi, keyOfSs3, keyWithAlt } from './key-names.ts';
import type { Leader } from './leader.ts';
import { type MouseEvent, mouseOfCsi } from './mouse.ts';
import { createPasteReader, type PasteReader } from './paste.ts';
import { ascii, type Csi, characterLength, readSequence, type Sequence, utf8 } from './sequence.ts';

export type Focus = 'control' | 'terminal';

export type Input =
  /** For the pane, unchanged. Only valid during the call. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'key'; readonly key: string }
  /** In control focus, complete; line ends are `\n`. */
  | { readonly type: 'paste'; readonly text: string }
  | { readonly type: 'leader' }
  | { readonly type: 'mouse'; readonly mouse: MouseEvent }
  /** The terminal's window has got or lost the focus. */
  | { readonly type: 'focus'; readonly focused: boolean }
  /** An answer of the outer terminal, for whoever asked. */
  | { readonly type: 'reply'; readonly sequence: string };

export type InputOptions = {
  readonly leader: Leader;
  /** Asked again before each key: a leader in the midst of a chunk changes what the rest of it means. */
  focus(): Focus;
  /** Whether the focused program asked for bracketed pastes; else it gets the text alone. */
  bracketedPaste(): boolean;
  onInput(input: Input): void;
};

export type InputRouter = {
  push(bytes: Uint8Array): void;
  /** Whether an ESC or a part of a sequence waits: call `flush` when 30 ms have brought nothing more. */
  pending(): boolean;
  /** What waits is all there is: a lone ESC is the key. */
  flush(): void;
  /** A paste has begun and not ended. When seconds have brought nothing more, its end was lost: call `endPaste`. */
  inPaste(): boolean;
  endPaste(): void;
};

const ESC = 0x1b;

export function createInput(options: InputOptions): InputRouter {
  const { leader, onInput } = options;
  let held: Uint8Array = new Uint8Array();
  let paste: PasteReader | null = null;

  function pass(bytes: Uint8Array): void {
    if (bytes.length > 0) onInput({ type: 'bytes', bytes });
  }

  function press(key: string | null): void {
    if (key !== null) onInput({ type: 'key', key });
  }

  function push(chunk: Uint8Array): void {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = new Uint8Array();
    let at = 0;
    while (at < bytes.length) {
      const next =
        paste !== null ? readPaste(paste, bytes, at) : options.focus() === 'terminal' ? readBytes(bytes, at) : readKey(bytes, at);
      if (next === null) {
        held = bytes.slice(at);
        return;
      }
      at = next;
    }
  }

  function readPaste(reader: PasteReader, bytes: Uint8Array, at: number): number {
    const { next, ended } = reader.read(bytes, at);
    if (ended) paste = null;
    return next;
  }

  /** Up to the next thing that is not for the pane, or that thing; the index after it, null when it is not complete. */
  function readBytes(bytes: Uint8Array, at: number): number | null {
    let next = at;
    while (next < bytes.length) {
      const byte = bytes[next] ?? 0;
      if (byte === leader.byte || (byte === ESC && bytes[next + 1] !== leader.byte)) break;
      next += 1;
    }
    if (next > at) {
      pass(bytes.subarray(at, next));
      return next;
    }
    if (bytes[at] === leader.byte) return lead(at + 1);
    const sequence = readSequence(bytes, at);
    if (sequence.kind === 'partial') return null;
    if (!divert(sequence, bytes, at)) pass(bytes.subarray(at, sequence.end));
    return sequence.end;
  }

  function readKey(bytes: Uint8Array, at: number): number | null {
    if (bytes[at] === leader.byte) return lead(at + 1);
    if (bytes[at] !== ESC) {
      const length = characterLength(bytes, at);
      if (length === null) return null;
      // A byte that begins no character is nobody's key.
      if (length === 0) return at + 1;
      press(keyOfCharacter(utf8(bytes, at, at + length)));
      return at + length;
    }
    if (bytes[at + 1] === leader.byte) {
      press('esc');
      return at + 1;
    }
    const sequence = readSequence(bytes, at);
    if (sequence.kind === 'partial') return null;
    if (!divert(sequence, bytes, at)) press(keyOf(sequence));
    return sequence.end;
  }

  function lead(next: number): number {
    onInput({ type: 'leader' });
    return next;
  }

  /** What means the same in both focuses. */
  function divert(sequence: Exclude<Sequence, { kind: 'partial' }>, bytes: Uint8Array, at: number): boolean {
    if (sequence.kind === 'csi') {
      const mouse = mouseOfCsi(sequence);
      if (mouse !== null) onInput({ type: 'mouse', mouse });
      else if (sequence.prefix === '<') return true;
      else if (isLeader(sequence, leader)) {
        if (!isRelease(sequence)) onInput({ type: 'leader' });
      } else if (isPlain(sequence, 'I') || isPlain(sequence, 'O')) onInput({ type: 'focus', focused: sequence.final === 'I' });
      else if (sequence.final === '~' && sequence.prefix === '' && sequence.fields[0] === '200') paste = beginPaste();
      else if (isReply(sequence)) reply(bytes, at, sequence.end);
      else return false;
      return true;
    }
    if (sequence.kind === 'string') reply(bytes, at, sequence.end);
    return sequence.kind === 'string';
  }

  function reply(bytes: Uint8Array, from: number, to: number): void {
    onInput({ type: 'reply', sequence: ascii(bytes, from, to) });
  }

  function beginPaste(): PasteReader {
    if (options.focus() === 'control') return createPasteReader({ keep: false, onEnd: (text) => onInput({ type: 'paste', text }) });
    return createPasteReader({ keep: options.bracketedPaste(), onBytes: pass });
  }

  return {
    push,
    pending: () => held.length > 0,
    flush() {
      const bytes = held;
      held = new Uint8Array();
      if (bytes.length === 0) return;
      if (options.focus() === 'terminal') pass(bytes);
      else if (bytes.length === 1 && bytes[0] === ESC) press('esc');
      else if (bytes.length === 2 && bytes[0] === ESC) press(keyWithAlt(ascii(bytes, 1, 2)));
    },
    inPaste: () => paste !== null,
    endPaste() {
      paste?.end();
      paste = null;
    },
  };
}

function keyOf(sequence: Exclude<Sequence, { kind: 'partial' }>): string | null {
  switch (sequence.kind) {
    case 'csi':
      return keyOfCsi(sequence);
    case 'ss3':
      return keyOfSs3(sequence.final);
    case 'alt':
      return keyWithAlt(sequence.text);
    case 'escape':
      return 'esc';
    case 'string':
    case 'junk':
      return null;
  }
}

function isLeader(csi: Csi, leader: Leader): boolean {
  const key = codePointOf(csi);
  return key?.ctrl === true && key.only && key.codePoint === leader.codePoint;
}

function isPlain(csi: Csi, final: string): boolean {
  return csi.final === final && csi.prefix === '' && csi.intermediates === '' && csi.fields.join(';') === '';
}

/**
 * Answers to DA, DSR, DECRQM, XTVERSION and window reports. A cursor position in row 1 and column 2 to 8 is spelt like
 * F3 with modifiers, and is taken for that: nobody here asks for the cursor's position.
 */
function isReply(csi: Csi): boolean {
  if (csi.prefix !== '') return true;
  if (csi.intermediates === '$') return csi.final === 'y';
  if (csi.intermediates !== '') return false;
  if (csi.final === 'R') return csi.fields.length === 2 && !(csi.fields[0] === '1' && /^[2-8]$/u.test(csi.fields[1] ?? ''));
  return csi.final === 'c' || csi.final === 'n' || csi.final === 't';
}
