/**
 * The one state: `{document, coordinator}`. `document` is what the status file shows, `coordinator`
 * is what Instance 3 knows beyond it. Everything here is JSON: the journal stores differences of it.
 */
import type { Archive } from './archived-handoff.ts';
import type { Config, Dial } from './config.ts';
import type { DebugId, DebugSession } from './debugging.ts';
import type { Closed, Move, Phase, Priority } from './handoff.ts';
import type { CheckId, HandoffId, InstanceId, Ms } from './ids.ts';
import type { Integration } from './integration.ts';
import type { NewConfig } from './new-config.ts';
import type { ChangedFile, CheckReport, TreeRef } from './report.ts';
import type { Terms } from './terms.ts';
import type { JsonObject } from './tree.ts';
import type { Triggers } from './trigger-state.ts';
import type { Baseline, Reason, Verdict } from './verdict.ts';
import type { Mark, Vitals } from './vital-signs.ts';

export type State = { readonly document: JsonObject; readonly coordinator: CoordinatorState };

export type CoordinatorState = {
  readonly sessionId: string;
  /** The configuration that acts. A changed file waits in `newConfig`. */
  readonly config: Config;
  readonly startedAt: Ms;
  readonly autopilot: { readonly dial: Dial; readonly paused: boolean; readonly lastActionAt: Ms | null };
  readonly instances: Readonly<Record<InstanceId, InstanceState>>;
  /** The open ones, and of the closed ones the newest. */
  readonly handoffs: Readonly<Record<HandoffId, Handoff>>;
  /** What is kept of those that were closed before them; the whole of each is in the journal. */
  readonly archive?: Archive;
  /** What the last approved run looked like. */
  readonly baseline: Baseline | null;
  /** What it would be if this handoff is approved. */
  readonly candidates: Readonly<Record<HandoffId, Baseline>>;
  readonly alerts: readonly Alert[];
  /** When the dial stood where: the indicators leave out what was decided by hand. Absent in a state from before it was kept. */
  readonly dials?: readonly DialChange[];
  readonly debugging?: Readonly<Record<DebugId, DebugSession>>;
  /** When each review was last written. */
  readonly reviews?: { readonly weekly?: Ms; readonly monthly?: Ms };
  /** What the file says otherwise than what acts, until the operator accepts it; refused, until it says something else. */
  readonly newConfig?: NewConfig;
  readonly triggers?: Triggers;
  /** Everything is stopped until the operator says so. */
  readonly emergency?: { readonly at: Ms; readonly by: string; readonly except: InstanceId | null };
  /** What each check's last report said to be there (`table orders`): answers the requirements of assignments. */
  readonly provided?: Readonly<Record<CheckId, readonly string[]>>;
};

export type DialChange = { readonly at: Ms; readonly dial: Dial; readonly paused: boolean };

/** `unknown`: shown until a room that has just begun has looked; never decided by. */
export type SessionState = 'none' | 'unknown' | 'starting' | 'running' | 'exited' | 'failed' | 'stopped';

export type InstanceState = {
  readonly role: string;
  readonly session: SessionState;
  readonly pid: number | null;
  readonly since: Ms;
  readonly exit: { readonly code: number | null; readonly signal: string | null; readonly at: Ms } | null;
  /** Times of the restarts that count against the cap. */
  readonly restarts: readonly Ms[];
  readonly restartAt: Ms | null;
  /** What the tree was when the instance last started from approved ground. */
  readonly base: TreeRef | null;
  readonly lastReportAt: Ms | null;
  readonly vitals?: Vitals;
  /** The session is one of the user's own tmux, by this name, until it is closed. */
  readonly adopted?: string;
};

export type HistoryEntry = {
  readonly at: Ms;
  readonly move: Move;
  readonly to: Phase | Closed;
  readonly epoch: number;
  readonly by: string;
  readonly reason?: string;
};

export type SealedEvidence = {
  /** Of the bundle's directory, relative to the workspace. */
  readonly path: string;
  /** Of its `bundle.json`. */
  readonly sha256: string;
  /** Of the `verdict.json` beside it, once that is written. */
  readonly verdictSha256?: string;
  /** It was let go: too old, or too much in all. */
  readonly removedAt?: Ms;
};

export type Round = {
  readonly epoch: number;
  readonly startedAt: Ms;
  readonly finishedAt: Ms | null;
  readonly checks: readonly Pick<CheckReport, 'check' | 'outcome' | 'reason' | 'durationMs' | 'tests'>[];
  readonly changed: readonly ChangedFile[];
  readonly judged: TreeRef | null;
  readonly evidence: SealedEvidence | null;
  readonly verdict: Verdict | null;
  /** null while running; else how it ended. */
  readonly end: 'judged' | 'void' | 'cancelled' | 'lost' | 'trouble' | null;
};

export type Option = { readonly key: string; readonly label: string; readonly consequence: string };

/** A question to the operator (PROTOCOL section 2): the handoff stays where it is while it is open. */
export type Question = {
  readonly id: string;
  readonly epoch: number;
  readonly askedAt: Ms;
  readonly kind: 'verdict' | 'suggestion' | 'rejected' | 'unresponsive' | 'trouble' | 'conflict' | 'integration' | 'recovery' | 'proposal';
  readonly context: string;
  readonly reasons: readonly Reason[];
  readonly evidence: string | null;
  readonly diff: readonly ChangedFile[];
  readonly options: readonly Option[];
  readonly recommendation: { readonly key: string; readonly why: string };
};

export type Answer = {
  readonly question: string;
  readonly epoch: number;
  readonly at: Ms;
  readonly by: string;
  readonly decision: string;
  readonly text: string | null;
};

/** A decision that the trust dial lets come about by itself: at `dueAt`, or when the operator says so (null). */
export type Pending = {
  readonly decision: 'approve' | 'deny';
  readonly epoch: number;
  readonly dueAt: Ms | null;
  /** The operator has given his word, and may take it back until then; absent: the autopilot's countdown. */
  readonly by?: string;
  /** The countdown has run out: decided, and held back only for as long as it can be taken back. */
  readonly decided?: true;
  readonly reason?: string | null;
  /** What he was asked, so that it can be asked again. */
  readonly asked?: Question | null;
};

/** A box that somebody has ticked, over the tree that he has seen. */
export type Tick = { readonly box: string; readonly tree: string; readonly by: string; readonly at: Ms };

export type Acknowledgment = 'RECEIVED' | 'CLARIFICATION_NEEDED' | 'REJECTED' | 'QUEUED';

export type Handoff = {
  readonly id: HandoffId;
  readonly epoch: number;
  readonly from: InstanceId;
  readonly to: InstanceId;
  readonly verifier: InstanceId;
  readonly task: string;
  readonly type: string | null;
  readonly priority: Priority;
  readonly phase: Phase;
  readonly phaseSince: Ms;
  readonly createdAt: Ms;
  /** Closed: kept, never used again. */
  readonly closedAt: Ms | null;
  readonly held: boolean;
  readonly depends: readonly HandoffId[];
  readonly required: readonly CheckId[];
  readonly terms?: Terms;
  readonly recovery?: Recovery | null;
  /** Its way into the branch that gathers approved work; absent or null: it goes into none. */
  readonly integration?: Integration | null;
  /** How the approved work gets into its target's checkout, in a line, when it was last looked at. */
  readonly way?: string;
  readonly ticks?: readonly Tick[];
  /** A trigger has made it, and it is not assigned before the operator, or the countdown, says so. */
  readonly proposal?: { readonly dueAt: Ms | null } | null;
  readonly base: TreeRef | null;
  readonly readyAt: Ms | null;
  readonly summary: string | null;
  readonly artifacts: readonly string[];
  readonly questions: readonly string[];
  readonly denials: number;
  readonly voidRounds: number;
  readonly rounds: readonly Round[];
  readonly pending: Pending | null;
  readonly question: Question | null;
  readonly answers: readonly Answer[];
  readonly history: readonly HistoryEntry[];
  /** The handoff that was made for the target when this one was approved, and what the target said to it. */
  readonly delegation: {
    readonly handoff: HandoffId;
    readonly sentAt: Ms;
    readonly reminders: number;
    readonly ack: Acknowledgment | null;
  } | null;
  /** This handoff is the delegation of another. */
  readonly parent: HandoffId | null;
  /** Document of the last thing that was sent to the instance about it. */
  readonly document: string | null;
};

export type RecoveryStep = 'nudge' | 'urgent' | 'restart' | 'mark' | 'propose';

/** What was tried to reach an instance that does not answer (PROTOCOL section 7); ends with its first sign of life, or with its work. */
export type Recovery = {
  readonly since: Mark;
  readonly why: string;
  /** `refused`: why this step was not taken. */
  readonly steps: readonly (Mark & { readonly step: RecoveryStep; readonly refused?: string })[];
  /** When an announced restart comes about by itself. */
  readonly dueAt: Ms | null;
  /** Nothing is left to be tried by itself. */
  readonly exhausted: boolean;
  /** The post-mortem, once it is written. */
  readonly document?: string;
};

export type Alert = {
  readonly at: Ms;
  readonly level: 'info' | 'warning' | 'urgent';
  readonly text: string;
  readonly handoff?: HandoffId;
  readonly instance?: InstanceId;
};
