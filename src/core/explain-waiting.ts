/** Why work that nobody has begun still waits: for other work, for what the back end lacks, for its turn. */
import { missingNeeds, neverDone } from './assignment.ts';
import type { HandoffId } from './ids.ts';
import type { Handoff, State } from './state.ts';
import { requirementName } from './terms.ts';

/** @param since how long, in words */
export function standby(state: State, handoff: Handoff, since: string): string {
  if (handoff.proposal) return `was proposed ${since} ago, and waits for your word`;
  const { handoffs } = state.coordinator;
  const lost = handoff.depends.filter((id) => {
    const other = handoffs[id];
    return other !== undefined && neverDone(other);
  });
  if (lost.length > 0)
    return `has waited for ${since} in vain for ${lost.join(', ')}, which will never be done (coordtui handoffs edit ${handoff.id} --depends none, or withdraw it)`;
  const open = handoff.depends.filter((id) => handoffs[id]?.history.some(({ move }) => move === 'transfer') !== true);
  if (open.length > 0) return `has waited for ${since} until ${open.join(', ')} ${open.length === 1 ? 'is' : 'are'} handed over`;
  const missing = missingNeeds(state.coordinator, handoff);
  if (missing.length > 0)
    return `has waited for ${since} until a check's report names ${missing.map(requirementName).join(', ')} (coordtui handoffs edit ${handoff.id} --waive starts it without)`;
  const busy = busyWith(state, handoff.from, handoff.id);
  return busy === undefined
    ? `has waited for ${since} to be started by ${handoff.from}`
    : `has waited for ${since} because ${handoff.from} is busy with ${busy.id}`;
}

/** What an instance has on its table apart from this handoff. */
export function busyWith(state: State, instance: string, except: HandoffId): Handoff | undefined {
  return Object.values(state.coordinator.handoffs).find(
    ({ id, from, phase, closedAt }) => closedAt === null && from === instance && id !== except && phase !== 'STANDBY',
  );
}
