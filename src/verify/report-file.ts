/** The files that a check leaves, whatever writes them: read without trust, recognised by what they hold (PROTOCOL section 4). */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { clean, parseJson, type ReportReading, readOwn } from './report-reader.ts';
import { type Coverage, looksLikeLcov, readIstanbul, readLcov } from './reports/coverage.ts';
import { looksLikeJest, readJest } from './reports/jest.ts';
import { readJunit } from './reports/junit.ts';
import { readTap } from './reports/tap.ts';
import type { TestReport } from './reports/test-report.ts';

export const MAX_REPORT_BYTES = 16 * 1024 * 1024;
const MAX_FAILURES = 50;

/** A report in any of the formats: coordtui's own JSON, that of jest or vitest, JUnit XML, TAP, lcov or istanbul's JSON. */
export async function readReport(path: string, maxBytes = MAX_REPORT_BYTES): Promise<ReportReading> {
  const read = await readText(path, maxBytes);
  if (read === null) return { kind: 'none' };
  return 'why' in read ? unreadable(read.why) : parseAny(read.text);
}

/** Coverage alone; `null` percent: measured over no line, which is not measured. */
export async function readCoverage(path: string): Promise<Coverage | null> {
  const read = await readText(path, MAX_REPORT_BYTES);
  if (read === null) return null;
  if ('why' in read) return { fault: read.why };
  if (looksLikeLcov(read.text)) return readLcov(read.text);
  const json = parseJson(read.text);
  return 'fault' in json ? json : readIstanbul(json.value);
}

function parseAny(text: string): ReportReading {
  const start = text.trimStart()[0];
  if (start === '<') return fromTests(readJunit(text));
  if (start !== '{' && start !== '[') {
    if (looksLikeLcov(text)) return fromCoverage(readLcov(text));
    const tap = readTap(text);
    if (tap !== null) return fromTests(tap);
  }
  const json = parseJson(text);
  if ('fault' in json) return unreadable(json.fault);
  if (looksLikeJest(json.value)) return fromTests(readJest(json.value));
  const own = readOwn(json.value);
  if (own.report !== null) return { kind: 'report', report: own.report };
  const coverage = readIstanbul(json.value);
  return 'fault' in coverage ? unreadable(own.issues.slice(0, 3).join('; ')) : fromCoverage(coverage);
}

/** A test runner's report as one of ours. Its failures are told by its counts: what they weigh, the check's outcome says. */
export function fromTests(read: TestReport | { readonly fault: string }): ReportReading {
  if ('fault' in read) return unreadable(clean(read.fault));
  const { success, tests, contradiction } = read;
  const failures = read.failures.slice(0, MAX_FAILURES).map(clean);
  return { kind: 'report', report: { success, violations: [], benchmarks: [], coveragePercent: null, tests, contradiction, failures } };
}

function fromCoverage(coverage: Coverage): ReportReading {
  if ('fault' in coverage) return unreadable(coverage.fault);
  return { kind: 'report', report: { success: true, violations: [], benchmarks: [], coveragePercent: coverage.percent, tests: null } };
}

/** Reads the file without following a link, waiting for a pipe, or taking in more than the cap; null when there is none. */
async function readText(path: string, maxBytes: number): Promise<{ readonly text: string } | { readonly why: string } | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const entry = await file.stat();
      if (!entry.isFile()) return { why: 'it is no regular file' };
      const bytes = Buffer.alloc(Math.min(entry.size, maxBytes) + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = (await file.read(bytes, length, bytes.length - length, length)).bytesRead;
      if (length > maxBytes || entry.size > maxBytes) return { why: `larger than ${maxBytes} bytes` };
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') return { why: 'it is a symbolic link' };
    return { why: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : (error as Error).message };
  }
}

function unreadable(why: string): ReportReading {
  return { kind: 'unreadable', why };
}
