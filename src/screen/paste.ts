/** The inside of a bracketed paste: to a pane as it comes, to the control room as one text. */

export type PasteOptions = {
  /** Whether the brackets go along. */
  readonly keep: boolean;
  onBytes?(bytes: Uint8Array): void;
  onEnd?(text: string): void;
};

export type PasteReader = {
  /** Reads on at `at`; `next` is the index after what was read. */
  read(bytes: Uint8Array, at: number): { readonly next: number; readonly ended: boolean };
  /** Its end will not come. */
  end(): void;
};

const START = Buffer.from('\u001b[200~');
const END = Buffer.from('\u001b[201~');
/** Bytes that a text in the control room may have; the rest is left out. */
const LONGEST_TEXT = 256 * 1024;

export function createPasteReader(options: PasteOptions): PasteReader {
  const parts: Uint8Array[] = [];
  let size = 0;
  // How much of the end mark the last bytes were: it may come in pieces.
  let matched = 0;
  if (options.keep) options.onBytes?.(START);

  function take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    options.onBytes?.(bytes);
    if (options.onEnd === undefined || size >= LONGEST_TEXT) return;
    parts.push(bytes.slice(0, LONGEST_TEXT - size));
    size += bytes.length;
  }

  function finish(): void {
    if (options.keep) options.onBytes?.(END);
    options.onEnd?.(Buffer.concat(parts).toString('utf8').replace(/\r\n?/gu, '\n'));
  }

  return {
    read(bytes, at) {
      let start = at;
      for (let next = at; next < bytes.length; next++) {
        if (bytes[next] === END[matched]) {
          matched += 1;
          if (matched < END.length) continue;
          take(bytes.subarray(start, Math.max(start, next + 1 - END.length)));
          finish();
          return { next: next + 1, ended: true };
        }
        if (matched > 0 && next - matched < start) {
          // What looked like the end in the last chunk was none.
          take(END.subarray(0, matched - (next - start)));
        }
        matched = bytes[next] === END[0] ? 1 : 0;
      }
      // A beginning of the mark is kept back until it is known what it is.
      const known = bytes.length - Math.min(matched, bytes.length - start);
      take(bytes.subarray(start, known));
      start = known;
      return { next: bytes.length, ended: false };
    },
    end() {
      take(END.subarray(0, matched));
      finish();
    },
  };
}
