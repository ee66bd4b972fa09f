/** Lines by which a program tells its judges to look away, or asks whether it is being judged (PROTOCOL section 5, row 10). */
import type { ChangedFile } from '../core/report.ts';
import type { Between } from './weaker-tests.ts';

const AWAY =
  /(istanbul|c8|v8|node:coverage)\s+(ignore|disable)|pragma:\s*no\s*cover|eslint-disable|biome-ignore|@ts-(nocheck|ignore)|#\s*(type:\s*ignore|noqa)|nolint|rubocop:disable|phpstan-ignore|#\[allow\(|\b(VITEST|JEST_WORKER_ID|PYTEST_CURRENT_TEST|COORDTUI_(CHECK|REPORT))\b/;
/** POSIX, for git: finds the files worth reading. */
const MAYBE =
  '(istanbul|c8|v8|node:coverage|no *cover|eslint-disable|biome-ignore|@ts-|type: *ignore|noqa|nolint|rubocop|phpstan|allow|VITEST|JEST_WORKER|PYTEST_CURRENT|COORDTUI_)';
const PROSE = /\.(md|mdx|txt|rst|adoc|lock)$|(^|\/)package-lock\.json$/;
const MAX_PATCH_BYTES = 4 * 1024 * 1024;

/** Paths of the changed files in which such a line is new. */
export async function lookedAway(changed: readonly ChangedFile[], { trees, base, now, signal }: Between): Promise<Set<string>> {
  const away = new Set<string>();
  if (base === null) return away; // everything is new: nothing was hidden that had been looked at
  const maybe = new Set(await trees.changedLines(base, now, MAYBE, signal));
  for (const { path, status } of changed) {
    if (status === 'deleted' || PROSE.test(path) || !maybe.has(path)) continue;
    const patch = await trees.patch(base, now, { maxBytes: MAX_PATCH_BYTES, paths: [path], contextLines: 0 });
    // Most of these are comments, so comments are looked at here.
    const side = (sign: string) =>
      patch.split('\n').filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)) && AWAY.test(line));
    if (side('+').length > side('-').length) away.add(path);
  }
  return away;
}
