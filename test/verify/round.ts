/** A verifier over a real project, and everything it said. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckId, HandoffId, InstanceId } from '../../src/core/ids.ts';
import type { RunningSuite, SuiteListener } from '../../src/core/ports.ts';
import type { CheckReport, CheckSpec, RoundReport, TreeRef } from '../../src/core/report.ts';
import { openTrees, type Trees } from '../../src/git/trees.ts';
import { createVerifier } from '../../src/verify/suite.ts';
import type { VerifierOptions } from '../../src/verify/verifier-options.ts';
import type { Project } from '../git/project.ts';

export function check(id: string, command: string, more: Partial<Omit<CheckSpec, 'needs'>> & { needs?: string[] } = {}): CheckSpec {
  return {
    phase: 'integration',
    layer: 'component',
    cwd: '.',
    timeoutMs: 60_000,
    critical: true,
    when: [],
    notRunExitCodes: [],
    report: null,
    ...more,
    id: id as CheckId,
    command,
    needs: (more.needs ?? []) as CheckId[],
  };
}

export type Rounds = {
  readonly trees: Trees;
  readonly evidenceDir: string;
  /** Text that the listener got, by check. */
  readonly shown: Map<string, string>;
  readonly pids: Map<string, number>;
  readonly finished: CheckReport[];
  start(checks: readonly CheckSpec[], base?: TreeRef | null, epoch?: number): RunningSuite;
  run(checks: readonly CheckSpec[], base?: TreeRef | null): Promise<RoundReport>;
  /** One check alone. */
  outcome(command: string, more?: Parameters<typeof check>[2]): Promise<CheckReport>;
  log(report: RoundReport, id: string): string;
};

export function openRounds(project: Project, more: Partial<VerifierOptions> = {}): Rounds {
  const trees = openTrees({ root: project.root, privateDir: project.privateDir });
  const evidenceDir = join(project.root, 'status', '.coordtui', 'evidence');
  const options: VerifierOptions = {
    root: project.root,
    cwdOf: () => project.root,
    trees,
    evidenceDir,
    parallelism: 2,
    ignore: [],
    graceMs: 300,
    ...more,
  };
  const verifier = createVerifier(options);
  const shown = new Map<string, string>();
  const pids = new Map<string, number>();
  const finished: CheckReport[] = [];
  const listener: SuiteListener = {
    started: (id, pid) => void pids.set(id, pid),
    output: (id, bytes) => void shown.set(id, (shown.get(id) ?? '') + Buffer.from(bytes).toString('latin1')),
    finished: (report) => void finished.push(report),
  };
  const start: Rounds['start'] = (checks, base = null, epoch = 1) =>
    verifier.run({ handoff: 'h-0001' as HandoffId, epoch, instance: 'instance-1' as InstanceId, base, checks }, listener);
  const run: Rounds['run'] = (checks, base = null) => start(checks, base).done;
  return {
    trees,
    evidenceDir,
    shown,
    pids,
    finished,
    start,
    run,
    async outcome(command, checkMore) {
      const report = await run([check('one', command, checkMore)]);
      const only = report.checks[0];
      if (only === undefined || report.trouble !== null) throw new Error(`the round had trouble: ${report.trouble}`);
      return only;
    },
    log: (report, id) => readFileSync(join(project.root, report.evidence?.path ?? 'none', `${id}.log`), 'latin1'),
  };
}

/** Whether this process runs; one that only waits to be reaped does not. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}
