/**
 * Whether a stream of terminal output stands between two of its parts: no sequence begun, no character halved. Only there
 * may the stream be cut and gone on with by something else. Costs a search for the last ESC, whatever else went by.
 */

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;

type State = 'ground' | 'escape' | 'control' | 'osc' | 'string';

/** What the byte after ESC begins; everything else ends the sequence, or stands in its midst. */
const BEGINS: Readonly<Record<string, State>> = { '[': 'control', ']': 'osc', P: 'string', _: 'string', '^': 'string', X: 'string' };

export type Ground = {
  push(bytes: Uint8Array): void;
  readonly here: boolean;
};

export function createGround(): Ground {
  let state: State = 'ground';
  let tail: number[] = [];
  return {
    push(bytes) {
      // An ESC ends whatever was begun: what stands before the last one is of no account.
      const from = bytes.lastIndexOf(ESC);
      if (from >= 0 || state !== 'ground') for (let at = Math.max(0, from); at < bytes.length; at++) state = next(state, bytes[at] ?? 0);
      tail = [...tail, ...bytes.subarray(-3)].slice(-3);
    },
    get here() {
      return state === 'ground' && !isHalved(tail);
    },
  };
}

function next(state: State, byte: number): State {
  if (byte === ESC) return 'escape';
  if (state === 'ground' || byte === CAN || byte === SUB) return 'ground';
  if (state === 'osc') return byte === BEL ? 'ground' : state;
  if (state === 'string' || byte < 0x20) return state;
  if (state === 'control') return byte >= 0x40 && byte <= 0x7e ? 'ground' : state;
  if (byte < 0x30) return state;
  return BEGINS[String.fromCharCode(byte)] ?? 'ground';
}

/** Whether the last bytes begin a character of UTF-8 that is not whole. */
function isHalved(tail: readonly number[]): boolean {
  for (let back = 1; back <= tail.length; back++) {
    const byte = tail.at(-back) ?? 0;
    if (byte < 0x80) return false;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back;
  }
  return false;
}
