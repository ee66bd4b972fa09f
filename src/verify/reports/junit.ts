/** JUnit XML, as its many writers write it: the test cases are counted, and what the suites say of themselves is held against that. */
import { counted } from '../../core/counted.ts';
import type { TestReport } from './test-report.ts';
import { type Element, parseXml } from './xml.ts';

const FAILED: ReadonlySet<string> = new Set(['failure', 'error']);
const FAILED_WORDS: ReadonlySet<string> = new Set(['failed', 'failure', 'error', 'errored']);
const SKIPPED: ReadonlySet<string> = new Set(['skipped', 'disabled']);
const SUITES: ReadonlySet<string> = new Set(['testsuite', 'testsuites']);

export function readJunit(text: string): TestReport | { readonly fault: string } {
  const parsed = parseXml(text);
  if ('fault' in parsed) return { fault: `no JUnit report: ${parsed.fault}` };
  const { root } = parsed;
  if (!SUITES.has(root.name)) return { fault: `no JUnit report: its root is <${root.name.slice(0, 60)}>` };
  const cases = casesBelow(root);
  const failed = cases.filter(isFailed);
  const skipped = cases.filter((one) => !isFailed(one) && one.children.some(({ name }) => SKIPPED.has(name)));
  // A suite can break where no case stands: in what is done before or after all of them.
  const broken = suitesBelow(root).filter((suite) => suite.children.some(({ name }) => FAILED.has(name)));
  const tests = {
    total: cases.length,
    passed: cases.length - failed.length - skipped.length,
    failed: failed.length,
    skipped: skipped.length,
  };
  const failures = [...failed, ...broken].map(nameOf);
  return { tests, success: failures.length === 0, failures, contradiction: contradiction(root, tests) };
}

function casesBelow(element: Element): Element[] {
  return element.children.flatMap((child) => (child.name === 'testcase' ? [child] : SUITES.has(child.name) ? casesBelow(child) : []));
}

function suitesBelow(element: Element): Element[] {
  return [element, ...element.children.filter(({ name }) => SUITES.has(name)).flatMap(suitesBelow)];
}

function isFailed(testcase: Element): boolean {
  const word = testcase.attributes.get('result') ?? testcase.attributes.get('status') ?? '';
  return testcase.children.some(({ name }) => FAILED.has(name)) || FAILED_WORDS.has(word.toLowerCase());
}

function nameOf({ name, attributes }: Element): string {
  const parts = [attributes.get('classname') ?? attributes.get('file'), attributes.get('name')].filter((part) => part !== undefined);
  return parts.join(' ') || `an unnamed ${name}`;
}

/** What the root says of its own counts, added up over its suites where it says nothing. */
function contradiction(root: Element, tests: TestReport['tests']): string | null {
  const said = (names: readonly string[]): number | null => {
    const own = names.flatMap((name) => numberOf(root.attributes.get(name)));
    const list =
      own.length > 0
        ? own
        : root.children
            .filter(({ name }) => SUITES.has(name))
            .flatMap((suite) => names.flatMap((name) => numberOf(suite.attributes.get(name))));
    return list.length === 0 ? null : list.reduce((sum, one) => sum + one, 0);
  };
  const total = said(['tests']);
  if (total !== null && total !== tests.total) return `it says ${counted(total, 'test')} and holds ${tests.total}`;
  const failed = said(['failures', 'errors']);
  if (failed !== null && failed > 0 !== tests.failed > 0) return `it says ${failed} failed and holds ${tests.failed}`;
  return null;
}

function numberOf(text: string | undefined): number[] {
  return text !== undefined && /^\d{1,9}$/.test(text) ? [Number(text)] : [];
}
