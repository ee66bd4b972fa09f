/** `coordtui rehearse`: the whole protocol with scripted agents in real ptys, over a real repository, with real checks. */
import { done, failure, type Reply } from '../core/reply.ts';
import type { JsonObject } from '../core/tree.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';
import { openStage, type Stage } from './stage.ts';

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
  const stage = openStage({ scenario: scenario.name, backend: scenario.backend, packageRoot, say });
  say(`workspace ${stage.workspace}`);
  const release = onSignal(stage);
  let missing: string[];
  try {
    await stage.openRoom();
    await stage.operator('assign', {
      instance: 'instance-1-planning-backend',
      task: scenario.task,
      priority: 'high',
      ...(scenario.passedOn ? Object.fromEntries([['then', 'instance-2-frontend']]) : {}),
    });
    await scenario.play(stage);
    missing = scenario.missing(stage.handoffs(), stage);
  } catch (error) {
    missing = [error instanceof Error ? error.message : String(error)];
  }
  await stage.close();
  release();
  if (missing.length > 0 || keep) say(`the workspace is kept: ${stage.workspace}`);
  else stage.remove();
  return missing;
}

/** Interrupted: the room ends first, in order, and takes its sessions with it. */
function onSignal(stage: Stage): () => void {
  const end = (signal: NodeJS.Signals) => {
    void stage.close().finally(() => {
      stage.remove();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  return () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  };
}
