/** When what has come of a sequence is all of it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createScreenKeys } from '../../src/room/screen-keys.ts';
import type { Input } from '../../src/screen/input.ts';
import { DEFAULT_LEADER } from '../../src/screen/leader.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function keys() {
  const heard: Input[] = [];
  const made = createScreenKeys({
    leader: DEFAULT_LEADER,
    typing: () => false,
    bracketedPaste: () => false,
    waits: () => false,
    onInput: (input) => heard.push(input),
  });
  return { push: (text: string) => made.push(Buffer.from(text, 'latin1')), inPaste: made.inPaste, heard };
}

const turn = () => new Promise((next) => setImmediate(next));

test('an Esc alone is the key, once nothing has followed it', async () => {
  const { push, heard } = keys();
  push('\x1b');
  vi.advanceTimersByTime(29);
  await turn();
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(1);
  await turn();
  expect(heard).toEqual([{ type: 'key', key: 'esc' }]);
});

test('what came while the room stood still is read before the time counts as over', async () => {
  const { push, heard, inPaste } = keys();
  push('\x1b');
  vi.advanceTimersByTime(1_500);
  // The loop goes on: first the timers, then what can be read.
  push('[A');
  await turn();
  expect(heard).toEqual([{ type: 'key', key: 'up' }]);
  push('\x1b[200~one');
  vi.advanceTimersByTime(60_000);
  push(' two\x1b[201~');
  await turn();
  expect([heard.at(-1), inPaste()]).toEqual([{ type: 'paste', text: 'one two' }, false]);
});

test('a paste whose end does not come ends by itself', async () => {
  const { push, heard, inPaste } = keys();
  push('\x1b[200~all');
  vi.advanceTimersByTime(4_999);
  await turn();
  expect([heard, inPaste()]).toEqual([[], true]);
  vi.advanceTimersByTime(1);
  await turn();
  expect([heard, inPaste()]).toEqual([[{ type: 'paste', text: 'all' }], false]);
});
