/**
 * The indicators (P1, key performance indicators; PROTOCOL section 10): four with a target, three shown beside them.
 * From the journal's fold alone, over a window that ends now. They never reach a verdict.
 */
import { everyHandoff } from './archive.ts';
import type { HandoffId, Ms } from './ids.ts';
import { type Settled, settledOf } from './settled.ts';
import type { State } from './state.ts';
import { duration } from './time.ts';

export const DAY_MS = 86_400_000;
/** The two windows of PROTOCOL section 10, in days. */
export const WINDOWS = [7, 30] as const;

export const KPI_IDS = [
  'cycle-time',
  'auto-approval',
  'integration-failure',
  'intervention',
  'first-pass',
  'denial',
  'post-approval-failure',
] as const;
export type KpiId = (typeof KPI_IDS)[number];

/** One handoff behind a number, with what it contributes. */
export type KpiCase = { readonly handoff: HandoffId; readonly at: Ms; readonly said: string };

export type Kpi = {
  readonly id: KpiId;
  readonly title: string;
  readonly unit: 'ms' | 'percent';
  /** Median of the times, or a share in percent; null when nothing was decided in the window. */
  readonly value: number | null;
  readonly target: { readonly text: string; readonly met: boolean | null } | null;
  /** How many handoffs the number is about. */
  readonly of: number;
  /** The slowest first for times; for shares those that count. */
  readonly cases: readonly KpiCase[];
  /** The same number for each day of the window, oldest first; null: nothing on that day. */
  readonly trend: readonly (number | null)[];
};

type Row = {
  readonly id: KpiId;
  readonly title: string;
  readonly unit: Kpi['unit'];
  readonly target: { readonly text: string; readonly isMet: (value: number) => boolean } | null;
  /** What one handoff contributes; null: it is not asked. */
  readonly measure: (one: Settled) => number | null;
  readonly said: (one: Settled) => string;
};

const share = (counts: (one: Settled) => boolean) => (one: Settled) => (counts(one) ? 100 : 0);
const took = ({ cycleMs }: Settled) => (cycleMs === null ? 'withdrawn' : `approved after ${duration(cycleMs)}`);
const denied = ({ denials }: Settled) => `denied ${denials === 1 ? 'once' : `${denials} times`}`;

/** Targets are P1's. */
const ROWS: readonly Row[] = [
  {
    id: 'cycle-time',
    title: 'cycle time, ready to approved',
    unit: 'ms',
    target: { text: '< 15 m', isMet: (value) => value < 900_000 },
    measure: ({ cycleMs }) => cycleMs,
    said: (one) => `${took(one)}${one.denials === 0 ? '' : `, ${denied(one)}`}`,
  },
  {
    id: 'auto-approval',
    title: 'approved without you',
    unit: 'percent',
    target: { text: '> 95 %', isMet: (value) => value > 95 },
    measure: share(({ auto }) => auto),
    said: took,
  },
  {
    id: 'integration-failure',
    title: 'with a CRITICAL integration failure',
    unit: 'percent',
    target: { text: '< 5 %', isMet: (value) => value < 5 },
    measure: share(({ critical }) => critical),
    said: (one) => `${denied(one)}, ${took(one)}`,
  },
  {
    id: 'intervention',
    title: 'needed you',
    unit: 'percent',
    target: { text: '< 10 %', isMet: (value) => value < 10 },
    measure: share(({ intervened }) => intervened),
    said: took,
  },
  {
    id: 'first-pass',
    title: 'approved by the first round',
    unit: 'percent',
    target: null,
    measure: ({ how, firstPass }) => (how === 'approved' ? (firstPass ? 100 : 0) : null),
    said: took,
  },
  {
    id: 'denial',
    title: 'denied at least once',
    unit: 'percent',
    target: null,
    measure: share(({ denials }) => denials > 0),
    said: (one) => `${denied(one)}, ${took(one)}`,
  },
];

/** All indicators over the last `days` days. */
export function kpisOf(state: State, days: number, now: Ms): Kpi[] {
  const since = now - days * DAY_MS;
  const all = settledOf(state, since);
  const inside = all.filter(({ at }) => at >= since && at <= now);
  const byDay = Array.from({ length: days }, (_, day) => {
    const from = since + day * DAY_MS;
    return inside.filter(({ at }) => at >= from && (at < from + DAY_MS || day === days - 1));
  });
  return [...ROWS.map((row) => indicator(row, inside, byDay)), takenBack(state, inside, since, now, days)];
}

function indicator(row: Row, inside: readonly Settled[], byDay: readonly (readonly Settled[])[]): Kpi {
  const { id, title, unit, target, measure, said } = row;
  const asked = inside.filter((one) => measure(one) !== null);
  const value = figure(row, asked);
  const counted =
    unit === 'ms' ? asked.toSorted((a, b) => (measure(b) ?? 0) - (measure(a) ?? 0)) : asked.filter((one) => measure(one) !== 0);
  return {
    id,
    title,
    unit,
    value,
    target: target === null ? null : { text: target.text, met: value === null ? null : target.isMet(value) },
    of: asked.length,
    cases: counted.map((one) => ({ handoff: one.handoff, at: one.at, said: said(one) })),
    trend: byDay.map((day) => figure(row, day)),
  };
}

function figure({ unit, measure }: Row, of: readonly Settled[]): number | null {
  const values = of.flatMap((one) => measure(one) ?? []);
  if (values.length === 0) return null;
  return unit === 'ms' ? median(values) : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Approvals that were taken back: counted on the day on which that was done, over the approvals of the window. */
function takenBack(state: State, inside: readonly Settled[], since: Ms, now: Ms, days: number): Kpi {
  const cases = everyHandoff(state, since)
    .flatMap(({ id, history }) =>
      history
        .filter(({ move, at }) => move === 'reopen' && at >= since && at <= now)
        .map(({ at, by, reason }) => ({ handoff: id, at, said: `opened again by ${by}${reason === undefined ? '' : `: ${reason}`}` })),
    )
    .toSorted((a, b) => a.at - b.at);
  const approvals = inside.filter(({ how }) => how === 'approved');
  const of = new Set([...approvals.map(({ handoff }) => handoff), ...cases.map(({ handoff }) => handoff)]).size;
  const failed = new Set(cases.map(({ handoff }) => handoff)).size;
  const trend = Array.from({ length: days }, (_, day) => {
    const from = since + day * DAY_MS;
    const that = (at: Ms) => at >= from && (at < from + DAY_MS || day === days - 1);
    const count = approvals.filter(({ at }) => that(at)).length;
    const back = cases.filter(({ at }) => that(at)).length;
    return count + back === 0 ? null : (back / Math.max(count, back)) * 100;
  });
  const value = of === 0 ? null : (failed / of) * 100;
  return { id: 'post-approval-failure', title: 'taken back after approval', unit: 'percent', value, target: null, of, cases, trend };
}

/** Throws for an empty list: whoever asks has to know that there is something. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('median: of nothing there is none');
  return (lower + upper) / 2;
}

/** `4 m`, `96 %`, or a dash for nothing. */
export function kpiFigure({ unit, value }: Pick<Kpi, 'unit' | 'value'>): string {
  if (value === null) return '–';
  return unit === 'ms' ? duration(value) : `${Math.round(value * 10) / 10} %`;
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A day a character, the highest day a full block; a day without decisions is a dot. */
export function sparkline(trend: readonly (number | null)[], unit: Kpi['unit']): string {
  const highest = unit === 'percent' ? 100 : Math.max(1, ...trend.map((value) => value ?? 0));
  return trend
    .map((value) => (value === null ? '·' : (BARS[Math.min(BARS.length - 1, Math.floor((value / highest) * BARS.length))] ?? '█')))
    .join('');
}
