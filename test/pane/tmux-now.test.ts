/** What a tmux is asked while everything waits for its answer: it may be late once. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { panesNow } from '../../src/pane/tmux.ts';
import { makePlace, type Place } from './support.ts';

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.remove());

/** Does not answer so many times, and then does, or says that there is none. */
function tmux(late: number, answer: string, patienceMs: number) {
  const calls = path.join(place.root, 'calls');
  const script = `#!/bin/sh\necho called >>${calls}\n[ "$(grep -c . ${calls})" -gt ${late} ] || exec sleep 1000\n${answer}\n`;
  writeFileSync(path.join(place.root, 'tmux'), script);
  chmodSync(path.join(place.root, 'tmux'), 0o755);
  const panes = panesNow({ socket: 'x', env: { PATH: `${place.root}:${process.env.PATH}` } }, 'work', patienceMs);
  return { panes, asked: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0 };
}

const PANE = "echo '7 %0 8 0 /'";

test('an answer that is late once is asked for again, and no more often', () => {
  expect(tmux(1, PANE, 3_000)).toEqual({ panes: [{ server: 7, id: '%0', pid: 8, dead: null }], asked: 2 });
});

test('one that is late twice is none', () => {
  expect(tmux(1_000, PANE, 50).panes).toBeNull();
});

test('no such session is no reason to ask again', () => {
  expect(tmux(0, 'exit 1', 60_000)).toEqual({ panes: null, asked: 1 });
});
