/** What checks are, and what they found. The suite reports; only the verdict judges (PROTOCOL section 4). */
import type { CheckId, HandoffId, Ms } from './ids.ts';

export type CheckPhase = 'pre' | 'integration';

export type CheckSpec = {
  readonly id: CheckId;
  readonly phase: CheckPhase;
  /** database, ipc, cache, filesystem, e2e, component, service, performance, or a word of the user's. */
  readonly layer: string;
  /** A shell command line, run in `cwd` (relative to the judged tree's root). */
  readonly command: string;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly critical: boolean;
  /** Globs over changed files; empty means: every file. */
  readonly when: readonly string[];
  readonly needs: readonly CheckId[];
  /** Exit codes by which this check says that it could not run. */
  readonly notRunExitCodes: readonly number[];
  /** false: what it says rests on more than the tree, so no result of it is used again. */
  readonly reuse?: boolean | undefined;
  /** Where the check leaves its JSON report; null: the path given to it in COORDTUI_REPORT. */
  readonly report: string | null;
  /** Where the check leaves its coverage (lcov, or istanbul's JSON), when not in its report. */
  readonly coverage?: string | null | undefined;
};

/** Five-valued (PROTOCOL section 4). `did-not-run` and `skipped` never count as passed. */
const OUTCOMES = ['passed', 'failed', 'failed-on-base', 'did-not-run', 'skipped'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Violation = {
  readonly type: string;
  readonly severity: Severity;
  readonly description: string;
  readonly layer?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly threshold?: string;
  readonly file?: string;
  readonly line?: number;
  /** The check itself says that this is an integration gap. */
  readonly gap?: boolean;
};

export type Benchmark = {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  readonly better: 'lower' | 'higher';
  readonly target?: number;
  /** Percent by which it may be worse than the last approved run; the policy's when absent. */
  readonly tolerancePercent?: number;
};

export type TestCounts = {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export type CheckReport = {
  readonly check: CheckId;
  readonly phase: CheckPhase;
  readonly layer: string;
  readonly critical: boolean;
  readonly command: string;
  readonly outcome: Outcome;
  /** One clause that a person reads: "exit 1", "timed out after 600 s", "skipped (needs unit)". */
  readonly reason: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: Ms;
  readonly durationMs: number;
  readonly tests: TestCounts | null;
  readonly violations: readonly Violation[];
  readonly benchmarks: readonly Benchmark[];
  readonly coveragePercent: number | null;
  /** What the check has found to be there: `table orders`, `route GET /orders`, `handler orders:create`. */
  readonly provides?: readonly string[];
  /** The exit code says one thing and the report another. */
  readonly disagrees: boolean;
  /** Same tree, different outcomes. */
  readonly flaky: boolean;
  /** Path of the log, relative to the evidence bundle, and what it hashed to when sealed. */
  readonly log: string | null;
  readonly logSha256: string | null;
  /** It did not run now: an earlier result is used again, since all that it rests on is the same. */
  readonly reused?: boolean;
  /** Its report says that it has looked at more than the tree: this result is not used again. */
  readonly lasting?: false;
  /** What the same check did on the base, when it failed and was run there too. */
  readonly onBase?: Pick<CheckReport, 'outcome' | 'reason' | 'exitCode' | 'durationMs' | 'log' | 'logSha256'>;
};

export type ChangedFile = {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted';
  readonly added: number;
  readonly removed: number;
};

/** A tree as git names it: the commit it stands on and the hash over everything, uncommitted work included. */
export type TreeRef = { readonly commit: string | null; readonly tree: string };

export type RoundReport = {
  readonly handoff: HandoffId;
  readonly epoch: number;
  readonly base: TreeRef | null;
  readonly judged: TreeRef | null;
  readonly judgedAfter: TreeRef | null;
  /** The tree changed while it was judged: the round says nothing. */
  readonly voided: boolean;
  readonly cancelled: boolean;
  /** Set when the suite itself could not work (no git, no disk): one sentence. */
  readonly trouble: string | null;
  readonly changed: readonly ChangedFile[];
  /** Changed files that belong to the judge: config, check scripts, test runners' config, deleted or skipped tests. */
  readonly judgeTouched: readonly string[];
  /** Changed files that no check covers. */
  readonly uncovered: readonly string[];
  readonly checks: readonly CheckReport[];
  readonly startedAt: Ms;
  readonly finishedAt: Ms;
  /** Directory of the sealed bundle relative to the workspace, and the sha256 of its `bundle.json`. */
  readonly evidence: { readonly path: string; readonly sha256: string } | null;
};
