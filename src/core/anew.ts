/** Verbs of the operator that begin something anew: verify, withdraw, reassign, reopen (PROTOCOL section 2). */
import { coordinatorOf } from './assignment.ts';
import { sendMessage } from './deliver.ts';
import { type Move, move, type Phase } from './handoff.ts';
import type { InstanceId } from './ids.ts';
import { dropMerge } from './integration.ts';
import { replacement } from './post-mortem.ts';
import { closed, coordinatesOnly, known, notOpen, unknownInstance } from './refusal.ts';
import { done, failure, type Reply } from './reply.ts';
import { abandoned, running, startRound } from './round.ts';
import type { Handoff } from './state.ts';
import { atWork, handoffOf, makeMove, ownedBy, putHandoff, type Work } from './work.ts';

export function verify(work: Work, handoff: Handoff, who: string): Reply {
  const allowed: Move = handoff.phase === 'HANDOFF_READY' ? 'verify' : 'again';
  if (handoff.closedAt !== null || !move(handoff.phase, allowed).ok) return notOpen(handoff, 'verify');
  const next = startRound(work, handoff, who);
  return done(`${next.id} is being verified (epoch ${next.epoch})`, { handoff: next.id, epoch: next.epoch });
}

export function withdraw(work: Work, handoff: Handoff, who: string, reason: string | null): Reply {
  if (handoff.closedAt !== null) return closed(handoff, 'withdraw');
  if (running(handoff) !== null) work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
  recall(work, handoff, who);
  makeMove(
    work,
    dropMerge(work, handoff),
    'withdraw',
    who,
    { pending: null, question: null, epoch: handoff.epoch + 1, rounds: abandoned(work, handoff) },
    reason ?? undefined,
  );
  return done(`${handoff.id} is withdrawn`, { handoff: handoff.id });
}

/** What was passed on from an approval that is taken back is taken back with it. */
function recall(work: Work, handoff: Handoff, who: string): void {
  const passed = handoff.delegation === null ? undefined : handoffOf(work, handoff.delegation.handoff);
  if (passed !== undefined && passed.closedAt === null) withdraw(work, passed, who, `${handoff.id}, which it came from, was taken back`);
}

export function reassign(work: Work, found: Handoff, to: InstanceId, who: string, reason: string): Reply {
  if (!known(work, to)) return unknownInstance(work, to);
  if (to === coordinatorOf(work)) return coordinatesOnly(work, 'reassign', to);
  // A denial that nobody took up is taken up by the operator when he gives it to somebody else.
  const handoff = found.phase === 'FAILED' && found.closedAt === null ? makeMove(work, found, 'take-up', who, { question: null }) : found;
  if (handoff.closedAt === null && handoff.phase === 'STANDBY') {
    putHandoff(work, { ...handoff, from: to });
    return done(`${handoff.id} waits for ${to} now`, { handoff: handoff.id, from: to });
  }
  if (handoff.closedAt !== null || !move(handoff.phase, 'reassign').ok) return notOpen(handoff, 'reassign');
  const owned = atWork(work, to);
  if (owned !== undefined && owned.id !== handoff.id)
    return failure('refused', `reassign: ${to} already owns ${owned.id} (${owned.phase})`, 'withdraw or finish that one first');
  recall(work, handoff, who);
  const document = handoff.phase === 'APPROVED' ? handoff.document : replacement(work, handoff, to, reason);
  const moved = makeMove(
    work,
    dropMerge(work, handoff),
    'reassign',
    who,
    { from: to, epoch: handoff.epoch + 1, pending: null, question: null, delegation: null, readyAt: null, document },
    reason,
  );
  sendMessage(work, {
    to,
    type: 'task',
    subject: 'task_delegation',
    text: `${handoff.id} is yours now (it was ${handoff.from}'s): ${reason}`,
    priority: handoff.priority,
    handoff: handoff.id,
    path: document,
  });
  if (handoff.from !== to)
    sendMessage(work, {
      to: handoff.from,
      type: 'status',
      subject: 'reassigned',
      text: `${handoff.id} belongs to ${to} now: ${reason}. Leave it alone.`,
      priority: handoff.priority,
      handoff: handoff.id,
      path: null,
    });
  return done(`${handoff.id} belongs to ${to} now`, { handoff: moved.id, from: to });
}

/** The phase that `reopen` leaves: what was released is taken back to where it had arrived; null: there is no approval to take back. */
export function phaseToReopen({ closedAt, history, phase: now }: Handoff): Phase | null {
  const phase = closedAt === null ? now : history.at(-1)?.move === 'release' ? 'HANDOFF_COMPLETE' : null;
  return phase !== null && move(phase, 'reopen').ok ? phase : null;
}

/** Also for one that is complete and released: its instance has not yet taken other work. */
export function reopen(work: Work, handoff: Handoff, who: string, reason: string): Reply {
  const phase = phaseToReopen(handoff);
  if (phase === null) return notOpen(handoff, 'reopen');
  const released = handoff.closedAt !== null;
  const owned = ownedBy(work, handoff.from);
  if (released && owned !== undefined)
    return failure(
      'refused',
      `reopen: ${handoff.from} owns ${owned.id} (${owned.phase}) now`,
      'finish that one first, or assign the fix as new work',
    );
  recall(work, handoff, who);
  makeMove(
    work,
    { ...dropMerge(work, handoff), phase, closedAt: null },
    'reopen',
    who,
    { epoch: handoff.epoch + 1, readyAt: work.at, delegation: null, question: null },
    reason,
  );
  const stays = handoff.integration?.state === 'merged' ? `; what was merged into ${handoff.integration.branch} stays there` : '';
  return done(`${handoff.id} is open again and will be verified anew${stays}`, { handoff: handoff.id });
}
