/** A check's JSON report (PROTOCOL section 4): what it must look like, and everything that keeps one from being read. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { type Benchmark, SEVERITIES, type TestCounts, type Violation } from '../core/report.ts';

export type JsonReport = {
  readonly success: boolean;
  readonly violations: readonly Violation[];
  readonly benchmarks: readonly Benchmark[];
  readonly coveragePercent: number | null;
  readonly tests: TestCounts | null;
  /** What the check found to be there, for assignments that wait for it. */
  readonly provides?: readonly string[];
};

export type ReportReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'report'; readonly report: JsonReport }
  | { readonly kind: 'unreadable'; readonly why: string };

export const MAX_REPORT_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_TEXT = 4_000;
/** More would drown the one who reads them; the rest is counted in one violation of their worst severity. */
const MAX_VIOLATIONS = 500;
const MAX_BENCHMARKS = 500;
const MAX_PROVIDES = 5_000;

/** What a terminal would obey, and what would turn a line around. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const clean = (text: string): string => text.slice(0, MAX_TEXT).replace(CONTROL, '\uFFFD');
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
/** A figure, or the shapes that coverage tools write. */
const coverage = z.union([
  percent,
  z.object({ percent }).transform((it) => it.percent),
  z.object({ lines: z.object({ pct: percent }) }).transform((it) => it.lines.pct),
  z.object({ total: z.object({ lines: z.object({ pct: percent }) }) }).transform((it) => it.total.lines.pct),
]);

const tests = z
  .object({ total: count.nullish(), passed: count.nullish(), failed: count.nullish(), skipped: count.nullish() })
  .transform(({ total, passed, failed, skipped }): TestCounts => {
    const known = (passed ?? 0) + (failed ?? 0) + (skipped ?? 0);
    const all = total ?? known;
    return { total: all, passed: passed ?? Math.max(0, all - known), failed: failed ?? 0, skipped: skipped ?? 0 };
  })
  .refine((counts) => counts.passed + counts.failed + counts.skipped <= counts.total, 'more tests than the total');

const schema = z.object({
  success: z.boolean(),
  violations: z.array(violation).nullish(),
  benchmarks: z.array(benchmark).max(MAX_BENCHMARKS).nullish(),
  coverage: coverage.nullish(),
  tests: tests.nullish(),
  provides: z.array(text).max(MAX_PROVIDES).nullish(),
});

/** The report, or why it is none. One wrong field makes it unreadable: half a report could hide a violation. */
export function parseReport(json: string): { readonly report: JsonReport | null; readonly issues: readonly string[] } {
  if (depthOf(json) > MAX_DEPTH) return { report: null, issues: [`nested deeper than ${MAX_DEPTH} levels`] };
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (error) {
    return { report: null, issues: [clean(`no JSON: ${(error as Error).message}`)] };
  }
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
    ...(parsed.data.provides?.length ? { provides: parsed.data.provides } : {}),
  };
  return { report, issues: [] };
}

/** Reads the file without following a link, waiting for a pipe, or taking in more than the cap. */
export async function readReport(path: string, maxBytes = MAX_REPORT_BYTES): Promise<ReportReading> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const entry = await file.stat();
      if (!entry.isFile()) return unreadable('it is no regular file');
      const bytes = Buffer.alloc(Math.min(entry.size, maxBytes) + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = (await file.read(bytes, length, bytes.length - length, length)).bytesRead;
      if (length > maxBytes || entry.size > maxBytes) return unreadable(`larger than ${maxBytes} bytes`);
      const { report, issues } = parseReport(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length)));
      return report === null ? unreadable(issues.slice(0, 3).join('; ')) : { kind: 'report', report };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'none' };
    if (code === 'ELOOP') return unreadable('it is a symbolic link');
    return unreadable(code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : (error as Error).message);
  }
}

function unreadable(why: string): ReportReading {
  return { kind: 'unreadable', why };
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
    description: `${rest.length} more violations are not listed`,
  };
  return [...sorted.slice(0, MAX_VIOLATIONS), more];
}

/** An optional field that holds nothing is left out, as the types of the core want it. */
function withoutEmpty(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field != null));
}
