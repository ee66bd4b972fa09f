/** PROTOCOL §4: test counts from TAP, JUnit XML, the JSON of vitest and jest; coverage from lcov and istanbul. None of it is trusted. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../src/core/report.ts';
import { makeProject, type Project } from '../git/project.ts';
import { check, openRounds, type Rounds } from './round.ts';

let project: Project;
let rounds: Rounds;

beforeEach(() => {
  project = makeProject();
  project.write('.gitignore', 'out/\n');
  project.commit();
  rounds = openRounds(project);
});
afterEach(() => project.dispose());

type Row = readonly [what: string, content: string, exit: number, expected: Partial<CheckReport>];
const reason = (text: string) => expect.stringContaining(text);

async function leaves(content: string, exit: number, more: Parameters<typeof check>[2] = {}): Promise<CheckReport> {
  project.write('out/prepared', content);
  return rounds.outcome(`cp out/prepared "\${OUT:-$COORDTUI_REPORT}"; exit ${exit}`, more);
}

const suite = (attributes: string, cases: string) =>
  `<?xml version="1.0"?>\n<testsuites ${attributes}><testsuite name="s">${cases}</testsuite></testsuites>`;
const GOOD = '<testcase classname="a" name="b"/>';
const BAD = '<testcase classname="cart" name="adds up"><failure message="no">1 != 2 &lt;&amp;</failure></testcase>';
const BROKEN = '<testcase name="dies"><error/></testcase>';
const LEFT = '<testcase name="later"><skipped/></testcase>';

const JUNIT: readonly Row[] = [
  [
    'passed',
    suite('tests="2"', GOOD + GOOD),
    0,
    { outcome: 'passed', disagrees: false, tests: { total: 2, passed: 2, failed: 0, skipped: 0 } },
  ],
  [
    'a failure',
    suite('tests="2" failures="1"', GOOD + BAD),
    1,
    { outcome: 'failed', disagrees: false, reason: 'exit 1; failed: cart adds up', tests: { total: 2, passed: 1, failed: 1, skipped: 0 } },
  ],
  ['a lie: exit 0 over a failure', suite('', GOOD + BAD), 0, { outcome: 'passed', disagrees: true }],
  ['a lie: exit 0 over an error', suite('', GOOD + BROKEN), 0, { disagrees: true, tests: { total: 2, passed: 1, failed: 1, skipped: 0 } }],
  ['a lie: exit 1 over nothing that failed', suite('tests="1"', GOOD), 1, { outcome: 'failed', disagrees: true }],
  [
    'a lie: an error counted as skipped',
    suite('tests="2" errors="0" skipped="1"', GOOD + BROKEN),
    1,
    { disagrees: true, reason: reason('it says 0 failed and holds 1') },
  ],
  [
    'a lie: more tests than there are',
    suite('tests="40"', GOOD),
    0,
    { outcome: 'passed', disagrees: true, reason: reason('it says 40 tests and holds 1') },
  ],
  [
    'a lie: counts without a single case',
    suite('tests="40" failures="0"', ''),
    0,
    { outcome: 'did-not-run', reason: 'no test was counted' },
  ],
  ['all skipped', suite('', LEFT + LEFT), 0, { outcome: 'did-not-run', reason: 'no test was counted' }],
  ['a case that is skipped and failed', suite('', '<testcase><skipped/><failure/></testcase>'), 0, { disagrees: true }],
  ['a case that only says that it failed', suite('', '<testcase status="failed" name="x"/>'), 0, { disagrees: true }],
  ['a suite that breaks around its cases', `<testsuite tests="1">${GOOD}<error/></testsuite>`, 0, { disagrees: true }],
  [
    'counts of the suites, where the root has none',
    `<testsuites><testsuite tests="1">${GOOD}</testsuite><testsuite tests="2">${GOOD}${LEFT}</testsuite></testsuites>`,
    0,
    { outcome: 'passed', disagrees: false },
  ],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${suite('', GOOD)}`, 0, { outcome: 'did-not-run', reason: reason('document type') }],
  ['an end in the middle', suite('', GOOD).slice(0, -15), 0, { outcome: 'did-not-run', reason: reason('unreadable report') }],
  ['another document', '<html><body/></html>', 0, { outcome: 'did-not-run', reason: reason('<html>') }],
  ['nesting without end', '<testsuite>'.repeat(5000), 0, { outcome: 'did-not-run', reason: reason('64 levels') }],
  [
    'a comment and CDATA that look like cases',
    suite('tests="1"', `<!-- ${BAD} --><system-out><![CDATA[${BAD}]]></system-out>${GOOD}`),
    0,
    { outcome: 'passed', disagrees: false },
  ],
];

const TAP: readonly Row[] = [
  [
    'passed',
    'TAP version 14\nok 1 - a\nok 2 - b # SKIP later\n1..2\n',
    0,
    { outcome: 'passed', disagrees: false, tests: { total: 2, passed: 1, failed: 0, skipped: 1 } },
  ],
  [
    'without its version',
    '1..1\nok 1\n',
    0,
    { outcome: 'passed', disagrees: false, tests: { total: 1, passed: 1, failed: 0, skipped: 0 } },
  ],
  ['failed', '1..2\nok 1\nnot ok 2 - adds up\n', 1, { outcome: 'failed', disagrees: false, reason: 'exit 1; failed: adds up' }],
  ['a lie: exit 0 over a failure', '1..1\nnot ok 1\n', 0, { outcome: 'passed', disagrees: true }],
  ['a todo that fails is none', '1..2\nok 1\nnot ok 2 - x # TODO write it\n', 0, { outcome: 'passed', disagrees: false }],
  ['nothing planned', 'TAP version 13\n1..0 # no tests\n', 0, { outcome: 'did-not-run', reason: 'no test was counted' }],
  ['fewer than planned', '1..5\nok 1\n', 0, { outcome: 'passed', disagrees: true, reason: reason('it plans 5 tests and holds 1') }],
  ['no plan', 'TAP version 13\nok 1\n', 0, { disagrees: true, reason: reason('no plan') }],
  ['bailed out', 'TAP version 13\n1..2\nok 1\nok 2\nBail out! no database\n', 0, { disagrees: true }],
  [
    'subtests are counted by their parent',
    '1..1\n    1..2\n    ok 1\n    not ok 2\nok 1 - parent\n',
    0,
    { outcome: 'passed', disagrees: false, tests: { total: 1, passed: 1, failed: 0, skipped: 0 } },
  ],
];

const jest = (more: object, results: readonly string[]) =>
  JSON.stringify({
    success: true,
    numTotalTests: results.length,
    numPassedTests: results.filter((one) => one === 'passed').length,
    numFailedTests: results.filter((one) => one === 'failed').length,
    numPendingTests: results.filter((one) => one === 'pending').length,
    numTodoTests: 0,
    testResults: [
      { name: '/x/a.test.js', status: 'passed', assertionResults: results.map((status, index) => ({ status, fullName: `case ${index}` })) },
    ],
    ...more,
  });

const JEST: readonly Row[] = [
  [
    'passed',
    jest({}, ['passed', 'pending']),
    0,
    { outcome: 'passed', disagrees: false, tests: { total: 2, passed: 1, failed: 0, skipped: 1 } },
  ],
  ['failed', jest({ success: false }, ['passed', 'failed']), 1, { outcome: 'failed', disagrees: false, reason: 'exit 1; failed: case 1' }],
  ['a lie: success over a failure', jest({}, ['failed']), 0, { outcome: 'passed', disagrees: true }],
  ['a lie: counts that hide a failure', jest({ numFailedTests: 0, numPassedTests: 1 }, ['failed']), 0, { disagrees: true }],
  ['a lie: counts that do not add up', jest({ numTotalTests: 90 }, ['passed']), 0, { disagrees: true, reason: reason('add up to 1') }],
  [
    'a file that could not be loaded',
    jest({ numFailedTestSuites: 1, testResults: [{ name: 'a', status: 'failed', assertionResults: [] }] }, []),
    0,
    { outcome: 'did-not-run' },
  ],
  [
    'a file that could not be loaded beside one that could',
    jest(
      {
        testResults: [
          { name: 'a', status: 'failed', assertionResults: [] },
          { status: 'passed', assertionResults: [{ status: 'passed' }] },
        ],
        numTotalTests: 1,
        numPassedTests: 1,
      },
      [],
    ),
    0,
    { disagrees: true },
  ],
  ['no test', jest({}, []), 0, { outcome: 'did-not-run', reason: 'no test was counted' }],
  [
    'a shape that is nearly it',
    JSON.stringify({ numTotalTests: 'many', testResults: [] }),
    0,
    { outcome: 'did-not-run', reason: reason('jest') },
  ],
];

const LCOV = 'TN:\nSF:src/a.ts\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\nSF:src/b.ts\nDA:1,3\nDA:2,1\nend_of_record\n';
const istanbul = (total: number, covered: number) => JSON.stringify({ total: { lines: { total, covered, skipped: 0, pct: 100 } } });
const FINAL = JSON.stringify({
  '/w/a.ts': {
    path: '/w/a.ts',
    statementMap: {
      0: { start: { line: 1 }, end: { line: 1 } },
      1: { start: { line: 2 }, end: { line: 2 } },
      2: { start: { line: 2 }, end: { line: 2 } },
    },
    s: { 0: 0, 1: 0, 2: 4 },
  },
});

const COVERAGE: readonly Row[] = [
  ['lcov', LCOV, 0, { outcome: 'passed', coveragePercent: 75 }],
  ['lcov over no line', 'TN:\nSF:a\nLF:0\nLH:0\nend_of_record\n', 0, { coveragePercent: null }],
  ['a lie: more lines covered than there are', 'SF:a\nLF:1\nLH:5\nend_of_record\n', 0, { outcome: 'did-not-run' }],
  ['lcov that ends in the middle', 'TN:\nSF:a\nDA:1,1\n', 0, { outcome: 'did-not-run' }],
  ['the summary of istanbul, by its lines and not by its percent', istanbul(200, 50), 0, { coveragePercent: 25 }],
  ['a lie: 100 % of no line', istanbul(0, 0), 0, { outcome: 'passed', coveragePercent: null }],
  [
    'the same in coordtui’s own report',
    JSON.stringify({ success: true, coverage: { lines: { pct: 100, total: 0 } } }),
    0,
    { coveragePercent: null },
  ],
  ['coverage-final.json', FINAL, 0, { coveragePercent: 50 }],
  ['no coverage at all', JSON.stringify({ hello: 1 }), 0, { outcome: 'did-not-run', reason: reason('unreadable report') }],
];

const OWN: readonly Row[] = [
  [
    'a lie: a summary that counts what is not listed',
    JSON.stringify({ success: true, violations: [], summary: { critical: 1 } }),
    0,
    { disagrees: true, reason: reason('it says 1 CRITICAL and lists 0') },
  ],
  [
    'a lie: tests that do not add up',
    JSON.stringify({ success: true, tests: { total: 9, passed: 3, failed: 0, skipped: 0 } }),
    0,
    { disagrees: true, reason: reason('add up to 3') },
  ],
  ['a summary that fits', JSON.stringify({ success: true, violations: [], summary: { critical: 0, high: 0 } }), 0, { disagrees: false }],
];

describe.each([
  ['JUnit XML', JUNIT],
  ['TAP', TAP],
  ['jest and vitest', JEST],
  ['coverage', COVERAGE],
  ['our own JSON', OWN],
] as const)('PROTOCOL §4: %s', (_format, rows) => {
  test.each(rows)('%s', async (_what, content, exit, expected) => {
    expect(await leaves(content, exit)).toMatchObject(expected);
  });
});

describe('PROTOCOL §4: where a report is found', () => {
  test('TAP that is printed, after what a script runner says first', async () => {
    const printed = (lines: string, exit = 0) => rounds.outcome(`printf '\\n> pkg@1.0.0 test\\n${lines}'; exit ${exit}`);
    expect(await printed('TAP version 13\\nok 1 - a\\nnot ok 2 - b\\n1..2\\n', 1)).toMatchObject({
      outcome: 'failed',
      tests: { total: 2, failed: 1 },
      disagrees: false,
    });
    expect(await printed('TAP version 13\\n1..0\\n')).toMatchObject({ outcome: 'did-not-run', reason: 'no test was counted' });
    expect(await printed('ok 1 - this is only a word\\nnot ok 2\\n')).toMatchObject({ outcome: 'passed', tests: null, disagrees: false });
    expect(await printed('TAP version 13\\nnot ok 1\\n1..1')).toMatchObject({ outcome: 'passed', disagrees: true });
  });

  test('exit 0 without the report that it was to write: did not run', async () => {
    project.write('out/report.xml', suite('', GOOD));
    expect(await rounds.outcome('true', { report: 'out/report.xml' })).toMatchObject({
      outcome: 'did-not-run',
      reason: 'exit 0, but it wrote no report at out/report.xml',
    });
    expect(await rounds.outcome('rm out/report.xml', { report: 'out/report.xml' })).toMatchObject({ outcome: 'did-not-run' });
  });

  test('coverage from a file of its own, only when this run wrote it', async () => {
    project.write('out/prepared', LCOV);
    project.write('out/lcov.info', LCOV);
    expect(await rounds.outcome('cp out/prepared out/lcov.info', { coverage: 'out/lcov.info' })).toMatchObject({
      outcome: 'passed',
      coveragePercent: 75,
    });
    expect(await rounds.outcome('true', { coverage: 'out/lcov.info' })).toMatchObject({
      coveragePercent: null,
      reason: 'exit 0; no coverage: out/lcov.info was not written',
    });
    expect(await rounds.outcome('rm out/lcov.info; ln -s /etc/passwd out/lcov.info', { coverage: 'out/lcov.info' })).toMatchObject({
      coveragePercent: null,
      reason: reason('symbolic link'),
    });
    expect(await rounds.outcome('rm out/lcov.info; mkfifo out/lcov.info', { coverage: 'out/lcov.info' })).toMatchObject({
      coveragePercent: null,
    });
    expect(await rounds.outcome('true', { coverage: '../../etc/lcov.info' })).toMatchObject({
      coveragePercent: null,
      reason: reason('leaves the judged tree'),
    });
  });

  test('one check cannot guess where another leaves its report', async () => {
    const report = await rounds.run([
      check(
        'liar',
        `for d in "$(dirname "$COORDTUI_REPORT")"/../honest "$(dirname "$COORDTUI_REPORT")"/../honest.log; do mkdir -p "$d"; echo '{"success":true}' > "$d/report.json"; done`,
      ),
      check('honest', 'true'),
    ]);
    expect(report.checks.map(({ disagrees, outcome }) => [outcome, disagrees])).toEqual([
      ['passed', false],
      ['passed', false],
    ]);
  });
});
