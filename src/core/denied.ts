/**
 * A denial that nobody takes up (PROTOCOL sections 2 and 8): a reminder, an urgent one, then the operator is asked. The
 * clock stands still while the instance is at work, asks something or cannot be reached, and begins at its first idle moment.
 */
import { sendMessage } from './deliver.ts';
import { idleFor } from './health.ts';
import type { Ms } from './ids.ts';
import type { Policy } from './policy.ts';
import { ask, OPTIONS } from './question.ts';
import type { Handoff, Option } from './state.ts';
import { duration } from './time.ts';
import type { Untold } from './vital-signs.ts';
import { tell, vitalsOf } from './vitals.ts';
import { acted, alert, handoffOf, openHandoffs, type Work } from './work.ts';

type Step = { readonly what: Untold; readonly after: keyof Policy & `ack${string}Ms` };
const STEPS: readonly Step[] = [
  { what: 'reminder', after: 'ackReminderMs' },
  { what: 'urgent reminder', after: 'ackUrgentMs' },
  { what: 'unresponsive', after: 'ackUnresponsiveMs' },
];

export function remindOfDenials(work: Work): void {
  if (work.coordinator.emergency) return;
  const { autopilot, config } = work.coordinator;
  for (const { id } of openHandoffs(work)) {
    const handoff = handoffOf(work, id);
    if (handoff?.phase !== 'FAILED' || handoff.held || handoff.question !== null) continue;
    const idleMs = idleFor(work.coordinator, handoff.from, work.awake);
    const due = STEPS.findLast(({ after }) => idleMs !== null && idleMs >= config.policy[after]);
    if (due === undefined) continue;
    // Who only looks on sends nothing; that nothing goes on, the operator hears all the same.
    if (due.what !== 'unresponsive' && (autopilot.paused || autopilot.dial === 'watch')) continue;
    if (!tell(work, handoff.from, due.what)) continue;
    if (due.what === 'unresponsive') askOperator(work, handoff, idleMs ?? 0);
    else remind(work, handoff, due.what === 'urgent reminder');
  }
}

function remind(work: Work, handoff: Handoff, urgent: boolean): void {
  sendMessage(work, {
    to: handoff.from,
    type: 'request',
    subject: urgent ? 'urgent_reminder' : 'reminder',
    text: `${handoff.id} was denied and waits to be taken up: coordtui ack ${handoff.id} RECEIVED --understanding "…"`,
    priority: urgent ? 'critical' : 'high',
    handoff: handoff.id,
    path: handoff.document,
  });
  acted(work);
  alert(work, {
    level: urgent ? 'urgent' : 'warning',
    text: `${handoff.from} has not taken up the denial of ${handoff.id} and is reminded${urgent ? ' again, urgently' : ''}`,
    handoff: handoff.id,
    instance: handoff.from,
  });
}

/** Once it is somebody else's, the denial counts as taken up by the operator. */
const REASSIGN: Option = { ...OPTIONS.reassign, consequence: 'its new owner gets the work with what was found' };

function askOperator(work: Work, handoff: Handoff, idleMs: Ms): void {
  const reminded = vitalsOf(work.coordinator.instances[handoff.from]).told.includes('reminder');
  ask(work, handoff, {
    kind: 'unresponsive',
    context: `${handoff.from} has not taken up the denial of ${handoff.id} for ${duration(idleMs)}${reminded ? ', though it was reminded' : ''}`,
    reasons: [],
    options: [OPTIONS.wait, REASSIGN, OPTIONS.withdraw],
    recommendation: { key: 'wait', why: 'look at its session first: coordtui tail' },
  });
}
