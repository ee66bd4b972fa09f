/**
 * The coordinator on a bench: the real store over a real directory, and twins of everything else that a test can hold,
 * look at, and let go.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Coordinator, createCoordinator } from '../../src/coordinator/coordinator.ts';
import type { Command } from '../../src/core/command.ts';
import type { Config } from '../../src/core/config.ts';
import type { Actor } from '../../src/core/event.ts';
import type { CheckId, HandoffId, InstanceId } from '../../src/core/ids.ts';
import { initialState } from '../../src/core/initial.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { Clock, Documents, PaneExit, Panes, Store, SuiteRequest, Verifier } from '../../src/core/ports.ts';
import type { Reply } from '../../src/core/reply.ts';
import type { CheckReport, CheckSpec, Outcome, RoundReport } from '../../src/core/report.ts';
import type { Handoff, State } from '../../src/core/state.ts';
import type { JsonObject } from '../../src/core/tree.ts';
import { type Opened, openStore } from '../../src/store/open.ts';
import type { JournalRecord } from '../../src/store/record.ts';
import { until } from '../support/until.ts';

export const ONE = 'instance-1' as InstanceId;
export const TWO = 'instance-2' as InstanceId;
const THREE = 'instance-3' as InstanceId;
export const OPERATOR: Actor = { kind: 'operator', terminal: true, name: 'ann' };
export const as = (instance: InstanceId): Actor => ({ kind: 'instance', instance });

export const UNIT: CheckSpec = {
  id: 'unit' as CheckId,
  phase: 'integration',
  layer: 'component',
  command: 'true',
  cwd: '.',
  timeoutMs: 60_000,
  critical: true,
  when: [],
  needs: [],
  notRunExitCodes: [],
  report: null,
};

const instance = (id: InstanceId, role: string, command: readonly string[] | null) => ({
  id,
  role,
  agent: 'command',
  command,
  cwd: '.',
  env: {},
  files: [],
  restart: 'on-failure' as const,
});

export const CONFIG: Config = {
  instances: [instance(ONE, 'backend', ['one']), instance(TWO, 'frontend', ['two']), instance(THREE, 'coordinator', null)],
  autopilot: 'act',
  policy: { ...DEFAULT_POLICY, undoMs: 0 },
  verification: { parallelism: 1, in: 'place', reuse: false, ignore: [], checks: [UNIT], criteria: [] },
  ui: { leader: 'ctrl+]', scrollbackLines: 100, mouse: true, keys: {}, clipboard: 'write', copyCommand: null, layout: 'columns' },
};

const LOCK_INFO = { pid: process.pid, host: 'here', bootId: null, since: 'now', socket: '/none', version: '0', protocol: 1 };
const BEGINNING = Date.UTC(2030, 0, 1);

/** Time that passes when the test says so. */
export type HandClock = Clock & { advance(ms: number): void; waiting(): number };

function handClock(): HandClock {
  let now = BEGINNING;
  let seed = 0;
  const calls = new Set<{ time: number; call: () => void }>();
  return {
    now: () => now,
    seed: () => (++seed).toString(16).padStart(32, '0'),
    at(time, call) {
      const entry = { time, call };
      calls.add(entry);
      return () => calls.delete(entry);
    },
    waiting: () => calls.size,
    advance(ms) {
      now += ms;
      for (const entry of [...calls]) {
        if (entry.time > now) continue;
        calls.delete(entry);
        entry.call();
      }
    },
  };
}

/** Programs that run until the test ends them. */
export type TwinPanes = Panes & { readonly running: Map<InstanceId, number>; exit(instance: InstanceId, exit: PaneExit): void };

function twinPanes(log: string[]): TwinPanes {
  const listeners = new Set<Parameters<Panes['onExit']>[0]>();
  const running = new Map<InstanceId, number>();
  let pid = 100;
  const exit: TwinPanes['exit'] = (id, how) => {
    const ended = running.get(id);
    running.delete(id);
    if (ended !== undefined) for (const listener of listeners) listener(id, ended, how);
  };
  return {
    running,
    exit,
    start(id) {
      if (running.has(id)) return { failed: `${id} runs already` };
      log.push(`start ${id}`);
      running.set(id, ++pid);
      return { pid };
    },
    async stop(id) {
      log.push(`stop ${id}`);
      exit(id, { exitCode: null, signal: 'SIGHUP' });
    },
    interrupt: (id) => void log.push(`interrupt ${id}`),
    onExit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Rounds that come home when the test says so, or cancelled. */
export type TwinVerifier = Verifier & {
  readonly under: SuiteRequest[];
  /** Cancelled runs take their time, until they are finished by hand. */
  lingering: boolean;
  finish(outcome: Outcome, more?: Partial<RoundReport>): void;
};

function twinVerifier(log: string[]): TwinVerifier {
  const under: SuiteRequest[] = [];
  const homes = new Map<SuiteRequest, (report: RoundReport) => void>();
  const home = (request: SuiteRequest, report: RoundReport) => {
    under.splice(under.indexOf(request), 1);
    log.push(`home ${report.cancelled ? 'cancelled' : 'finished'} ${request.epoch}`);
    homes.get(request)?.(report);
    homes.delete(request);
  };
  const twin: TwinVerifier = {
    under,
    lingering: false,
    finish(outcome, more = {}) {
      const request = under[0];
      if (request === undefined) throw new Error('no round is under way');
      home(request, { ...reportOf(request, [outcome]), ...more });
    },
    run(request) {
      log.push(`run ${request.epoch}`);
      under.push(request);
      const done = new Promise<RoundReport>((resolve) => homes.set(request, resolve));
      const cancel = () => {
        log.push(`cancel ${request.epoch}`);
        if (homes.has(request) && !twin.lingering) home(request, { ...reportOf(request, []), cancelled: true });
      };
      return { done, cancel };
    },
  };
  return twin;
}

function reportOf({ handoff, epoch, base }: SuiteRequest, outcomes: readonly Outcome[]): RoundReport {
  const tree = { commit: 'c', tree: `t${epoch}` };
  return {
    handoff,
    epoch,
    base,
    judged: tree,
    judgedAfter: tree,
    voided: false,
    cancelled: false,
    trouble: null,
    changed: [{ path: 'a.js', status: 'modified', added: 1, removed: 0 }],
    judgeTouched: [],
    uncovered: [],
    checks: outcomes.map((outcome) => checkReport(outcome)),
    startedAt: BEGINNING,
    finishedAt: BEGINNING,
    evidence: { path: `status/.coordtui/evidence/${handoff}/${epoch}`, sha256: 'e'.repeat(64) },
  };
}

/** A check as it comes home; `more` is what this one says beyond its outcome. */
export function checkReport(outcome: Outcome, more: Partial<CheckReport> = {}): CheckReport {
  const { id, phase, layer, critical, command } = UNIT;
  const exitCode = outcome === 'passed' ? 0 : 1;
  return {
    check: id,
    phase,
    layer,
    critical,
    command,
    outcome,
    reason: `exit ${exitCode}`,
    exitCode,
    signal: null,
    startedAt: BEGINNING,
    durationMs: 1,
    tests: null,
    violations: [],
    benchmarks: [],
    coveragePercent: null,
    disagrees: false,
    flaky: false,
    log: null,
    logSha256: null,
    ...more,
  };
}

/** What the wrapped store does before it hands on: fails n times as a full disk does, and says what it was asked. */
export type Disk = { fullAppends: number; fullProjects: number };

function onDisk(store: Store, disk: Disk, log: string[]): Store {
  const full = () => Object.assign(new Error('no space left on the device'), { code: 'full' });
  return {
    ...store,
    async append(...entries) {
      if (disk.fullAppends > 0) {
        disk.fullAppends--;
        throw full();
      }
      const seq = await store.append(...entries);
      log.push(`append ${entries.map(({ event }) => (event as { type?: string } | null)?.type).join(' + ')}`);
      return seq;
    },
    async project() {
      if (disk.fullProjects > 0) {
        disk.fullProjects--;
        throw full();
      }
      const before = store.seq();
      await store.project();
      log.push(`project ${before}`);
    },
  };
}

export type Hooks = { document?: (path: string, values: Readonly<Record<string, string | null>>) => void };

export type Bench = {
  readonly statusDir: string;
  readonly coordinator: Coordinator;
  readonly clock: HandClock;
  readonly panes: TwinPanes;
  readonly verifier: TwinVerifier;
  readonly disk: Disk;
  /** What the ports were asked to do, in this order. */
  readonly log: string[];
  /** `document`: called when one is to be written, while the loop waits for it. */
  readonly hooks: Hooks;
  command(by: Actor, command: Command): Promise<Reply>;
  /** Resolves when everything that was waiting has been dealt with, and what came of that. */
  quiet(): Promise<void>;
  handoffs(): Handoff[];
  file(): JsonObject;
  /** The journal as the store reads it back. */
  history(): AsyncIterable<JournalRecord>;
  close(): Promise<void>;
};

const NO_SUCH = { verb: 'cancel', handoff: 'h-0000' as HandoffId } satisfies Command;

/** Throws when the store does not open. Whoever opens a bench closes it. */
export async function openBench(statusDir: string, config: Config = CONFIG): Promise<Bench> {
  const opened = await reopen(statusDir, config);
  if (!opened.ok) throw new Error(opened.message);
  const log: string[] = [];
  const disk: Disk = { fullAppends: 0, fullProjects: 0 };
  const hooks: Hooks = {};
  const clock = handClock();
  const panes = twinPanes(log);
  const verifier = twinVerifier(log);
  const documents: Documents = {
    async write(path, _template, values) {
      log.push(`document ${path}`);
      hooks.document?.(path, values);
      return null;
    },
  };
  const last: JournalRecord[] = [];
  for await (const record of opened.store.history(opened.store.seq() - 1)) last.push(record);
  const coordinator = createCoordinator(opened.tree as unknown as State, {
    unfinished: last.filter((record) => record.kind !== 'snapshot'),
    store: onDisk(opened.store, disk, log),
    clock,
    panes,
    verifier,
    documents,
    tree: async () => ({ commit: 'c', tree: 't0' }),
    archived: async (id) => ((await opened.store.deleted(['coordinator', 'handoffs', id])) ?? null) as Handoff | null,
  });
  const unhear = panes.onExit((id, pid, exit) => coordinator.tell({ type: 'pane.exited', instance: id, pid, ...exit }));
  return {
    statusDir,
    coordinator,
    clock,
    panes,
    verifier,
    disk,
    log,
    hooks,
    command: coordinator.command,
    async quiet() {
      // Refused without a trace, once its turn has come; what an earlier turn set off has its turns behind it.
      for (let turn = 0; turn < 4; turn++) await coordinator.command(OPERATOR, NO_SUCH);
    },
    handoffs: () => Object.values(coordinator.state().coordinator.handoffs),
    history: () => opened.store.history(0),
    file: () => JSON.parse(readFileSync(statusFileOf(statusDir), 'utf8')) as JsonObject,
    async close() {
      await coordinator.close();
      unhear();
      await opened.store.close();
    },
  };
}

function reopen(statusDir: string, config: Config = CONFIG): Promise<Opened> {
  const initial = initialState(config, 'session', BEGINNING) as unknown as JsonObject;
  return openStore({ statusDir, initial, lockInfo: LOCK_INFO });
}

export function statusFileOf(statusDir: string): string {
  return join(statusDir, 'multi-instance-status.json');
}

/** What a room that starts on this directory would begin with, as a kill of this one would leave it now. */
export async function stateAfterKill(statusDir: string): Promise<unknown> {
  const copy = scratchDir();
  try {
    cpSync(statusDir, copy, { recursive: true });
    const opened = await reopen(copy);
    if (!opened.ok) throw new Error(opened.message);
    await opened.store.close();
    return opened.tree;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

export function scratchDir(): string {
  return mkdtempSync(join(tmpdir(), 'ct-coord-'));
}

export function started(bench: Bench, config: Config = CONFIG): Promise<void> {
  bench.coordinator.tell({ type: 'room.started', config, tree: { commit: 'c', tree: 't0' }, sessionId: 'session' });
  bench.coordinator.poke('start');
  return bench.quiet();
}

export const ASSIGN = {
  verb: 'assign',
  instance: ONE,
  task: 'add the orders table',
  type: null,
  priority: 'high',
  depends: [],
  required: [],
  next: null,
} satisfies Command;

export const READY = { verb: 'ready', instance: ONE, summary: 'done', artifacts: [], to: null, questions: [] } satisfies Command;

/** Until this line stands in the log at or behind `from`; answers where. */
export function logged(bench: Bench, line: string | RegExp, from = 0): Promise<number> {
  const matches = (text: string) => (typeof line === 'string' ? text === line : line.test(text));
  return until(`"${line}" in the log:\n${bench.log.join('\n')}`, () => {
    const at = bench.log.findIndex((text, index) => index >= from && matches(text));
    return at < 0 ? null : at + 1;
  }).then((at) => at - 1);
}
