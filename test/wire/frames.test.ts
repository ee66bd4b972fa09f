import { expect, it } from 'vitest';
import { decodeTime, encodeFrame, encodeText, encodeTime, FRAME, frameReader } from '../../src/wire/frames.ts';

it('a text is the same frame as its bytes', () => {
  for (const text of ['', 'plain', 'ä€𝄞', '\ud800', 'x'.repeat(70_000)]) {
    expect([...encodeText(FRAME.output, text)]).toEqual([...encodeFrame(FRAME.output, Buffer.from(text))]);
  }
});

it('a frame that comes in pieces is one, and two that come at once are two', () => {
  const reader = frameReader();
  const both = Buffer.concat([encodeText(FRAME.output, 'one'), encodeText(FRAME.output, 'two')]);
  const frames = [...both].flatMap((byte) => reader.push(Uint8Array.of(byte)) ?? []);
  expect(frames.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['one', 'two']);
  expect(frameReader().push(both)).toHaveLength(2);
});

it('a moment comes back as it was, and whatever is none is none', () => {
  for (const ms of [0, 1, 86_400_000.5, 2 ** 45]) expect(decodeTime(encodeTime(ms))).toBe(ms);
  for (const payload of [new Uint8Array(), new Uint8Array(7), encodeTime(Number.NaN), encodeTime(Number.POSITIVE_INFINITY)])
    expect(decodeTime(payload)).toBeNull();
});
