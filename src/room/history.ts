/** Verbs that look back: the indicators and what stands behind them. */
import { KPI_IDS, kpisOf, WINDOWS } from '../core/kpi.ts';
import { caseLines, kpiLines } from '../core/kpi-lines.ts';
import { plain } from '../core/plain.ts';
import { done, failure } from '../core/reply.ts';
import type { Json } from '../core/tree.ts';
import type { Handler } from './dispatch.ts';

const MAX_DAYS = 366;

export const HISTORY: Readonly<Record<string, Handler>> = {
  kpi(room, { request: { args } }) {
    const state = room.coordinator.state();
    const now = room.now();
    const days = args.days === undefined || args.days === null ? WINDOWS[0] : Number(args.days);
    if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
      return failure('usage', `kpi: --days must be a whole number from 1 to ${MAX_DAYS}`, 'see: coordtui kpi --help');
    if (args.indicator === undefined || args.indicator === null) {
      const windows = Object.fromEntries(WINDOWS.map((length) => [length, kpisOf(state, length, now)]));
      return done(kpiLines(state, now).join('\n'), windows as unknown as Json);
    }
    const id = KPI_IDS.find((known) => known === args.indicator);
    if (id === undefined)
      return failure('notFound', `kpi: there is no indicator ${plain(String(args.indicator), 40)}`, `there are: ${KPI_IDS.join(', ')}`);
    const kpi = kpisOf(state, days, now).find((one) => one.id === id);
    return done(caseLines(state, id, days, now).join('\n'), kpi as unknown as Json);
  },
};
