/** The operator's word on an instance that does not answer (PROTOCOL section 7: consent where it is due). */
import { withdraw } from './anew.ts';
import type { Command } from './command.ts';
import { letBe, RESTART, restart } from './recovery.ts';
import { done, failure, type Reply } from './reply.ts';
import { configOf } from './session.ts';
import type { Handoff } from './state.ts';
import type { Work } from './work.ts';

type Decision = Extract<Command, { verb: 'approve' | 'deny' | 'answer' }>;

/** null: it is a text for the instance. */
export function settleRecovery(work: Work, handoff: Handoff, command: Decision, who: string): Reply | null {
  const said = command.verb === 'answer' ? command.text.trim().toLowerCase() : command.verb;
  switch (said) {
    case RESTART.key:
      if (configOf(work, handoff.from)?.command == null)
        return failure(
          'refused',
          `answer: ${handoff.from} has no session that could be started anew`,
          'give its work to another: coordtui reassign',
        );
      restart(work, handoff, who);
      return done(`${handoff.from} is started anew`, { handoff: handoff.id });
    case 'wait':
      letBe(work, handoff);
      return done(`${handoff.id}: waiting for ${handoff.from} goes on`, { handoff: handoff.id });
    case 'withdraw':
      return withdraw(work, handoff, who, null);
    case 'approve':
    case 'deny':
      return failure(
        'refused',
        `${said}: ${handoff.id} is not finished; the question is what becomes of ${handoff.from}`,
        `coordtui answer ${handoff.id} ${handoff.question?.options.map(({ key }) => key).join('|')}`,
      );
    default:
      return null;
  }
}
