/** placeholder while types settle; replaced by the whole table */
import type { CheckId } from './ids.ts';
import type { Policy } from './policy.ts';
import type { Benchmark, RoundReport } from './report.ts';

export type VerdictKind = 'approve' | 'deny' | 'escalate';

/** The reason as data (PROTOCOL section 5); `explain` turns it into a sentence. */
export type Reason = {
  /** Row of the verdict table, 1 to 13. */
  readonly row: number;
  /** Short stable word of the rule: `no-check-ran`, `third-denial`, `critical`, `gap`, … */
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
};

export declare function judge(input: VerdictInput): Verdict;
