/**
 * What an instance says about its own work, by whichever way it came: a verb, or an edit of its part of the
 * status document. It can only report, and only for itself (PROTOCOL section 1).
 */
import { create } from './assignment.ts';
import { openMoves } from './handoff.ts';
import type { HandoffId, InstanceId } from './ids.ts';
import { ask, OPTIONS } from './question.ts';
import { done, failure, type Reply } from './reply.ts';
import type { Acknowledgment, Handoff } from './state.ts';
import type { Observed } from './vital-signs.ts';
import { alive, vitalsOf } from './vitals.ts';
import { alert, handoffOf, makeMove, openHandoffs, ownedBy, putHandoff, putInstance, type Work } from './work.ts';

export type Readiness = {
  readonly summary: string | null;
  readonly artifacts: readonly string[];
  readonly to: InstanceId | null;
  readonly questions: readonly string[];
};

/** `ready`, `fixed`, or work that nobody had assigned: an instance's word that it is done, to be verified. */
export function ready(work: Work, instance: InstanceId, said: Readiness): Reply {
  heard(work, instance);
  const owned = ownedBy(work, instance) ?? unassigned(work, instance, said);
  const handoff = owned.phase === 'FAILED' ? takeUp(work, owned, instance) : owned;
  const move = handoff.phase === 'ACTIVE' ? 'ready' : handoff.phase === 'REMEDIATION' ? 'fixed' : null;
  if (move === null) {
    return failure(
      'refused',
      `ready: ${handoff.id} is in ${handoff.phase}, where nothing can be reported ready`,
      `open moves: ${openMoves(handoff.phase).join(', ')}; see: coordtui explain ${handoff.id}`,
    );
  }
  const next = makeMove(work, handoff, move, instance, {
    readyAt: work.at,
    summary: said.summary ?? handoff.summary,
    artifacts: said.artifacts.length > 0 ? said.artifacts : handoff.artifacts,
    questions: said.questions,
    to: said.to ?? handoff.to,
  });
  return done(`${next.id} is ready and waits for its verification`, { handoff: next.id, phase: next.phase });
}

/** An instance that reports work nobody gave it is believed to have done it; the checks decide the rest. */
function unassigned(work: Work, instance: InstanceId, said: Readiness): Handoff {
  const made = create(work, {
    instance,
    to: said.to,
    task: said.summary ?? `work that ${instance} took on by itself`,
    type: null,
    priority: 'medium',
    depends: [],
    required: [],
    base: work.coordinator.instances[instance]?.base ?? null,
    parent: null,
  });
  return makeMove(work, made, 'assign', instance);
}

/** FAILED → REMEDIATION: the first sign that the instance has taken the denial up. */
export function takeUp(work: Work, handoff: Handoff, instance: InstanceId): Handoff {
  const asked = handoff.question?.kind === 'unresponsive' ? null : handoff.question;
  return makeMove(work, handoff, 'take-up', instance, { question: asked });
}

/** Its program says that it began to work after the denial was delivered: somebody is at it (PROTOCOL section 2). A redraw says nothing. */
export function seenAtWork(work: Work, { instance, beganMsAgo }: Observed): void {
  const owned = beganMsAgo === undefined ? undefined : ownedBy(work, instance);
  const denied = vitalsOf(work.coordinator.instances[instance]).given;
  if (beganMsAgo === undefined || owned?.phase !== 'FAILED' || denied === null || work.awake - beganMsAgo <= denied.awake) return;
  takeUp(work, owned, instance);
}

/** The instance did something on its own: whatever waits for a sign of life from it goes on. */
export function heard(work: Work, instance: InstanceId, how: 'verb' | 'status' = 'verb'): void {
  if (work.coordinator.instances[instance] === undefined) return;
  putInstance(work, instance, { lastReportAt: work.at });
  alive(work, instance, how);
}

/** An acknowledgment, of a delegation or of a denial (PROTOCOL sections 2 and 8). */
export function acknowledge(work: Work, instance: InstanceId, task: HandoffId, status: Acknowledgment, text: string | null): Reply {
  heard(work, instance);
  const handoff = handoffOf(work, task);
  const parent = openHandoffs(work).find(
    (other) => other.to === instance && other.delegation !== null && (other.id === task || other.delegation.handoff === task),
  );
  if (handoff === undefined) return failure('notFound', `ack: there is no task ${task}`, 'see: coordtui handoffs');
  if (parent === undefined && handoff.from !== instance) {
    return failure('refused', `ack: ${task} belongs to ${handoff.from}, not to ${instance}`, `${handoff.from} acknowledges it`);
  }
  if (handoff.from === instance && handoff.phase === 'FAILED') takeUp(work, handoff, instance);
  if (parent?.delegation != null) {
    const told = putHandoff(work, { ...parent, delegation: { ...parent.delegation, ack: status } });
    if (status === 'REJECTED') ask(work, told, rejected(told, text));
    else if (told.question?.kind === 'rejected' || told.question?.kind === 'unresponsive') putHandoff(work, { ...told, question: null });
  } else if (status === 'REJECTED') {
    alert(work, { level: 'urgent', text: `${instance} rejects ${task}: ${text ?? 'no reason given'}`, handoff: task, instance });
  }
  if (status === 'CLARIFICATION_NEEDED')
    alert(work, { level: 'urgent', text: `${instance} asks about ${task}: ${text ?? ''}`, handoff: task, instance });
  return done(`${instance} says ${status} to ${task}`, { handoff: task, status });
}

function rejected(handoff: Handoff, text: string | null) {
  return {
    kind: 'rejected' as const,
    context: `${handoff.to} rejects the work of ${handoff.id}: ${text ?? 'no reason given'}`,
    reasons: [],
    options: [OPTIONS.reassign, OPTIONS.wait, OPTIONS.withdraw],
    recommendation: { key: 'wait', why: 'the reason may be answered; the work stays approved' },
  };
}
