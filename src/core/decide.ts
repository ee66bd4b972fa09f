/** Settling what waits for the operator: his word, bound to what he has seen (PROTOCOL section 2). */
import { verify, withdraw } from './anew.ts';
import type { Command } from './command.ts';
import { sendMessage } from './deliver.ts';
import { openMoves } from './handoff.ts';
import { settleMerge } from './integration.ts';
import { lookForWay } from './merge.ts';
import { mergeClause } from './merge-clause.ts';
import { closed } from './refusal.ts';
import { done, failure, type Reply } from './reply.ts';
import { running } from './round.ts';
import { settleRecovery } from './settle-recovery.ts';
import { stale } from './stale.ts';
import type { Handoff } from './state.ts';
import { settledByWord } from './tick.ts';
import { accept } from './trigger.ts';
import { given } from './vitals.ts';
import { alreadyGiven, give } from './word.ts';
import { handoffOf, putHandoff, type Work } from './work.ts';

/** Words by which a question can be settled; any other answer is a text for the instance. */
const CHOICES: ReadonlySet<string> = new Set(['approve', 'deny', 'again', 'withdraw', 'wait', 'restart', 'accept', 'merge', 'leave']);

type Decision = Extract<Command, { verb: 'approve' | 'deny' | 'answer' }>;

/** Bound to the epoch that was on the screen; the second of two operators hears who decided (PROTOCOL section 2). */
export function decide(work: Work, handoff: Handoff, command: Decision, who: string): Reply {
  const open = handoff.question ?? handoff.pending;
  const old = stale(handoff, command) ?? alreadyGiven(work, handoff, command.verb);
  if (old !== null) return old;
  if (command.verb === 'answer' && command.text.trim().toLowerCase() === 'reassign') {
    return failure('usage', `answer: to whom shall ${handoff.id} go?`, `coordtui reassign ${handoff.id} INSTANCE --reason TEXT`);
  }
  if (open === null && handoff.closedAt !== null) return closed(handoff, command.verb);
  if (open === null)
    return failure(
      'refused',
      `${command.verb}: ${nothingToDecide(handoff)}`,
      `open moves: ${openMoves(handoff.phase).join(', ')}; see: coordtui explain ${handoff.id}`,
    );
  const said = command.verb === 'answer' ? command.text.trim().toLowerCase() : command.verb;
  const word = CHOICES.has(said) ? said : 'answer';
  const text = command.verb === 'answer' ? command.text : command.reason;
  const ways = (handoff.question?.options ?? []).map(({ key }) => key);
  // Only where waiting is a way out does something go on by itself.
  if (word === 'wait' && !ways.includes('wait'))
    return failure(
      'refused',
      `answer: ${handoff.id} waits for you, and for nothing else`,
      `its ways out: ${ways.join(', ') || 'approve, deny'}`,
    );
  const answered = recorded(work, handoff, word, text, who);
  if (handoff.question?.kind === 'proposal' && (said === 'accept' || said === 'approve')) return accept(work, answered);
  if (handoff.question?.kind === 'proposal' && said === 'deny')
    return withdraw(work, answered, who, command.verb === 'answer' ? null : command.reason);
  if (handoff.question?.kind === 'integration' && (word === 'accept' || word === 'approve') && !ways.includes(word))
    return failure('refused', `${word}: ${handoff.id} is approved; the question is its merge`, `its ways out: ${ways.join(', ')}`);
  if (settleMerge(work, answered, said)) {
    const next = handoffOf(work, handoff.id) ?? answered;
    lookForWay(work, next);
    return done(`${handoff.id} ${mergeClause(next)}`, { handoff: handoff.id });
  }
  const settled = handoff.question?.kind === 'recovery' ? settleRecovery(work, answered, command, who) : null;
  if (settled !== null) return settled;
  switch (word) {
    case 'approve':
    case 'deny': {
      if (handoff.phase !== 'VERIFICATION')
        return failure(
          'refused',
          `${word}: ${handoff.id} is in ${handoff.phase}, and waits for something else`,
          `its ways out: ${ways.join(', ')}`,
        );
      const reason = command.verb === 'answer' ? undefined : (command.reason ?? undefined);
      return give(work, answered, word, who, reason ?? null);
    }
    case 'again':
      return verify(work, answered, who);
    case 'withdraw':
      return withdraw(work, answered, who, null);
    case 'wait': {
      const { delegation } = answered;
      given(work, handoff.from);
      putHandoff(work, {
        ...answered,
        question: null,
        delegation: delegation === null ? null : { ...delegation, sentAt: work.at, reminders: 0 },
      });
      return done(`${handoff.id}: waiting goes on`, { handoff: handoff.id });
    }
    default:
      return answerInWords(work, answered, command.verb === 'answer' ? command.text : '', who);
  }
}

/** A text is delivered to the instance; what only hung on the question is taken up again. */
function answerInWords(work: Work, handoff: Handoff, text: string, who: string): Reply {
  sendMessage(work, {
    to: handoff.from,
    type: 'response',
    subject: 'answer',
    text,
    priority: handoff.priority,
    handoff: handoff.id,
    path: null,
  });
  const rest = putHandoff(work, { ...handoff, questions: [] });
  if (settledByWord(work, rest)) return done(`${handoff.id}: ${who} answered, and nothing else was open`, { handoff: handoff.id });
  return done(`${handoff.id}: the answer was delivered; the question stays open`, { handoff: handoff.id });
}

function recorded(work: Work, handoff: Handoff, decision: string, text: string | null, who: string): Handoff {
  const question = handoff.question?.id ?? `countdown-${handoff.epoch}`;
  return putHandoff(work, {
    ...handoff,
    answers: [...handoff.answers, { question, epoch: handoff.epoch, at: work.at, by: who, decision: decision.slice(0, 40), text }],
  });
}

function nothingToDecide(handoff: Handoff): string {
  const last = handoff.answers.at(-1);
  if (last !== undefined && last.epoch === handoff.epoch && handoff.phase !== 'VERIFICATION')
    return `${last.by} decided already: ${last.decision}`;
  if (running(handoff) !== null) return `the verification of ${handoff.id} is still running`;
  return `${handoff.id} is in ${handoff.phase} and waits for no decision`;
}
