/** Runs the checks of a round: phase after phase, by needs, else side by side (PROTOCOL section 4). */
import type { CheckId } from '../core/ids.ts';
import type { ChangedFile, CheckReport, CheckSpec } from '../core/report.ts';
import { impossible } from './order.ts';
import { unrun } from './run-check.ts';
import { hasWork } from './select.ts';

export type Schedule = {
  readonly checks: readonly CheckSpec[];
  readonly changed: readonly ChangedFile[];
  readonly parallelism: number;
  /** Aborted: nothing more is started; what runs is ended by the one who runs it. */
  readonly signal: AbortSignal;
  run(check: CheckSpec): Promise<CheckReport>;
  finished(report: CheckReport): void;
};

/** One report per check, in the order given. Rejects when `run` does, once all that was started has ended. */
export async function runAll(schedule: Schedule): Promise<CheckReport[]> {
  const { checks, signal, finished } = schedule;
  const settled = new Map<CheckId, CheckReport>();
  const broken = impossible(checks);
  /** The critical pre check whose failure ended the round. */
  let endedBy: CheckId | null = null;

  function settle(report: CheckReport): void {
    settled.set(report.check, report);
    if (report.phase === 'pre' && report.critical && (report.outcome === 'failed' || report.outcome === 'did-not-run'))
      endedBy ??= report.check;
    finished(report);
  }

  /** Why this check is not to be started, as its report; null when it may be. */
  function withheld(check: CheckSpec): CheckReport | null {
    const report = unrun(check, Date.now());
    const skipped = (why: string): CheckReport => ({ ...report, outcome: 'skipped', reason: `skipped (${why})` });
    const fault = broken.get(check.id);
    if (fault !== undefined) return { ...report, outcome: 'did-not-run', reason: fault };
    if (signal.aborted) return skipped('the round was cancelled');
    const missed = check.needs.find((need) => settled.has(need) && settled.get(need)?.outcome !== 'passed');
    if (missed !== undefined) return skipped(`needs ${missed}`);
    if (endedBy !== null) return skipped(`needs ${endedBy}`);
    if (!hasWork(check, schedule.changed)) return skipped('nothing it covers has changed');
    return null;
  }

  /** Settles or starts what can be; answers whether anything came of it. */
  function advance(waiting: CheckSpec[], running: Set<Promise<void>>): boolean {
    let moved = false;
    for (const check of [...waiting]) {
      const report = withheld(check);
      const ready = check.needs.every((need) => settled.has(need)) && running.size < schedule.parallelism;
      if (report === null && !ready) continue;
      moved = true;
      waiting.splice(waiting.indexOf(check), 1);
      if (report !== null) {
        settle(report);
        continue;
      }
      const task: Promise<void> = schedule
        .run(check)
        .then(settle)
        .finally(() => running.delete(task));
      running.add(task);
    }
    return moved;
  }

  async function runPhase(waiting: CheckSpec[]): Promise<void> {
    const running = new Set<Promise<void>>();
    while (waiting.length > 0 || running.size > 0) {
      if (advance(waiting, running)) continue;
      if (running.size === 0) throw new Error(`no check can be started, yet ${waiting.map((check) => check.id).join(', ')} are waiting`);
      try {
        await Promise.race(running);
      } catch (error) {
        await Promise.allSettled(running);
        throw error;
      }
    }
  }

  await runPhase(checks.filter((check) => check.phase === 'pre'));
  await runPhase(checks.filter((check) => check.phase === 'integration'));
  return checks.map((check) => settled.get(check.id) ?? { ...unrun(check, Date.now()), reason: 'not started' });
}
