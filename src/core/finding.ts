/** What the rows of the verdict table look for in a report, each finding as data (PROTOCOL section 5). */

import { type Comparison, compareBenchmarks, shown } from './benchmark.ts';
import { counted } from './counted.ts';
import type { CheckId } from './ids.ts';
import { plain } from './plain.ts';
import type { Policy } from './policy.ts';
import type { CheckReport, RoundReport, Severity, Violation } from './report.ts';
import type { Reason, VerdictInput } from './verdict.ts';

/** A reason before the table has stamped it with its row. */
export type Finding = Omit<Reason, 'row'>;

/** Texts of reports are foreign; what the journal keeps of one is short. */
const DETAIL_LENGTH = 300;
/** A report may hold a million violations: all are counted, but only so many are put into words. */
const DESCRIBED = 100;
/** How a check's own report names a performance regression; P1 denies on it whatever severity it carries. */
const REGRESSION_TYPE = 'performance-regression';

/** The checks that said something, whatever it was. */
export function ran(report: RoundReport): CheckReport[] {
  return report.checks.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed' || outcome === 'failed-on-base');
}

/** The checks whose findings are this handoff's doing: what fails on the base too is set aside for rows 2 to 7. */
export function judgedByItself(report: RoundReport): CheckReport[] {
  return report.checks.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
}

export function whyNone(report: RoundReport): string {
  if (report.checks.length === 0) return 'no check is configured';
  return report.checks.every(({ outcome }) => outcome === 'skipped')
    ? `all ${report.checks.length} were skipped`
    : `none of ${report.checks.length} ran`;
}

export function criticalChecksFailed({ report }: VerdictInput): Finding[] {
  return report.checks
    .filter(({ outcome, critical }) => outcome === 'failed' && critical)
    .map((check) => about(check, 'critical-check-failed'));
}

export function violations(severity: Severity, rule: string): (input: VerdictInput) => Finding[] {
  return ({ report }) => findViolations(judgedByItself(report), rule, (violation) => violation.severity === severity);
}

/** Every wanted violation of these checks, as findings of one rule. */
export function findViolations(checks: readonly CheckReport[], rule: string, wanted: (violation: Violation) => boolean): Finding[] {
  const found = checks.flatMap(({ check, violations: all }) => all.filter(wanted).map((violation) => ({ check, violation })));
  return found.map(({ check, violation }, index) => (index < DESCRIBED ? describe(check, violation, rule) : { rule, check }));
}

function describe(check: CheckId, violation: Violation, rule: string): Finding {
  const { file, line, expected, actual, threshold } = violation;
  const figures = [
    expected === undefined ? '' : `expected ${expected}`,
    actual === undefined ? '' : `got ${actual}`,
    threshold === undefined ? '' : `limit ${threshold}`,
  ].filter((part) => part !== '');
  return {
    rule,
    check,
    ...(file === undefined ? {} : { file: plain(file, DETAIL_LENGTH) }),
    ...(line === undefined ? {} : { line }),
    ...(figures.length === 0 ? {} : { figure: plain(figures.join(', '), DETAIL_LENGTH) }),
    detail: plain(`${violation.type}: ${violation.description}`, DETAIL_LENGTH),
  };
}

/** `MISSING_HANDLER`, `missing handler` and `missing-handler` are one word. */
function typeWord(type: string): string {
  return type
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/gu, '-');
}

export function isGap(violation: Violation, policy: Policy): boolean {
  return violation.gap === true || policy.gapTypes.some((type) => typeWord(type) === typeWord(violation.type));
}

/** Something new of the back end that nobody calls yet. */
export function isUnused({ type }: Violation, policy: Policy): boolean {
  return policy.unusedTypes.some((word) => typeWord(word) === typeWord(type));
}

export function performanceLost(input: VerdictInput): Finding[] {
  const lost = comparisons(input, (compared) => compared.targetMissed || compared.result === 'regression');
  return [
    ...lost.map((compared) => measured(compared, compared.result === 'regression' ? 'regression' : 'target-missed')),
    ...findViolations(judgedByItself(input.report), 'regression', (violation) => typeWord(violation.type) === REGRESSION_TYPE),
  ];
}

export function comparisons({ report, baseline, policy }: VerdictInput, wanted: (compared: Comparison) => boolean): Comparison[] {
  return compareBenchmarks(judgedByItself(report), baseline?.benchmarks ?? [], policy).filter(wanted);
}

export function measured({ check, figure }: Comparison, rule: string): Finding {
  return { rule, check, figure: plain(figure, DETAIL_LENGTH) };
}

/** The lowest share that any check measured, in percent; what is no share between 0 and 100 counts as not measured. */
export function coverageOf(report: RoundReport): number | null {
  const shares = judgedByItself(report).flatMap(({ coveragePercent }) => (coveragePercent === null ? [] : [coveragePercent]));
  if (shares.length === 0 || shares.some((share) => !(share >= 0 && share <= 100))) return null;
  return shares.reduce((lowest, share) => Math.min(lowest, share));
}

export function coverageBelow({ report, policy }: VerdictInput): Finding[] {
  return isLower('coverage-below', coverageOf(report), policy.coverageMinPercent);
}

export function lowerCoverage({ report, baseline }: VerdictInput): Finding[] {
  return isLower('lower-coverage', coverageOf(report), baseline?.coveragePercent ?? null);
}

function isLower(rule: string, share: number | null, limit: number | null): Finding[] {
  return share !== null && limit !== null && share < limit ? [{ rule, figure: `${shown(share)} % < ${shown(limit)} %` }] : [];
}

/** A required check must have run and passed (PROTOCOL section 6); one that failed or could not run is in a row above. */
export function requiredNotRun({ report, required }: VerdictInput): Finding[] {
  return required.flatMap((check): Finding[] => {
    const found = report.checks.find((candidate) => candidate.check === check);
    if (found === undefined) return [{ rule: 'required-missing', check }];
    return found.outcome === 'skipped' ? [about(found, 'required-skipped')] : [];
  });
}

/** Exit code and report differ, or a check says "passed" over tests that it counted as failed. */
export function contradictsItself({ disagrees, outcome, tests }: CheckReport): boolean {
  return disagrees || (outcome === 'passed' && tests !== null && tests.failed > 0);
}

export function withOutcome(report: RoundReport, outcome: 'did-not-run' | 'failed-on-base'): Finding[] {
  return report.checks.filter((check) => check.outcome === outcome).map((check) => about(check, outcome));
}

/** A finding about a whole check, in the words of its own report. */
export function about({ check, reason, tests }: CheckReport, rule: string): Finding {
  const figure = tests !== null && tests.failed > 0 ? { figure: `${tests.failed} of ${counted(tests.total, 'test')} failed` } : {};
  return { rule, check, ...figure, detail: plain(reason, DETAIL_LENGTH) };
}

export function allPassed({ report }: VerdictInput): Finding[] {
  const checks = ran(report);
  const clean = checks.every(({ outcome, violations: found }) => outcome === 'passed' && found.every(({ severity }) => severity === 'LOW'));
  if (checks.length === 0 || !clean) return [];
  const low = findViolations(checks, 'low-violation', ({ severity }) => severity === 'LOW');
  return [{ rule: 'all-passed', figure: `${checks.length} of ${report.checks.length} ran` }, ...low];
}

/** A short quotation of somebody else's text. */
export function quoted(rule: string, text: string): Finding {
  return { rule, detail: plain(text, DETAIL_LENGTH) };
}

/** A figure that the config asks for and that no check measured says nothing, least of all that it is met. */
export function benchmarksMissing({ report, benchmarks }: VerdictInput): Finding[] {
  // The check that measures it may be one that had nothing to do.
  if (report.checks.some(({ outcome }) => outcome === 'skipped')) return [];
  const measured = new Set(judgedByItself(report).flatMap((check) => check.benchmarks.map(({ name }) => name)));
  return (benchmarks ?? [])
    .filter((name) => !measured.has(name))
    .map((name) => ({ rule: 'benchmark-missing', figure: plain(name, DETAIL_LENGTH) }));
}

export function coverageNotMeasured({ report, policy }: VerdictInput): Finding[] {
  if (policy.coverageMinPercent === null || coverageOf(report) !== null) return [];
  return [{ rule: 'coverage-not-measured', figure: `at least ${shown(policy.coverageMinPercent)} % is asked for` }];
}

/** Checks of the last approved run that this round does not even list; one that was skipped is still listed. */
export function fewerChecks({ report, baseline }: VerdictInput): Finding[] {
  const now = new Set(report.checks.map(({ check }) => check));
  return (baseline?.checks ?? []).filter((check) => !now.has(check)).map((check) => ({ rule: 'fewer-checks', check }));
}
