/** A fast clock through weeks: what comes about by itself comes about once, on time, and leaves nothing behind. */
import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Config } from '../../src/core/config.ts';
import { type Bench, ONE, openBench, scratchDir, started } from './bench.ts';
import { BUSY, DAY, days, MINUTE, straight } from './days.ts';

const LOOK = 30 * MINUTE;
const SLOW: Config = { ...BUSY, policy: { ...BUSY.policy, monitorIntervalMs: LOOK } };
const statusDir = scratchDir();
let bench: Bench;

afterEach(async () => {
  await bench.close();
  rmSync(statusDir, { recursive: true, force: true });
});

test('PROTOCOL §10: through five weeks each review is written once, in its time, and no timer stays', { timeout: 600_000 }, async () => {
  bench = await openBench(statusDir, SLOW);
  const begun = bench.clock.now();
  const reviews: { kind: string; at: number; handoffs: number }[] = [];
  bench.hooks.document = (path, values) => {
    const kind = /(weekly|monthly)-review/.exec(path)?.[1];
    if (kind !== undefined) reviews.push({ kind, at: bench.clock.now() - begun, handoffs: Number(values.HANDOFFS) });
  };
  await started(bench, SLOW);
  const lived = days(bench);
  const waiting: number[] = [];
  for (let day = 0; day < 36; day++) {
    lived.begin(0, straight(ONE));
    await lived.run(DAY / MINUTE);
    waiting.push(bench.clock.waiting());
  }
  const weekly = reviews.filter(({ kind }) => kind === 'weekly');
  expect(weekly).toHaveLength(5);
  for (const [index, { at, handoffs }] of weekly.entries()) {
    expect(Math.floor(at / (7 * DAY))).toBe(index + 1);
    expect(at % (7 * DAY)).toBeLessThanOrEqual(LOOK);
    expect(handoffs).toBeGreaterThanOrEqual(7);
  }
  const monthly = reviews.filter(({ kind }) => kind === 'monthly');
  expect(monthly).toHaveLength(1);
  expect(monthly[0]?.at).toBeLessThanOrEqual(30 * DAY + LOOK);
  expect(new Set(waiting)).toEqual(new Set([0]));
  expect(bench.coordinator.state().coordinator.alerts.length).toBeLessThanOrEqual(SLOW.policy.alertsKept);
  expect(bench.handoffs().every(({ closedAt }) => closedAt !== null)).toBe(true);
});
