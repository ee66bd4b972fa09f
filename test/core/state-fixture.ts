/** A coordinator's state with the handoffs that a test puts into it, 10 minutes after it began. */
import type { Config } from '../../src/core/config.ts';
import type { HandoffId, InstanceId } from '../../src/core/ids.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { CoordinatorState, Handoff, InstanceState, Question, Round, State } from '../../src/core/state.ts';
import { freshDocument } from '../../src/core/status-document.ts';
import { isoTime } from '../../src/core/time.ts';
import type { JsonObject } from '../../src/core/tree.ts';

export const START = 1_795_000_000_000;
export const NOW = START + 600_000;
export const minutesAgo = (minutes: number): number => NOW - minutes * 60_000;

export const BACKEND = 'instance-1-planning-backend' as InstanceId;
export const FRONTEND = 'instance-2-frontend' as InstanceId;
export const COORDINATOR = 'instance-3-coordinator' as InstanceId;
export const hid = (text: string): HandoffId => text as HandoffId;

const instance = (id: InstanceId, role: string): Config['instances'][number] => ({
  id,
  role,
  agent: 'shell',
  command: ['sh'],
  cwd: '.',
  env: {},
  files: ['src/**'],
  restart: 'on-failure',
});

export const CONFIG: Config = {
  instances: [instance(BACKEND, 'backend'), instance(FRONTEND, 'frontend'), { ...instance(COORDINATOR, 'coordinator'), command: null }],
  autopilot: 'act',
  policy: DEFAULT_POLICY,
  verification: { parallelism: 2, in: 'place', reuse: false, ignore: [], checks: [], criteria: [] },
  ui: { leader: 'ctrl+]', scrollbackLines: 5000, mouse: true, keys: {}, clipboard: 'write', copyCommand: null, layout: 'columns' },
};

export function handoff(change: Partial<Handoff> = {}): Handoff {
  return {
    id: hid('h-3f2a'),
    epoch: 1,
    from: BACKEND,
    to: FRONTEND,
    verifier: COORDINATOR,
    task: 'add the orders table',
    type: null,
    priority: 'medium',
    phase: 'ACTIVE',
    phaseSince: minutesAgo(4),
    createdAt: START,
    closedAt: null,
    held: false,
    depends: [],
    required: [],
    base: null,
    readyAt: null,
    summary: null,
    artifacts: [],
    questions: [],
    denials: 0,
    voidRounds: 0,
    rounds: [],
    pending: null,
    question: null,
    answers: [],
    history: [],
    delegation: null,
    parent: null,
    document: null,
    ...change,
  };
}

export function aRound(change: Partial<Round> = {}): Round {
  return {
    epoch: 1,
    startedAt: minutesAgo(2),
    finishedAt: null,
    checks: [],
    changed: [],
    judged: null,
    evidence: null,
    verdict: null,
    end: null,
    ...change,
  };
}

export function question(change: Partial<Question> = {}): Question {
  return {
    id: 'q-1',
    epoch: 1,
    askedAt: minutesAgo(3),
    kind: 'verdict',
    context: 'the checks give no clear answer',
    reasons: [],
    evidence: null,
    diff: [],
    options: [],
    recommendation: { key: 'again', why: 'look again' },
    ...change,
  };
}

export function session(change: Partial<InstanceState> = {}): InstanceState {
  return {
    role: 'backend',
    session: 'running',
    pid: 1,
    since: START,
    exit: null,
    restarts: [],
    restartAt: null,
    base: null,
    lastReportAt: null,
    ...change,
  };
}

export function state(handoffs: readonly Handoff[], change: Partial<CoordinatorState> = {}, document?: JsonObject): State {
  return {
    document: document ?? freshDocument(CONFIG, { sessionId: 'session-shop', at: isoTime(START) }),
    coordinator: {
      sessionId: 'session-shop',
      config: CONFIG,
      startedAt: START,
      autopilot: { dial: 'act', paused: false, lastActionAt: null },
      instances: { [BACKEND]: session(), [FRONTEND]: session(), [COORDINATOR]: session({ session: 'none', pid: null }) },
      handoffs: Object.fromEntries(handoffs.map((one) => [one.id, one])),
      baseline: null,
      candidates: {},
      alerts: [],
      ...change,
    },
  };
}
