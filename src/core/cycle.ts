/**
 * The monitoring cycle (P1; PROTOCOL section 3): five steps in this order, over the whole observed state. It runs at
 * every event, not only every 30 s: the events are pokes, so a lost, doubled or early one does no harm.
 */
import { archiveOld } from './archive.ts';
import { waitsFor } from './assign.ts';
import { dependencies, passOn, start } from './assignment.ts';
import { complete } from './complete.ts';
import { coordinateDebugging } from './debug-round.ts';
import { approve, deny } from './decision.ts';
import { sendMessage } from './deliver.ts';
import { remindOfDenials } from './denied.ts';
import { idleFor } from './health.ts';
import { type HandoffId, type InstanceId, parseHandoffId } from './ids.ts';
import { acknowledge, ready } from './instance-voice.ts';
import { integrate } from './integration.ts';
import { isMerging, isUnmerged } from './merge-clause.ts';
import { ask, OPTIONS } from './question.ts';
import { compareInQueue } from './queue.ts';
import { watchHealth } from './recovery.ts';
import { reviewsDue } from './review.ts';
import { running, startRound } from './round.ts';
import { restartDue } from './session.ts';
import type { Acknowledgment, Handoff, Pending } from './state.ts';
import { readReport } from './status-document.ts';
import { getAt } from './tree.ts';
import { fireTriggers } from './trigger.ts';
import { acted, alert, atWork, handoffOf, openHandoffs, ownedBy, putHandoff, type Work } from './work.ts';

export function cycle(work: Work): void {
  checkInstanceStatus(work);
  processHandoffRequests(work);
  runVerificationSuite(work);
  approveOrDenyHandoffs(work);
  coordinateNextInstance(work);
  fireTriggers(work);
  coordinateDebugging(work);
  reviewsDue(work);
  archiveOld(work);
}

function checkInstanceStatus(work: Work): void {
  restartDue(work);
  watchHealth(work);
  remindOfDenials(work);
}

/** What the instances' own parts of the status document say, whoever wrote it there and when. */
function processHandoffRequests(work: Work): void {
  for (const instance of Object.keys(work.coordinator.instances) as InstanceId[]) {
    const report = readReport(getAt(work.document, ['instances', instance]));
    const owned = ownedBy(work, instance);
    for (const ack of report.acks) {
      const task = parseHandoffId(ack.task);
      if (task !== null && isNews(work, instance, task, ack.status)) acknowledge(work, instance, task, ack.status, ack.text);
    }
    if (report.ready && (owned === undefined || owned.phase === 'ACTIVE' || owned.phase === 'REMEDIATION')) {
      ready(work, instance, { summary: null, artifacts: [], to: report.target, questions: [] });
    }
  }
}

/** Whether this acknowledgment still says something new; the lines stay in the file after they have been heard. */
function isNews(work: Work, instance: InstanceId, task: HandoffId, status: Acknowledgment): boolean {
  return openHandoffs(work).some((handoff) => {
    if (handoff.to !== instance || handoff.delegation === null) return false;
    if (handoff.delegation.handoff !== task && handoff.id !== task) return false;
    const { ack } = handoff.delegation;
    return ack === null || (ack === 'CLARIFICATION_NEEDED' && status !== ack);
  });
}

/** The queue: by priority, then age. One at a time by default; the rest of it waits where it is. */
function queue(work: Work): Handoff[] {
  return openHandoffs(work)
    .filter((handoff) => handoff.phase === 'HANDOFF_READY')
    .sort(compareInQueue);
}

function runVerificationSuite(work: Work): void {
  const { autopilot } = work.coordinator;
  if (autopilot.paused || autopilot.dial === 'watch') return;
  // What is approved comes before what is not judged yet: somebody waits for it to arrive.
  integrate(work, freeRuns(work));
  let free = freeRuns(work);
  for (const next of queue(work)) {
    if (free <= 0) return;
    if (next.held) continue;
    startRound(work, next, next.verifier);
    free--;
  }
}

/** How many runs of the suite may begin now. */
function freeRuns(work: Work): number {
  const busy = openHandoffs(work).filter((handoff) => running(handoff) !== null || isMerging(handoff));
  return work.coordinator.config.policy.verificationConcurrency - busy.length;
}

/** What the dial lets come about by itself, once its time has come. */
function approveOrDenyHandoffs(work: Work): void {
  const { paused } = work.coordinator.autopilot;
  for (const handoff of openHandoffs(work)) {
    const { pending } = handoff;
    // The operator's own word waits for nothing but the time in which he may take it back.
    if (pending?.by === undefined && (paused || handoff.held)) continue;
    if (handoff.phase !== 'VERIFICATION' || pending === null || pending.dueAt === null || pending.dueAt > work.at) continue;
    if (pending.epoch !== handoff.epoch) putHandoff(work, { ...handoff, pending: null });
    else if (mayBeTakenBack(work, handoff, pending)) continue;
    else if (pending.decision === 'approve') approve(work, handoff, pending.by ?? handoff.verifier, pending.reason ?? undefined);
    else deny(work, handoff, pending.by ?? handoff.verifier, pending.reason ?? undefined);
  }
}

/** Its countdown has just run out: from now on it is held back once more, for those who look up at that very moment. */
function mayBeTakenBack(work: Work, handoff: Handoff, pending: Pending): boolean {
  const { countdownMs, undoMs } = work.coordinator.config.policy;
  if (pending.by !== undefined || pending.decided || undoMs === 0 || countdownMs === 0 || work.coordinator.autopilot.dial === 'act')
    return false;
  const dueAt = work.at + undoMs;
  putHandoff(work, { ...handoff, pending: { ...pending, decided: true, dueAt } });
  work.effects.push({ type: 'wake', at: dueAt });
  const text = `${handoff.id}: ${pending.decision === 'approve' ? 'approved' : 'denied'} by ${handoff.verifier}; it takes effect in ${Math.ceil(undoMs / 1000)} s, until then: coordtui undo ${handoff.id}`;
  alert(work, { level: 'warning', text, handoff: handoff.id });
  return true;
}

function coordinateNextInstance(work: Work): void {
  if (work.coordinator.emergency) return;
  const { paused, dial } = work.coordinator.autopilot;
  if (!paused && dial !== 'watch') integrate(work, freeRuns(work));
  for (const handoff of openHandoffs(work)) {
    if (handoff.phase === 'APPROVED' && !handoff.held) coordinateApproved(work, handoff);
  }
  const waiting = openHandoffs(work).filter((handoff) => handoff.phase === 'STANDBY' && !handoff.held);
  for (const handoff of waiting.sort(compareInQueue)) beginWaiting(work, handoff);
}

function beginWaiting(work: Work, handoff: Handoff): void {
  if (waitsFor(work, handoff) === null) {
    start(work, handoff, handoff.verifier);
    acted(work);
    return;
  }
  const state = dependencies(work, handoff);
  if (typeof state !== 'object') return;
  const text = `${handoff.id} waits for ${state.broken}, which will never be done`;
  // Said once, however often the cycle comes by.
  if (work.coordinator.alerts.every((one) => one.text !== text)) alert(work, { level: 'urgent', text, handoff: handoff.id });
}

/** The coordinator takes what is handed to it at once; any other target has to acknowledge (PROTOCOL section 2). */
function coordinateApproved(work: Work, handoff: Handoff): void {
  if (isUnmerged(handoff)) return;
  if (handoff.to === handoff.verifier || handoff.to === handoff.from) {
    complete(work, handoff, handoff.verifier);
    return;
  }
  const { delegation } = handoff;
  if (delegation === null) {
    if (work.coordinator.autopilot.paused || work.coordinator.autopilot.dial === 'watch') return;
    if (atWork(work, handoff.to) === undefined) {
      passOn(work, handoff);
      acted(work);
      work.effects.push({ type: 'wake', at: work.at + work.coordinator.config.policy.ackReminderMs });
    }
    return;
  }
  if (delegation.ack === 'RECEIVED' || delegation.ack === 'QUEUED') {
    // What does not merge has not arrived before the operator has seen it.
    if (handoff.question?.kind !== 'conflict') complete(work, handoff, handoff.verifier);
  } else if (delegation.ack === null) remind(work, handoff, delegation);
}

/** No acknowledgment: a reminder, an urgent one, then the operator is asked (PROTOCOL section 8). */
function remind(work: Work, handoff: Handoff, delegation: NonNullable<Handoff['delegation']>): void {
  const { ackReminderMs, ackUrgentMs, ackUnresponsiveMs } = work.coordinator.config.policy;
  const steps = [ackReminderMs, ackUrgentMs, ackUnresponsiveMs];
  const idle = idleFor(work.coordinator, handoff.to, work.awake);
  if (idle === null) return;
  // What was sent while it was at work or out of reach is counted from when it could be read.
  const waited = Math.min(work.at - delegation.sentAt, idle);
  const due = steps.filter((after) => waited >= after).length;
  if (due <= delegation.reminders) return;
  const told = putHandoff(work, { ...handoff, delegation: { ...delegation, reminders: due } });
  const nextStep = steps[due];
  if (nextStep !== undefined) work.effects.push({ type: 'wake', at: delegation.sentAt + nextStep });
  if (due >= steps.length) {
    ask(work, told, {
      kind: 'unresponsive',
      context: `${handoff.to} has not acknowledged ${delegation.handoff} for ${Math.round(waited / 60_000)} min`,
      reasons: [],
      options: [OPTIONS.wait, OPTIONS.reassign, OPTIONS.withdraw],
      recommendation: { key: 'wait', why: 'look at its session first: coordtui tail' },
    });
    return;
  }
  const task = handoffOf(work, delegation.handoff);
  sendMessage(work, {
    to: handoff.to,
    type: 'request',
    subject: due === 1 ? 'reminder' : 'urgent_reminder',
    text: `Acknowledge ${delegation.handoff}: coordtui ack ${delegation.handoff} RECEIVED --understanding "…"`,
    priority: due === 1 ? 'high' : 'critical',
    handoff: delegation.handoff,
    path: task?.document ?? null,
  });
}
