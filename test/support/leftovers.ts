/** Processes that tests have started and not ended, found by the variable that only this run's processes carry. */
import { readdirSync, readFileSync } from 'node:fs';
import { RUN_VARIABLE } from './rooms.ts';

export type Leftover = { readonly pid: number; readonly birth: string; readonly command: string };

type Row = { pid: number; ppid: number; birth: string; state: string };

/** Empty on systems without /proc: there only the registry of rooms is looked at. */
function processes(): Row[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readRow(Number(name)) ?? []);
  } catch {
    return [];
  }
}

function readRow(pid: number): Row | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', ppid = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, ppid: Number(ppid), birth: rest[17] ?? '', state };
  } catch {
    // It ended while we looked.
    return null;
  }
}

function carries(pid: number, run: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${RUN_VARIABLE}=${run}`);
  } catch {
    // Ended, or another user's: neither is ours.
    return false;
  }
}

/** Everything of this run but the runner itself and its own children (its workers, which it ends itself). */
export function leftovers(run: string): Leftover[] {
  return processes()
    .filter(({ pid, ppid, state }) => pid !== process.pid && ppid !== process.pid && state !== 'Z' && carries(pid, run))
    .map(({ pid, birth }) => ({ pid, birth, command: commandOf(pid) }));
}

/** Ends exactly this process, and not one that has got its number since. */
export function end({ pid, birth }: Leftover): void {
  if (readRow(pid)?.birth !== birth) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '(ended)';
  }
}
