/** One check as a real process group: started, watched, ended, judged (PROTOCOL section 4). */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { SuiteListener } from '../core/ports.ts';
import type { CheckReport, CheckSpec } from '../core/report.ts';
import { coverageOf, coverageVersion, readConfigured } from './left-behind.ts';
import { type LogFile, openLog } from './log-file.ts';
import { type Ending, judgeEnding } from './outcome.ts';
import { directoryInside, fileInside, versionOf } from './paths.ts';
import { endGroup, endMarked, groupEnds, MARK } from './process-group.ts';
import { drain, startPump } from './pump.ts';
import { fromTests, readReport } from './report-file.ts';
import { redactAll, type Secret } from './secrets.ts';
import { listenForTap } from './tap-output.ts';

export type CheckRun = {
  readonly spec: CheckSpec;
  /** The judged tree, a real path. */
  readonly root: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: readonly Secret[];
  /** Directory of the round; the log is `<check>.log` in it. */
  readonly directory: string;
  readonly listener: Pick<SuiteListener, 'started' | 'output'>;
  /** Aborted: the check is ended and did not run. */
  readonly signal: AbortSignal;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly logCapBytes?: number;
  /** Of the log in `directory`; `<check>.log` when absent. */
  readonly logName?: string;
  /** Gives way to everything else that wants the processor. */
  readonly gently?: boolean;
};

export type CheckRan = {
  readonly report: CheckReport;
  /** The disk refused the log: not the check's fault, and the end of the round. */
  readonly trouble: string | null;
};

/** stdout and stderr on one pipe keep their order; `exec` leaves one process, the user's command untouched as `$1`. */
const ONE_PIPE = 'exec /bin/sh -c "$1" 2>&1';
/** The same, at the lowest priority. */
const GENTLY = 'exec nice -n 19 /bin/sh -c "$1" 2>&1';
/** Helpers that see their parent end and end themselves are not "left behind". */
const SETTLE_MS = 150;
/** setTimeout fires at once for more. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Runs the command line of one check and answers what became of it. Rejects only when the listener throws, and
 * then nothing of the check is left running.
 */
export async function runCheck(run: CheckRun): Promise<CheckRan> {
  const { spec } = run;
  const startedAt = Date.now();
  const began = performance.now();
  const base = { ...unrun(spec, startedAt), log: null as string | null, logSha256: null as string | null };
  const didNot = (reason: string): CheckRan => ({
    report: { ...base, reason, durationMs: Math.round(performance.now() - began) },
    trouble: null,
  });

  const cwd = await directoryInside(run.root, spec.cwd);
  if ('refused' in cwd) return didNot(cwd.refused);
  const name = run.logName ?? `${spec.id}.log`;
  // Not to be guessed by a check that runs beside it.
  const scratch = join(run.directory, '.scratch', randomBytes(8).toString('hex'));
  const place = spec.report === null ? { path: join(scratch, 'report.json') } : await fileInside(run.root, spec.report);
  if ('refused' in place) return didNot(`report ${place.refused}`);
  if (run.signal.aborted) return didNot('cancelled');

  let log: LogFile;
  try {
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    log = await openLog(join(run.directory, name), run.logCapBytes);
  } catch (error) {
    return { ...didNot('its log could not be made'), trouble: `the log of ${spec.id} could not be made: ${(error as Error).message}` };
  }
  const before = await versionOf(place.path);
  const coverageBefore = await coverageVersion(run);
  const heard = listenForTap();
  let ran: Awaited<ReturnType<typeof runProcess>>;
  try {
    ran = await runProcess(run, cwd.path, place.path, {
      ...log,
      write: (bytes) => {
        heard.push(bytes);
        return log.write(bytes);
      },
    });
  } catch (error) {
    await log.close();
    throw error;
  }
  const found = spec.report === null ? await readReport(place.path) : await readConfigured(run.root, spec.report, before);
  const tap = found.kind === 'none' && spec.report === null ? heard.end() : null;
  const reading = tap === null ? found : fromTests(tap);
  const covered = await coverageOf(run, coverageBefore);
  const kept = await log.close();
  const trouble = kept.trouble === null ? null : `the log of ${spec.id} ${kept.trouble}`;
  const durationMs = Math.round(performance.now() - began);
  if ('failed' in ran) return { report: { ...base, reason: ran.failed, durationMs, log: name, logSha256: kept.sha256 }, trouble };
  const judged = judgeEnding(spec, ran, reading);
  const noReport = spec.report !== null && reading.kind === 'none' && judged.outcome === 'failed' ? [`no report at ${spec.report}`] : [];
  const notes = [...ran.notes, ...noReport, ...covered.notes];
  const report = reading.kind === 'report' ? redactAll(reading.report, run.secrets) : null;
  return {
    trouble,
    report: {
      ...base,
      outcome: judged.outcome,
      reason: redactAll([judged.reason, ...notes].join('; '), run.secrets),
      disagrees: judged.disagrees,
      exitCode: ran.exitCode,
      signal: ran.signal,
      durationMs,
      tests: report?.tests ?? null,
      violations: report?.violations ?? [],
      benchmarks: report?.benchmarks ?? [],
      ...(report?.provides === undefined ? {} : { provides: report.provides }),
      ...(report?.reuse === false ? { lasting: false } : {}),
      coveragePercent: covered.percent ?? report?.coveragePercent ?? null,
      log: name,
      logSha256: trouble === null ? kept.sha256 : null,
    },
  };
}

/** The report of a check that was never started; the outcome and reason are for the caller to say. */
export function unrun(spec: CheckSpec, at: number): CheckReport {
  return {
    check: spec.id,
    phase: spec.phase,
    layer: spec.layer,
    critical: spec.critical,
    command: spec.command,
    outcome: 'did-not-run',
    reason: 'not started',
    exitCode: null,
    signal: null,
    startedAt: at,
    durationMs: 0,
    tests: null,
    violations: [],
    benchmarks: [],
    coveragePercent: null,
    disagrees: false,
    flaky: false,
    log: null,
    logSha256: null,
  };
}

type Ran = Ending & { readonly notes: readonly string[] };

async function runProcess(run: CheckRun, cwd: string, reportPath: string, log: LogFile): Promise<Ran | { readonly failed: string }> {
  const { spec, listener } = run;
  const mark = randomBytes(16).toString('hex');
  const child = execa('/bin/sh', ['-c', run.gently === true ? GENTLY : ONE_PIPE, 'sh', spec.command], {
    cwd,
    env: { ...environment(run, reportPath), [MARK]: mark },
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
    buffer: false,
    encoding: 'buffer',
    detached: true,
    cleanup: false,
    reject: false,
  });
  const { pid } = child;
  if (pid === undefined) {
    const result = await child;
    return { failed: `could not be started: ${result.code ?? 'no reason given'}` };
  }
  try {
    listener.started(spec.id, pid);
    const pump = startPump(child.stdout, run.secrets, (chunk) => listener.output(spec.id, chunk), log);
    const ended = await waitForExit(child, pid, run);
    const stays = ended.stopped === null && !(await groupEnds(pid, SETTLE_MS));
    if (stays) await endGroup(pid, run.graceMs);
    const away = await endMarked(mark, ended.stopped === null ? SETTLE_MS : 0, run.graceMs);
    const left = stays || (away && ended.stopped === null);
    const escaped = await drain(pump);
    await child;
    const notes = [
      ...(left ? ['left processes behind, which were ended'] : []),
      ...(escaped ? ['a process outside its group still held its output'] : []),
    ];
    return { ...ended, notes };
  } catch (error) {
    await endGroup(pid, run.graceMs);
    await endMarked(mark, 0, run.graceMs);
    throw error;
  }
}

function environment(run: CheckRun, reportPath: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(run.env)) if (value !== undefined) env[name] = value;
  // A check speaks for nobody, and node warns when both colour variables are set.
  delete env.COORDTUI_INSTANCE;
  delete env.FORCE_COLOR;
  return {
    ...env,
    CI: '1',
    NO_COLOR: '1',
    COORDTUI_WORKSPACE: run.workspace,
    COORDTUI_CHECK: run.spec.id,
    COORDTUI_REPORT: reportPath,
  };
}

type Exiting = { once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown };

/** Resolves when the shell has exited and, if it had to be stopped, its whole group with it. */
async function waitForExit(child: Exiting, pid: number, run: CheckRun): Promise<Ending> {
  let stopped: Ending['stopped'] = null;
  let exited = false;
  let ending: Promise<void> = Promise.resolve();
  const stop = (why: 'cancelled' | 'timed-out'): void => {
    if (stopped !== null || exited) return;
    stopped = why;
    ending = endGroup(pid, run.graceMs);
  };
  const cancel = (): void => stop('cancelled');
  // A room that was put aside finds the time over and the check's end at once: the end is heard first.
  const timer = setTimeout(() => setImmediate(stop, 'timed-out'), Math.min(run.spec.timeoutMs, LONGEST_TIMER_MS));
  run.signal.addEventListener('abort', cancel);
  if (run.signal.aborted) cancel();
  const exit = await new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      exited = true;
      resolve({ exitCode, signal });
    });
  });
  clearTimeout(timer);
  run.signal.removeEventListener('abort', cancel);
  await ending;
  return { ...exit, stopped };
}
