/** One git process: no shell, no hooks, nothing of the environment that could point it at another repository. */
import { stat } from 'node:fs/promises';
import { execa } from 'execa';

/** What the world does to git (not installed, repository refused, disk full), as one sentence for the operator. */
export class GitTrouble extends Error {
  override readonly name = 'GitTrouble';
}

export type GitCall = {
  readonly cwd: string;
  /** GIT_* variables of this call; all others of the surrounding environment are dropped. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
  /** Output beyond this is dropped and `cut` set. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
};

export type GitResult = { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string; readonly cut: boolean };

/** The user's settings that would make the answer depend on his machine, run his programs, or trust a stale cache. */
const SETTINGS = [
  'core.quotepath=off',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.splitIndex=false',
  'core.ignoreStat=false',
  'core.trustctime=true',
  'core.checkStat=default',
  'core.safecrlf=false',
  'index.sparse=false',
  'advice.addEmbeddedRepo=false',
].flatMap((setting) => ['-c', setting]);

/** They say where the user's configuration lies and how far discovery may look; all other GIT_* are dropped. */
const KEPT = new Set([
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_EXEC_PATH',
]);

const MAX_BYTES = 512 * 1024 * 1024;
const TIMEOUT_MS = 600_000;

function environment(own: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (!name.startsWith('GIT_') || KEPT.has(name))) env[name] = value;
  }
  // Messages are read here, so they must be English; the character set stays the user's, for his filters.
  const language = env.LC_ALL ?? env.LANG;
  delete env.LC_ALL;
  delete env.LANGUAGE;
  if (language !== undefined) env.LANG = language;
  return { ...env, LC_MESSAGES: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', ...own };
}

/** Runs git and answers also when it says no. Throws `GitTrouble` when it could not run, was cancelled, or hung. */
export async function tryGit(args: readonly string[], call: GitCall): Promise<GitResult> {
  const { input } = call;
  const result = await execa('git', [...SETTINGS, ...args], {
    cwd: call.cwd,
    env: environment(call.env ?? {}),
    extendEnv: false,
    encoding: 'buffer',
    reject: false,
    stripFinalNewline: false,
    maxBuffer: call.maxBytes ?? MAX_BYTES,
    timeout: TIMEOUT_MS,
    forceKillAfterDelay: 2_000,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(call.signal === undefined ? {} : { cancelSignal: call.signal }),
  });
  const stderr = Buffer.from(result.stderr).toString('utf8');
  const stdout = Buffer.from(result.stdout.buffer, result.stdout.byteOffset, result.stdout.byteLength);
  if (result.isMaxBuffer) return { exitCode: 0, stdout, stderr, cut: true };
  if (result.isCanceled) throw new GitTrouble(`git ${args[0]} was cancelled`);
  if (result.timedOut) throw new GitTrouble(`git ${args[0]} did not end within ${TIMEOUT_MS / 1000} s`);
  if (result.exitCode === undefined) throw new GitTrouble(await whyNotStarted(call.cwd, result.code, result.signal));
  return { exitCode: result.exitCode, stdout, stderr, cut: false };
}

/** Runs git; its refusal is thrown as `GitTrouble` with git's own first line. */
export async function git(args: readonly string[], call: GitCall): Promise<Buffer> {
  const result = await tryGit(args, call);
  if (result.exitCode !== 0) throw new GitTrouble(`git ${verb(args)} failed: ${complaint(result.stderr)}`);
  if (result.cut) throw new GitTrouble(`git ${verb(args)} answered more than ${call.maxBytes ?? MAX_BYTES} bytes`);
  return result.stdout;
}

/** Git's reason in one printable line: its `error:` line names the file, `fatal:` only gives up. */
export function complaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const found = lines.find((line) => line.startsWith('error:')) ?? lines.find((line) => line.startsWith('fatal:')) ?? lines[0];
  return (found ?? 'no reason given').replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, 300);
}

/** NUL-separated output (`-z`) as strings. */
export function fields(output: Buffer): string[] {
  const list = output.toString('utf8').split('\0');
  if (list.at(-1) === '') list.pop();
  return list;
}

/** Paths, NUL-separated, as `--stdin -z` and `--pathspec-file-nul` want them. */
export function nulList(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}

function verb(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-')) ?? 'command';
}

async function whyNotStarted(cwd: string, code: string | undefined, signal: string | undefined): Promise<string> {
  if (signal !== undefined) return `git was killed by ${signal}`;
  const there = await stat(cwd).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!there) return `${cwd} is no directory that could be judged`;
  return code === 'ENOENT'
    ? 'git was not found on the PATH; coordtui needs it to know what has changed'
    : `git could not be started (${code ?? 'no reason given'})`;
}
