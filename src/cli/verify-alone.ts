/** `coordtui verify` where no room runs: the same checks, the same outcomes, kept apart as a trial. */
import { join } from 'node:path';
import { namedChecks } from '../core/arguments.ts';
import type { HandoffId } from '../core/ids.ts';
import { outcomeLine, outcomeSign } from '../core/outcome-line.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { Json } from '../core/tree.ts';
import { openTrees } from '../git/trees.ts';
import { createVerifier } from '../verify/suite.ts';
import { problemLine } from '../workspace/config.ts';
import { loadConfig } from '../workspace/load-config.ts';
import { SHIPPED_NAMES, shippedSpec } from '../workspace/shipped-spec.ts';
import type { Context } from './context.ts';

export async function verifyAlone(context: Context): Promise<Reply> {
  const { root, privateDir, evidenceDir } = context.paths;
  const loaded = loadConfig(root, { shell: process.env.SHELL });
  if (!loaded.ok) return failure('badConfig', loaded.problems.map(problemLine).join('\n'), 'nothing was run');
  const { verification, instances } = loaded.config;
  const words = Array.isArray(context.args.check) ? context.args.check.map(String) : [];
  const names = namedChecks(
    words,
    verification.checks.map(({ id }) => id),
  );
  // Those that ship need no config.
  const shipped = names.flatMap((name) => (verification.checks.some(({ id }) => id === name) ? [] : (shippedSpec(name) ?? [])));
  const unknown = names.filter((name) => !verification.checks.some((check) => check.id === name) && shippedSpec(name) === null);
  if (unknown.length > 0)
    return failure(
      'notFound',
      `verify: there is no check ${unknown.join(', ')}`,
      `configured: ${verification.checks.map((check) => check.id).join(', ') || 'none'}; shipped: ${SHIPPED_NAMES.join(', ')}`,
    );
  const checks = [...verification.checks.filter((check) => names.length === 0 || names.includes(check.id)), ...shipped];
  const [first] = instances;
  if (checks.length === 0 || first === undefined)
    return failure('no', 'verify: no check is configured, so nothing was verified', 'write checks into coordtui.yaml, below verification');
  const verifier = createVerifier({
    root,
    cwdOf: () => '.',
    trees: openTrees({ root, privateDir: join(privateDir, 'git') }),
    evidenceDir: join(evidenceDir, 'trials'),
    parallelism: verification.parallelism,
    in: verification.in,
    ignore: verification.ignore,
  });
  const suite = verifier.run(
    {
      handoff: 'h-00000000' as HandoffId,
      epoch: 0,
      instance: first.id,
      base: null,
      checks: checks.map((check) => ({ ...check, when: [], needs: [] })),
    },
    {
      started: (check) => !context.json && context.say(`▸ ${check}`),
      output: () => {},
      finished: (check) => !context.json && context.say(`${outcomeSign(check.outcome)} ${outcomeLine(check)}`),
    },
  );
  process.once('SIGINT', () => suite.cancel());
  const report = await suite.done;
  if (context.json) context.say(JSON.stringify(report.checks));
  const failed = report.checks.filter((check) => check.outcome !== 'passed');
  if (report.trouble === null && failed.length === 0)
    return done(`${report.checks.length} passed`, context.json ? ({ passed: true } as Json) : null);
  const where = report.evidence === null ? '' : `; logs: ${report.evidence.path}`;
  return failure(
    'no',
    report.trouble ?? `${failed.map((check) => `${check.check} ${check.outcome}`).join(', ')}${where}`,
    'this was a trial: it enters no verdict',
  );
}
