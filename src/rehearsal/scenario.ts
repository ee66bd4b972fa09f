/** The rehearsals: who plays, what the operator does meanwhile, and what must have happened in the end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../core/tree.ts';
import type { Stage } from './stage.ts';
import { BACKEND, FRONTEND, type Limits, type Player, pair } from './stage-config.ts';

export type Scenario = {
  readonly name: string;
  readonly about: string;
  readonly players: readonly Player[];
  /** null: the operator begins otherwise. */
  readonly task: string | null;
  readonly limits?: Limits;
  readonly passedOn: boolean;
  /** What the operator does after he has assigned the work; resolves when the story is over. */
  play(stage: Stage): Promise<void>;
  /** What must be true then: the sentences that are not. */
  missing(handoffs: readonly JsonObject[], stage: Stage): string[];
};

const ORDERS = 'Customers can order: a table for orders, the routes, and the calls for the front end';

const FIVE: readonly (readonly [instance: string, priority: string])[] = [
  ['instance-1-planning-backend', 'low'],
  ['instance-2-frontend', 'medium'],
  ['instance-4-mobile', 'critical'],
  ['instance-5-gateway', 'high'],
  ['instance-6-reports', 'medium'],
];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'tour',
    about:
      'everything in one story: an agent dies and comes back, its work is denied and fixed, the operator is asked, the work is passed on',
    players: pair('backend.tour.json'),
    task: ORDERS,
    passedOn: true,
    async play(stage) {
      await stage.until('the operator is asked', (handoffs) => handoffs.some((handoff) => handoff.needsYou === true));
      await answerTheCard(stage, 'the report is welcome (a scripted answer)');
      await stage.until('both handoffs are complete', (handoffs) => handoffs.length === 2 && handoffs.every(isComplete));
    },
    missing: (handoffs, stage) => [
      ...wanted(handoffs, { handoffs: 2, denied: 1 }),
      ...(stage.saw(/signal SIGKILL/) ? [] : ['no agent was killed']),
    ],
  },
  {
    name: 'first-handoff',
    about: 'work is assigned, reported ready, verified, approved, passed on, and done',
    players: pair('backend.first-handoff.json'),
    task: ORDERS,
    passedOn: true,
    play: (stage) => stage.until('both handoffs are complete', (handoffs) => handoffs.length === 2 && handoffs.every(isComplete)),
    missing: (handoffs) => wanted(handoffs, { handoffs: 2, denied: 0 }),
  },
  {
    name: 'remediation',
    about: 'the first attempt is denied, with a document that says why; the agent repairs it',
    players: pair('backend.remediation.json'),
    task: ORDERS,
    passedOn: true,
    play: (stage) => stage.until('both handoffs are complete', (handoffs) => handoffs.length === 2 && handoffs.every(isComplete)),
    missing: (handoffs) => wanted(handoffs, { handoffs: 2, denied: 1 }),
  },
  {
    name: 'escalation',
    about: 'the checks pass, but the work has touched what it is judged by: the operator is asked',
    players: pair('backend.escalation.json'),
    task: ORDERS,
    passedOn: false,
    async play(stage) {
      await stage.until('the operator is asked', (handoffs) => handoffs.some((handoff) => handoff.needsYou === true));
      await answerTheCard(stage, 'the change was wanted (a scripted answer)');
      await stage.until('the handoff is complete', (handoffs) => handoffs.every(isComplete));
    },
    missing: (handoffs) => wanted(handoffs, { handoffs: 1, denied: 0 }),
  },
  {
    name: 'crash',
    about: 'an agent is killed and started again; the room itself is killed in the middle of a verification and comes back',
    players: pair('backend.crash.json'),
    task: ORDERS,
    passedOn: false,
    async play(stage) {
      for (;;) {
        await stage.until('a verification runs', (handoffs) => handoffs.some(isBeingJudged) || handoffs.every(isComplete));
        const [now] = stage.handoffs();
        if (now !== undefined && isBeingJudged(now)) await stage.crashRoom();
        await stage.until('the handoff is complete', (handoffs) => handoffs.every(isComplete));
        if (stage.handoffs().some(({ epoch }) => Number(epoch) > Number(now?.epoch))) return;
        // On a machine that stood still meanwhile it was over before it could be interrupted.
        await stage.operator('reopen', { id: String(now?.id), reason: 'once more, to be interrupted' });
      }
    },
    missing: (handoffs, stage) => [
      ...wanted(handoffs, { handoffs: 1, denied: 0 }),
      ...(handoffs.some((handoff) => Number(handoff.epoch) < 2) ? ['the run that died with the room was not begun anew'] : []),
      ...(stage.saw(/signal SIGKILL/) ? [] : ['no agent was killed']),
    ],
  },
  {
    name: 'stale',
    about:
      'an agent turns its spinner for ever: it is nudged, nudged again, started anew, and goes on (the limits are seconds here, not 45, 50 and 60 minutes)',
    players: pair('backend.stuck.json'),
    task: ORDERS,
    passedOn: false,
    limits: {
      coordination: { monitorIntervalMs: 500, staleAfterMs: 9_000 },
      policy: {
        staleWarningMs: 6_000,
        recoveryUrgentMs: 11_000,
        recoveryRestartMs: 13_000,
        recoveryMarkMs: 120_000,
        recoverySettleMs: 500,
      },
    },
    play: (stage) => stage.until('the handoff is complete', (handoffs) => handoffs.every(isComplete)),
    missing: (handoffs, stage) => [
      ...wanted(handoffs, { handoffs: 1, denied: 0 }),
      ...[/is silent for/, /is nudged$/, /is nudged again, urgently/, /is started anew/, /is back, /]
        .filter((line) => !stage.saw(line))
        .map((line) => `no line said ${line.source}`),
    ],
  },
  {
    name: 'emergency',
    about: 'everything is stopped but one, nothing is decided or started meanwhile, and it goes on by an explicit word',
    players: pair('backend.stuck.json'),
    task: ORDERS,
    passedOn: false,
    async play(stage) {
      const begun = join(stage.workspace, 'backend', 'migrations', '002-orders.sql');
      await stage.until('the agent is at work', () => existsSync(begun));
      await stage.operator('emergency-stop', { except: 'instance-2-frontend' });
      await stage.until('its session has ended', () => stage.saw(/instance-1-planning-backend: the session ended/));
      await stage.operator('status', {});
      await stage.operator('autopilot', { dial: 'resume' });
      await stage.until('the handoff is complete', (handoffs) => handoffs.every(isComplete));
    },
    missing: (handoffs, stage) => [
      ...wanted(handoffs, { handoffs: 1, denied: 0 }),
      ...(stage.saw(/interrupted: instance-1-planning-backend$/) ? [] : ['not exactly the one session was interrupted']),
      ...(stage.saw(/the emergency stop is over/) ? [] : ['the emergency stop did not end']),
    ],
  },
  {
    name: 'debugging',
    about: 'two instances look into one trouble, each in its layer; what they find becomes a plan, and every check judges the end of it',
    players: pair('backend.debugging.json', 'frontend.debugging.json'),
    task: null,
    passedOn: false,
    async play(stage) {
      const opened = await stage.operator('debug open', { issue: 'an order is gone once it was sent' });
      const id = opened.ok && isObject(opened.data) ? String(opened.data.debug) : '';
      await stage.operator('debug assign', { id, instance: BACKEND, layer: 'database', question: ['where are orders kept?'] });
      await stage.operator('debug assign', { id, instance: FRONTEND, layer: 'component', question: ['which call sends an order?'] });
      await stage.until('both have found something', () => stage.saw(/backend found: /) && stage.saw(/frontend found: /));
      await stage.operator('debug show', { id });
      await stage.operator('debug plan', { id, step: [`${BACKEND}: ${ORDERS}`] });
      await stage.until('every check has judged the fix', () => stage.saw(/ is solved: every check passed/));
    },
    missing: (handoffs, stage) => [
      ...wanted(handoffs, { handoffs: 1, denied: 0 }),
      ...(stage.saw(/ verifying {2}/) ? [] : ['the fix was not verified with every check']),
    ],
  },
  {
    name: 'five-handoffs',
    about: 'five instances are done at the same moment: one is judged after the other, the most urgent first, and none is forgotten',
    players: FIVE.map(([id]) => ({ id, role: 'service', script: 'one-of-five.json', files: [] })),
    task: null,
    passedOn: false,
    async play(stage) {
      for (const [instance, priority] of FIVE) await stage.operator('assign', { instance, task: 'a test of your own', priority });
      await stage.until('all five are complete', (handoffs) => handoffs.length === FIVE.length && handoffs.every(isComplete));
    },
    missing: (handoffs) => wanted(handoffs, { handoffs: FIVE.length, denied: 0 }),
  },
];

/** What an operator does with a card: why, what, then his word, bound to the epoch that he has seen. */
async function answerTheCard(stage: Stage, reason: string): Promise<void> {
  const asked = stage.handoffs().find((handoff) => handoff.needsYou === true);
  const id = String(asked?.id);
  await stage.operator('explain', { id });
  await stage.operator('diff', { id, stat: true });
  await stage.operator('approve', { id, epoch: Number(asked?.epoch), reason });
}

function isBeingJudged({ phase, verdict, question }: JsonObject): boolean {
  return phase === 'VERIFICATION' && verdict === null && question === null;
}

function isComplete(handoff: JsonObject): boolean {
  return typeof handoff.closedAt === 'number' && isObject(handoff.verdict);
}

function wanted(handoffs: readonly JsonObject[], want: { handoffs: number; denied: number }): string[] {
  const missing: string[] = [];
  if (handoffs.length !== want.handoffs) missing.push(`${want.handoffs} handoffs were expected, there are ${handoffs.length}`);
  if (!handoffs.every(isComplete)) missing.push('not every handoff is complete');
  const epochs = handoffs.map((handoff) => Number(handoff.epoch));
  if (want.denied > 0 && Math.max(...epochs) <= want.denied) missing.push('nothing was denied and fixed');
  return missing;
}
