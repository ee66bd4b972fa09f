/** Sample projects on the disk, faults planted in them, and the checks run over them as the program runs them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CheckResult, Finding } from '../../../src/verify/checks/finding.ts';
import { openProject, type ProjectFiles } from '../../../src/verify/checks/project-files.ts';

export type Sources = ReadonlyMap<string, string>;

function written(sources: Sources): string {
  const root = mkdtempSync(join(tmpdir(), 'checks-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of sources) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export function filesOf(sources: Sources): ProjectFiles {
  return openProject(written(sources), []);
}

export function findingsIn(result: CheckResult): readonly Finding[] {
  if (!result.ran) throw new Error(`did not run: ${result.why}`);
  return result.findings;
}

/** One planted fault: where, what is exchanged, and what must be said about it. `at` is a text on the line that is to be named. */
export type Fault = {
  readonly what: string;
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
  readonly type: string;
  readonly at: string;
  /** Where it shows, if not in the file that was changed. */
  readonly shows?: string;
};

export function planted(sources: Sources, fault: Fault): Map<string, string> {
  const before = sources.get(fault.file);
  if (before === undefined) throw new Error(`${fault.file} is not in the sample`);
  const after = before.replace(fault.from, fault.to);
  if (after === before) throw new Error(`nothing to exchange in ${fault.file}: ${fault.what}`);
  return new Map([...sources, [fault.file, after]]);
}

/** The places of a type, as `file:line`. */
export function placesOf(findings: readonly Finding[], type: string): string[] {
  return findings.filter((finding) => finding.type === type).map((finding) => `${finding.file}:${finding.line}`);
}

export function placeOfFault(sources: Sources, fault: Fault): string {
  const file = fault.shows ?? fault.file;
  const line = (sources.get(file) ?? '').split('\n').findIndex((text) => text.includes(fault.at)) + 1;
  if (line === 0) throw new Error(`no line of ${file} holds ${fault.at}`);
  return `${file}:${line}`;
}

/** Faults that do not meet in a file are planted together: each run reads the whole project. */
export function batches(faults: readonly Fault[]): { readonly names: string; readonly faults: readonly Fault[] }[] {
  const filled: Fault[][] = [];
  const touched = (fault: Fault) => [fault.file, ...(fault.shows === undefined ? [] : [fault.shows])];
  for (const fault of faults) {
    const free = filled.find((batch) => !batch.some((other) => touched(other).some((file) => touched(fault).includes(file))));
    if (free === undefined) filled.push([fault]);
    else free.push(fault);
  }
  return filled.map((batch) => ({ names: batch.map(({ what }) => what).join('; '), faults: batch }));
}

/** The same tree, looked at anew. */
export function reopened(files: ProjectFiles): ProjectFiles {
  return openProject(files.root, []);
}
