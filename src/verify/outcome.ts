/** From how a check ended to its outcome and a clause that a person reads (PROTOCOL section 4). */
import { constants } from 'node:os';
import type { CheckSpec, Outcome } from '../core/report.ts';
import type { JsonReport, ReportReading } from './report-reader.ts';

export type Ending = {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What ended it before it ended by itself. */
  readonly stopped: 'cancelled' | 'timed-out' | null;
};

export type Judged = { readonly outcome: Outcome; readonly reason: string; readonly disagrees: boolean };

type Facts = { readonly spec: CheckSpec; readonly ending: Ending; readonly reading: ReportReading; readonly code: number };
type Row = { readonly when: (facts: Facts) => boolean; readonly outcome: Outcome; readonly reason: (facts: Facts) => string };

const FIRST_SIGNAL_CODE = 128;
const FAILURES_SHOWN = 3;

/** First match wins: whatever keeps a check from having run comes before what it says. */
const ROWS: readonly Row[] = [
  { when: ({ ending }) => ending.stopped === 'cancelled', outcome: 'did-not-run', reason: () => 'cancelled' },
  {
    when: ({ ending }) => ending.stopped === 'timed-out',
    outcome: 'did-not-run',
    reason: ({ spec }) => `timed out after ${seconds(spec.timeoutMs)} s`,
  },
  { when: ({ ending }) => ending.signal !== null, outcome: 'did-not-run', reason: ({ ending }) => `killed by ${ending.signal}` },
  {
    when: ({ spec, code }) => spec.notRunExitCodes.includes(code),
    outcome: 'did-not-run',
    reason: ({ code }) => `exit ${code} (by which this check says that it could not run)`,
  },
  { when: ({ code }) => code === 126, outcome: 'did-not-run', reason: () => 'exit 126 (not executable)' },
  { when: ({ code }) => code === 127, outcome: 'did-not-run', reason: () => 'exit 127 (command not found)' },
  { when: ({ code }) => code >= FIRST_SIGNAL_CODE, outcome: 'did-not-run', reason: ({ code }) => `exit ${code}${signalOf(code)}` },
  {
    when: ({ reading }) => reading.kind === 'unreadable',
    outcome: 'did-not-run',
    reason: ({ reading }) => `unreadable report: ${reading.kind === 'unreadable' ? reading.why : ''}`,
  },
  {
    when: ({ spec, reading, code }) => code === 0 && spec.report !== null && reading.kind === 'none',
    outcome: 'did-not-run',
    reason: ({ spec }) => `exit 0, but it wrote no report at ${spec.report}`,
  },
  { when: ({ reading }) => countedNothing(reading), outcome: 'did-not-run', reason: () => 'no test was counted' },
  { when: ({ code }) => code === 0, outcome: 'passed', reason: () => 'exit 0' },
  { when: () => true, outcome: 'failed', reason: ({ code }) => `exit ${code}` },
];

export function judgeEnding(spec: CheckSpec, ending: Ending, reading: ReportReading): Judged {
  const facts: Facts = { spec, ending, reading, code: ending.exitCode ?? -1 };
  const row = ROWS.find((candidate) => candidate.when(facts));
  if (row === undefined) throw new Error('the table of outcomes has no last row');
  const report = reading.kind === 'report' ? reading.report : null;
  const says = row.outcome === 'passed' ? saysFailure : row.outcome === 'failed' ? saysSuccess : null;
  const otherwise = report !== null && says?.(report) === true;
  const contradiction = says === null ? null : (report?.contradiction ?? null);
  const clauses = [
    `${row.reason(facts)}${otherwise ? ', and the report says otherwise' : ''}`,
    ...(contradiction === null ? [] : [`the report contradicts itself: ${contradiction}`]),
    ...failedTests(report),
  ];
  return { outcome: row.outcome, reason: clauses.join('; '), disagrees: otherwise || contradiction !== null };
}

function failedTests(report: JsonReport | null): string[] {
  const names = report?.failures ?? [];
  if (names.length === 0) return [];
  const shown = names.slice(0, FAILURES_SHOWN).map((name) => name.slice(0, 120));
  return [`failed: ${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`];
}

function saysFailure(report: JsonReport): boolean {
  const grave = report.violations.some((violation) => violation.severity === 'CRITICAL' || violation.severity === 'HIGH');
  return !report.success || grave || (report.tests?.failed ?? 0) > 0;
}

function saysSuccess(report: JsonReport): boolean {
  return report.success && report.violations.length === 0 && (report.tests?.failed ?? 0) === 0;
}

/** Tests that were all skipped have shown nothing either. */
function countedNothing(reading: ReportReading): boolean {
  if (reading.kind !== 'report' || reading.report.tests === null) return false;
  return reading.report.tests.passed + reading.report.tests.failed === 0;
}

/** What a shell answers when its last command was killed. */
function signalOf(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - FIRST_SIGNAL_CODE)?.[0];
  return name === undefined ? '' : ` (killed by ${name})`;
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
