/** Covered lines in percent, from lcov or from what istanbul writes. No line at all is no measurement, whatever the tool calls it. */
import { z } from 'zod';

export type Coverage = { readonly percent: number | null } | { readonly fault: string };

const line = z.number().int().nonnegative();
const summary = z.object({ total: z.object({ lines: z.object({ total: line, covered: line }) }) });
const file = z.object({
  statementMap: z.record(z.string(), z.object({ start: z.object({ line }) })),
  s: z.record(z.string(), z.number().nonnegative()),
});
const final = z.record(z.string(), file);

export function looksLikeLcov(text: string): boolean {
  return /^(TN:|SF:)/m.test(text.slice(0, 4096));
}

/** `LF`/`LH` of each record; where a record has none, its `DA` lines. */
export function readLcov(text: string): Coverage {
  let found = 0;
  let hit = 0;
  let record = fresh();
  let complete = true;
  for (const raw of text.split('\n')) {
    const row = raw.trimEnd();
    if (row.startsWith('SF:')) {
      record = fresh();
      complete = false;
    } else if (row.startsWith('DA:')) {
      const [, count] = row.slice(3).split(',');
      record.lines++;
      if (Number(count) > 0) record.hit++;
    } else if (row.startsWith('LF:')) record.found = Number(row.slice(3));
    else if (row.startsWith('LH:')) record.covered = Number(row.slice(3));
    else if (row === 'end_of_record') {
      const all = record.found ?? record.lines;
      const covered = record.covered ?? record.hit;
      if (!Number.isInteger(all) || !Number.isInteger(covered) || covered < 0 || covered > all)
        return { fault: 'no coverage: it covers more lines than it has' };
      found += all;
      hit += covered;
      complete = true;
    }
  }
  return complete ? percentOf(hit, found) : { fault: 'no coverage: it ends in the middle' };
}

type Record = { lines: number; hit: number; found: number | null; covered: number | null };

function fresh(): Record {
  return { lines: 0, hit: 0, found: null, covered: null };
}

/** `coverage-summary.json` or `coverage-final.json`. */
export function readIstanbul(value: unknown): Coverage {
  const total = summary.safeParse(value);
  if (total.success) return percentOf(total.data.total.lines.covered, total.data.total.lines.total);
  const files = final.safeParse(value);
  if (!files.success) return { fault: 'no coverage: it is in none of the formats that are known' };
  let found = 0;
  let hit = 0;
  for (const { statementMap, s } of Object.values(files.data)) {
    const counts = new Map<number, number>();
    for (const [id, { start }] of Object.entries(statementMap)) counts.set(start.line, Math.max(counts.get(start.line) ?? 0, s[id] ?? 0));
    found += counts.size;
    hit += [...counts.values()].filter((count) => count > 0).length;
  }
  return percentOf(hit, found);
}

function percentOf(hit: number, found: number): Coverage {
  if (hit > found) return { fault: 'no coverage: it covers more lines than it has' };
  return { percent: found === 0 ? null : Math.round((hit / found) * 10_000) / 100 };
}
