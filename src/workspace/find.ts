/** Which directory is being coordinated (PROTOCOL section 1). Only node's own modules: the smallest client imports this too. */
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CONFIG_FILE } from './paths.ts';

export type Found =
  /** `root` is a real path: every link resolved, so that one workspace has one room. */
  | { readonly ok: true; readonly root: string; readonly by: 'option' | 'environment' | 'marker' | 'directory' }
  | { readonly ok: false; readonly message: string };

const MARKERS = [CONFIG_FILE, join('status', '.coordtui')];

/**
 * `--workspace`, else COORDTUI_WORKSPACE, else the nearest directory from `cwd` upwards that holds a config or a room's
 * private directory, else `cwd` itself. A marker above `cwd` counts only when its owner is you, root, or the owner of
 * `cwd`: otherwise anybody could plant a config, and with it commands, in a directory that all may write. In an instance's
 * worktree, which holds the config as every checkout does, the workspace is the one above it.
 */
export function findWorkspace(asked: {
  option?: string | undefined;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}): Found {
  if (asked.option !== undefined) return directory(resolve(asked.cwd, asked.option), 'option', '--workspace');
  const named = asked.env['COORDTUI_WORKSPACE'];
  if (named !== undefined && named !== '') return directory(resolve(asked.cwd, named), 'environment', 'COORDTUI_WORKSPACE');
  const marked = nearestMarked(asked.cwd);
  return marked === null ? directory(asked.cwd, 'directory', 'the current directory') : directory(marked, 'marker', 'the workspace');
}

function directory(path: string, by: 'option' | 'environment' | 'marker' | 'directory', name: string): Found {
  try {
    const root = realpathSync(path);
    if (statSync(root).isDirectory()) return { ok: true, root, by };
    return { ok: false, message: `${name}: ${path} is not a directory` };
  } catch (error) {
    return { ok: false, message: `${name}: ${path} cannot be opened (${error instanceof Error ? error.message : String(error)})` };
  }
}

function nearestMarked(cwd: string): string | null {
  const trusted = new Set([0, process.getuid?.(), look(cwd)?.uid]);
  for (let here = resolve(cwd); ; here = dirname(here)) {
    const marker = MARKERS.map((name) => look(join(here, name))).find((stats) => stats !== null);
    if (marker !== undefined && (here === resolve(cwd) || trusted.has(marker?.uid))) {
      const above = isLinkedWorktree(here) && dirname(here) !== here ? nearestMarked(dirname(here)) : null;
      return above ?? here;
    }
    if (dirname(here) === here) return null;
  }
}

/** A worktree beside the main one has a file in place of `.git`, and it names its place in the list of worktrees. */
function isLinkedWorktree(directory: string): boolean {
  try {
    return /^gitdir: .*\/worktrees\/[^/\n]+\n?$/.test(readFileSync(join(directory, '.git'), 'utf8').slice(0, 8192));
  } catch {
    // A directory, absent or out of reach: not one of those.
    return false;
  }
}

function look(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    // Absent or out of reach: no marker, in either case.
    return null;
  }
}
