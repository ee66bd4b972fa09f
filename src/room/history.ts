/** Verbs that only look: the indicators and what stands behind them, the debugging sessions. */
import { debugLines } from '../core/debug-document.ts';
import { parseDebugId } from '../core/debugging.ts';
import { KPI_IDS, kpisOf, WINDOWS } from '../core/kpi.ts';
import { caseLines, kpiLines } from '../core/kpi-lines.ts';
import { plain } from '../core/plain.ts';
import { done, failure } from '../core/reply.ts';
import { duration } from '../core/time.ts';
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
  'debug list': (room, { request }) => {
    const sessions = Object.values(room.coordinator.state().coordinator.debugging ?? {});
    const shown = sessions.filter(({ closedAt }) => request.args.all === true || closedAt === null);
    const lines = shown.map(({ id, state, since, issue }) => `${id}  ${state}  ${duration(room.now() - since)}  ${plain(issue, 100)}`);
    return done(lines.join('\n') || 'no debugging session', shown as unknown as Json);
  },
  'debug show': (room, { request }) => {
    const state = room.coordinator.state();
    const id = parseDebugId(String(request.args.id ?? ''));
    const session = id === null ? undefined : state.coordinator.debugging?.[id];
    if (session === undefined)
      return failure(
        'notFound',
        `debug show: there is no debugging session ${plain(String(request.args.id ?? ''), 40)}`,
        'see: coordtui debug list --all',
      );
    return done(debugLines(state, session).join('\n'), session as unknown as Json);
  },
};
