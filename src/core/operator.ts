/** The verbs that change something, a function each (INTERFACE). Rights were settled before anything came here. */
import { create, dependencies, start } from './assignment.ts';
import { nameOf } from './authority.ts';
import type { Command } from './command.ts';
import { approve, deny, propose } from './decision.ts';
import { sendMessage } from './deliver.ts';
import type { Actor } from './event.ts';
import { type Move, move, openMoves, type Phase } from './handoff.ts';
import type { HandoffId, InstanceId } from './ids.ts';
import { acknowledge, ready } from './instance-voice.ts';
import type { TreeRef } from './report.ts';
import { done, failure, type Reply } from './reply.ts';
import { abandoned, running, startRound } from './round.ts';
import { configOf, startSession, stopSession } from './session.ts';
import type { Handoff } from './state.ts';
import { alert, handoffOf, makeMove, ownedBy, putHandoff, type Work } from './work.ts';

export function obey(work: Work, command: Command, by: Actor, tree: TreeRef | null): Reply {
  const who = nameOf(by);
  switch (command.verb) {
    case 'assign':
      return assign(work, command, who, tree);
    case 'ready':
      if (!known(work, command.instance)) return unknownInstance(work, command.instance);
      if (command.to !== null && !known(work, command.to)) return unknownInstance(work, command.to);
      return ready(work, command.instance, command);
    case 'ack':
      if (!known(work, command.instance)) return unknownInstance(work, command.instance);
      return acknowledge(work, command.instance, command.task, command.status, command.text);
    case 'new':
    case 'close':
    case 'restart':
    case 'interrupt':
      return session(work, command.verb, command.instance);
    case 'autopilot':
      return autopilot(work, command.set, who);
    default:
      return onHandoff(work, command, who);
  }
}

type OnHandoff = Extract<Command, { handoff: HandoffId }>;

function onHandoff(work: Work, command: OnHandoff, who: string): Reply {
  const handoff = handoffOf(work, command.handoff);
  if (handoff === undefined) return failure('notFound', `${command.verb}: there is no handoff ${command.handoff}`, 'see: coordtui handoffs --all');
  switch (command.verb) {
    case 'approve':
    case 'deny':
    case 'answer':
      return decide(work, handoff, command, who);
    case 'verify':
      return verify(work, handoff, who);
    case 'cancel':
      if (running(handoff) === null) return failure('refused', `verify --cancel: no run of ${handoff.id} is under way`, `see: coordtui explain ${handoff.id}`);
      work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
      return done(`the run of ${handoff.id} is being cancelled`, { handoff: handoff.id });
    case 'hold':
    case 'unhold':
      if (handoff.closedAt !== null) return closed(handoff, command.verb);
      putHandoff(work, { ...handoff, held: command.verb === 'hold' });
      return done(`${handoff.id} is ${command.verb === 'hold' ? 'held' : 'no longer held'}`, { handoff: handoff.id });
    case 'prioritise':
      if (handoff.closedAt !== null) return closed(handoff, command.verb);
      putHandoff(work, { ...handoff, priority: command.priority });
      return done(`${handoff.id} has priority ${command.priority} now`, { handoff: handoff.id, priority: command.priority });
    case 'withdraw':
      return withdraw(work, handoff, who, command.reason);
    case 'reassign':
      return reassign(work, handoff, command.instance, who, command.reason);
    case 'reopen':
      return reopen(work, handoff, who, command.reason);
  }
}

function assign(work: Work, command: Extract<Command, { verb: 'assign' }>, who: string, base: TreeRef | null): Reply {
  for (const id of [command.instance, ...(command.then === null ? [] : [command.then])]) if (!known(work, id)) return unknownInstance(work, id);
  for (const id of command.depends) if (handoffOf(work, id) === undefined) return failure('notFound', `assign: it depends on ${id}, which does not exist`, 'see: coordtui handoffs --all');
  const checks = new Set(work.coordinator.config.verification.checks.map((check) => check.id));
  for (const id of command.required) if (!checks.has(id)) return failure('notFound', `assign: it requires the check ${id}, which is not configured`, `configured: ${[...checks].join(', ') || 'none'}`);
  const owned = ownedBy(work, command.instance);
  if (owned !== undefined) {
    return failure('refused', `assign: ${command.instance} already owns ${owned.id} (${owned.phase})`, `open moves of ${owned.id}: ${openMoves(owned.phase).join(', ')}`);
  }
  const made = create(work, { ...command, to: command.then, base, parent: null });
  if (dependencies(work, made) !== 'done') return done(`${made.id} waits for ${made.depends.join(', ')}`, { handoff: made.id, phase: made.phase });
  const begun = start(work, made, who);
  return done(`${begun.id} is assigned to ${begun.from}`, { handoff: begun.id, phase: begun.phase, document: begun.document });
}

/** Words by which a question can be settled; any other answer is a text for the instance. */
const CHOICES: ReadonlySet<string> = new Set(['approve', 'deny', 'again', 'withdraw', 'wait']);

type Decision = Extract<Command, { verb: 'approve' | 'deny' | 'answer' }>;

/** Bound to the epoch that was on the screen; the second of two operators hears who decided (PROTOCOL section 2). */
function decide(work: Work, handoff: Handoff, command: Decision, who: string): Reply {
  const open = handoff.question ?? handoff.pending;
  if (command.epoch !== null && command.epoch !== handoff.epoch) {
    return failure('refused', `${command.verb}: ${handoff.id} is in epoch ${handoff.epoch} now, your decision is about epoch ${command.epoch}; since then: ${since(handoff, command.epoch)}`, `look again: coordtui explain ${handoff.id}`);
  }
  if (command.verb === 'answer' && command.text.trim().toLowerCase() === 'reassign') {
    return failure('usage', `answer: to whom shall ${handoff.id} go?`, `coordtui reassign ${handoff.id} INSTANCE --reason TEXT`);
  }
  if (open === null) return failure('refused', `${command.verb}: ${nothingToDecide(handoff)}`, `open moves: ${openMoves(handoff.phase).join(', ')}; see: coordtui explain ${handoff.id}`);
  const said = command.verb === 'answer' ? command.text.trim().toLowerCase() : command.verb;
  const word = CHOICES.has(said) ? said : 'answer';
  const text = command.verb === 'answer' ? command.text : command.reason;
  const answered = recorded(work, handoff, word, text, who);
  switch (word) {
    case 'approve':
    case 'deny': {
      if (handoff.phase !== 'VERIFICATION') return failure('refused', `${word}: ${handoff.id} is in ${handoff.phase}`, `open moves: ${openMoves(handoff.phase).join(', ')}`);
      const reason = command.verb === 'answer' ? undefined : (command.reason ?? undefined);
      const next = (word === 'approve' ? approve : deny)(work, answered, who, reason);
      return done(`${handoff.id} is ${word === 'approve' ? 'approved' : 'denied'} by ${who}`, { handoff: next.id, phase: next.phase, epoch: next.epoch });
    }
    case 'again':
      return verify(work, answered, who);
    case 'withdraw':
      return withdraw(work, answered, who, null);
    case 'wait': {
      const { delegation } = answered;
      putHandoff(work, { ...answered, question: null, delegation: delegation === null ? null : { ...delegation, sentAt: work.at, reminders: 0 } });
      return done(`${handoff.id}: waiting goes on`, { handoff: handoff.id });
    }
    default:
      return answerInWords(work, answered, command.verb === 'answer' ? command.text : '', who);
  }
}

/** A text is delivered to the instance; what only hung on the question is taken up again. */
function answerInWords(work: Work, handoff: Handoff, text: string, who: string): Reply {
  sendMessage(work, { to: handoff.from, type: 'response', subject: 'answer', text, priority: handoff.priority, handoff: handoff.id, path: null });
  const rest = putHandoff(work, { ...handoff, questions: [] });
  const verdict = rest.rounds.at(-1)?.verdict ?? null;
  const onlyAsked = verdict !== null && verdict.kind === 'escalate' && verdict.reasons.every((reason) => reason.rule === 'question' || reason.row === 12);
  if (rest.phase === 'VERIFICATION' && onlyAsked) {
    propose(work, putHandoff(work, { ...rest, question: null }), { ...verdict, kind: 'approve' });
    return done(`${handoff.id}: ${who} answered, and nothing else was open`, { handoff: handoff.id });
  }
  return done(`${handoff.id}: the answer was delivered; the question stays open`, { handoff: handoff.id });
}

function recorded(work: Work, handoff: Handoff, decision: string, text: string | null, who: string): Handoff {
  const question = handoff.question?.id ?? `countdown-${handoff.epoch}`;
  return putHandoff(work, { ...handoff, answers: [...handoff.answers, { question, epoch: handoff.epoch, at: work.at, by: who, decision: decision.slice(0, 40), text }] });
}

function nothingToDecide(handoff: Handoff): string {
  const last = handoff.answers.at(-1);
  if (last !== undefined && last.epoch === handoff.epoch && handoff.phase !== 'VERIFICATION') return `${last.by} decided already: ${last.decision}`;
  if (running(handoff) !== null) return `the verification of ${handoff.id} is still running`;
  return `${handoff.id} is in ${handoff.phase} and waits for no decision`;
}

function since(handoff: Handoff, epoch: number): string {
  const later = handoff.history.filter((entry) => entry.epoch > epoch).map((entry) => `${entry.move} by ${entry.by}`);
  return later.slice(-4).join(', ') || 'nothing was decided';
}

function verify(work: Work, handoff: Handoff, who: string): Reply {
  const allowed: Move = handoff.phase === 'HANDOFF_READY' ? 'verify' : 'again';
  if (handoff.closedAt !== null || !move(handoff.phase, allowed).ok) return notOpen(handoff, 'verify');
  const next = startRound(work, handoff, who);
  return done(`${next.id} is being verified (epoch ${next.epoch})`, { handoff: next.id, epoch: next.epoch });
}

function withdraw(work: Work, handoff: Handoff, who: string, reason: string | null): Reply {
  if (handoff.closedAt !== null) return closed(handoff, 'withdraw');
  if (running(handoff) !== null) work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
  recall(work, handoff, who);
  makeMove(work, handoff, 'withdraw', who, { pending: null, question: null, epoch: handoff.epoch + 1, rounds: abandoned(work, handoff) }, reason ?? undefined);
  return done(`${handoff.id} is withdrawn`, { handoff: handoff.id });
}

/** What was passed on from an approval that is taken back is taken back with it. */
function recall(work: Work, handoff: Handoff, who: string): void {
  const passed = handoff.delegation === null ? undefined : handoffOf(work, handoff.delegation.handoff);
  if (passed !== undefined && passed.closedAt === null) withdraw(work, passed, who, `${handoff.id}, which it came from, was taken back`);
}

function reassign(work: Work, handoff: Handoff, to: InstanceId, who: string, reason: string): Reply {
  if (!known(work, to)) return unknownInstance(work, to);
  if (handoff.closedAt !== null || !move(handoff.phase, 'reassign').ok) return notOpen(handoff, 'reassign');
  const owned = ownedBy(work, to);
  if (owned !== undefined && owned.id !== handoff.id) return failure('refused', `reassign: ${to} already owns ${owned.id} (${owned.phase})`, 'withdraw or finish that one first');
  recall(work, handoff, who);
  const moved = makeMove(work, handoff, 'reassign', who, { from: to, epoch: handoff.epoch + 1, pending: null, question: null, delegation: null, readyAt: null }, reason);
  sendMessage(work, { to, type: 'task', subject: 'task_delegation', text: `${handoff.id} is yours now (it was ${handoff.from}'s): ${reason}`, priority: handoff.priority, handoff: handoff.id, path: handoff.document });
  return done(`${handoff.id} belongs to ${to} now`, { handoff: moved.id, from: to });
}

/** Also for one that is complete and released: its instance has not yet taken other work. */
function reopen(work: Work, handoff: Handoff, who: string, reason: string): Reply {
  const released = handoff.closedAt !== null && handoff.history.at(-1)?.move === 'release';
  const phase: Phase = released ? 'HANDOFF_COMPLETE' : handoff.phase;
  if ((handoff.closedAt !== null && !released) || !move(phase, 'reopen').ok) return notOpen(handoff, 'reopen');
  const owned = ownedBy(work, handoff.from);
  if (released && owned !== undefined) return failure('refused', `reopen: ${handoff.from} owns ${owned.id} (${owned.phase}) now`, 'finish that one first, or assign the fix as new work');
  recall(work, handoff, who);
  makeMove(work, { ...handoff, phase, closedAt: null }, 'reopen', who, { epoch: handoff.epoch + 1, readyAt: work.at, delegation: null, question: null }, reason);
  return done(`${handoff.id} is open again and will be verified anew`, { handoff: handoff.id });
}

function session(work: Work, verb: 'new' | 'close' | 'restart' | 'interrupt', id: InstanceId): Reply {
  const now = work.coordinator.instances[id];
  if (now === undefined) return unknownInstance(work, id);
  if (configOf(work, id)?.command == null) return failure('refused', `${verb}: ${id} has no session: no agent is configured for it`, 'give it an agent in coordtui.yaml');
  const alive = now.session === 'running' || now.session === 'starting';
  switch (verb) {
    case 'new':
      if (alive) return failure('refused', `new: the session of ${id} is running already`, `to start it anew: coordtui restart ${id}`);
      startSession(work, id);
      return done(`${id}: the session is being started`, { instance: id });
    case 'close':
      stopSession(work, id);
      return done(`${id}: the session is being ended`, { instance: id });
    case 'restart':
      stopSession(work, id);
      startSession(work, id);
      return done(`${id}: the session is being started anew`, { instance: id });
    case 'interrupt':
      if (!alive) return failure('refused', `interrupt: ${id} has no running session`, `start it: coordtui new ${id}`);
      work.effects.push({ type: 'session.interrupt', instance: id });
      return done(`${id}: the interrupt key was sent`, { instance: id });
  }
}

function autopilot(work: Work, set: Extract<Command, { verb: 'autopilot' }>['set'], who: string): Reply {
  const now = work.coordinator.autopilot;
  const next = set === 'pause' || set === 'resume' ? { ...now, paused: set === 'pause' } : { ...now, dial: set };
  work.coordinator = { ...work.coordinator, autopilot: next };
  alert(work, { level: 'info', text: `autopilot: ${next.dial}${next.paused ? ', paused' : ''} (${who})` });
  return done(`autopilot: ${next.dial}${next.paused ? ', paused' : ''}`, { dial: next.dial, paused: next.paused });
}

function known(work: Work, id: InstanceId): boolean {
  return work.coordinator.instances[id] !== undefined;
}

function unknownInstance(work: Work, id: InstanceId): Reply {
  return failure('notFound', `there is no instance ${id}`, `configured: ${Object.keys(work.coordinator.instances).join(', ')}`);
}

function closed(handoff: Handoff, verb: string): Reply {
  return failure('refused', `${verb}: ${handoff.id} is closed`, 'see: coordtui handoffs --all');
}

function notOpen(handoff: Handoff, verb: string): Reply {
  if (handoff.closedAt !== null) return closed(handoff, verb);
  return failure('refused', `${verb}: not possible while ${handoff.id} is in ${handoff.phase}`, `open moves: ${openMoves(handoff.phase).join(', ')}`);
}
