/** Which checks have something to do, and which changes nobody looks at (PROTOCOL section 4). */
import picomatch from 'picomatch';
import type { ChangedFile, CheckSpec } from '../core/report.ts';

/** Whether any of the globs matches; dot files match like others. */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true });
}

/** A check without `when` covers every file. One that `verification.ignore` names too still runs for it: rather once too often. */
export function hasWork(check: CheckSpec, changed: readonly ChangedFile[]): boolean {
  if (check.when.length === 0) return true;
  const covers = matcher(check.when);
  return changed.some((file) => covers(file.path));
}

/** Changed files, ignored ones apart, that no check covers. */
export function uncoveredFiles(checks: readonly CheckSpec[], changed: readonly ChangedFile[], ignore: readonly string[]): string[] {
  if (checks.some((check) => check.when.length === 0)) return [];
  const covered = matcher(checks.flatMap((check) => check.when));
  return counting(changed, ignore)
    .map((file) => file.path)
    .filter((path) => !covered(path));
}

/** Without the files that `verification.ignore` names. */
export function counting(changed: readonly ChangedFile[], ignore: readonly string[]): ChangedFile[] {
  const ignored = matcher(ignore);
  return changed.filter((file) => !ignored(file.path));
}
