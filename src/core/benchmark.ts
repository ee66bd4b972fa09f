/** Figures that a round measured, held against their targets and the last approved run (PROTOCOL section 4). */
import type { CheckId } from './ids.ts';
import type { Policy } from './policy.ts';
import type { Benchmark, CheckReport } from './report.ts';

/** `first`: nothing to compare with yet, so the figure is only recorded. */
type Compared = 'pass' | 'unclear' | 'regression' | 'first';

export type Comparison = {
  readonly check: CheckId;
  readonly benchmark: Benchmark;
  readonly result: Compared;
  readonly targetMissed: boolean;
  /** For the reader: `p95 130 ms, was 100 ms (30 % worse)`. */
  readonly figure: string;
};

/**
 * Compares every benchmark of these checks. Worse than the tolerance is a regression; from the policy's
 * `unclearPercent` up to the tolerance nobody can tell. A figure that is no number is unclear, never a pass.
 */
export function compareBenchmarks(
  checks: readonly CheckReport[],
  before: readonly Benchmark[],
  policy: Pick<Policy, 'regressionPercent' | 'unclearPercent'>,
): Comparison[] {
  const known = new Map(before.map((benchmark) => [benchmark.name, benchmark.value]));
  return checks.flatMap(({ check, benchmarks }) =>
    benchmarks.map((benchmark) => compare(check, benchmark, known.get(keyOf(check, benchmark)) ?? known.get(benchmark.name), policy)),
  );
}

/** The operator's targets and tolerances in place of those that a check gives its own figures. */
export function withTargets(checks: readonly CheckReport[], asked: readonly Omit<Benchmark, 'value'>[]): CheckReport[] {
  if (asked.length === 0) return [...checks];
  const byName = new Map(asked.map((one) => [one.name, one]));
  return checks.map((check) => ({ ...check, benchmarks: check.benchmarks.map((one) => ({ ...one, ...byName.get(one.name) })) }));
}

/** Two checks may give a figure the same name, hence the check is part of its name in the base line. */
export function recordBenchmarks(checks: readonly CheckReport[]): Benchmark[] {
  return checks.flatMap(({ check, benchmarks }) =>
    benchmarks
      .filter((benchmark) => Number.isFinite(benchmark.value))
      .map((benchmark) => ({ ...benchmark, name: keyOf(check, benchmark) })),
  );
}

function keyOf(check: CheckId, benchmark: Benchmark): string {
  return `${check}/${benchmark.name}`;
}

function compare(
  check: CheckId,
  benchmark: Benchmark,
  before: number | undefined,
  policy: Pick<Policy, 'regressionPercent' | 'unclearPercent'>,
): Comparison {
  const now = withUnit(benchmark.value, benchmark.unit);
  if (!Number.isFinite(benchmark.value)) {
    return { check, benchmark, result: 'unclear', targetMissed: false, figure: `${benchmark.name} ${now}, which is no figure` };
  }
  const targetMissed = benchmark.target !== undefined && isWorse(benchmark, benchmark.target);
  const goal = benchmark.target === undefined ? '' : `, target ${withUnit(benchmark.target, benchmark.unit)} or ${benchmark.better}`;
  if (before === undefined) return { check, benchmark, result: 'first', targetMissed, figure: `${benchmark.name} ${now}${goal}` };
  const worse = percentWorse(benchmark, before);
  const was = `, was ${withUnit(before, benchmark.unit)}${worse > 0 && Number.isFinite(worse) ? ` (${shown(worse)} % worse)` : ''}`;
  return { check, benchmark, result: resultOf(worse, benchmark, policy), targetMissed, figure: `${benchmark.name} ${now}${was}${goal}` };
}

function resultOf(worse: number, benchmark: Benchmark, policy: Pick<Policy, 'regressionPercent' | 'unclearPercent'>): Compared {
  if (worse > (benchmark.tolerancePercent ?? policy.regressionPercent)) return 'regression';
  return worse >= policy.unclearPercent ? 'unclear' : 'pass';
}

function isWorse(benchmark: Benchmark, than: number): boolean {
  return benchmark.better === 'lower' ? benchmark.value > than : benchmark.value < than;
}

/** 0 when it is no worse; infinite when it was 0 and is worse, since no percentage of nothing can say how much. */
function percentWorse(benchmark: Benchmark, before: number): number {
  if (!isWorse(benchmark, before)) return 0;
  const percent = (Math.abs(benchmark.value - before) / Math.abs(before)) * 100;
  // 0.36 against 0.3 is 20 % to a reader and 20.000000000000018 % to a processor: the limits must mean the reader's.
  return Number.isFinite(percent) ? Math.round(percent * 1e6) / 1e6 : Number.POSITIVE_INFINITY;
}

function withUnit(value: number, unit: string | undefined): string {
  return unit === undefined ? shown(value) : `${shown(value)} ${unit}`;
}

/** A figure with four decimals at most. */
export function shown(value: number): string {
  const rounded = Math.round(value * 1e4) / 1e4;
  return String(Number.isFinite(rounded) ? rounded : value);
}
