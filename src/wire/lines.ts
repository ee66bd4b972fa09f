/** Cuts a byte stream into lines, bounded: a peer that never sends a newline is found out, not waited for. */
export type LineReader = {
  /** The complete lines so far; null once a line exceeded the limit (the stream is then unusable). */
  push(chunk: Uint8Array): string[] | null;
};

const NEWLINE = 10;

export function lineReader(maxBytes: number): LineReader {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let broken = false;
  const decoder = new TextDecoder();

  const take = (last: Uint8Array): string => {
    const line = new Uint8Array(pendingBytes + last.length);
    let at = 0;
    for (const part of [...pending, last]) {
      line.set(part, at);
      at += part.length;
    }
    pending = [];
    pendingBytes = 0;
    return decoder.decode(line);
  };

  return {
    push(chunk) {
      if (broken) return null;
      const lines: string[] = [];
      let rest = chunk;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        if (pendingBytes + end > maxBytes) break;
        lines.push(take(rest.subarray(0, end)));
        rest = rest.subarray(end + 1);
      }
      if (pendingBytes + rest.length > maxBytes) {
        broken = true;
        pending = [];
        return null;
      }
      if (rest.length > 0) {
        pending.push(rest.slice());
        pendingBytes += rest.length;
      }
      return lines;
    },
  };
}
