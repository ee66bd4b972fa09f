/** A decision is about what was on the screen: an older epoch is refused, and what has changed since is said (PROTOCOL section 2). */
import { failure, type Reply } from './reply.ts';
import type { Handoff } from './state.ts';

/** null: it is about the handoff as it is now. */
export function stale(handoff: Handoff, { verb, epoch }: { readonly verb: string; readonly epoch: number | null }): Reply | null {
  if (epoch === null || epoch === handoff.epoch) return null;
  return failure(
    'refused',
    `${verb}: ${handoff.id} is in epoch ${handoff.epoch} now, your decision is about epoch ${epoch}; since then: ${since(handoff, epoch)}`,
    `look again: coordtui explain ${handoff.id}`,
  );
}

function since(handoff: Handoff, epoch: number): string {
  const later = handoff.history.filter((entry) => entry.epoch > epoch).map((entry) => `${entry.move} by ${entry.by}`);
  return later.slice(-4).join(', ') || 'nothing was decided';
}
