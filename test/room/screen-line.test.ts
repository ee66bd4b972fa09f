/** What a screen hears of its client's frames. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { openScreenLine } from '../../src/room/screen-line.ts';
import { encodeFrame, encodeSize, FRAME, type Size } from '../../src/wire/frames.ts';
import { until } from '../support/until.ts';

it('sizes that came at once are one, the last; a key between them is heard at its own', async () => {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const line = openScreenLine(socket as Socket, null, { cols: 80, rows: 24 });
  const heard: (Size | string)[] = [];
  line.begin({
    input: (bytes) => heard.push(Buffer.from(bytes).toString()),
    resized: () => heard.push(line.size()),
    drained() {},
    anew() {},
    misunderstood() {},
  });
  line.listen(true);
  const sizes = (from: number) => Array.from({ length: 50 }, (_, index) => size(from + index, 30));
  const size = (cols: number, rows: number) => encodeFrame(FRAME.resize, encodeSize({ cols, rows }));
  socket.push(Buffer.concat([...sizes(10), encodeFrame(FRAME.input, Buffer.from('k')), ...sizes(100)]));
  await until('the last size', () => line.size().cols === 149);
  expect(heard).toEqual([{ cols: 59, rows: 30 }, 'k', { cols: 149, rows: 30 }]);
  line.close();
  socket.destroy();
});
