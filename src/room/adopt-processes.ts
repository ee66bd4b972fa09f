/** A room answers for every process below it: those that a killed room had left, and those whose parents have gone. */
import { becomeSubreaper, startReaper } from '../native/subreaper.ts';
import { endSurvivors } from '../pane/survivors.ts';

const REAP_MS = 2_000;

/** Never two of one: what a killed room left behind ends before anything is started. Orphans are reaped from now on. */
export async function adoptProcesses(sessionsFile: string, log: (sentence: string) => void): Promise<{ close(): void }> {
  const survivors = await endSurvivors(sessionsFile);
  for (const { pid, comm } of survivors.ended) log(`ended what a killed room had left: ${comm} (pid ${pid})`);
  for (const { pid, comm } of survivors.left) log(`could not end what a killed room had left: ${comm} (pid ${pid})`);
  const adopts = becomeSubreaper();
  if (!adopts) log('this system does not let the room adopt orphans: rights and leftovers are told by terminal and environment alone');
  return startReaper({ intervalMs: REAP_MS });
}
