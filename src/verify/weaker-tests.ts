/** Tests that test less than before, and manifests whose change is none of the judge's business (PROTOCOL section 5, row 10). */
import type { ChangedFile, TreeRef } from '../core/report.ts';
import type { Trees } from '../git/trees.ts';

export type Between = { readonly trees: Trees; readonly base: TreeRef | null; readonly now: TreeRef; readonly signal?: AbortSignal };

const SKIPS =
  /\.(skip|skipIf|runIf|only|todo|fails|failing)\b|\b(xit|xdescribe|xtest|fit|fdescribe)\s*\(|\b(skip|only|todo)\s*:\s*(true|['"`])|pytest\.(skip|mark\.(skip|xfail))|unittest\.skip|\bt\.Skip|#\[ignore|@(Ignore|Disabled)\b/;
/** In a test that was there before: more patience or more attempts, faults swallowed, an end before the assertions, the tested thing replaced. */
const LENIENT =
  /\b(timeout|testTimeout|hookTimeout|retry|retries)\s*[:=]\s*\d|\b(jest|this|vi|mocha)\.(setTimeout|timeout|retries|retryTimes|setConfig)\s*\(|,\s*\d[\d_]{3,}\s*\)\s*;?\s*$|\bcatch\b|\bexcept\b|process\.exit|\bos\._exit|sys\.exit|os\.Exit|^\s*return\s*;?\s*$|\bif\s*\(?\s*(false|0|False)\b|\b(vi|jest)\.(mock|doMock|spyOn|stubGlobal)\s*\(|mock\.(module|method|patch)\b|sinon\.(stub|mock|replace)|@patch\b|proxyquire|rewire/;
/** Their expectations are lines like any other. */
const INLINE = /toMatchInlineSnapshot|toThrowErrorMatchingInlineSnapshot/;
const TEST_CASES = /\b(it|test|specify)(\.\w+)?\s*\(|\bdef test_|\bfunc Test[A-Z]|#\[test\]|@Test\b/;
const ASSERTIONS = /\bexpect\s*[.(]|\bassert\w*\b[\s.(!]|\.should\b|\bt\.(is|true|false|ok|equal|same|throws|like|deepEqual|Error|Fatal)/;
/** They hold in any program, so they say nothing about this one. */
const EMPTY =
  /expect\s*\(\s*(true|1|!0|'[^']*'|"[^"]*")\s*\)\s*\.\s*to|assert(\.ok)?\s*\(?\s*(true|True|1)\s*\)?\s*;?\s*$|assertTrue\(\s*(true|True)\s*\)/;
const COMMENT = /^\s*(\/\/|#(?!\[)|\*|\/\*|--)/;
/** A patch of more than this is not searched to its end: the file then counts as touched. */
const MAX_PATCH_BYTES = 4 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** Paths of these files in which a test was skipped, made to ask for less or for something else, or in which there are fewer of them. */
export async function weakerTests(tests: readonly ChangedFile[], { trees, base, now, signal }: Between): Promise<Set<string>> {
  const weaker = new Set<string>();
  for (const { path, status } of tests) {
    const patch = await trees.patch(base, now, { maxBytes: MAX_PATCH_BYTES, paths: [path], contextLines: 0 });
    const text = status === 'modified' ? await trees.content(now, path, MAX_PATCH_BYTES, signal) : null;
    if (patch.length >= MAX_PATCH_BYTES || testsLess(patch, status === 'modified', text ?? '')) weaker.add(path);
  }
  return weaker;
}

function testsLess(patch: string, wasThere: boolean, text: string): boolean {
  const { added, removed } = linesOf(patch);
  const count = (list: readonly string[], pattern: RegExp) => list.filter((line) => pattern.test(line)).length;
  if (added.some((line) => SKIPS.test(line))) return true;
  if (count(added, TEST_CASES) < count(removed, TEST_CASES)) return true;
  // An assertion that is gone or asks for something else; one that was moved or indented anew stands on both sides, and is in neither.
  if (removed.some((line) => ASSERTIONS.test(line) && !EMPTY.test(line))) return true;
  return wasThere && (added.some((line) => LENIENT.test(line)) || (removed.length > 0 && INLINE.test(text)));
}

/** What one side has and the other has not, without indentation and comments. */
function linesOf(patch: string): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const side = (sign: string) =>
    patch
      .split('\n')
      .filter((line) => line.startsWith(sign) && !line.startsWith(`${sign.repeat(3)} `))
      .map((line) => line.slice(1).trim())
      .filter((line) => line !== '' && !COMMENT.test(line));
  return { added: without(side('+'), side('-')), removed: without(side('-'), side('+')) };
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const there = left.get(line) ?? 0;
    left.set(line, there - 1);
    return there <= 0;
  });
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
