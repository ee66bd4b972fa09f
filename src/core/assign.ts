/** The verbs that give work, and that change it while it waits (PROTOCOL section 6). Rights were settled before. */
import { coordinatorOf, create, dependencies, missingNeeds, start } from './assignment.ts';
import type { Command } from './command.ts';
import { openMoves } from './handoff.ts';
import type { CheckId, HandoffId, InstanceId } from './ids.ts';
import { coordinatesOnly, known, notOpen, unknownInstance } from './refusal.ts';
import { done, type Failure, failure, type Reply } from './reply.ts';
import type { TreeRef } from './report.ts';
import type { Handoff } from './state.ts';
import { NO_TERMS, requirementName, specialisationOf, specialisationOfType, WORK_TYPES } from './terms.ts';
import { atWork, handoffOf, ownedBy, putHandoff, type Work } from './work.ts';

type Assign = Extract<Command, { verb: 'assign' }>;
type Edit = Extract<Command, { verb: 'edit' }>;

export function assign(work: Work, command: Assign, who: string, base: TreeRef | null): Reply {
  for (const id of [command.instance, ...(command.next === null ? [] : [command.next])])
    if (!known(work, id)) return unknownInstance(work, id);
  if (command.instance === coordinatorOf(work)) return coordinatesOnly(work, 'assign', command.instance);
  if (command.next === command.instance)
    return failure(
      'refused',
      `assign: ${command.instance} cannot pass the work on to itself`,
      'leave --then out, or name who goes on with it once it is approved',
    );
  const wrong =
    wrongType(work, command.instance, command) ??
    unknownDependency(work, 'assign', command.depends) ??
    unknownCheck(work, command.required);
  if (wrong !== null) return wrong;
  const owned = ownedBy(work, command.instance);
  if (owned !== undefined && command.queue !== true) {
    return failure(
      'refused',
      `assign: ${command.instance} already owns ${owned.id} (${owned.phase})`,
      `open moves of ${owned.id}: ${openMoves(owned.phase).join(', ')}; to let it wait for its turn: --queue`,
    );
  }
  const { terms = NO_TERMS } = command;
  const required = [...command.required, ...terms.commands.map(({ check }) => check)];
  const made = create(work, { ...command, terms, required, to: command.next, base, parent: null });
  const waits = waitsFor(work, made);
  if (waits !== null) return done(`${made.id} waits ${waits}`, { handoff: made.id, phase: made.phase });
  const begun = start(work, made, who);
  return done(`${begun.id} is assigned to ${begun.from}`, { handoff: begun.id, phase: begun.phase, document: begun.document });
}

/** Why an assignment does not start now, as the end of a sentence; null: nothing keeps it. */
export function waitsFor(work: Work, handoff: Handoff): string | null {
  if (handoff.proposal) return 'until its proposal is accepted';
  const state = dependencies(work, handoff);
  if (typeof state === 'object') return `in vain for ${state.broken}, which will never be done`;
  if (state === 'waiting') return `for ${handoff.depends.join(', ')}`;
  const missing = missingNeeds(work.coordinator, handoff);
  if (missing.length > 0) return `until a check finds ${missing.map(requirementName).join(', ')}`;
  const owned = atWork(work, handoff.from);
  return owned !== undefined && owned.id !== handoff.id ? `until ${handoff.from} is done with ${owned.id}` : null;
}

/** A task can be changed as long as nobody has been given it. */
export function editWaiting(work: Work, handoff: Handoff, command: Edit): Reply {
  if (handoff.closedAt !== null || handoff.phase !== 'STANDBY') return notOpen(handoff, 'handoffs edit');
  const depends = command.depends ?? handoff.depends;
  const wrong = unknownDependency(work, 'handoffs edit', depends) ?? cyclic(work, handoff.id, depends);
  if (wrong !== null) return wrong;
  const terms = handoff.terms ?? NO_TERMS;
  const changed = putHandoff(work, {
    ...handoff,
    task: command.task ?? handoff.task,
    depends,
    ...(command.waive ? { terms: { ...terms, needs: [] } } : {}),
  });
  return done(`${handoff.id} is changed; it waits ${waitsFor(work, changed) ?? 'for nothing now'}`, { handoff: handoff.id });
}

function wrongType(work: Work, instance: InstanceId, { type, terms = NO_TERMS }: Pick<Assign, 'type' | 'terms'>): Failure | null {
  if (type !== null && !WORK_TYPES.some((word) => word === type))
    return failure('usage', `assign: there is no type of work "${type.slice(0, 40)}"`, `types: ${WORK_TYPES.join(', ')}`);
  const wanted = specialisationOfType(type);
  const role = work.coordinator.instances[instance]?.role ?? '';
  const has = specialisationOf(role);
  // Integration is where the two meet: either side may be asked for it.
  if (wanted !== null && has !== null && wanted !== has && type !== 'integration')
    return failure(
      'refused',
      `assign: ${type} is work for a ${wanted}, and ${instance} is ${role}`,
      'give it to another instance, or leave --type out',
    );
  if (wanted === 'backend' && (terms.needs.length > 0 || terms.boxes.length > 0))
    return failure(
      'usage',
      `assign: --needs and --box belong to work of the front end, and ${type} is work of the back end`,
      'leave them out',
    );
  return null;
}

function unknownDependency(work: Work, verb: string, depends: readonly HandoffId[]): Failure | null {
  const unknown = depends.find((id) => handoffOf(work, id) === undefined);
  return unknown === undefined
    ? null
    : failure('notFound', `${verb}: it depends on ${unknown}, which does not exist`, 'see: coordtui handoffs --all');
}

function unknownCheck(work: Work, required: readonly CheckId[]): Failure | null {
  const checks = new Set(work.coordinator.config.verification.checks.map((check) => check.id));
  const unknown = required.find((id) => !checks.has(id));
  return unknown === undefined
    ? null
    : failure(
        'notFound',
        `assign: it requires the check ${unknown}, which is not configured`,
        `configured: ${[...checks].join(', ') || 'none'}; a command becomes one with --step`,
      );
}

/** A circle of assignments that wait for each other, by its names. */
function cyclic(work: Work, id: HandoffId, depends: readonly HandoffId[]): Failure | null {
  const circle = circleThrough(work, id, depends, [id]);
  return circle === null
    ? null
    : failure(
        'refused',
        `handoffs edit: ${circle.join(' would wait for ')}: a circle that never ends`,
        'leave one of these dependencies out',
      );
}

function circleThrough(work: Work, start: HandoffId, depends: readonly HandoffId[], path: readonly HandoffId[]): HandoffId[] | null {
  for (const next of depends) {
    if (next === start) return [...path, next];
    if (path.includes(next)) continue;
    const found = circleThrough(work, start, handoffOf(work, next)?.depends ?? [], [...path, next]);
    if (found !== null) return found;
  }
  return null;
}
