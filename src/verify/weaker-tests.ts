/** Tests that test less than before, and manifests whose change is none of the judge's business (PROTOCOL section 5, row 10). */
import type { ChangedFile, TreeRef } from '../core/report.ts';
import type { Trees } from '../git/trees.ts';

export type Between = { readonly trees: Trees; readonly base: TreeRef | null; readonly now: TreeRef; readonly signal?: AbortSignal };

const SKIPS =
  /\.(skip|only|todo|fails)\b|\b(xit|xdescribe|xtest|fit|fdescribe)\s*\(|\b(skip|only|todo)\s*:\s*(true|['"`])|pytest\.(skip|mark\.(skip|xfail))|unittest\.skip|\bt\.Skip|#\[ignore|@(Ignore|Disabled)\b/;
const TEST_CASES = /\b(it|test|specify)(\.\w+)?\s*\(|\bdef test_|\bfunc Test[A-Z]|#\[test\]|@Test\b/;
const ASSERTIONS = /\bexpect\s*[.(]|\bassert\w*\b[\s.(!]|\.should\b|\bt\.(is|true|false|ok|equal|same|throws|like|deepEqual|Error|Fatal)/;
/** They hold in any program, so they say nothing about this one. */
const EMPTY =
  /expect\s*\(\s*(true|1|!0|'[^']*'|"[^"]*")\s*\)\s*\.\s*to|assert(\.ok)?\s*\(?\s*(true|True|1)\s*\)?\s*;?\s*$|assertTrue\(\s*(true|True)\s*\)/;
const COMMENT = /^\s*(\/\/|#(?!\[)|\*|\/\*|--)/;
/** POSIX, for git: finds the files worth reading. */
const MAYBE =
  '(skip|only|todo|fails|xit|xdescribe|xtest|fit|fdescribe|xfail|Skip|ignore|Ignore|Disabled|expect|assert|should|t\\.|it|test|specify|Test)';
/** A patch of more than this is not searched to its end: the file then counts as touched. */
const MAX_PATCH_BYTES = 4 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** Paths of these files in which a test was skipped, or tests or assertions became fewer. */
export async function weakerTests(tests: readonly ChangedFile[], { trees, base, now, signal }: Between): Promise<Set<string>> {
  const weaker = new Set<string>();
  if (tests.length === 0) return weaker;
  const maybe = new Set(await trees.changedLines(base, now, MAYBE, signal));
  for (const { path } of tests) {
    if (!maybe.has(path)) continue;
    const patch = await trees.patch(base, now, { maxBytes: MAX_PATCH_BYTES, paths: [path], contextLines: 0 });
    if (patch.length >= MAX_PATCH_BYTES || testsLess(patch)) weaker.add(path);
  }
  return weaker;
}

function testsLess(patch: string): boolean {
  const lines = patch.split('\n');
  const added = lines.filter((line) => line.startsWith('+') && !line.startsWith('+++ ')).map((line) => line.slice(1));
  const removed = lines.filter((line) => line.startsWith('-') && !line.startsWith('--- ')).map((line) => line.slice(1));
  const count = (list: readonly string[], pattern: RegExp) => list.filter((line) => pattern.test(line) && !COMMENT.test(line)).length;
  const meant = (list: readonly string[]) => list.filter((line) => !EMPTY.test(line));
  if (added.some((line) => SKIPS.test(line) && !COMMENT.test(line))) return true;
  return count(added, TEST_CASES) < count(removed, TEST_CASES) || count(meant(added), ASSERTIONS) < count(meant(removed), ASSERTIONS);
}

/** What of a `package.json` says how the tests run. */
const JUDGING: ReadonlySet<string> = new Set([
  'scripts',
  'jest',
  'vitest',
  'mocha',
  'ava',
  'c8',
  'nyc',
  'tap',
  'playwright',
  'type',
  'workspaces',
  'imports',
]);

/** A new dependency or another version does not touch the judge; what cannot be read may. */
export async function harmlessManifests(changed: readonly ChangedFile[], { trees, base, now, signal }: Between): Promise<Set<string>> {
  const harmless = new Set<string>();
  if (base === null) return harmless;
  for (const { path, status } of changed) {
    if (status !== 'modified' || !/(^|\/)package\.json$/.test(path)) continue;
    const [before, after] = await Promise.all([base, now].map((tree) => trees.content(tree, path, MAX_MANIFEST_BYTES, signal)));
    const [was, is] = [judging(before ?? null), judging(after ?? null)];
    if (was !== null && was === is) harmless.add(path);
  }
  return harmless;
}

function judging(text: string | null): string | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return JSON.stringify(
      Object.entries(value)
        .filter(([key]) => JUDGING.has(key))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  } catch {
    return null; // no manifest that anybody could read
  }
}
