/**
 * The function between everything that happens and everything that is done: an event's facts are taken in,
 * then the whole cycle runs over the whole state, then the status document is made to say so.
 */
import { bringBack } from './archive.ts';
import { assertNever } from './assert-never.ts';
import { forgive } from './clock-jump.ts';
import { cycle } from './cycle.ts';
import { finishDebug, resumeDebugging } from './debug-round.ts';
import { debugOf } from './debug-work.ts';
import { parseDebugId } from './debugging.ts';
import type { Effect } from './effect.ts';
import type { Edit, Event, Refused } from './event.ts';
import type { Phase } from './handoff.ts';
import type { InstanceId } from './ids.ts';
import { heard, seenAtWork, takeUp } from './instance-voice.ts';
import { branchMoved, mergeFinished, resumeMerge } from './integration.ts';
import { waySeen } from './merge.ts';
import { configAtStart, configSeen } from './new-config.ts';
import { obey } from './operator.ts';
import { isOwned } from './ownership.ts';
import { plain } from './plain.ts';
import type { Reply } from './reply.ts';
import { letGo, verdictSealed } from './retention.ts';
import { finishRound, resumeLost, running } from './round.ts';
import { exited, failed, fresh, started, startSession } from './session.ts';
import { dialled } from './settled.ts';
import { takeSources } from './sources.ts';
import type { CoordinatorState, InstanceState, State } from './state.ts';
import { meansPhase, mirror } from './status-document.ts';
import { isoTime } from './time.ts';
import { getAt, type Json } from './tree.ts';
import { observe, woken } from './vitals.ts';
import { alert, begin, handoffOf, openHandoffs, ownedBy, putDocument, putHandoff, result, type Work } from './work.ts';

export type Stepped = { readonly state: State; readonly effects: readonly Effect[]; readonly reply: Reply | null };

export function step(state: State, event: Event): Stepped {
  const work = begin(state, event.at, event.seed, event.awake);
  if (event.jump !== undefined) forgive(work, event.jump);
  const reply = takeIn(work, event);
  if (reply === null || reply.ok) {
    // What an instance had said before a decision must not be heard as if it were said after it. An edit is
    // what it says now, so that one is heard first.
    if (event.type !== 'status.edited') showStatus(work);
    cycle(work);
    showStatus(work);
  }
  return { state: result(work), effects: work.effects, reply };
}

function takeIn(work: Work, event: Event): Reply | null {
  switch (event.type) {
    case 'room.started':
      open(work, event);
      return null;
    case 'tick':
      if (event.observed !== undefined) observe(work, event.observed);
      for (const one of event.observed ?? []) seenAtWork(work, one);
      return null;
    case 'status.edited':
      hear(work, event);
      return null;
    case 'status.broken':
      alert(work, {
        level: 'warning',
        text: `${event.source} could not be read and is replaced: ${event.why}${event.quarantined === null ? '' : `; it was kept as ${event.quarantined}`}`,
      });
      return null;
    case 'command':
      return obeyWhole(work, event);
    case 'pane.started':
      started(work, event.instance, event.pid, event.adopted);
      return null;
    case 'pane.exited':
      exited(work, event.instance, event.pid, event.exitCode, event.signal);
      return null;
    case 'pane.failed':
      failed(work, event.instance, event.reason);
      return null;
    case 'verification.finished': {
      const handoff = handoffOf(work, event.handoff);
      const debugged = parseDebugId(event.handoff);
      const session = debugged === null ? undefined : debugOf(work, debugged);
      if (handoff !== undefined) finishRound(work, handoff, event.report);
      else if (session !== undefined) finishDebug(work, session, event.report);
      return null;
    }
    case 'merge.seen':
      waySeen(work, event.handoff, event.way, event.files);
      return null;
    case 'integration.finished':
      mergeFinished(work, event.handoff, event.epoch, event.found);
      return null;
    case 'integration.moved':
      branchMoved(work, event.handoff, event.epoch, event.found);
      return null;
    case 'sources.seen':
      takeSources(work, event.files);
      return null;
    case 'config.changed':
      configSeen(work, event.config, event.problems);
      return null;
    case 'verdict.sealed':
      verdictSealed(work, event.handoff, event.epoch, event.sha256);
      return null;
    case 'evidence.seen':
      letGo(work, event.bundles);
      return null;
    case 'effect.failed':
      alert(work, { level: 'urgent', text: `${event.effect} could not be done: ${event.reason}` });
      return null;
    default:
      return assertNever(event);
  }
}

/** A refused command changes nothing: whatever it had begun is dropped. */
function obeyWhole(work: Work, event: Extract<Event, { type: 'command' }>): Reply {
  const before = { document: work.document, coordinator: work.coordinator };
  bringBack(work, event.recalled ?? []);
  const reply = obey(work, event.command, event.by, event.tree);
  if (!reply.ok) {
    work.document = before.document;
    work.coordinator = before.coordinator;
    work.effects.length = 0;
  }
  return reply;
}

/** The room begins, or comes back: sessions are started, and a run that died with it is begun anew. */
function open(work: Work, event: Extract<Event, { type: 'room.started' }>): void {
  const { tree, grounds = {} } = event;
  const former = work.coordinator.config;
  const config = configAtStart(work, event.config);
  const instances: Record<InstanceId, InstanceState> = {};
  for (const instance of config.instances) {
    const known = work.coordinator.instances[instance.id];
    const adopted = known?.adopted === undefined ? {} : { adopted: known.adopted };
    instances[instance.id] = {
      ...fresh(instance, work.at),
      ...adopted,
      base: known?.base ?? (instance.worktree === undefined ? tree : (grounds[instance.id] ?? tree)),
      lastReportAt: known?.lastReportAt ?? null,
      vitals: woken(work, known?.vitals),
    };
  }
  const before = work.coordinator;
  // The dial stays where the operator has left it, unless he has since set another in the config.
  const dial = config.autopilot === former.autopilot ? before.autopilot.dial : config.autopilot;
  const autopilot = { ...before.autopilot, dial };
  const dials = dialled(before.dials, { at: work.at, dial, paused: autopilot.paused });
  work.coordinator = { ...before, sessionId: event.sessionId, config, startedAt: work.at, autopilot, instances, dials };
  for (const handoff of openHandoffs(work)) {
    if (running(handoff) !== null) resumeLost(work, handoff);
    else if (handoff.pending !== null) restartCountdown(work, handoff.id);
    else resumeMerge(work, handoff);
  }
  resumeDebugging(work);
  // What was stopped in an emergency stays stopped, also when the room dies of it.
  const stays = (id: InstanceId) => work.coordinator.emergency !== undefined && work.coordinator.emergency.except !== id;
  for (const instance of config.instances) if (instance.command !== null && !stays(instance.id)) startSession(work, instance.id);
}

/** Nobody could stop a countdown while there was no room: it starts again. */
function restartCountdown(work: Work, id: Parameters<typeof handoffOf>[1]): void {
  const handoff = handoffOf(work, id);
  if (handoff?.pending == null) return;
  const { countdownMs, undoMs } = work.coordinator.config.policy;
  const given = handoff.pending.by !== undefined || handoff.pending.decided === true;
  if (!given && work.coordinator.autopilot.dial === 'act') return;
  const dueAt = work.at + (given ? undoMs : countdownMs);
  putHandoff(work, { ...handoff, pending: { ...handoff.pending, dueAt } });
  work.effects.push({ type: 'wake', at: dueAt });
}

/** Edits of the status document from outside, already merged. An instance reports in its own part; nothing else is taken. */
function hear(work: Work, event: Extract<Event, { type: 'status.edited' }>): void {
  const speaking = new Set<InstanceId>();
  const refused: Refused[] = [...event.refused];
  for (const edit of event.edits) {
    const why = notToBeSet(work, edit);
    if (why !== null) {
      refused.push({ ...edit, why });
      continue;
    }
    putDocument(work, edit.path, edit.value);
    const [root, instance] = edit.path;
    if (root === 'instances' && instance !== undefined && work.coordinator.instances[instance as InstanceId] !== undefined)
      speaking.add(instance as InstanceId);
  }
  for (const instance of speaking) {
    heard(work, instance, 'status');
    const owned = ownedBy(work, instance);
    if (owned?.phase === 'FAILED') takeUp(work, owned, instance);
  }
  for (const { path, ours, theirs, win } of event.conflicts ?? []) {
    if (win === 'both') continue;
    const [stands, other] = win === 'ours' ? [ours, theirs] : [theirs, ours];
    alert(work, {
      level: 'info',
      text: `${plain(path.join('.'), 200)} was changed by two at once: ${told(stands)} stands, ${told(other)} is kept in the journal`,
    });
  }
  for (const { path, why } of refused) {
    alert(work, {
      level: 'warning',
      text: `an edit of ${plain(path.join('.'), 200)} from outside was not taken and is written over: ${why}`,
    });
  }
}

function told(value: Json | undefined): string {
  return value === undefined ? 'its removal' : plain(JSON.stringify(value), 100);
}

/** Words for phases that a verdict or the operator brings about; an instance that writes one claims what it has no right to. */
const DECIDED: ReadonlySet<Phase> = new Set<Phase>(['VERIFICATION', 'APPROVED', 'FAILED', 'HANDOFF_COMPLETE']);

/** Why an edit is not the writer's to make; null when it is a report like any other. */
function notToBeSet(work: Work, { path, value }: Edit): string | null {
  if (isOwned(path)) return 'only the coordinator writes there';
  const [root, instance, field] = path;
  if (root !== 'instances' || field !== 'status' || path.length !== 3) return null;
  const claimed = meansPhase(value);
  if (claimed === null || !DECIDED.has(claimed) || ownedBy(work, instance as InstanceId)?.phase === claimed) return null;
  return `${claimed} comes about by a verdict or the operator, never by a claim`;
}

/** Documents that say already what these parts of the state are: trees are never changed, so most cycles have nothing to write. */
const shown = new WeakMap<object, Pick<CoordinatorState, 'handoffs' | 'autopilot' | 'config' | 'sessionId'>>();

/**
 * The status document shows the state. An instance's own words stay as it wrote them, unless they claim a
 * phase that its handoff is not in.
 */
function showStatus(work: Work): void {
  const { handoffs, autopilot, config, sessionId } = work.coordinator;
  const before = shown.get(work.document);
  if (before?.handoffs === handoffs && before.autopilot === autopilot && before.config === config && before.sessionId === sessionId) return;
  work.document = mirror(result(work), isoTime);
  for (const key of Object.keys(work.coordinator.instances)) {
    const phase = ownedBy(work, key as InstanceId)?.phase ?? 'STANDBY';
    const word = getAt(work.document, ['instances', key, 'status']);
    const claimed = word === undefined ? null : meansPhase(word);
    if (claimed !== null && word !== phase) putDocument(work, ['instances', key, 'status'], phase);
  }
  shown.set(work.document, { handoffs, autopilot, config, sessionId });
}
