/**
 * Looking ahead while agents work: would it pass, and does it merge with what the others do? At the lowest priority, only while
 * nothing real waits or runs, and never for more than a part of the time. What is found is remembered here and nowhere else.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { Config } from '../core/config.ts';
import { type Clash, type Forecast, foresee, isForeseen } from '../core/forecast.ts';
import type { HandoffId } from '../core/ids.ts';
import { isMerging } from '../core/merge-clause.ts';
import type { RunningSuite, Verifier } from '../core/ports.ts';
import type { TreeRef } from '../core/report.ts';
import type { Handoff, State } from '../core/state.ts';
import { checksOfTerms } from '../core/terms.ts';
import { GitTrouble } from '../git/git.ts';
import type { Trees } from '../git/trees.ts';
import type { Rounds } from './rounds.ts';

export type ForecastOptions = {
  /** What is asked at each use. */
  readonly config: Config;
  readonly coordinator: Coordinator;
  readonly trees: Trees;
  /** One that runs gently, over copies, and keeps what it finds in a directory of its own. */
  readonly verifierFor: (evidenceDir: string, gently: boolean) => Verifier;
  readonly paths: { readonly evidenceDir: string };
  readonly rounds: Rounds;
  /** Something is known that was not. */
  readonly see: () => void;
  readonly log: (line: string) => void;
};

export type Forecasts = {
  /** null: the work is not under way, or nothing is known of it. */
  of(handoff: Handoff): Forecast | null;
  all(): Readonly<Record<HandoffId, Forecast>>;
  close(): Promise<void>;
};

type Seen = { readonly handoff: Handoff; readonly cwd: string; readonly tree: TreeRef };

export function openForecasts({ config, coordinator, trees, verifierFor, paths, rounds, see, log }: ForecastOptions): Forecasts {
  const apart = join(paths.evidenceDir, 'ahead');
  const verifier = verifierFor(apart, true);
  const known = new Map<HandoffId, Forecast>();
  const clashes = new Map<string, readonly string[]>();
  const closing = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let suite: RunningSuite | null = null;
  let restUntil = 0;

  const put = (id: HandoffId, change: Partial<Forecast>, tree: string) => {
    const before = known.get(id) ?? { at: Date.now(), tree, clashes: null, trial: null, running: false };
    known.set(id, { ...before, ...change });
    see();
  };

  const isWanted = () => config.verification.ahead === true && !closing.signal.aborted && !isBusy(coordinator.state()) && !rounds.busy();

  const cwdOf = ({ from }: Handoff) => config.instances.find(({ id }) => id === from)?.cwd ?? '.';

  /** What is on its way already, as it was judged. */
  const judgedNow = (handoff: Handoff): Seen[] => {
    const tree = handoff.rounds.at(-1)?.judged ?? null;
    const isOnItsWay = handoff.closedAt === null && (handoff.phase === 'VERIFICATION' || handoff.phase === 'APPROVED');
    return isOnItsWay && tree !== null ? [{ handoff, cwd: cwdOf(handoff), tree }] : [];
  };

  const look = async () => {
    if (!isWanted()) return;
    const began = performance.now();
    const { handoffs } = coordinator.state().coordinator;
    const subjects = Object.values(handoffs).filter(isForeseen);
    const ids = new Set(subjects.map(({ id }) => id));
    for (const id of known.keys()) if (!ids.has(id)) await forget(id);
    const seen: Seen[] = [];
    for (const handoff of subjects) seen.push({ handoff, cwd: cwdOf(handoff), tree: await trees.snapshot(cwdOf(handoff), closing.signal) });
    const against = [...seen, ...Object.values(handoffs).flatMap(judgedNow)];
    const atRest = seen.filter(({ handoff, tree }) => known.get(handoff.id)?.tree === tree.tree);
    for (const one of seen)
      put(one.handoff.id, { at: Date.now(), tree: one.tree.tree, clashes: await clashesOf(one, against) }, one.tree.tree);
    // What changes from look to look is not worth a trial.
    const due = atRest.filter(({ handoff, tree }) => known.get(handoff.id)?.trial?.tree !== tree.tree);
    const next = due.toSorted((a, b) => (known.get(a.handoff.id)?.trial?.at ?? 0) - (known.get(b.handoff.id)?.trial?.at ?? 0))[0];
    if (next !== undefined && isWanted()) await attempt(next);
    rest(performance.now() - began);
  };

  /** Of the time that goes by, no more than its share is spent on looking ahead. */
  const rest = (tookMs: number) => {
    restUntil = performance.now() + tookMs * (100 / config.policy.aheadSharePercent - 1);
  };

  const clashesOf = async (one: Seen, all: readonly Seen[]): Promise<Clash[]> => {
    const found: Clash[] = [];
    for (const other of all) {
      if (other === one || other.cwd === one.cwd) continue;
      const files = await together(one, other);
      if (files.length > 0) found.push({ with: `${other.handoff.from} (${other.handoff.id})`, files });
    }
    const { integration } = config;
    if (integration !== undefined && one.cwd !== '.') {
      const files = await trees.conflictsWithBranch(one, integration.branch, closing.signal).catch(orNothing);
      if (files.length > 0) found.push({ with: integration.branch, files });
    }
    return found;
  };

  /** Each pair of trees is put together once. */
  const together = async (one: Seen, other: Seen): Promise<readonly string[]> => {
    const key = [one.tree.tree, other.tree.tree].sort().join(' ');
    const files = clashes.get(key) ?? (await trees.conflicts(one, other, closing.signal).catch(orNothing));
    if (clashes.size > PAIRS_KEPT) clashes.clear();
    clashes.set(key, files);
    return files;
  };

  const attempt = async ({ handoff, tree }: Seen) => {
    const checks = [...config.verification.checks, ...checksOfTerms(handoff.terms)];
    if (checks.length === 0) return;
    await rm(join(apart, handoff.id), { recursive: true, force: true });
    if (!isWanted()) return;
    put(handoff.id, { running: true }, tree.tree);
    try {
      suite = verifier.run({ handoff: handoff.id, epoch: 0, instance: handoff.from, base: handoff.base, tree, checks }, rounds.quiet());
      const trial = foresee(coordinator.state().coordinator, handoff, await suite.done, Date.now());
      put(handoff.id, trial === null ? {} : { trial }, tree.tree);
    } finally {
      suite = null;
      put(handoff.id, { running: false }, tree.tree);
    }
  };

  const forget = async (id: HandoffId) => {
    known.delete(id);
    await rm(join(apart, id), { recursive: true, force: true });
  };

  const again = () => {
    if (closing.signal.aborted) return;
    timer = setTimeout(
      () => {
        looking = look()
          .catch((error: unknown) => {
            if (!closing.signal.aborted) log(`looking ahead came to nothing: ${error instanceof Error ? error.message : String(error)}`);
          })
          .finally(again);
      },
      Math.max(config.policy.aheadRestMs, restUntil - performance.now()),
    );
  };
  again();

  /** Whatever is real comes first, at once. */
  const giveWay = () => {
    if (suite !== null && !isWanted()) suite.cancel();
  };
  const stopObserving = coordinator.observe({ changed: giveWay });
  const stopListening = rounds.subscribe(giveWay);

  const of = (handoff: Handoff) => (config.verification.ahead === true && isForeseen(handoff) ? (known.get(handoff.id) ?? null) : null);

  return {
    of,
    all() {
      const { handoffs } = coordinator.state().coordinator;
      const shown = [...known.keys()].map((id) => [id, handoffs[id] === undefined ? null : of(handoffs[id])] as const);
      return Object.fromEntries(shown.filter(([, forecast]) => forecast !== null)) as Record<HandoffId, Forecast>;
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      stopObserving();
      stopListening();
      suite?.cancel();
      await looking;
    },
  };
}

const PAIRS_KEPT = 256;

/** Somebody waits for a verdict, or nobody may do anything. */
function isBusy({ coordinator }: State): boolean {
  const open = Object.values(coordinator.handoffs).filter(({ closedAt }) => closedAt === null);
  return (
    coordinator.emergency !== undefined ||
    coordinator.autopilot.paused ||
    open.some((handoff) => handoff.phase === 'HANDOFF_READY' || isMerging(handoff) || handoff.rounds.at(-1)?.end === null)
  );
}

/** What cannot be put together (no commit, no such branch) is told where it matters: at the merge. */
function orNothing(error: unknown): readonly string[] {
  if (error instanceof GitTrouble) return [];
  throw error;
}
