import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { threadClock } from '../../src/native/thread-clock.ts';

it("counts this thread's work, and no other's", async () => {
  const clock = threadClock();
  const before = clock();
  const worker = new Worker('for (const end = process.cpuUsage().user + 300_000; process.cpuUsage().user < end; );', { eval: true });
  await once(worker, 'exit');
  const meanwhile = clock() - before;
  const begun = clock();
  while (clock() - begun < 20);
  // The worker alone had 300 ms.
  expect(meanwhile).toBeLessThan(150);
  expect(clock() - begun).toBeGreaterThanOrEqual(20);
});
