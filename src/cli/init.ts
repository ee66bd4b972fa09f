/** `coordtui init`: shows what it would write, asks, writes; with `--yes` it never asks. */
import { createInterface } from 'node:readline/promises';
import { parseInstanceId } from '../core/ids.ts';
import { done, type Failure, failure, type Reply } from '../core/reply.ts';
import type { Json } from '../core/tree.ts';
import { applyPlan } from '../workspace/apply-plan.ts';
import { type InitPlan, planInit } from '../workspace/init.ts';
import { PATTERNS, type PatternName } from '../workspace/patterns.ts';
import { PRESETS } from '../workspace/presets.ts';
import { surveyProject } from '../workspace/survey.ts';
import type { Context } from './context.ts';

export async function init(context: Context): Promise<Reply> {
  const { args, paths, json } = context;
  const pattern = (typeof args.pattern === 'string' ? args.pattern : 'web') as PatternName;
  const agents = readAgents(Array.isArray(args.agent) ? args.agent.map(String) : [], pattern);
  if ('ok' in agents) return agents;
  const plan = planInit(surveyProject(paths.root), { pattern, agents, createAgentsFile: false });
  const lines = describe(plan);
  if (args['dry-run'] === true) return done(lines.join('\n'), planData(plan));
  if (plan.write.length === 0) return done(['nothing to do', ...lines].join('\n'), planData(plan));
  if (args.yes !== true) {
    if (!process.stdin.isTTY || json)
      return failure(
        'usage',
        'init: nothing was written, since nobody can be asked here',
        'say it with --yes, or look first with --dry-run',
      );
    context.say(`coordtui is set up in ${paths.root}:`);
    for (const line of lines) context.say(line);
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await prompt.question('Write this? [Y/n] ').finally(() => prompt.close());
    if (/^n/i.test(answer.trim())) return failure('no', 'nothing was written', 'run it again at any time');
  }
  const applied = applyPlan(paths.root, plan);
  const failed = applied.flatMap((one) => (one.action === 'failed' ? [`${one.path}: ${one.why}`] : []));
  if (failed.length > 0)
    return failure('cannotWrite', `init: ${failed.join('; ')}`, 'what could be written was; run it again after the repair');
  const written = applied.map((one) => `${one.action} ${one.path}`);
  const next = 'Next: read coordtui.yaml, then start the room: coordtui serve';
  return done([...written, ...plan.keep.map((one) => `kept ${one.path}: ${one.why}`), next].join('\n'), {
    applied: applied as unknown as Json,
    kept: plan.keep as unknown as Json,
  });
}

function readAgents(given: readonly string[], pattern: PatternName): Map<string, string> | Failure {
  const agents = new Map<string, string>();
  const known = PATTERNS[pattern].map((instance) => instance.id);
  for (const text of given) {
    const at = text.indexOf('=');
    const id = parseInstanceId(at < 0 ? '' : text.slice(0, at));
    const preset = text.slice(at + 1);
    if (id === null || !known.includes(id))
      return failure(
        'usage',
        `init: --agent ${text}: no such instance`,
        `write INSTANCE=PRESET; instances of ${pattern}: ${known.join(', ')}`,
      );
    if (!PRESETS.includes(preset)) return failure('usage', `init: --agent ${text}: no such preset`, `presets: ${PRESETS.join(', ')}`);
    agents.set(id, preset);
  }
  return agents;
}

function describe(plan: InitPlan): string[] {
  return [
    ...plan.write.map((file) => `  ${file.action} ${file.path}: ${file.why}`),
    ...plan.keep.map((file) => `  keep ${file.path}: ${file.why}`),
  ];
}

function planData(plan: InitPlan): Json {
  return { write: plan.write.map(({ path, action, why, text }) => ({ path, action, why, text })), keep: plan.keep as unknown as Json };
}
