/** The life of an instance's session as the coordinator sees it: started, exited, restarted with a cap (PROTOCOL section 7). */
import type { InstanceConfig } from './config.ts';
import type { InstanceId, Ms } from './ids.ts';
import type { InstanceState } from './state.ts';
import { NO_VITALS } from './vital-signs.ts';
import { alert, putInstance, type Work } from './work.ts';

export function configOf(work: Work, id: InstanceId): InstanceConfig | undefined {
  return work.coordinator.config.instances.find((instance) => instance.id === id);
}

export function fresh(config: InstanceConfig, at: Ms): InstanceState {
  return {
    role: config.role,
    session: 'none',
    pid: null,
    since: at,
    exit: null,
    restarts: [],
    restartAt: null,
    base: null,
    lastReportAt: null,
  };
}

export function startSession(work: Work, id: InstanceId, resume = false): void {
  const adopted = work.coordinator.instances[id]?.adopted;
  putInstance(work, id, { session: 'starting', since: work.at, restartAt: null });
  work.effects.push({ type: 'session.start', instance: id, ...(resume ? { resume } : {}), ...(adopted === undefined ? {} : { adopted }) });
}

/** From now on the instance's session is one that the user has in his own tmux. */
export function adoptSession(work: Work, id: InstanceId, name: string): void {
  setAdopted(work, id, name);
  startSession(work, id);
}

/** An adopted session is only left, and the next one is the instance's own again. */
export function closeSession(work: Work, id: InstanceId): void {
  stopSession(work, id);
  setAdopted(work, id, undefined);
}

function setAdopted(work: Work, id: InstanceId, name: string | undefined): void {
  const now = work.coordinator.instances[id];
  if (now === undefined || now.adopted === name) return;
  const { adopted: _before, ...rest } = now;
  const next = name === undefined ? rest : { ...rest, adopted: name };
  work.coordinator = { ...work.coordinator, instances: { ...work.coordinator.instances, [id]: next } };
}

/** Ends the session and starts it again with its conversation, where the agent can. */
export function restartSession(work: Work, id: InstanceId, restarts: readonly Ms[]): void {
  stopSession(work, id);
  putInstance(work, id, { session: 'starting', since: work.at, restartAt: null, restarts });
  work.effects.push({ type: 'session.start', instance: id, resume: true });
}

export function stopSession(work: Work, id: InstanceId): void {
  putInstance(work, id, { session: 'stopped', since: work.at, restartAt: null });
  work.effects.push({ type: 'session.stop', instance: id });
}

export function started(work: Work, id: InstanceId, pid: number, adopted?: string): void {
  if (work.coordinator.instances[id] === undefined) return;
  setAdopted(work, id, adopted);
  const vitals = { ...(work.coordinator.instances[id]?.vitals ?? NO_VITALS), started: { at: work.at, awake: work.awake } };
  putInstance(work, id, { session: 'running', pid, since: work.at, exit: null, vitals });
}

export function failed(work: Work, id: InstanceId, reason: string): void {
  if (work.coordinator.instances[id] === undefined) return;
  putInstance(work, id, { session: 'failed', pid: null, since: work.at, restartAt: null });
  alert(work, { level: 'urgent', text: `${id}: the session could not be started: ${reason}`, instance: id });
}

/** An exit that nobody asked for is told as it was, and followed by a restart while the cap allows it. */
export function exited(work: Work, id: InstanceId, pid: number, code: number | null, signal: string | null): void {
  const now = work.coordinator.instances[id];
  if (now === undefined || now.pid !== pid) return;
  const exit = { code, signal, at: work.at };
  if (now.session === 'stopped' || now.session === 'starting') {
    putInstance(work, id, { exit, pid: null });
    return;
  }
  const how = signal === null ? `exit ${code}` : `signal ${signal}`;
  const policy = configOf(work, id)?.restart ?? 'never';
  const wanted = policy === 'always' || (policy === 'on-failure' && (signal !== null || code !== 0));
  if (!wanted) {
    putInstance(work, id, { session: 'exited', pid: null, since: work.at, exit });
    alert(work, { level: signal === null && code === 0 ? 'info' : 'warning', text: `${id}: the session ended (${how})`, instance: id });
    return;
  }
  const { restartCap, restartWindowMs, restartBackoffMs } = work.coordinator.config.policy;
  const recent = now.restarts.filter((at) => work.at - at < restartWindowMs);
  if (recent.length >= restartCap) {
    putInstance(work, id, { session: 'failed', pid: null, since: work.at, exit, restarts: recent });
    alert(work, {
      level: 'urgent',
      text: `${id}: the session ended (${how}) for the ${recent.length + 1}th time in ${restartWindowMs / 60_000} min and is not started again; see: coordtui tail ${id}`,
      instance: id,
    });
    return;
  }
  const delay = restartBackoffMs[Math.min(recent.length, restartBackoffMs.length - 1)] ?? 0;
  putInstance(work, id, { session: 'exited', pid: null, since: work.at, exit, restarts: recent, restartAt: work.at + delay });
  work.effects.push({ type: 'wake', at: work.at + delay });
  alert(work, { level: 'warning', text: `${id}: the session ended (${how}); it is started again in ${delay / 1000} s`, instance: id });
}

/** First of the cycle's steps: whoever waits for a restart whose time has come gets it. */
export function restartDue(work: Work): void {
  if (work.coordinator.emergency) return;
  for (const [key, instance] of Object.entries(work.coordinator.instances)) {
    if (instance.restartAt === null || instance.restartAt > work.at) continue;
    const id = key as InstanceId;
    putInstance(work, id, { restarts: [...instance.restarts, work.at] });
    startSession(work, id);
  }
}
