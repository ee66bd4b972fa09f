/** One check's end in one line, wherever it is told. */
import { plain } from './plain.ts';

export type Ended = { readonly check: string; readonly outcome: string; readonly reason: string; readonly durationMs?: number };

/** `unit: failed (exit 1) in 0.3 s`; a reason that says the outcome already stands alone: `unit: skipped (needs schema)`. */
export function outcomeLine({ check, outcome, reason, durationMs }: Ended): string {
  const why = plain(reason, 200);
  const told = why.startsWith(outcome) ? why : `${outcome} (${why})`;
  const took = durationMs === undefined || outcome === 'skipped' ? '' : ` in ${(durationMs / 1000).toFixed(1)} s`;
  return `${check}: ${told}${took}`;
}

export function outcomeSign(outcome: string): string {
  return outcome === 'passed' ? '✓' : outcome === 'skipped' ? '–' : '✗';
}
