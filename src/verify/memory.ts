/**
 * What checks have said before, per tree: the same tree with different outcomes is a flaky check, and a result may be used once
 * more when nothing that it rests on has changed (PROTOCOL sections 4 and 5). One file beside the evidence; losing it loses no verdict.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { CheckReport, CheckSpec, TreeRef } from '../core/report.ts';

const FILE = 'outcomes.json';
const MAX_OUTCOMES = 3_000;
const MAX_RESULTS = 300;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.object({
  version: z.literal(1),
  /** Newest last. `of`: check, command and tree in one hash. */
  outcomes: z.array(z.object({ of: hash, outcome: z.enum(['passed', 'failed']) })),
  /** Checks that passed, by all that they rested on. */
  results: z.array(z.object({ of: hash, at: z.number(), evidence: z.string(), report: z.record(z.string(), z.unknown()) })),
});
type Kept = z.infer<typeof schema>;

export type Memory = {
  /** Whether this tree has had another outcome of this check before. */
  isFlaky(spec: CheckSpec, tree: TreeRef, report: CheckReport): boolean;
  /** The same check over the same tree with the same environment and tools, when it passed; null when it has to run. */
  reusable(fingerprint: string): CheckReport | null;
};

export async function readMemory(evidenceDir: string): Promise<Memory & { readonly kept: Kept }> {
  const kept = await readKept(evidenceDir);
  return {
    kept,
    isFlaky(spec, tree, report) {
      const now = said(report);
      const of = outcomeKey(spec, tree);
      return now !== null && kept.outcomes.some((one) => one.of === of && one.outcome !== now);
    },
    reusable(fingerprint) {
      const found = kept.results.findLast((one) => one.of === fingerprint);
      if (found === undefined) return null;
      // Written by `remember` alone; a file that somebody else wrote has no key that fits.
      const report = found.report as unknown as CheckReport;
      const why = `as on ${new Date(found.at).toISOString()}: command, tree, environment and tools are the same (${found.evidence})`;
      return {
        ...report,
        reason: `${report.reason}; ${why}`,
        startedAt: Date.now(),
        durationMs: 0,
        log: null,
        logSha256: null,
        reused: true,
      };
    },
  };
}

/** Layers that are never only a tree: a cache's answer of yesterday says nothing about the cache of today. */
const LIVING: ReadonlySet<string> = new Set(['cache']);

/** Why no result of this check is ever used again; null: it may be. */
export function neverAgain({ reuse, layer }: CheckSpec): string | null {
  if (reuse === false) return 'reuse: false';
  return LIVING.has(layer) ? `the layer ${layer} lives outside of the tree` : null;
}

export type Remembered = {
  readonly spec: CheckSpec;
  readonly report: CheckReport;
  /** null: this result is not to be used again. */
  readonly fingerprint: string | null;
};

/** After a round that counts. `evidence`: where it was sealed. */
export async function remember(evidenceDir: string, tree: TreeRef, evidence: string, round: readonly Remembered[]): Promise<void> {
  const kept = await readKept(evidenceDir);
  const outcomes = [...kept.outcomes];
  const results = [...kept.results];
  for (const { spec, report, fingerprint } of round) {
    const outcome = said(report);
    if (outcome === null || report.reused === true) continue;
    const of = outcomeKey(spec, tree);
    if (!outcomes.some((one) => one.of === of && one.outcome === outcome)) outcomes.push({ of, outcome });
    // A figure has to be measured, and what wavers has to be looked at.
    if (
      fingerprint !== null &&
      outcome === 'passed' &&
      !report.flaky &&
      !report.disagrees &&
      report.lasting !== false &&
      report.benchmarks.length === 0
    )
      results.push({ of: fingerprint, at: report.startedAt, evidence, report: { ...report } });
  }
  const next = join(evidenceDir, `${FILE}.${randomBytes(4).toString('hex')}`);
  const text = JSON.stringify({ version: 1, outcomes: outcomes.slice(-MAX_OUTCOMES), results: results.slice(-MAX_RESULTS) });
  await writeFile(next, `${text}\n`, { mode: 0o600 });
  await rename(next, join(evidenceDir, FILE));
}

async function readKept(evidenceDir: string): Promise<Kept> {
  try {
    return schema.parse(JSON.parse(await readFile(join(evidenceDir, FILE), 'utf8')));
  } catch {
    return { version: 1, outcomes: [], results: [] }; // nothing is known, so everything runs
  }
}

/** What only failed on the base as well has failed here all the same. */
function said({ outcome }: CheckReport): 'passed' | 'failed' | null {
  if (outcome === 'passed') return 'passed';
  return outcome === 'failed' || outcome === 'failed-on-base' ? 'failed' : null;
}

function outcomeKey({ id, command, cwd }: CheckSpec, { tree }: TreeRef): string {
  return digest([id, command, cwd, tree]);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Of coordtui, of the shell, of the terminal: they differ from run to run and decide nothing. */
const VOLATILE = /^(COORDTUI_.*|_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|WINDOWID|TERM_SESSION_ID|SSH_.*|XDG_SESSION_.*)$/;

/** All that a result rests on and git does not hold: the environment, the programs, what is installed beside the sources. */
export async function surroundings(env: Readonly<Record<string, string | undefined>>, root: string): Promise<string> {
  const variables = Object.entries(env)
    .filter(([name, value]) => value !== undefined && !VOLATILE.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const installed = ['node_modules', 'node_modules/.package-lock.json', 'node_modules/.modules.yaml', '.venv', 'venv', 'vendor', '.env'];
  const beside = await Promise.all(installed.map((name) => identity(join(root, name))));
  return digest([variables, beside, process.platform, process.arch]);
}

export async function fingerprint(spec: CheckSpec, tree: TreeRef, around: string, path: string): Promise<string> {
  const { id, command, cwd, report, coverage, timeoutMs, notRunExitCodes } = spec;
  const words = new Set(['sh', 'node', 'npm', 'git', ...command.split(/[\s;&|()]+/).filter((word) => /^[\w./-]+$/.test(word))]);
  const tools = await Promise.all([...words].sort().map(async (word) => [word, await toolIdentity(word, path)]));
  return digest([
    id,
    command,
    cwd,
    report,
    coverage,
    timeoutMs,
    notRunExitCodes,
    tree.tree,
    around,
    tools.filter(([, found]) => found !== null),
  ]);
}

async function toolIdentity(word: string, path: string): Promise<string | null> {
  if (word.includes('/')) return word.startsWith('/') ? identity(word) : null;
  for (const folder of path.split(delimiter)) {
    const found = folder.startsWith('/') ? await identity(join(folder, word)) : null;
    if (found !== null) return found;
  }
  return null;
}

async function identity(path: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    const { size, mtimeMs, ino } = await stat(real);
    return `${real}:${size}:${mtimeMs}:${ino}`;
  } catch {
    return null; // it is not there, which is an answer too
  }
}
