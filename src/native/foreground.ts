/** Whether a process has its terminal right now: it runs, and belongs to the group that the terminal listens to. */
import { closeSync, openSync, readSync } from 'node:fs';

export type Foreground = {
  /** True: it runs in the foreground. False: it is stopped, or another group has the terminal. null: it is gone. About ten microseconds. */
  look(): boolean | null;
  close(): void;
};

const ENOUGH_BYTES = 512;

/** One process for good, whoever gets its number later. null: it is gone, or the system (macOS) does not tell. Whoever asks closes. */
export function watchForeground(pid: number): Foreground | null {
  if (process.platform !== 'linux') return null;
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/stat`, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
  const buffer = Buffer.alloc(ENOUGH_BYTES);
  return {
    look() {
      try {
        return isForeground(buffer.toString('latin1', 0, readSync(fd, buffer, 0, ENOUGH_BYTES, 0)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        return null;
      }
    },
    close: () => closeSync(fd),
  };
}

/** Set from the first moment of a process's end on, before its files are closed and anybody hears of it. */
const PF_EXITING = 0x4;

/** Of a line of /proc/PID/stat; also who is about to be dead, or is dead and not yet reaped, is gone. */
export function isForeground(stat: string): boolean | null {
  const [state = '', , group, , , foreground, flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 7);
  if (state === '' || 'ZX'.includes(state) || (Number(flags) & PF_EXITING) !== 0) return null;
  return state !== 'T' && group === foreground;
}
