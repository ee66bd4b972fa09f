/**
 * What of the evidence need not be kept any longer (PROTOCOL section 8, Retention): by age, and by size with the oldest first. Nothing that is open
 * goes, nor what the base line rests on; the journal keeps its lines in any case.
 */
import { rowOf, withRow } from './archived-handoff.ts';
import { counted } from './counted.ts';
import type { HandoffId, Ms } from './ids.ts';
import type { Handoff, Round, State } from './state.ts';
import { alert, handoffOf, openHandoffs, putHandoff, type Work } from './work.ts';

/** One sealed round, or trial, as it lies on the disk. */
export type KeptBundle = {
  /** Relative to the workspace. */
  readonly path: string;
  /** The folder that it lies in: a handoff, a debugging session, or the trials. */
  readonly of: string;
  readonly at: Ms;
  readonly bytes: number;
};

const DAY_MS = 86_400_000;

/** Removes what is beyond the caps: marks it in the state, tells it, and asks for it to be done once that is durable. */
export function letGo(work: Work, bundles: readonly KeptBundle[]): void {
  const { evidenceMaxAgeMs, evidenceMaxBytes } = work.coordinator.config.policy;
  const stays = pinned(work);
  const oldestFirst = bundles.toSorted((a, b) => a.at - b.at);
  let bytes = oldestFirst.reduce((sum, one) => sum + one.bytes, 0);
  const gone: KeptBundle[] = [];
  for (const one of oldestFirst) {
    if (work.at - one.at <= evidenceMaxAgeMs && bytes <= evidenceMaxBytes) break;
    if (stays(one)) continue;
    gone.push(one);
    bytes -= one.bytes;
  }
  if (gone.length === 0) return;
  const paths = new Set(gone.map(({ path }) => path));
  for (const handoff of Object.values(work.coordinator.handoffs)) markRemoved(work, handoff, paths);
  markArchived(work, gone);
  const freed = gone.reduce((sum, one) => sum + one.bytes, 0);
  alert(work, {
    level: 'info',
    text: `${counted(gone.length, 'bundle')} of evidence went (${Math.ceil(freed / 1024)} KiB): older than ${counted(Math.round(evidenceMaxAgeMs / DAY_MS), 'day')}, or more than ${Math.round(evidenceMaxBytes / 1024 ** 2)} MiB in all; the journal keeps their lines`,
  });
  work.effects.push({ type: 'evidence.remove', paths: [...paths] });
}

/** What is open stays, and what the next rounds are compared with. */
function pinned(work: Work): (bundle: KeptBundle) => boolean {
  const open = new Set<string>(openHandoffs(work).map(({ id }) => id));
  for (const session of Object.values(work.coordinator.debugging ?? {})) if (session.state !== 'closed') open.add(session.id);
  const base = baselineEvidence({ document: work.document, coordinator: work.coordinator });
  return ({ of, path }) => open.has(of) || path === base;
}

/** Of the round that was approved last. */
function baselineEvidence({ coordinator }: State): string | null {
  let last: { readonly at: Ms; readonly round: Round } | null = null;
  for (const { history, rounds } of Object.values(coordinator.handoffs)) {
    const approved = history.findLast(({ move }) => move === 'approve');
    const round = rounds.findLast(({ epoch }) => epoch === approved?.epoch);
    if (approved !== undefined && round !== undefined && (last === null || approved.at >= last.at)) last = { at: approved.at, round };
  }
  return last?.round.evidence?.path ?? null;
}

function markRemoved(work: Work, handoff: Handoff, paths: ReadonlySet<string>): void {
  if (!handoff.rounds.some(({ evidence }) => evidence !== null && paths.has(evidence.path))) return;
  const rounds = handoff.rounds.map((round) =>
    round.evidence !== null && paths.has(round.evidence.path) ? { ...round, evidence: { ...round.evidence, removedAt: work.at } } : round,
  );
  putHandoff(work, { ...handoff, rounds });
}

/** Of those in the archive only the epoch is known, and it stands at the beginning of the bundle's name. */
function markArchived(work: Work, gone: readonly KeptBundle[]): void {
  const { archive } = work.coordinator;
  if (archive === undefined) return;
  let next = archive;
  for (const { of, path } of gone) {
    const id = of as HandoffId;
    const epoch = Number(/\/(\d+)-[^/]*$/.exec(path)?.[1] ?? Number.NaN);
    const row = rowOf(next, id);
    if (row !== undefined && Number.isSafeInteger(epoch))
      next = withRow(next, id, { ...row, removed: [...(row.removed ?? []), [epoch, work.at]] });
  }
  if (next !== archive) work.coordinator = { ...work.coordinator, archive: next };
}

/** The verdict lies sealed beside the round that it was spoken over: its hash belongs to what the journal lists. */
export function verdictSealed(work: Work, id: HandoffId, epoch: number, sha256: string): void {
  const handoff = handoffOf(work, id);
  if (handoff === undefined) return;
  const rounds = handoff.rounds.map((round) =>
    round.epoch === epoch && round.evidence !== null ? { ...round, evidence: { ...round.evidence, verdictSha256: sha256 } } : round,
  );
  putHandoff(work, { ...handoff, rounds });
}
