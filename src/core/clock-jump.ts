/** When the wall clock jumps, or the machine has slept: what was to happen after some time waits the rest of that time. */
import type { InstanceId, Ms } from './ids.ts';
import { openHandoffs, putHandoff, putInstance, type Work } from './work.ts';

/** @param jump how far the clock went beyond the time that counts; negative: it was set back */
export function forgive(work: Work, jump: Ms): void {
  const later = (at: Ms): Ms => {
    work.effects.push({ type: 'wake', at: at + jump });
    return at + jump;
  };
  for (const handoff of openHandoffs(work)) {
    const { pending, delegation, recovery, proposal } = handoff;
    const due = pending?.dueAt ?? null;
    const waits = delegation !== null && delegation.ack === null;
    if (due === null && !waits && !recovery?.dueAt && !proposal?.dueAt) continue;
    putHandoff(work, {
      ...handoff,
      pending: pending === null || due === null ? pending : { ...pending, dueAt: later(due) },
      delegation: waits ? { ...delegation, sentAt: delegation.sentAt + jump } : delegation,
      ...(proposal?.dueAt ? { proposal: { dueAt: later(proposal.dueAt) } } : {}),
      ...(recovery?.dueAt ? { recovery: { ...recovery, dueAt: later(recovery.dueAt) } } : {}),
    });
  }
  for (const [id, { restartAt }] of Object.entries(work.coordinator.instances))
    if (restartAt !== null) putInstance(work, id as InstanceId, { restartAt: later(restartAt) });
}
