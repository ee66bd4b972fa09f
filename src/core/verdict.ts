/**
 * The verdict (PROTOCOL section 5): a table of thirteen rows over what one round reported. The first row that
 * matches decides; the reasons of every row that matches are kept, the deciding one's first. Nothing but the
 * sealed round, the policy and the handoff's own record goes in: no figure about past performance, no message.
 */
import { recordBenchmarks } from './benchmark.ts';
import {
  about,
  allPassed,
  benchmarksMissing,
  comparisons,
  contradictsItself,
  coverageBelow,
  coverageNotMeasured,
  coverageOf,
  criticalChecksFailed,
  type Finding,
  fewerChecks,
  findViolations,
  isGap,
  judgedByItself,
  lowerCoverage,
  measured,
  performanceLost,
  quoted,
  ran,
  requiredNotRun,
  violations,
  whyNone,
  withOutcome,
} from './finding.ts';
import type { CheckId } from './ids.ts';
import type { Policy } from './policy.ts';
import type { Benchmark, RoundReport } from './report.ts';
import { TERMS_LAYER } from './terms.ts';

export type VerdictKind = 'approve' | 'deny' | 'escalate';

/** The reason as data (PROTOCOL section 5); `explain` turns it into a sentence. */
export type Reason = {
  /** Row of the verdict table, 1 to 13. */
  readonly row: number;
  /** Short stable word of the rule: `no-check-ran`, `third-denial`, `critical-violation`, `gap`, … */
  readonly rule: string;
  readonly check?: CheckId;
  readonly file?: string;
  readonly line?: number;
  /** A figure with its unit, as it is shown: `62 % < 80 %`. */
  readonly figure?: string;
  readonly detail?: string;
};

export type Verdict = { readonly kind: VerdictKind; readonly row: number; readonly reasons: readonly Reason[] };

/** What the last approved run of this workspace looked like: the base line for rows 5 and 11. */
export type Baseline = {
  readonly checks: readonly CheckId[];
  readonly coveragePercent: number | null;
  readonly benchmarks: readonly Benchmark[];
};

export type VerdictInput = {
  readonly report: RoundReport;
  readonly policy: Policy;
  readonly denialsInARow: number;
  readonly baseline: Baseline | null;
  /** Checks that this assignment declares as required (typed VerificationSteps and TestSteps). */
  readonly required: readonly CheckId[];
  /** Texts of boxes not ticked and criteria not mapped. */
  readonly openBoxes: readonly string[];
  readonly questions: readonly string[];
  /** Names of figures that the config asks for. */
  readonly benchmarks?: readonly string[];
};

type Matcher = (input: VerdictInput) => Finding[];
type Row = { readonly row: number; readonly rule: string; readonly kind: VerdictKind; readonly matches: Matcher };

/** Reports are foreign text: one with a million violations must not fill the journal. */
const REASONS_PER_ROW = 50;

/** Rows 3 to 7: what denies. Row 2 asks whether any of them matches. */
const DENYING: readonly Row[] = [
  {
    row: 3,
    rule: 'critical',
    kind: 'deny',
    matches: (input) => [...criticalChecksFailed(input), ...violations('CRITICAL', 'critical-violation')(input)],
  },
  {
    row: 4,
    rule: 'gap',
    kind: 'deny',
    matches: ({ report, policy }) => findViolations(judgedByItself(report), 'gap', (violation) => isGap(violation, policy)),
  },
  { row: 5, rule: 'performance', kind: 'deny', matches: performanceLost },
  { row: 6, rule: 'coverage-below', kind: 'deny', matches: coverageBelow },
  { row: 7, rule: 'high-violation', kind: 'deny', matches: violations('HIGH', 'high-violation') },
];

/** What makes a round mixed or unclear (row 11), a reason each. */
const UNCLEAR: readonly Matcher[] = [
  ({ report }) =>
    report.checks.filter((check) => check.outcome === 'failed' && !check.critical).map((check) => about(check, 'non-critical-failed')),
  ({ report }) => report.checks.filter(contradictsItself).map((check) => about(check, 'disagrees')),
  ({ report }) => findViolations(ran(report), 'medium-violation', (violation) => violation.severity === 'MEDIUM'),
  (input) => comparisons(input, (compared) => compared.result === 'unclear').map((compared) => measured(compared, 'performance-unclear')),
  benchmarksMissing,
  ({ report }) => report.checks.filter((check) => check.flaky).map((check) => about(check, 'flaky')),
  coverageNotMeasured,
  ({ report }) => report.uncovered.map((file) => ({ rule: 'not-covered', file })),
  requiredNotRun,
  fewerChecks,
  lowerCoverage,
  ({ openBoxes }) => openBoxes.map((text) => quoted('open-box', text)),
  ({ questions }) => questions.map((text) => quoted('question', text)),
];

const ROWS: readonly Row[] = [
  {
    row: 1,
    rule: 'no-check-ran',
    kind: 'escalate',
    matches: ({ report }) => (ran(report).length > 0 ? [] : [{ rule: 'no-check-ran', figure: whyNone(report) }]),
  },
  { row: 2, rule: 'third-denial', kind: 'escalate', matches: oneDenialTooMany },
  ...DENYING,
  { row: 8, rule: 'did-not-run', kind: 'escalate', matches: ({ report }) => withOutcome(report, 'did-not-run') },
  { row: 9, rule: 'failed-on-base', kind: 'escalate', matches: ({ report }) => withOutcome(report, 'failed-on-base') },
  {
    row: 10,
    rule: 'judge-touched',
    kind: 'escalate',
    matches: ({ report }) => report.judgeTouched.map((file) => ({ rule: 'judge-touched', file })),
  },
  { row: 11, rule: 'unclear', kind: 'escalate', matches: (input) => UNCLEAR.flatMap((matches) => matches(input)) },
  { row: 12, rule: 'all-passed', kind: 'approve', matches: allPassed },
  { row: 13, rule: 'anything-else', kind: 'escalate', matches: ({ report }) => [unusable(report) ?? { rule: 'anything-else' }] },
];

/** The table by number and name, for whoever shows it or holds something against it. */
export const VERDICT_ROWS: readonly Pick<Row, 'row' | 'rule'>[] = ROWS.map(({ row, rule }) => ({ row, rule }));

/** The one judge of a handoff (PROTOCOL section 5). Pure; the suite only reports. */
export function judge(input: VerdictInput): Verdict {
  // A round that is void, cancelled or broken says nothing: no row may read it, not even one that denies.
  const rows = unusable(input.report) === null ? ROWS : ROWS.slice(-1);
  const matching = rows.map((row) => ({ row, found: row.matches(input) })).filter(({ found }) => found.length > 0);
  // "Anything else" always matches, and counts only where nothing else does.
  const counted = matching.length > 1 ? matching.slice(0, -1) : matching;
  const [deciding] = counted;
  if (deciding === undefined) throw new Error('the verdict table has lost its last row');
  const reasons = counted.flatMap(({ row, found }) => capped(row, found).map((finding) => ({ row: row.row, ...finding })));
  return { kind: deciding.row.kind, row: deciding.row.row, reasons: [...reasons, ...firstFigures(input)] };
}

/** What a round leaves as the base line once it is approved: every check that it had, also those that nothing in the change touched. */
export function baselineOf(report: RoundReport): Baseline {
  return {
    // What one assignment asked for is not missed by the next.
    checks: report.checks.filter(({ layer }) => layer !== TERMS_LAYER).map(({ check }) => check),
    coveragePercent: coverageOf(report),
    benchmarks: recordBenchmarks(judgedByItself(report)),
  };
}

function oneDenialTooMany(input: VerdictInput): Finding[] {
  if (input.denialsInARow < input.policy.maxDenialsInARow || !DENYING.some((row) => row.matches(input).length > 0)) return [];
  return [{ rule: 'third-denial', figure: `${input.denialsInARow} in a row before this one` }];
}

/** Why the round itself gives no answer; null when it does. */
function unusable(report: RoundReport): Finding | null {
  if (report.trouble !== null) return quoted('anything-else', report.trouble);
  if (report.cancelled) return quoted('anything-else', 'the round was cancelled');
  return report.voided ? quoted('anything-else', 'the tree changed while it was judged') : null;
}

/** Row 5's parenthesis: a first figure without a target is only recorded, and the verdict says so. It blocks nothing. */
function firstFigures(input: VerdictInput): Reason[] {
  if (unusable(input.report) !== null) return [];
  const first = comparisons(input, ({ result, benchmark }) => result === 'first' && benchmark.target === undefined);
  return first.slice(0, REASONS_PER_ROW).map((compared) => ({ row: 12, ...measured(compared, 'baseline-recorded') }));
}

function capped(row: Row, found: Finding[]): Finding[] {
  if (found.length <= REASONS_PER_ROW) return found;
  return [...found.slice(0, REASONS_PER_ROW), { rule: 'more', figure: `${found.length - REASONS_PER_ROW} more of row ${row.row}` }];
}
