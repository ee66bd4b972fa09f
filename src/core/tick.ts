/** A box is ticked, and when nothing else stood against an approval the verdict is taken up again (PROTOCOL section 5, row 11). */
import { boxesOf, boxOptions, openBoxes } from './boxes.ts';
import type { Command } from './command.ts';
import { propose } from './decision.ts';
import { plain } from './plain.ts';
import { closed } from './refusal.ts';
import { done, failure, type Reply } from './reply.ts';
import { stale } from './stale.ts';
import type { Handoff } from './state.ts';
import type { Reason, Verdict } from './verdict.ts';
import { putHandoff, type Work } from './work.ts';

export function tick(work: Work, handoff: Handoff, command: Extract<Command, { verb: 'tick' }>, who: string): Reply {
  if (handoff.closedAt !== null) return closed(handoff, 'tick');
  const old = stale(handoff, command);
  if (old !== null) return old;
  const boxes = boxesOf(work, handoff);
  const box = boxes[command.box - 1];
  const list = boxes.map((text, index) => `${index + 1}: ${plain(text, 80)}`).join('; ') || 'it has none';
  if (box === undefined) return failure('notFound', `tick: ${handoff.id} has no box ${command.box}`, `its boxes: ${list}`);
  const round = handoff.rounds.at(-1);
  if (round?.verdict == null || round.judged === null)
    return failure(
      'refused',
      `tick: no run of ${handoff.id} has been judged yet, so there is nothing to have seen`,
      `coordtui verify --handoff ${handoff.id}`,
    );
  const { tree } = round.judged;
  const others = (handoff.ticks ?? []).filter((one) => one.box !== box || one.tree !== tree);
  const ticks = command.off ? others : [...others, { box, tree, by: who, at: work.at }];
  const decision = command.off ? 'untick' : 'tick';
  const answer = {
    question: handoff.question?.id ?? `box-${command.box}`,
    epoch: handoff.epoch,
    at: work.at,
    by: who,
    decision,
    text: box,
  };
  const next = putHandoff(work, { ...handoff, ticks, answers: [...handoff.answers, answer] });
  const said = `${handoff.id}: box ${command.box} is ${command.off ? 'open again' : 'ticked'}`;
  if (settledByWord(work, next)) return done(`${said}; nothing else was open`, { handoff: handoff.id });
  const { question } = next;
  if (question !== null) {
    const ways = question.options.filter(({ key }) => !/^(un)?tick-/.test(key));
    putHandoff(work, { ...next, question: { ...question, options: [...ways, ...boxOptions(work, next, round.judged)] } });
  }
  return done(said, { handoff: handoff.id });
}

/** When all that stood against an approval has been answered or ticked, the verdict is taken up again; true: it was. */
export function settledByWord(work: Work, handoff: Handoff): boolean {
  const verdict = handoff.rounds.at(-1)?.verdict ?? null;
  if (handoff.phase !== 'VERIFICATION' || handoff.question?.kind !== 'verdict' || verdict === null || !isApproval(work, handoff, verdict))
    return false;
  propose(work, putHandoff(work, { ...handoff, question: null }), { ...verdict, kind: 'approve' });
  return true;
}

function isApproval(work: Work, handoff: Handoff, { kind, row, reasons }: Verdict): boolean {
  const passed = reasons.some((reason) => reason.row === 12 && reason.rule === 'all-passed');
  return kind === 'escalate' && row === 11 && passed && reasons.every((reason) => reason.row === 12 || isSettled(work, handoff, reason));
}

function isSettled(work: Work, handoff: Handoff, { rule, detail }: Reason): boolean {
  if (rule === 'question') return handoff.questions.length === 0;
  if (rule !== 'open-box') return false;
  // The reason holds the box as it is shown; two that look the same must both be ticked.
  return !openBoxes(work, handoff, handoff.rounds.at(-1)?.judged ?? null).some((box) => plain(box, 300) === detail);
}
