/** What a terminal sends that is more than one byte, found in a buffer: no names and no meaning yet. */

export type Csi = {
  readonly kind: 'csi';
  readonly end: number;
  /** One of `<=>?`, or empty. */
  readonly prefix: string;
  /** Fields as they came, `:` between subfields. */
  readonly fields: readonly string[];
  readonly intermediates: string;
  readonly final: string;
};

/** `end` is the index after the last byte. */
export type Sequence =
  | Csi
  | { readonly kind: 'ss3'; readonly end: number; readonly final: string }
  /** OSC, DCS or APC, complete: keys do not come so, only answers. */
  | { readonly kind: 'string'; readonly end: number }
  /** ESC and one character: the key with Alt. `text` is that character. */
  | { readonly kind: 'alt'; readonly end: number; readonly text: string }
  /** An ESC that begins nothing. */
  | { readonly kind: 'escape'; readonly end: number }
  /** Began like a sequence and went on like none. */
  | { readonly kind: 'junk'; readonly end: number }
  /** More bytes are needed to tell. */
  | { readonly kind: 'partial' };

const ESC = 0x1b;
const BEL = 0x07;
const LONGEST_CSI = 64;
const LONGEST_STRING = 4096;
/** A linux console's function keys are `ESC [ [ A` to `E`. */
const BRACKET = 0x5b;

/** What begins at `at`, which holds an ESC. */
export function readSequence(bytes: Uint8Array, at: number): Sequence {
  const second = bytes[at + 1];
  if (second === undefined) return { kind: 'partial' };
  if (second === ESC) return { kind: 'escape', end: at + 1 };
  switch (String.fromCharCode(second)) {
    case '[':
      return readCsi(bytes, at);
    case 'O':
      return readSs3(bytes, at);
    case ']':
      return readString(bytes, at, /[0-9]/u, true);
    case 'P':
      return readString(bytes, at, /[0-9>!|=]/u, false);
    case '_':
      return readString(bytes, at, /G/u, false);
    default:
      return readAlt(bytes, at);
  }
}

function readCsi(bytes: Uint8Array, at: number): Sequence {
  let next = at + 2;
  if (bytes[next] === BRACKET) {
    const final = bytes[next + 1];
    if (final === undefined) return { kind: 'partial' };
    if (final < 0x41 || final > 0x45) return { kind: 'junk', end: next + 1 };
    return { kind: 'csi', end: next + 2, prefix: '', fields: [String(final - 0x36)], intermediates: '', final: '~' };
  }
  const limit = at + LONGEST_CSI;
  while (isBetween(bytes[next], 0x30, 0x3f)) next += 1;
  const parameters = ascii(bytes, at + 2, next);
  const middle = next;
  while (isBetween(bytes[next], 0x20, 0x2f)) next += 1;
  if (next > limit) return { kind: 'junk', end: next };
  const final = bytes[next];
  if (final === undefined) return { kind: 'partial' };
  if (!isBetween(final, 0x40, 0x7e)) return { kind: 'junk', end: next };
  const prefix = /^[<-?]/u.exec(parameters)?.[0] ?? '';
  return {
    kind: 'csi',
    end: next + 1,
    prefix,
    fields: parameters.slice(prefix.length).split(';'),
    intermediates: ascii(bytes, middle, next),
    final: String.fromCharCode(final),
  };
}

function readSs3(bytes: Uint8Array, at: number): Sequence {
  const final = bytes[at + 2];
  if (final === undefined) return { kind: 'partial' };
  const text = String.fromCharCode(final);
  return /[A-HMPQRSIXj-y]/u.test(text) ? { kind: 'ss3', end: at + 3, final: text } : { kind: 'alt', end: at + 2, text: 'O' };
}

/** `first` tells an answer from somebody who pressed Alt and that key and types on. */
function readString(bytes: Uint8Array, at: number, first: RegExp, bellEnds: boolean): Sequence {
  const start = bytes[at + 2];
  if (start === undefined) return { kind: 'partial' };
  if (!first.test(String.fromCharCode(start))) return readAlt(bytes, at);
  for (let next = at + 2; next < bytes.length; next++) {
    const byte = bytes[next] ?? 0;
    if (next - at > LONGEST_STRING) return { kind: 'junk', end: next };
    if (byte === ESC) {
      const after = bytes[next + 1];
      if (after === undefined) return { kind: 'partial' };
      return after === 0x5c ? { kind: 'string', end: next + 2 } : { kind: 'junk', end: next };
    }
    if (byte === BEL && bellEnds) return { kind: 'string', end: next + 1 };
    if (byte < 0x20) return { kind: 'junk', end: next };
  }
  return { kind: 'partial' };
}

function readAlt(bytes: Uint8Array, at: number): Sequence {
  const length = characterLength(bytes, at + 1);
  if (length === null) return { kind: 'partial' };
  if (length === 0) return { kind: 'escape', end: at + 1 };
  return { kind: 'alt', end: at + 1 + length, text: utf8(bytes, at + 1, at + 1 + length) };
}

/** Bytes of the UTF-8 character at `at`: null when some are still missing, 0 when it is none. */
export function characterLength(bytes: Uint8Array, at: number): number | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  for (let next = 1; next < length; next++) {
    if (at + next >= bytes.length) return null;
    if (!isBetween(bytes[at + next], 0x80, 0xbf)) return 0;
  }
  return length;
}

function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}

export function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** A byte order mark typed or pasted is a character too. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function utf8(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to));
}
