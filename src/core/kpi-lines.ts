/** The indicators as lines of text, for a pipe, for the screen and for the reviews. */

import { counted } from './counted.ts';
import type { Ms } from './ids.ts';
import { type Kpi, type KpiId, kpiFigure, kpisOf, sparkline, WINDOWS } from './kpi.ts';
import type { State } from './state.ts';
import { isoTime } from './time.ts';

const [SHORT, LONG] = WINDOWS;

/** `✓` met, `✗` missed, `·` nothing to say. */
function targetSign(kpi: Pick<Kpi, 'target'>): string {
  const met = kpi.target?.met ?? null;
  return met === null ? '·' : met ? '✓' : '✗';
}

/** One line an indicator under a line of headings, columns aligned. */
export function kpiLines(state: State, now: Ms): string[] {
  const long = new Map(kpisOf(state, LONG, now).map((kpi) => [kpi.id, kpi]));
  const rows = kpisOf(state, SHORT, now).map((kpi) => {
    const month = long.get(kpi.id) ?? kpi;
    return [
      `${targetSign(kpi)} ${kpi.title}`,
      `${kpiFigure(kpi)} of ${kpi.of}`,
      `${kpiFigure(month)} of ${month.of}`,
      kpi.target?.text ?? '',
      sparkline(month.trend, kpi.unit),
    ];
  });
  return aligned([['  indicator', `${SHORT} days`, `${LONG} days`, 'target', 'day by day'], ...rows]);
}

/** What stands behind one number: each handoff with its day and what it contributes. */
export function caseLines(state: State, id: KpiId, days: number, now: Ms): string[] {
  const kpi = kpisOf(state, days, now).find((one) => one.id === id);
  if (kpi === undefined) throw new Error(`there is no indicator ${id}`);
  const target = kpi.target === null ? '' : `, target ${kpi.target.text}`;
  const head = `${kpi.title}: ${kpiFigure(kpi)} of ${kpi.of} in ${counted(days, 'day')}${target}`;
  if (kpi.cases.length === 0) return [head, '  no handoff stands behind it'];
  return [head, ...kpi.cases.map(({ handoff, at, said }) => `  ${handoff}  ${isoTime(at).slice(0, 16).replace('T', ' ')}  ${said}`)];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
