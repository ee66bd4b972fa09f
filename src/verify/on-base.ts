/** A check that failed, run once more on the tree that the work began from: is it this handoff's doing at all? (PROTOCOL section 4) */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangedFile, CheckReport, CheckSpec, TreeRef } from '../core/report.ts';
import type { Trees } from '../git/trees.ts';
import { type Elsewhere, openElsewhere } from './elsewhere.ts';
import { filesInCommand } from './judge-files.ts';
import { type CheckRun, runCheck } from './run-check.ts';

export type OnBase = {
  /** The report as it stands once the base was asked; `trouble` as in `runCheck`. */
  settle(spec: CheckSpec, report: CheckReport, run: CheckRun): Promise<{ readonly report: CheckReport; readonly trouble: string | null }>;
  /** Removes what was written out for it. */
  close(): Promise<void>;
};

/** One tree for all checks of the round, written out when the first one fails. `base` null: nothing to ask. */
export function openBase(
  trees: Trees,
  options: {
    readonly base: TreeRef | null;
    /** What lies between the base and the judged tree. */
    readonly changed: readonly ChangedFile[];
    readonly cwd: string;
    readonly root: string;
    readonly signal: AbortSignal;
  },
): OnBase {
  const { base, cwd, root, signal } = options;
  let opened: Promise<Elsewhere> | null = null;

  return {
    async settle(spec, report, run) {
      const plain = (why: string) => ({ report: { ...report, reason: `${report.reason}; ${why}` }, trouble: null });
      if (base === null || report.outcome !== 'failed' || signal.aborted) return { report, trouble: null };
      let elsewhere: Elsewhere;
      try {
        opened ??= openElsewhere(trees, { cwd, root, tree: base, signal });
        elsewhere = await opened;
      } catch (error) {
        return signal.aborted ? { report, trouble: null } : plain(`the base could not be tried: ${(error as Error).message}`);
      }
      const missing = await missingThere(spec, options.changed, elsewhere.root);
      if (missing !== null) return plain(`the base has no ${missing}`);
      run.listener.output(spec.id, Buffer.from(`\n[${spec.id} failed: run again on the base]\n`));
      const { report: there, trouble } = await runCheck({
        ...run,
        env: withoutWork(run.env),
        root: elsewhere.root,
        logName: `${spec.id}.base.log`,
      });
      const { outcome, reason, exitCode, durationMs, log, logSha256 } = there;
      const onBase = { outcome, reason, exitCode, durationMs, log, logSha256 };
      return { report: { ...judged(report, there), onBase }, trouble };
    },
    async close() {
      await opened?.then(
        (elsewhere) => elsewhere.dispose(),
        () => undefined, // it was never made; `settle` has said so
      );
    },
  };
}

/** What the work is said to have made cannot be there before the work. */
function withoutWork(env: CheckRun['env']): CheckRun['env'] {
  const { COORDTUI_DECLARED: _declared, COORDTUI_TERRITORY: _territory, COORDTUI_BASE: _base, ...others } = env;
  return others;
}

/** Only what failed there failed for the same reason; what did not run there says nothing. */
function judged(now: CheckReport, there: CheckReport): CheckReport {
  switch (there.outcome) {
    case 'failed': {
      const more = now.violations.length - there.violations.length;
      const worse = more > 0 ? `, with ${more} ${more === 1 ? 'finding' : 'findings'} fewer` : '';
      return { ...now, outcome: 'failed-on-base', reason: `${now.reason}; on the base too (${there.reason}${worse})` };
    }
    case 'passed':
      return { ...now, reason: `${now.reason}; on the base it passes` };
    default:
      return { ...now, reason: `${now.reason}; on the base it did not run (${there.reason})` };
  }
}

/** A check whose script or test is new fails there for want of it, which says nothing about what it found here. */
async function missingThere(spec: CheckSpec, changed: readonly ChangedFile[], there: string): Promise<string | null> {
  const added = changed.filter(({ status }) => status === 'added').map(({ path }) => path);
  for (const path of filesInCommand(spec)) {
    const isNew = added.some((one) => one === path || one.startsWith(`${path}/`));
    if (isNew && !(await exists(join(there, path)))) return path;
  }
  return null;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
