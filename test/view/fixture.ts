/** A shop that is being built: what a control room looks like in the middle of its work. */

import type { CheckId } from '../../src/core/ids.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { CheckReport } from '../../src/core/report.ts';
import type { Handoff, State } from '../../src/core/state.ts';
import { onModel } from '../../src/view/intent.ts';
import { type LiveCheck, type Model, panesOf } from '../../src/view/model.ts';
import type { Reading } from '../../src/view/reading.ts';
import { initialUi, type Size, type Ui } from '../../src/view/ui-state.ts';
import {
  aRound,
  BACKEND,
  CONFIG,
  COORDINATOR,
  FRONTEND,
  handoff,
  hid,
  minutesAgo,
  NOW,
  question,
  session,
  state,
} from '../core/state-fixture.ts';

export { BACKEND, FRONTEND, NOW };
export const cid = (text: string): CheckId => text as CheckId;

export const SIZES = {
  small: { cols: 80, rows: 24 },
  sketch: { cols: 118, rows: 40 },
  wide: { cols: 204, rows: 51 },
  wall: { cols: 400, rows: 120 },
} as const satisfies Record<string, Size>;

const report = (
  check: string,
  outcome: CheckReport['outcome'],
  reason: string,
  durationMs: number,
): Pick<CheckReport, 'check' | 'outcome' | 'reason' | 'durationMs' | 'tests'> => ({
  check: cid(check),
  outcome,
  reason,
  durationMs,
  tests: check === 'unit' ? { total: 214, passed: 214, failed: 0, skipped: 0 } : null,
});

export const CHECKED = [
  report('database-schema', 'passed', 'exit 0', 3200),
  report('api-contract', 'passed', 'exit 0', 1100),
  report('unit', 'passed', 'exit 0', 8400),
  report('e2e', 'skipped', 'skipped (needs unit)', 0),
];

const CHANGED = [
  { path: 'src/api/orders.ts', status: 'added', added: 84, removed: 0 },
  { path: 'migrations/0004-orders.sql', status: 'added', added: 22, removed: 0 },
  { path: 'test/orders.test.ts', status: 'modified', added: 14, removed: 31 },
] as const;

export const reading = (change: Partial<Reading> = {}): Reading => ({
  back: false,
  selecting: null,
  finding: null,
  found: null,
  ...change,
});

export function asking(change: Partial<Handoff> = {}): Handoff {
  return handoff({
    id: hid('h-3f2a'),
    task: 'Customers can order: a table for orders, the routes, and the calls for the front end',
    priority: 'high',
    phase: 'VERIFICATION',
    epoch: 2,
    rounds: [
      aRound({
        epoch: 2,
        finishedAt: minutesAgo(1),
        end: 'judged',
        checks: CHECKED,
        changed: CHANGED,
        evidence: { path: 'status/.coordtui/evidence/h-3f2a/2-1795000000000', sha256: 'f'.repeat(64) },
        verdict: { kind: 'escalate', row: 10, reasons: [{ row: 10, rule: 'judge-touched', file: 'test/orders.test.ts' }] },
      }),
    ],
    question: question({
      epoch: 2,
      context:
        '"Customers can order: a table for orders, the routes, and the calls for the front end" by instance-1-planning-backend: the change touches what it is judged by, test/orders.test.ts (and 1 more)',
      reasons: [
        { row: 10, rule: 'judge-touched', file: 'test/orders.test.ts' },
        { row: 11, rule: 'not-covered', file: 'migrations/0004-orders.sql' },
      ],
      evidence: 'status/.coordtui/evidence/h-3f2a/2-1795000000000',
      diff: CHANGED,
      options: [
        { key: 'approve', label: 'approve', consequence: 'the work goes on to its target' },
        { key: 'deny', label: 'deny', consequence: 'the instance gets a failure document and fixes the work' },
        { key: 'again', label: 'run the checks again', consequence: 'a new round, a new epoch; nothing is decided yet' },
        { key: 'answer', label: 'answer', consequence: 'your text is delivered to the instance; the verdict is taken up again' },
      ],
      recommendation: { key: 'deny', why: 'the work changed what it is judged by; approve only if you wanted exactly that change' },
    }),
    ...change,
  });
}

const WORKING = handoff({
  id: hid('h-91c0'),
  from: FRONTEND,
  to: BACKEND,
  task: 'the order form, with prices',
  phase: 'ACTIVE',
  phaseSince: minutesAgo(8),
});
const DONE = handoff({
  id: hid('h-77de'),
  task: 'the catalogue',
  phase: 'HANDOFF_COMPLETE',
  closedAt: minutesAgo(31),
  phaseSince: minutesAgo(31),
});

const config: State['coordinator']['config'] = {
  ...CONFIG,
  policy: DEFAULT_POLICY,
  instances: CONFIG.instances.map((instance, index) => ({ ...instance, agent: ['claude', 'codex', 'shell'][index] ?? 'shell' })),
};

const INSTANCES: State['coordinator']['instances'] = {
  [BACKEND]: session(),
  [FRONTEND]: session({ role: 'frontend' }),
  [COORDINATOR]: session({ role: 'coordinator', session: 'none', pid: null }),
};

export function shop(handoffs: readonly Handoff[], change: Partial<Model> = {}): Model {
  return {
    state: state(handoffs, { config, instances: INSTANCES }),
    panes: {
      [BACKEND]: { title: 'claude', running: true, unread: false, exit: null },
      [FRONTEND]: { title: 'codex', running: true, unread: true, exit: null },
    },
    live: null,
    cycle: { nextAt: NOW + 12_000 },
    ahead: {},
    role: 'holder',
    clients: 1,
    trouble: null,
    hint: null,
    workspaceName: 'shop',
    colours: '16',
    reading: {},
    ...change,
  };
}

export const waiting = (): Model => shop([asking(), WORKING, DONE]);

const live = (check: string, change: Partial<LiveCheck>): LiveCheck => ({
  check: cid(check),
  state: 'waiting',
  outcome: null,
  reason: null,
  tests: null,
  startedAt: null,
  durationMs: null,
  lastMs: null,
  ...change,
});

export function verifying(): Model {
  const running = asking({ question: null, rounds: [aRound({ epoch: 2, startedAt: minutesAgo(0.1) })] });
  return shop([running, WORKING, DONE], {
    live: {
      handoff: running.id,
      epoch: 2,
      startedAt: minutesAgo(0.1),
      checks: [
        live('database-schema', { state: 'done', outcome: 'passed', reason: 'exit 0', durationMs: 3200 }),
        live('api-contract', { state: 'done', outcome: 'failed', reason: 'exit 1', durationMs: 1100 }),
        live('unit', { state: 'running', startedAt: NOW - 4000, lastMs: 8400 }),
        live('e2e', {}),
      ],
    },
  });
}

export function quiet(): Model {
  const model = shop([]);
  return {
    ...model,
    state: {
      ...model.state,
      coordinator: {
        ...model.state.coordinator,
        instances: { ...model.state.coordinator.instances, [FRONTEND]: session({ session: 'none', pid: null }) },
      },
    },
  };
}

/** What a screen shows that has been attached for a while. */
export function uiFor(model: Model, size: Size, change: Partial<Ui> = {}): Ui {
  const [first] = panesOf(model);
  if (first === undefined) throw new Error('uiFor: no pane');
  return { ...onModel(model, { ...initialUi(size, first.id), ...change }, NOW - 60_000) };
}
