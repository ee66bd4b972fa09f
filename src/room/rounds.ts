/** Who watches the checks as they run: clients that stream a round, the foreground's log, and the authority table. */
import type { CheckId, HandoffId } from '../core/ids.ts';
import type { SuiteListener } from '../core/ports.ts';
import type { CheckReport } from '../core/report.ts';

export type RoundEvent =
  | { readonly type: 'started'; readonly handoff: HandoffId | null; readonly check: CheckId }
  | { readonly type: 'output'; readonly handoff: HandoffId | null; readonly check: CheckId; readonly bytes: Uint8Array }
  | { readonly type: 'finished'; readonly handoff: HandoffId | null; readonly report: CheckReport };

export type Rounds = {
  /** What the suite is given as its listener; `handoff` null: a trial. */
  listener(handoff: HandoffId | null): SuiteListener;
  /** For what nobody waits for: its processes are known as checks, and that is all. */
  quiet(): SuiteListener;
  /** Something that somebody waits for runs now. */
  busy(): boolean;
  subscribe(listener: (event: RoundEvent) => void): () => void;
  /** Leaders of the checks' process groups that run now. */
  pids(): ReadonlySet<number>;
};

type Told = RoundEvent extends infer E ? (E extends RoundEvent ? Omit<E, 'handoff'> : never) : never;

/** The leaders of its process groups stand in `pids` while they run. */
function known(pids: Set<number>, tell: (event: Told) => void): SuiteListener {
  const own = new Map<CheckId, number>();
  return {
    started(check, pid) {
      // The same check once more, on the base: its first process has ended.
      const former = own.get(check);
      if (former !== undefined) pids.delete(former);
      own.set(check, pid);
      pids.add(pid);
      tell({ type: 'started', check });
    },
    output(check, bytes) {
      tell({ type: 'output', check, bytes });
    },
    finished(report) {
      const pid = own.get(report.check);
      if (pid !== undefined) pids.delete(pid);
      own.delete(report.check);
      tell({ type: 'finished', report });
    },
  };
}

export function createRounds(): Rounds {
  const listeners = new Set<(event: RoundEvent) => void>();
  const pids = new Set<number>();
  const quiet = new Set<number>();
  const tell = (event: RoundEvent) => {
    for (const listener of listeners) listener(event);
  };
  return {
    listener: (handoff) => known(pids, (event) => tell({ ...event, handoff })),
    quiet: () => known(quiet, () => {}),
    busy: () => pids.size > 0,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pids: () => (quiet.size === 0 ? pids : new Set([...pids, ...quiet])),
  };
}
