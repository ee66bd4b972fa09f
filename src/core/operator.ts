/** The verbs that change something, a function each (INTERFACE). Rights were settled before anything came here. */
import { reassign, reopen, verify, withdraw } from './anew.ts';
import { isArchived } from './archive.ts';
import { assign, editWaiting } from './assign.ts';
import { nameOf } from './authority.ts';
import type { Command } from './command.ts';
import { debug } from './debug-verbs.ts';
import { decide } from './decide.ts';
import { emergencyStop, endEmergency } from './emergency.ts';
import type { Actor } from './event.ts';
import type { HandoffId, InstanceId } from './ids.ts';
import { acknowledge, ready } from './instance-voice.ts';
import { isMerging } from './merge-clause.ts';
import { decideConfig } from './new-config.ts';
import { closed, known, unknownInstance } from './refusal.ts';
import { done, failure, type Reply } from './reply.ts';
import type { TreeRef } from './report.ts';
import { review } from './review.ts';
import { running } from './round.ts';
import { adoptSession, closeSession, configOf, startSession, stopSession } from './session.ts';
import { closingOf } from './session-place.ts';
import { dialled } from './settled.ts';
import { tick } from './tick.ts';
import { given } from './vitals.ts';
import { override, undo } from './word.ts';
import { alert, handoffOf, putHandoff, type Work } from './work.ts';

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
      return session(work, command);
    case 'emergency-stop':
      return emergencyStop(work, command.except, who);
    case 'adopt':
      return adopt(work, command.session, command.instance);
    case 'autopilot':
      if (command.set === 'resume') endEmergency(work, who);
      return autopilot(work, command.set, who);
    case 'undo':
      return undo(work, command, who);
    case 'config.accept':
      return decideConfig(work, 'accept', command.id, who, tree);
    case 'config.refuse':
      return decideConfig(work, 'refuse', command.id, who, tree);
    case 'review':
      return review(work, command.kind);
    case 'debug.open':
    case 'debug.assign':
    case 'debug.finding':
    case 'debug.plan':
    case 'debug.verify':
    case 'debug.close':
      return debug(work, command, by);
    default:
      return onHandoff(work, command, who);
  }
}

type OnHandoff = Extract<Command, { handoff: HandoffId }>;

function onHandoff(work: Work, command: OnHandoff, who: string): Reply {
  const handoff = handoffOf(work, command.handoff);
  if (handoff === undefined)
    return isArchived(work.coordinator, command.handoff)
      ? failure('refused', `${command.verb}: ${command.handoff} is closed, and the journal that held it is gone`, 'assign it as new work')
      : failure('notFound', `${command.verb}: there is no handoff ${command.handoff}`, 'see: coordtui handoffs --all');
  switch (command.verb) {
    case 'approve':
    case 'deny':
    case 'answer':
      return decide(work, handoff, command, who);
    case 'tick':
      return tick(work, handoff, command, who);
    case 'override':
      return override(work, handoff, command, who);
    case 'verify':
      return verify(work, handoff, who);
    case 'cancel':
      if (running(handoff) === null && !isMerging(handoff))
        return failure('refused', `verify --cancel: no run of ${handoff.id} is under way`, `see: coordtui explain ${handoff.id}`);
      work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
      return done(`the run of ${handoff.id} is being cancelled`, { handoff: handoff.id });
    case 'hold':
    case 'unhold':
      if (handoff.closedAt !== null) return closed(handoff, command.verb);
      putHandoff(work, { ...handoff, held: command.verb === 'hold' });
      // While it was held nothing was expected of anybody.
      if (command.verb === 'unhold') given(work, handoff.from);
      return done(`${handoff.id} is ${command.verb === 'hold' ? 'held' : 'no longer held'}`, { handoff: handoff.id });
    case 'prioritise':
      if (handoff.closedAt !== null) return closed(handoff, command.verb);
      putHandoff(work, { ...handoff, priority: command.priority });
      return done(`${handoff.id} has priority ${command.priority} now`, { handoff: handoff.id, priority: command.priority });
    case 'edit':
      return editWaiting(work, handoff, command);
    case 'withdraw':
      return withdraw(work, handoff, who, command.reason);
    case 'reassign':
      return reassign(work, handoff, command.instance, who, command.reason);
    case 'reopen':
      return reopen(work, handoff, who, command.reason);
  }
}

type OnSession = Extract<Command, { verb: 'new' | 'close' | 'restart' | 'interrupt' }>;

function session(work: Work, command: OnSession): Reply {
  const { verb, instance: id } = command;
  const now = work.coordinator.instances[id];
  if (now === undefined) return unknownInstance(work, id);
  if (configOf(work, id)?.command == null)
    return failure('refused', `${verb}: ${id} has no session: no agent is configured for it`, 'give it an agent in coordtui.yaml');
  const alive = isAlive(work, id);
  switch (verb) {
    case 'new':
      if (alive) return failure('refused', `new: the session of ${id} is running already`, `to start it anew: coordtui restart ${id}`);
      startSession(work, id);
      return done(`${id}: the session is being started`, { instance: id });
    case 'close': {
      const { kept, words } = closingOf(configOf(work, id)?.session, now.adopted);
      closeSession(work, id);
      return done(`${id}: ${words}`, { instance: id, kept });
    }
    case 'restart':
      stopSession(work, id);
      startSession(work, id, command.verb === 'restart' && command.fresh !== true);
      return done(`${id}: the session is being started anew`, { instance: id });
    case 'interrupt':
      if (!alive) return failure('refused', `interrupt: ${id} has no running session`, `start it: coordtui new ${id}`);
      work.effects.push({ type: 'session.interrupt', instance: id });
      return done(`${id}: the interrupt key was sent`, { instance: id });
  }
}

function adopt(work: Work, name: string, asked: InstanceId | null): Reply {
  const free = work.coordinator.config.instances.filter(({ id, command }) => command !== null && !isAlive(work, id)).map(({ id }) => id);
  const id = asked ?? free.find((one) => one === name) ?? (free.length === 1 ? free[0] : undefined);
  if (id === undefined)
    return failure(
      'usage',
      `adopt: whose session shall tmux:${name} be?`,
      `say it with --as; without a session now: ${free.join(', ') || 'none'}`,
    );
  if (!known(work, id)) {
    const { message, hint } = unknownInstance(work, id);
    return failure('notFound', message, `${hint}; as a new one: coordtui adopt tmux:${name} --as ${id} --role ROLE`);
  }
  if (configOf(work, id)?.command == null)
    return failure('refused', `adopt: ${id} has no session: no agent is configured for it`, 'give it an agent in coordtui.yaml');
  if (isAlive(work, id)) return failure('refused', `adopt: the session of ${id} is running already`, `end it first: coordtui close ${id}`);
  const holder = Object.entries(work.coordinator.instances).find(([, one]) => one.adopted === name)?.[0];
  if (holder !== undefined && holder !== id)
    return failure('refused', `adopt: tmux:${name} is the session of ${holder}`, `leave it first: coordtui close ${holder}`);
  adoptSession(work, id, name);
  return done(`${id}: the tmux session ${name} is being taken in; closing it will only leave it`, { instance: id, session: name });
}

function isAlive(work: Work, id: InstanceId): boolean {
  return ['running', 'starting'].includes(work.coordinator.instances[id]?.session ?? 'none');
}

function autopilot(work: Work, set: Extract<Command, { verb: 'autopilot' }>['set'], who: string): Reply {
  const now = work.coordinator.autopilot;
  if (set === null) return done(`autopilot: ${now.dial}${now.paused ? ', paused' : ''}`, { dial: now.dial, paused: now.paused });
  const next = set === 'pause' || set === 'resume' ? { ...now, paused: set === 'pause' } : { ...now, dial: set };
  const dials = dialled(work.coordinator.dials, { at: work.at, dial: next.dial, paused: next.paused });
  work.coordinator = { ...work.coordinator, autopilot: next, dials };
  alert(work, { level: 'info', text: `autopilot: ${next.dial}${next.paused ? ', paused' : ''} (${who})` });
  return done(`autopilot: ${next.dial}${next.paused ? ', paused' : ''}`, { dial: next.dial, paused: next.paused });
}
