/** Documents about the whole room that a screen opens: timeline, brief, indicators, debugging sessions. Sequences are ours alone. */

import { briefLines } from '../core/brief.ts';
import { counted } from '../core/counted.ts';
import { debugLines } from '../core/debug-document.ts';
import { parseHandoffId } from '../core/ids.ts';
import { KPI_IDS, WINDOWS } from '../core/kpi.ts';
import { caseLines, kpiLines } from '../core/kpi-lines.ts';
import { plain, plainLines } from '../core/plain.ts';
import type { State } from '../core/state.ts';
import { isoTime } from '../core/time.ts';
import { matchesFilter, TIMELINE_KINDS, type TimelineFilter } from '../core/timeline.ts';
import { inPlainWords } from '../view/words.ts';
import type { Past } from './past.ts';
import { timelineLines } from './timeline.ts';

/** More than anybody reads at a screen; `coordtui timeline` has the rest. */
const SHOWN = 2000;
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const END = '\x1b[0m';

/** null: this is about a handoff. */
export function pastText(
  what: string,
  state: State,
  past: Pick<Past, 'timeline' | 'seen'>,
  now: number,
  words = '',
): Promise<string> | null {
  switch (what) {
    case 'timeline':
      return timeline(past, state, words);
    case 'brief':
      return Promise.resolve(told(briefLines(state, past.seen.before(), now)));
    case 'kpi':
      return Promise.resolve(indicators(state, now));
    case 'debugging':
      return Promise.resolve(sessions(state));
    default:
      return null;
  }
}

async function timeline({ timeline: known }: Pick<Past, 'timeline'>, state: State, words: string): Promise<string> {
  const filters = words
    .split(/\s+/u)
    .filter((word) => word !== '')
    .map((word) => filterOf(word, state));
  const all = await known.entries();
  const entries = all
    .filter((entry) => filters.every((filter) => matchesFilter(entry, filter)))
    .slice(-SHOWN)
    .reverse();
  if (entries.length === 0 && filters.length > 0)
    return `nothing in ${counted(all.length, 'entry', 'entries')}; kinds: ${TIMELINE_KINDS.join(', ')}; instances: ${state.coordinator.config.instances.map(({ id }) => id).join(', ')}`;
  return told(entries.flatMap((entry) => timelineLines(entry, isoTime))) || 'nothing happened yet';
}

/** A word of the filter: the name of a kind, of an instance or of a handoff, else what the entry holds. */
function filterOf(word: string, { coordinator }: State): TimelineFilter {
  const none = { handoff: null, instance: null, kind: null, since: null, text: null };
  const kind = TIMELINE_KINDS.find((known) => known === word);
  if (kind !== undefined) return { ...none, kind };
  const instance = coordinator.config.instances.find(({ id }) => id === word)?.id;
  if (instance !== undefined) return { ...none, instance };
  const handoff = parseHandoffId(word);
  return handoff === null ? { ...none, text: word } : { ...none, handoff };
}

function indicators(state: State, now: number): string {
  const [head = '', ...rows] = kpiLines(state, now);
  const cases = KPI_IDS.map((id) => caseLines(state, id, WINDOWS[1], now)).map(([title = '', ...lines]) =>
    [`${BOLD}${plain(title, 200)}${END}`, ...lines].join('\n'),
  );
  return [`${DIM}${head}${END}`, ...rows, '', cases.join('\n\n')].join('\n');
}

function sessions(state: State): string {
  const all = Object.values(state.coordinator.debugging ?? {}).toSorted((a, b) => b.since - a.since);
  if (all.length === 0) return 'no debugging session yet\n\nto open one, type : and  debug open "what goes wrong"';
  return all.map((session) => told(debugLines(state, session))).join('\n\n');
}

/** Line by line, with what stands before each: only the screen's own sequences may move or colour anything. */
function told(lines: readonly string[]): string {
  return lines.map((line) => inPlainWords(plainLines(line).replaceAll('\n', ' '))).join('\n');
}
