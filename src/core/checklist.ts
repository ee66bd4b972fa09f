/**
 * P1's implementation checklist, fifteen lines, each decided by facts that were looked at and not by anybody's word
 * (PROTOCOL section 12). A line that no program can decide stands for a fact that can be.
 */
import { counted } from './counted.ts';
import type { InstanceId, Ms } from './ids.ts';
import { duration } from './time.ts';

export type SessionFacts = {
  readonly instance: InstanceId;
  readonly running: boolean;
  /** Which `coordtui` a program of this session finds; null: nobody could ask. */
  readonly finds: 'ours' | 'another' | 'none' | null;
  /** It has acknowledged, reported or written its status at least once. */
  readonly heard: boolean;
  /** The socket that its environment names is the room's. */
  readonly reaches: boolean | null;
};

export type Facts = {
  readonly room: { readonly lastLookMs: Ms; readonly intervalMs: Ms } | null;
  /** `program` null: its command does not begin with the name of one. */
  readonly checks: readonly {
    readonly id: string;
    readonly program: string | null;
    readonly found: boolean;
    readonly outcome: string | null;
  }[];
  /** Why the status file cannot be written or read; null: it can. */
  readonly statusTrouble: string | null;
  readonly pages: { readonly agents: boolean; readonly escalation: boolean };
  /** Handoffs behind the indicators; null: they could not be computed. */
  readonly decided: number | null;
  readonly sessions: readonly SessionFacts[];
  /** A sentence for each template that cannot be filled. */
  readonly templateTroubles: readonly string[];
  readonly rehearsals: Readonly<Record<string, { readonly passed: boolean; readonly agoMs: Ms; readonly version: string }>>;
  readonly benchmarks: { readonly recorded: number; readonly configured: number };
  readonly version: string;
};

export type Mark = 'ok' | 'warn' | 'fail';
export type Found = { readonly mark: Mark; readonly said: string; readonly repair: string | null };
export type Line = Found & { readonly id: string; readonly part: string; readonly title: string };

type Row = { readonly id: string; readonly title: string; readonly look: (facts: Facts) => Found };

const ok = (said: string): Found => ({ mark: 'ok', said, repair: null });
const warn = (said: string, repair: string): Found => ({ mark: 'warn', said, repair });
const fail = (said: string, repair: string): Found => ({ mark: 'fail', said, repair });

const START = 'start the room: coordtui serve';

const COORDINATOR: readonly Row[] = [
  {
    id: 'monitoring',
    title: 'monitoring deployed and running',
    look: ({ room }) => {
      if (room === null) return fail('no room runs here', START);
      const late = room.lastLookMs > 2 * room.intervalMs;
      const said = `it looked ${duration(room.lastLookMs)} ago and looks every ${duration(room.intervalMs)}`;
      return late ? fail(said, 'restart the room: coordtui stop, then coordtui serve') : ok(said);
    },
  },
  {
    id: 'checks',
    title: 'verification scripts accessible and tested',
    look: ({ checks }) => {
      if (checks.length === 0)
        return fail('no check is configured, so nothing can be approved by itself', 'write checks into coordtui.yaml, below verification');
      const lost = checks.filter(({ program, found }) => program !== null && !found);
      if (lost.length > 0)
        return fail(
          `not found: ${lost.map(({ id, program }) => `${program} (${id})`).join(', ')}`,
          'install what is missing, or put the command right in coordtui.yaml',
        );
      const untried = checks.filter(({ outcome }) => outcome === null || outcome === 'did-not-run');
      if (untried.length > 0) return warn(`never ran to an end: ${untried.map(({ id }) => id).join(', ')}`, 'run them: coordtui verify');
      return ok(checks.length === 1 ? '1 check, which ran to its end' : `${checks.length} checks, each ran to its end`);
    },
  },
  {
    id: 'status-file',
    title: 'status file write permissions',
    look: ({ statusTrouble, room }) =>
      statusTrouble === null
        ? ok('it can be written and read')
        : room === null && statusTrouble.startsWith('ENOENT')
          ? warn('it is not there yet: no room has run here', 'start the room: coordtui serve')
          : fail(statusTrouble, 'look at the rights on status/, and at status/README.md'),
  },
  {
    id: 'escalation-documented',
    title: 'emergency escalation documented',
    look: ({ pages }) =>
      pages.escalation
        ? ok('it stands on the agents’ page and in status/README.md')
        : fail('the page that tells it is missing', 'write it: coordtui init'),
  },
  {
    id: 'dashboard',
    title: 'performance monitoring',
    look: ({ decided }) => {
      if (decided === null) return fail('the indicators could not be computed', START);
      return ok(decided === 0 ? 'coordtui kpi works; nothing was decided yet' : `coordtui kpi works, over ${counted(decided, 'handoff')}`);
    },
  },
];

const INSTANCES: readonly Row[] = [
  {
    id: 'status-commands',
    title: 'status updates automated',
    look: ({ sessions }) =>
      inEach(
        sessions,
        'finds coordtui first',
        ({ finds }) => (finds === null ? null : finds === 'ours'),
        'keep the room’s folder first on PATH: the shell’s start file puts others before it',
      ),
  },
  {
    id: 'readiness',
    title: 'handoff readiness',
    look: ({ sessions }) =>
      inEach(
        sessions,
        'can say that it is ready',
        ({ finds, reaches }) => (finds === null || reaches === null ? null : finds !== 'none' && reaches),
        'restart the session: coordtui restart INSTANCE',
      ),
  },
  {
    id: 'assignments',
    title: 'work assignment listeners',
    look: ({ sessions }) =>
      inEach(sessions, 'reaches this room', ({ reaches }) => reaches, 'restart the session: coordtui restart INSTANCE'),
  },
  {
    id: 'understood',
    title: 'protocols understood',
    look: ({ pages, sessions }) => {
      if (!pages.agents) return fail('the agents’ page is missing', 'write it: coordtui init');
      const silent = sessions.filter(({ running, heard }) => running && !heard);
      if (silent.length === 0)
        return sessions.some(({ running }) => running)
          ? ok('every session has answered in the protocol’s words')
          : warn('no session runs', START);
      return warn(
        `never heard: ${silent.map(({ instance }) => instance).join(', ')}`,
        'let them read docs_dev/coordtui-for-agents.md and acknowledge a task',
      );
    },
  },
  {
    id: 'templates',
    title: 'documentation templates',
    look: ({ templateTroubles }) =>
      templateTroubles.length === 0
        ? ok('every template can be filled')
        : fail(templateTroubles.join('; '), 'put the override in .coordtui/templates right, or remove it'),
  },
];

const SYSTEM: readonly Row[] = [
  { id: 'end-to-end', title: 'end-to-end handoff test', look: (facts) => rehearsed(facts, ['first-handoff']) },
  { id: 'failures', title: 'failure scenarios tested', look: (facts) => rehearsed(facts, ['crash', 'stale', 'emergency']) },
  {
    id: 'benchmarks',
    title: 'performance benchmarks established',
    look: ({ benchmarks }) => {
      if (benchmarks.recorded > 0) return ok(`the base line is the last approved run's, with ${counted(benchmarks.recorded, 'figure')}`);
      return benchmarks.configured > 0
        ? warn('figures are configured and none was recorded yet', 'they are recorded by the first approved round')
        : warn('no check reports a figure', 'let a check write `benchmarks` into its report');
    },
  },
  { id: 'escalation', title: 'user escalation validated', look: (facts) => rehearsed(facts, ['escalation']) },
  { id: 'debugging', title: 'cross-instance debugging tested', look: (facts) => rehearsed(facts, ['debugging']) },
];

/** The fifteen lines in P1's order. */
export function checklist(facts: Facts): Line[] {
  const parts: readonly (readonly [part: string, rows: readonly Row[]])[] = [
    ['Instance 3', COORDINATOR],
    ['Instances 1 and 2', INSTANCES],
    ['The system', SYSTEM],
  ];
  return parts.flatMap(([part, rows]) => rows.map(({ id, title, look }) => ({ id, part, title, ...look(facts) })));
}

function inEach(sessions: readonly SessionFacts[], what: string, holds: (session: SessionFacts) => boolean | null, repair: string): Found {
  const running = sessions.filter((session) => session.running);
  if (running.length === 0) return warn('no session runs, so none could be asked', START);
  const bad = running.filter((session) => holds(session) === false);
  if (bad.length > 0) return fail(`not so in ${bad.map(({ instance }) => instance).join(', ')}: a session ${what}`, repair);
  const unknown = running.filter((session) => holds(session) === null);
  if (unknown.length > 0)
    return warn(
      `could not be asked: ${unknown.map(({ instance }) => instance).join(', ')}`,
      'look again once the agent has started something',
    );
  return ok(`each of ${counted(running.length, 'session')} ${what}`);
}

const OLD_MS: Ms = 30 * 86_400_000;

function rehearsed({ rehearsals, version }: Facts, names: readonly string[]): Found {
  const how = names.map((name) => `coordtui rehearse ${name}`).join(', ');
  const failed = names.filter((name) => rehearsals[name]?.passed === false);
  if (failed.length > 0) return fail(`the rehearsal ${failed.join(', ')} failed`, `look why: coordtui rehearse ${failed[0]} --keep`);
  const never = names.filter((name) => rehearsals[name] === undefined);
  if (never.length > 0) return fail(`never rehearsed: ${never.join(', ')}`, how);
  const old = names.filter((name) => (rehearsals[name]?.agoMs ?? 0) > OLD_MS || rehearsals[name]?.version !== version);
  if (old.length > 0) return warn(`rehearsed long ago, or with another version: ${old.join(', ')}`, how);
  return ok(`rehearsed: ${names.map((name) => `${name} ${duration(rehearsals[name]?.agoMs ?? 0)} ago`).join(', ')}`);
}

const SIGNS: Readonly<Record<Mark, string>> = { ok: '✓', warn: '!', fail: '✗' };

export function checklistText(lines: readonly Line[]): string[] {
  const text: string[] = [];
  let part = '';
  for (const line of lines) {
    if (line.part !== part) text.push(...(part === '' ? [] : ['']), line.part);
    part = line.part;
    text.push(`  ${SIGNS[line.mark]} ${line.title}: ${line.said}`);
    if (line.repair !== null) text.push(`      ${line.repair}`);
  }
  return text;
}
