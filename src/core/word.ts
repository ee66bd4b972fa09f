/**
 * The operator's word: an approval or a denial that he gives, takes back while nothing of it has left the room, or forces with a
 * reason (PROTOCOL sections 2 and 3).
 */
import { phaseToReopen, verify, withdraw } from './anew.ts';
import { start } from './assignment.ts';
import type { Command } from './command.ts';
import { complete } from './complete.ts';
import { approve, deny, suggestion } from './decision.ts';
import { move, openMoves } from './handoff.ts';
import { ask } from './question.ts';
import { closed } from './refusal.ts';
import { done, failure, type Reply } from './reply.ts';
import { abandoned, running } from './round.ts';
import { stale } from './stale.ts';
import type { Handoff } from './state.ts';
import { atWork, handoffOf, makeMove, openHandoffs, putHandoff, type Work } from './work.ts';

/** At once, or held back for as long as he may take it back. */
export function give(work: Work, handoff: Handoff, word: 'approve' | 'deny', who: string, reason: string | null): Reply {
  const { undoMs } = work.coordinator.config.policy;
  const said = `${handoff.id} is ${word === 'approve' ? 'approved' : 'denied'} by ${who}`;
  if (undoMs === 0) {
    const next = (word === 'approve' ? approve : deny)(work, handoff, who, reason ?? undefined);
    return done(said, { handoff: next.id, phase: next.phase, epoch: next.epoch });
  }
  const dueAt = work.at + undoMs;
  const pending = { decision: word, epoch: handoff.epoch, dueAt, by: who, reason, asked: handoff.question };
  const next = putHandoff(work, { ...handoff, question: null, pending });
  work.effects.push({ type: 'wake', at: dueAt });
  const left = Math.ceil(undoMs / 1000);
  return done(`${said}; it takes effect in ${left} s, until then: coordtui undo ${next.id}`, {
    handoff: next.id,
    phase: next.phase,
    epoch: next.epoch,
    undoUntil: dueAt,
  });
}

/** Somebody has decided, and it only waits for the time in which he may take it back; null: nobody has. */
export function alreadyGiven(work: Work, handoff: Handoff, verb: string): Reply | null {
  const { pending } = handoff;
  if (pending?.by === undefined) return null;
  const left = Math.max(0, Math.ceil(((pending.dueAt ?? work.at) - work.at) / 1000));
  return failure(
    'refused',
    `${verb}: ${pending.by} decided already: ${pending.decision}; it takes effect in ${left} s`,
    `to take it back first: coordtui undo ${handoff.id}`,
  );
}

/** Takes back the newest decision whose effects have not left: his own, or one that the countdown would bring about. */
export function undo(work: Work, command: Extract<Command, { verb: 'undo' }>, who: string): Reply {
  const named = command.handoff === null ? undefined : handoffOf(work, command.handoff);
  if (command.handoff !== null && named === undefined)
    return failure('notFound', `undo: there is no handoff ${command.handoff}`, 'see: coordtui handoffs --all');
  const candidates = named === undefined ? openHandoffs(work) : [named];
  const handoff = candidates
    .filter((one) => one.pending !== null && one.closedAt === null && (one.pending.dueAt === null || one.pending.dueAt > work.at))
    // His own word first, then what comes next.
    .sort((a, b) => Number(b.pending?.by !== undefined) - Number(a.pending?.by !== undefined) || latest(b) - latest(a))[0];
  if (handoff?.pending == null) {
    // Only what was approved can be opened again: of anything else that would be a promise.
    const hint =
      named !== undefined && phaseToReopen(named) === null
        ? `see: coordtui explain ${named.id}`
        : `an approval that has taken effect is opened again: coordtui reopen ${named?.id ?? 'ID'} --reason TEXT`;
    return failure('refused', 'undo: no decision can be taken back any more', hint);
  }
  const { pending } = handoff;
  const answer = {
    question: `undo-${handoff.epoch}`,
    epoch: handoff.epoch,
    at: work.at,
    by: who,
    decision: 'undo',
    text: pending.decision,
  };
  const next = putHandoff(work, { ...handoff, pending: null, question: pending.asked ?? null, answers: [...handoff.answers, answer] });
  const verdict = next.rounds.at(-1)?.verdict;
  if (next.question === null && verdict != null) ask(work, next, suggestion(next, { ...verdict, kind: pending.decision }));
  return done(`${handoff.id}: the ${pending.decision === 'approve' ? 'approval' : 'denial'} is taken back and waits for you`, {
    handoff: handoff.id,
    epoch: handoff.epoch,
  });
}

function latest({ pending }: Handoff): number {
  return pending?.dueAt ?? 0;
}

/** His word against the table of verdicts, never against the table of phases; journaled with his reason. */
export function override(work: Work, handoff: Handoff, command: Extract<Command, { verb: 'override' }>, who: string): Reply {
  const old = stale(handoff, command);
  if (old !== null) return old;
  if (handoff.closedAt !== null) return closed(handoff, 'override');
  const given = alreadyGiven(work, handoff, 'override');
  if (given !== null) return given;
  const { move: by, reason } = command;
  if (!move(handoff.phase, by).ok)
    return failure(
      'refused',
      `override: ${handoff.id} is in ${handoff.phase}, where ${by} is no move`,
      `open moves: ${openMoves(handoff.phase).join(', ')}`,
    );
  if (by === 'reassign' || by === 'reopen' || by === 'release')
    return failure(
      'refused',
      `override: ${by} has a verb of its own or happens by itself`,
      by === 'release' ? 'override transfer' : `coordtui ${by} --help`,
    );
  const other = by === 'assign' ? atWork(work, handoff.from) : undefined;
  if (other !== undefined)
    return failure(
      'refused',
      `override: ${handoff.from} works on ${other.id}, and on one handoff at a time`,
      `${handoff.id} has its turn after that; or: coordtui handoffs withdraw ${other.id}`,
    );
  const answer = {
    question: `override-${handoff.epoch}`,
    epoch: handoff.epoch,
    at: work.at,
    by: who,
    decision: `override ${by}`,
    text: reason,
  };
  const recorded = putHandoff(work, { ...handoff, answers: [...handoff.answers, answer] });
  switch (by) {
    case 'approve':
    case 'deny':
      return give(work, stopped(work, recorded), by, who, reason);
    case 'verify':
    case 'again':
      return verify(work, recorded, who);
    case 'withdraw':
      return withdraw(work, recorded, who, reason);
    case 'assign':
      return told(start(work, recorded, who), by, who);
    case 'ready':
    case 'fixed':
      return told(makeMove(work, recorded, by, who, { readyAt: work.at }, reason), by, who);
    case 'take-up':
      return told(makeMove(work, recorded, by, who, {}, reason), by, who);
    case 'transfer':
      return told(complete(work, recorded, who, reason), by, who);
  }
}

function told(handoff: Handoff, by: string, who: string): Reply {
  return done(`${handoff.id}: ${by} by the word of ${who}`, { handoff: handoff.id, phase: handoff.phase, epoch: handoff.epoch });
}

/** What a run that is under way would still say is of no interest. */
function stopped(work: Work, handoff: Handoff): Handoff {
  if (running(handoff) === null) return handoff;
  work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
  return putHandoff(work, { ...handoff, rounds: abandoned(work, handoff) });
}
