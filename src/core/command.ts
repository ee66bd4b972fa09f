/**
 * The one list of verbs. The command line, the room's dispatch, permissions, help and the
 * palette are columns of this table (DESIGN section 3); nothing else knows which verbs there are.
 */
import type { Dial } from './config.ts';
import type { DebugId } from './debugging.ts';
import type { Move, Priority } from './handoff.ts';
import type { CheckId, HandoffId, InstanceId } from './ids.ts';
import { KPI_IDS } from './kpi.ts';
import { REVIEWS, type ReviewKind } from './review-data.ts';
import type { Acknowledgment } from './state.ts';
import type { Terms } from './terms.ts';
import { TIMELINE_KINDS } from './timeline.ts';

/** What reaches the core: a verb that changes something, its arguments parsed. */
export type Command =
  | {
      readonly verb: 'assign';
      readonly instance: InstanceId;
      readonly task: string;
      readonly type: string | null;
      readonly priority: Priority;
      readonly depends: readonly HandoffId[];
      readonly required: readonly CheckId[];
      /** Who gets the work once it is approved; typed as `--then`. */
      readonly next: InstanceId | null;
      readonly terms?: Terms;
      /** Let it wait for its turn when the instance is at work. */
      readonly queue?: boolean;
    }
  | {
      readonly verb: 'ready';
      readonly instance: InstanceId;
      readonly summary: string | null;
      readonly artifacts: readonly string[];
      readonly to: InstanceId | null;
      readonly questions: readonly string[];
    }
  | {
      readonly verb: 'ack';
      readonly instance: InstanceId;
      readonly task: HandoffId;
      readonly status: Acknowledgment;
      readonly text: string | null;
    }
  | { readonly verb: 'approve'; readonly handoff: HandoffId; readonly epoch: number | null; readonly reason: string | null }
  | { readonly verb: 'deny'; readonly handoff: HandoffId; readonly epoch: number | null; readonly reason: string | null }
  | { readonly verb: 'answer'; readonly handoff: HandoffId; readonly epoch: number | null; readonly text: string }
  | { readonly verb: 'tick'; readonly handoff: HandoffId; readonly epoch: number | null; readonly box: number; readonly off: boolean }
  | { readonly verb: 'override'; readonly handoff: HandoffId; readonly epoch: number | null; readonly move: Move; readonly reason: string }
  /** null: the newest decision that can be. */
  | { readonly verb: 'undo'; readonly handoff: HandoffId | null }
  | { readonly verb: 'verify'; readonly handoff: HandoffId }
  | { readonly verb: 'cancel'; readonly handoff: HandoffId }
  | { readonly verb: 'hold' | 'unhold'; readonly handoff: HandoffId }
  | { readonly verb: 'prioritise'; readonly handoff: HandoffId; readonly priority: Priority }
  /** Of one that waits; null: as it is. */
  | {
      readonly verb: 'edit';
      readonly handoff: HandoffId;
      readonly task: string | null;
      readonly depends: readonly HandoffId[] | null;
      readonly waive: boolean;
    }
  | { readonly verb: 'withdraw'; readonly handoff: HandoffId; readonly reason: string | null }
  | { readonly verb: 'reassign'; readonly handoff: HandoffId; readonly instance: InstanceId; readonly reason: string }
  | { readonly verb: 'reopen'; readonly handoff: HandoffId; readonly reason: string }
  | { readonly verb: 'new' | 'close' | 'interrupt'; readonly instance: InstanceId }
  /** `fresh`: its conversation is not taken up again. */
  | { readonly verb: 'restart'; readonly instance: InstanceId; readonly fresh?: boolean }
  | { readonly verb: 'emergency-stop'; readonly except: InstanceId | null }
  | { readonly verb: 'adopt'; readonly session: string; readonly instance: InstanceId | null }
  /** null: only how it stands. */
  | { readonly verb: 'autopilot'; readonly set: Dial | 'pause' | 'resume' | null }
  /** `id`: the change that was seen. */
  | { readonly verb: 'config.accept' | 'config.refuse'; readonly id: string | null }
  | { readonly verb: 'review'; readonly kind: ReviewKind }
  | DebugCommand;

export type DebugCommand =
  /** By hand with an issue, or (id) what the coordinator has proposed. */
  | { readonly verb: 'debug.open'; readonly id: DebugId | null; readonly issue: string; readonly handoffs: readonly HandoffId[] }
  | {
      readonly verb: 'debug.assign';
      readonly id: DebugId;
      readonly instance: InstanceId;
      readonly layer: string;
      readonly questions: readonly string[];
    }
  /** `instance` null: the operator's own. */
  | {
      readonly verb: 'debug.finding';
      readonly id: DebugId;
      readonly instance: InstanceId | null;
      readonly text: string;
      readonly file: string | null;
    }
  | {
      readonly verb: 'debug.plan';
      readonly id: DebugId;
      readonly steps: readonly { readonly instance: InstanceId; readonly task: string }[];
      readonly inOrder: boolean;
    }
  | { readonly verb: 'debug.verify'; readonly id: DebugId }
  | { readonly verb: 'debug.close'; readonly id: DebugId; readonly reason: string };

/**
 * Who may. `read`: anyone who can reach the socket. `own`: the operator, or an instance about itself.
 * `operator`: not from under a session. `decision`: the operator at a terminal that is none of ours.
 */
export type Authority = 'read' | 'own' | 'operator' | 'decision';

export type Argument = {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
  readonly variadic?: boolean;
  readonly choices?: readonly string[];
};

export type Flag = {
  readonly name: string;
  /** Word for the value in help; absent: a switch. */
  readonly value?: string;
  readonly help: string;
  readonly required?: boolean;
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
};

export type Verb = {
  /** One or two words, as typed. */
  readonly name: string;
  readonly authority: Authority;
  /** `local`: the client does it alone; `room`: one request to the room; `stream`: answers keep coming. */
  readonly where: 'local' | 'room' | 'stream';
  readonly summary: string;
  readonly example: string;
  readonly args: readonly Argument[];
  readonly flags: readonly Flag[];
};

const instance: Argument = { name: 'instance', help: 'id of an instance, e.g. instance-2-frontend', required: true };
const handoff: Argument = { name: 'id', help: 'id of a handoff, e.g. h-3f2a', required: true };
const debugging: Argument = { name: 'id', help: 'id of a debugging session, e.g. d-3f2a', required: true };
const epoch: Flag = { name: 'epoch', value: 'n', help: 'refuse unless the handoff is still in this epoch' };
const reason: Flag = { name: 'reason', value: 'text', help: 'why; journaled' };
const yes: Flag = { name: 'yes', help: 'do not ask' };
const as: Flag = { name: 'instance', value: 'id', help: "on whose behalf (the operator's terminal only; a session is always itself)" };
const PRIORITY_CHOICES = ['critical', 'high', 'medium', 'low'] as const;

export const VERBS: readonly Verb[] = [
  {
    name: 'ls',
    authority: 'read',
    where: 'local',
    summary: 'the rooms of this user: workspace, instances, who needs you',
    example: 'coordtui ls',
    args: [],
    flags: [],
  },
  {
    name: 'init',
    authority: 'operator',
    where: 'local',
    summary: 'set a workspace up; safe to run again, never overwrites what was edited',
    example: 'coordtui init --yes',
    args: [],
    flags: [
      {
        name: 'pattern',
        value: 'name',
        help: 'which instances to propose',
        choices: ['web', 'microservices', 'mobile', 'desktop', 'custom'],
      },
      { name: 'agent', value: 'instance=preset', help: 'which agent runs an instance', repeatable: true },
      { name: 'dry-run', help: 'only show what would be written' },
      { name: 'welcome', help: 'say first what this is, in one screen' },
      yes,
    ],
  },
  {
    name: 'serve',
    authority: 'operator',
    where: 'local',
    summary: 'run the room of this workspace, in the background or here',
    example: 'coordtui serve --foreground',
    args: [],
    flags: [
      { name: 'foreground', help: 'stay in the foreground and print what happens, a line each' },
      { name: 'trace', value: 'what', help: 'acks: print ACK <dotted.path> <json> when an own update is durable', choices: ['acks'] },
    ],
  },
  {
    name: 'stop',
    authority: 'operator',
    where: 'local',
    summary: 'end the room and every session in it',
    example: 'coordtui stop --yes',
    args: [],
    flags: [yes],
  },
  {
    name: 'recover',
    authority: 'operator',
    where: 'local',
    summary: 'repair a damaged journal: keep what verifies, bring back what the status file shows, delete nothing',
    example: 'coordtui recover --yes',
    args: [],
    flags: [yes],
  },
  {
    name: 'replay',
    authority: 'read',
    where: 'local',
    summary: 'the journal, record by record, or the state as one of them left it; also without a room',
    example: 'coordtui replay --at 2026-11-21T10:41Z',
    args: [],
    flags: [
      { name: 'at', value: 'when', help: 'the state at a record (42), at a time, or 45m, 12h, 3d ago' },
      { name: 'lines', value: 'n', help: 'at most so many records, the newest (default 200)' },
    ],
  },
  {
    name: 'new',
    authority: 'operator',
    where: 'room',
    summary: "start an instance's session",
    example: 'coordtui new instance-2-frontend',
    args: [instance],
    flags: [],
  },
  {
    name: 'close',
    authority: 'operator',
    where: 'room',
    summary: "end an instance's session; one that it did not start is only left",
    example: 'coordtui close instance-2-frontend',
    args: [instance],
    flags: [],
  },
  {
    name: 'restart',
    authority: 'operator',
    where: 'room',
    summary: "end an instance's session and start it again, with its conversation where its agent can",
    example: 'coordtui restart instance-2-frontend',
    args: [instance],
    flags: [{ name: 'fresh', help: 'begin a new conversation' }],
  },
  {
    name: 'interrupt',
    authority: 'operator',
    where: 'room',
    summary: 'send the interrupt key to an instance',
    example: 'coordtui interrupt instance-2-frontend',
    args: [instance],
    flags: [],
  },
  {
    name: 'attach',
    authority: 'operator',
    where: 'local',
    summary: "one instance's session on the whole screen, and the keys go to it",
    example: 'coordtui attach instance-2-frontend',
    args: [instance],
    flags: [{ name: 'observe', help: 'only look on' }],
  },
  {
    name: 'adopt',
    authority: 'operator',
    where: 'room',
    summary: 'take in a session of your own tmux as that of an instance; closing it only leaves it',
    example: 'coordtui adopt tmux:work --as instance-2-frontend',
    args: [{ name: 'session', help: 'tmux:NAME, as `tmux ls` names it', required: true }],
    flags: [
      {
        name: 'as',
        value: 'instance',
        help: 'whose session it becomes (default: the one of that name, or the only one without a session)',
      },
      { name: 'role', value: 'role', help: 'as a new instance of this role, which is written into coordtui.yaml for you to accept' },
    ],
  },
  {
    name: 'tail',
    authority: 'own',
    where: 'stream',
    summary: "print an instance's screen and, with --follow, what comes",
    example: 'coordtui tail instance-1-planning-backend --lines 50',
    args: [instance],
    flags: [
      { name: 'lines', value: 'n', help: 'how many lines back (default: the screen)' },
      { name: 'follow', help: 'go on until interrupted' },
      { name: 'cast', help: 'its recording, as an asciicast (version 2) that the usual players play; also with --follow' },
    ],
  },
  {
    name: 'status',
    authority: 'read',
    where: 'local',
    summary: 'what every instance is doing',
    example: 'coordtui status',
    args: [],
    flags: [],
  },
  {
    name: 'status get',
    authority: 'read',
    where: 'local',
    summary: 'one value of the status document',
    example: 'coordtui status get instances.instance-1-planning-backend.currentTask',
    args: [{ name: 'path', help: 'dotted path; absent: the whole document', required: false }],
    flags: [],
  },
  {
    name: 'status set',
    authority: 'own',
    where: 'local',
    summary: 'set one value of the status document; durable when it exits 0, with or without a room',
    example: 'coordtui status set instances.instance-2-frontend.currentTask "order form"',
    args: [
      { name: 'path', help: 'dotted path', required: true },
      { name: 'value', help: 'JSON, else a string', required: true },
    ],
    flags: [{ name: 'if-revision', value: 'n', help: 'only if the document is still at this revision' }],
  },
  {
    name: 'status incr',
    authority: 'own',
    where: 'local',
    summary: 'add to a number of the status document',
    example: 'coordtui status incr instances.instance-2-frontend.filesDone 1',
    args: [
      { name: 'path', help: 'dotted path', required: true },
      { name: 'n', help: 'how much (default 1)', required: false },
    ],
    flags: [],
  },
  {
    name: 'status watch',
    authority: 'read',
    where: 'stream',
    summary: 'print every change of the status document, a line each',
    example: 'coordtui status watch --json',
    args: [],
    flags: [],
  },
  {
    name: 'handoffs',
    authority: 'read',
    where: 'room',
    summary: 'the handoffs and where each one is',
    example: 'coordtui handoffs --json',
    args: [],
    flags: [{ name: 'all', help: 'the closed ones too' }],
  },
  {
    name: 'handoffs show',
    authority: 'read',
    where: 'room',
    summary: 'one handoff, whole',
    example: 'coordtui handoffs show h-3f2a',
    args: [handoff],
    flags: [],
  },
  {
    name: 'handoffs hold',
    authority: 'operator',
    where: 'room',
    summary: 'keep a handoff from being verified for now',
    example: 'coordtui handoffs hold h-3f2a',
    args: [handoff],
    flags: [],
  },
  {
    name: 'handoffs unhold',
    authority: 'operator',
    where: 'room',
    summary: 'let a held handoff go on',
    example: 'coordtui handoffs unhold h-3f2a',
    args: [handoff],
    flags: [],
  },
  {
    name: 'handoffs prioritise',
    authority: 'operator',
    where: 'room',
    summary: 'change the priority of a handoff',
    example: 'coordtui handoffs prioritise h-3f2a high',
    args: [handoff, { name: 'priority', help: 'critical, high, medium or low', required: true, choices: PRIORITY_CHOICES }],
    flags: [],
  },
  {
    name: 'handoffs edit',
    authority: 'operator',
    where: 'room',
    summary: 'change work that still waits to be started',
    example: 'coordtui handoffs edit h-3f2a --depends h-91c0',
    args: [handoff],
    flags: [
      { name: 'task', value: 'text', help: 'what is to be done instead' },
      { name: 'depends', value: 'id', help: 'what it waits for instead; "none" for nothing', repeatable: true },
      { name: 'waive', help: 'start it although the back end lacks what it needs' },
    ],
  },
  {
    name: 'handoffs withdraw',
    authority: 'operator',
    where: 'room',
    summary: 'close a handoff without a verdict',
    example: 'coordtui handoffs withdraw h-3f2a --reason "not needed"',
    args: [handoff],
    flags: [reason],
  },
  {
    name: 'explain',
    authority: 'read',
    where: 'room',
    summary: 'why a handoff is where it is: one sentence, then the evidence',
    example: 'coordtui explain h-3f2a',
    args: [handoff],
    flags: [],
  },
  {
    name: 'diff',
    authority: 'read',
    where: 'room',
    summary: 'what a handoff changes',
    example: 'coordtui diff h-3f2a',
    args: [handoff],
    flags: [{ name: 'stat', help: 'files and line counts only' }],
  },
  {
    name: 'assign',
    authority: 'operator',
    where: 'room',
    summary: 'give work to an instance',
    example: 'coordtui assign instance-1-planning-backend --task "add the orders table" --then instance-2-frontend',
    args: [instance],
    flags: [
      { name: 'task', value: 'text', help: 'what is to be done' },
      { name: 'file', value: 'path', help: 'read the task from a file' },
      { name: 'type', value: 'type', help: 'database, api, ipc, service, component, hook, ui or integration' },
      { name: 'priority', value: 'priority', help: 'critical, high, medium or low', choices: PRIORITY_CHOICES },
      { name: 'depends', value: 'id', help: 'start only when this handoff is done', repeatable: true },
      { name: 'requires', value: 'check', help: 'a check that must have run and passed', repeatable: true },
      { name: 'step', value: 'command', help: 'a command that must pass: it becomes a required check of this work', repeatable: true },
      { name: 'needs', value: 'thing', help: 'front end: start only when a check has found this, e.g. "table orders"', repeatable: true },
      { name: 'box', value: 'text', help: 'front end: what you will look at yourself before it is approved', repeatable: true },
      { name: 'estimate', value: 'time', help: 'how long it may take, e.g. 90m; informs only' },
      { name: 'queue', help: 'let it wait for its turn when the instance is at work' },
      { name: 'then', value: 'instance', help: 'who gets the work once it is approved' },
    ],
  },
  {
    name: 'reassign',
    authority: 'operator',
    where: 'room',
    summary: 'give a handoff to another instance',
    example: 'coordtui reassign h-3f2a instance-2-frontend --reason "backend is down"',
    args: [handoff, instance],
    flags: [{ ...reason, required: true }],
  },
  {
    name: 'ready',
    authority: 'own',
    where: 'room',
    summary: 'an instance says that its work is ready to be verified',
    example: 'coordtui ready --summary "orders table and route"',
    args: [],
    flags: [
      { name: 'summary', value: 'text', help: 'what was done, in a sentence or two' },
      { name: 'artifact', value: 'path', help: 'a file that belongs to the work', repeatable: true },
      { name: 'to', value: 'instance', help: 'who shall get it' },
      { name: 'question', value: 'text', help: 'something that the operator must decide first', repeatable: true },
      as,
    ],
  },
  {
    name: 'ack',
    authority: 'own',
    where: 'room',
    summary: 'acknowledge a task',
    example: 'coordtui ack h-3f2a RECEIVED --understanding "add the form for orders"',
    args: [
      { ...handoff, name: 'task' },
      { name: 'status', help: 'RECEIVED, CLARIFICATION_NEEDED, REJECTED or QUEUED', required: true },
    ],
    flags: [
      { name: 'understanding', value: 'text', help: 'the task in your own words' },
      { name: 'question', value: 'text', help: 'for CLARIFICATION_NEEDED', repeatable: true },
      { name: 'reason', value: 'text', help: 'for REJECTED' },
      { name: 'note', value: 'text', help: 'for QUEUED' },
      as,
    ],
  },
  {
    name: 'verify',
    authority: 'operator',
    where: 'stream',
    summary: 'run the checks now: for a handoff, or (without a room too) as a trial',
    example: 'coordtui verify --handoff h-3f2a',
    args: [
      {
        name: 'check',
        help: 'only these checks, configured or shipped (database-schema): a trial, which enters no verdict',
        required: false,
        variadic: true,
      },
    ],
    flags: [
      { name: 'handoff', value: 'id', help: 'a full run for this handoff: a new epoch' },
      { name: 'again', help: 're-execute the sealed evidence of the handoff and say whether it agrees' },
      { name: 'cancel', help: 'cancel the run of the handoff' },
    ],
  },
  {
    name: 'approve',
    authority: 'decision',
    where: 'room',
    summary: 'approve a handoff that waits for you',
    example: 'coordtui approve h-3f2a --epoch 2',
    args: [handoff],
    flags: [epoch, reason, yes],
  },
  {
    name: 'deny',
    authority: 'decision',
    where: 'room',
    summary: 'deny a handoff that waits for you',
    example: 'coordtui deny h-3f2a --reason "the form lacks the price"',
    args: [handoff],
    flags: [epoch, reason],
  },
  {
    name: 'answer',
    authority: 'decision',
    where: 'room',
    summary: 'answer the question of a handoff: one of its options, or a text for the instance',
    example: 'coordtui answer h-3f2a again',
    args: [handoff, { name: 'text', help: 'approve, deny, again, or a text', required: true }],
    flags: [epoch],
  },
  {
    name: 'tick',
    authority: 'decision',
    where: 'room',
    summary: 'tick a box of a handoff: a criterion that only a person can see',
    example: 'coordtui tick h-3f2a 1',
    args: [handoff, { name: 'box', help: 'its number on the card, from 1', required: true }],
    flags: [epoch, { name: 'off', help: 'open it again' }],
  },
  {
    name: 'override',
    authority: 'decision',
    where: 'room',
    summary: 'make a move of the phase table by your own word, whatever the checks say',
    example: 'coordtui override h-3f2a approve --reason "the benchmark machine is down"',
    args: [handoff, { name: 'move', help: 'approve, deny, ready, transfer, … (explain shows where it is)', required: true }],
    flags: [epoch, { ...reason, required: true }],
  },
  {
    name: 'undo',
    authority: 'decision',
    where: 'room',
    summary: 'take the last decision back while nothing of it has left the room',
    example: 'coordtui undo',
    args: [{ ...handoff, required: false }],
    flags: [],
  },
  {
    name: 'reopen',
    authority: 'decision',
    where: 'room',
    summary: 'take an approval back: verify again',
    example: 'coordtui reopen h-3f2a --reason "orders are lost on restart"',
    args: [handoff],
    flags: [{ ...reason, required: true }],
  },
  {
    name: 'config show',
    authority: 'read',
    where: 'room',
    summary: 'what coordtui.yaml says otherwise than what acts',
    example: 'coordtui config show',
    args: [],
    flags: [],
  },
  {
    name: 'config accept',
    authority: 'decision',
    where: 'room',
    summary: 'let the changed coordtui.yaml act',
    example: 'coordtui config accept c-3f2a10',
    args: [{ name: 'change', help: 'id of the change, as config show says it', required: false }],
    flags: [],
  },
  {
    name: 'config refuse',
    authority: 'decision',
    where: 'room',
    summary: 'keep what acts; the same content is not asked again',
    example: 'coordtui config refuse c-3f2a10',
    args: [{ name: 'change', help: 'id of the change, as config show says it', required: false }],
    flags: [],
  },
  {
    name: 'autopilot',
    authority: 'operator',
    where: 'room',
    summary: 'how far the coordinator may act by itself',
    example: 'coordtui autopilot suggest',
    args: [
      {
        name: 'dial',
        help: 'watch, suggest, countdown, act, pause or resume',
        required: false,
        choices: ['watch', 'suggest', 'countdown', 'act', 'pause', 'resume'],
      },
    ],
    flags: [],
  },
  {
    name: 'debug open',
    authority: 'operator',
    where: 'room',
    summary: 'debug across instances: open a session with an issue, or one that was proposed',
    example: 'coordtui debug open "orders are lost on restart" --handoff h-3f2a',
    args: [{ name: 'issue', help: 'what goes wrong, or the id of a proposal', required: true }],
    flags: [{ name: 'handoff', value: 'id', help: 'where it was seen', repeatable: true }],
  },
  {
    name: 'debug list',
    authority: 'read',
    where: 'room',
    summary: 'the debugging sessions and where each one is',
    example: 'coordtui debug list',
    args: [],
    flags: [{ name: 'all', help: 'the closed ones too' }],
  },
  {
    name: 'debug show',
    authority: 'read',
    where: 'room',
    summary: 'one debugging session, whole',
    example: 'coordtui debug show d-3f2a',
    args: [debugging],
    flags: [],
  },
  {
    name: 'debug assign',
    authority: 'operator',
    where: 'room',
    summary: 'give an instance its layer and its questions',
    example: 'coordtui debug assign d-3f2a instance-2-frontend --layer component --question "which call loses the order?"',
    args: [debugging, instance],
    flags: [
      { name: 'layer', value: 'layer', help: 'what it looks into: database, ipc, cache, component, …', required: true },
      { name: 'question', value: 'text', help: 'what it has to find out', required: true, repeatable: true },
    ],
  },
  {
    name: 'debug finding',
    authority: 'own',
    where: 'room',
    summary: 'say what was found',
    example: 'coordtui debug finding d-3f2a "the insert is never committed" --file src/db.ts:40',
    args: [debugging, { name: 'text', help: 'what was found, or ruled out', required: true }],
    flags: [{ name: 'file', value: 'path', help: 'where, with a line if there is one' }, as],
  },
  {
    name: 'debug plan',
    authority: 'operator',
    where: 'room',
    summary: 'plan the fix: each step becomes an assignment',
    example: 'coordtui debug plan d-3f2a --step "instance-1-planning-backend: commit the insert"',
    args: [debugging],
    flags: [
      { name: 'step', value: 'instance: task', help: 'who does what', required: true, repeatable: true },
      { name: 'in-order', help: 'each step waits for the one before' },
    ],
  },
  {
    name: 'debug verify',
    authority: 'operator',
    where: 'room',
    summary: 'run every check over everything; when all pass the session is closed',
    example: 'coordtui debug verify d-3f2a',
    args: [debugging],
    flags: [],
  },
  {
    name: 'debug close',
    authority: 'operator',
    where: 'room',
    summary: 'close a debugging session without a fix, or refuse a proposal',
    example: 'coordtui debug close d-3f2a --reason "cannot be seen any more"',
    args: [debugging],
    flags: [{ ...reason, required: true }],
  },
  {
    name: 'timeline',
    authority: 'read',
    where: 'room',
    summary: 'what happened, out of the journal',
    example: 'coordtui timeline --since 12h --handoff h-3f2a',
    args: [],
    flags: [
      { name: 'since', value: 'time', help: 'only the last 45m, 12h or 3d' },
      { name: 'handoff', value: 'id', help: 'only what concerns this handoff' },
      { name: 'instance', value: 'id', help: 'only what concerns this instance' },
      { name: 'kind', value: 'kind', help: 'only entries of this kind', choices: TIMELINE_KINDS },
      { name: 'text', value: 'text', help: 'only entries that hold this' },
      { name: 'lines', value: 'n', help: 'at most so many entries, the newest (default 200)' },
    ],
  },
  {
    name: 'brief',
    authority: 'read',
    where: 'room',
    summary: 'what was decided since you last looked, each with the way to take it back',
    example: 'coordtui brief --since 12h',
    args: [],
    flags: [{ name: 'since', value: 'time', help: 'the last 45m, 12h or 3d instead' }],
  },
  {
    name: 'kpi',
    authority: 'read',
    where: 'room',
    summary: 'the indicators of the last 7 and 30 days; with a name: the handoffs behind one of them',
    example: 'coordtui kpi cycle-time --days 30',
    args: [{ name: 'indicator', help: 'only this one, with its cases', required: false, choices: KPI_IDS }],
    flags: [{ name: 'days', value: 'n', help: 'the window of the cases (default 7)' }],
  },
  {
    name: 'review',
    authority: 'operator',
    where: 'room',
    summary: 'write the review of the last week or month into docs/reviews',
    example: 'coordtui review weekly',
    args: [{ name: 'which', help: 'weekly or monthly', required: true, choices: REVIEWS }],
    flags: [],
  },
  {
    name: 'emergency-stop',
    authority: 'operator',
    where: 'room',
    summary: 'freeze the autopilot and interrupt every session, at once; to go on: autopilot resume',
    example: 'coordtui emergency-stop --except instance-2-frontend',
    args: [],
    flags: [{ name: 'except', value: 'instance', help: 'leave this one at work' }],
  },
  ...(
    [
      ['verify-database-schema', 'migrations, ORM schemas or a SQLite file against interfaces and queries'],
      ['verify-ipc-contracts', 'calls of the front end against routes, channels and procedures'],
      ['verify-cache-pipeline', 'write a value, and read it through each layer until all show it'],
      ['verify-filesystem', 'declared files, territory, conflict markers, half-written files'],
    ] as const
  ).map(
    ([name, what]): Verb => ({
      name,
      authority: 'read',
      where: 'local',
      summary: `a check that ships: ${what}`,
      example: `coordtui ${name} --json`,
      args: [],
      flags: [
        { name: 'config', value: 'file', help: 'settings (default: scripts/integration/verify.json, else coordtui.yaml)' },
        { name: 'declared', value: 'path', help: 'a file that must exist (verify-filesystem)', repeatable: true },
        { name: 'base', value: 'commit', help: 'what the work began from (verify-filesystem)' },
        { name: 'instance', value: 'id', help: 'whose work it is (verify-filesystem)' },
        { name: 'territory', value: 'glob', help: 'what may be touched (verify-filesystem)', repeatable: true },
      ],
    }),
  ),
  {
    name: 'rehearse',
    authority: 'operator',
    where: 'local',
    summary: 'a whole handoff with scripted agents, real checks and no key',
    example: 'coordtui rehearse remediation',
    args: [
      {
        name: 'scenario',
        help: 'tour (the default), first-handoff, remediation, escalation, crash, stale, emergency, debugging, five-handoffs, or all of them',
        required: false,
      },
    ],
    flags: [
      { name: 'headless', help: 'no screen: print each step as a line' },
      { name: 'keep', help: 'leave the rehearsal workspace in place' },
    ],
  },
  {
    name: 'completion',
    authority: 'read',
    where: 'local',
    summary: 'completion for your shell',
    example: 'eval "$(coordtui completion bash)"',
    args: [
      {
        name: 'what',
        help: 'bash, zsh or fish: its script; instances, handoffs, debugs or checks: the names that such a script asks for',
        required: true,
        choices: ['bash', 'zsh', 'fish', 'instances', 'handoffs', 'debugs', 'checks'],
      },
    ],
    flags: [],
  },
  {
    name: 'schema',
    authority: 'read',
    where: 'local',
    summary: 'the JSON Schema of the config, or of the status document, for editors',
    example: 'coordtui schema config > coordtui.schema.json',
    args: [{ name: 'what', help: 'config or status', required: true, choices: ['config', 'status'] }],
    flags: [],
  },
  {
    name: 'doctor',
    authority: 'read',
    where: 'local',
    summary: 'the implementation checklist and the machine, each line looked at now, with its repair',
    example: 'coordtui doctor --fix',
    args: [],
    flags: [{ name: 'fix', help: 'do what is safe: missing pages, rehearsals that were never played' }],
  },
];

export function findVerb(name: string): Verb | undefined {
  return VERBS.find((verb) => verb.name === name);
}
