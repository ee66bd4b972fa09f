/**
 * The status document (P1): what a fresh one holds, which parts of it the coordinator owns and writes, and how
 * an instance's own part is read. The coordinator never takes its own parts from outside; an instance's part is
 * that instance's report about itself (PROTOCOL sections 1 and 2).
 */
import { type Ack, readAcks } from './ack-lines.ts';
import { COORDINATOR_ID, type Config, type Dial, modeOf } from './config.ts';
import { sentence } from './explain.ts';
import { PHASES, type Phase } from './handoff.ts';
import { type InstanceId, type Ms, parseInstanceId } from './ids.ts';
import { openOf } from './open-handoffs.ts';
import { plain } from './plain.ts';
import type { Handoff, State } from './state.ts';
import { applyOps, equal, getAt, isObject, type Json, type JsonObject, type Op, type Path } from './tree.ts';

/** The document of a new workspace. `at` is an ISO time, as `isoTime` writes it. */
export function freshDocument(config: Config, session: { readonly sessionId: string; readonly at: string }): JsonObject {
  const coordinator = config.instances.find(({ role }) => role === 'coordinator')?.id ?? COORDINATOR_ID;
  return {
    coordinationSession: {
      sessionId: session.sessionId,
      coordinationMode: modeOf(config),
      totalInstances: config.instances.length,
      currentPhase: 'AUTONOMOUS_COORDINATION_READY',
      startTime: session.at,
    },
    autonomousCoordination: {
      coordinatorInstance: coordinator,
      ...autopilotFields(config.autopilot, false),
      escalationThreshold: 'mixed_or_unclear_results',
      monitoringInterval: config.policy.monitorIntervalMs,
      lastAutonomousAction: null,
    },
    instances: Object.fromEntries(config.instances.map((instance) => [instance.id, freshInstance(instance, session.at)])),
    handoffProtocol: { ...NOTHING_CURRENT, handoffs: [] },
    sharedState: { currentSprint: { focus: [], priority: null, blockers: [], phase: null }, integrationPoints: [] },
    integrationNotes: [],
  };
}

/** One instance's part, before it has said anything. */
function freshInstance(instance: Config['instances'][number], at: string): JsonObject {
  return {
    instanceId: instance.id,
    role: instance.role,
    status: 'STANDBY',
    currentTask: null,
    currentAssignment: null,
    filesResponsible: [...instance.files],
    filesModified: [],
    readyForHandoff: false,
    nextHandoffTarget: null,
    handoffApproved: false,
    handoffBlocked: false,
    blockReason: null,
    coordinationNotes: null,
    lastUpdate: at,
    messages: [],
    acknowledgments: [],
    coordinationRequests: [],
  };
}

const NOTHING_CURRENT: JsonObject = {
  currentHandoffPhase: 'NONE',
  handoffInitiator: null,
  handoffTarget: null,
  handoffReason: null,
  verificationRequired: [],
  handoffStartTime: null,
  estimatedCompletionTime: null,
};

/**
 * The document as it must be for this state: the coordinator's own parts follow its state. An instance's `status`
 * is shared with the instance, so it is written at one moment only, when the phase of the handoff that it owns
 * changes; a flag `readyForHandoff` is used up by the same moment, else a denied handoff would be ready at once.
 * Answers the same document when nothing changed. `isoOf` writes a time in milliseconds as ISO.
 */
export function mirror(state: State, isoOf: (at: Ms) => string): JsonObject {
  const { document, coordinator } = state;
  const open = openOf(coordinator.handoffs);
  const current = currentOf(open);
  const addInstance = (instance: Config['instances'][number]): Op => [
    ['instances', instance.id],
    freshInstance(instance, isoOf(coordinator.startedAt)),
  ];
  const root = (name: string, fields: JsonObject): Op[] => Object.entries(fields).map(([key, value]): Op => [[name, key], value ?? null]);
  const ops: Op[] = [
    ...root('coordinationSession', { sessionId: coordinator.sessionId }),
    ...root('autonomousCoordination', {
      ...autopilotFields(coordinator.autopilot.dial, coordinator.autopilot.paused),
      lastAutonomousAction: timeOrNull(coordinator.autopilot.lastActionAt, isoOf),
    }),
    ...root('handoffProtocol', current === undefined ? NOTHING_CURRENT : legacyFields(current, isoOf)),
    ...root('handoffProtocol', { handoffs: open.toSorted(byAge).map((handoff) => listed(handoff, isoOf)) }),
    ...coordinator.config.instances.filter(({ id }) => getAt(document, ['instances', id]) === undefined).map(addInstance),
    ...(Object.keys(coordinator.instances) as InstanceId[]).flatMap((id) => instanceOps(document, id, ownedHandoff(open, id))),
  ];
  return applyOps(
    document,
    ops.filter((op) => op.length === 2 && !equal(getAt(document, op[0]), op[1])),
  );
}

function autopilotFields(dial: Dial, paused: boolean): JsonObject {
  const acts = !paused && (dial === 'countdown' || dial === 'act');
  return { enabled: !paused && dial !== 'watch', autoApprovalEnabled: acts, autopilot: paused ? 'paused' : dial };
}

/** The one in VERIFICATION, else the one that changed last; one that still waits to be started comes after all others. */
function currentOf(open: readonly Handoff[]): Handoff | undefined {
  const rank = ({ phase }: Handoff): number => (phase === 'VERIFICATION' ? 0 : phase === 'STANDBY' ? 2 : 1);
  return open.toSorted((a, b) => rank(a) - rank(b) || b.phaseSince - a.phaseSince || (a.id < b.id ? -1 : 1))[0];
}

function byAge(a: Handoff, b: Handoff): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

function legacyFields(handoff: Handoff, isoOf: (at: Ms) => string): JsonObject {
  const running = handoff.phase === 'VERIFICATION' && handoff.rounds.at(-1)?.end === null;
  return {
    currentHandoffPhase: running ? 'VERIFICATION_IN_PROGRESS' : handoff.phase,
    handoffInitiator: handoff.from,
    handoffTarget: handoff.to,
    handoffReason: plain(handoff.summary ?? handoff.task, 300),
    verificationRequired: [...handoff.required],
    handoffStartTime: timeOrNull(handoff.readyAt, isoOf),
    estimatedCompletionTime: null,
  };
}

function listed({ id, epoch, from, to, phase, priority, task, phaseSince }: Handoff, isoOf: (at: Ms) => string): JsonObject {
  return { id, epoch, from, to, phase, priority, task: plain(task, 300), since: isoOf(phaseSince) };
}

/** What the instance has on its table; a handoff in STANDBY is not yet given to it. */
function ownedHandoff(open: readonly Handoff[], id: InstanceId): Handoff | undefined {
  return open.filter(({ from, phase }) => from === id && phase !== 'STANDBY').toSorted((a, b) => b.phaseSince - a.phaseSince)[0];
}

/** Work that was called ready, until the verdict over it is spoken. */
const READY_PHASES: ReadonlySet<Phase> = new Set<Phase>(['HANDOFF_READY', 'VERIFICATION', 'APPROVED']);

function instanceOps(document: JsonObject, id: InstanceId, owned: Handoff | undefined): Op[] {
  const at = (field: string): Path => ['instances', id, field];
  const assignment: Op = [at('currentAssignment'), owned?.id ?? null];
  if (isShown(document, id, owned)) return [assignment];
  const blocked = owned?.phase === 'FAILED' || owned?.phase === 'REMEDIATION';
  return [
    assignment,
    [at('status'), owned?.phase ?? 'STANDBY'],
    [at('readyForHandoff'), owned !== undefined && READY_PHASES.has(owned.phase)],
    [at('handoffApproved'), owned?.phase === 'APPROVED' || owned?.phase === 'HANDOFF_COMPLETE'],
    [at('handoffBlocked'), blocked],
    [at('blockReason'), blocked ? whyBlocked(owned) : null],
  ];
}

/** Whether the list, which nobody else may write, already shows this handoff in this phase, or none of this instance. */
function isShown(document: JsonObject, instance: InstanceId, owned: Handoff | undefined): boolean {
  const list = getAt(document, ['handoffProtocol', 'handoffs']);
  const entries: readonly Json[] = Array.isArray(list) ? list : [];
  const before = entries.filter((entry) => getAt(entry, ['from']) === instance && getAt(entry, ['phase']) !== 'STANDBY');
  if (owned === undefined) return before.length === 0;
  return before.some((entry) => getAt(entry, ['id']) === owned.id && getAt(entry, ['phase']) === owned.phase);
}

function whyBlocked(handoff: Handoff): string | null {
  const denial = handoff.history.findLast(({ move }) => move === 'deny');
  const first = handoff.rounds.at(-1)?.verdict?.reasons[0];
  return denial?.reason !== undefined ? plain(denial.reason, 300) : first === undefined ? null : sentence(first);
}

function timeOrNull(at: Ms | null, isoOf: (at: Ms) => string): string | null {
  return at === null ? null : isoOf(at);
}

/** What an instance says about itself, in its own words and in ours. */
export type InstanceReport = {
  /** The word as it stands, known or not; null when there is none. */
  readonly status: string | null;
  /** The phase that the word means, if it is known. */
  readonly phase: Phase | null;
  readonly ready: boolean;
  readonly task: string | null;
  readonly target: InstanceId | null;
  readonly acks: readonly Ack[];
  /** Sentences about what could not be understood. */
  readonly issues: readonly string[];
};

/** Words for phases that other writers of this file use (PROTOCOL section 2). */
const SYNONYMS: ReadonlyMap<string, Phase> = new Map<string, Phase>([
  ...PHASES.map((phase): [string, Phase] => [phase, phase]),
  ['PENDING', 'STANDBY'],
  ['IN_PROGRESS', 'ACTIVE'],
  ['ORCHESTRATION_MONITORING', 'ACTIVE'],
  ['COORDINATION_ACTIVE', 'ACTIVE'],
  ['COMPLETED', 'HANDOFF_READY'],
  ['READY_FOR_HANDOFF', 'HANDOFF_READY'],
  ['MONITORING_FOR_REWORK', 'VERIFICATION'],
  ['VERIFICATION_IN_PROGRESS', 'VERIFICATION'],
]);

/** null: the value is no word for a phase. Case, blanks and hyphens do not matter. */
export function meansPhase(value: Json | undefined): Phase | null {
  return typeof value === 'string' && value.length <= 100
    ? (SYNONYMS.get(
        value
          .trim()
          .toUpperCase()
          .replace(/[\s-]+/gu, '_'),
      ) ?? null)
    : null;
}

/** Whether a value written to `status` or `readyForHandoff`, or a whole instance's part, says that work is ready. */
export function meansReady(value: Json | undefined): boolean {
  if (isObject(value))
    return meansReady(own(value, 'status')) || own(value, 'readyForHandoff') === true || own(value, 'readyForHandoff') === 'true';
  return value === true || value === 'true' || meansPhase(value) === 'HANDOFF_READY';
}

/** Reads an instance's part of the document, whatever stands there. */
export function readReport(part: Json | undefined): InstanceReport {
  if (!isObject(part)) {
    const issues = part === undefined || part === null ? [] : ['the part of this instance is no object'];
    return { status: null, phase: null, ready: false, task: null, target: null, acks: [], issues };
  }
  const status = own(part, 'status');
  const task = own(part, 'currentTask');
  const target = own(part, 'nextHandoffTarget');
  const acks = [...readAcks(own(part, 'acknowledgments')), ...readAcks(own(part, 'ack'))];
  return {
    status: status === undefined || status === null ? null : typeof status === 'string' ? status : plain(JSON.stringify(status), 200),
    phase: meansPhase(status),
    ready: meansReady(part),
    task: typeof task === 'string' ? task : null,
    target: typeof target === 'string' ? parseInstanceId(target) : null,
    acks: acks.flatMap((result) => (result.ok ? [result.ack] : [])),
    issues: acks.flatMap((result) => (result.ok ? [] : [result.error])),
  };
}

function own(part: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(part, key) ? part[key] : undefined;
}
