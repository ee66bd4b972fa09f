/**
 * The recovery ladder (PROTOCOL section 7): nudge → urgent nudge → restart → mark the work → propose another owner. Every
 * step, and every step that was refused, stands on the handoff. What is well is never touched: before each step health is
 * asked anew, and a restart needs two independent signs.
 */

import { coordinatorOf } from './assignment.ts';
import { counted } from './counted.ts';
import { sendMessage } from './deliver.ts';
import { type HealthCheck, healthOf, isBusy } from './health.ts';
import type { InstanceId } from './ids.ts';
import { postMortem } from './post-mortem.ts';
import { ask, OPTIONS } from './question.ts';
import { configOf, restartSession } from './session.ts';
import type { Handoff, Option, Recovery, RecoveryStep } from './state.ts';
import { specialisationOf } from './terms.ts';
import { duration } from './time.ts';
import { given, lastSign, tell, vitalsOf } from './vitals.ts';
import { acted, alert, atWork, handoffOf, openHandoffs, putHandoff, type Work } from './work.ts';

/** First of the cycle's steps: whoever is silent is told so, then helped, then taken the work from, as far as the dial lets it. */
export function watchHealth(work: Work): void {
  if (work.coordinator.emergency) return;
  for (const { id } of openHandoffs(work)) {
    const handoff = handoffOf(work, id);
    if (handoff === undefined || (handoff.phase !== 'ACTIVE' && handoff.phase !== 'REMEDIATION') || handoff.held) continue;
    const check = healthOf(work.coordinator, handoff.from, work.awake);
    if (handoff.recovery && lastSign(work, handoff.from) > handoff.recovery.since.awake) back(work, handoff);
    else if (check.health === 'stale' || check.health === 'failed') climb(work, handoff, check);
    else if (check.warned && tell(work, handoff.from, 'warning'))
      alert(work, { level: 'warning', text: `${handoff.from} is ${check.why} (${handoff.id})`, handoff: id, instance: handoff.from });
  }
}

function back(work: Work, handoff: Handoff): void {
  const gone = duration(work.awake - (handoff.recovery?.since.awake ?? work.awake));
  putHandoff(work, { ...handoff, recovery: null, question: handoff.question?.kind === 'recovery' ? null : handoff.question });
  alert(work, {
    level: 'info',
    text: `${handoff.from} is back, ${gone} after it was found ${handoff.recovery?.why ?? 'silent'}; ${handoff.id} goes on`,
    instance: handoff.from,
  });
}

type Rung = { readonly step: RecoveryStep; readonly after: 'staleAfterMs' | 'recoveryUrgentMs' | 'recoveryRestartMs' | 'recoveryMarkMs' };
const LADDER: readonly Rung[] = [
  { step: 'nudge', after: 'staleAfterMs' },
  { step: 'urgent', after: 'recoveryUrgentMs' },
  { step: 'restart', after: 'recoveryRestartMs' },
  { step: 'mark', after: 'recoveryMarkMs' },
];

/** A session that ended for good needs no nudge: its exit says all. */
function climb(work: Work, found: Handoff, check: HealthCheck): void {
  const { autopilot, config } = work.coordinator;
  const dead = check.health === 'failed' && found.recovery?.exhausted !== true;
  if (found.recovery?.exhausted === true) return;
  if (tell(work, found.from, 'stale'))
    alert(work, {
      level: 'urgent',
      text: `${found.from} is ${dead ? 'down' : 'stale'} with ${found.id}: ${check.why}`,
      instance: found.from,
    });
  if (autopilot.paused || autopilot.dial === 'watch') return;
  const handoff = found.recovery ? found : begin(work, found, check.why);
  const silentMs = dead ? Number.POSITIVE_INFINITY : (check.silentMs ?? 0);
  const ladder = dead ? LADDER.filter(({ step }) => step === 'mark') : LADDER;
  const next = ladder.find(({ step }) => !isDone(handoff, step));
  if (next === undefined || silentMs < config.policy[next.after]) return;
  // A silence that was found late does not shorten the time that each step has to work.
  const before = ladder[ladder.indexOf(next) - 1];
  const last = handoff.recovery?.steps.at(-1);
  const patience = before === undefined ? 0 : config.policy[next.after] - config.policy[before.after];
  if (last === undefined || work.awake - last.awake >= patience) take(work, handoff, next.step);
}

function begin(work: Work, handoff: Handoff, why: string): Handoff {
  const recovery: Recovery = { since: { at: work.at, awake: work.awake }, why, steps: [], dueAt: null, exhausted: false };
  return putHandoff(work, { ...handoff, recovery });
}

/** Refused counts as done once there is a later rung that may still help. */
function isDone({ recovery }: Handoff, step: RecoveryStep): boolean {
  return recovery?.steps.some((one) => one.step === step) === true;
}

function take(work: Work, handoff: Handoff, step: RecoveryStep): void {
  const { dial } = work.coordinator.autopilot;
  const waits = handoff.question?.kind === 'recovery';
  const dueAt = handoff.recovery?.dueAt ?? null;
  switch (step) {
    case 'nudge':
    case 'urgent':
      nudge(work, handoff, step);
      return;
    case 'restart': {
      const why = notToRestart(work, handoff);
      if (why !== null) refuse(work, handoff, step, why);
      else if (dial === 'act' || (waits && dial === 'countdown' && dueAt !== null && dueAt <= work.at))
        restart(work, handoff, coordinatorOf(work));
      else if (!waits) announce(work, handoff, dial === 'countdown' ? work.at + work.coordinator.config.policy.countdownMs : null);
      return;
    }
    default:
      mark(work, handoff);
  }
}

function nudge(work: Work, handoff: Handoff, step: 'nudge' | 'urgent'): void {
  const urgent = step === 'urgent';
  sendMessage(work, {
    to: handoff.from,
    type: urgent ? 'alert' : 'request',
    subject: urgent ? 'urgent_nudge' : 'nudge',
    text: `Nothing was heard of you for a long time, and ${handoff.id} is yours. Say how it stands: coordtui status set instances.${handoff.from}.currentTask "…"; or, when it is done: coordtui ready`,
    priority: urgent ? 'critical' : 'high',
    handoff: handoff.id,
    path: handoff.document,
  });
  note(work, handoff, step, urgent ? 'is nudged again, urgently' : 'is nudged');
}

/** What speaks for life forbids a restart, whatever the silence says (PROTOCOL section 7: two independent signs). */
function notToRestart(work: Work, handoff: Handoff): string | null {
  const id = handoff.from;
  const instance = work.coordinator.instances[id];
  const { restartCap, restartWindowMs } = work.coordinator.config.policy;
  if (configOf(work, id)?.command == null) return 'it has no session that could be started anew';
  if (instance?.session === 'stopped') return 'the operator has ended its session';
  if (vitalsOf(instance).asking !== null) return 'it waits for the operator';
  if (isBusy(work.coordinator, id, work.awake)) return 'its child processes are at work';
  if (!isDone(handoff, 'nudge') || !isDone(handoff, 'urgent')) return 'it was not asked twice before';
  // A second sign beside the silence: it was asked, and did not answer by any other way either.
  if (vitalsOf(instance).prompted === null) return 'it has answered what it was asked';
  const recent = (instance?.restarts ?? []).filter((at) => work.at - at < restartWindowMs).length;
  return recent >= restartCap ? `it was restarted ${counted(recent, 'time')} in ${duration(restartWindowMs)}` : null;
}

export function restart(work: Work, handoff: Handoff, who: string): void {
  const instance = work.coordinator.instances[handoff.from];
  note(
    work,
    { ...handoff, question: handoff.question?.kind === 'recovery' ? null : handoff.question },
    'restart',
    `is started anew by ${who}`,
  );
  restartSession(work, handoff.from, [...(instance?.restarts ?? []), work.at]);
}

function refuse(work: Work, handoff: Handoff, step: RecoveryStep, why: string): void {
  if (handoff.recovery?.steps.some((one) => one.step === step && one.refused === why)) return;
  note(work, handoff, step, `is not restarted: ${why}`, why);
}

function announce(work: Work, handoff: Handoff, dueAt: number | null): void {
  const asked = ask(work, handoff, {
    kind: 'recovery',
    context: `${handoff.from} does not answer: ${handoff.recovery?.why ?? 'silent'}${dueAt === null ? '' : `; it will be started anew in ${duration(dueAt - work.at)} unless you choose to wait`}`,
    reasons: [],
    options: [RESTART, OPTIONS.wait, OPTIONS.reassign, OPTIONS.withdraw],
    recommendation: { key: 'restart', why: 'it is silent in every way and was asked twice; its files stay' },
  });
  if (asked.recovery) putHandoff(work, { ...asked, recovery: { ...asked.recovery, dueAt } });
  if (dueAt !== null) work.effects.push({ type: 'wake', at: dueAt });
}

export const RESTART: Option = {
  key: 'restart',
  label: 'start it anew',
  consequence: 'its session is ended and started again; files stay',
};

/** The work is marked; critical work is offered to somebody else, by the operator's word only. */
function mark(work: Work, handoff: Handoff): void {
  const marked = note(work, handoff, 'mark', `has its work marked for recovery: ${handoff.id}`);
  const written = postMortem(work, marked);
  if (written.priority !== 'critical') {
    putHandoff(work, { ...written, recovery: written.recovery ? { ...written.recovery, exhausted: true } : null });
    return;
  }
  const candidates = heirs(work, written);
  const [first] = candidates;
  const told = note(work, written, 'propose', `may have to give up critical work: ${handoff.id}`);
  ask(
    work,
    { ...told, recovery: told.recovery ? { ...told.recovery, exhausted: true } : null },
    {
      kind: 'recovery',
      context: `${handoff.from} cannot be reached, and ${handoff.id} is critical: ${candidates.length === 0 ? 'nobody of its kind is free' : `${candidates.join(', ')} could take it over`}`,
      reasons: [],
      options: [OPTIONS.reassign, RESTART, OPTIONS.wait, OPTIONS.withdraw],
      recommendation:
        first === undefined
          ? { key: 'restart', why: 'nobody else of its specialisation is free' }
          : { key: 'reassign', why: `${first} has the same specialisation and is free` },
    },
  );
}

/** Free, well, and of the same specialisation: anything else is the operator's own idea. */
function heirs(work: Work, handoff: Handoff): InstanceId[] {
  const { instances } = work.coordinator;
  const kind = specialisationOf(instances[handoff.from]?.role ?? '');
  return (Object.keys(instances) as InstanceId[]).filter(
    (id) =>
      id !== handoff.from &&
      id !== handoff.verifier &&
      instances[id]?.session === 'running' &&
      specialisationOf(instances[id]?.role ?? '') === kind &&
      atWork(work, id) === undefined &&
      healthOf(work.coordinator, id, work.awake).health === 'healthy',
  );
}

/** The operator lets it be: the silence is counted anew from now. */
export function letBe(work: Work, handoff: Handoff): Handoff {
  given(work, handoff.from);
  return putHandoff(work, { ...handoff, question: null, recovery: null });
}

function note(work: Work, handoff: Handoff, step: RecoveryStep, what: string, refused?: string): Handoff {
  const { recovery } = handoff;
  if (!recovery) throw new Error(`handoff ${handoff.id}: a step of recovery without a recovery`);
  const taken = { step, at: work.at, awake: work.awake, ...(refused === undefined ? {} : { refused }) };
  acted(work);
  const level = refused === undefined && step === 'nudge' ? 'warning' : 'urgent';
  alert(work, { level, text: `recovery of ${handoff.id}: ${handoff.from} ${what}`, instance: handoff.from });
  return putHandoff(work, { ...handoff, recovery: { ...recovery, dueAt: null, steps: [...recovery.steps, taken] } });
}
