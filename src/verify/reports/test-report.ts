/** What a standard test report says, whoever wrote it. */
import type { TestCounts } from '../../core/report.ts';

export type TestReport = {
  readonly tests: TestCounts;
  readonly success: boolean;
  /** Names of what failed; foreign text. */
  readonly failures: readonly string[];
  /** Its figures do not fit each other: one clause. */
  readonly contradiction: string | null;
};
