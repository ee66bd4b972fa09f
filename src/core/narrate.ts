/** What a step did, as lines that a person understands: the coordinator's log, `serve --foreground`, the rehearsal. */
import { factsAbout } from './archive.ts';
import { explainVerdict } from './explain.ts';
import type { HandoffId, InstanceId } from './ids.ts';
import { plain } from './plain.ts';
import type { Handoff, HistoryEntry, State } from './state.ts';
import { duration } from './time.ts';

const REASONS_TOLD = 3;

/** `cards`: whether the ways out of a question are told as well; a screen shows them beside it anyway. */
export function narrate(before: State, after: State, cards = true): string[] {
  if (before.coordinator === after.coordinator) return [];
  return [...sessions(before, after), ...handoffs(before, after, cards), ...debugging(before, after), ...alerts(before, after)];
}

function sessions(before: State, after: State): string[] {
  const lines: string[] = [];
  for (const [id, now] of Object.entries(after.coordinator.instances)) {
    const was = before.coordinator.instances[id as InstanceId];
    if (was?.session !== now.session && now.session === 'running') lines.push(`${id}: session started (pid ${now.pid})`);
    if (was?.session !== now.session && now.session === 'stopped') lines.push(`${id}: session ended by the operator`);
  }
  return lines;
}

function handoffs(before: State, after: State, cards: boolean): string[] {
  const lines: string[] = [];
  for (const [id, now] of Object.entries(after.coordinator.handoffs)) {
    const was = factsAbout(before, id as HandoffId);
    const asked = before.coordinator.handoffs[id as HandoffId]?.question?.id;
    if (was === now) continue;
    const round = now.rounds.at(-1);
    const known = was?.rounds.at(-1);
    if (round?.verdict && (known?.epoch !== round.epoch || !known.verdict)) lines.push(...verdictLines(now, round.epoch));
    for (const entry of now.history.slice(was?.history.length ?? 0)) lines.push(`${id} ${entry.to}  ${told(now, entry)}`);
    const ack = now.delegation?.ack ?? null;
    if (ack !== null && ack !== (was?.delegation?.ack ?? null)) lines.push(`${now.to} acknowledges ${now.delegation?.handoff}: ${ack}`);
    for (const answer of now.answers.slice(was?.answers.length ?? 0))
      lines.push(`${id} ${answer.by} decided: ${answer.decision}${answer.text === null ? '' : ` ("${plain(answer.text, 200)}")`}`);
    if (now.question !== null && asked !== now.question.id) lines.push(...questionLines(now, cards));
  }
  return lines;
}

/** A move in words. The phase stands before it, so that the two vocabularies can be learnt side by side. */
function told(handoff: Handoff, { move, by, epoch, reason }: HistoryEntry): string {
  const why = reason === undefined ? '' : `: ${plain(reason, 200)}`;
  const task = `"${plain(handoff.task, 120)}"`;
  const summary = handoff.summary === null ? '' : `: "${plain(handoff.summary, 120)}"`;
  const words: Record<HistoryEntry['move'], string> = {
    assign: `${handoff.from} gets ${task}`,
    ready: `${by} says that it is ready${summary}`,
    verify: `verification begins (epoch ${epoch})`,
    approve: `approved by ${by}${why}`,
    deny: `denied by ${by}${why}`,
    'take-up': `${by} takes the denial up`,
    fixed: `${by} says that it is fixed${summary}`,
    transfer: `the work has passed to ${handoff.to}`,
    release: `${handoff.from} stands by`,
    reassign: `${by} gives ${task} to ${handoff.from}${why}`,
    reopen: `opened again by ${by}${why}`,
    again: `verification begins anew (epoch ${epoch})${why}`,
    withdraw: `withdrawn by ${by}${why}`,
  };
  return words[move];
}

function verdictLines(handoff: Handoff, epoch: number): string[] {
  const round = handoff.rounds.at(-1);
  if (round?.verdict == null) return [];
  const took = duration((round.finishedAt ?? round.startedAt) - round.startedAt);
  const reasons = explainVerdict(round.verdict);
  const more = reasons.length > REASONS_TOLD ? [`and ${reasons.length - REASONS_TOLD} more; see: coordtui explain ${handoff.id}`] : [];
  return [
    `${handoff.id} verdict of epoch ${epoch} after ${took}: ${round.verdict.kind.toUpperCase()}`,
    ...[...reasons.slice(0, REASONS_TOLD), ...more].map((line) => `    ${line}`),
  ];
}

function questionLines(handoff: Handoff, cards: boolean): string[] {
  const question = handoff.question;
  if (question === null) return [];
  const asked = `${handoff.id} needs the operator: ${plain(question.context, 300)}`;
  if (!cards) return [asked];
  const options = question.options.map((option) => `    ${option.key}: ${option.consequence}`);
  return [asked, ...options, `    recommended: ${question.recommendation.key}, since ${question.recommendation.why}`];
}

function debugging(before: State, after: State): string[] {
  if (before.coordinator.debugging === after.coordinator.debugging) return [];
  return Object.values(after.coordinator.debugging ?? {}).flatMap((now) => {
    const was = before.coordinator.debugging?.[now.id];
    if (was === now) return [];
    const found = now.findings.slice(was?.findings.length ?? 0);
    return [
      ...(was?.state === now.state ? [] : [`${now.id} ${now.state}  ${plain(now.issue, 160)}`]),
      ...found.map(({ by, text, file }) => `${now.id} ${by} found: ${plain(text, 200)}${file === null ? '' : ` (${plain(file, 120)})`}`),
    ];
  });
}

/** What the lines above have not said already. */
function alerts(before: State, after: State): string[] {
  const same = new Set(before.coordinator.alerts);
  const others = after.coordinator.alerts.filter((alert) => !same.has(alert));
  if (others.length === 0) return [];
  // By what they say: a state that was folded out of the journal has the same alerts as other objects.
  const known = new Set(before.coordinator.alerts.map(({ at, text }) => `${at} ${text}`));
  const fresh = others.filter(({ at, text }) => !known.has(`${at} ${text}`));
  return fresh
    .filter(
      (alert) => !(alert.handoff !== undefined && after.coordinator.handoffs[alert.handoff]?.question != null && alert.level === 'urgent'),
    )
    .map((alert) => plain(alert.text, 400));
}
