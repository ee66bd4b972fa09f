/** The rehearsals: who plays, what the operator does meanwhile, and what must have happened in the end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../core/tree.ts';
import type { Stage } from './stage.ts';
import type { Limits } from './stage-config.ts';

export type Scenario = {
  readonly name: string;
  readonly about: string;
  /** Script of the back end's agent; the front end plays the same part everywhere. */
  readonly backend: string;
  readonly task: string;
  readonly limits?: Limits;
  readonly passedOn: boolean;
  /** What the operator does after he has assigned the work; resolves when the story is over. */
  play(stage: Stage): Promise<void>;
  /** What must be true then: the sentences that are not. */
  missing(handoffs: readonly JsonObject[], stage: Stage): string[];
};

const ORDERS = 'Customers can order: a table for orders, the routes, and the calls for the front end';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'tour',
    about:
      'everything in one story: an agent dies and comes back, its work is denied and fixed, the operator is asked, the work is passed on',
    backend: 'backend.tour.json',
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
    backend: 'backend.first-handoff.json',
    task: ORDERS,
    passedOn: true,
    play: (stage) => stage.until('both handoffs are complete', (handoffs) => handoffs.length === 2 && handoffs.every(isComplete)),
    missing: (handoffs) => wanted(handoffs, { handoffs: 2, denied: 0 }),
  },
  {
    name: 'remediation',
    about: 'the first attempt is denied, with a document that says why; the agent repairs it',
    backend: 'backend.remediation.json',
    task: ORDERS,
    passedOn: true,
    play: (stage) => stage.until('both handoffs are complete', (handoffs) => handoffs.length === 2 && handoffs.every(isComplete)),
    missing: (handoffs) => wanted(handoffs, { handoffs: 2, denied: 1 }),
  },
  {
    name: 'escalation',
    about: 'the checks pass, but the work has touched what it is judged by: the operator is asked',
    backend: 'backend.escalation.json',
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
    backend: 'backend.crash.json',
    task: ORDERS,
    passedOn: false,
    async play(stage) {
      await stage.until('a verification runs', (handoffs) =>
        handoffs.some((handoff) => handoff.phase === 'VERIFICATION' && handoff.verdict === null && handoff.question === null),
      );
      await stage.crashRoom();
      await stage.until('the handoff is complete', (handoffs) => handoffs.every(isComplete));
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
    backend: 'backend.stuck.json',
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
    backend: 'backend.stuck.json',
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
];

/** What an operator does with a card: why, what, then his word, bound to the epoch that he has seen. */
async function answerTheCard(stage: Stage, reason: string): Promise<void> {
  const asked = stage.handoffs().find((handoff) => handoff.needsYou === true);
  const id = String(asked?.id);
  await stage.operator('explain', { id });
  await stage.operator('diff', { id, stat: true });
  await stage.operator('approve', { id, epoch: Number(asked?.epoch), reason });
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
