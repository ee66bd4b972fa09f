import { describe, expect, test } from 'vitest';
import { briefLines, decidedSince } from '../../src/core/brief.ts';
import { matchesFilter, type TimelineFilter, timelineOf } from '../../src/core/timeline.ts';
import { aRound, BACKEND, COORDINATOR, FRONTEND, handoff, hid, NOW, question, state } from './state-fixture.ts';

const ago = (minutes: number) => NOW - minutes * 60_000;
const ready = { at: ago(9), move: 'ready', to: 'HANDOFF_READY', epoch: 1, by: BACKEND } as const;
const approved = { at: ago(5), move: 'approve', to: 'APPROVED', epoch: 1, by: COORDINATOR } as const;
const given = { at: ago(5), move: 'transfer', to: 'HANDOFF_COMPLETE', epoch: 1, by: COORDINATOR } as const;
const released = { at: ago(5), move: 'release', to: 'STANDBY', epoch: 1, by: COORDINATOR } as const;
const round = aRound({
  finishedAt: ago(5),
  end: 'judged',
  evidence: { path: 'status/.coordtui/evidence/h-3f2a/1', sha256: 'e' },
  verdict: { kind: 'approve', row: 12, reasons: [{ row: 12, rule: 'all-passed', figure: '3 of 3 ran' }] },
});

describe('the timeline: an entry for each thing that happened', () => {
  const before = state([handoff()]);
  const after = state([handoff({ history: [ready], phase: 'HANDOFF_READY', rounds: [round] })]);

  test('who moved which handoff, when, and whose word it was', () => {
    const byAgent = { type: 'command', at: NOW, by: { kind: 'instance', instance: BACKEND } };
    const entries = timelineOf(7, before, after, byAgent);
    expect(entries.map(({ seq, at, kind, handoff: id, instance }) => [seq, at, kind, id, instance])).toEqual([
      [7, NOW, 'instance', 'h-3f2a', BACKEND],
      [7, NOW, 'instance', 'h-3f2a', BACKEND],
    ]);
    expect(timelineOf(7, before, after, { type: 'command', at: NOW, by: { kind: 'operator' } })[0]?.kind).toBe('operator');
    expect(timelineOf(7, before, after, { type: 'tick', at: NOW })[0]?.kind).toBe('coordinator');
  });

  test('a verdict carries its reasons and opens its evidence', () => {
    const [verdict] = timelineOf(7, before, after, { type: 'verification.finished', at: NOW });
    expect(verdict).toMatchObject({ text: expect.stringContaining('APPROVE'), evidence: 'status/.coordtui/evidence/h-3f2a/1' });
    expect(verdict?.details.join()).toContain('every check that ran passed');
  });

  test('nothing is told of what changed nothing', () => {
    expect(timelineOf(7, before, before, { type: 'tick', at: NOW })).toEqual([]);
  });

  test('filters by handoff, instance, kind, time and text', () => {
    const [entry] = timelineOf(7, before, after, { type: 'verification.finished', at: NOW });
    if (entry === undefined) throw new Error('no entry');
    const all: TimelineFilter = { handoff: null, instance: null, kind: null, since: null, text: null };
    const passes = (filter: Partial<TimelineFilter>) => matchesFilter(entry, { ...all, ...filter });
    expect([
      passes({}),
      passes({ handoff: hid('h-3f2a') }),
      passes({ instance: BACKEND }),
      passes({ kind: 'verification' }),
      passes({ since: NOW }),
      passes({ text: 'every CHECK' }),
    ]).toEqual(Array(6).fill(true));
    expect([
      passes({ handoff: hid('h-0000') }),
      passes({ instance: FRONTEND }),
      passes({ kind: 'session' }),
      passes({ since: NOW + 1 }),
      passes({ text: 'absent' }),
    ]).toEqual(Array(5).fill(false));
  });
});

describe('the brief: what was decided since the operator last looked', () => {
  const done = handoff({ history: [ready, approved, given, released], closedAt: ago(5), phase: 'STANDBY', rounds: [round] });

  test('each decision with its reason, and reopen beside an approval that can be taken back', () => {
    expect(decidedSince(state([done]), ago(6))).toMatchObject([
      {
        handoff: 'h-3f2a',
        decision: 'approved',
        by: COORDINATOR,
        why: expect.stringContaining('passed'),
        back: 'coordtui reopen h-3f2a --reason TEXT',
      },
    ]);
    expect(decidedSince(state([done]), ago(4))).toEqual([]);
  });

  test('what was taken back already offers nothing', () => {
    const reopened = { at: ago(2), move: 'reopen', to: 'HANDOFF_READY', epoch: 2, by: 'ann', reason: 'lost orders' } as const;
    const again = { ...done, closedAt: null, history: [...done.history, reopened] };
    expect(decidedSince(state([again]), ago(6)).map(({ decision, back, why }) => [decision, back, why])).toEqual([
      ['approved', null, expect.any(String)],
      ['reopened', null, 'lost orders'],
    ]);
    const withdrawn = { at: ago(2), move: 'withdraw', to: 'CLOSED', epoch: 2, by: 'ann' } as const;
    expect(decidedSince(state([{ ...done, history: [ready, approved, withdrawn] }]), ago(6))[0]?.back).toBeNull();
  });

  test('what waits for the operator stands below, and nothing is said to be nothing', () => {
    const asked = handoff({ question: question() });
    expect(briefLines(state([asked]), ago(6), NOW).join('\n')).toContain('⚑ h-3f2a waits for you: the checks give no clear answer');
    expect(briefLines(state([]), ago(6), NOW)).toEqual([expect.stringContaining('nothing was decided'), 'nothing waits for you']);
  });
});
