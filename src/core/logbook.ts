/**
 * The work log of one instance for one day (P1, documentation-based coordination; PROTOCOL section 8), as the state tells
 * it: what it did, what went wrong, what it prepares to hand over. Pure; whoever writes the file keeps the agent's own lines.
 */
import { sentence } from './explain.ts';
import type { InstanceId, Ms } from './ids.ts';
import { DAY_MS } from './kpi.ts';
import { plain } from './plain.ts';
import type { Handoff, HistoryEntry, State } from './state.ts';
import { isoTime } from './time.ts';

/** One part of a document that coordtui keeps between markers. */
export type Block = {
  /** Its word in the markers. */
  readonly name: string;
  readonly heading: string;
  readonly lines: readonly string[];
  /** Lines that are there already stay, and new ones are added in the order of their times; else the block is written anew. */
  readonly grows: boolean;
};

export type KeptDocument = { readonly path: string; readonly title: string; readonly blocks: readonly Block[] };

const REASONS_TOLD = 5;

/** `docs/instance-logs/instance-{N}-{YYYYMMDD}.md`: N is the number in the id, else the place in the config. Days are UTC. */
export function logPath(state: State, instance: InstanceId, at: Ms): string {
  const place = state.coordinator.config.instances.findIndex(({ id }) => id === instance) + 1;
  const number = /^instance-(\d+)/u.exec(instance)?.[1] ?? String(place);
  const taken = state.coordinator.config.instances.some(({ id }) => id !== instance && id.startsWith(`instance-${number}-`));
  return `docs/instance-logs/${taken ? instance : `instance-${number}`}-${isoTime(at).slice(0, 10).replaceAll('-', '')}.md`;
}

/** null while there is nothing to tell of this day. */
export function instanceLog(state: State, instance: InstanceId, at: Ms): KeptDocument | null {
  const from = Math.floor(at / DAY_MS) * DAY_MS;
  const inside = (time: Ms) => time >= from && time < from + DAY_MS;
  const handoffs = Object.values(state.coordinator.handoffs).filter(
    ({ closedAt, phaseSince }) => closedAt === null || inside(closedAt) || inside(phaseSince),
  );
  const own = handoffs.filter((handoff) => handoff.from === instance);
  const work = [
    ...own.flatMap((handoff) => moves(handoff)),
    ...handoffs.flatMap((handoff) => received(handoff, instance)),
    ...sessions(state, instance),
  ].filter(({ at: time }) => inside(time));
  const issues = own.flatMap((handoff) => troubles(handoff)).filter(({ at: time }) => inside(time));
  const ready = own.filter(({ closedAt }) => closedAt === null).flatMap(preparation);
  if (work.length === 0 && issues.length === 0) return null;
  return {
    path: logPath(state, instance, at),
    title: `${instance}, ${isoTime(at).slice(0, 10)}`,
    blocks: [
      { name: 'work', heading: 'Work', lines: timed(work), grows: true },
      { name: 'issues', heading: 'Issues and their resolution', lines: timed(issues), grows: true },
      { name: 'handoff', heading: 'Prepared for handoff', lines: ready.length === 0 ? ['- nothing is open'] : ready, grows: false },
    ],
  };
}

type Told = { readonly at: Ms; readonly text: string };

function timed(lines: readonly Told[]): string[] {
  return lines.toSorted((a, b) => a.at - b.at).map(({ at, text }) => `- ${isoTime(at).slice(11, 19)} ${text}`);
}

const WORDS: Readonly<Record<HistoryEntry['move'], string>> = {
  assign: 'is given',
  ready: 'called ready',
  verify: 'is being verified',
  approve: 'approved',
  deny: 'denied',
  'take-up': 'denial taken up',
  fixed: 'called fixed',
  transfer: 'handed over',
  release: 'done; stands by',
  reassign: 'reassigned',
  reopen: 'opened again',
  again: 'is being verified anew',
  withdraw: 'withdrawn',
};

/** Each line says what will never be said otherwise: a summary that is replaced later stands in a line of its own. */
function moves(handoff: Handoff): Told[] {
  const { id, readyAt, summary } = handoff;
  const said = readyAt === null || summary === null ? [] : [{ at: readyAt, text: `${id}: "${plain(summary, 300)}"` }];
  const entries = handoff.history.map(({ at, move, by, reason, epoch }) => {
    const task = move === 'assign' || move === 'reassign' ? `: ${plain(handoff.task, 160)}` : '';
    const round = move === 'verify' || move === 'again' ? ` (round ${epoch})` : '';
    const why = reason === undefined ? '' : `: ${plain(reason, 160)}`;
    return { at, text: `${handoff.id} ${WORDS[move]}${round}${task}${why}, by ${by}` };
  });
  return [...entries, ...said];
}

function received(handoff: Handoff, instance: InstanceId): Told[] {
  const { delegation } = handoff;
  if (delegation === null || handoff.to !== instance) return [];
  return [{ at: delegation.sentAt, text: `${delegation.handoff} comes from ${handoff.from}, which did ${handoff.id}` }];
}

function sessions({ coordinator }: State, instance: InstanceId): Told[] {
  return coordinator.alerts.filter((alert) => alert.instance === instance).map(({ at, text }) => ({ at, text: plain(text, 300) }));
}

function troubles(handoff: Handoff): Told[] {
  return handoff.history.flatMap(({ at, move, epoch, reason }): Told[] => {
    if (move === 'fixed') return [{ at, text: `${handoff.id} called fixed` }];
    if (move !== 'deny') return [];
    const verdict = handoff.rounds.find((round) => round.epoch === epoch)?.verdict;
    const reasons = verdict?.reasons.filter(({ row }) => row === verdict.row).map((one) => plain(sentence(one), 240)) ?? [];
    const told = reason === undefined ? reasons : [plain(reason, 240), ...reasons];
    const more = told.length > REASONS_TOLD ? [`and ${told.length - REASONS_TOLD} more`] : [];
    return [{ at, text: `${handoff.id} denied in round ${epoch}: ${[...told.slice(0, REASONS_TOLD), ...more].join('; ')}` }];
  });
}

function preparation({ id, phase, summary, artifacts, to, questions, required }: Handoff): string[] {
  return [
    `- ${id} (${phase}) goes to ${to}${summary === null ? '' : `: ${plain(summary, 300)}`}`,
    ...(artifacts.length === 0 ? [] : [`  - files: ${artifacts.map((path) => plain(path, 160)).join(', ')}`]),
    ...(required.length === 0 ? [] : [`  - must pass: ${required.join(', ')}`]),
    ...(questions.length === 0 ? [] : [`  - asks: ${questions.map((one) => plain(one, 160)).join('; ')}`]),
  ];
}
