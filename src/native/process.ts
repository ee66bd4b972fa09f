/**
 * What the kernel knows about processes: /proc on Linux, `ps` on macOS as far as it goes (no start ticks
 * and no environment there). Everything answers null or an empty list for a process that is gone.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';

export type ProcessInfo = {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  /** Session id; 0 where the system does not tell. */
  readonly sid: number;
  /** The controlling terminal in the kernel's numbering, 0 for none; compare with `ttyNumber`. */
  readonly ttyNr: number;
  /** Clock ticks between boot and the start of the process: with `pid` it names one process for good. */
  readonly startTicks: number;
  /** One letter: R, S, D, T, Z (dead, not yet reaped) … */
  readonly state: string;
  /** The program's short name, at most 15 bytes; it may hold spaces, parentheses and newlines. */
  readonly comm: string;
};

/** The kernel counts processor time in hundredths of a second, whatever its own clock does. */
const TICK_MS = 10;

/** Whether this system has a /proc of the Linux kind. */
const hasProc = process.platform === 'linux';

/** Whether a process of this number is there, whoever's it is. Numbers are used again: it need not be the one that was meant. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function processInfo(pid: number): ProcessInfo | null {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (!hasProc) return listByPs(['-p', String(pid)])[0] ?? null;
  const text = readProc(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text.toString('utf8'));
}

/** One line of /proc/PID/stat. The name is taken up to the LAST parenthesis, since it may hold some itself. */
export function parseStat(text: string): ProcessInfo | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const rest = text
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  const number = (index: number): number => Number(rest[index] ?? Number.NaN);
  const info: ProcessInfo = {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: rest[0] ?? '',
    ppid: number(1),
    pgid: number(2),
    sid: number(3),
    ttyNr: number(4),
    startTicks: number(19),
  };
  const known = [info.pid, info.ppid, info.pgid, info.sid, info.ttyNr, info.startTicks].every(Number.isInteger);
  return known && info.state !== '' ? info : null;
}

/** Processor time that the process has used, in milliseconds; null when it is gone, or the system does not tell. */
export function cpuMs(pid: number): number | null {
  const text = hasProc ? readProc(`/proc/${pid}/stat`)?.toString('utf8') : undefined;
  if (text === undefined) return null;
  const rest = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const ticks = Number(rest[11]) + Number(rest[12]);
  return Number.isFinite(ticks) ? ticks * TICK_MS : null;
}

/** The environment that the process was STARTED with; null when it is gone, not ours to read, or not to be had here. */
export function environmentOf(pid: number): Map<string, string> | null {
  if (!hasProc || !Number.isInteger(pid) || pid <= 0) return null;
  const bytes = readProc(`/proc/${pid}/environ`);
  if (bytes === null) return null;
  const found = new Map<string, string>();
  for (const entry of bytes.toString('utf8').split('\0')) {
    const equals = entry.indexOf('=');
    // As getenv does: the first of two entries with one name counts.
    if (equals > 0 && !found.has(entry.slice(0, equals))) found.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return found;
}

export function allProcesses(): ProcessInfo[] {
  if (!hasProc) return listByPs(['-A']);
  const found: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const info = processInfo(Number(name));
    if (info !== null) found.push(info);
  }
  return found;
}

/** The parents of `pid`, nearest first, without `pid` itself; ends at the first that cannot be read. */
export function ancestorsOf(pid: number): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  const met = new Set<number>([pid]);
  let here = processInfo(pid);
  while (here !== null && here.ppid > 0 && !met.has(here.ppid)) {
    met.add(here.ppid);
    here = processInfo(here.ppid);
    if (here !== null) found.push(here);
  }
  return found;
}

/** All children, grandchildren and so on, parents before their children, zombies included. */
export function descendantsOf(pid: number, processes: readonly ProcessInfo[] = allProcesses()): ProcessInfo[] {
  const children = new Map<number, ProcessInfo[]>();
  for (const info of processes) {
    const siblings = children.get(info.ppid);
    if (siblings === undefined) children.set(info.ppid, [info]);
    else siblings.push(info);
  }
  const found: ProcessInfo[] = [];
  const waiting = [pid];
  const met = new Set<number>(waiting);
  for (let parent = waiting.shift(); parent !== undefined; parent = waiting.shift()) {
    for (const child of children.get(parent) ?? []) {
      if (met.has(child.pid)) continue;
      met.add(child.pid);
      found.push(child);
      waiting.push(child.pid);
    }
  }
  return found;
}

/** The device number of a terminal (`/dev/pts/3`) as `ttyNr` shows it; null for anything that is no character device. */
export function ttyNumber(path: string): number | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isCharacterDevice()) return null;
  return terminalNumber(stat.rdev);
}

/** The number of a device as `ttyNr` shows it. */
export function terminalNumber(rdev: number): number {
  // C library and kernel lay out the low 32 bits alike (8 bits of minor, 12 of major, 12 more of minor); the kernel prints them signed.
  return Number(BigInt.asIntN(32, BigInt(rdev)));
}

function readProc(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    // Gone between two looks (ENOENT, ESRCH), or another user's (EACCES, EPERM): both mean that there is nothing to know.
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return null;
    throw error;
  }
}

function listByPs(select: readonly string[]): ProcessInfo[] {
  let output: string;
  try {
    // Loaded where it is needed: the smallest client asks about a process, too.
    output = process
      .getBuiltinModule('node:child_process')
      .execFileSync('ps', [...select, '-o', 'pid=,ppid=,pgid=,sess=,tty=,stat=,comm='], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
  } catch (error) {
    // `ps` exits 1 when the process is gone.
    if (error instanceof Error) return [];
    throw error;
  }
  return output.split('\n').flatMap(parsePsLine);
}

/** One line of `ps -o pid=,ppid=,pgid=,sess=,tty=,stat=,comm=`. */
export function parsePsLine(line: string): ProcessInfo[] {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S)\S*\s+(.*)$/.exec(line);
  if (match === null) return [];
  const [, pid, ppid, pgid, sid, tty, state, comm] = match;
  const device = tty === undefined || /^\?+$/.test(tty) ? null : ttyNumber(`/dev/${tty}`);
  return [
    {
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: Number.parseInt(sid ?? '0', 10) || 0,
      ttyNr: device ?? 0,
      startTicks: 0,
      state: state ?? '',
      comm: comm ?? '',
    },
  ];
}
