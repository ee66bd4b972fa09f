/** What is kept of a round, so that a verdict can be held against it later: one sealed directory (PROTOCOL section 4). */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { HandoffId, InstanceId, Ms } from '../core/ids.ts';
import type { CheckReport, CheckSpec, RoundReport } from '../core/report.ts';
import type { Verdict } from '../core/verdict.ts';
import { git } from '../git/git.ts';
import { redactAll, type Secret } from './secrets.ts';

const BUNDLE = 'bundle.json';
const SCRATCH = '.scratch';
const VERDICT = 'verdict.json';
export const BUNDLE_VERSION = 1;

export type BundledCheck = CheckReport & { readonly cwd: string; readonly timeoutMs: number };

export type Tools = { readonly node: string; readonly git: string; readonly shell: string };

/** `bundle.json`: the round as it was reported, and what it ran with. It never holds a value of the environment. */
export type Bundle = Omit<RoundReport, 'evidence' | 'checks'> & {
  readonly version: typeof BUNDLE_VERSION;
  readonly instance: InstanceId;
  /** What is needed to run them once more, exactly as they were. */
  readonly specs: readonly CheckSpec[];
  /** What the checks were told of the work, when they were told. */
  readonly artifacts?: readonly string[];
  readonly territory?: readonly string[];
  readonly checks: readonly BundledCheck[];
  readonly tools: Tools;
  readonly platform: string;
};

/** Makes `<evidenceDir>/<handoff>/<epoch>-<startedAt>/`, a fresh one each time. */
export async function openRound(evidenceDir: string, handoff: HandoffId, epoch: number, startedAt: Ms): Promise<string> {
  const folder = join(evidenceDir, handoff);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let again = 1; ; again++) {
    const directory = join(folder, `${epoch}-${startedAt}${again === 1 ? '' : `-${again}`}`);
    try {
      await mkdir(directory, { mode: 0o700 });
      return directory;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** `verdict.json`: what was decided over the bundle of this hash, and why. It comes after the seal, since it rests on it. */
export type SealedVerdict = {
  readonly handoff: HandoffId;
  readonly epoch: number;
  /** Of `bundle.json`. */
  readonly bundleSha256: string;
  readonly verdict: Verdict;
};

/** Lays the verdict beside the bundle, read-only; answers its sha256. */
export async function sealVerdict(directory: string, sealing: SealedVerdict): Promise<string> {
  const text = `${JSON.stringify({ version: BUNDLE_VERSION, ...sealing }, null, 2)}\n`;
  await writeDurably(directory, VERDICT, text);
  return createHash('sha256').update(text).digest('hex');
}

/** Writes the bundle, makes everything durable and read-only, and answers the sha256 of `bundle.json`. */
export async function sealRound(directory: string, bundle: Bundle, secrets: readonly Secret[]): Promise<string> {
  await rm(join(directory, SCRATCH), { recursive: true, force: true });
  const text = `${JSON.stringify(redactAll(bundle, secrets), null, 2)}\n`;
  await writeDurably(directory, BUNDLE, text);
  return createHash('sha256').update(text).digest('hex');
}

const aside = (name: string): string => `${name}.next`;

/** Written aside and renamed: whatever a check may have laid in its place is replaced, not followed. */
async function writeDurably(directory: string, name: string, text: string): Promise<void> {
  const next = join(directory, aside(name));
  await rm(next, { recursive: true, force: true });
  const file = await open(next, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.chmod(0o400);
  } finally {
    await file.close();
  }
  await rename(next, join(directory, name));
  await syncDirectory(directory);
}

const logged = z.object({ log: z.string().nullable(), logSha256: z.string().nullable() });

/** What a bundle must hold for its logs to be checked; the rest is the reader's business. */
const sealed = z.object({
  version: z.literal(BUNDLE_VERSION),
  checks: z.array(logged.extend({ check: z.string(), onBase: logged.optional() })),
});

/**
 * Hashes everything again. Answers one sentence per difference, none when the bundle is as it was sealed.
 * `sha256`: of `bundle.json`, as the journal has it; without it only the logs are held against the bundle. `verdictSha256`: of
 * `verdict.json`, likewise; without it one that names another bundle is a difference.
 */
export async function verifyBundle(directory: string, sha256?: string, verdictSha256?: string): Promise<string[]> {
  const found: string[] = [];
  let bundle: z.infer<typeof sealed>;
  try {
    const bytes = await readFile(join(directory, BUNDLE));
    if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256) found.push(`${BUNDLE} is not what was sealed`);
    bundle = sealed.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    return [...found, `${BUNDLE} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'it is no bundle'}`];
  }
  // A verdict that is just being sealed, or was when the room was killed, lies aside; nobody reads it there.
  const expected = new Set([BUNDLE, VERDICT, aside(VERDICT)]);
  found.push(...(await verdictDifferences(directory, sha256, verdictSha256)));
  const logs = bundle.checks.flatMap((one) => [
    one,
    ...(one.onBase === undefined ? [] : [{ ...one.onBase, check: `${one.check} on the base` }]),
  ]);
  for (const { check, log, logSha256 } of logs) {
    if (log === null) continue;
    expected.add(log);
    const hash = log === basename(log) ? await hashFile(join(directory, log)) : null;
    if (hash === null) found.push(`the log of ${check} is missing`);
    else if (hash !== logSha256) found.push(`the log of ${check} is not what was sealed`);
  }
  for (const name of await readdir(directory)) if (!expected.has(name)) found.push(`${name} was not there when it was sealed`);
  return found;
}

const ofBundle = z.object({ bundleSha256: z.string() });

async function verdictDifferences(directory: string, sha256: string | undefined, verdictSha256: string | undefined): Promise<string[]> {
  const path = join(directory, VERDICT);
  const hash = await hashFile(path);
  if (hash === null) return verdictSha256 === undefined ? [] : [`${VERDICT} is missing`];
  if (verdictSha256 !== undefined) return hash === verdictSha256 ? [] : [`${VERDICT} is not what was sealed`];
  // The room died between the file and the line that lists it.
  return sha256 === undefined || (await bundleNamed(path)) === sha256 ? [] : [`${VERDICT} is about another bundle`];
}

async function bundleNamed(path: string): Promise<string | null> {
  try {
    return ofBundle.parse(JSON.parse(await readFile(path, 'utf8'))).bundleSha256;
  } catch {
    return null; // no verdict that anybody could read
  }
}

/** What the checks ran with. */
export async function toolVersions(): Promise<Tools> {
  const version = await git(['--version'], { cwd: '/' });
  return { node: process.version, git: version.toString('utf8').trim(), shell: await realpath('/bin/sh') };
}

async function hashFile(path: string): Promise<string | null> {
  const entry = await lstat(path).catch(() => null);
  if (entry === null || !entry.isFile()) return null;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
