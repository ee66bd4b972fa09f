import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import type { CheckId } from '../../src/core/ids.ts';
import { DAY_MS } from '../../src/core/kpi.ts';
import { proposalsOf } from '../../src/core/proposal.ts';
import { review, reviewsDue } from '../../src/core/review.ts';
import { reviewData } from '../../src/core/review-data.ts';
import type { Handoff, Round, State } from '../../src/core/state.ts';
import { fill } from '../../src/core/template.ts';
import type { VerdictKind } from '../../src/core/verdict.ts';
import { begin } from '../../src/core/work.ts';
import { aRound, BACKEND, CONFIG, COORDINATOR, FRONTEND, handoff, hid, NOW, state } from './state-fixture.ts';

const MINUTE = 60_000;
const ago = (minutes: number) => NOW - minutes * MINUTE;
const unit = 'unit' as CheckId;

function judged(kind: VerdictKind, rule: string, change: Partial<Round> = {}): Round {
  const checks = [{ check: unit, outcome: kind === 'deny' ? 'failed' : 'passed', reason: 'exit', durationMs: 4000, tests: null } as const];
  return aRound({
    finishedAt: ago(50),
    end: 'judged',
    checks,
    judged: { commit: 'c', tree: rule },
    verdict: { kind, row: kind === 'deny' ? 3 : 12, reasons: [{ row: kind === 'deny' ? 3 : 12, rule, check: unit }] },
    ...change,
  });
}

function denied(id: string): Handoff {
  return handoff({
    id: hid(id),
    createdAt: ago(120),
    closedAt: ago(10),
    type: 'database',
    rounds: [judged('deny', 'critical-violation'), judged('approve', 'all-passed')],
    history: [
      { at: ago(100), move: 'assign', to: 'ACTIVE', epoch: 0, by: COORDINATOR },
      { at: ago(90), move: 'ready', to: 'HANDOFF_READY', epoch: 0, by: BACKEND },
      { at: ago(60), move: 'verify', to: 'VERIFICATION', epoch: 1, by: COORDINATOR },
      { at: ago(59), move: 'deny', to: 'FAILED', epoch: 1, by: COORDINATOR },
      { at: ago(40), move: 'take-up', to: 'REMEDIATION', epoch: 1, by: BACKEND },
      { at: ago(20), move: 'fixed', to: 'HANDOFF_READY', epoch: 1, by: BACKEND },
      { at: ago(19), move: 'approve', to: 'APPROVED', epoch: 2, by: COORDINATOR },
    ],
  });
}

const three = [denied('h-0001'), denied('h-0002'), denied('h-0003')];

function written(kind: 'weekly' | 'monthly', from: State) {
  const work = begin(from, NOW, 'abcdef0123456789');
  const reply = review(work, kind);
  const effect = work.effects.find((one): one is Extract<Effect, { type: 'document.write' }> => one.type === 'document.write');
  if (!reply.ok || effect === undefined) throw new Error(`no ${kind} review was written`);
  const template = fs.readFileSync(path.join(import.meta.dirname, '../../templates', `${effect.template}.md`), 'utf8');
  const filled = fill(template, effect.values);
  if (!filled.ok) throw new Error(filled.error);
  return { work, path: effect.path, text: filled.text };
}

describe('PROTOCOL §10: what a review looks at', () => {
  const data = reviewData(state(three), NOW - 7 * DAY_MS, NOW);

  test('PROTOCOL §10: how long work stayed in each phase, the costliest first, with the longest case', () => {
    expect(data.phases.map(({ phase, medianMs }) => [phase, medianMs / MINUTE])).toEqual([
      ['HANDOFF_READY', 15.5],
      ['REMEDIATION', 20],
      ['FAILED', 19],
      ['ACTIVE', 10],
      ['APPROVED', 9],
      ['VERIFICATION', 1],
    ]);
    expect(data.phases[0]?.longest).toEqual({ handoff: 'h-0001', ms: 30 * MINUTE });
  });

  test('PROTOCOL §10: why work was denied, with the handoffs behind it', () => {
    expect(data.denials).toEqual([{ rule: 'critical-violation', check: 'unit', handoffs: ['h-0001', 'h-0002', 'h-0003'] }]);
  });

  test('PROTOCOL §10: a check that gave the same tree different outcomes is flaky', () => {
    const tree = { judged: { commit: 'c', tree: 'same' } };
    const shaky = handoff({ id: hid('h-0009'), createdAt: ago(90), rounds: [judged('deny', 'x', tree), judged('approve', 'y', tree)] });
    expect(reviewData(state([shaky]), NOW - 7 * DAY_MS, NOW).checks).toMatchObject([
      { check: 'unit', runs: 2, failed: 1, flaky: ['h-0009'] },
    ]);
    expect(data.checks).toMatchObject([{ check: 'unit', runs: 6, failed: 3, flaky: [] }]);
  });

  test('PROTOCOL §10: what is outside the window is not looked at', () => {
    expect(reviewData(state(three), NOW - 5 * MINUTE, NOW)).toMatchObject({ handoffs: 0, denials: [], checks: [] });
  });
});

describe('PROTOCOL §10: proposals, each with its cases; nothing changes by itself', () => {
  test('the same reason three times is worth a word to the instances', () => {
    const proposals = proposalsOf(reviewData(state(three), NOW - 7 * DAY_MS, NOW), CONFIG);
    expect(proposals).toEqual([{ text: expect.stringContaining('critical-violation of unit'), cases: ['h-0001', 'h-0002', 'h-0003'] }]);
    expect(proposalsOf(reviewData(state(three.slice(1)), NOW - 7 * DAY_MS, NOW), CONFIG)).toEqual([]);
  });

  test('a check close to its time limit, and one far from it', () => {
    const check = { id: unit, timeoutMs: 4500 };
    const config = (timeoutMs: number) => ({
      ...CONFIG,
      verification: { ...CONFIG.verification, checks: [{ ...check, timeoutMs } as never] },
    });
    const data = { ...reviewData(state(three), NOW - 7 * DAY_MS, NOW), denials: [] };
    expect(proposalsOf(data, config(4500))).toMatchObject([{ text: expect.stringContaining('raise `timeoutMs` of unit (now 4500)') }]);
    expect(proposalsOf(data, config(600_000))).toMatchObject([
      { text: expect.stringContaining('lower `timeoutMs` of unit to about 60000') },
    ]);
    expect(proposalsOf(data, config(60_000))).toEqual([]);
  });

  test('a review changes no policy', () => {
    const before = state(three);
    const { work } = written('weekly', before);
    expect(work.coordinator.config).toBe(before.coordinator.config);
  });
});

describe('P1 continuous improvement: the documents', () => {
  test('P1: the weekly review tells timing, bottlenecks, denials and checks', () => {
    const { text, path: where } = written('weekly', state(three));
    expect(where).toMatch(/^docs\/reviews\/weekly-review-\d{8}-\d{6}\.md$/u);
    expect(text).toContain('3 handoffs were under way');
    expect(text).toContain('HANDOFF_READY: 15 m in the median');
    expect(text).toContain('denials were not taken up: 57 m together, at most 19 m (h-0001)');
    expect(text).toContain('unit: a CRITICAL violation (h-0001, h-0002, h-0003)');
    expect(text).toContain('unit: 4 s in the median of 6 runs, at most 4 s; failed 3 times');
    expect(text).not.toContain('{{');
  });

  test('P1: the monthly review tells criteria, edge cases, specialisation and communication', () => {
    const sent = handoff({
      id: hid('h-0005'),
      to: FRONTEND,
      createdAt: ago(60),
      delegation: { handoff: hid('h-0006'), sentAt: ago(30), reminders: 2, ack: 'RECEIVED' },
      history: [{ at: ago(22), move: 'transfer', to: 'HANDOFF_COMPLETE', epoch: 1, by: COORDINATOR }],
    });
    const { text } = written('monthly', state([...three, sent]));
    expect(text).toContain('row 3 denies a critical failure: decided 3 rounds (h-0001, h-0002, h-0003)');
    expect(text).toContain('never decided: row 1, 2, 4, 5, 6, 7, 8, 9, 10, 11');
    expect(text).toContain(`${BACKEND}: 4 handoffs (database 3, untyped 1), 3 denials`);
    expect(text).toContain(`${FRONTEND}: acknowledged after 8 m in the median of 1, 2 reminders`);
  });

  test('P1: written each week and each month by itself, once, and not over nothing', () => {
    const paths = (from: State, at: number) => {
      const work = begin(from, at, 'abcdef0123456789');
      reviewsDue(work);
      return work.effects.map((effect) => ('template' in effect ? effect.template : effect.type));
    };
    expect(paths(state([]), NOW + 40 * DAY_MS)).toEqual([]);
    expect(paths(state(three), NOW)).toEqual([]);
    expect(paths(state([handoff({ createdAt: ago(10) })]), NOW + 7 * DAY_MS)).toEqual(['weekly-review']);
    expect(paths(state([handoff({ createdAt: ago(10) })], { reviews: { weekly: NOW + 6 * DAY_MS } }), NOW + 8 * DAY_MS)).toEqual([]);
    expect(paths(state([handoff({ createdAt: ago(10) })]), NOW + 30 * DAY_MS)).toEqual(['weekly-review', 'monthly-review']);
  });

  test('nothing to look at is said', () => {
    expect(review(begin(state([]), NOW, 'abcdef0123456789'), 'weekly')).toMatchObject({ ok: false, code: 'no' });
  });
});
