/** Bytes into lines: wherever they are cut, and however long they get. */
import { describe, expect, it } from 'vitest';
import { lineReader } from '../../src/wire/lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the line reader', () => {
  it('gives the same lines wherever the stream is cut, also inside a character', () => {
    const text = 'one\n\ntäglich ✓ 🙂\r\n{"a":"\\n"}\nrest';
    const whole = bytes(text);
    for (let size = 1; size <= whole.length; size++) {
      const reader = lineReader(100);
      const lines: string[] = [];
      for (let at = 0; at < whole.length; at += size) lines.push(...(reader.push(whole.subarray(at, at + size)) ?? ['too long']));
      expect(lines).toEqual(['one', '', 'täglich ✓ 🙂\r', '{"a":"\\n"}']);
      expect(reader.push(bytes('\n'))).toEqual(['rest']);
    }
  });

  it('does not keep what it was given: the buffer may be used again', () => {
    const reader = lineReader(100);
    const buffer = bytes('abc');
    reader.push(buffer);
    buffer.fill(0x78);
    expect(reader.push(bytes('def\n'))).toEqual(['abcdef']);
  });

  it('takes a line of exactly the limit, whole or in pieces, and none that is a byte longer', () => {
    for (const size of [1, 3, 7, 100]) {
      const feed = (length: number): string[] | null => {
        const reader = lineReader(20);
        const line = bytes(`${'x'.repeat(length)}\n`);
        let last: string[] | null = [];
        for (let at = 0; at < line.length; at += size) last = reader.push(line.subarray(at, at + size));
        return last;
      };
      expect(feed(20)).toEqual(['x'.repeat(20)]);
      expect(feed(21)).toBeNull();
    }
  });

  it('is found out without a newline, and is unusable from then on', () => {
    const reader = lineReader(10);
    expect(reader.push(bytes('x'.repeat(11)))).toBeNull();
    expect(reader.push(bytes('\nok\n'))).toBeNull();
  });

  it('counts each line by itself: many short ones are no long one', () => {
    const reader = lineReader(10);
    expect(reader.push(bytes('0123456789\n'.repeat(1000)))).toHaveLength(1000);
    expect(reader.push(bytes(''))).toEqual([]);
  });

  it('replaces bytes that are no text, and goes on', () => {
    const reader = lineReader(10);
    expect(reader.push(new Uint8Array([0xff, 0xfe, 10, 0x61, 10]))).toEqual(['\ufffd\ufffd', 'a']);
  });
});
