/** What lies between two trees. Read in the room's own repository: no attribute or driver of the user's has a say. */
import type { ChangedFile, TreeRef } from '../core/report.ts';
import { complaint, fields, type GitCall, GitTrouble, tryGit } from './git.ts';
import { emptyTree } from './snapshot.ts';

export type PatchOptions = {
  readonly maxBytes: number;
  /** Only these files; all when absent. */
  readonly paths?: readonly string[];
  /** Unchanged lines around each change; 3 when absent. */
  readonly contextLines?: number;
};

const PLAIN = ['-r', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-color'];
const STATUS = { A: 'added', D: 'deleted' } as const;

/** Every changed file with lines added and removed (0 and 0 for binary ones), sorted as git sorts. `base` null: all are new. */
export async function listChanges(base: TreeRef | null, now: TreeRef, call: GitCall): Promise<ChangedFile[]> {
  const trees = await pair(base, now, call);
  const output = fields(await diffTree([...PLAIN, '--raw', '--numstat', '-z', ...trees], call));
  const status = new Map<string, ChangedFile['status']>();
  const files: ChangedFile[] = [];
  for (let at = 0; at < output.length; at++) {
    const field = output[at] ?? '';
    if (field.startsWith(':')) {
      // `:<mode> <mode> <hash> <hash> <letter>`, then the path as a field of its own
      status.set(output[++at] ?? '', STATUS[field.slice(-1) as keyof typeof STATUS] ?? 'modified');
      continue;
    }
    // `<added>\t<removed>\t<path>`, a dash for each figure of a binary file; the path may hold tabs
    const [added = '', removed = ''] = field.split('\t', 2);
    const path = field.slice(added.length + removed.length + 2);
    files.push({ path, status: status.get(path) ?? 'modified', added: Number(added) || 0, removed: Number(removed) || 0 });
  }
  return files;
}

/** The unified diff, cut at `maxBytes` with a last line that says so. */
export async function readPatch(base: TreeRef | null, now: TreeRef, options: PatchOptions, call: GitCall): Promise<string> {
  const trees = await pair(base, now, call);
  const paths = options.paths === undefined ? [] : ['--', ...options.paths];
  const args = ['--literal-pathspecs', 'diff-tree', '-p', ...PLAIN, `-U${options.contextLines ?? 3}`, ...trees, ...paths];
  const result = await tryGit(args, { ...call, maxBytes: options.maxBytes });
  if (result.cut)
    return `${result.stdout.toString('utf8').replace(/\uFFFD+$/, '')}\n[the patch is cut here, at ${options.maxBytes} bytes]\n`;
  if (result.exitCode !== 0) throw missing(result.stderr);
  return result.stdout.toString('utf8');
}

/** One file of a tree; null when it is not there, or longer than `maxBytes`. */
export async function readContent(tree: TreeRef, path: string, maxBytes: number, call: GitCall): Promise<string | null> {
  const result = await tryGit(['cat-file', 'blob', `${await present(tree, call)}:${path}`], { ...call, maxBytes });
  return result.exitCode === 0 && !result.cut ? result.stdout.toString('utf8') : null;
}

/** Files of which a line that matches was added or removed. `pattern` is a POSIX extended regular expression. */
export async function findInChanges(base: TreeRef | null, now: TreeRef, pattern: string, call: GitCall): Promise<string[]> {
  const trees = await pair(base, now, call);
  return fields(await diffTree([...PLAIN, '--name-only', '-z', '--text', `-G${pattern}`, ...trees], call));
}

async function diffTree(args: readonly string[], call: GitCall): Promise<Buffer> {
  const result = await tryGit(['diff-tree', ...args], call);
  if (result.exitCode !== 0) throw missing(result.stderr);
  if (result.cut) throw new GitTrouble('the list of changed files is too long to read');
  return result.stdout;
}

async function pair(base: TreeRef | null, now: TreeRef, call: GitCall): Promise<[string, string]> {
  return [base === null ? await emptyTree(call) : await present(base, call), await present(now, call)];
}

async function present(ref: TreeRef, call: GitCall): Promise<string> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref.tree)) throw new GitTrouble(`${JSON.stringify(ref.tree.slice(0, 80))} is no tree hash`);
  const result = await tryGit(['cat-file', '-e', `${ref.tree}^{tree}`], call);
  if (result.exitCode !== 0)
    throw new GitTrouble(`tree ${ref.tree} is missing from the room's objects: what changed since then can no longer be told`);
  return ref.tree;
}

function missing(stderr: string): GitTrouble {
  return new GitTrouble(`the two trees cannot be compared (an object may be missing): ${complaint(stderr)}`);
}

/** How git is called to read trees: in the room's repository, far from the user's attributes. */
export function readingCall(gitDir: string, signal?: AbortSignal): GitCall {
  return { cwd: gitDir, env: { GIT_DIR: gitDir }, signal };
}

/** The commit that HEAD names, null before the first one. */
export async function headCommit(cwd: string, signal?: AbortSignal): Promise<string | null> {
  const result = await tryGit(['rev-parse', '-q', '--verify', 'HEAD^{commit}'], { cwd, signal });
  return result.exitCode === 0 ? result.stdout.toString('latin1').trim() : null;
}
