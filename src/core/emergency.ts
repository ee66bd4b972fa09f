/** One word freezes everything (PROTOCOL section 7): nothing is decided, started or passed on until somebody says so. */
import type { InstanceId } from './ids.ts';
import { known, unknownInstance } from './refusal.ts';
import { done, type Reply } from './reply.ts';
import { startSession } from './session.ts';
import { dialled } from './settled.ts';
import { given } from './vitals.ts';
import { alert, type Work } from './work.ts';

export function emergencyStop(work: Work, except: InstanceId | null, who: string): Reply {
  if (except !== null && !known(work, except)) return unknownInstance(work, except);
  const { autopilot } = work.coordinator;
  const dials = dialled(work.coordinator.dials, { at: work.at, dial: autopilot.dial, paused: true });
  work.coordinator = { ...work.coordinator, dials, autopilot: { ...autopilot, paused: true }, emergency: { at: work.at, by: who, except } };
  const hit = (Object.keys(work.coordinator.instances) as InstanceId[]).filter((id) => {
    const session = work.coordinator.instances[id]?.session;
    return id !== except && (session === 'running' || session === 'starting');
  });
  for (const id of hit) work.effects.push({ type: 'session.interrupt', instance: id });
  const names = hit.join(', ') || 'no session ran';
  alert(work, { level: 'urgent', text: `EMERGENCY STOP by ${who}: the autopilot is frozen, interrupted: ${names}` });
  return done(`everything is stopped${except === null ? '' : ` but ${except}`}; to go on: coordtui autopilot resume`, {
    interrupted: hit,
    except,
  });
}

/** Explicit: neither time nor a restart of the room ends it. Sessions that were not started meanwhile are started now. */
export function endEmergency(work: Work, who: string): void {
  if (!work.coordinator.emergency) return;
  const { emergency: _over, ...rest } = work.coordinator;
  work.coordinator = rest;
  for (const { id, command } of work.coordinator.config.instances)
    if (command !== null && work.coordinator.instances[id]?.session === 'none') startSession(work, id);
  // Nothing was expected of anybody meanwhile.
  for (const id of Object.keys(work.coordinator.instances) as InstanceId[]) given(work, id);
  alert(work, { level: 'info', text: `the emergency stop is over (${who})` });
}
