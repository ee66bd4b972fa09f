/** Between a client and a room that may use its terminal: when it is told so again, and when it has been silent for too long. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Lease, openLease } from '../../src/client/lease.ts';

let lease: Lease;
let renewed: number[];
let silences: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'hrtime', 'Date'] });
  [renewed, silences] = [[], 0];
  lease = openLease({ renew: (until) => renewed.push(until), onSilence: () => silences++ });
});
afterEach(() => {
  lease.close();
  vi.useRealTimers();
});

const turn = () => new Promise((next) => setImmediate(next));

async function second(): Promise<void> {
  vi.advanceTimersByTime(1_000);
  await turn();
}

it('is renewed each second that it is answered', async () => {
  const first = lease.begin();
  await second();
  expect(renewed).toEqual([]);
  lease.answered();
  await second();
  lease.answered();
  await second();
  expect(renewed.map((until) => until - first)).toEqual([2_000, 3_000]);
});

it('runs out where nothing answers, once', async () => {
  lease.begin();
  for (let count = 0; count < 3; count++) await second();
  expect(silences).toBe(0);
  for (let count = 0; count < 3; count++) await second();
  expect([silences, renewed]).toEqual([1, []]);
});

it('a process that stood still hears first what was said meanwhile', async () => {
  lease.begin();
  lease.answered();
  vi.advanceTimersByTime(10_000);
  // The loop goes on: first the timers, then what can be read. It was the room's last word.
  lease.rest();
  await turn();
  expect([renewed, silences]).toEqual([[], 0]);
});
