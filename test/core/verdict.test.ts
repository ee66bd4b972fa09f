import { describe, expect, it } from 'vitest';
import { baselineOf, judge, type Verdict } from '../../src/core/verdict.ts';
import { baseline, benchmark, check, id, input, round, violation } from './verdict-fixture.ts';

const rules = (verdict: Verdict): string[] => verdict.reasons.map(({ row, rule }) => `${row} ${rule}`);

/** Kind, row and the first reason's rule, which is what decided. */
function decided(verdict: Verdict): string {
  return `${verdict.kind} ${verdict.row} ${verdict.reasons[0]?.rule}`;
}

describe('PROTOCOL §5: one test per row', () => {
  it('PROTOCOL §5 row 1: no check configured, all skipped, or none able to run: nothing was verified', () => {
    expect(decided(judge(input(round([]))))).toBe('escalate 1 no-check-ran');
    expect(decided(judge(input(round([check('a', { outcome: 'skipped' }), check('b', { outcome: 'skipped' })]))))).toBe(
      'escalate 1 no-check-ran',
    );
    const none = judge(input(round([check('a', { outcome: 'did-not-run', violations: [violation('CRITICAL')] })])));
    expect(decided(none)).toBe('escalate 1 no-check-ran');
    expect(rules(none)).toContain('8 did-not-run');
  });

  it('PROTOCOL §5 row 2: a third denial in a row becomes a question, with the reasons of the denial kept', () => {
    const bad = round([check('ipc', { outcome: 'failed', reason: 'exit 1' })]);
    expect(judge(input(bad, { denialsInARow: 1 })).kind).toBe('deny');
    const third = judge(input(bad, { denialsInARow: 2 }));
    expect(decided(third)).toBe('escalate 2 third-denial');
    expect(rules(third)).toContain('3 critical-check-failed');
    expect(judge(input(bad, { denialsInARow: 7 })).row).toBe(2);
    expect(judge(input(bad, { denialsInARow: 2, policy: { maxDenialsInARow: 3 } })).kind).toBe('deny');
    expect(decided(judge(input(round([check('ipc')]), { denialsInARow: 2 })))).toBe('approve 12 all-passed');
  });

  it('PROTOCOL §5 row 3: a CRITICAL violation denies, also when the exit code says passed', () => {
    const verdict = judge(
      input(
        round([
          check('schema', {
            critical: false,
            violations: [violation('CRITICAL', { file: 'db/orders.sql', line: 12, expected: 'id', actual: 'none' })],
          }),
        ]),
      ),
    );
    expect(decided(verdict)).toBe('deny 3 critical-violation');
    expect(verdict.reasons[0]).toEqual({
      row: 3,
      rule: 'critical-violation',
      check: 'schema',
      file: 'db/orders.sql',
      line: 12,
      figure: 'expected id, got none',
      detail: 'style: something is wrong',
    });
  });

  it('PROTOCOL §5 row 3: a critical check that failed denies, in either phase', () => {
    for (const phase of ['pre', 'integration'] as const) {
      const tests = { total: 214, passed: 211, failed: 3, skipped: 0 };
      const verdict = judge(input(round([check('unit', { phase, outcome: 'failed', reason: 'exit 1', tests })])));
      expect(decided(verdict)).toBe('deny 3 critical-check-failed');
      expect(verdict.reasons[0]).toMatchObject({ check: 'unit', detail: 'exit 1', figure: '3 of 214 tests failed' });
    }
  });

  it('PROTOCOL §5 row 4: an integration gap denies, by its flag or by a type of the policy in any spelling', () => {
    const gap = (change: object) => judge(input(round([check('ipc', { violations: [violation('LOW', change)] })])));
    expect(decided(gap({ gap: true }))).toBe('deny 4 gap');
    for (const type of ['missing-handler', 'MISSING_HANDLER', 'Missing handler', 'route-without-handler', 'SCHEMA_COLUMN_MISSING']) {
      expect(decided(gap({ type }))).toBe('deny 4 gap');
    }
    expect(gap({ type: 'missing-comma' }).kind).toBe('approve');
    const own = input(round([check('ipc', { violations: [violation('LOW', { type: 'orphan-topic' })] })]), {
      policy: { gapTypes: ['orphan-topic'] },
    });
    expect(decided(judge(own))).toBe('deny 4 gap');
  });

  it('PROTOCOL §5 row 5: a regression against the last approved run denies; whichever way is better', () => {
    const run = (value: number, change: object, before: object) =>
      judge(
        input(round([check('perf', { benchmarks: [benchmark(value, change)] })]), {
          baseline: baseline({ benchmarks: [benchmark(100, before)] }),
        }),
      );
    expect(decided(run(121, {}, {}))).toBe('deny 5 regression');
    expect(run(121, {}, {}).reasons[0]?.figure).toBe('p95 121 ms, was 100 ms (21 % worse)');
    expect(decided(run(79, { better: 'higher' }, { better: 'higher' }))).toBe('deny 5 regression');
    expect(run(130, { tolerancePercent: 50 }, {}).kind).not.toBe('deny');
    expect(decided(run(104, { tolerancePercent: 3 }, {}))).toBe('deny 5 regression');
    expect(run(50, {}, {}).kind).toBe('approve');
    expect(run(500, { better: 'higher' }, {}).kind).toBe('approve');
  });

  it('PROTOCOL §5 row 5: exactly the tolerance is no regression, for the reader and not for the processor', () => {
    const run = (value: number, before: number) =>
      judge(input(round([check('perf', { benchmarks: [benchmark(value)] })]), { baseline: baseline({ benchmarks: [benchmark(before)] }) }))
        .row;
    expect(run(0.36, 0.3)).toBe(11);
    expect(run(120, 100)).toBe(11);
    expect(run(0.0021, 0.002)).toBe(11);
    expect(run(104.9, 100)).toBe(12);
    expect(run(1, 0)).toBe(5);
    expect(run(0, 0)).toBe(12);
  });

  it('PROTOCOL §5 row 5: a missed target denies, with and without a base line', () => {
    const missed = judge(input(round([check('perf', { benchmarks: [benchmark(201, { target: 200 })] })])));
    expect(decided(missed)).toBe('deny 5 target-missed');
    expect(missed.reasons[0]?.figure).toBe('p95 201 ms, target 200 ms or lower');
    const higher = judge(input(round([check('perf', { benchmarks: [benchmark(999, { better: 'higher', target: 1000 })] })])));
    expect(decided(higher)).toBe('deny 5 target-missed');
    expect(judge(input(round([check('perf', { benchmarks: [benchmark(200, { target: 200 })] })]))).kind).toBe('approve');
  });

  it('PROTOCOL §5 row 5: a first run without a target only records, and says so', () => {
    const verdict = judge(input(round([check('perf', { benchmarks: [benchmark(130)] })])));
    expect(verdict.kind).toBe('approve');
    expect(verdict.reasons.at(-1)).toEqual({ row: 12, rule: 'baseline-recorded', check: 'perf', figure: 'p95 130 ms' });
  });

  it('PROTOCOL §5 row 5: a regression that the check itself reports denies whatever its severity', () => {
    const found = violation('MEDIUM', { type: 'PERFORMANCE_REGRESSION' });
    expect(decided(judge(input(round([check('perf', { violations: [found] })]))))).toBe('deny 5 regression');
  });

  it('PROTOCOL §5 row 6: coverage below the configured threshold denies, by the lowest of those measured', () => {
    const report = round([check('front', { coveragePercent: 91 }), check('back', { coveragePercent: 62 })]);
    const verdict = judge(input(report, { policy: { coverageMinPercent: 80 } }));
    expect(decided(verdict)).toBe('deny 6 coverage-below');
    expect(verdict.reasons[0]?.figure).toBe('62 % < 80 %');
    expect(judge(input(report, { policy: { coverageMinPercent: 62 } })).kind).toBe('approve');
    expect(judge(input(report)).kind).toBe('approve');
  });

  it('PROTOCOL §5 row 7: a HIGH violation denies', () => {
    expect(decided(judge(input(round([check('lint', { critical: false, violations: [violation('HIGH')] })]))))).toBe(
      'deny 7 high-violation',
    );
  });

  it('PROTOCOL §5 row 8: a check that did not run escalates, critical or not', () => {
    for (const critical of [true, false]) {
      const verdict = judge(
        input(round([check('unit'), check('e2e', { critical, outcome: 'did-not-run', reason: 'timed out after 600 s' })])),
      );
      expect(decided(verdict)).toBe('escalate 8 did-not-run');
      expect(verdict.reasons[0]).toMatchObject({ check: 'e2e', detail: 'timed out after 600 s' });
    }
  });

  it('PROTOCOL §5 row 9: what fails on the base too escalates, and its findings are set aside for rows 2 to 7', () => {
    const old = check('unit', {
      outcome: 'failed-on-base',
      violations: [violation('CRITICAL', { gap: true }), violation('HIGH')],
      benchmarks: [benchmark(999, { target: 1 })],
      coveragePercent: 1,
    });
    const verdict = judge(
      input(round([check('lint', { coveragePercent: 90 }), old]), { denialsInARow: 2, policy: { coverageMinPercent: 80 } }),
    );
    expect(decided(verdict)).toBe('escalate 9 failed-on-base');
    expect(verdict.reasons.filter(({ row }) => row < 9)).toEqual([]);
    expect(judge(input(round([old]))).row).toBe(9);
  });

  it('PROTOCOL §5 row 10: a change that touches the judge escalates and names the file', () => {
    const verdict = judge(input(round([check('unit')], { judgeTouched: ['coordtui.yaml', 'test/orders.test.js'] })));
    expect(decided(verdict)).toBe('escalate 10 judge-touched');
    expect(verdict.reasons.map(({ file }) => file).slice(0, 2)).toEqual(['coordtui.yaml', 'test/orders.test.js']);
  });

  it('PROTOCOL §5 row 12: every check that ran passed, LOW violations at most', () => {
    const verdict = judge(
      input(round([check('unit'), check('lint', { violations: [violation('LOW')] }), check('e2e', { outcome: 'skipped' })])),
    );
    expect(decided(verdict)).toBe('approve 12 all-passed');
    expect(rules(verdict)).toEqual(['12 all-passed', '12 low-violation']);
    expect(verdict.reasons[0]?.figure).toBe('2 of 3 ran');
  });

  it('PROTOCOL §5 row 13: a void, cancelled or broken round says nothing, whatever stands in it', () => {
    const bad = [check('unit', { outcome: 'failed', violations: [violation('CRITICAL')] })];
    for (const change of [{ voided: true }, { cancelled: true }, { trouble: 'no space left on the disk' }]) {
      for (const checks of [bad, [check('unit')], []]) {
        const verdict = judge(input(round(checks, change), { denialsInARow: 5 }));
        expect(decided(verdict)).toBe('escalate 13 anything-else');
        expect(verdict.reasons).toHaveLength(1);
        expect(verdict.reasons[0]?.detail).toBeTruthy();
      }
    }
  });

  it('PROTOCOL §5 row 13: anything that no row knows escalates', () => {
    const unknown = { ...violation('LOW'), severity: 'BLOCKER' as 'LOW' };
    expect(decided(judge(input(round([check('unit', { violations: [unknown] })]))))).toBe('escalate 13 anything-else');
  });
});

describe('PROTOCOL §5 row 11: mixed or unclear, each reason named', () => {
  const clean = check('unit');
  const cases: readonly [string, string, Parameters<typeof judge>[0]][] = [
    ['a non-critical check failed', 'non-critical-failed', input(round([clean, check('lint', { critical: false, outcome: 'failed' })]))],
    ['exit code and report disagree', 'disagrees', input(round([check('unit', { disagrees: true })]))],
    [
      'passed over tests that failed',
      'disagrees',
      input(round([check('unit', { tests: { total: 9, passed: 8, failed: 1, skipped: 0 } })])),
    ],
    ['a MEDIUM violation', 'medium-violation', input(round([check('unit', { violations: [violation('MEDIUM')] })]))],
    [
      'performance unclear',
      'performance-unclear',
      input(round([check('unit', { benchmarks: [benchmark(105)] })]), { baseline: baseline({ benchmarks: [benchmark(100)] }) }),
    ],
    [
      'a figure that is none',
      'performance-unclear',
      input(round([check('unit', { benchmarks: [benchmark(Number.POSITIVE_INFINITY, { better: 'higher' })] })])),
    ],
    ['a flaky check', 'flaky', input(round([check('unit', { flaky: true })]))],
    ['coverage configured and not measured', 'coverage-not-measured', input(round([clean]), { policy: { coverageMinPercent: 80 } })],
    [
      'coverage that is no share',
      'coverage-not-measured',
      input(round([check('unit', { coveragePercent: 101 })]), { policy: { coverageMinPercent: 80 } }),
    ],
    ['a changed file that no check covers', 'not-covered', input(round([clean], { uncovered: ['infra/main.tf'] }))],
    [
      'a required check skipped',
      'required-skipped',
      input(round([clean, check('e2e', { outcome: 'skipped' })]), { required: [id('e2e')] }),
    ],
    ['a required check not in the round', 'required-missing', input(round([clean]), { required: [id('e2e')] })],
    [
      'fewer checks than the last approved run',
      'fewer-checks',
      input(round([clean]), { baseline: baseline({ checks: [id('unit'), id('e2e')] }) }),
    ],
    [
      'lower coverage than the last approved run',
      'lower-coverage',
      input(round([check('unit', { coveragePercent: 84.9 })]), {
        baseline: baseline({ coveragePercent: 85 }),
        policy: { coverageMinPercent: 80 },
      }),
    ],
    ['an unticked box or unmapped criterion', 'open-box', input(round([clean]), { openBoxes: ['looks right on a phone'] })],
    ['a question attached to the handoff', 'question', input(round([clean]), { questions: ['which currency?'] })],
  ];
  it.each(cases)('PROTOCOL §5 row 11: %s', (_title, rule, given) => {
    expect(decided(judge(given))).toBe(`escalate 11 ${rule}`);
  });

  it('PROTOCOL §5 row 11: a required check that ran and passed is no reason, nor one skipped that nobody requires', () => {
    expect(judge(input(round([clean]), { required: [id('unit')] })).kind).toBe('approve');
    expect(judge(input(round([clean, check('e2e', { outcome: 'skipped' })]))).kind).toBe('approve');
  });

  it('PROTOCOL §5 row 11: a check that was skipped this time is still there, so the round has not fewer checks', () => {
    const before = baselineOf(round([clean, check('e2e')]));
    expect(judge(input(round([clean, check('e2e', { outcome: 'skipped' })]), { baseline: before })).kind).toBe('approve');
  });

  it('PROTOCOL §5 row 11: one bad share among good ones means that the coverage is not measured', () => {
    const report = round([check('a', { coveragePercent: 95 }), check('b', { coveragePercent: Number.NaN })]);
    expect(judge(input(report, { policy: { coverageMinPercent: 80 } })).row).toBe(11);
  });
});

describe('PROTOCOL §5: the reasons of all rows that match are kept', () => {
  it('PROTOCOL §5: deciding row first, then the others in the order of the table', () => {
    const report = round(
      [
        check('unit', { outcome: 'failed' }),
        check('lint', { violations: [violation('HIGH'), violation('MEDIUM')] }),
        check('e2e', { outcome: 'did-not-run' }),
        check('old', { outcome: 'failed-on-base' }),
      ],
      { judgeTouched: ['coordtui.yaml'], uncovered: ['a.tf'] },
    );
    const verdict = judge(input(report, { denialsInARow: 2, questions: ['?'] }));
    expect(verdict.row).toBe(2);
    expect(rules(verdict)).toEqual([
      '2 third-denial',
      '3 critical-check-failed',
      '7 high-violation',
      '8 did-not-run',
      '9 failed-on-base',
      '10 judge-touched',
      '11 medium-violation',
      '11 not-covered',
      '11 question',
    ]);
  });

  it('keeps fifty reasons of a row and says how many more there are', () => {
    const many = Array.from({ length: 4000 }, () => violation('CRITICAL', { description: 'x'.repeat(100_000) }));
    const verdict = judge(input(round([check('unit', { violations: many })])));
    expect(verdict.reasons).toHaveLength(51);
    expect(verdict.reasons.at(-1)).toEqual({ row: 3, rule: 'more', figure: '3950 more of row 3' });
    expect(JSON.stringify(verdict).length).toBeLessThan(30_000);
  });

  it('keeps no control character of a report', () => {
    const hostile = violation('CRITICAL', { type: '\u001b[31mx', description: 'a\nb\u202ec\u0007', file: 'src/\u001b]0;t\u0007a.ts' });
    expect(JSON.stringify(judge(input(round([check('unit', { violations: [hostile] })]))))).not.toMatch(/\\u00|\\n|\u202e/u);
  });
});

describe('the base line', () => {
  it('holds every check listed, the lowest coverage and the figures of the checks that ran', () => {
    const report = round([
      check('unit', { coveragePercent: 91, benchmarks: [benchmark(100)] }),
      check('back', { coveragePercent: 85 }),
      check('e2e', { outcome: 'skipped', benchmarks: [benchmark(7)] }),
      check('old', { outcome: 'failed-on-base', coveragePercent: 3, benchmarks: [benchmark(1)] }),
    ]);
    expect(baselineOf(report)).toEqual({
      checks: ['unit', 'back', 'e2e', 'old'],
      coveragePercent: 85,
      benchmarks: [benchmark(100, { name: 'unit/p95' })],
    });
  });

  it('tells two figures of one name apart by their checks', () => {
    const run = (front: number, back: number) =>
      round([check('front', { benchmarks: [benchmark(front)] }), check('back', { benchmarks: [benchmark(back)] })]);
    const before = baselineOf(run(10, 200));
    expect(judge(input(run(10, 201), { baseline: before })).kind).toBe('approve');
    expect(judge(input(run(13, 200), { baseline: before })).row).toBe(5);
  });
});
