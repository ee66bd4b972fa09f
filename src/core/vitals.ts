/** Signs of life of an instance, as they come in (PROTOCOL section 7). What they mean is said in `health`. */
import type { InstanceId, Ms } from './ids.ts';
import { plain } from './plain.ts';
import type { InstanceState } from './state.ts';
import { duration } from './time.ts';
import { type Asking, type Mark, NO_VITALS, type Observed, type Untold, type Vitals } from './vital-signs.ts';
import { alert, atWork, putInstance, type Work } from './work.ts';

export function vitalsOf(instance: InstanceState | undefined): Vitals {
  return instance?.vitals ?? NO_VITALS;
}

function put(work: Work, id: InstanceId, change: Partial<Vitals>): void {
  const now = work.coordinator.instances[id];
  if (now !== undefined) putInstance(work, id, { vitals: { ...vitalsOf(now), ...change } });
}

/** A mark is renewed when it has become old enough to matter, not at every sign: each renewal is a line in the journal. */
function renewed(work: Work, before: Mark | null, agoMs: Ms): Mark | null {
  const mark = { at: work.at - agoMs, awake: work.awake - agoMs };
  const { staleWarningMs } = work.coordinator.config.policy;
  return before !== null && mark.awake - before.awake < Math.min(60_000, staleWarningMs / 10) ? null : mark;
}

/** The instance did something that we know of: a verb, a write to its part of the status file, a message. */
export function alive(work: Work, id: InstanceId, how: 'verb' | 'status' | 'screen', agoMs: Ms = 0): void {
  const now = vitalsOf(work.coordinator.instances[id]);
  const mark = renewed(work, now.heartbeat, agoMs);
  const answered = now.prompted !== null && work.awake - agoMs > now.prompted.awake;
  const wrote = how === 'status' ? renewed(work, now.statusWrite, agoMs) : null;
  if (mark === null && !answered && wrote === null) return;
  put(work, id, {
    ...(mark === null ? {} : { heartbeat: mark }),
    ...(wrote === null ? {} : { statusWrite: wrote }),
    ...(answered && now.prompted !== null ? { prompted: null, responseMs: work.awake - agoMs - now.prompted.awake } : {}),
  });
}

/** It has got something to do, or its work is in another phase: silence is counted from here. */
export function given(work: Work, id: InstanceId): void {
  put(work, id, { given: { at: work.at, awake: work.awake }, told: [] });
}

/** The newest sign that is the instance's own doing, by the time that counts. */
export function lastSign(work: Work, id: InstanceId): Ms {
  const { heartbeat, statusWrite, commit } = vitalsOf(work.coordinator.instances[id]);
  return Math.max(heartbeat?.awake ?? 0, statusWrite?.awake ?? 0, commit === null || commit.shared ? 0 : commit.mark.awake);
}

/** Whether this is to be told now: once for each silence. */
export function tell(work: Work, id: InstanceId, what: Untold): boolean {
  const { told } = vitalsOf(work.coordinator.instances[id]);
  if (told.includes(what)) return false;
  put(work, id, { told: [...told, what] });
  return true;
}

/** A room that begins: nobody has aged while there was none, and no dialog is open in a session that starts. */
export function woken(work: Work, former: Vitals = NO_VITALS): Vitals {
  return { ...former, given: { at: work.at, awake: work.awake }, asking: null, away: null, busy: null, prompted: null, told: [] };
}

export function prompted(work: Work, id: InstanceId): void {
  if (vitalsOf(work.coordinator.instances[id]).prompted === null) put(work, id, { prompted: { at: work.at, awake: work.awake } });
}

const ASKS: Readonly<Record<Asking, string>> = {
  permission: 'asks for a permission',
  question: 'asks you something',
  auth: 'needs you to log in',
};

export function observe(work: Work, seen: readonly Observed[]): void {
  for (const one of seen) {
    const instance = work.coordinator.instances[one.instance];
    if (instance === undefined) continue;
    if (isAway(work, one)) continue;
    if (one.signAgoMs !== null && !ofRestart(work, one)) alive(work, one.instance, 'screen', one.signAgoMs);
    const now = vitalsOf(work.coordinator.instances[one.instance]);
    const busy = one.busy ? renewed(work, now.busy, 0) : null;
    if (busy !== null) put(work, one.instance, { busy });
    const { commit } = one;
    if (commit !== null && commit.hash !== now.commit?.hash) {
      // The first look finds what was there before; only a later one has seen it happen.
      const mark = now.commit === null ? { at: commit.authorAt, awake: 0 } : { at: work.at, awake: work.awake };
      put(work, one.instance, { commit: { ...commit, mark } });
    }
    if (one.asking === (now.asking?.what ?? null)) continue;
    // It waited for somebody else: its own silence begins now.
    if (one.asking === null) given(work, one.instance);
    put(work, one.instance, { asking: one.asking === null ? null : { what: one.asking, since: { at: work.at, awake: work.awake } } });
    if (one.asking !== null)
      alert(work, { level: 'urgent', text: `${one.instance} ${ASKS[one.asking]}, in its own pane`, instance: one.instance });
  }
}

/** Out of reach is no silence: all clocks stand still, and count anew when it is there again (PROTOCOL section 7). */
function isAway(work: Work, { instance: id, away: why }: Observed): boolean {
  const before = vitalsOf(work.coordinator.instances[id]).away ?? null;
  if (why === undefined) {
    if (before === null) return false;
    put(work, id, { away: null });
    given(work, id);
    if (before.alerted)
      alert(work, { level: 'info', text: `${id} can be reached again, after ${duration(work.awake - before.since.awake)}`, instance: id });
    return false;
  }
  const since = before?.since ?? { at: work.at, awake: work.awake };
  const long = work.awake - since.awake >= work.coordinator.config.policy.awayAlertMs;
  if (before?.why === why && (before.alerted || !long)) return true;
  put(work, id, { away: { why, since, alerted: long } });
  if (long && before?.alerted !== true)
    alert(work, {
      level: 'urgent',
      text: `${id} has been out of reach for ${duration(work.awake - since.awake)}: ${plain(why, 120)}`,
      instance: id,
    });
  return true;
}

/** What a program draws because it was just started again says nothing about whether it works (PROTOCOL section 7). */
function ofRestart(work: Work, { instance, signAgoMs }: Observed): boolean {
  const restarted = atWork(work, instance)?.recovery?.steps.findLast(({ step, refused }) => step === 'restart' && refused === undefined);
  if (restarted === undefined) return false;
  const begun = Math.max(restarted.awake, vitalsOf(work.coordinator.instances[instance]).started?.awake ?? 0);
  return work.awake - (signAgoMs ?? 0) - begun < work.coordinator.config.policy.recoverySettleMs;
}
