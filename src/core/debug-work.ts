/** Changing a debugging session inside a step. */
import { DEBUG_MOVES, type DebugId, type DebugMove, type DebugSession, openDebugMoves } from './debugging.ts';
import { type Failure, failure } from './reply.ts';
import { draw, type Work } from './work.ts';

export function debugOf(work: Work, id: DebugId): DebugSession | undefined {
  return work.coordinator.debugging?.[id];
}

export function openSessions(work: Work): DebugSession[] {
  return Object.values(work.coordinator.debugging ?? {}).filter(({ closedAt }) => closedAt === null);
}

export function putDebug(work: Work, session: DebugSession): DebugSession {
  work.coordinator = { ...work.coordinator, debugging: { ...work.coordinator.debugging, [session.id]: session } };
  return session;
}

export function drawDebugId(work: Work): DebugId {
  for (;;) {
    const seed = draw(work);
    for (let length = 4; length <= 8; length++) {
      const id = `d-${seed.slice(0, length)}` as DebugId;
      if (debugOf(work, id) === undefined) return id;
    }
  }
}

/** Makes a move of the table; the callers have asked it before, so one that is not in it is a broken invariant. */
export function debugMove(
  work: Work,
  session: DebugSession,
  by: DebugMove,
  who: string,
  change: Partial<DebugSession> = {},
  reason?: string,
): DebugSession {
  const to = DEBUG_MOVES[session.state][by];
  if (to === undefined) throw new Error(`debugging session ${session.id}: cannot ${by} in ${session.state}`);
  const entry = { at: work.at, move: by, to, by: who, ...(reason === undefined ? {} : { reason }) };
  return putDebug(work, {
    ...session,
    ...change,
    state: to,
    since: work.at,
    closedAt: to === 'closed' ? work.at : null,
    history: [...session.history, entry],
  });
}

/** A refusal that says which moves are open; null: this one is. */
export function notOpenFor(session: DebugSession, by: DebugMove): Failure | null {
  if (DEBUG_MOVES[session.state][by] !== undefined) return null;
  const open = openDebugMoves(session.state);
  return failure(
    'refused',
    `debug ${by}: ${session.id} is ${session.state}`,
    open.length === 0 ? 'open another: coordtui debug open' : `open moves: ${open.join(', ')}`,
  );
}
