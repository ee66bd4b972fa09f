import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a condition, never for a duration. The deadline is generous: it is there to end a wait that cannot succeed, not
 * to measure a machine.
 * @returns the first answer that is neither false, null nor undefined
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 120_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await look();
    if (answer !== false && answer !== null && answer !== undefined) return answer as Exclude<T, false | null | undefined>;
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await sleep(20);
  }
}
