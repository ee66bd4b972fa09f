/** The checks of one round, run: each in its process group, on the base as well when it failed, or not at all when its result is known. */
import { join } from 'node:path';
import type { SuiteListener, SuiteRequest } from '../core/ports.ts';
import type { ChangedFile, CheckReport, CheckSpec, TreeRef } from '../core/report.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { fingerprint, type Remembered, readMemory, surroundings } from './memory.ts';
import type { OnBase } from './on-base.ts';
import { type CheckRun, runCheck } from './run-check.ts';
import { runAll } from './schedule.ts';
import type { Secret } from './secrets.ts';
import type { VerifierOptions } from './verifier-options.ts';

const GRACE_MS = 5_000;

export type Work = {
  readonly options: VerifierOptions;
  readonly request: SuiteRequest;
  readonly listener: SuiteListener;
  readonly secrets: readonly Secret[];
  readonly cancelled: AbortSignal;
};

export type Running = Work & {
  readonly tree: TreeRef;
  readonly changed: readonly ChangedFile[];
  /** Of the round's evidence. */
  readonly directory: string;
  /** Where the checks run. */
  readonly root: string;
  /** Where the judged tree stands; the same unless a copy of it is judged. */
  readonly home: string;
  readonly onBase: OnBase;
};

/** What a check may want to know of the work that it judges. */
function about({ instance, base }: SuiteRequest): Record<string, string> {
  // Its copies in a project find the program that runs them.
  const program = join(packageRoot(), 'bin/coordtui.js');
  return { COORDTUI_BIN: program, COORDTUI_JUDGED_INSTANCE: instance, ...(base?.commit == null ? {} : { COORDTUI_BASE: base.commit }) };
}

type Ran = { readonly report: CheckReport; readonly trouble: string | null };

/** One report per check, in the order of the request. Rejects only when the listener throws; then nothing is left running. */
export async function runChecks(
  running: Running,
): Promise<{ readonly remembered: readonly Remembered[]; readonly trouble: string | null }> {
  const { options, request, listener, secrets, cancelled, directory, root, tree } = running;
  const env = options.env ?? process.env;
  const memory = await readMemory(options.evidenceDir);
  const around = options.reuse === true ? await surroundings(env, running.home) : null;
  const prints = new Map<string, string>();
  let trouble: string | null = null;
  // A log that cannot be written ends the round as well, but is not the operator's doing.
  const stop = new AbortController();
  const signal = AbortSignal.any([cancelled, stop.signal]);

  const really = async (spec: CheckSpec): Promise<Ran> => {
    const given: CheckRun = {
      spec,
      root,
      workspace: options.root,
      env: { ...env, ...about(request) },
      secrets,
      directory,
      listener,
      signal,
      graceMs: options.graceMs ?? GRACE_MS,
      gently: options.gently ?? false,
      ...(options.logCapBytes === undefined ? {} : { logCapBytes: options.logCapBytes }),
    };
    const first = await runCheck(given);
    return first.trouble === null ? running.onBase.settle(spec, first.report, given) : first;
  };

  const run = async (spec: CheckSpec): Promise<CheckReport> => {
    if (around !== null) {
      const print = await fingerprint(spec, tree, around, env.PATH ?? '');
      prints.set(spec.id, print);
      const known = request.fresh === true ? null : memory.reusable(print);
      if (known !== null) return { ...known, check: spec.id, phase: spec.phase, layer: spec.layer, critical: spec.critical };
    }
    const ran = await really(spec).catch((error: unknown) => {
      stop.abort(); // the others must not go on without a round
      throw error;
    });
    if (ran.trouble !== null) {
      trouble ??= ran.trouble;
      stop.abort();
    }
    const { report } = ran;
    // The base is the judged tree itself, and there it passes.
    const wavers = report.onBase?.outcome === 'passed' && request.base?.tree === tree.tree;
    return wavers || memory.isFlaky(spec, tree, report) ? { ...report, flaky: true } : report;
  };

  const reports = await runAll({
    checks: request.checks,
    changed: running.changed,
    parallelism: Math.max(1, options.parallelism),
    signal,
    run,
    finished: (report) => listener.finished(report),
  });
  const specs = new Map(request.checks.map((spec) => [spec.id, spec]));
  const remembered = reports.flatMap((report): Remembered[] => {
    const spec = specs.get(report.check);
    return spec === undefined ? [] : [{ spec, report, fingerprint: prints.get(report.check) ?? null }];
  });
  return { remembered, trouble };
}
