/** Verbs that only look: what happened, what was decided, the indicators, the debugging sessions. */
import { briefLines, decidedSince } from '../core/brief.ts';
import { debugLines } from '../core/debug-document.ts';
import { parseDebugId } from '../core/debugging.ts';
import { parseHandoffId, parseInstanceId } from '../core/ids.ts';
import { KPI_IDS, kpisOf, WINDOWS } from '../core/kpi.ts';
import { caseLines, kpiLines } from '../core/kpi-lines.ts';
import { plain } from '../core/plain.ts';
import { done, failure } from '../core/reply.ts';
import { parseEstimate } from '../core/terms.ts';
import { duration, isoTime } from '../core/time.ts';
import { matchesFilter, TIMELINE_KINDS } from '../core/timeline.ts';
import type { Json } from '../core/tree.ts';
import type { Handler } from './dispatch.ts';
import { roomFacts } from './doctor.ts';
import { timelineLines } from './timeline.ts';

const MAX_DAYS = 366;

const LINES = 200;
const MAX_LINES = 100_000;

export const HISTORY: Readonly<Record<string, Handler>> = {
  async timeline(room, { request: { args } }) {
    const word = (name: string) => (typeof args[name] === 'string' && args[name] !== '' ? (args[name] as string) : null);
    const ago = word('since') === null ? null : parseEstimate(word('since') ?? '');
    if (word('since') !== null && ago === null) return notASpan('timeline', word('since') ?? '');
    const handoff = word('handoff') === null ? null : parseHandoffId(word('handoff') ?? '');
    if (word('handoff') !== null && handoff === null)
      return failure('usage', `timeline: "${plain(word('handoff') ?? '', 40)}" cannot be a handoff`, 'ids look like h-3f2a');
    const kind = TIMELINE_KINDS.find((known) => known === args.kind) ?? null;
    if (word('kind') !== null && kind === null)
      return failure('usage', `timeline: there is no kind ${plain(word('kind') ?? '', 40)}`, `kinds: ${TIMELINE_KINDS.join(', ')}`);
    const lines = args.lines === undefined || args.lines === null ? LINES : Number(args.lines);
    if (!Number.isInteger(lines) || lines < 1 || lines > MAX_LINES)
      return failure('usage', `timeline: --lines must be a whole number from 1 to ${MAX_LINES}`, 'see: coordtui timeline --help');
    const since = ago === null ? null : room.now() - ago;
    const filter = { handoff, instance: parseInstanceId(word('instance') ?? ''), kind, since, text: word('text') };
    const all = (await room.past.timeline.entries()).filter((entry) => matchesFilter(entry, filter));
    const shown = all.slice(-lines);
    const more = all.length > shown.length ? [`… ${all.length - shown.length} more before; --lines shows them`] : [];
    const text = [...more, ...shown.flatMap((entry) => timelineLines(entry, isoTime))];
    return done(text.join('\n') || 'nothing happened', shown as unknown as Json);
  },
  brief(room, { request: { args } }) {
    const given = typeof args.since === 'string' ? args.since : null;
    const ago = given === null ? null : parseEstimate(given);
    if (given !== null && ago === null) return notASpan('brief', given);
    const now = room.now();
    const since = ago === null ? room.past.seen.before() : now - ago;
    const state = room.coordinator.state();
    return done(briefLines(state, since, now).join('\n'), { since, decided: decidedSince(state, since) as unknown as Json });
  },
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
  doctor: async (room) => done('', await roomFacts(room)),
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

function notASpan(verb: string, text: string) {
  return failure('usage', `${verb}: --since ${plain(text, 40)} is no span of time`, 'write 45m, 12h or 3d');
}
