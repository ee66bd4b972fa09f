/** TAP that a check prints instead of writing it to a file: heard as it comes, in constant memory. */
import { StringDecoder } from 'node:string_decoder';
import { createTapReader } from './reports/tap.ts';
import type { TestReport } from './reports/test-report.ts';

/** What a script runner may print before the line that says it is TAP. */
const HEAD_CHARS = 64 * 1024;
const MAX_LINE = 16 * 1024;

export type TapOutput = { push(bytes: Uint8Array): void; end(): TestReport | null };

export function listenForTap(): TapOutput {
  const decoder = new StringDecoder('utf8');
  const reader = createTapReader(true);
  let begun = false;
  let deaf = false;
  let held = '';

  const lines = (text: string): string => {
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      reader.line(text.slice(at, Math.min(end, at + MAX_LINE)).replace(/\r$/, ''));
      at = end + 1;
    }
    return text.slice(at);
  };

  return {
    push(bytes) {
      if (deaf) return;
      held += decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      if (!begun) {
        const start = held.search(/^TAP version 1[2-4]\s*$/m);
        if (start < 0) {
          deaf = held.length > HEAD_CHARS;
          if (deaf) held = '';
          return;
        }
        begun = true;
        held = held.slice(start);
      }
      // The rest of an endless line is worth nothing: only its beginning says what it is.
      held = lines(held).slice(0, MAX_LINE);
    },
    end() {
      if (!begun) return null;
      reader.line(held);
      return reader.end();
    },
  };
}
