import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_REPORT_BYTES, readReport } from '../../src/verify/report-file.ts';
import { parseReport } from '../../src/verify/report-reader.ts';

const parse = (value: unknown) => parseReport(JSON.stringify(value));
const one = (violation: object) => parse({ success: false, violations: [{ type: 't', severity: 'LOW', description: 'd', ...violation }] });

describe('PROTOCOL §4: a JSON report is read strictly but kindly', () => {
  test('the least report', () => {
    expect(parse({ success: true })).toEqual({
      report: { success: true, violations: [], benchmarks: [], coveragePercent: null, tests: null, contradiction: null },
      issues: [],
    });
  });

  test.each(['CRITICAL', 'critical', 'Critical'])('severity %s in any case', (severity) => {
    expect(one({ severity }).report?.violations[0]?.severity).toBe('CRITICAL');
  });

  test('unknown fields are ignored, null is as good as absent, figures become text', () => {
    const { report } = one({ file: null, line: null, expected: 200, actual: { status: 500 }, threshold: false, hint: 'x' });
    expect(report?.violations).toEqual([
      { type: 't', severity: 'LOW', description: 'd', expected: '200', actual: '{"status":500}', threshold: 'false' },
    ]);
  });

  test('__proto__ in a report is nobody’s prototype', () => {
    const { report } = parseReport(
      '{"success":true,"__proto__":{"polluted":1},"violations":[{"type":"t","severity":"low","description":"d","__proto__":{"gap":true}}]}',
    );
    expect(report?.violations[0]).toEqual({ type: 't', severity: 'LOW', description: 'd' });
    expect(report?.violations[0]?.gap).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('control and direction characters are taken out', () => {
    expect(one({ description: 'a\u001b[2Jb\u202ec\u009bd\ne' }).report?.violations[0]?.description).toBe('a\uFFFD[2Jb\uFFFDc\uFFFDd\ne');
  });

  test.each([
    ['a figure', 81.5],
    ['percent', { percent: 81.5 }],
    ['istanbul', { total: { lines: { pct: 81.5 } } }],
  ])('coverage as %s', (_form, coverage) => {
    expect(parse({ success: true, coverage }).report?.coveragePercent).toBe(81.5);
  });

  test('tests without a total are added up, without passed are the rest', () => {
    expect(parse({ success: true, tests: { passed: 2, failed: 1 } }).report?.tests).toEqual({ total: 3, passed: 2, failed: 1, skipped: 0 });
    expect(parse({ success: true, tests: { total: 5, failed: 1 } }).report?.tests).toEqual({ total: 5, passed: 4, failed: 1, skipped: 0 });
  });

  test('more violations than anybody reads: the worst are kept, the rest is counted at its worst', () => {
    const many = Array.from({ length: 2000 }, (_, n) => ({
      type: `t${n}`,
      severity: n === 1999 ? 'CRITICAL' : 'MEDIUM',
      description: 'd',
    }));
    const violations = parse({ success: false, violations: many }).report?.violations ?? [];
    expect(violations).toHaveLength(501);
    expect(violations[0]).toMatchObject({ type: 't1999', severity: 'CRITICAL' });
    expect(violations.at(-1)).toEqual({ type: 'more-violations', severity: 'MEDIUM', description: '1500 more violations are not listed' });
  });

  test.each([
    ['no object', '[]', /^report:/],
    ['no success', '{"violations":[]}', /^success/],
    ['success as a word', '{"success":"true"}', /^success/],
    [
      'an unknown severity',
      '{"success":true,"violations":[{"type":"t","severity":"BLOCKER","description":"d"}]}',
      /^violations\.0\.severity/,
    ],
    [
      'one bad violation among good ones',
      '{"success":true,"violations":[{"type":"t","severity":"LOW","description":"d"},7]}',
      /^violations\.1/,
    ],
    ['a benchmark without direction', '{"success":true,"benchmarks":[{"name":"n","value":1}]}', /^benchmarks\.0\.better/],
    ['coverage beyond 100', '{"success":true,"coverage":101}', /^coverage/],
    ['negative tests', '{"success":true,"tests":{"total":-1}}', /^tests\.total/],
    ['more tests than the total', '{"success":true,"tests":{"total":1,"passed":2}}', /more tests than the total/],
    ['no JSON', '{', /^no JSON/],
    ['too deep', `{"success":true,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /nested deeper/],
  ])('%s is an issue that says where', (_what, json, issue) => {
    const { report, issues } = parseReport(json);
    expect(report).toBeNull();
    expect(issues[0]).toMatch(issue);
  });

  test('brackets in strings are not depth', () => {
    expect(parse({ success: true, summary: '[{"\\'.repeat(1000) }).report).not.toBeNull();
  });
});

describe('a report file', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'coordtui-report-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('absent', async () => {
    expect(await readReport(join(directory, 'absent'))).toEqual({ kind: 'none' });
  });
  test('larger than the cap, even if it holds nothing', async () => {
    const path = join(directory, 'large');
    writeFileSync(path, '{}');
    truncateSync(path, MAX_REPORT_BYTES + 1);
    expect(await readReport(path)).toEqual({ kind: 'unreadable', why: `larger than ${MAX_REPORT_BYTES} bytes` });
  });
  test('not UTF-8', async () => {
    const path = join(directory, 'latin');
    writeFileSync(path, Buffer.from('{"success":true,"summary":"\xe9"}', 'latin1'));
    expect(await readReport(path)).toEqual({ kind: 'unreadable', why: 'it is not UTF-8' });
  });
  test('with a byte order mark', async () => {
    const path = join(directory, 'bom');
    writeFileSync(path, '\uFEFF{"success":true}');
    expect(await readReport(path)).toMatchObject({ kind: 'report' });
  });
});
