/** Giving work to an instance: the beginning of a handoff's life, and its passing on (PROTOCOL sections 2 and 6). */
import { COORDINATOR_ID } from './config.ts';
import { sendMessage, writeDocument } from './deliver.ts';
import type { Priority } from './handoff.ts';
import type { CheckId, HandoffId, InstanceId } from './ids.ts';
import { showWay } from './merge.ts';
import type { TreeRef } from './report.ts';
import type { CoordinatorState, Handoff } from './state.ts';
import { isProvided, type Requirement, type Terms, termLines } from './terms.ts';
import { alert, drawHandoff, handoffOf, makeMove, putDocument, putHandoff, type Work } from './work.ts';

export type Assignment = {
  readonly instance: InstanceId;
  readonly to: InstanceId | null;
  readonly task: string;
  readonly type: string | null;
  readonly priority: Priority;
  readonly depends: readonly HandoffId[];
  readonly required: readonly CheckId[];
  readonly base: TreeRef | null;
  readonly parent: HandoffId | null;
  readonly terms?: Terms;
};

/** The id that verifies and coordinates in this workspace: the configured third instance, else P1's name for it. */
export function coordinatorOf(work: Work): InstanceId {
  const configured = work.coordinator.config.instances.find((instance) => instance.role === 'coordinator');
  return configured?.id ?? COORDINATOR_ID;
}

/** Makes the handoff, in STANDBY; `start` (or the cycle, once its dependencies are done) makes it ACTIVE. */
export function create(work: Work, assignment: Assignment): Handoff {
  const coordinator = coordinatorOf(work);
  return putHandoff(work, {
    id: drawHandoff(work),
    epoch: 0,
    from: assignment.instance,
    to: assignment.to ?? coordinator,
    verifier: coordinator,
    task: assignment.task,
    type: assignment.type,
    priority: assignment.priority,
    phase: 'STANDBY',
    phaseSince: work.at,
    createdAt: work.at,
    closedAt: null,
    held: false,
    depends: assignment.depends,
    required: assignment.required,
    base: assignment.base,
    readyAt: null,
    summary: null,
    artifacts: [],
    questions: [],
    denials: 0,
    voidRounds: 0,
    rounds: [],
    pending: null,
    question: null,
    answers: [],
    history: [],
    delegation: null,
    parent: assignment.parent,
    document: null,
    ...(assignment.terms === undefined ? {} : { terms: assignment.terms }),
  });
}

/** STANDBY → ACTIVE: the delegation is written and the instance is told where it lies. */
export function start(work: Work, handoff: Handoff, who: string, context: string | null = null): Handoff {
  const document = delegate(work, handoff, context);
  putDocument(work, ['instances', handoff.from, 'currentTask'], handoff.task);
  return makeMove(work, handoff, 'assign', who, { document });
}

/** The delegation document and the message with its path; answers the path. */
function delegate(work: Work, handoff: Handoff, context: string | null): string {
  const path = writeDocument(work, {
    from: coordinatorOf(work),
    to: handoff.from,
    template: 'task-delegation',
    values: {
      SUBJECT: subject(handoff.task),
      PRIORITY: handoff.priority,
      TASK_ID: handoff.id,
      TASK: handoff.task,
      CONTEXT: context,
      ARTIFACTS: handoff.artifacts.join('\n') || null,
      DEPENDS: handoff.depends.join(', ') || null,
      TYPE: handoff.type,
      TERMS: (handoff.terms === undefined ? [] : termLines(handoff.terms, handoff.required)).map((line) => `- ${line}`).join('\n') || null,
      MERGE: null,
      NOTES: null,
    },
  });
  sendMessage(work, {
    to: handoff.from,
    type: 'task',
    subject: 'task_delegation',
    text: `Task ${handoff.id} for you. Path: ${path}`,
    priority: handoff.priority,
    handoff: handoff.id,
    path,
  });
  return path;
}

export type Dependencies = 'done' | 'waiting' | { readonly broken: HandoffId };

/** A dependency is done when its handoff was transferred; one that was withdrawn will never be. */
export function dependencies(work: Work, handoff: Handoff): Dependencies {
  let waiting = false;
  for (const id of handoff.depends) {
    const other = handoffOf(work, id);
    if (other === undefined || neverDone(other)) return { broken: id };
    if (!transferred(other)) waiting = true;
  }
  return waiting ? 'waiting' : 'done';
}

/** Closed without having been handed over: what waits for it waits in vain. */
export function neverDone(handoff: Handoff): boolean {
  return handoff.closedAt !== null && !transferred(handoff);
}

function transferred({ history }: Handoff): boolean {
  return history.some(({ move }) => move === 'transfer');
}

/** What has to be there before the work begins, and no check's last report has named. */
export function missingNeeds({ provided }: CoordinatorState, { terms }: Handoff): readonly Requirement[] {
  if (terms === undefined || terms.needs.length === 0) return [];
  const there = new Set(Object.values(provided ?? {}).flat());
  return terms.needs.filter((need) => !isProvided(need, there));
}

/** The next instance gets the approved work as a handoff of its own, on the ground that was approved. */
export function passOn(work: Work, approved: Handoff): Handoff {
  const next = create(work, {
    instance: approved.to,
    to: null,
    task: `Take over ${approved.id}: ${approved.task}`,
    type: 'integration',
    priority: approved.priority,
    depends: [],
    required: [],
    base: groundOf(work, approved),
    parent: approved.id,
  });
  const context = `${approved.from} finished "${approved.task}"; it was verified and approved as ${approved.id}.${approved.summary === null ? '' : ` Its summary: ${approved.summary}`}`;
  const started = start(
    work,
    putHandoff(work, { ...next, artifacts: approved.artifacts.map((path) => placed(work, approved.from, path)) }),
    approved.verifier,
    context,
  );
  showWay(work, approved, started.document);
  putHandoff(work, { ...approved, delegation: { handoff: started.id, sentAt: work.at, reminders: 0, ack: null } });
  alert(work, { level: 'info', text: `${approved.id} is approved; ${approved.to} has its delegation ${started.id}`, handoff: approved.id });
  return started;
}

/** What was approved, where both see the same files; else what the next one stands on himself. */
function groundOf(work: Work, approved: Handoff): TreeRef | null {
  const { config, instances } = work.coordinator;
  const apart = config.instances.some(({ id, worktree }) => worktree !== undefined && (id === approved.from || id === approved.to));
  if (apart) return instances[approved.to]?.base ?? null;
  return approved.rounds.at(-1)?.judged ?? approved.base;
}

/** A file is named as its sender sees it, and found where it stands in the workspace (PROTOCOL section 8). */
function placed(work: Work, from: InstanceId, path: string): string {
  const sender = work.coordinator.config.instances.find(({ id }) => id === from);
  if (sender?.worktree === undefined || path.startsWith('/') || path.split('/').includes('..')) return path;
  return `${sender.cwd}/${path}`;
}

/** One line for a subject: the task's first line, shortened. */
function subject(task: string): string {
  const line = task.split('\n', 1)[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
