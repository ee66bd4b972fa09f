/** `coordtui rehearse`: the whole protocol with scripted agents in real ptys, over a real repository, with real checks. */

import { VERSION } from '../client/version.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { JsonObject } from '../core/tree.ts';
import { keepRehearsal } from '../workspace/rehearsed.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';
import { openStage, type Stage } from './stage.ts';
import { BACKEND, FRONTEND } from './stage-config.ts';

export type RehearsalOptions = {
  readonly scenario: string;
  /** Leave the workspace in place, also when all went well. */
  readonly keep: boolean;
  readonly packageRoot: string;
  readonly say: (line: string) => void;
};

export async function rehearse(options: RehearsalOptions): Promise<Reply> {
  const scenarios = SCENARIOS.filter((scenario) => options.scenario === 'all' || scenario.name === options.scenario);
  if (scenarios.length === 0)
    return failure(
      'notFound',
      `rehearse: there is no scenario ${options.scenario}`,
      `scenarios: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}, all`,
    );
  const results: JsonObject[] = [];
  for (const scenario of scenarios) {
    const started = Date.now();
    const missing = await perform(scenario, options);
    const seconds = Math.round((Date.now() - started) / 1000);
    const unkept = keepRehearsal(scenario.name, { passed: missing.length === 0, at: Date.now(), version: VERSION });
    if (unkept !== null) options.say(`that it was played could not be kept: ${unkept}`);
    results.push({ scenario: scenario.name, passed: missing.length === 0, seconds, missing });
    if (missing.length > 0)
      return failure(
        'no',
        `rehearsal ${scenario.name} failed after ${seconds} s: ${missing.join('; ')}`,
        'its workspace was kept, see above',
      );
    options.say(`rehearsal ${scenario.name}: complete in ${seconds} s`);
  }
  return done('', results);
}

async function perform(scenario: Scenario, { keep, packageRoot, say }: RehearsalOptions): Promise<string[]> {
  say(`=== rehearsal ${scenario.name}: ${scenario.about}`);
  let stage: Stage | null = null;
  const interrupted = onSignal(() => stage?.close());
  stage = openStage({ scenario: scenario.name, players: scenario.players, limits: scenario.limits, packageRoot, say });
  say(`workspace ${stage.workspace}`);
  let missing: string[];
  try {
    await stage.openRoom();
    await assign(stage, scenario);
    await scenario.play(stage);
    missing = scenario.missing(stage.handoffs(), stage);
  } catch (error) {
    missing = [error instanceof Error ? error.message : String(error)];
  }
  const wrong = await stage.close();
  const signal = interrupted.release();
  if (signal !== null) {
    stage.remove();
    say(`rehearsal ${scenario.name}: interrupted; the room has ended and its workspace is removed`);
    process.kill(process.pid, signal);
  }
  if (wrong !== null) missing.push(wrong);
  if (missing.length > 0 || keep) say(`the workspace is kept: ${stage.workspace}`);
  else stage.remove();
  return missing;
}

/** Interrupted: the room ends first, in order, and takes its sessions with it. `release` answers by what, and hears no more. */
function onSignal(close: () => unknown): { release(): NodeJS.Signals | null } {
  let by: NodeJS.Signals | null = null;
  const end = (signal: NodeJS.Signals) => {
    by ??= signal;
    close();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  return {
    release() {
      for (const signal of signals) process.off(signal, end);
      return by;
    },
  };
}

/** What most stories begin with; one without a task is played by the operator from its first word on. */
export async function assign(stage: Stage, scenario: Scenario): Promise<void> {
  if (scenario.task === null) return;
  await stage.operator('assign', {
    instance: BACKEND,
    task: scenario.task,
    priority: 'high',
    ...(scenario.passedOn ? Object.fromEntries([['then', FRONTEND]]) : {}),
  });
}
