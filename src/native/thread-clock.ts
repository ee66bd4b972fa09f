/** The processor time of one thread alone: what a piece of work cost, whatever the collector's threads and the disk's do beside it. */
import { bind } from './libc.ts';

/** CLOCK_THREAD_CPUTIME_ID. */
const CLOCKS: Readonly<Partial<Record<NodeJS.Platform, number>>> = { linux: 3, darwin: 16 };

/** Milliseconds of the processor that the calling thread has had; where that is not told, those of the whole process. */
export function threadClock(): () => number {
  const clock = CLOCKS[process.platform];
  const gettime = bind('int clock_gettime(int clock, void *time)');
  const time = new BigInt64Array(2);
  if (clock === undefined || 'unavailable' in gettime || gettime.call(clock, time).value !== 0) return wholeProcess;
  return () => {
    gettime.call(clock, time);
    return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
  };
}

function wholeProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
