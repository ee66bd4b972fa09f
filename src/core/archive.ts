/**
 * What the state keeps of handoffs that were closed long ago (decision 0028): the facts that indicators, reviews, briefs
 * and lists are made of. The whole of each stays in the journal, and comes back from there when somebody names it.
 */
import { type Archive, type ArchivedHandoff, archived, factsOf, type HandoffFacts, rowOf, rowsOf, withRow } from './archived-handoff.ts';
import type { HandoffId, Ms } from './ids.ts';
import { openOf } from './open-handoffs.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { CoordinatorState, Handoff, State } from './state.ts';
import type { Work } from './work.ts';

/** So many go in one step: a state from before there was an archive must not become one record. */
const AT_ONCE = 50;

/**
 * The last part of each step: of the closed handoffs the newest stay whole, as does every one that was closed lately or
 * that is still needed. One that this step
 * has changed waits for the next: what the journal has of it is what stood there before the step that takes it away.
 */
export function archiveOld(work: Work, atOnce = AT_ONCE): void {
  const { handoffs, config } = work.coordinator;
  const { handoffsWhole, handoffsWholeMs } = { ...DEFAULT_POLICY, ...config.policy };
  const excess = Object.keys(handoffs).length - openOf(handoffs).length - handoffsWhole;
  if (excess <= 0) return;
  const named = stillNeeded(work);
  const closed = Object.values(handoffs).flatMap((handoff) => (handoff.closedAt === null ? [] : [{ handoff, at: handoff.closedAt }]));
  const old = closed
    .toSorted((a, b) => a.at - b.at)
    .slice(0, excess)
    .filter(({ handoff, at }) => work.at - at > handoffsWholeMs && !named.has(handoff.id) && work.found[handoff.id] === handoff)
    .slice(0, atOnce)
    .map(({ handoff }) => handoff);
  if (old.length === 0) return;
  const gone = new Set(old.map(({ id }) => id));
  const without = <T>(table: Readonly<Record<HandoffId, T>>) =>
    Object.fromEntries(Object.entries(table).filter(([id]) => !gone.has(id as HandoffId)));
  const archive = old.reduce<Archive>((all, handoff) => withRow(all, handoff.id, archived(handoff)), work.coordinator.archive ?? {});
  // Only what was never approved still has a base line that it would have set.
  const candidates = without(work.coordinator.candidates);
  work.coordinator = { ...work.coordinator, handoffs: without(handoffs), candidates, archive };
}

/** What something open names, and what the base line rests on. */
function stillNeeded({ coordinator }: Work): ReadonlySet<HandoffId> {
  const named = new Set<HandoffId>();
  const last = Object.values(coordinator.handoffs).reduce<{ id: HandoffId; at: Ms } | null>((latest, { id, history }) => {
    const at = history.findLast(({ move }) => move === 'approve')?.at;
    return at !== undefined && (latest === null || at >= latest.at) ? { id, at } : latest;
  }, null);
  if (last !== null) named.add(last.id);
  for (const { depends, parent, delegation } of openOf(coordinator.handoffs))
    for (const id of [...depends, parent, delegation?.handoff ?? null]) if (id !== null) named.add(id);
  for (const { closedAt, handoffs, plan } of Object.values(coordinator.debugging ?? {}))
    if (closedAt === null) for (const id of [...handoffs, ...plan.map(({ handoff }) => handoff)]) named.add(id);
  return named;
}

/** What a command names comes back from the journal; if it is still closed after the step, it goes again. */
export function bringBack(work: Work, handoffs: readonly Handoff[]): void {
  if (handoffs.length === 0) return;
  const archive = handoffs.reduce<Archive>((all, { id }) => withRow(all, id, undefined), work.coordinator.archive ?? {});
  const back = Object.fromEntries(handoffs.map((handoff) => [handoff.id, handoff]));
  work.coordinator = { ...work.coordinator, handoffs: { ...work.coordinator.handoffs, ...back }, archive };
}

/** As the journal has it, with what has become of its evidence since. */
export function wholeAgain(found: Handoff, { removed = [] }: ArchivedHandoff): Handoff {
  const gone = new Map(removed);
  if (gone.size === 0) return found;
  const rounds = found.rounds.map((round) => {
    const removedAt = gone.get(round.epoch);
    return round.evidence === null || removedAt === undefined ? round : { ...round, evidence: { ...round.evidence, removedAt } };
  });
  return { ...found, rounds };
}

export function isArchived({ archive }: Pick<CoordinatorState, 'archive'>, id: HandoffId): boolean {
  return rowOf(archive, id) !== undefined;
}

/**
 * Every handoff there ever was, in the order in which they were made; of one moment in that of their ids. Those of the
 * archive that were closed before `since` are left out.
 */
export function everyHandoff({ coordinator }: Pick<State, 'coordinator'>, since: Ms = 0): readonly HandoffFacts[] {
  const old = rowsOf(coordinator.archive).flatMap(([id, row]) => (row.closedAt < since ? [] : [factsOf(id, row)]));
  return [...old, ...Object.values(coordinator.handoffs)].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** When the first of them was made; null: none was. */
export function firstMadeAt({ coordinator }: Pick<State, 'coordinator'>): Ms | null {
  const tables = [...Object.values(coordinator.archive ?? {}), coordinator.handoffs];
  const first = Math.min(...tables.map(oldestIn));
  return first === Number.POSITIVE_INFINITY ? null : first;
}

/** Asked in each cycle; a table is never changed, only replaced, so what was found in one stays true of it. */
const oldest = new WeakMap<object, Ms>();

function oldestIn(table: Readonly<Record<HandoffId, { readonly createdAt: Ms }>>): Ms {
  let at = oldest.get(table);
  if (at === undefined) {
    at = Object.values(table).reduce((first, { createdAt }) => Math.min(first, createdAt), Number.POSITIVE_INFINITY);
    oldest.set(table, at);
  }
  return at;
}

/** null: there was never one of this name. */
export function factsAbout({ coordinator }: Pick<State, 'coordinator'>, id: HandoffId): HandoffFacts | null {
  const { handoffs, archive } = coordinator;
  if (Object.hasOwn(handoffs, id)) return handoffs[id] ?? null;
  const row = rowOf(archive, id);
  return row === undefined ? null : factsOf(id, row);
}
