/** The checks of one round, run: each in its process group, on the base as well when it failed, or not at all when its result is known. */
import { join } from 'node:path';
import type { SuiteListener, SuiteRequest } from '../core/ports.ts';
import type { ChangedFile, CheckReport, CheckSpec, TreeRef } from '../core/report.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { fingerprint, neverAgain, type Remembered, readMemory, surroundings } from './memory.ts';
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
function about({ instance, base, artifacts, territory }: SuiteRequest, home: string): Record<string, string> {
  return {
    // Its copies in a project find the program that runs them.
    COORDTUI_BIN: join(packageRoot(), 'bin/coordtui.js'),
    COORDTUI_NODE: process.execPath,
    COORDTUI_JUDGED_INSTANCE: instance,
    ...(base?.commit == null ? {} : { COORDTUI_BASE: base.commit }),
    ...(artifacts === undefined || artifacts.length === 0 ? {} : { COORDTUI_DECLARED: listed(artifacts.map((path) => below(home, path))) }),
    ...(territory === undefined || territory.length === 0 ? {} : { COORDTUI_TERRITORY: listed(territory) }),
  };
}

/** Less than what one variable may hold. */
const MAX_LISTED_BYTES = 64 * 1024;

/** One a line. What no line can hold, or no variable, becomes a file that is not there: it must not pass for found. */
function listed(paths: readonly string[]): string {
  const lines = paths.map((path) => path.replace(/[\u0000-\u001f\u007f]/g, '\uFFFD'));
  const fitting: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > MAX_LISTED_BYTES) return [...fitting, `(${lines.length - fitting.length} more than can be listed)`].join('\n');
    fitting.push(line);
  }
  return fitting.join('\n');
}

/** An absolute path into the tree means the file in it, also in a copy. */
function below(home: string, path: string): string {
  return path.startsWith(`${home}/`) ? path.slice(home.length + 1) : path;
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
      env: { ...env, ...about(request, running.home) },
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
    const never = around === null ? null : neverAgain(spec);
    if (around !== null && never === null) {
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
    const why = never ?? (around !== null && ran.report.lasting === false ? 'it has looked at more than the tree' : null);
    const report = why === null ? ran.report : { ...ran.report, reason: `${ran.report.reason}; no result of it is used again (${why})` };
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
