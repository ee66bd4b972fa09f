/** Why things are as they are, in sentences for the operator: reasons, verdicts, and the place of a handoff. */

import { counted } from './counted.ts';
import { lostTouch, recoveryLines, unreached } from './explain-recovery.ts';
import { busyWith, standby } from './explain-waiting.ts';
import { closedAs } from './handoff.ts';
import type { HandoffId, Ms } from './ids.ts';
import { isUnmerged, mergeClause, mergeLines } from './merge-clause.ts';
import { plain } from './plain.ts';
import { compareInQueue } from './queue.ts';
import type { Handoff, Round, State } from './state.ts';
import { termLines } from './terms.ts';
import { duration } from './time.ts';
import type { Reason, Verdict } from './verdict.ts';

const NAME_LENGTH = 120;
const TEXT_LENGTH = 300;
const HISTORY_SHOWN = 12;
const CHECKS_SHOWN = 50;

/** One clause per rule of the verdict table; place, detail and figure are put behind it. */
const CLAUSES: ReadonlyMap<string, string> = new Map([
  ['no-check-ran', 'nothing was verified'],
  ['third-denial', 'it would be one denial too many for another round to help'],
  ['critical-check-failed', 'a critical check failed'],
  ['critical-violation', 'a CRITICAL violation'],
  ['gap', 'an integration gap'],
  ['regression', 'a performance regression'],
  ['target-missed', 'a performance target is missed'],
  ['coverage-below', 'the coverage is below the limit'],
  ['high-violation', 'a HIGH violation'],
  ['did-not-run', 'could not be verified, the check did not run'],
  ['failed-on-base', 'fails on the base as well, so it is not the doing of this handoff'],
  ['judge-touched', 'the change touches what it is judged by'],
  ['non-critical-failed', 'a check failed that is not critical'],
  ['disagrees', 'its exit code and its report say different things'],
  ['medium-violation', 'a MEDIUM violation'],
  ['performance-unclear', 'the performance is unclear'],
  ['benchmark-missing', 'a figure that is asked for was not measured'],
  ['flaky', 'the same tree gave different outcomes'],
  ['coverage-not-measured', 'the coverage was not measured'],
  ['not-covered', 'no check covers a changed file'],
  ['required-skipped', 'this assignment requires the check, and it was skipped'],
  ['required-missing', 'this assignment requires the check, and it is not configured'],
  ['fewer-checks', 'the last approved run had this check, and this one has not'],
  ['lower-coverage', 'the coverage is lower than in the last approved run'],
  ['open-box', 'a criterion is not ticked'],
  ['question', 'a question is attached'],
  ['all-passed', 'every check that ran passed'],
  ['low-violation', 'a LOW violation'],
  ['baseline-recorded', 'a first figure, recorded as the base line'],
  ['anything-else', 'the round gives no answer'],
  ['more', 'and others like these'],
]);

/** One reason as a sentence without a full stop: check, what, file:line, detail, figure. An unknown rule shows its word. */
export function sentence(reason: Reason): string {
  const { rule, check, file, line, detail, figure } = reason;
  const subject = check === undefined ? '' : `${plain(check, NAME_LENGTH)}: `;
  const place = file === undefined ? '' : `, ${plain(file, TEXT_LENGTH)}${line === undefined ? '' : `:${line}`}`;
  const rest = detail === undefined ? '' : `: ${plain(detail, TEXT_LENGTH)}`;
  return `${subject}${CLAUSES.get(rule) ?? plain(rule, NAME_LENGTH)}${place}${rest}${figure === undefined ? '' : ` (${plain(figure, TEXT_LENGTH)})`}`;
}

/** First what was decided, by which row and why; then the other reasons, a line each. */
export function explainVerdict(verdict: Verdict): string[] {
  const [first, ...others] = verdict.reasons.map(sentence);
  return [`${verdict.kind.toUpperCase()} by row ${verdict.row} of the verdict table: ${first ?? 'no reason was recorded'}`, ...others];
}

export type Explanation = { readonly sentence: string; readonly evidence: readonly string[] };

/** Why this handoff is where it is, at the instant `at`: one sentence, then what it rests on, a line each. */
export function explainHandoff(state: State, id: HandoffId, at: Ms): Explanation {
  const handoff = Object.hasOwn(state.coordinator.handoffs, id) ? state.coordinator.handoffs[id] : undefined;
  if (handoff === undefined) return { sentence: `There is no handoff ${plain(id, NAME_LENGTH)}.`, evidence: [] };
  const where = whereItIs(state, handoff, at);
  const held = handoff.held && handoff.closedAt === null ? `, and it is held by the operator (coordtui handoffs unhold ${handoff.id})` : '';
  return { sentence: `${handoff.id} "${plain(handoff.task, NAME_LENGTH)}" ${where}${held}.`, evidence: evidenceOf(state, handoff, at) };
}

function whereItIs(state: State, handoff: Handoff, at: Ms): string {
  if (handoff.closedAt !== null) return closed(handoff, at);
  const since = duration(at - handoff.phaseSince);
  switch (handoff.phase) {
    case 'STANDBY':
      return standby(state, handoff, since);
    case 'ACTIVE':
      return `waits for ${handoff.from}, which has worked on it for ${since} and has not said that it is ready${lostTouch(handoff)}${sessionOf(state, handoff)}${unheard(state, handoff, at)}`;
    case 'HANDOFF_READY':
      return inQueue(state, handoff, since);
    case 'VERIFICATION':
      return verification(state, handoff, at);
    case 'FAILED':
      return `was denied ${since} ago because ${whyDenied(handoff)}; ${handoff.from} has not taken it up yet${unreached(state, handoff)}${sessionOf(state, handoff)}`;
    case 'REMEDIATION':
      return `waits for ${handoff.from}, which has been fixing for ${since} what it was denied for: ${whyDenied(handoff)}${sessionOf(state, handoff)}`;
    case 'APPROVED':
      return approved(state, handoff, at);
    case 'HANDOFF_COMPLETE':
      return `was handed over to ${handoff.to} ${since} ago; ${handoff.from} returns to standby`;
  }
}

function closed(handoff: Handoff, at: Ms): string {
  const last = handoff.history.at(-1);
  const how =
    closedAs(handoff) === 'withdrawn' && last !== undefined
      ? `was withdrawn by ${plain(last.by, NAME_LENGTH)}${because(last.reason)}`
      : `is complete and was handed over to ${handoff.to}`;
  return `${how}; it has been closed for ${duration(at - (handoff.closedAt ?? at))}`;
}

function inQueue(state: State, handoff: Handoff, since: string): string {
  const others = openHandoffs(state).filter(({ id }) => id !== handoff.id);
  const judged = others.filter((other) => isRunning(other));
  const ahead = others
    .filter((other) => other.phase === 'HANDOFF_READY' && !other.held && compareInQueue(other, handoff) < 0)
    .toSorted(compareInQueue);
  const before = [...judged, ...ahead].map(({ id }) => id);
  if (before.length > 0) return `has been ready for ${since} and is in the queue behind ${before.join(', ')}`;
  return `has been ready for ${since} and is the next to be verified${autopilotStopped(state)}`;
}

function verification(state: State, handoff: Handoff, at: Ms): string {
  const { question, pending } = handoff;
  if (question !== null) {
    const first = question.reasons[0];
    return `waits for the operator since ${duration(at - question.askedAt)} because ${first === undefined ? plain(question.context, TEXT_LENGTH) : sentence(first)}`;
  }
  if (isRunning(handoff)) {
    const round = handoff.rounds.at(-1);
    return `is being verified since ${duration(at - (round?.startedAt ?? handoff.phaseSince))} (epoch ${handoff.epoch})`;
  }
  if (pending !== null) {
    const decision = pending.decision === 'approve' ? 'approved' : 'denied';
    const { paused } = state.coordinator.autopilot;
    if (pending.by !== undefined)
      return `was ${decision} by ${plain(pending.by, NAME_LENGTH)}, which takes effect in ${duration((pending.dueAt ?? at) - at)} and can be taken back until then (coordtui undo ${handoff.id})`;
    if (handoff.held || paused) return `would be ${decision} now, but ${paused ? 'the autopilot is paused' : 'the handoff is held'}`;
    if (pending.decided)
      return `was ${decision} by ${handoff.verifier}, which takes effect in ${duration((pending.dueAt ?? at) - at)} and can be taken back until then (coordtui undo ${handoff.id})`;
    return pending.dueAt === null
      ? `waits for the operator's word to be ${decision}`
      : `will be ${decision} in ${duration(pending.dueAt - at)} unless the operator stops it`;
  }
  return `has been in verification for ${duration(at - handoff.phaseSince)}, and no run is under way${autopilotStopped(state)}`;
}

function approved(state: State, handoff: Handoff, at: Ms): string {
  const since = duration(at - handoff.phaseSince);
  const { delegation, question } = handoff;
  if (isUnmerged(handoff) && question === null) return `was approved ${since} ago and ${mergeClause(handoff)}${autopilotStopped(state)}`;
  if (question !== null)
    return `was approved ${since} ago and waits for the operator since ${duration(at - question.askedAt)} because ${plain(question.context, TEXT_LENGTH)}`;
  if (delegation === null) {
    const busy = busyWith(state, handoff.to, handoff.id);
    return `was approved ${since} ago; ${busy === undefined ? `the delegation to ${handoff.to} is not sent yet${autopilotStopped(state)}` : `${handoff.to} is busy with ${busy.id} and is not interrupted`}`;
  }
  const sent = `${delegation.handoff}, sent ${duration(at - delegation.sentAt)} ago`;
  if (delegation.ack === null) {
    const reminded =
      delegation.reminders === 0 ? '' : `, after ${delegation.reminders} ${delegation.reminders === 1 ? 'reminder' : 'reminders'}`;
    return `was approved ${since} ago and waits for ${handoff.to}'s acknowledgment of ${sent}${reminded}`;
  }
  return `was approved ${since} ago; ${handoff.to} answered ${delegation.ack} to ${sent}`;
}

/** A dead session explains a silence better than any clock. */
function sessionOf(state: State, handoff: Handoff): string {
  const instance = state.coordinator.instances[handoff.from];
  if (instance === undefined || (instance.session !== 'exited' && instance.session !== 'failed' && instance.session !== 'stopped'))
    return '';
  const { exit } = instance;
  const how = exit === null ? '' : exit.signal === null ? ` (exit ${exit.code ?? 'unknown'})` : ` (signal ${exit.signal})`;
  return `; its session has ${instance.session === 'stopped' ? 'been stopped' : instance.session}${how}`;
}

/** The instance works on a delegation that it has never acknowledged. */
function unheard(state: State, handoff: Handoff, at: Ms): string {
  const delegation = handoff.parent === null ? null : state.coordinator.handoffs[handoff.parent]?.delegation;
  if (delegation?.handoff !== handoff.id || delegation.ack !== null) return '';
  return `; it has not acknowledged the delegation, sent ${duration(at - delegation.sentAt)} ago`;
}

function whyDenied(handoff: Handoff): string {
  const denial = handoff.history.findLast(({ move }) => move === 'deny');
  if (denial?.reason !== undefined) return plain(denial.reason, TEXT_LENGTH);
  const first = lastVerdict(handoff)?.reasons[0];
  return first === undefined ? 'no reason was recorded' : sentence(first);
}

function lastVerdict(handoff: Handoff): Verdict | null {
  return handoff.rounds.findLast(({ verdict }) => verdict !== null)?.verdict ?? null;
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` because ${plain(reason, TEXT_LENGTH)}`;
}

function autopilotStopped(state: State): string {
  const { paused, dial } = state.coordinator.autopilot;
  return paused ? '; the autopilot is paused' : dial === 'watch' ? '; the autopilot only watches' : '';
}

function isRunning(handoff: Handoff): boolean {
  return handoff.phase === 'VERIFICATION' && handoff.rounds.at(-1)?.end === null;
}

function openHandoffs(state: State): Handoff[] {
  return Object.values(state.coordinator.handoffs).filter(({ closedAt }) => closedAt === null);
}

function evidenceOf(state: State, handoff: Handoff, at: Ms): string[] {
  const round = handoff.rounds.at(-1);
  const verdict = lastVerdict(handoff);
  return [
    `${handoff.from} → ${handoff.to}, priority ${handoff.priority}, phase ${handoff.phase}, epoch ${handoff.epoch}, ${counted(handoff.denials, 'denial')} in a row`,
    ...(handoff.summary === null ? [] : [`${handoff.from} says: ${plain(handoff.summary, TEXT_LENGTH)}`]),
    ...(handoff.terms === undefined ? [] : termLines(handoff.terms, handoff.required)).map((text) => plain(text, TEXT_LENGTH)),
    ...recoveryLines(handoff, at),
    ...mergeLines(state, handoff),
    ...(handoff.way === undefined ? [] : [`way: ${plain(handoff.way, TEXT_LENGTH)}`]),
    ...handoff.questions.map((text) => `question attached: ${plain(text, TEXT_LENGTH)}`),
    ...(round === undefined ? [] : roundLines(round, at)),
    ...(verdict === null ? [] : explainVerdict(verdict)),
    ...(handoff.document === null ? [] : [`document: ${plain(handoff.document, TEXT_LENGTH)}`]),
    ...handoff.history
      .slice(-HISTORY_SHOWN)
      .map(
        (entry) => `${duration(at - entry.at)} ago: ${entry.move} → ${entry.to} by ${plain(entry.by, NAME_LENGTH)}${because(entry.reason)}`,
      ),
  ];
}

function roundLines(round: Round, at: Ms): string[] {
  const ended =
    round.finishedAt === null
      ? `running since ${duration(at - round.startedAt)}`
      : `${round.end}, took ${duration(round.finishedAt - round.startedAt)}`;
  return [
    `last round (epoch ${round.epoch}): ${ended}, ${counted(round.changed.length, 'changed file')}${round.evidence === null ? '' : `, evidence ${plain(round.evidence.path, TEXT_LENGTH)}`}`,
    ...round.checks
      .slice(0, CHECKS_SHOWN)
      .map(
        ({ check, outcome, reason, durationMs }) => `check ${check}: ${outcome}, ${plain(reason, TEXT_LENGTH)}, ${duration(durationMs)}`,
      ),
  ];
}
