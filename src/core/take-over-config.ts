/** Another config acts: from this step on all that is decided is decided by it, and the instances are those it names. */
import { type Config, type InstanceConfig, modeOf } from './config.ts';
import type { InstanceId } from './ids.ts';
import { type Failure, failure } from './reply.ts';
import type { TreeRef } from './report.ts';
import { running } from './round.ts';
import { fresh, startSession, stopSession } from './session.ts';
import { dialled } from './settled.ts';
import { equal, type Json } from './tree.ts';
import { given } from './vitals.ts';
import { openHandoffs, putDocument, putInstance, type Work } from './work.ts';

/** Work under way keeps its people and its place; null: nothing stands against it. */
export function cannotTakeOver(work: Work, next: Config): Failure | null {
  for (const before of work.coordinator.config.instances) {
    const after = next.instances.find(({ id }) => id === before.id);
    if (after !== undefined && after.cwd === before.cwd) continue;
    const what = after === undefined ? 'would be removed' : `would work in ${after.cwd}`;
    const handoff = openHandoffs(work).find(({ from, to }) => from === before.id || (after === undefined && to === before.id));
    if (handoff === undefined) continue;
    return failure(
      'refused',
      `config accept: ${before.id} ${what}, and has the open handoff ${handoff.id} (${handoff.phase})`,
      `bring it to its end, or: coordtui handoffs withdraw ${handoff.id}`,
    );
  }
  return null;
}

/** Answers what of it acts later, and when. */
export function takeOver(work: Work, next: Config, tree: TreeRef | null): string[] {
  const before = work.coordinator.config;
  const gone = before.instances.filter(({ id }) => !next.instances.some((one) => one.id === id));
  for (const { id } of gone) remove(work, id);
  const { autopilot } = work.coordinator;
  // The dial stays where the operator has left it, unless he has set another in the config.
  const dial = next.autopilot === before.autopilot ? autopilot.dial : next.autopilot;
  const dials = dialled(work.coordinator.dials, { at: work.at, dial, paused: autopilot.paused });
  work.coordinator = { ...work.coordinator, config: next, autopilot: { ...autopilot, dial }, dials };
  showCounts(work, next);
  const later = next.instances.flatMap((instance) => {
    const old = before.instances.find(({ id }) => id === instance.id);
    return old === undefined ? add(work, instance, tree) : change(work, old, instance, tree);
  });
  const rounds = openHandoffs(work).filter((handoff) => running(handoff) !== null);
  const checksChanged = !equal(before.verification as unknown as Json, next.verification as unknown as Json);
  return [
    ...later,
    ...(checksChanged ? rounds.map(({ id }) => `the run of ${id} that is under way ends with the checks it began with`) : []),
  ];
}

function remove(work: Work, id: InstanceId): void {
  const session = work.coordinator.instances[id]?.session;
  if (session === 'running' || session === 'starting') stopSession(work, id);
  const { [id]: _gone, ...instances } = work.coordinator.instances;
  work.coordinator = { ...work.coordinator, instances };
  putDocument(work, ['instances', id], undefined);
}

function add(work: Work, instance: InstanceConfig, tree: TreeRef | null): string[] {
  const { id } = instance;
  work.coordinator = {
    ...work.coordinator,
    instances: { ...work.coordinator.instances, [id]: { ...fresh(instance, work.at), base: tree } },
  };
  given(work, id);
  if (instance.command !== null && !work.coordinator.emergency) startSession(work, id);
  return [];
}

function change(work: Work, old: InstanceConfig, now: InstanceConfig, tree: TreeRef | null): string[] {
  const { id } = now;
  putInstance(work, id, { role: now.role, ...(old.cwd === now.cwd ? {} : { base: tree }) });
  if (!equal([...old.files], [...now.files])) putDocument(work, ['instances', id, 'filesResponsible'], [...now.files]);
  if (old.role !== now.role) putDocument(work, ['instances', id, 'role'], now.role);
  const session = work.coordinator.instances[id]?.session;
  const alive = session === 'running' || session === 'starting';
  if (now.command === null) {
    if (alive) stopSession(work, id);
    return [];
  }
  if (old.command === null) {
    if (!work.coordinator.emergency) startSession(work, id);
    return [];
  }
  const started = ({ command, cwd, worktree, env, agent, session: place }: InstanceConfig) =>
    ({ command, cwd, worktree: worktree ?? null, env, agent, place: place ?? null }) as unknown as Json;
  if (!alive || equal(started(old), started(now))) return [];
  return [`the session of ${id} goes on as it is; what changed acts at its next start: coordtui restart ${id}`];
}

function showCounts(work: Work, next: Config): void {
  putDocument(work, ['coordinationSession', 'totalInstances'], next.instances.length);
  putDocument(work, ['coordinationSession', 'coordinationMode'], modeOf(next));
  putDocument(work, ['autonomousCoordination', 'monitoringInterval'], next.policy.monitorIntervalMs);
}
