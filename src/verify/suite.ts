/** The verification of one handoff as a round: tree, changes, checks, tree again, sealed evidence (PROTOCOL section 4). */
import { relative } from 'node:path';
import type { InstanceId } from '../core/ids.ts';
import type { RunningSuite, SuiteListener, SuiteRequest, Verifier } from '../core/ports.ts';
import type { CheckReport, CheckSpec, RoundReport } from '../core/report.ts';
import type { Trees } from '../git/trees.ts';
import { keepDurations } from './durations.ts';
import { openElsewhere } from './elsewhere.ts';
import { BUNDLE_VERSION, openRound, sealRound, toolVersions, verifyBundle } from './evidence.ts';
import { judgeTouched } from './judge-files.ts';
import { type OnBase, openBase } from './on-base.ts';
import { type CheckRun, runCheck } from './run-check.ts';
import { runAll } from './schedule.ts';
import { type Secret, secretsOf } from './secrets.ts';
import { counting, uncoveredFiles } from './select.ts';

export type VerifierOptions = {
  /** The workspace. */
  readonly root: string;
  /** Where an instance works; checks run in the tree that is judged for it. */
  readonly cwdOf: (instance: InstanceId) => string;
  readonly trees: Trees;
  /** The room's own directory for evidence; made on demand. */
  readonly evidenceDir: string;
  /** Checks at the same time, at least one. */
  readonly parallelism: number;
  /** `verification.ignore`: globs of files whose change neither voids a round nor needs a check. */
  readonly ignore: readonly string[];
  /** What checks inherit; the process's own environment when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Below the workspace; `coordtui.yaml` when absent. */
  readonly configPath?: string;
  /** Between SIGTERM and SIGKILL for a check that is ended; 5 s when absent. */
  readonly graceMs?: number;
  /** What is kept of one check's output; 64 MiB when absent. */
  readonly logCapBytes?: number;
  /** `snapshot`: the checks run in a directory of exactly the judged tree, which nothing else changes; `place` when absent. */
  readonly in?: 'place' | 'snapshot';
  /** Whether a check that failed is run again on the base; it is when absent. */
  readonly asksBase?: boolean;
  /** The checks give way to everything else that wants the processor. */
  readonly gently?: boolean;
};

const GRACE_MS = 5_000;

/** Holds nothing between rounds. Several rounds may run at once. */
export function createVerifier(options: VerifierOptions): Verifier {
  return {
    run(request: SuiteRequest, listener: SuiteListener): RunningSuite {
      const cancelling = new AbortController();
      return { done: runRound(options, request, listener, cancelling.signal), cancel: () => cancelling.abort() };
    },
  };
}

type Judged = {
  -readonly [Key in
    | 'judged'
    | 'judgedAfter'
    | 'voided'
    | 'changed'
    | 'judgeTouched'
    | 'uncovered'
    | 'checks'
    | 'trouble']: RoundReport[Key];
};

/** Never rejects: what keeps the suite from working is the report's `trouble`. */
async function runRound(
  options: VerifierOptions,
  request: SuiteRequest,
  listener: SuiteListener,
  cancelled: AbortSignal,
): Promise<RoundReport> {
  const startedAt = Date.now();
  const secrets = secretsOf(options.env ?? process.env);
  const round: Judged = {
    judged: null,
    judgedAfter: null,
    voided: false,
    changed: [],
    judgeTouched: [],
    uncovered: [],
    checks: [],
    trouble: null,
  };
  let evidence: RoundReport['evidence'] = null;
  const finish = (): Omit<RoundReport, 'evidence'> => ({
    handoff: request.handoff,
    epoch: request.epoch,
    base: request.base,
    ...round,
    cancelled: cancelled.aborted,
    startedAt,
    finishedAt: Date.now(),
  });
  try {
    const directory = await openRound(options.evidenceDir, request.handoff, request.epoch, startedAt);
    try {
      await judge(round, directory, { options, request, listener, secrets, cancelled });
    } catch (error) {
      // Being cancelled makes git and others fail; that is no trouble.
      if (!cancelled.aborted) round.trouble = sentence(error);
    }
    evidence = await seal(directory, options, request, finish(), secrets);
    // A check knows where its report lies, hence where the logs are: what it did to them must not pass for evidence.
    const differences = await verifyBundle(directory, evidence.sha256);
    if (differences.length > 0) round.trouble ??= `the evidence was touched while it was made: ${differences.slice(0, 3).join('; ')}`;
    await keepDurations(options.evidenceDir, round.checks);
  } catch (error) {
    round.trouble ??= `the evidence could not be kept: ${sentence(error)}`;
  }
  return { ...finish(), evidence };
}

type Work = {
  readonly options: VerifierOptions;
  readonly request: SuiteRequest;
  readonly listener: SuiteListener;
  readonly secrets: readonly Secret[];
  readonly cancelled: AbortSignal;
};

/** Fills in the round as far as it gets; rejects with what stopped it. */
async function judge(round: Judged, directory: string, work: Work): Promise<void> {
  const { options, request, cancelled } = work;
  const { trees, ignore } = options;
  const { base, checks } = request;
  const cwd = options.cwdOf(request.instance);
  const root = await trees.judgedRoot(cwd, cancelled);
  const before = await trees.snapshot(cwd, cancelled);
  round.judged = before;
  round.changed = await trees.changes(base, before, cancelled);
  round.uncovered = uncoveredFiles(checks, round.changed, ignore);
  round.judgeTouched = await judgeTouched(round.changed, checks, options.configPath ?? 'coordtui.yaml', {
    trees,
    base,
    now: before,
    signal: cancelled,
  });

  const elsewhere = options.in === 'snapshot' ? await openElsewhere(trees, { cwd, root, tree: before, signal: cancelled }) : null;
  const asked = options.asksBase === false ? null : base;
  const onBase = openBase(trees, { base: asked, changed: round.changed, cwd, root: elsewhere?.root ?? root, signal: cancelled });
  try {
    round.checks = await runChecks(round, { ...work, directory, root: elsewhere?.root ?? root, onBase });
  } finally {
    await Promise.all([onBase.close(), elsewhere?.dispose()]);
  }
  if (cancelled.aborted) return;
  // What a check does to its own copy of the tree changes nothing that was judged.
  const after = elsewhere === null ? await trees.snapshot(cwd, cancelled) : before;
  round.judgedAfter = after;
  round.voided = after.tree !== before.tree && counting(await trees.changes(before, after, cancelled), ignore).length > 0;
}

type Running = Work & { readonly directory: string; readonly root: string; readonly onBase: OnBase };

async function runChecks(round: Judged, running: Running): Promise<CheckReport[]> {
  const { options, request, listener, secrets, cancelled, directory, root, onBase } = running;
  // A log that cannot be written ends the round as well, but is not the operator's doing.
  const stop = new AbortController();
  const signal = AbortSignal.any([cancelled, stop.signal]);
  const run = async (spec: CheckSpec): Promise<CheckReport> => {
    const given: CheckRun = {
      spec,
      root,
      workspace: options.root,
      env: options.env ?? process.env,
      secrets,
      directory,
      listener,
      signal,
      graceMs: options.graceMs ?? GRACE_MS,
      gently: options.gently ?? false,
      ...(options.logCapBytes === undefined ? {} : { logCapBytes: options.logCapBytes }),
    };
    const ran = await runCheck(given)
      .then(async (first) => (first.trouble === null ? onBase.settle(spec, first.report, given) : first))
      .catch((error: unknown) => {
        stop.abort(); // the others must not go on without a round
        throw error;
      });
    if (ran.trouble !== null) {
      round.trouble ??= ran.trouble;
      stop.abort();
    }
    return ran.report;
  };
  return runAll({
    checks: request.checks,
    changed: round.changed,
    parallelism: Math.max(1, options.parallelism),
    signal,
    run,
    finished: (report) => listener.finished(report),
  });
}

async function seal(
  directory: string,
  options: VerifierOptions,
  request: SuiteRequest,
  report: Omit<RoundReport, 'evidence'>,
  secrets: readonly Secret[],
): Promise<NonNullable<RoundReport['evidence']>> {
  const specs = new Map(request.checks.map((check) => [check.id, check]));
  const checks = report.checks.map((check) => ({
    ...check,
    cwd: specs.get(check.check)?.cwd ?? '.',
    timeoutMs: specs.get(check.check)?.timeoutMs ?? 0,
  }));
  const tools = await toolVersions();
  const platform = `${process.platform} ${process.arch}`;
  const sha256 = await sealRound(
    directory,
    { ...report, version: BUNDLE_VERSION, instance: request.instance, checks, tools, platform },
    secrets,
  );
  return { path: relative(options.root, directory), sha256 };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
