/** What happened, an entry each, from two states and the event between them: as it comes, or replayed from the journal. */
import { factsAbout } from './archive.ts';
import type { HandoffId, InstanceId, Ms } from './ids.ts';
import { narrate } from './narrate.ts';
import type { State } from './state.ts';
import { isObject, type Json } from './tree.ts';

export const TIMELINE_KINDS = ['operator', 'instance', 'verification', 'coordinator', 'session', 'status', 'debugging', 'room'] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

export type TimelineEntry = {
  /** Place in the journal; several entries may share one. */
  readonly seq: number;
  readonly at: Ms;
  readonly kind: TimelineKind;
  readonly handoff: HandoffId | null;
  readonly instance: InstanceId | null;
  readonly text: string;
  /** What belongs to it, a line each: the reasons of a verdict. */
  readonly details: readonly string[];
  /** The sealed bundle behind it. */
  readonly evidence: string | null;
};

/** @param event as the journal keeps it: only its type, its time and who gave a command are looked at */
export function timelineOf(seq: number, before: State, after: State, event: Json): TimelineEntry[] {
  const at = isObject(event) && typeof event.at === 'number' ? event.at : 0;
  const told: { text: string; details: string[] }[] = [];
  for (const line of narrate(before, after, false)) {
    const last = told.at(-1);
    if (line.startsWith('  ') && last !== undefined) last.details.push(line.trim());
    else told.push({ text: line.trim(), details: [] });
  }
  return told.map(({ text, details }) => {
    const handoff = (/^(h-[0-9a-f]{4,8})\b/u.exec(text)?.[1] ?? null) as HandoffId | null;
    const named = after.coordinator.config.instances.find(({ id }) => text.includes(id))?.id ?? null;
    const instance = named ?? (handoff === null ? null : (factsAbout(after, handoff)?.from ?? null));
    const verdict = handoff !== null && / verdict of epoch /u.test(text);
    const evidence = verdict
      ? (after.coordinator.handoffs[handoff]?.rounds.findLast((round) => round.evidence !== null)?.evidence?.path ?? null)
      : null;
    return { seq, at, kind: kindOf(event, text), handoff, instance, text, details, evidence };
  });
}

function kindOf(event: Json, text: string): TimelineKind {
  if (/^d-[0-9a-f]{4,8}\b/u.test(text)) return 'debugging';
  if (/: session /u.test(text)) return 'session';
  const type = isObject(event) ? event.type : null;
  switch (type) {
    case 'command':
      return isObject(event) && isObject(event.by ?? null) && (event.by as { kind?: Json }).kind === 'instance' ? 'instance' : 'operator';
    case 'verification.finished':
      return 'verification';
    case 'pane.started':
    case 'pane.exited':
    case 'pane.failed':
      return 'session';
    case 'status.edited':
    case 'status.broken':
      return 'status';
    case 'room.started':
    case 'config.changed':
      return 'room';
    default:
      return 'coordinator';
  }
}

export type TimelineFilter = {
  readonly handoff: HandoffId | null;
  readonly instance: InstanceId | null;
  readonly kind: TimelineKind | null;
  readonly since: Ms | null;
  /** Only entries that hold this text; case does not matter. */
  readonly text: string | null;
};

export function matchesFilter(entry: TimelineEntry, { handoff, instance, kind, since, text }: TimelineFilter): boolean {
  return (
    (handoff === null || entry.handoff === handoff || entry.text.includes(handoff)) &&
    (instance === null || entry.instance === instance || entry.text.includes(instance)) &&
    (kind === null || entry.kind === kind) &&
    (since === null || entry.at >= since) &&
    (text === null || [entry.text, ...entry.details].some((line) => line.toLowerCase().includes(text.toLowerCase())))
  );
}
