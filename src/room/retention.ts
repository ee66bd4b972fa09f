/** What is kept of rounds, and for how long: seals verdicts, looks now and then at what lies there, removes what the core has let go. */

import { join } from 'node:path';
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { Config } from '../core/config.ts';
import { counted } from '../core/counted.ts';
import type { EvidenceKeeper } from '../core/ports.ts';
import type { TreeRef } from '../core/report.ts';
import type { State } from '../core/state.ts';
import type { Trees } from '../git/trees.ts';
import { sealVerdict } from '../verify/evidence.ts';
import { listBundles, removeBundle, treesOf } from '../verify/kept.ts';

export type RetentionOptions = {
  readonly root: string;
  readonly evidenceDir: string;
  readonly config: Config;
  readonly trees: Trees;
  readonly state: () => State;
  readonly tell: Coordinator['tell'];
  readonly log: (line: string) => void;
};

export type Retention = EvidenceKeeper & {
  /** The room has begun: looks from now on. */
  begin(): void;
  /** Resolves when nothing of it is under way any more. */
  close(): Promise<void>;
};

/** From the start to the first look at most: a room is busy enough when it begins. */
const FIRST_MS = 120_000;

export function openRetention(options: RetentionOptions): Retention {
  const { root, evidenceDir, config, trees, state, tell, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let busy: Promise<void> = Promise.resolve();
  const closing = new AbortController();

  /** Told only when there is something to decide: the event holds all of it. */
  const look = async () => {
    const { evidenceMaxAgeMs, evidenceMaxBytes } = config.policy;
    const now = Date.now();
    const bundles = await listBundles(root, evidenceDir, now);
    const bytes = bundles.reduce((sum, one) => sum + one.bytes, 0);
    if (bytes > evidenceMaxBytes || bundles.some(({ at }) => now - at > evidenceMaxAgeMs)) tell({ type: 'evidence.seen', bundles });
    await prune();
  };

  const prune = async () => {
    const bundles = await listBundles(root, evidenceDir, Date.now());
    const kept = await Promise.all(bundles.map(({ path }) => treesOf(join(root, path))));
    await trees.prune([...treesInUse(state()), ...kept.flat()], closing.signal);
  };

  const schedule = (ms: number) => {
    timer = setTimeout(() => {
      busy = look()
        .catch((error: unknown) => {
          if (!closing.signal.aborted)
            log(`evidence could not be looked through: ${error instanceof Error ? error.message : String(error)}`);
        })
        .then(() => {
          if (!closing.signal.aborted) schedule(config.policy.evidenceLookMs);
        });
    }, ms);
    timer.unref();
  };

  return {
    sealVerdict: ({ handoff, epoch, evidence, verdict }) =>
      sealVerdict(join(root, evidence.path), { handoff, epoch, bundleSha256: evidence.sha256, verdict }),
    async remove(paths) {
      for (const path of paths) await removeBundle(root, evidenceDir, path);
      log(`retention: ${counted(paths.length, 'bundle')} of evidence removed`);
    },
    begin: () => schedule(Math.min(FIRST_MS, config.policy.evidenceLookMs)),
    async close() {
      clearTimeout(timer);
      closing.abort();
      await busy;
    },
  };
}

/** Trees that open work stands on, and that instances would be compared with. */
function treesInUse({ coordinator }: State): TreeRef[] {
  const open = Object.values(coordinator.handoffs).filter(({ closedAt }) => closedAt === null);
  const known = [
    ...Object.values(coordinator.instances).map(({ base }) => base),
    ...open.flatMap(({ base, rounds }) => [base, ...rounds.map(({ judged }) => judged)]),
  ];
  return known.filter((tree) => tree !== null);
}
