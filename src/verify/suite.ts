/** The verification of one handoff as a round: tree, changes, checks, tree again, sealed evidence (PROTOCOL section 4). */
import { relative } from 'node:path';
import type { RunningSuite, SuiteListener, SuiteRequest, Verifier } from '../core/ports.ts';
import type { RoundReport } from '../core/report.ts';
import { keepDurations } from './durations.ts';
import { openElsewhere } from './elsewhere.ts';
import { BUNDLE_VERSION, openRound, sealRound, toolVersions, verifyBundle } from './evidence.ts';
import { judgeTouched } from './judge-files.ts';
import { type Remembered, remember } from './memory.ts';
import { openBase } from './on-base.ts';
import { runChecks, type Work } from './running.ts';
import { type Secret, secretsOf } from './secrets.ts';
import { counting, uncoveredFiles } from './select.ts';
import type { VerifierOptions } from './verifier-options.ts';

/** Holds nothing between rounds. Several rounds may run at once. */
export function createVerifier(options: VerifierOptions): Verifier {
  return {
    run(request: SuiteRequest, listener: SuiteListener): RunningSuite {
      const cancelling = new AbortController();
      return { done: runRound(options, request, listener, cancelling.signal), cancel: () => cancelling.abort() };
    },
  };
}

type Judged = { remembered: readonly Remembered[] } & {
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
    remembered: [],
  };
  let evidence: RoundReport['evidence'] = null;
  const finish = (): Omit<RoundReport, 'evidence'> => {
    const { remembered: _known, ...reported } = round;
    return {
      handoff: request.handoff,
      epoch: request.epoch,
      base: request.base,
      ...reported,
      cancelled: cancelled.aborted,
      startedAt,
      finishedAt: Date.now(),
    };
  };
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
    if (round.judged !== null && !round.voided && round.trouble === null && !cancelled.aborted)
      await remember(options.evidenceDir, round.judged, evidence.path, round.remembered);
  } catch (error) {
    round.trouble ??= `the evidence could not be kept: ${sentence(error)}`;
  }
  return { ...finish(), evidence };
}

/** Fills in the round as far as it gets; rejects with what stopped it. */
async function judge(round: Judged, directory: string, work: Work): Promise<void> {
  const { options, request, cancelled } = work;
  const { trees, ignore } = options;
  const { base, checks } = request;
  const cwd = options.cwdOf(request.instance);
  const root = await trees.judgedRoot(cwd, cancelled);
  const before = request.tree ?? (await trees.snapshot(cwd, cancelled));
  round.judged = before;
  round.changed = await trees.changes(base, before, cancelled);
  round.uncovered = uncoveredFiles(checks, round.changed, ignore);
  round.judgeTouched = await judgeTouched(round.changed, checks, options.configPath ?? 'coordtui.yaml', {
    trees,
    base,
    now: before,
    signal: cancelled,
  });

  const copied = options.in === 'snapshot' || request.tree !== undefined;
  const elsewhere = copied ? await openElsewhere(trees, { cwd, root, tree: before, signal: cancelled }) : null;
  const asked = options.asksBase === false ? null : base;
  const onBase = openBase(trees, { base: asked, changed: round.changed, cwd, root: elsewhere?.root ?? root, signal: cancelled });
  try {
    const ran = await runChecks({
      ...work,
      tree: before,
      changed: round.changed,
      directory,
      root: elsewhere?.root ?? root,
      home: root,
      onBase,
    });
    round.checks = ran.remembered.map(({ report }) => report);
    round.trouble ??= ran.trouble;
    round.remembered = ran.remembered;
  } finally {
    await Promise.all([onBase.close(), elsewhere?.dispose()]);
  }
  if (cancelled.aborted) return;
  // What a check does to its own copy of the tree changes nothing that was judged.
  const after = elsewhere === null ? await trees.snapshot(cwd, cancelled) : before;
  round.judgedAfter = after;
  round.voided = after.tree !== before.tree && counting(await trees.changes(before, after, cancelled), ignore).length > 0;
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
  const { artifacts, territory } = request;
  const told = { ...(artifacts === undefined ? {} : { artifacts }), ...(territory === undefined ? {} : { territory }) };
  const platform = `${process.platform} ${process.arch}`;
  const sha256 = await sealRound(
    directory,
    { ...report, ...told, version: BUNDLE_VERSION, instance: request.instance, specs: request.checks, checks, tools, platform },
    secrets,
  );
  return { path: relative(options.root, directory), sha256 };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
