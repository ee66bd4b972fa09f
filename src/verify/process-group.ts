/**
 * A check's process group, ended as a whole. A process that made a session of its own (`setsid`) is no
 * longer in the group and cannot be reached from here: the room, as reaper of orphans, ends those.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

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

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: a member changed its user; it is there all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
