/** APPROVED → HANDOFF_COMPLETE → STANDBY: the work has arrived, and its instance is free (PROTOCOL section 2). */
import { dropMerge } from './integration.ts';
import { isUnmerged } from './merge-clause.ts';
import type { Handoff } from './state.ts';
import { acted, alert, makeMove, putHandoff, type Work } from './work.ts';

/** `who`: the coordinator, or the operator whose word stands for an acknowledgment. */
export function complete(work: Work, handoff: Handoff, who: string, reason?: string): Handoff {
  const transferred = makeMove(work, isUnmerged(handoff) ? dropMerge(work, handoff) : handoff, 'transfer', who, { question: null }, reason);
  const released = putHandoff(work, { ...makeMove(work, transferred, 'release', handoff.verifier), closedAt: work.at });
  acted(work);
  alert(work, { level: 'info', text: `${handoff.id} is complete: ${handoff.from} stands by`, handoff: handoff.id });
  return released;
}
