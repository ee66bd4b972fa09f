/** The verbs of a debugging session (P1's five steps; PROTOCOL section 7). Rights were settled before anything came here. */
import { waitsFor } from './assign.ts';
import { coordinatorOf, create, start } from './assignment.ts';
import { nameOf } from './authority.ts';
import type { DebugCommand } from './command.ts';
import { verifyDebug } from './debug-round.ts';
import { debugMove, debugOf, drawDebugId, notOpenFor, putDebug } from './debug-work.ts';
import { contextPath, type DebugSession, silentInstances } from './debugging.ts';
import { sendMessage, writeDocument } from './deliver.ts';
import type { Actor } from './event.ts';
import { heard } from './instance-voice.ts';
import { known, unknownInstance } from './refusal.ts';
import { done, failure, type Reply } from './reply.ts';
import { NO_TERMS } from './terms.ts';
import { handoffOf, type Work } from './work.ts';

const MAX_FINDINGS = 500;

export function debug(work: Work, command: DebugCommand, by: Actor): Reply {
  const who = nameOf(by);
  if (command.verb === 'debug.open') return open(work, command, who);
  const session = debugOf(work, command.id);
  if (session === undefined) return failure('notFound', `debug: there is no debugging session ${command.id}`, 'see: coordtui debug list');
  switch (command.verb) {
    case 'debug.assign':
      return assign(work, session, command, who);
    case 'debug.finding':
      return finding(work, session, command, command.instance ?? who);
    case 'debug.plan':
      return plan(work, session, command, who);
    case 'debug.verify': {
      const refused = notOpenFor(session, 'verify');
      if (refused !== null) return refused;
      const next = verifyDebug(work, session, who);
      return done(`${next.id}: every check runs now`, { debug: next.id, state: next.state });
    }
    case 'debug.close': {
      const refused = notOpenFor(session, 'close');
      if (refused !== null) return refused;
      if (session.state === 'verifying') work.effects.push({ type: 'verification.cancel', handoff: session.id as never });
      debugMove(work, session, 'close', who, {}, command.reason);
      return done(`${session.id} is closed: ${command.reason}`, { debug: session.id, state: 'closed' });
    }
  }
}

/** By hand with an issue, or what the coordinator has proposed, by its id. */
function open(work: Work, command: Extract<DebugCommand, { verb: 'debug.open' }>, who: string): Reply {
  if (command.id !== null) {
    const proposed = debugOf(work, command.id);
    if (proposed === undefined) return failure('notFound', `debug open: there is no proposal ${command.id}`, 'see: coordtui debug list');
    const refused = notOpenFor(proposed, 'open');
    if (refused !== null) return refused;
    const opened = debugMove(work, proposed, 'open', who, { by: who });
    return done(`${opened.id} is open: ${opened.issue}`, { debug: opened.id, state: opened.state, document: contextPath(opened.id) });
  }
  const unknown = command.handoffs.find((id) => handoffOf(work, id) === undefined);
  if (unknown !== undefined) return failure('notFound', `debug open: there is no handoff ${unknown}`, 'see: coordtui handoffs --all');
  const session = putDebug(work, fresh(work, command.issue, who, 'open', command.handoffs));
  return done(`${session.id} is open`, { debug: session.id, state: 'open', document: contextPath(session.id) });
}

export function fresh(
  work: Work,
  issue: string,
  who: string,
  state: 'proposed' | 'open',
  handoffs: DebugSession['handoffs'],
): DebugSession {
  return {
    id: drawDebugId(work),
    issue,
    by: who,
    state,
    openedAt: work.at,
    since: work.at,
    closedAt: null,
    handoffs,
    investigators: [],
    findings: [],
    plan: [],
    rounds: [],
    history: state === 'open' ? [{ at: work.at, move: 'open', to: 'open', by: who }] : [],
  };
}

/** P1, synchronized investigation: an instance gets its layer and its questions, as a document with the way to the shared one. */
function assign(work: Work, session: DebugSession, command: Extract<DebugCommand, { verb: 'debug.assign' }>, who: string): Reply {
  const refused = notOpenFor(session, 'assign');
  if (refused !== null) return refused;
  const { instance, layer, questions } = command;
  if (!known(work, instance)) return unknownInstance(work, instance);
  const document = writeDocument(work, {
    from: coordinatorOf(work),
    to: instance,
    template: 'debugging-session',
    values: {
      SUBJECT: `debugging: ${session.issue}`,
      PRIORITY: 'high',
      TASK_ID: session.id,
      ISSUE: session.issue,
      LAYER: layer,
      QUESTIONS: questions.map((one) => `- ${one}`).join('\n'),
      CONTEXT_DOCUMENT: contextPath(session.id),
      HANDOFFS: session.handoffs.join(', ') || null,
    },
  });
  sendMessage(work, {
    to: instance,
    type: 'request',
    subject: 'debugging',
    text: `Look into the ${layer} layer for ${session.id}. Your questions: ${document}`,
    priority: 'high',
    handoff: session.id as never,
    path: document,
  });
  const part = { instance, layer, questions, document, askedAt: work.at };
  const others = session.investigators.filter((one) => one.instance !== instance || one.layer !== layer);
  debugMove(work, session, 'assign', who, { investigators: [...others, part] });
  return done(`${instance} looks into the ${layer} layer for ${session.id}`, { debug: session.id, document });
}

/** Whoever takes part says what was found; findings come as long as the session is not closed. */
function finding(work: Work, session: DebugSession, command: Extract<DebugCommand, { verb: 'debug.finding' }>, who: string): Reply {
  if (session.closedAt !== null) return failure('refused', `debug finding: ${session.id} is closed`, 'open another: coordtui debug open');
  if (session.state === 'proposed')
    return failure('refused', `debug finding: ${session.id} is only proposed`, `the operator opens it: coordtui debug open ${session.id}`);
  if (session.findings.length >= MAX_FINDINGS)
    return failure(
      'refused',
      `debug finding: ${session.id} has ${MAX_FINDINGS} findings, and that is the limit`,
      'close it, and open another',
    );
  if (command.instance !== null) heard(work, command.instance);
  const next = putDebug(work, {
    ...session,
    findings: [...session.findings, { at: work.at, by: who, text: command.text, file: command.file }],
  });
  const silent = silentInstances(next);
  const rest = silent.length === 0 ? 'everybody who was asked has answered' : `still asked: ${silent.join(', ')}`;
  return done(`${session.id}: the finding is kept; ${rest}`, { debug: session.id, findings: next.findings.length, silent });
}

/** P1, solution coordination: each step is an assignment of its own, verified like any other. */
function plan(work: Work, session: DebugSession, command: Extract<DebugCommand, { verb: 'debug.plan' }>, who: string): Reply {
  const refused = notOpenFor(session, 'plan');
  if (refused !== null) return refused;
  for (const { instance } of command.steps) if (!known(work, instance)) return unknownInstance(work, instance);
  const made: { handoff: DebugSession['handoffs'][number]; instance: DebugSession['investigators'][number]['instance']; task: string }[] =
    [];
  for (const { instance, task } of command.steps) {
    const before = made.at(-1)?.handoff;
    const handoff = create(work, {
      instance,
      to: null,
      task: `${task} (${session.id}: ${session.issue})`,
      type: null,
      priority: 'high',
      depends: command.inOrder && before !== undefined ? [before] : [],
      required: [],
      base: work.coordinator.instances[instance]?.base ?? null,
      parent: null,
      terms: NO_TERMS,
    });
    if (waitsFor(work, handoff) === null) start(work, handoff, who);
    made.push({ handoff: handoff.id, instance, task });
  }
  debugMove(work, session, 'plan', who, { plan: [...session.plan, ...made] });
  return done(`${session.id}: ${made.map(({ handoff, instance }) => `${handoff} for ${instance}`).join(', ')}`, {
    debug: session.id,
    handoffs: made.map(({ handoff }) => handoff),
  });
}
