/** A sealed round once more: the same commands over the same tree, and whether they say the same (PROTOCOL section 4). */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../core/counted.ts';
import { plain } from '../core/plain.ts';
import type { SuiteRequest } from '../core/ports.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { CheckReport, RoundReport } from '../core/report.ts';
import type { Handoff } from '../core/state.ts';
import { isoTime } from '../core/time.ts';
import { type Bundle, type Tools, verifyBundle } from '../verify/evidence.ts';

export type AgainOptions = {
  readonly workspace: string;
  readonly handoff: Handoff;
  readonly tools: () => Promise<Tools>;
  readonly run: (request: Omit<SuiteRequest, 'handoff' | 'epoch'>) => Promise<RoundReport>;
};

/** In a copy of the tree that was judged: what the workspace holds by now is another question. */
export async function runAgain({ workspace, handoff, tools, run }: AgainOptions): Promise<Reply> {
  const sealed = handoff.rounds.findLast((round) => round.evidence !== null);
  if (sealed?.evidence == null || sealed.judged === null)
    return failure('refused', `verify --again: ${handoff.id} has no sealed evidence yet`, `see: coordtui explain ${handoff.id}`);
  const { path, sha256, verdictSha256, removedAt } = sealed.evidence;
  const about = `the evidence of ${handoff.id}, epoch ${sealed.epoch},`;
  if (removedAt !== undefined)
    return failure(
      'no',
      `${about} is no longer kept: it was let go on ${isoTime(removedAt).slice(0, 10)}, by the caps on age and size`,
      'the journal still has its verdict: coordtui explain; the caps: policy.evidenceMaxAgeMs and evidenceMaxBytes',
    );
  const damaged = await verifyBundle(join(workspace, path), sha256, verdictSha256);
  if (damaged.length > 0) return failure('no', `${about} is no longer what was sealed: ${damaged.join('; ')}`, `look into ${path}`);
  const bundle = JSON.parse(await readFile(join(workspace, path, 'bundle.json'), 'utf8')) as Bundle;
  const { instance, base, specs: checks, artifacts, territory } = bundle;
  const told = { ...(artifacts === undefined ? {} : { artifacts }), ...(territory === undefined ? {} : { territory }) };
  const report = await run({ instance, base, checks, ...told, tree: sealed.judged, fresh: true });
  if (report.trouble !== null || report.cancelled)
    return failure('no', `${about} could not be run again: ${report.trouble ?? 'it was cancelled'}`, `look into ${path}`);
  const differ = differences(bundle, report, await tools());
  if (differ.length > 0) return failure('no', `${about} does not agree: ${differ.join('; ')}`, `look into ${path}`);
  const data = { agrees: true, epoch: sealed.epoch, tree: sealed.judged.tree };
  return done(`${about} agrees: ${counted(report.checks.length, 'check')} over the same tree, the same outcomes`, data);
}

/** A sentence each. Tools are named only beside a difference in what was found, which they may explain. */
function differences(bundle: Bundle, report: RoundReport, tools: Tools): string[] {
  const was = new Map<string, CheckReport>(bundle.checks.map((check) => [check.check, check]));
  const found = report.checks.flatMap((now) => {
    const then = was.get(now.check);
    if (then === undefined) return [`${now.check}: not in it then, ${now.outcome} now`];
    if (then.outcome !== now.outcome) return [`${now.check}: ${then.outcome} then, ${now.outcome} now (${plain(now.reason, 200)})`];
    if (then.reused === true) return [];
    if (then.exitCode !== now.exitCode) return [`${now.check}: exit ${then.exitCode} then, exit ${now.exitCode} now`];
    const [before, after] = [figures(then), figures(now)];
    return before === after ? [] : [`${now.check}: ${before} then, ${after} now`];
  });
  if (found.length === 0) return [];
  const changed = (['node', 'git', 'shell'] as const).filter((tool) => bundle.tools[tool] !== tools[tool]);
  return [...found, ...changed.map((tool) => `${tool} was ${bundle.tools[tool]} and is ${tools[tool]}`)];
}

function figures({ tests, violations }: CheckReport): string {
  const listed = counted(violations.length, 'finding');
  return tests === null ? listed : `${tests.passed} of ${counted(tests.total, 'test')} passed, ${listed}`;
}
