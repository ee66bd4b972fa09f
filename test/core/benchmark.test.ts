/** PROTOCOL §4 and §5, rows 5 and 11: what the config asks of a figure, whatever its check says about it. */
import { expect, test } from 'vitest';
import { withTargets } from '../../src/core/benchmark.ts';
import { judge } from '../../src/core/verdict.ts';
import { benchmark, check, input, round } from './verdict-fixture.ts';

const measured = [check('perf', { benchmarks: [{ ...benchmark(130), name: 'p95', better: 'lower' as const, target: 500 }] })];
const p95 = { name: 'p95', better: 'lower' as const, unit: 'ms' };

test('the target of the config replaces the one of the check', () => {
  expect(judge(input(round(measured)))).toMatchObject({ kind: 'approve' });
  expect(judge(input(round(withTargets(measured, [{ ...p95, target: 100 }]))))).toMatchObject({
    kind: 'deny',
    row: 5,
    reasons: [{ rule: 'target-missed', figure: 'p95 130 ms, target 100 ms or lower' }, { row: 12 }],
  });
  expect(withTargets(measured, [])).toEqual(measured);
});

test('a figure that is asked for and that nobody measured is unclear', () => {
  const asked = (checks: Parameters<typeof round>[0]) => judge({ ...input(round(checks)), benchmarks: ['p95'] });
  expect(asked(measured)).toMatchObject({ kind: 'approve' });
  expect(asked([check('unit')])).toMatchObject({
    kind: 'escalate',
    row: 11,
    reasons: [{ rule: 'benchmark-missing', figure: 'p95' }, { row: 12 }],
  });
  expect(asked([check('unit'), check('perf', { outcome: 'skipped' })])).toMatchObject({ kind: 'approve' });
});
