/** A check's own JSON report (PROTOCOL section 4): what it must look like, and everything that keeps one from being read. */

import { z } from 'zod';
import { counted } from '../core/counted.ts';
import { type Benchmark, SEVERITIES, type TestCounts, type Violation } from '../core/report.ts';

export type JsonReport = {
  readonly success: boolean;
  readonly violations: readonly Violation[];
  readonly benchmarks: readonly Benchmark[];
  readonly coveragePercent: number | null;
  readonly tests: TestCounts | null;
  /** What the check found to be there, for assignments that wait for it. */
  readonly provides?: readonly string[];
  /** false: it has looked at more than the tree. */
  readonly reuse?: false;
  /** Its figures do not fit each other: one clause. */
  readonly contradiction?: string | null;
  /** Names of the tests that failed. */
  readonly failures?: readonly string[];
};

export type ReportReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'report'; readonly report: JsonReport }
  | { readonly kind: 'unreadable'; readonly why: string };

const MAX_DEPTH = 64;
const MAX_TEXT = 4_000;
/** More would drown the one who reads them; the rest is counted in one violation of their worst severity. */
const MAX_VIOLATIONS = 500;
const MAX_BENCHMARKS = 500;
const MAX_PROVIDES = 5_000;

/** What a terminal would obey, and what would turn a line around. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

export const clean = (text: string): string => text.slice(0, MAX_TEXT).replace(CONTROL, '\uFFFD');
const text = z.string().transform(clean);
/** `expected: 100` and `actual: {…}` are common: they are shown as they stand. */
const anything = z
  .unknown()
  .transform((value) => (value == null ? null : clean(typeof value === 'string' ? value : JSON.stringify(value))))
  .optional();
const severity = z
  .string()
  .transform((word) => word.toUpperCase())
  .pipe(z.enum(SEVERITIES));
const count = z.number().int().nonnegative();

const violation = z.object({
  type: text,
  severity,
  description: text,
  layer: text.nullish(),
  expected: anything,
  actual: anything,
  threshold: anything,
  file: text.nullish(),
  line: z.number().int().nonnegative().nullish(),
  gap: z.boolean().nullish(),
});

const benchmark = z.object({
  name: text.pipe(z.string().min(1)),
  value: z.number(),
  unit: text.nullish(),
  better: z.enum(['lower', 'higher']),
  target: z.number().nullish(),
  tolerancePercent: z.number().nonnegative().nullish(),
});

const percent = z.number().min(0).max(100);
const lines = z.object({ lines: z.object({ pct: z.union([percent, z.literal('Unknown')]), total: count.nullish() }) });
/** All of no line is nothing that was measured. */
const pctOf = ({ lines: { pct, total } }: z.output<typeof lines>) => (pct === 'Unknown' || total === 0 ? null : pct);
/** A figure, or the shapes that coverage tools write. */
const coverage = z.union([
  percent,
  z.object({ percent }).transform((it) => it.percent),
  lines.transform((it) => pctOf(it)),
  z.object({ total: lines }).transform((it) => pctOf(it.total)),
]);

const tests = z
  .object({ total: count.nullish(), passed: count.nullish(), failed: count.nullish(), skipped: count.nullish() })
  .transform(({ total, passed, failed, skipped }): TestCounts => {
    const known = (passed ?? 0) + (failed ?? 0) + (skipped ?? 0);
    const all = total ?? known;
    return { total: all, passed: passed ?? Math.max(0, all - known), failed: failed ?? 0, skipped: skipped ?? 0 };
  })
  .refine((counts) => counts.passed + counts.failed + counts.skipped <= counts.total, 'more tests than the total');

const summary = z.object({ critical: count.nullish(), high: count.nullish(), medium: count.nullish(), low: count.nullish() });

const schema = z.object({
  success: z.boolean(),
  summary: summary.nullish().catch(null),
  violations: z.array(violation).nullish(),
  benchmarks: z.array(benchmark).max(MAX_BENCHMARKS).nullish(),
  coverage: coverage.nullish(),
  tests: tests.nullish(),
  provides: z.array(text).max(MAX_PROVIDES).nullish(),
  reuse: z.boolean().nullish(),
});

/** The report, or why it is none. One wrong field makes it unreadable: half a report could hide a violation. */
export function parseReport(json: string): { readonly report: JsonReport | null; readonly issues: readonly string[] } {
  const value = parseJson(json);
  return 'fault' in value ? { report: null, issues: [value.fault] } : readOwn(value.value);
}

/** JSON that nobody's stack overflows over. */
export function parseJson(json: string): { readonly value: unknown } | { readonly fault: string } {
  if (depthOf(json) > MAX_DEPTH) return { fault: `nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { value: JSON.parse(json) };
  } catch (error) {
    return { fault: clean(`no JSON: ${(error as Error).message}`) };
  }
}

export function readOwn(value: unknown): ReturnType<typeof parseReport> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    return {
      report: null,
      issues: parsed.error.issues.slice(0, 20).map((issue) => clean(`${issue.path.join('.') || 'report'}: ${issue.message}`)),
    };
  }
  const { success, violations, benchmarks, coverage: covered, tests: counts } = parsed.data;
  const report: JsonReport = {
    success,
    violations: worstFirst((violations ?? []).map((one) => withoutEmpty(one) as Violation)),
    benchmarks: (benchmarks ?? []).map((one) => withoutEmpty(one) as Benchmark),
    coveragePercent: covered ?? null,
    tests: counts ?? null,
    ...(parsed.data.provides == null ? {} : { provides: parsed.data.provides }),
    ...(parsed.data.reuse === false ? { reuse: false } : {}),
    contradiction: contradiction(parsed.data),
  };
  return { report, issues: [] };
}

/** What a report counts and what it lists must be the same. */
function contradiction({ summary: said, violations, tests: counts }: z.output<typeof schema>): string | null {
  for (const word of SEVERITIES) {
    const count = said?.[word.toLowerCase() as Lowercase<typeof word>];
    const listed = (violations ?? []).filter((one) => one.severity === word).length;
    if (count != null && count !== listed) return `it says ${count} ${word} and lists ${listed}`;
  }
  if (counts == null) return null;
  const sum = counts.passed + counts.failed + counts.skipped;
  return sum === counts.total ? null : `it says ${counted(counts.total, 'test')}, and its parts add up to ${sum}`;
}

/** Brackets outside of strings, counted before parsing: a deep document would overflow the stack of whoever walks it. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (quoted && code === 0x5c) at++;
    else if (code === 0x22) quoted = !quoted;
    else if (!quoted && (code === 0x5b || code === 0x7b)) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (code === 0x5d || code === 0x7d)) depth--;
  }
  return deepest;
}

function worstFirst(violations: readonly Violation[]): Violation[] {
  if (violations.length <= MAX_VIOLATIONS) return [...violations];
  const sorted = [...violations].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const rest = sorted.slice(MAX_VIOLATIONS);
  const more: Violation = {
    type: 'more-violations',
    severity: rest[0]?.severity ?? 'LOW',
    description: rest.length === 1 ? '1 more violation is not listed' : `${rest.length} more violations are not listed`,
  };
  return [...sorted.slice(0, MAX_VIOLATIONS), more];
}

/** An optional field that holds nothing is left out, as the types of the core want it. */
function withoutEmpty(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field != null));
}
