/** Handoffs that the state has let go of, as the journal still has them (decision 0028). */
import { wholeAgain } from '../core/archive.ts';
import { rowOf } from '../core/archived-handoff.ts';
import type { Command } from '../core/command.ts';
import type { HandoffId } from '../core/ids.ts';
import type { Handoff, State } from '../core/state.ts';

/** As the journal last had it; null: it no longer goes back so far. */
export type FromJournal = (id: HandoffId) => Promise<Handoff | null>;

export type Recall = {
  /** Those handoffs of the archive that a command names, whole. */
  namedIn(command: Command): Promise<readonly Handoff[]>;
  /** The state with this one whole in it. */
  stateWith(id: HandoffId): Promise<State>;
};

/** @param fromJournal absent: nobody asks for one of the archive */
export function openRecall(state: () => State, fromJournal: FromJournal = async () => null): Recall {
  const recall = async (ids: readonly HandoffId[]): Promise<readonly Handoff[]> => {
    const found: Handoff[] = [];
    for (const id of new Set(ids)) {
      const kept = rowOf(state().coordinator.archive, id);
      const whole = kept === undefined ? null : await fromJournal(id);
      if (kept !== undefined && whole !== null) found.push(wholeAgain(whole, kept));
    }
    return found;
  };
  return {
    namedIn: (command) => recall(handoffsIn(command)),
    async stateWith(id) {
      const [whole] = await recall([id]);
      if (whole === undefined) return state();
      const { coordinator } = state();
      return { ...state(), coordinator: { ...coordinator, handoffs: { ...coordinator.handoffs, [id]: whole } } };
    },
  };
}

function handoffsIn(command: Command): readonly HandoffId[] {
  switch (command.verb) {
    case 'assign':
      return command.depends;
    case 'ack':
      return [command.task];
    case 'debug.open':
      return command.handoffs;
    case 'edit':
      return [command.handoff, ...(command.depends ?? [])];
    default:
      return 'handoff' in command && command.handoff != null ? [command.handoff] : [];
  }
}
