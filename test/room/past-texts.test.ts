import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../src/core/timeline.ts';
import { pastText } from '../../src/room/past-texts.ts';
import { aRound, BACKEND, COORDINATOR, handoff, NOW, state } from '../core/state-fixture.ts';

const entry = (text: string, details: string[] = []): TimelineEntry => ({
  seq: 1,
  at: NOW,
  kind: 'operator',
  handoff: null,
  instance: null,
  text,
  details,
  evidence: 'status/evidence/1',
});
const past = (entries: TimelineEntry[], before = 0) => ({
  timeline: { entries: () => Promise.resolve(entries), close() {} },
  seen: { before: () => before, look() {} },
});
const read = (what: string, entries: TimelineEntry[] = [], from = state([])) =>
  pastText(what, from, past(entries), NOW) ?? Promise.reject(new Error(`${what} is about a handoff`));

test('the timeline has the newest first, what belongs to it below it, and its evidence', async () => {
  const text = await read('timeline', [entry('h-0001 first'), entry('h-0002 second', ['because'])]);
  expect(text.indexOf('second')).toBeLessThan(text.indexOf('first'));
  expect(text).toContain('\n    because\n    evidence: status/evidence/1\n');
  expect(await read('timeline')).toBe('nothing happened yet');
});

test('no sequence and no line of somebody else’s gets into any of them', async () => {
  expect(await read('timeline', [entry('h-0001 \x1b[2J\x1b]52;c;eA==\x07gone\nforged')])).not.toMatch(/\x1b|\nforged/u);
  const hostile = handoff({
    task: '\x1b[31mred\nforged',
    history: [{ at: NOW - 5, move: 'approve', to: 'APPROVED', epoch: 1, by: COORDINATOR, reason: '\x1b[2J' }],
    rounds: [aRound({ finishedAt: NOW })],
  });
  expect(await read('brief', [], state([hostile]))).not.toMatch(/\x1b|\nforged/u);
});

test('the indicators stand above the handoffs behind each of them', async () => {
  const done = handoff({
    history: [
      { at: NOW - 600_000, move: 'ready', to: 'HANDOFF_READY', epoch: 1, by: BACKEND },
      { at: NOW - 60_000, move: 'approve', to: 'APPROVED', epoch: 1, by: COORDINATOR },
    ],
  });
  const text = await read('kpi', [], state([done]));
  expect(text.indexOf('day by day')).toBeLessThan(text.indexOf('h-3f2a'));
  expect(text).toContain('approved after 9 m');
});

test('no debugging session: how to open one; what is about a handoff is not here', async () => {
  expect(await read('debugging')).toContain('debug open');
  expect(pastText('evidence', state([]), past([]), NOW)).toBeNull();
});
