/** Answers that several verbs give when they cannot do what was asked. */
import { openMoves } from './handoff.ts';
import type { InstanceId } from './ids.ts';
import { type Failure, failure } from './reply.ts';
import type { Handoff } from './state.ts';
import type { Work } from './work.ts';

export function known(work: Work, id: InstanceId): boolean {
  return work.coordinator.instances[id] !== undefined;
}

export function unknownInstance(work: Work, id: InstanceId): Failure {
  return failure('notFound', `there is no instance ${id}`, `configured: ${Object.keys(work.coordinator.instances).join(', ')}`);
}

/** Who verifies and coordinates is given no work: nobody would begin it, and nobody else would judge it (PROTOCOL section 1). */
export function coordinatesOnly(work: Work, verb: string, id: InstanceId): Failure {
  const others = Object.keys(work.coordinator.instances).filter((other) => other !== id);
  return failure('refused', `${verb}: ${id} verifies and coordinates, and does no work itself`, `it can go to: ${others.join(', ')}`);
}

export function closed(handoff: Handoff, verb: string): Failure {
  return failure('refused', `${verb}: ${handoff.id} is closed`, 'see: coordtui handoffs --all');
}

export function notOpen(handoff: Handoff, verb: string): Failure {
  if (handoff.closedAt !== null) return closed(handoff, verb);
  return failure(
    'refused',
    `${verb}: not possible while ${handoff.id} is in ${handoff.phase}`,
    `open moves: ${openMoves(handoff.phase).join(', ')}`,
  );
}
