/** What must hold after each event of any history (PROTOCOL sections 1, 2, 3 and 5), asked only of what the event has changed. */
import { factsAbout, isArchived } from '../../../src/core/archive.ts';
import { rowsOf } from '../../../src/core/archived-handoff.ts';
import type { Event } from '../../../src/core/event.ts';
import { explainHandoff } from '../../../src/core/explain.ts';
import { MOVES } from '../../../src/core/handoff.ts';
import type { HandoffId } from '../../../src/core/ids.ts';
import { isMerging } from '../../../src/core/merge-clause.ts';
import { narrate } from '../../../src/core/narrate.ts';
import { openOf } from '../../../src/core/open-handoffs.ts';
import { compareInQueue } from '../../../src/core/queue.ts';
import type { Handoff, HistoryEntry, State } from '../../../src/core/state.ts';
import { equal, type Json } from '../../../src/core/tree.ts';

const KNOWN_MOVES: ReadonlySet<string> = new Set(Object.values(MOVES).flatMap((row) => Object.keys(row)));
const OPERATORS_OWN: ReadonlySet<string> = new Set(['reassign', 'reopen', 'withdraw']);
const OPERATOR = 'ann';

/** `expect` costs more than a step of the core, and this is asked a million times. */
function must(holds: boolean, broken: () => string): asserts holds {
  if (!holds) throw new Error(broken());
}

/** Throws with the first invariant that this step has broken. */
export function holdInvariants(before: State, event: Event, after: State): void {
  const { handoffs } = after.coordinator;
  const was = before.coordinator.handoffs;
  const open = openOf(handoffs);
  if (was !== handoffs) {
    for (const [id, handoff] of Object.entries(was)) {
      if (Object.hasOwn(handoffs, id)) continue;
      must(isArchived(after.coordinator, handoff.id), () => `${id} is lost`);
      must(handoff.closedAt !== null, () => `${id} is open, and was archived`);
      const facts = factsAbout(after, handoff.id);
      must(equal(facts?.history as unknown as Json, handoff.history as unknown as Json), () => `${id} has another history in the archive`);
      must(facts?.rounds.length === handoff.rounds.length, () => `${id} has other rounds in the archive`);
    }
    for (const [id] of rowsOf(before.coordinator.archive)) must(isArchived(after.coordinator, id), () => `${id} has left the archive`);
    // One that is the same object as before is what it was: nothing is ever changed in place.
    const changed = Object.values(handoffs).filter((handoff) => was[handoff.id] !== handoff);
    for (const handoff of changed) {
      kept(before, event, after, handoff);
      told(after, handoff.id, event.at);
    }
  }
  const atWork = open.filter(({ phase }) => phase !== 'STANDBY').map(({ from }) => from);
  must(new Set(atWork).size === atWork.length, () => `an instance works on two handoffs: ${atWork.join(', ')}`);
  fair(before, after, event, open);
  oneAtATime(after, open);
  for (const handoff of open) notStuck(after, handoff, event.at);
  narrate(before, after);
}

/** Nothing is lost: history, answers and rounds only grow. Nothing is verified twice in one epoch. */
function kept(before: State, event: Event, after: State, handoff: Handoff): void {
  const was = before.coordinator.handoffs[handoff.id];
  grown(handoff.id, 'history', was?.history ?? [], handoff.history);
  grown(handoff.id, 'answers', was?.answers ?? [], handoff.answers);
  const rounds = was?.rounds ?? [];
  must(
    rounds.every(({ epoch, end }, index) => handoff.rounds[index]?.epoch === epoch && (end === null || handoff.rounds[index]?.end === end)),
    () => `${handoff.id}: a round is lost or ended twice`,
  );
  must(new Set(handoff.rounds.map(({ epoch }) => epoch)).size === handoff.rounds.length, () => `${handoff.id}: two rounds in one epoch`);
  must(handoff.epoch >= (was?.epoch ?? 0), () => `${handoff.id}: its epoch went back`);
  const running = handoff.rounds.filter(({ end }) => end === null);
  must(running.length <= 1, () => `${handoff.id}: ${running.length} rounds run at once`);
  if (running.length === 1) {
    must(handoff.rounds.at(-1) === running[0], () => `${handoff.id}: an older round runs`);
    must(handoff.closedAt === null && handoff.phase === 'VERIFICATION', () => `${handoff.id}: a round runs in ${handoff.phase}`);
  }
  for (const entry of handoff.history.slice(was?.history.length ?? 0)) {
    must(KNOWN_MOVES.has(entry.move), () => `${handoff.id}: ${entry.move} is no move`);
    if (OPERATORS_OWN.has(entry.move)) must(entry.by === OPERATOR, () => `${handoff.id}: ${entry.move} by ${entry.by}`);
    if (entry.move === 'approve' || entry.move === 'deny') decidedRightly(before, after, event, handoff, entry);
  }
}

function grown(id: HandoffId, what: string, was: readonly object[], now: readonly object[]): void {
  const same = was.every((one, index) => one === now[index] || equal(one as Json, now[index] as Json | undefined));
  must(same, () => `${id}: its ${what} was changed behind`);
}

/** Only the verdict over that very round and tree, or the operator's word. */
function decidedRightly(before: State, after: State, event: Event, handoff: Handoff, { by, move }: HistoryEntry): void {
  const { id } = handoff;
  if (by === OPERATOR) {
    const given = before.coordinator.handoffs[id]?.pending;
    must(
      (event.type === 'command' && event.by.kind === 'operator') || (given?.by === OPERATOR && given.decision === move),
      () => `${id}: ${move} in the operator's name, and he has not said so`,
    );
    return;
  }
  const round = handoff.rounds.at(-1);
  must(round?.end === 'judged' && round.epoch === handoff.epoch && round.verdict !== null, () => `${id}: ${move} without a judged round`);
  const spoken = handoff.answers.some(({ decision, epoch }) => epoch === handoff.epoch && (decision === 'answer' || decision === 'tick'));
  must(round.verdict.kind === move || spoken, () => `${id}: ${move} by ${by} over a verdict that says ${round.verdict?.kind}`);
  if (move === 'deny') return;
  must(
    round.checks.some(({ outcome }) => outcome === 'passed') &&
      round.checks.every(({ outcome }) => outcome === 'passed' || outcome === 'skipped'),
    () => `${id}: approved over ${round.checks.map(({ outcome }) => outcome).join(', ')}`,
  );
  // The ground that the instance stands on from now is the tree that was judged, and every box was ticked over it.
  const base = after.coordinator.instances[handoff.from]?.base;
  must(round.judged !== null && equal(base as Json, round.judged as Json), () => `${id}: approved over another tree`);
  for (const { text } of after.coordinator.config.verification.criteria) {
    const ticked = handoff.ticks?.some(({ box, tree }) => box === text && tree === round.judged?.tree) === true;
    must(ticked, () => `${id}: approved with an open box: ${text}`);
  }
}

/** Who is verified first is who comes first in the queue, and nobody waits while there is nothing to wait for. */
function fair(before: State, after: State, event: Event, open: readonly Handoff[]): void {
  const { autopilot, config } = after.coordinator;
  const waiting = open.filter(({ phase, held }) => phase === 'HANDOFF_READY' && !held);
  if (waiting.length === 0) return;
  for (const one of open) {
    const begun = one.history.slice(before.coordinator.handoffs[one.id]?.history.length ?? 0);
    if (!begun.some(({ move, by }) => move === 'verify' && by === one.verifier)) continue;
    for (const other of waiting) must(compareInQueue(one, other) < 0, () => `${one.id} was verified before ${other.id}`);
  }
  const free = config.policy.verificationConcurrency - open.filter((one) => runs(one) || isMerging(one)).length;
  if (!autopilot.paused && autopilot.dial !== 'watch' && event.type === 'tick')
    must(free <= 0, () => `${waiting.map(({ id }) => id).join(', ')} wait for nothing`);
}

/** Only what the operator started, or what is begun anew, may run beside what the queue has begun. */
function oneAtATime(after: State, open: readonly Handoff[]): void {
  const byItself = open.filter(runs).filter(({ history }) => {
    const last = history.findLast(({ move }) => move === 'verify' || move === 'again');
    return last?.move === 'verify' && last.by !== OPERATOR;
  });
  must(byItself.length <= after.coordinator.config.policy.verificationConcurrency, () => `${byItself.length} rounds run by themselves`);
}

/** Nothing is stuck: whoever has to move is known, and is told when it is the operator. */
function notStuck(state: State, handoff: Handoff, at: number): void {
  if (handoff.phase !== 'VERIFICATION') return;
  const { id, question, pending } = handoff;
  const reasons = [runs(handoff), question !== null, pending !== null].filter(Boolean).length;
  must(reasons === 1, () => `${id} stands in VERIFICATION for ${reasons} reasons`);
  must(pending === null || pending.epoch === handoff.epoch, () => `${id}: a decision of an older epoch waits`);
  must(question === null || question.options.length > 0, () => `${id}: a question without an answer`);
  const { sentence } = explainHandoff(state, id, at);
  must(!sentence.includes('no run is under way'), () => sentence);
}

function told(state: State, id: HandoffId, at: number): void {
  const { sentence } = explainHandoff(state, id, at);
  must(sentence.length > 10 && !/undefined|NaN|\[object/.test(sentence), () => `"${sentence}" explains nothing`);
}

function runs(handoff: Handoff): boolean {
  return handoff.rounds.at(-1)?.end === null;
}
