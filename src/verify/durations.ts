/** How long each check took the last time it ran to its end: the estimate that a progress bar is drawn from. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CheckReport } from '../core/report.ts';

const FILE = 'durations.json';
const schema = z.object({ version: z.literal(1), lastMs: z.record(z.string(), z.number().nonnegative()) });

/** Milliseconds by check id; empty when nothing is known (an unreadable file is worth no more than none). */
export async function readDurations(evidenceDir: string): Promise<ReadonlyMap<string, number>> {
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(await readFile(join(evidenceDir, FILE), 'utf8'))).lastMs));
  } catch {
    return new Map(); // an estimate that is missing is shown as none
  }
}

/** Only checks that passed or failed say how long they take. */
export async function keepDurations(evidenceDir: string, reports: readonly CheckReport[]): Promise<void> {
  const known = new Map(await readDurations(evidenceDir));
  for (const report of reports) {
    if (report.outcome === 'passed' || report.outcome === 'failed') known.set(report.check, Math.round(report.durationMs));
  }
  const next = join(evidenceDir, `${FILE}.${randomBytes(4).toString('hex')}`);
  await writeFile(next, `${JSON.stringify({ version: 1, lastMs: Object.fromEntries(known) })}\n`, { mode: 0o600 });
  await rename(next, join(evidenceDir, FILE));
}
