/** The JSON of jest and of vitest, which writes the same shape. */

import { z } from 'zod';
import { counted } from '../../core/counted.ts';
import type { TestReport } from './test-report.ts';

const count = z.number().int().nonnegative();
const schema = z.object({
  success: z.boolean().nullish(),
  numTotalTests: count,
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count.nullish(),
  numTodoTests: count.nullish(),
  numFailedTestSuites: count.nullish(),
  numRuntimeErrorTestSuites: count.nullish(),
  testResults: z.array(
    z.object({
      name: z.string().nullish(),
      status: z.string().nullish(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string().nullish(), title: z.string().nullish() })).nullish(),
    }),
  ),
});

/** Whether a document is one at all, before its shape is looked at closely. */
export function looksLikeJest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'numTotalTests' in value && 'testResults' in value;
}

export function readJest(value: unknown): TestReport | { readonly fault: string } {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `no report of jest or vitest: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
  }
  const report = parsed.data;
  const cases = report.testResults.flatMap((file) => file.assertionResults ?? []);
  const failed = cases.filter(({ status }) => status === 'failed');
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && (file.assertionResults ?? []).every(({ status }) => status !== 'failed'),
  );
  const brokenSuites = Math.max(report.numRuntimeErrorTestSuites ?? 0, broken.length);
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  const tests = {
    total: report.numTotalTests,
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, failed.length),
    skipped,
  };
  return {
    tests,
    success: report.success !== false && tests.failed === 0 && brokenSuites === 0 && (report.numFailedTestSuites ?? 0) === 0,
    failures: [
      ...failed.map((one) => one.fullName ?? one.title ?? 'an unnamed test'),
      ...broken.map((file) => `${file.name ?? 'a file'} could not be loaded`),
    ],
    contradiction: contradiction(report, cases.length, failed.length),
  };
}

function contradiction(report: z.infer<typeof schema>, held: number, failed: number): string | null {
  const { numTotalTests: total, numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report;
  const sum = passed + numFailedTests + (numPendingTests ?? 0) + (numTodoTests ?? 0);
  if (sum !== total) return `it says ${counted(total, 'test')}, and its parts add up to ${sum}`;
  if (held !== total) return `it says ${counted(total, 'test')} and holds ${held}`;
  if (numFailedTests !== failed) return `it says ${numFailedTests} failed and holds ${failed}`;
  return null;
}
