/** What a screen hears of its client's frames. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { type Heard, openScreenLine } from '../../src/room/screen-line.ts';
import { encodeFrame, encodeSize, encodeTime, FRAME, type Frame, frameReader, type Size } from '../../src/wire/frames.ts';
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

/** A line whose client carries, with all that was said to that. */
function carried() {
  const reader = frameReader();
  const said: Frame[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      said.push(...(reader.push(chunk) ?? []));
      done();
    },
  });
  const line = openScreenLine(socket as Socket, null, { cols: 80, rows: 24 });
  let typed = '';
  let onInput = () => {};
  const heard: Heard = {
    input(bytes) {
      typed += Buffer.from(bytes).toString();
      onInput();
    },
    resized() {},
    drained() {},
    anew() {},
    misunderstood() {},
  };
  return {
    socket,
    line,
    heard,
    typed: () => typed,
    types: (text: string) => socket.push(encodeFrame(FRAME.input, Buffer.from(text))),
    count: (type: number) => said.filter((frame) => frame.type === type).length,
    atEach(deed: () => void) {
      onInput = deed;
    },
    close() {
      line.close();
      socket.destroy();
    },
  };
}

it('each renewal is answered, and a line that does not listen says that it lives', async () => {
  const { socket, line, heard, count, types, typed, close } = carried();
  line.begin(heard);
  line.listen(true);
  socket.push(encodeFrame(FRAME.renew, encodeTime(1e9)));
  await until('the answer', () => count(FRAME.renewed) === 1);
  line.listen(false);
  types('waits');
  await until('a word', () => count(FRAME.renewed) === 2);
  expect(typed()).toBe('');
  line.listen(true);
  await until('what waited', () => typed() === 'waits');
  close();
});

it('what is handed over while nobody listens is heard first, in order, and no faster than it is listened to', async () => {
  const { socket, line, heard, count, types, typed, atEach, close } = carried();
  line.begin(heard);
  line.listen(true);
  // The client has its terminal itself: then nothing holds up the socket.
  socket.push(encodeFrame(FRAME.reclaim));
  await until('it to be let go', () => count(FRAME.freed) === 1);
  line.listen(false);
  for (const key of 'abc') types(key);
  socket.push(encodeFrame(FRAME.renew, encodeTime(1)));
  await until('all of that to have come', () => count(FRAME.renewed) === 1);
  expect(typed()).toBe('');
  atEach(() => line.listen(false));
  line.listen(true);
  expect(typed()).toBe('a');
  line.listen(true);
  expect(typed()).toBe('ab');
  types('d');
  socket.push(encodeFrame(FRAME.renew, encodeTime(2)));
  await until('that to have come', () => count(FRAME.renewed) === 2);
  expect(typed()).toBe('ab');
  atEach(() => {});
  line.listen(true);
  expect(typed()).toBe('abcd');
  close();
});
