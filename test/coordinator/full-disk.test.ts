/** A disk that is full: nothing is half-done, nothing that happened is lost, and the room goes on by itself. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ASSIGN, as, type Bench, logged, ONE, OPERATOR, openBench, READY, scratchDir, started, stateAfterKill } from './bench.ts';

let statusDir = '';
let bench: Bench;
let told: (string | null)[] = [];

beforeEach(async () => {
  statusDir = scratchDir();
  bench = await openBench(statusDir);
  told = [];
  bench.coordinator.observe({ stalled: (why) => void told.push(why) });
  await started(bench);
});
afterEach(async () => {
  bench.disk.fullAppends = 0;
  await bench.close();
  rmSync(statusDir, { recursive: true, force: true });
});

/** Lets the waits of the loop run out, until the condition holds. */
function passTime(what: string, condition: () => boolean): Promise<unknown> {
  return until(what, () => {
    if (condition()) return true;
    bench.clock.advance(1_000);
    return false;
  });
}

describe('a full disk', () => {
  it('answers a command with 73, leaves the state untouched, and does the same once there is room', async () => {
    const before = bench.coordinator.state();
    bench.disk.fullAppends = 3;
    const from = bench.log.length;
    expect(await bench.command(OPERATOR, ASSIGN)).toMatchObject({ ok: false, code: 'cannotWrite' });
    expect(bench.coordinator.state()).toBe(before);
    expect(bench.log.slice(from).filter((line) => line.startsWith('document') || line.startsWith('append'))).toEqual([]);
    expect(bench.coordinator.stalled()).toContain('no space left');
    // It finds out by itself that there is room again.
    await passTime('the store to keep again', () => bench.coordinator.stalled() === null);
    expect(told).toEqual([expect.stringContaining('no space left'), null]);
    expect(await bench.command(OPERATOR, ASSIGN)).toMatchObject({ ok: true });
    expect(bench.handoffs()).toMatchObject([{ phase: 'ACTIVE' }]);
    expect(await stateAfterKill(statusDir)).toEqual(JSON.parse(JSON.stringify(bench.coordinator.state())));
  });

  it('does not lose an event that comes meanwhile, and keeps its place', async () => {
    await bench.command(OPERATOR, ASSIGN);
    await bench.command(as(ONE), READY);
    await logged(bench, 'run 1');
    bench.disk.fullAppends = 4;
    bench.verifier.finish('passed');
    await until('the store to stall', () => bench.coordinator.stalled() !== null);
    bench.panes.exit(ONE, { exitCode: 1, signal: null });
    expect(bench.handoffs()).toMatchObject([{ phase: 'VERIFICATION', closedAt: null }]);
    await passTime('the report to be judged', () => bench.handoffs()[0]?.closedAt !== null);
    await passTime('the exit to be told', () => bench.log.includes('append pane.exited'));
    expect(bench.log.indexOf('append verification.finished')).toBeLessThan(bench.log.indexOf('append pane.exited'));
    expect(bench.coordinator.stalled()).toBeNull();
  });

  it('answers at once a command that waits behind such an event, and one that comes later', async () => {
    bench.disk.fullAppends = Number.POSITIVE_INFINITY;
    bench.panes.exit(ONE, { exitCode: 1, signal: null });
    const waiting = bench.command(OPERATOR, ASSIGN);
    expect(await waiting).toMatchObject({ ok: false, code: 'cannotWrite' });
    expect(await bench.command(OPERATOR, ASSIGN)).toMatchObject({ ok: false, code: 'cannotWrite' });
    bench.disk.fullAppends = 0;
    await passTime('the exit to be told', () => bench.log.includes('append pane.exited'));
    await bench.quiet();
    // What was answered with no was not done behind the asker's back.
    expect(bench.handoffs()).toEqual([]);
    expect(await bench.command(OPERATOR, ASSIGN)).toMatchObject({ ok: true });
  });

  it('brings the status file up to the journal once there is room, though nothing else happens', async () => {
    bench.disk.fullProjects = 3;
    const reply = await bench.command(OPERATOR, ASSIGN);
    expect(reply).toMatchObject({ ok: true });
    expect(bench.coordinator.stalled()).toContain('no space left');
    const [handoff] = bench.handoffs();
    await passTime('the file to show the handoff', () => JSON.stringify(bench.file().handoffProtocol).includes(String(handoff?.id)));
    await passTime('the stall to be over', () => bench.coordinator.stalled() === null);
    expect(told.at(-1)).toBeNull();
  });

  it('lets the room end while an event waits for space', async () => {
    bench.disk.fullAppends = Number.POSITIVE_INFINITY;
    bench.panes.exit(ONE, { exitCode: 1, signal: null });
    await until('the store to stall', () => bench.coordinator.stalled() !== null);
    await bench.coordinator.close();
    expect(bench.clock.waiting()).toBe(0);
  });

  it('loses the room, and says so, when the store is lost for another reason', async () => {
    const gone = bench.coordinator.lost.then(
      () => 'no',
      (error: Error) => error.message,
    );
    rmSync(`${statusDir}/.coordtui/lock`);
    bench.coordinator.poke('look');
    expect(await gone).toContain('no longer holds the workspace');
  });
});
