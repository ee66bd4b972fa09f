/**
 * What a screen speaks after its hello: `[type][length][payload]`, one byte, four bytes (big endian), the rest.
 * Bytes of the terminal go through unchanged in both directions.
 */

/**
 * Client to room: input, resize, detach, goodbye, and of the terminal: `lend` (I do not touch it until then; take it if you
 * like), `renew` (until then, now) and `reclaim` (let go of it). Room to client: output, end, suspend, edit, and of the
 * terminal: `took` (I read and write it myself), `carry` (you do, by input and output), `renewed` (I have heard it) and `freed`
 * (I have let go). A hello lends; end, suspend and edit free.
 */
export const FRAME = {
  input: 0x69,
  resize: 0x72,
  detach: 0x64,
  goodbye: 0x67,
  output: 0x6f,
  end: 0x78,
  suspend: 0x7a,
  edit: 0x65,
  lend: 0x6c,
  renew: 0x6e,
  reclaim: 0x63,
  took: 0x74,
  carry: 0x79,
  renewed: 0x77,
  freed: 0x66,
} as const;
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export type Frame = { readonly type: FrameType; readonly payload: Uint8Array };

/** Larger frames are refused: a paste comes in pieces anyway. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

const HEAD = 5;
const TYPES: ReadonlySet<number> = new Set(Object.values(FRAME));

export function encodeFrame(type: FrameType, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(HEAD + payload.length);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, payload.length);
  bytes.set(payload, HEAD);
  return bytes;
}

const utf8 = new TextEncoder();

/** As `encodeFrame`, with a text as its payload, which is written into its place at once. */
export function encodeText(type: FrameType, text: string): Uint8Array {
  // A UTF-16 unit is three bytes at most.
  const bytes = new Uint8Array(HEAD + text.length * 3);
  const { written } = utf8.encodeInto(text, bytes.subarray(HEAD));
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, written);
  return bytes.subarray(0, HEAD + written);
}

export type FrameReader = {
  /** The complete frames so far; null once the stream made no sense (it is unusable then). */
  push(chunk: Uint8Array): Frame[] | null;
};

export function frameReader(): FrameReader {
  let rest = new Uint8Array();
  let broken = false;
  return {
    push(chunk) {
      if (broken) return null;
      rest = rest.length === 0 ? chunk.slice() : join(rest, chunk);
      const frames: Frame[] = [];
      let at = 0;
      while (rest.length - at >= HEAD) {
        const type = rest[at] ?? 0;
        const length = new DataView(rest.buffer, rest.byteOffset + at + 1, 4).getUint32(0);
        if (!TYPES.has(type) || length > MAX_FRAME_BYTES) {
          broken = true;
          rest = new Uint8Array();
          return null;
        }
        if (rest.length - at - HEAD < length) break;
        frames.push({ type: type as FrameType, payload: rest.slice(at + HEAD, at + HEAD + length) });
        at += HEAD + length;
      }
      rest = rest.slice(at);
      return frames;
    },
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

export type Size = { readonly cols: number; readonly rows: number };

export function encodeSize({ cols, rows }: Size): Uint8Array {
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.min(cols, 0xffff));
  view.setUint16(2, Math.min(rows, 0xffff));
  return bytes;
}

export function decodeSize(payload: Uint8Array): Size | null {
  if (payload.length !== 4) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, 4);
  return { cols: view.getUint16(0), rows: view.getUint16(2) };
}

/** A moment, in milliseconds of the steady clock that all processes of a machine share. */
export function encodeTime(ms: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, ms);
  return bytes;
}

export function decodeTime(payload: Uint8Array): number | null {
  if (payload.length !== 8) return null;
  const ms = new DataView(payload.buffer, payload.byteOffset, 8).getFloat64(0);
  return Number.isFinite(ms) ? ms : null;
}
