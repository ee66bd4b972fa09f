/** Ending every process of a session: those that ignore the hang-up, leave the session or fork twice among them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { allProcesses, ancestorsOf, descendantsOf, environmentOf, type ProcessInfo, processInfo } from '../native/process.ts';

/** What makes a process one of the session's, apart from being a descendant of one. */
export type Membership = {
  /** Session leaders; one whose start differs is another process with the same pid, and nobody's business. */
  readonly leaders: readonly { readonly pid: number; readonly startTicks: number }[];
  /** Whether this process, by itself, is the session's; the environment is null where it cannot be read. */
  claims(candidate: ProcessInfo, environment: ReadonlyMap<string, string> | null): boolean;
};

export type EndOptions = {
  /** Between the hang-up and the kill. */
  readonly graceMs: number;
  /** After the kill, until what the kernel does not let go is given up. */
  readonly patienceMs: number;
};

export type Ended = { readonly ended: readonly ProcessInfo[]; readonly left: readonly ProcessInfo[] };

export const DEFAULT_END: EndOptions = { graceMs: 2_000, patienceMs: 20_000 };
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 100;

/**
 * SIGHUP to every member, SIGKILL after the grace, again and again until a look finds none. What was a member once
 * stays one, also when its parent is gone meanwhile. Never touches this process or its ancestors.
 */
export async function endSession(membership: Membership, { graceMs, patienceMs }: EndOptions = DEFAULT_END): Promise<Ended> {
  const seen = new Map<string, ProcessInfo>();
  const startedAt = performance.now();
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    const news = membersOf(membership).filter((member) => !seen.has(keyOf(member)));
    for (const member of news) seen.set(keyOf(member), member);
    const alive = [...seen.values()].filter(isAlive);
    const elapsed = performance.now() - startedAt;
    if (alive.length === 0 || elapsed > graceMs + patienceMs)
      return { ended: [...seen.values()].filter((one) => !alive.includes(one)), left: alive };
    if (elapsed >= graceMs) for (const member of alive) signal(member, ['SIGKILL']);
    // A stopped process sees its hang-up only when it goes on.
    else for (const member of news) signal(member, ['SIGHUP', 'SIGCONT']);
    await sleep(Math.min(pause, elapsed < graceMs ? Math.max(graceMs - elapsed, 1) : pause));
  }
}

/**
 * Ends every child of this process but those in `spared`, with all that is below them. A room that is the reaper of its
 * orphans calls it last: what left its session, its parents and its environment behind has become the room's child.
 */
export function endChildren(spared: ReadonlySet<number>, options: EndOptions = DEFAULT_END): Promise<Ended> {
  return endSession({ leaders: [], claims: ({ pid, ppid }) => ppid === process.pid && !spared.has(pid) }, options);
}

/** The living members, this process and its ancestors left out. */
function membersOf({ leaders, claims }: Membership): ProcessInfo[] {
  const processes = allProcesses().filter(isRunning);
  const spared = new Set([process.pid, ...ancestorsOf(process.pid).map(({ pid }) => pid)]);
  const ourSession = processInfo(process.pid)?.sid;
  const byPid = new Map(processes.map((one) => [one.pid, one]));

  const sessions = new Set<number>();
  for (const { pid, startTicks } of leaders) {
    const leader = byPid.get(pid);
    // Gone: its session may live on under its number, which no process can take before that.
    if (leader === undefined || leader.startTicks === startTicks) sessions.add(pid);
  }
  const members = new Map<number, ProcessInfo>();
  const add = (one: ProcessInfo): void => {
    if (!spared.has(one.pid)) members.set(one.pid, one);
  };
  for (const one of processes) {
    if (spared.has(one.pid) || !claims(one, environmentOf(one.pid))) continue;
    add(one);
    sessions.add(one.sid);
  }
  // 0 stands for a session outside of this container.
  sessions.delete(0);
  if (ourSession !== undefined) sessions.delete(ourSession);
  for (const one of processes) if (sessions.has(one.sid)) add(one);
  for (const { pid } of [...members.values()]) for (const child of descendantsOf(pid, processes)) add(child);
  return [...members.values()];
}

function signal(member: ProcessInfo, signals: readonly NodeJS.Signals[]): void {
  for (const name of signals) {
    if (!isAlive(member)) return;
    try {
      process.kill(member.pid, name);
    } catch (error) {
      // ESRCH: gone in between. EPERM: it became somebody else's; it is told as left over.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

function isAlive({ pid, startTicks }: ProcessInfo): boolean {
  const now = processInfo(pid);
  return now !== null && now.startTicks === startTicks && isRunning(now);
}

/** A zombie does nothing any more; whoever is its parent reaps it. */
function isRunning({ state }: ProcessInfo): boolean {
  return state !== 'Z' && state !== 'X';
}

function keyOf({ pid, startTicks }: ProcessInfo): string {
  return `${pid} ${startTicks}`;
}
