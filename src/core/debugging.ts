/**
 * Debugging across instances (P1, cross-instance debugging; PROTOCOL section 7): what a session holds, and the only moves
 * between its states. A move that is not in the table is refused and changes nothing.
 */
import type { CheckId, HandoffId, InstanceId, Ms } from './ids.ts';
import type { Outcome } from './report.ts';

export type DebugState = 'proposed' | 'open' | 'investigating' | 'solving' | 'verifying' | 'closed';
export type DebugMove = 'open' | 'assign' | 'plan' | 'verify' | 'passed' | 'failed' | 'close';

export const DEBUG_MOVES: Readonly<Record<DebugState, Partial<Record<DebugMove, DebugState>>>> = {
  proposed: { open: 'open', close: 'closed' },
  open: { assign: 'investigating', close: 'closed' },
  investigating: { assign: 'investigating', plan: 'solving', close: 'closed' },
  solving: { plan: 'solving', verify: 'verifying', close: 'closed' },
  verifying: { passed: 'closed', failed: 'investigating', close: 'closed' },
  closed: {},
};

export function openDebugMoves(state: DebugState): DebugMove[] {
  return Object.keys(DEBUG_MOVES[state]) as DebugMove[];
}

declare const brand: unique symbol;
export type DebugId = string & { readonly [brand]: 'DebugId' };

const DEBUG_ID = /^d-[0-9a-f]{4,8}$/u;

export function parseDebugId(text: string): DebugId | null {
  return DEBUG_ID.test(text) ? (text as DebugId) : null;
}

/** The part of one instance: its layer, and what it is asked. */
export type Investigator = {
  readonly instance: InstanceId;
  readonly layer: string;
  readonly questions: readonly string[];
  readonly document: string;
  readonly askedAt: Ms;
};

export type DebugFinding = { readonly at: Ms; readonly by: string; readonly text: string; readonly file: string | null };

export type DebugRound = {
  readonly epoch: number;
  readonly startedAt: Ms;
  readonly finishedAt: Ms | null;
  readonly checks: readonly { readonly check: CheckId; readonly outcome: Outcome; readonly reason: string }[];
  readonly evidence: string | null;
  /** null while it runs. */
  readonly passed: boolean | null;
  /** Why it did not pass, in one clause. */
  readonly why: string | null;
};

export type DebugSession = {
  readonly id: DebugId;
  readonly issue: string;
  /** Whose word opened it; the coordinator's while it is only proposed. */
  readonly by: string;
  readonly state: DebugState;
  readonly openedAt: Ms;
  readonly since: Ms;
  readonly closedAt: Ms | null;
  /** Where the trouble was seen. */
  readonly handoffs: readonly HandoffId[];
  readonly investigators: readonly Investigator[];
  readonly findings: readonly DebugFinding[];
  readonly plan: readonly { readonly handoff: HandoffId; readonly instance: InstanceId; readonly task: string }[];
  readonly rounds: readonly DebugRound[];
  readonly history: readonly {
    readonly at: Ms;
    readonly move: DebugMove;
    readonly to: DebugState;
    readonly by: string;
    readonly reason?: string;
  }[];
};

/** `docs/debugging/d-1a2b.md`: what everybody who takes part reads. */
export function contextPath(id: DebugId): string {
  return `docs/debugging/${id}.md`;
}

/** Instances that were asked and have found nothing yet, for the last round of investigation. */
export function silentInstances({ investigators, findings, history }: DebugSession): InstanceId[] {
  const since = history.findLast(({ move }) => move === 'failed')?.at ?? 0;
  const heard = new Set(findings.filter(({ at }) => at >= since).map(({ by }) => by));
  return investigators.map(({ instance }) => instance).filter((instance) => !heard.has(instance));
}
