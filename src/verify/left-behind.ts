/** Files that a check leaves at places of its own choice: believed only when they were written by this run. */
import { fileInside, versionOf } from './paths.ts';
import { readCoverage, readReport } from './report-file.ts';
import type { ReportReading } from './report-reader.ts';
import type { CheckRun } from './run-check.ts';

/** A file that lay there before and was not written now says nothing about this tree. */
export async function readConfigured(root: string, way: string, before: string): Promise<ReportReading> {
  const place = await fileInside(root, way); // once more: the check may have made its directory, or a link
  if ('refused' in place) return { kind: 'unreadable', why: place.refused };
  return (await versionOf(place.path)) === before ? { kind: 'none' } : readReport(place.path);
}

/** To be asked before the check runs; null when it names no file for its coverage. */
export async function coverageVersion({ spec, root }: CheckRun): Promise<string | null> {
  if (spec.coverage == null) return null;
  const place = await fileInside(root, spec.coverage);
  return 'refused' in place ? null : versionOf(place.path);
}

export async function coverageOf(
  { spec, root }: CheckRun,
  before: string | null,
): Promise<{ readonly percent: number | null; readonly notes: readonly string[] }> {
  if (spec.coverage == null) return { percent: null, notes: [] };
  const none = (why: string) => ({ percent: null, notes: [`no coverage: ${why}`] });
  const place = await fileInside(root, spec.coverage);
  if ('refused' in place) return none(place.refused);
  if ((await versionOf(place.path)) === before) return none(`${spec.coverage} was not written`);
  const read = await readCoverage(place.path);
  if (read === null) return none(`${spec.coverage} was not written`);
  if ('fault' in read) return none(read.fault);
  return read.percent === null ? none(`${spec.coverage} measures no line`) : { percent: read.percent, notes: [] };
}
