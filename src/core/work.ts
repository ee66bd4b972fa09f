/**
 * A step under way: the state as it becomes, and the effects that it asks for. Lives only inside one call
 * of `step`; what it is built from is never changed, so the step stays a pure function from outside.
 */

import { rowOf } from './archived-handoff.ts';
import type { Effect } from './effect.ts';
import { type Move, type Phase, move as tableMove } from './handoff.ts';
import { drawHandoffId, type HandoffId, type InstanceId, type Ms } from './ids.ts';
import { openOf } from './open-handoffs.ts';
import { compareInQueue } from './queue.ts';
import type { Alert, CoordinatorState, Handoff, InstanceState, State } from './state.ts';
import { applyOps, type Json, type JsonObject, type Path } from './tree.ts';
import { NO_VITALS } from './vital-signs.ts';

export type Work = {
  readonly at: Ms;
  readonly seed: string;
  /** Time that counts; what ages, ages by it. */
  readonly awake: Ms;
  /** The handoffs as the step found them. */
  readonly found: CoordinatorState['handoffs'];
  document: JsonObject;
  coordinator: CoordinatorState;
  readonly effects: Effect[];
  drawn: number;
};

export function begin(state: State, at: Ms, seed: string, awake: Ms = at): Work {
  const { document, coordinator } = state;
  return { at, seed, awake, found: coordinator.handoffs, document, coordinator, effects: [], drawn: 0 };
}

export function result(work: Work): State {
  return { document: work.document, coordinator: work.coordinator };
}

export function handoffOf(work: Work, id: HandoffId): Handoff | undefined {
  return work.coordinator.handoffs[id];
}

export function putHandoff(work: Work, handoff: Handoff): Handoff {
  work.coordinator = { ...work.coordinator, handoffs: { ...work.coordinator.handoffs, [handoff.id]: handoff } };
  return handoff;
}

export function putInstance(work: Work, id: InstanceId, change: Partial<InstanceState>): void {
  const now = work.coordinator.instances[id];
  if (now === undefined) throw new Error(`instance ${id} is not configured, so its state cannot change`);
  work.coordinator = { ...work.coordinator, instances: { ...work.coordinator.instances, [id]: { ...now, ...change } } };
}

export function putDocument(work: Work, path: Path, value: Json | undefined): void {
  work.document = applyOps(work.document, [value === undefined ? [path] : [path, value]]);
}

export function openHandoffs(work: Work): readonly Handoff[] {
  return openOf(work.coordinator.handoffs);
}

/** The handoff that this instance has on its table, of which there is one at most; else the first that waits for it. */
export function ownedBy(work: Work, instance: InstanceId): Handoff | undefined {
  const own = openHandoffs(work).filter((handoff) => handoff.from === instance && !handoff.proposal);
  return own.find(({ phase }) => phase !== 'STANDBY') ?? own.sort(compareInQueue)[0];
}

/** What this instance works on now, or waits with for a verdict or a target. */
export function atWork(work: Work, instance: InstanceId): Handoff | undefined {
  return openHandoffs(work).find((handoff) => handoff.from === instance && handoff.phase !== 'STANDBY');
}

/** Stamped at each thing that the coordinator does by itself (PROTOCOL section 3). */
export function acted(work: Work): void {
  work.coordinator = { ...work.coordinator, autopilot: { ...work.coordinator.autopilot, lastActionAt: work.at } };
}

export function alert(work: Work, alert: Omit<Alert, 'at'>): void {
  const last = work.coordinator.alerts.at(-1);
  if (last?.text === alert.text && last.level === alert.level) return;
  const alerts = [...work.coordinator.alerts, { at: work.at, ...alert }].slice(-work.coordinator.config.policy.alertsKept);
  work.coordinator = { ...work.coordinator, alerts };
}

/** Eight hex digits nobody has used yet: the seed of the event, stretched by a counter. */
export function draw(work: Work): string {
  const text = `${work.seed}:${work.drawn++}`;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash ^= hash >>> 13;
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

export function drawHandoff(work: Work): HandoffId {
  const { handoffs, archive } = work.coordinator;
  return drawHandoffId(draw(work), (id) => Object.hasOwn(handoffs, id) || rowOf(archive, id) !== undefined);
}

export type Change = Partial<Omit<Handoff, 'id' | 'phase' | 'phaseSince' | 'history'>>;

/**
 * Makes a move of the phase table. The callers have asked the table before (a refusal is an answer, not an
 * accident), so a move that is not in it here is a broken invariant.
 */
export function makeMove(work: Work, handoff: Handoff, by: Move, who: string, change: Change = {}, reason?: string): Handoff {
  const moved = tableMove(handoff.phase, by);
  if (!moved.ok) throw new Error(`handoff ${handoff.id}: cannot ${by} in ${handoff.phase}; open: ${moved.open.join(', ')}`);
  const epoch = change.epoch ?? handoff.epoch;
  const closed = moved.phase === 'CLOSED';
  const owner = change.from ?? handoff.from;
  signOf(work, owner, by);
  return putHandoff(work, {
    ...handoff,
    // Whatever was tried to bring the work on, it has come on.
    ...(handoff.recovery ? { recovery: null, question: handoff.question?.kind === 'recovery' ? null : handoff.question } : {}),
    ...change,
    phase: closed ? handoff.phase : (moved.phase as Phase),
    phaseSince: work.at,
    closedAt: closed ? work.at : handoff.closedAt,
    history: [...handoff.history, { at: work.at, move: by, to: moved.phase, epoch, by: who, ...(reason === undefined ? {} : { reason }) }],
  });
}

/** Silence is counted anew in every phase; the last five verdicts tell the quality of the work (PROTOCOL section 7). */
function signOf(work: Work, owner: InstanceId, by: Move): void {
  const now = work.coordinator.instances[owner];
  if (now === undefined) return;
  const vitals = now.vitals ?? NO_VITALS;
  const verdicts = by === 'approve' || by === 'deny' ? [...vitals.verdicts, by].slice(-5) : vitals.verdicts;
  putInstance(work, owner, { vitals: { ...vitals, given: { at: work.at, awake: work.awake }, told: [], verdicts } });
}
