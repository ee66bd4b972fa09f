/**
 * The processes of a check: its group, ended as a whole, and what has left the group (`setsid`), which is known by a mark in the
 * environment that it was started with. One that cleared that as well cannot be reached from here: the room, as reaper of orphans,
 * ends those.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { allProcesses, environmentOf, type ProcessInfo, processInfo } from '../native/process.ts';

/** The variable that holds the mark of one run of one check. */
export const MARK = 'COORDTUI_CHECK_RUN';

const POLL_MS = 20;
/** The kernel ends a killed process at once, unless it hangs in a device. */
const AFTER_KILL_MS = 5_000;

/** Whether a process of the group still runs. Zombies, which only wait to be reaped, do not count where that can be told. */
async function groupRuns(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    // `pid (name) state ppid pgrp …`; the name may hold anything, so it is cut at its last parenthesis
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (stat === null) continue; // it ended meanwhile
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(pgrp) === group && state !== 'Z' && state !== 'X') return true;
  }
  return false;
}

/** SIGTERM to the whole group, SIGKILL after the grace. Resolves when nothing of it runs any more. */
export async function endGroup(group: number, graceMs: number): Promise<void> {
  signalGroup(group, 'SIGTERM');
  if (await groupEnds(group, graceMs)) return;
  signalGroup(group, 'SIGKILL');
  await groupEnds(group, AFTER_KILL_MS);
}

/** Waits until nothing of the group runs any more; false when the time is up before. */
export async function groupEnds(group: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (await groupRuns(group)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Ends what carries this mark, and was not gone by itself `withinMs` after the check. False: there was nothing. */
export async function endMarked(mark: string, withinMs: number, graceMs: number): Promise<boolean> {
  const found = () => allProcesses().filter((one) => isRunning(one) && environmentOf(one.pid)?.get(MARK) === mark);
  if ((await lastOf(found, withinMs)).length === 0) return false;
  for (const one of found()) signalOne(one, ['SIGTERM', 'SIGCONT']);
  await lastOf(found, graceMs);
  // One that is killed may have started another just before.
  const deadline = performance.now() + AFTER_KILL_MS;
  for (let left = found(); left.length > 0 && performance.now() < deadline; left = found()) {
    for (const one of left) signalOne(one, ['SIGKILL']);
    await delay(POLL_MS);
  }
  return true;
}

/** Waits until none is found any more, or the time is up. */
async function lastOf(found: () => readonly ProcessInfo[], withinMs: number): Promise<readonly ProcessInfo[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = found();
    if (left.length === 0 || performance.now() >= deadline) return left;
    await delay(POLL_MS);
  }
}

function isRunning({ state }: ProcessInfo): boolean {
  return state !== 'Z' && state !== 'X';
}

/** Numbers are used again: only the very process that was found. */
function signalOne({ pid, startTicks }: ProcessInfo, signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) {
    if (processInfo(pid)?.startTicks !== startTicks) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      // Gone in between, or somebody else's by now.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: a member changed its user; it is there all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
