/** A question to the operator: what is asked, on what evidence, with which ways out (PROTOCOL sections 2 and 5). */
import type { Handoff, Option, Question } from './state.ts';
import { alert, putHandoff, type Work } from './work.ts';

export const OPTIONS = {
  approve: { key: 'approve', label: 'approve', consequence: 'the work goes on to its target' },
  deny: { key: 'deny', label: 'deny', consequence: 'the instance gets a failure document and fixes the work' },
  again: { key: 'again', label: 'run the checks again', consequence: 'a new round, a new epoch; nothing is decided yet' },
  answer: { key: 'answer', label: 'answer', consequence: 'your text is delivered to the instance; the verdict is taken up again' },
  reassign: { key: 'reassign', label: 'give it to another instance', consequence: 'the handoff starts anew with its new owner' },
  withdraw: { key: 'withdraw', label: 'withdraw', consequence: 'the handoff is closed without a verdict' },
  wait: { key: 'wait', label: 'keep waiting', consequence: 'the question is closed; the clock starts again' },
} as const satisfies Record<string, Option>;

export type Asked = Omit<Question, 'id' | 'epoch' | 'askedAt' | 'evidence' | 'diff'>;

/** Opens the question on the handoff, which stays in its phase. One is open at a time: the newest. */
export function ask(work: Work, handoff: Handoff, asked: Asked): Handoff {
  const round = handoff.rounds.at(-1);
  const question: Question = {
    ...asked,
    id: `q-${handoff.id}-${handoff.epoch}-${handoff.answers.length + 1}`,
    epoch: handoff.epoch,
    askedAt: work.at,
    evidence: round?.evidence?.path ?? null,
    diff: (round?.changed ?? []).slice(0, 200),
  };
  alert(work, { level: 'urgent', text: `${handoff.id} needs you: ${asked.context}`, handoff: handoff.id });
  return putHandoff(work, { ...handoff, question, pending: null });
}
