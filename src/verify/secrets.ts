/** Keeps the values of secret-looking environment variables out of logs, reports and evidence. */

export type Secret = { readonly name: string; readonly value: string };

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i;
/** Shorter values ("true", "1234") would tear ordinary words out of the log. */
const MIN_LENGTH = 8;

/** The variables whose value must not be shown, longest value first, so that a longer secret wins over its prefix. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): Secret[] {
  const secrets: Secret[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.length >= MIN_LENGTH && SECRET_NAME.test(name)) secrets.push({ name, value });
  }
  return secrets.sort((a, b) => b.value.length - a.value.length);
}

function redactText(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((redacted, { name, value }) => redacted.replaceAll(value, `[redacted ${name}]`), text);
}

/** A copy of plain data with every string in it redacted. */
export function redactAll<Value>(value: Value, secrets: readonly Secret[]): Value {
  if (typeof value === 'string') return redactText(value, secrets) as Value;
  if (Array.isArray(value)) return value.map((item) => redactAll(item, secrets)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactAll(item, secrets)])) as Value;
}

export type RedactingStream = {
  /** What may be shown by now; the beginning of a possible secret at the end is held back. */
  push(chunk: Uint8Array): Buffer;
  /** What was held back, once no more can come. */
  end(): Buffer;
};

type Needle = { readonly bytes: Buffer; readonly label: Buffer };

/**
 * Replaces secrets in a stream of bytes, also one that is split over chunks. Only the literal value is
 * found: not one that the program encodes or breaks over lines.
 */
export function redactingStream(secrets: readonly Secret[]): RedactingStream {
  const needles: Needle[] = secrets.map(({ name, value }) => ({ bytes: Buffer.from(value), label: Buffer.from(`[redacted ${name}]`) }));
  let held: Buffer = Buffer.alloc(0);

  function pass(data: Buffer, last: boolean): Buffer {
    const parts: Buffer[] = [];
    // Where each needle occurs next; searched again only once passed, which keeps this linear.
    const next = needles.map((needle) => data.indexOf(needle.bytes));
    let at = 0;
    for (;;) {
      const found = first(next);
      if (found < 0) break;
      const start = next[found] ?? 0;
      const needle = needles[found];
      if (needle === undefined || (!last && beginsNeedle(needles, data, start))) break;
      parts.push(data.subarray(at, start), needle.label);
      at = start + needle.bytes.length;
      for (const [index, other] of needles.entries())
        if ((next[index] ?? -1) >= 0 && (next[index] ?? -1) < at) next[index] = data.indexOf(other.bytes, at);
    }
    const hold = last ? data.length : holdFrom(needles, data, at);
    parts.push(data.subarray(at, hold));
    held = Buffer.from(data.subarray(hold));
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (needles.length === 0) return bytes;
      return pass(held.length === 0 ? bytes : Buffer.concat([held, bytes]), false);
    },
    end: () => pass(held, true),
  };
}

/** The earliest occurrence; of two at the same place the longer, which comes first in the list. */
function first(next: readonly number[]): number {
  let best = -1;
  for (const [index, at] of next.entries()) if (at >= 0 && (best < 0 || at < (next[best] ?? 0))) best = index;
  return best;
}

/** Where the longest end of the data begins that may become a secret with the next chunk. */
function holdFrom(needles: readonly Needle[], data: Buffer, at: number): number {
  const longest = needles[0]?.bytes.length ?? 0;
  for (let start = Math.max(at, data.length - longest + 1); start < data.length; start++) {
    if (beginsNeedle(needles, data, start)) return start;
  }
  return data.length;
}

/** Whether everything from `start` on is the beginning, and only the beginning, of a secret. */
function beginsNeedle(needles: readonly Needle[], data: Buffer, start: number): boolean {
  const length = data.length - start;
  return needles.some(({ bytes }) => length < bytes.length && data.compare(bytes, 0, length, start) === 0);
}
