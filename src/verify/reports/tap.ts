/** The Test Anything Protocol, 12 to 14, line by line: only the outermost level is counted, as its plan does. */
import { counted } from '../../core/counted.ts';
import type { TestReport } from './test-report.ts';

const PLAN = /^1\.\.(\d{1,9})(?:\s|$)/;
const POINT = /^(not )?ok\b\s*(\d*)\s*(?:- ?)?(.*)$/;
const DIRECTIVE = /(?:^|[^\\])#\s*(skip|todo)\b/i;
const VERSION = /^TAP version 1[2-4]\s*$/;

export type TapReader = {
  line(text: string): void;
  /** null: not one line of it was TAP. */
  end(): TestReport | null;
};

/** `needsVersion`: nothing counts before the line that says it is TAP, as in output that holds other things as well. */
export function createTapReader(needsVersion: boolean): TapReader {
  let begun = !needsVersion;
  let seen = false;
  let plan: number | null = null;
  let bailed = false;
  let passed = 0;
  let skipped = 0;
  const failures: string[] = [];

  return {
    line(text) {
      if (VERSION.test(text)) begun = true;
      if (!begun) return;
      const planned = PLAN.exec(text);
      if (planned !== null) {
        seen = true;
        plan = (plan ?? 0) + Number(planned[1]);
        return;
      }
      if (text.startsWith('Bail out!')) {
        seen = true;
        bailed = true;
        return;
      }
      const point = POINT.exec(text);
      if (point === null) return;
      seen = true;
      const what = point[3] ?? '';
      const directive = DIRECTIVE.exec(what)?.[1]?.toLowerCase();
      if (directive === 'skip' || (directive === 'todo' && point[1] !== undefined)) skipped++;
      else if (point[1] === undefined) passed++;
      else failures.push(what || `test ${point[2]}`);
    },
    end() {
      if (!seen) return null;
      const total = passed + skipped + failures.length;
      const contradiction =
        plan === null ? 'it has no plan' : plan === total ? null : `it plans ${counted(plan, 'test')} and holds ${total}`;
      return {
        tests: { total, passed, failed: failures.length, skipped },
        success: failures.length === 0 && !bailed,
        failures: bailed ? [...failures, 'it bailed out'] : failures,
        contradiction,
      };
    },
  };
}

/** A file that is nothing but TAP. */
export function readTap(text: string): TestReport | null {
  const reader = createTapReader(false);
  for (const line of text.split('\n')) reader.line(line.replace(/\r$/, ''));
  return reader.end();
}
