/** Everybody's health as lines, and as data: what `s` shows and `coordtui status` prints. */
import { recoveryLines } from './explain-recovery.ts';
import { type HealthCheck, healthOf } from './health.ts';
import type { InstanceId, Ms } from './ids.ts';
import { plain } from './plain.ts';
import type { State } from './state.ts';
import { duration, isoTime } from './time.ts';
import type { Json } from './tree.ts';
import { type Mark, NO_VITALS } from './vital-signs.ts';

export type HealthText = { readonly id: InstanceId; readonly check: HealthCheck; readonly lines: readonly string[] };

/** @param at the wall clock, for what is told; @param awake the time that counts, for what is judged */
export function healthTexts(state: State, at: Ms, awake: Ms): HealthText[] {
  const { config, instances } = state.coordinator;
  return config.instances
    .filter(({ id, role }) => role !== 'coordinator' || instances[id]?.session !== 'none')
    .map(({ id }) => ({ id, check: healthOf(state.coordinator, id, awake), lines: signals(state, id, at, awake) }));
}

function signals(state: State, id: InstanceId, at: Ms, awake: Ms): string[] {
  const { heartbeat, statusWrite, commit, responseMs, busy } = state.coordinator.instances[id]?.vitals ?? NO_VITALS;
  const ago = (mark: Mark | null) => (mark === null ? 'never' : `${duration(awake - mark.awake)} ago`);
  const committed =
    commit === null
      ? 'none seen'
      : `${duration(at - commit.authorAt)} ago, ${plain(commit.hash.slice(0, 10), 10)}${commit.shared ? ' (a checkout that several share: nobody’s sign)' : ''}`;
  const owned = Object.values(state.coordinator.handoffs).find(
    (handoff) => handoff.closedAt === null && handoff.from === id && handoff.phase !== 'STANDBY',
  );
  return [
    `last heartbeat      ${ago(heartbeat)}`,
    `status file         ${ago(statusWrite)}`,
    `last commit         ${committed}`,
    `response time       ${responseMs === null ? 'nothing asked yet, or no answer' : duration(responseMs)}`,
    `work quality        ${healthOf(state.coordinator, id, awake).quality}`,
    ...(busy === null ? [] : [`child processes     computed ${ago(busy)}`]),
    ...(owned === undefined ? [] : recoveryLines(owned, at).map((line) => `recovery            ${line}`)),
  ];
}

/** P1's InstanceHealthCheck, and what it comes to. */
export function healthData(state: State, id: InstanceId, awake: Ms): Json {
  const { heartbeat, statusWrite, commit, responseMs, asking } = state.coordinator.instances[id]?.vitals ?? NO_VITALS;
  const { health, warned, why, silentMs, quality } = healthOf(state.coordinator, id, awake);
  const iso = (mark: Mark | null) => (mark === null ? null : isoTime(mark.at));
  return {
    health,
    warned,
    why,
    silentMs,
    asking: asking?.what ?? null,
    lastHeartbeat: iso(heartbeat),
    statusFileUpdate: iso(statusWrite),
    gitCommitActivity: commit === null ? null : isoTime(commit.authorAt),
    responseTime: responseMs,
    workQuality: quality,
  };
}
