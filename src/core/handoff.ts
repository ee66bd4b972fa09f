/**
 * The phases of a handoff and the moves between them: the only place where a phase can change
 * (PROTOCOL section 2). A move that is not in the table is refused and changes nothing.
 */
export const PHASES = [
  'STANDBY',
  'ACTIVE',
  'HANDOFF_READY',
  'VERIFICATION',
  'APPROVED',
  'FAILED',
  'REMEDIATION',
  'HANDOFF_COMPLETE',
] as const;
export type Phase = (typeof PHASES)[number];

/** P1's nine moves, then those that belong to the operator alone. */
export type Move =
  | 'assign'
  | 'ready'
  | 'verify'
  | 'approve'
  | 'deny'
  | 'take-up'
  | 'fixed'
  | 'transfer'
  | 'release'
  | 'reassign'
  | 'reopen'
  | 'again'
  | 'withdraw';

export type Closed = 'CLOSED';

export const MOVES: Record<Phase, Partial<Record<Move, Phase | Closed>>> = {
  STANDBY: { assign: 'ACTIVE', withdraw: 'CLOSED' },
  ACTIVE: { ready: 'HANDOFF_READY', reassign: 'ACTIVE', withdraw: 'CLOSED' },
  HANDOFF_READY: { verify: 'VERIFICATION', withdraw: 'CLOSED' },
  VERIFICATION: { approve: 'APPROVED', deny: 'FAILED', again: 'VERIFICATION', withdraw: 'CLOSED' },
  APPROVED: { transfer: 'HANDOFF_COMPLETE', reassign: 'ACTIVE', reopen: 'HANDOFF_READY', withdraw: 'CLOSED' },
  FAILED: { 'take-up': 'REMEDIATION', withdraw: 'CLOSED' },
  REMEDIATION: { fixed: 'HANDOFF_READY', reassign: 'ACTIVE', withdraw: 'CLOSED' },
  HANDOFF_COMPLETE: { release: 'STANDBY', reopen: 'HANDOFF_READY', withdraw: 'CLOSED' },
};

/** Every move there is, once. */
export const ALL_MOVES: readonly Move[] = [...new Set(Object.values(MOVES).flatMap((row) => Object.keys(row) as Move[]))];

/** Moves that need the operator's word, and raise the epoch (PROTOCOL section 2). */
export const OPERATOR_MOVES: ReadonlySet<Move> = new Set<Move>(['reassign', 'reopen', 'withdraw', 'again']);

export type Moved = { ok: true; phase: Phase | Closed } | { ok: false; open: Move[] };

export function move(phase: Phase, by: Move): Moved {
  const next = MOVES[phase][by];
  return next === undefined ? { ok: false, open: openMoves(phase) } : { ok: true, phase: next };
}

export function openMoves(phase: Phase): Move[] {
  return Object.keys(MOVES[phase]) as Move[];
}

/** How it ended; null: it has not. Its phase does not tell: one that is withdrawn keeps the one that it had. */
export function closedAs({
  closedAt,
  history,
}: {
  readonly closedAt: number | null;
  readonly history: readonly { readonly move: Move }[];
}): 'complete' | 'withdrawn' | null {
  return closedAt === null ? null : history.at(-1)?.move === 'withdraw' ? 'withdrawn' : 'complete';
}

export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];
