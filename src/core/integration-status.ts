/**
 * `docs/integration/current-integration-status.md` (P1, documentation-based coordination): what goes from whom to whom,
 * what is still to be coordinated, and how the last checks across the layers came out. Written anew when it changes.
 */
import { sentence } from './explain.ts';
import type { KeptDocument } from './logbook.ts';
import { outcomeSign } from './outcome-line.ts';
import { plain } from './plain.ts';
import type { Handoff, Round, State } from './state.ts';
import { isoTime } from './time.ts';

const PATH = 'docs/integration/current-integration-status.md';
const RECENT = 10;

/** null while nothing was ever handed over. */
export function integrationStatus(state: State): KeptDocument | null {
  const all = Object.values(state.coordinator.handoffs);
  if (all.length === 0) return null;
  const open = all.filter(({ closedAt }) => closedAt === null).toSorted((a, b) => a.createdAt - b.createdAt);
  return {
    path: PATH,
    title: 'Integration status',
    blocks: [
      { name: 'requirements', heading: 'What goes from whom to whom', lines: orNone(open.map(passing)), grows: false },
      { name: 'pending', heading: 'Still to be coordinated', lines: orNone(open.flatMap(pending)), grows: false },
      { name: 'results', heading: 'Results of the last checks', lines: orNone(results(all)), grows: false },
      { name: 'done', heading: 'Handed over last', lines: orNone(handedOver(all)), grows: false },
    ],
  };
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['- nothing'] : lines;
}

function passing({ id, from, to, phase, priority, task, required }: Handoff): string {
  const must = required.length === 0 ? '' : `; must pass: ${required.join(', ')}`;
  return `- ${id} ${from} → ${to}, ${phase}, ${priority}: ${plain(task, 200)}${must}`;
}

function pending({ id, depends, question, delegation, to, held }: Handoff): string[] {
  return [
    ...(depends.length === 0 ? [] : [`- ${id} waits for ${depends.join(', ')}`]),
    ...(question === null ? [] : [`- ${id} waits for the operator: ${plain(question.context, 240)}`]),
    ...(delegation !== null && delegation.ack === null ? [`- ${to} has not acknowledged ${delegation.handoff}`] : []),
    ...(held ? [`- ${id} is held by the operator`] : []),
  ];
}

/** The newest judged round: each check, and what decided. */
function results(all: readonly Handoff[]): string[] {
  const judged = all.flatMap((handoff) => handoff.rounds.filter((round) => round.verdict !== null).map((round) => ({ handoff, round })));
  const last = judged.toSorted((a, b) => (b.round.finishedAt ?? 0) - (a.round.finishedAt ?? 0))[0];
  if (last === undefined) return [];
  return [
    `- ${last.handoff.id}, round ${last.round.epoch}, ${isoTime(last.round.finishedAt ?? last.round.startedAt)}: ${last.round.verdict?.kind.toUpperCase()}`,
    ...checks(last.round),
  ];
}

function checks({ checks: ran, verdict }: Round): string[] {
  const reasons = verdict?.reasons.filter(({ row }) => row === verdict.row && row !== 12) ?? [];
  return [
    ...ran.map(({ check, outcome, reason }) => `  - ${outcomeSign(outcome)} ${check}: ${outcome}, ${plain(reason, 160)}`),
    ...reasons.slice(0, RECENT).map((reason) => `  - ${plain(sentence(reason), 240)}`),
  ];
}

function handedOver(all: readonly Handoff[]): string[] {
  return all
    .flatMap((handoff) => handoff.history.filter(({ move }) => move === 'transfer').map(({ at }) => ({ handoff, at })))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, RECENT)
    .map(({ handoff, at }) => `- ${isoTime(at)} ${handoff.id} ${handoff.from} → ${handoff.to}: ${plain(handoff.task, 160)}`);
}
