import { describe, expect, test } from 'vitest';
import type { Move, Phase } from '../../src/core/handoff.ts';
import type { HandoffId } from '../../src/core/ids.ts';
import { DAY_MS, type KpiId, kpisOf, median, sparkline } from '../../src/core/kpi.ts';
import { dialled } from '../../src/core/settled.ts';
import type { Handoff, HistoryEntry, Round } from '../../src/core/state.ts';
import { aRound, COORDINATOR, handoff, NOW, state } from './state-fixture.ts';

const MINUTE = 60_000;
const phases: Partial<Record<Move, Phase>> = {
  ready: 'HANDOFF_READY',
  fixed: 'HANDOFF_READY',
  reopen: 'HANDOFF_READY',
  approve: 'APPROVED',
  deny: 'FAILED',
  reassign: 'ACTIVE',
};

/** `story('h-1', ['ready', 30], ['approve', 20])`: minutes before NOW, by the coordinator unless told. */
function story(id: string, ...entries: readonly (readonly [move: Move, minutesAgo: number, by?: string])[]): Handoff {
  const history = entries.map(
    ([move, minutes, by = COORDINATOR]): HistoryEntry => ({
      at: NOW - minutes * MINUTE,
      move,
      to: move === 'withdraw' ? 'CLOSED' : (phases[move] ?? 'ACTIVE'),
      epoch: 1,
      by,
    }),
  );
  return handoff({ id: id as HandoffId, history });
}

const verdict = (kind: 'approve' | 'deny' | 'escalate', rule = 'x'): Round =>
  aRound({ finishedAt: NOW, end: 'judged', verdict: { kind, row: 3, reasons: [{ row: 3, rule }] } });

function value(id: KpiId, handoffs: readonly Handoff[], days = 7, dials?: Parameters<typeof state>[1]) {
  const kpi = kpisOf(state(handoffs, dials), days, NOW).find((one) => one.id === id);
  if (kpi === undefined) throw new Error(`no ${id}`);
  return kpi;
}

describe('PROTOCOL §10: the indicators', () => {
  test('PROTOCOL §10: cycle time runs from the first HANDOFF_READY to APPROVED, remediation included', () => {
    const once = story('h-0001', ['ready', 30], ['approve', 20]);
    const twice = story('h-0002', ['ready', 60], ['deny', 55], ['fixed', 40], ['approve', 36]);
    const found = value('cycle-time', [once, twice]);
    expect(found.value).toBe(17 * MINUTE);
    expect(found.cases.map(({ handoff: id }) => id)).toEqual(['h-0002', 'h-0001']);
    expect(found.target).toEqual({ text: '< 15 m', met: false });
  });

  test('PROTOCOL §10: each handoff counts once, by its final decision', () => {
    const reopened = story('h-0001', ['ready', 90], ['approve', 80], ['reopen', 40], ['approve', 34]);
    expect(value('cycle-time', [reopened])).toMatchObject({ of: 1, value: 6 * MINUTE });
    const open = story('h-0002', ['ready', 90], ['approve', 80], ['reopen', 40]);
    expect(value('cycle-time', [open])).toMatchObject({ of: 0, value: null });
    const moved = story('h-0003', ['ready', 90], ['approve', 80], ['reassign', 40, 'ann']);
    expect(value('auto-approval', [moved])).toMatchObject({ of: 0, value: null });
  });

  test('PROTOCOL §10: approved without the operator, over all that were decided', () => {
    const auto = story('h-0001', ['ready', 30], ['approve', 20]);
    const byAnn = story('h-0002', ['ready', 30], ['approve', 20, 'ann']);
    const given = story('h-0003', ['ready', 30], ['withdraw', 20, 'ann']);
    const asked = { ...story('h-0004', ['ready', 30], ['approve', 20]), rounds: [verdict('escalate'), verdict('approve')] };
    expect(value('auto-approval', [auto, byAnn, given, asked])).toMatchObject({ of: 4, value: 25, target: { met: false } });
    expect(value('intervention', [auto, byAnn, given, asked])).toMatchObject({ of: 4, value: 75, target: { met: false } });
    expect(value('auto-approval', [auto])).toMatchObject({ value: 100, target: { met: true } });
  });

  test('PROTOCOL §10: work withdrawn before anybody called it ready was never decided', () => {
    expect(value('auto-approval', [story('h-0001', ['withdraw', 20, 'ann'])]).of).toBe(0);
  });

  test('PROTOCOL §10: an integration failure is a handoff with at least one CRITICAL violation', () => {
    const broken = {
      ...story('h-0001', ['ready', 30], ['deny', 25], ['fixed', 24], ['approve', 20]),
      rounds: [verdict('deny', 'critical-violation'), verdict('approve')],
    };
    const whole = { ...story('h-0002', ['ready', 30], ['approve', 20]), rounds: [verdict('approve')] };
    expect(value('integration-failure', [broken, whole])).toMatchObject({ value: 50, cases: [{ handoff: 'h-0001' }] });
    expect(value('denial', [broken, whole])).toMatchObject({ value: 50 });
    expect(value('first-pass', [broken, whole])).toMatchObject({ value: 50 });
  });

  test('PROTOCOL §10: a window of 7 and one of 30 days; what is older is in neither', () => {
    const old = story('h-0001', ['ready', (8 * DAY_MS) / MINUTE + 5], ['approve', (8 * DAY_MS) / MINUTE]);
    const older = story('h-0002', ['ready', (31 * DAY_MS) / MINUTE + 5], ['approve', (31 * DAY_MS) / MINUTE]);
    expect(value('cycle-time', [old, older], 7).of).toBe(0);
    expect(value('cycle-time', [old, older], 30)).toMatchObject({ of: 1, value: 5 * MINUTE });
  });

  test('PROTOCOL §10: time under watch and suggest, and while paused, is left out', () => {
    const at = (minutes: number) => NOW - minutes * MINUTE;
    const dials = {
      dials: [
        { at: at(100), dial: 'act', paused: false },
        { at: at(60), dial: 'suggest', paused: false },
        { at: at(40), dial: 'act', paused: true },
        { at: at(30), dial: 'act', paused: false },
      ],
    } as const;
    const during = story('h-0001', ['ready', 55], ['approve', 50, 'ann']);
    const across = story('h-0002', ['ready', 70], ['approve', 20]);
    expect(value('auto-approval', [during, across], 7, dials)).toMatchObject({ of: 1, value: 100 });
    expect(value('cycle-time', [during, across], 7, dials).value).toBe(20 * MINUTE);
  });

  test('PROTOCOL §10: a failure after approval counts on the day on which the approval was taken back', () => {
    const taken = story('h-0001', ['ready', 3000], ['approve', 2990], ['reopen', 10, 'ann']);
    const kept = story('h-0002', ['ready', 30], ['approve', 20]);
    const found = value('post-approval-failure', [taken, kept]);
    expect(found).toMatchObject({ value: 50, of: 2, cases: [{ handoff: 'h-0001', at: NOW - 10 * MINUTE }] });
    expect(found.trend.at(-1)).toBe(100);
  });

  test('PROTOCOL §10: the trend has a number for each day and nothing for a day without decisions', () => {
    const today = story('h-0001', ['ready', 30], ['approve', 20]);
    const before = story('h-0002', ['ready', 3 * 1440 + 10], ['approve', 3 * 1440 + 4]);
    expect(value('cycle-time', [today, before]).trend).toEqual([null, null, null, 6 * MINUTE, null, null, 10 * MINUTE]);
  });
});

test('a state from before the dial was kept has no times to leave out', () => {
  expect(kpisOf(state([story('h-0001', ['ready', 30], ['approve', 20])]), 7, NOW)[0]).toMatchObject({ of: 1 });
});

test('the dial is kept when it changes, and only then', () => {
  const first = dialled(undefined, { at: 1, dial: 'act', paused: false });
  expect(dialled(first, { at: 2, dial: 'act', paused: false })).toBe(first);
  expect(dialled(first, { at: 2, dial: 'act', paused: true })).toHaveLength(2);
});

test('the median of an even number lies between the two in the middle; of nothing there is none', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(() => median([])).toThrow('of nothing');
});

test('a sparkline has a character for each day', () => {
  expect(sparkline([null, 0, 50, 100], 'percent')).toBe('·▁▅█');
  expect(sparkline([60_000, null, 120_000], 'ms')).toBe('▅·█');
});
