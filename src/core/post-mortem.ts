/** What is written down when an instance was lost: why, what was tried, and what it leaves behind (P1, failure recovery, step 5). */
import { coordinatorOf } from './assignment.ts';
import { writeDocument, writePlain } from './deliver.ts';
import { healthOf } from './health.ts';
import type { InstanceId } from './ids.ts';
import type { Handoff } from './state.ts';
import { duration, isoTime } from './time.ts';
import { type Mark, NO_VITALS } from './vital-signs.ts';
import { draw, putHandoff, type Work } from './work.ts';

/** One for each recovery, with the steps that were taken until now. */
export function postMortem(work: Work, handoff: Handoff): Handoff {
  const { recovery } = handoff;
  if (!recovery || recovery.document !== undefined) return handoff;
  const id = handoff.from;
  const vitals = work.coordinator.instances[id]?.vitals ?? NO_VITALS;
  const session = work.coordinator.instances[id];
  const check = healthOf(work.coordinator, id, work.awake);
  const when = (mark: Mark | null) => (mark === null ? 'never' : isoTime(mark.at));
  const path = `docs/post-mortems/${isoTime(work.at).slice(0, 10).replaceAll('-', '')}-${handoff.id}-${draw(work)}.md`;
  writePlain(work, path, 'post-mortem', {
    INSTANCE: id,
    HANDOFF: handoff.id,
    TASK: handoff.task,
    PRIORITY: handoff.priority,
    CREATED: isoTime(work.at),
    FOUND: isoTime(recovery.since.at),
    WHY: recovery.why,
    SIGNALS: [
      `- last heartbeat: ${when(vitals.heartbeat)}`,
      `- last write to the status file: ${when(vitals.statusWrite)}`,
      `- last commit: ${vitals.commit === null ? 'none seen' : `${isoTime(vitals.commit.authorAt)}${vitals.commit.shared ? ' (shared checkout)' : ''}`}`,
      `- response time: ${vitals.responseMs === null ? 'never answered' : duration(vitals.responseMs)}`,
      `- work quality: ${check.quality}`,
      `- session: ${session?.session ?? 'none'}${session?.exit ? ` (exit ${session.exit.code ?? session.exit.signal})` : ''}`,
    ].join('\n'),
    TIMELINE: recovery.steps
      .map(({ step, at, refused }) => `- ${isoTime(at)} ${step}${refused === undefined ? '' : `, refused: ${refused}`}`)
      .join('\n'),
    RESTARTS: String(session?.restarts.length ?? 0),
  });
  return putHandoff(work, { ...handoff, recovery: { ...recovery, document: path } });
}

/** Who takes over learns what was done and where it lies; the files and the patch are taken from the tree as it is written. */
export function replacement(work: Work, handoff: Handoff, to: InstanceId, reason: string): string {
  return writeDocument(
    work,
    {
      from: coordinatorOf(work),
      to,
      template: 'replacement-handoff',
      values: {
        SUBJECT: `Take over ${handoff.id}`,
        PRIORITY: handoff.priority,
        TASK_ID: handoff.id,
        TASK: handoff.task,
        FORMER: handoff.from,
        REASON: reason,
        PROGRESS: progress(work, handoff),
        POST_MORTEM: handoff.recovery?.document ?? null,
        DELEGATION: handoff.document,
        EVIDENCE: handoff.rounds.findLast(({ evidence }) => evidence !== null)?.evidence?.path ?? null,
      },
    },
    { instance: handoff.from, base: handoff.base },
  );
}

function progress(work: Work, handoff: Handoff): string {
  const said = handoff.summary === null ? [] : [`- ${handoff.from} said: ${handoff.summary}`];
  const moves = handoff.history.map(({ at, move, to, by }) => `- ${isoTime(at)} ${move} → ${to} by ${by}`);
  const round = handoff.rounds.at(-1);
  const checks = (round?.checks ?? []).map(({ check, outcome, reason }) => `- check ${check}: ${outcome} (${reason})`);
  const worked = `- worked on for ${duration(work.at - handoff.phaseSince)} in ${handoff.phase}`;
  return [...moves, worked, ...said, ...checks].join('\n');
}
