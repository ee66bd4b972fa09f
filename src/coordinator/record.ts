/** What goes into the journal, and what came back from it. */
import type { Event } from '../core/event.ts';
import type { Json } from '../core/tree.ts';

/** What the journal keeps of an event: all of it but the bulk that lies elsewhere (a report's evidence is sealed on disk). */
export function recordOf(event: Event): Json {
  if (event.type === 'verification.finished') {
    const { report, ...rest } = event;
    return { ...rest, evidence: report.evidence as Json, checks: report.checks.map((check) => `${check.check} ${check.outcome}`) };
  }
  if (event.type === 'room.started') return { type: event.type, at: event.at, seed: event.seed, sessionId: event.sessionId };
  return event as unknown as Json;
}

/** The store's word for why it could not keep something. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
