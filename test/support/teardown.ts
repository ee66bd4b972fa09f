/**
 * Around the whole run: one temporary directory for all tests (so that sockets, rooms and workspaces of tests are told from
 * anybody else's), and at the end nothing may be left running. What is left is ended by its id, and fails the run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, leftovers } from './leftovers.ts';
import { RUN_VARIABLE, registered } from './rooms.ts';
import { until } from './until.ts';

export function setup(): () => Promise<void> {
  // Short: a socket's path has to fit below it.
  const run = realpathSync(mkdtempSync(join(tmpdir(), 'ct-')));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = run;
  // What rooms record of their sessions is no business of the user's own state directory.
  process.env.XDG_STATE_HOME = join(run, 'state');
  process.env[RUN_VARIABLE] = run;
  return async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    const left = await settle(run);
    rmSync(run, { recursive: true, force: true });
    if (left.length === 0) return;
    console.error(`tests left these running (ended now):\n${left.join('\n')}`);
    // What a teardown throws is printed by the runner and does not fail the run.
    process.exitCode = 1;
  };
}

/** What ends by itself within two minutes was on its way out; the rest is a leak. */
async function settle(run: string): Promise<string[]> {
  const isQuiet = () => leftovers(run).length === 0 && registered(run).length === 0;
  const quiet = await until('all processes of the tests to end', isQuiet).catch(() => false);
  if (quiet) return [];
  const left = leftovers(run);
  for (const process of left) end(process);
  const seen = new Set(left.map(({ pid }) => pid));
  const rooms = registered(run).filter(({ pid, workspace }) => !seen.has(pid) && endRoom(pid, workspace));
  return [...left.map(({ pid, command }) => `  ${pid} ${command}`), ...rooms.map(({ pid, workspace }) => `  ${pid} room of ${workspace}`)];
}

/** True when there was one to end: its number may be another's by now, so its command line has to name the workspace. */
function endRoom(pid: number, workspace: string): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  if (stdout?.includes(workspace) !== true) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
    return false;
  }
}
