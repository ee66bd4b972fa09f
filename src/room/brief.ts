/** A handoff in short, as lists of it are answered. */
import type { HandoffFacts } from '../core/archived-handoff.ts';
import { closedAs } from '../core/handoff.ts';
import type { Handoff } from '../core/state.ts';
import type { Json, JsonObject } from '../core/tree.ts';

/** @param whole null: it is in the archive, where its task and its verdict are cut short */
export function brief(handoff: HandoffFacts, whole: Handoff | null): JsonObject {
  const { id, epoch, from, to, phase, priority, task, createdAt, phaseSince, closedAt, denials, rounds } = handoff;
  const { held, question, pending } = whole ?? { held: false, question: null, pending: null };
  return {
    id,
    epoch,
    from,
    to,
    phase,
    priority,
    task,
    held,
    createdAt,
    phaseSince,
    closedAt,
    closedAs: closedAs(handoff),
    denials,
    needsYou: question !== null,
    question: question as unknown as Json,
    pending: pending as unknown as Json,
    verdict: (rounds.at(-1)?.verdict ?? null) as unknown as Json,
  };
}
