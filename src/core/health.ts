/**
 * Whether an instance is well (PROTOCOL section 7): the five signals of P1's InstanceHealthCheck, and what follows from
 * them. Stale is what is silent in every way while it has work; whoever waits for the operator is never stale.
 */
import type { InstanceId, Ms } from './ids.ts';
import { openOf } from './open-handoffs.ts';
import type { CoordinatorState, Handoff } from './state.ts';
import { duration } from './time.ts';
import { type Mark, NO_VITALS } from './vital-signs.ts';

export type Health = 'healthy' | 'stale' | 'unresponsive' | 'failed';
export type WorkQuality = 'good' | 'degraded' | 'failed';

export type HealthCheck = {
  readonly health: Health;
  /** Silent for longer than the warning's limit, and not stale yet. */
  readonly warned: boolean;
  readonly why: string;
  /** null: nothing is expected of it. */
  readonly silentMs: Ms | null;
  readonly quality: WorkQuality;
};

/** @param awake the time that counts, see `awake` */
export function healthOf(coordinator: CoordinatorState, id: InstanceId, awake: Ms): HealthCheck {
  const instance = coordinator.instances[id];
  const vitals = instance?.vitals ?? NO_VITALS;
  const quality = qualityOf(vitals.verdicts);
  const open = openOf(coordinator.handoffs);
  const owned = open.find((handoff) => handoff.from === id && handoff.phase !== 'STANDBY');
  const silentMs = owned === undefined || !isExpected(owned) ? null : silence(coordinator, id, awake);
  const is = (health: Health, why: string, warned = false): HealthCheck => ({ health, why, warned, silentMs, quality });

  if (instance?.session === 'failed') return is('failed', 'its session ended too often, or could not be started');
  if (owned?.recovery?.exhausted === true) return is('failed', 'everything was tried to reach it');
  const { policy } = coordinator.config;
  const unheard = open.find(({ to, delegation }) => to === id && delegation?.ack === null && delegation.reminders >= 3);
  if (unheard !== undefined) return is('unresponsive', `it has not acknowledged ${unheard.delegation?.handoff ?? unheard.id}`);
  if (owned?.phase === 'FAILED' && vitals.told.includes('unresponsive'))
    return is('unresponsive', `it has not taken up the denial of ${owned.id}`);
  if (vitals.away != null)
    return is('healthy', `has been out of reach for ${duration(awake - vitals.away.since.awake)}: ${vitals.away.why}`);
  if (vitals.asking !== null)
    return is('healthy', `waits for you (${vitals.asking.what}) since ${duration(awake - vitals.asking.since.awake)}`);
  if (silentMs === null) return is('healthy', owned === undefined ? 'has no work' : `its work is in ${owned.phase}`);
  const quiet = `silent for ${duration(silentMs)}: no write, no output, no commit, no message`;
  if (silentMs < policy.staleWarningMs) return is('healthy', `last sign ${duration(silentMs)} ago`);
  if (isBusy(coordinator, id, awake) && silentMs < policy.busyAtMostMs)
    return is('healthy', `${quiet}; but its child processes are at work`, silentMs >= policy.staleAfterMs);
  return silentMs < policy.staleAfterMs ? is('healthy', quiet, true) : is('stale', quiet);
}

/** Only who has work in hand can be late with it; ready work waits for somebody else. */
function isExpected({ phase, held }: Handoff): boolean {
  return !held && (phase === 'ACTIVE' || phase === 'REMEDIATION');
}

/** Since the newest of all signs. A commit in a checkout that several share is nobody's. */
function silence(coordinator: CoordinatorState, id: InstanceId, awake: Ms): Ms {
  const { heartbeat, statusWrite, commit, given } = coordinator.instances[id]?.vitals ?? NO_VITALS;
  const marks: (Mark | null)[] = [heartbeat, statusWrite, given, commit === null || commit.shared ? null : commit.mark];
  const newest = Math.max(...marks.map((mark) => mark?.awake ?? 0));
  return Math.max(0, awake - newest);
}

/** Its children have computed at one of the last looks. A build that prints nothing is no silence, up to a limit. */
export function isBusy(coordinator: CoordinatorState, id: InstanceId, awake: Ms): boolean {
  const { busy } = coordinator.instances[id]?.vitals ?? NO_VITALS;
  const { monitorIntervalMs, staleWarningMs } = coordinator.config.policy;
  return busy !== null && awake - busy.awake <= 2 * Math.max(monitorIntervalMs, Math.min(60_000, staleWarningMs / 10));
}

/** For how long it could have taken up what it was sent; null: it is at work, asks something or cannot be reached, and the clock stands still (PROTOCOL section 8). */
export function idleFor(coordinator: CoordinatorState, id: InstanceId, awake: Ms): Ms | null {
  const { asking, away, given, busy } = coordinator.instances[id]?.vitals ?? NO_VITALS;
  if (asking !== null || away != null || isBusy(coordinator, id, awake)) return null;
  return awake - Math.max(given?.awake ?? awake, busy?.awake ?? 0);
}

/** Of the last five verdicts: two denials in a row at the end are `failed`, any denial is `degraded`. */
function qualityOf(verdicts: readonly ('approve' | 'deny')[]): WorkQuality {
  const lastFive = verdicts.slice(-5);
  if (lastFive.length >= 2 && lastFive.slice(-2).every((verdict) => verdict === 'deny')) return 'failed';
  return lastFive.includes('deny') ? 'degraded' : 'good';
}
