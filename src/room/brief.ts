/** A handoff in short, as lists of it are answered. */
import { closedAs } from '../core/handoff.ts';
import type { Handoff } from '../core/state.ts';
import type { Json, JsonObject } from '../core/tree.ts';

export function brief(handoff: Handoff): JsonObject {
  const { id, epoch, from, to, phase, priority, task, held, createdAt, phaseSince, closedAt, denials, question, pending, rounds } = handoff;
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
