/** What goes into the journal, and what came back from it. */
import type { Effect } from '../core/effect.ts';
import type { Event } from '../core/event.ts';
import type { Ms } from '../core/ids.ts';
import type { Entry } from '../core/ports.ts';
import type { State } from '../core/state.ts';
import { applyOps, diff, type Json, type JsonObject, type Op } from '../core/tree.ts';

/** What the journal keeps of an event: all of it but the bulk that lies elsewhere (a report's evidence is sealed on disk). */
export function recordOf(event: Event): Json {
  if (event.type === 'verification.finished') {
    const { report, ...rest } = event;
    return { ...rest, evidence: report.evidence as Json, checks: report.checks.map((check) => `${check.check} ${check.outcome}`) };
  }
  if (event.type === 'integration.finished' && event.found.kind === 'judged') {
    const { report, ...found } = event.found;
    return {
      ...event,
      found: { ...found, evidence: report.evidence as Json, checks: report.checks.map((check) => `${check.check} ${check.outcome}`) },
    } as unknown as Json;
  }
  if (event.type === 'tick' && event.observed !== undefined) {
    // What of it matters is among the operations.
    const { observed: _seen, ...rest } = event;
    return rest as unknown as Json;
  }
  if (event.type === 'command' && event.recalled !== undefined) {
    // It is in the journal; whatever becomes of it now is among the operations.
    const { recalled: _found, ...rest } = event;
    return rest as unknown as Json;
  }
  if (event.type === 'sources.seen') return { type: event.type, at: event.at, seed: event.seed, files: event.files.length };
  // What of it went is among the operations.
  if (event.type === 'evidence.seen') return { type: event.type, at: event.at, seed: event.seed, bundles: event.bundles.length };
  if (event.type === 'config.changed') return { type: event.type, at: event.at, seed: event.seed, problems: [...event.problems] };
  if (event.type === 'room.started') return { type: event.type, at: event.at, seed: event.seed, sessionId: event.sessionId };
  return event as unknown as Json;
}

type DocumentWrite = Extract<Effect, { type: 'document.write' }>;

/** A record names the documents that come after it, so that they can still be written when the room dies in between. */
export function withDocuments(entry: Entry, effects: readonly Effect[]): Entry {
  const documents = effects.filter((effect) => effect.type === 'document.write');
  return documents.length === 0 ? entry : { ...entry, note: { ...entry.note, documents: documents as unknown as Json } };
}

/** What the last records of the journal, which is our own, say that was to be written. */
export function documentsOwed(records: readonly { readonly note?: JsonObject }[]): DocumentWrite[] {
  return records.flatMap(({ note }) => (Array.isArray(note?.documents) ? (note.documents as unknown as DocumentWrite[]) : []));
}

/** The store's word for why it could not keep something. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** What of a step is the coordinator's own doing: for an edit from outside, all but what merely takes it. */
export function ownOps(event: Event, ops: readonly Op[], before: JsonObject, after: JsonObject): readonly Op[] {
  if (event.type !== 'status.edited') return ops;
  const taken = event.edits.map(({ path, value }): Op => (value === undefined ? [path] : [path, value]));
  return diff(applyOps(before, taken), after).map(
    (op): Op => (op.length === 1 ? [['document', ...op[0]]] : [['document', ...op[0]], op[1]]),
  );
}

/** Where the time that counts goes on: no room, no ageing. */
export function lastAwake({ coordinator }: State): Ms {
  return Object.values(coordinator.instances).reduce((latest, { vitals }) => {
    const marks = [vitals?.heartbeat, vitals?.statusWrite, vitals?.given, vitals?.busy, vitals?.commit?.mark, vitals?.prompted];
    return Math.max(latest, ...marks.map((mark) => mark?.awake ?? 0));
  }, 0);
}
