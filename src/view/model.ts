/** What there is to show, as the room hands it over: facts only, no widths, no colours of single things. */
import type { Forecast } from '../core/forecast.ts';
import type { CheckId, HandoffId, InstanceId, Ms } from '../core/ids.ts';
import { waitingConfig } from '../core/new-config.ts';
import type { Outcome, TestCounts } from '../core/report.ts';
import type { Handoff, Round, State } from '../core/state.ts';
import type { Reading, ReadKey } from './reading.ts';

export type PaneView = {
  /** The title that the program gave its terminal; foreign text. */
  readonly title: string;
  readonly running: boolean;
  /** Something was printed since this pane was last in focus. */
  readonly unread: boolean;
  readonly exit: { readonly code: number | null; readonly signal: string | null } | null;
  /** Set by whoever has the input; given to the others, whose rectangle may be smaller or larger. */
  readonly size?: { readonly cols: number; readonly rows: number };
  /** The line to a session elsewhere is broken; `nextAt` null: it is being tried now. Absent: it holds. */
  readonly away?: { readonly why: string; readonly nextAt: Ms | null };
};

export type LiveCheck = {
  readonly check: CheckId;
  readonly state: 'waiting' | 'running' | 'done';
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly tests: TestCounts | null;
  readonly startedAt: Ms | null;
  readonly durationMs: number | null;
  /** How long it took the last time; null when it has never run. */
  readonly lastMs: number | null;
};

/** A round, or a trial (`handoff` null), that runs now. */
export type LiveRound = {
  readonly handoff: HandoffId | null;
  readonly epoch: number | null;
  readonly startedAt: Ms;
  readonly checks: readonly LiveCheck[];
};

export type Colours = 'none' | '16' | '256' | 'truecolor';

/** `holder` has the input; a `watcher` may take it over; an `observer` only looks. */
export type Role = 'holder' | 'watcher' | 'observer';

export type Model = {
  readonly state: State;
  readonly panes: Readonly<Record<InstanceId, PaneView>>;
  readonly live: LiveRound | null;
  /** What would become of work that is still under way, where anything is known of it. */
  readonly ahead: Readonly<Record<HandoffId, Forecast>>;
  /** When the coordinator looks again by itself; null: only when something happens. */
  readonly cycle: { readonly nextAt: Ms | null };
  readonly role: Role;
  /** Attached screens, this one included. */
  readonly clients: number;
  /** Why nothing can be kept, while that is so: one sentence. */
  readonly trouble: string | null;
  readonly hint: string | null;
  readonly workspaceName: string;
  readonly colours: Colours;
  /** How each thing is read here that was looked at. */
  readonly reading: Readonly<Record<ReadKey, Reading>>;
};

/** An instance, or the coordinator's log. */
export type PaneId = InstanceId | 'log';

export type PaneInfo = { readonly id: PaneId; readonly instance: InstanceId | null; readonly number: number };

/**
 * The panes in the order of the config. The coordinator's place is its log; when it has a session of its own
 * (a helper), the log comes last. Other instances without a program have no pane.
 */
export function panesOf(model: Model): PaneInfo[] {
  const ids: { id: PaneId; instance: InstanceId | null }[] = [];
  for (const { id, role, command } of model.state.coordinator.config.instances) {
    if (command !== null) ids.push({ id, instance: id });
    else if (role === 'coordinator' && !ids.some((pane) => pane.id === 'log')) ids.push({ id: 'log', instance: id });
  }
  if (!ids.some((pane) => pane.id === 'log')) ids.push({ id: 'log', instance: null });
  return ids.map((pane, index) => ({ ...pane, number: index + 1 }));
}

export function handoffIn(model: Model, id: HandoffId | null): Handoff | null {
  const { handoffs } = model.state.coordinator;
  return id !== null && Object.hasOwn(handoffs, id) ? (handoffs[id] ?? null) : null;
}

/** What the operator can decide about now: an open question, or a decision that will come about by itself. */
export function waitsForDecision(handoff: Handoff | null): handoff is Handoff {
  return handoff !== null && handoff.closedAt === null && (handoff.question !== null || handoff.pending !== null);
}

export type Need =
  | { readonly kind: 'question'; readonly handoff: HandoffId; readonly since: Ms }
  | { readonly kind: 'session'; readonly instance: InstanceId; readonly since: Ms }
  /** `coordtui.yaml` says something else than what acts. */
  | { readonly kind: 'config'; readonly change: string; readonly since: Ms }
  | { readonly kind: 'trouble'; readonly text: string };

/** What needs the operator, what is gravest first, then the oldest: `n` walks through it. */
export function needsOf(model: Model): Need[] {
  const { handoffs, instances } = model.state.coordinator;
  const trouble: Need[] = model.trouble === null ? [] : [{ kind: 'trouble', text: model.trouble }];
  const questions = Object.values(handoffs).flatMap((handoff): (Need & { since: Ms })[] =>
    handoff.closedAt === null && handoff.question !== null
      ? [{ kind: 'question', handoff: handoff.id, since: handoff.question.askedAt }]
      : [],
  );
  const sessions = Object.entries(instances).flatMap(([id, now]): (Need & { since: Ms })[] =>
    now.session === 'failed' || now.vitals?.asking
      ? [{ kind: 'session', instance: id as InstanceId, since: now.vitals?.asking?.since.at ?? now.since }]
      : [],
  );
  const change = waitingConfig(model.state.coordinator);
  const config: Need[] = change === null ? [] : [{ kind: 'config', change: change.id, since: change.at }];
  return [...trouble, ...config, ...questions.toSorted((a, b) => a.since - b.since), ...sessions.toSorted((a, b) => a.since - b.since)];
}

/** The open handoff that an instance works on, if any. */
export function ownedBy(model: Model, instance: InstanceId): Handoff | null {
  const open = Object.values(model.state.coordinator.handoffs).filter(({ closedAt, from }) => closedAt === null && from === instance);
  return open.find(({ phase }) => phase !== 'STANDBY') ?? open[0] ?? null;
}

/** The checks of a handoff as they are now: those of the run under way, else those of its last round. */
export function checksOf(model: Model, handoff: Handoff | null): readonly LiveCheck[] {
  if (model.live !== null && model.live.handoff === (handoff?.id ?? null)) return model.live.checks;
  return (lastRound(handoff)?.checks ?? []).map(({ check, outcome, reason, durationMs, tests }) => ({
    check,
    state: 'done',
    outcome,
    reason,
    tests,
    startedAt: null,
    durationMs,
    lastMs: null,
  }));
}

export function lastRound(handoff: Handoff | null): Round | null {
  return handoff?.rounds.at(-1) ?? null;
}
