/** kill -9 of the room in every phase: it comes back as it was, never two of one run, and nothing is left in the end. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Handoff } from '../../src/core/state.ts';
import { getAt } from '../../src/core/tree.ts';
import { tryLock } from '../../src/native/lock.ts';
import { BACKEND, carriersOf, type Drill, type DrillOptions, FRONTEND, isAlive, openDrill, until } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

type Finished = (close: () => Promise<void>) => void;

/** The tests of this file wait much and work little, so they run side by side: each cleans up behind itself. */
async function drillFor(finished: Finished, options: DrillOptions = {}): Promise<Drill> {
  const drill = await openDrill('crash', options);
  finished(drill.close);
  await drill.open();
  await drill.agents();
  return drill;
}

/** Everything that a handoff is, apart from what tells how long something is ago. */
async function seen(drill: Drill): Promise<{ listed: unknown; whole: Handoff[] }> {
  const whole = await drill.sealedHandoffs();
  const { code, stdout, stderr } = await drill.coordtui('handoffs', '--all', '--json');
  if (code !== 0) throw new Error(stderr);
  return { listed: JSON.parse(stdout), whole };
}

/** kill -9, and up again, with the agents of the dead room gone before those of the new one began. */
async function killAndReturn(drill: Drill): Promise<void> {
  const before = drill.alive();
  expect(before.filter(({ kind }) => kind === 'agent')).toHaveLength(2);
  expect(await drill.kill()).toBe('SIGKILL');
  await drill.open();
  await until(
    'the agents of the new room',
    () => drill.alive().filter((life) => life.kind === 'agent' && !before.some(({ pid }) => pid === life.pid)).length === 2,
  );
  expect(before.filter(isAlive)).toEqual([]);
  expect(drill.lives().filter(({ met }) => met !== '-')).toEqual([]);
}

type Phase = {
  readonly name: string;
  readonly reach: (drill: Drill) => Promise<unknown>;
  readonly goOn?: (drill: Drill) => Promise<unknown>;
};

const onlyOne = async (drill: Drill): Promise<Handoff> => {
  const [handoff] = await drill.handoffs();
  if (handoff === undefined) throw new Error('there is no handoff');
  return handoff;
};
const ready = (drill: Drill, instance = BACKEND) => drill.did('ready', { instance, summary: 'done' });

// biome-ignore lint/suspicious/noThenProperty: the name of the flag
const THEN_FRONTEND = { then: FRONTEND };

/** Where a handoff can be when the room dies, and that it goes on from there. */
const PHASES: readonly Phase[] = [
  {
    name: 'STANDBY, with a dependency',
    async reach(drill) {
      const first = await drill.assign(BACKEND);
      const second = await drill.assign(FRONTEND, { depends: [first] });
      expect((await drill.handoffs()).find(({ id }) => id === second)?.phase).toBe('STANDBY');
    },
    async goOn(drill) {
      await ready(drill);
      await until('the second to be given out', async () =>
        (await drill.handoffs()).some(({ from, phase }) => from === FRONTEND && phase === 'ACTIVE'),
      );
    },
  },
  { name: 'ACTIVE', reach: (drill) => drill.assign(BACKEND), goOn: (drill) => ready(drill) },
  {
    name: 'HANDOFF_READY, held',
    async reach(drill) {
      await drill.did('handoffs hold', { id: await drill.assign(BACKEND) });
      await ready(drill);
      expect(await onlyOne(drill)).toMatchObject({ phase: 'HANDOFF_READY', held: true });
    },
    async goOn(drill) {
      const { id } = await onlyOne(drill);
      await drill.did('handoffs unhold', { id });
      await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
    },
  },
  {
    name: 'VERIFICATION, with an open question',
    async reach(drill) {
      drill.exitWith(127);
      const id = await drill.assign(BACKEND);
      await ready(drill);
      await drill.untilHandoff(id, 'is asked about', ({ question }) => question !== null);
    },
    async goOn(drill) {
      const { id, epoch } = await onlyOne(drill);
      await drill.did('approve', { id, epoch });
      await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
    },
  },
  {
    name: 'FAILED',
    async reach(drill) {
      drill.exitWith(1);
      const id = await drill.assign(BACKEND);
      await ready(drill);
      const { document } = await drill.untilHandoff(id, 'is denied', ({ phase }) => phase === 'FAILED');
      expect(readFileSync(join(drill.workspace, String(document)), 'utf8')).toContain('unit');
    },
    async goOn(drill) {
      const { id } = await onlyOne(drill);
      await drill.did('ack', { instance: BACKEND, task: id, status: 'RECEIVED' });
      expect(await onlyOne(drill)).toMatchObject({ phase: 'REMEDIATION', denials: 1 });
    },
  },
  {
    name: 'REMEDIATION',
    async reach(drill) {
      drill.exitWith(1);
      const id = await drill.assign(BACKEND);
      await ready(drill);
      await drill.untilHandoff(id, 'is denied', ({ phase }) => phase === 'FAILED');
      await drill.did('ack', { instance: BACKEND, task: id, status: 'RECEIVED' });
    },
    async goOn(drill) {
      drill.exitWith(0);
      await ready(drill);
      const done = await drill.untilHandoff((await onlyOne(drill)).id, 'is complete', ({ closedAt }) => closedAt !== null);
      expect(done.epoch).toBe(2);
    },
  },
  {
    name: 'APPROVED, waiting for the acknowledgment',
    async reach(drill) {
      const id = await drill.assign(BACKEND, THEN_FRONTEND);
      await ready(drill);
      await drill.untilHandoff(id, 'is passed on', ({ phase, delegation }) => phase === 'APPROVED' && delegation !== null);
    },
    async goOn(drill) {
      const first = (await drill.handoffs()).find(({ from }) => from === BACKEND);
      await drill.did('ack', { instance: FRONTEND, task: String(first?.delegation?.handoff), status: 'RECEIVED' });
      await drill.untilHandoff(String(first?.id), 'is complete', ({ closedAt }) => closedAt !== null);
    },
  },
  {
    name: 'complete',
    async reach(drill) {
      const id = await drill.assign(BACKEND);
      await ready(drill);
      await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
    },
    goOn: (drill) => drill.assign(BACKEND),
  },
];

describe.concurrent('kill -9 of the room', () => {
  it.for(PHASES)('in $name: it comes back as it was, and goes on', async ({ reach, goOn }, { onTestFinished }) => {
    const drill = await drillFor(onTestFinished);
    await reach(drill);
    const before = await seen(drill);
    await killAndReturn(drill);
    expect(await seen(drill)).toEqual(before);
    await goOn?.(drill);
  });

  it('in the middle of a run: its checks are ended, and the run is begun anew in a new epoch', async ({ onTestFinished }) => {
    const drill = await drillFor(onTestFinished, { checkHabits: ['stubborn', 'session'] });
    writeFileSync(drill.hold, '');
    const id = await drill.assign(BACKEND);
    await ready(drill);
    const running = await until('the check and its daemon', () => {
      const found = drill.alive().filter(({ of }) => of === 'unit');
      return found.length === 2 ? found : null;
    });
    const before = await onlyOne(drill);
    expect(before).toMatchObject({ phase: 'VERIFICATION', epoch: 1, rounds: [{ epoch: 1, end: null }] });
    await killAndReturn(drill);
    expect(running.filter(isAlive)).toEqual([]);
    const again = await drill.untilHandoff(id, 'runs again', ({ epoch }) => epoch === 2);
    expect(again).toMatchObject({
      phase: 'VERIFICATION',
      rounds: [
        { epoch: 1, end: 'lost' },
        { epoch: 2, end: null },
      ],
    });
    await until('the new check', () => drill.alive().some(({ of, kind }) => of === 'unit' && kind === 'check'));
    drill.release();
    expect(await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null)).toMatchObject({ epoch: 2, denials: 0 });
    expect(drill.lives().filter(({ met }) => met !== '-')).toEqual([]);
  });

  it('ends the agents of the dead room before it starts new ones, also those that do not want to go', async ({ onTestFinished }) => {
    const drill = await drillFor(onTestFinished, { habits: ['stubborn', 'left', 'session', 'orphan'] });
    const old = await until('all daemons', () => (drill.alive().length === 8 ? drill.alive() : null));
    await drill.assign(BACKEND);
    await killAndReturn(drill);
    expect(old.filter(isAlive)).toEqual([]);
    // And once more, before the new ones have settled.
    await killAndReturn(drill);
  });

  it('again and again while it starts: never two of one', async ({ onTestFinished }) => {
    const drill = await drillFor(onTestFinished, { habits: ['stubborn', 'session'] });
    const id = await drill.assign(BACKEND);
    const before = await onlyOne(drill);
    for (let time = 0; time < 3; time++) {
      const lived = drill.lives().length;
      await drill.kill();
      // As soon as the next one can be spoken to; its agents may be about to start.
      await drill.open();
      if (time === 1) await until('a new agent', () => drill.lives().length > lived);
    }
    await until('the agents of the last room', () => drill.alive().filter(({ kind }) => kind === 'agent').length === 2);
    expect(drill.lives().filter(({ met }) => met !== '-')).toEqual([]);
    expect(await onlyOne(drill)).toEqual(before);
    expect(before.id).toBe(id);
  });
});

/** Work given out and taken back without a pause, until the room is gone; what was answered with yes, in that order. */
async function busyOperator(drill: Drill, answered: (verb: string, id: string) => void): Promise<void> {
  for (;;) {
    for (const instance of [BACKEND, FRONTEND]) {
      const given = await drill.operator('assign', { instance, task: 'to be taken back' }).catch(() => null);
      if (given === null || !given.ok) return;
      const id = String(getAt(given.data, ['handoff']));
      answered('assign', id);
      const taken = await drill.operator('handoffs withdraw', { id }).catch(() => null);
      if (taken === null || !taken.ok) return;
      answered('withdraw', id);
    }
  }
}

describe.concurrent('kill -9 at any moment', () => {
  it('what was answered with yes is there, and so is every document that is named', async ({ onTestFinished }) => {
    const drill = await drillFor(onTestFinished);
    const yes: { verb: string; id: string }[] = [];
    for (const count of [1, 2, 5, 8, 13]) {
      const enough = yes.length + count;
      const operating = busyOperator(drill, (verb, id) => {
        yes.push({ verb, id });
        if (yes.length === enough) drill.room().child.kill('SIGKILL');
      });
      await operating;
      await drill.room().stop('SIGKILL');
      await drill.open();
      const handoffs = new Map((await drill.handoffs()).map((handoff) => [handoff.id as string, handoff]));
      for (const { verb, id } of yes) {
        expect(handoffs.get(id), `${verb} ${id}`).toBeDefined();
        if (verb === 'withdraw') expect(handoffs.get(id)?.closedAt, id).not.toBeNull();
      }
      for (const { id, document } of handoffs.values())
        expect(existsSync(join(drill.workspace, String(document))), `${id} ${document}`).toBe(true);
      for (const { id, closedAt } of handoffs.values()) if (closedAt === null) await drill.did('handoffs withdraw', { id });
    }
    expect(yes.length).toBeGreaterThanOrEqual(29);
  });
});

describe.concurrent('the end of a room', () => {
  const NASTY = { habits: ['stubborn', 'left', 'session', 'orphan', 'nameless'], checkHabits: ['stubborn', 'session', 'nameless'] };

  /** Agents, daemons and a check under way, all of which ignore what ignoring can be done. */
  async function busy(finished: Finished): Promise<Drill> {
    const drill = await drillFor(finished, NASTY);
    writeFileSync(drill.hold, '');
    await drill.assign(BACKEND);
    await ready(drill);
    await until('agents, check and daemons', () => drill.alive().length === 13);
    return drill;
  }

  function nothingLeft(drill: Drill): void {
    const { socket } = drill.room();
    expect(drill.alive()).toEqual([]);
    expect(carriersOf('COORDTUI_WORKSPACE', drill.workspace)).toEqual([]);
    expect(existsSync(socket)).toBe(false);
    const lock = tryLock(join(drill.workspace, 'status', '.coordtui', 'lock'));
    if (!('fd' in lock)) throw new Error('the lock is still held');
    lock.release();
  }

  it('coordtui stop --yes leaves no process, no socket and no lock', async ({ onTestFinished }) => {
    const drill = await busy(onTestFinished);
    const { code, stderr } = await drill.coordtui('stop', '--yes');
    expect([code, stderr]).toEqual([0, '']);
    await until('the room to end by itself', () => drill.room().child.exitCode !== null);
    expect(drill.room().child.exitCode).toBe(0);
    nothingLeft(drill);
  });

  it.for(['SIGTERM', 'SIGINT'] as const)('%s, also twice, leaves no process, no socket and no lock', async (signal, { onTestFinished }) => {
    const drill = await busy(onTestFinished);
    drill.room().child.kill(signal);
    await drill.printed(/the room ends: SIG/);
    drill.room().child.kill(signal);
    expect(await drill.room().stop(signal)).toBe(0);
    nothingLeft(drill);
  });

  it('SIGTERM while it starts leaves nothing either', async ({ onTestFinished }) => {
    const drill = await openDrill('crash', { habits: ['stubborn'] });
    onTestFinished(drill.close);
    const room = drill.begin();
    await until('the first agent', () => drill.lives().length > 0);
    expect(await room.stop()).toBe(0);
    expect(drill.alive()).toEqual([]);
  });
});
