/** Rounds to be judged: a clean one, and the faults that tests put into it. */
import type { CheckId, HandoffId } from '../../src/core/ids.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import type { Benchmark, CheckReport, RoundReport, Severity, Violation } from '../../src/core/report.ts';
import type { Baseline, VerdictInput } from '../../src/core/verdict.ts';

export const id = (text: string): CheckId => text as CheckId;

export function check(name: string, change: Partial<CheckReport> = {}): CheckReport {
  return {
    check: id(name),
    phase: 'integration',
    layer: 'component',
    critical: true,
    command: `run ${name}`,
    outcome: 'passed',
    reason: 'exit 0',
    exitCode: 0,
    signal: null,
    startedAt: 1000,
    durationMs: 200,
    tests: null,
    violations: [],
    benchmarks: [],
    coveragePercent: null,
    disagrees: false,
    flaky: false,
    log: null,
    logSha256: null,
    ...change,
  };
}

export function round(checks: readonly CheckReport[], change: Partial<RoundReport> = {}): RoundReport {
  return {
    handoff: 'h-3f2a' as HandoffId,
    epoch: 1,
    base: null,
    judged: null,
    judgedAfter: null,
    voided: false,
    cancelled: false,
    trouble: null,
    changed: [],
    judgeTouched: [],
    uncovered: [],
    checks,
    startedAt: 1000,
    finishedAt: 2000,
    evidence: null,
    ...change,
  };
}

export function input(
  report: RoundReport,
  change: Partial<Omit<VerdictInput, 'policy'>> & { readonly policy?: Partial<Policy> } = {},
): VerdictInput {
  return {
    report,
    denialsInARow: 0,
    baseline: null,
    required: [],
    openBoxes: [],
    questions: [],
    ...change,
    policy: { ...DEFAULT_POLICY, ...change.policy },
  };
}

export function violation(severity: Severity, change: Partial<Violation> = {}): Violation {
  return { type: 'style', severity, description: 'something is wrong', ...change };
}

export function benchmark(value: number, change: Partial<Benchmark> = {}): Benchmark {
  return { name: 'p95', value, unit: 'ms', better: 'lower', ...change };
}

export function baseline(change: Partial<Baseline> = {}): Baseline {
  return { checks: [], coveragePercent: null, benchmarks: [], ...change };
}
