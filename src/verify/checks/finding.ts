/** What a shipped check found, and the report that it leaves (PROTOCOL section 4). */
import { writeFileSync } from 'node:fs';
import { SEVERITIES, type Severity } from '../../core/report.ts';

export type Finding = {
  /** Stable word; those of the policy's gap list deny by themselves (PROTOCOL section 5, row 4). */
  readonly type: string;
  readonly severity: Severity;
  /** What is wrong, one sentence without a full stop. */
  readonly description: string;
  /** How to put it right. */
  readonly hint: string;
  readonly file?: string;
  readonly line?: number;
  readonly expected?: string;
  readonly actual?: string;
  readonly threshold?: string;
};

export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower';
  readonly target?: number;
};

/** `ran: false`: there was nothing that it could read, which is not the same as nothing wrong. */
export type CheckResult =
  | {
      readonly ran: true;
      readonly findings: readonly Finding[];
      /** Counts of what was looked at, and of what could not be. */
      readonly looked: Readonly<Record<string, number | string>>;
      readonly figures?: readonly Figure[];
      /** What it has found to be there: `table orders`, `route GET /orders/:id`, `handler orders:create` (PROTOCOL section 6). */
      readonly provides?: readonly string[];
      /** false: what was found rests on more than the tree, such as a database that runs. */
      readonly reuse?: false;
    }
  | { readonly ran: false; readonly why: string; readonly hint: string };

export type Report = {
  readonly check: string;
  readonly success: boolean;
  readonly violations: readonly object[];
  readonly summary: Readonly<Record<string, number | string>>;
  readonly benchmarks?: readonly Figure[];
  readonly provides?: readonly string[];
  readonly reuse?: false;
};

/** More than that no report may name; what is left out is only not known to be there. */
const MAX_PROVIDES = 5_000;
const MAX_NAME = 300;

/** CRITICAL and HIGH fail the check; the rest is for the verdict to weigh. */
export function reportOf(check: string, layer: string, result: Extract<CheckResult, { ran: true }>): Report {
  const findings = sorted(result.findings);
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const [critical, high, medium, low] = [count('CRITICAL'), count('HIGH'), count('MEDIUM'), count('LOW')];
  return {
    check,
    success: critical + high === 0,
    violations: findings.map(({ hint, description, ...rest }) => ({
      ...rest,
      layer,
      // Whoever reads the report by the protocol's fields alone is told the repair as well.
      description: `${description}. Repair: ${hint}`,
      hint,
    })),
    summary: { critical, high, medium, low, ...result.looked },
    ...(result.figures === undefined || result.figures.length === 0 ? {} : { benchmarks: result.figures }),
    ...(result.provides === undefined ? {} : { provides: namesOf(result.provides) }),
    ...(result.reuse === false ? { reuse: false } : {}),
  };
}

/** Each once and in order, so that two runs say the same. */
function namesOf(provides: readonly string[]): string[] {
  return [...new Set(provides)]
    .filter((name) => name.length <= MAX_NAME)
    .sort()
    .slice(0, MAX_PROVIDES);
}

/** Worst first, then by place: two runs over the same tree say the same in the same order. */
function sorted(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) seen.set(`${finding.type} ${finding.file} ${finding.line} ${finding.description}`, finding);
  return [...seen.values()].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      (a.file ?? '').localeCompare(b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      a.type.localeCompare(b.type),
  );
}

/** @throws when the place that the suite gave cannot be written: then there is no report, and the check did not run */
export function leaveReport(path: string, report: object): void {
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

/** Names, paths and values of a project may hold what a terminal would obey. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

export function textOf(result: Extract<CheckResult, { ran: true }>, report: Report): string {
  const clean = (text: string) => text.replace(CONTROL, '\uFFFD');
  const lines = sorted(result.findings).flatMap((finding) => {
    const place = finding.file === undefined ? '' : `${finding.file}${finding.line === undefined ? '' : `:${finding.line}`}  `;
    return [clean(`${finding.severity.padEnd(8)} ${place}${finding.type}: ${finding.description}`), clean(`         → ${finding.hint}`)];
  });
  const looked = Object.entries(report.summary).map(([name, value]) => `${name} ${value}`);
  return [...lines, clean(`${report.check}: ${report.success ? 'passed' : 'failed'}; ${looked.join(', ')}`)].join('\n');
}
