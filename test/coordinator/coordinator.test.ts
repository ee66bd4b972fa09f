/** The loop: what is kept before what is said, turns one after the other, and an end that leaves nothing. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/tree.ts';
import { drop } from '../../src/store/inbox-drop.ts';
import { until } from '../support/until.ts';
import { ASSIGN, as, type Bench, logged, ONE, OPERATOR, openBench, READY, scratchDir, started, statusFileOf, TWO } from './bench.ts';

let statusDir = '';
let bench: Bench;

beforeEach(async () => {
  statusDir = scratchDir();
  bench = await openBench(statusDir);
});
afterEach(async () => {
  await bench.close();
  rmSync(statusDir, { recursive: true, force: true });
});

/** The documented idiom: jq into a second file, and that moved over the first. */
function edit(change: (document: Record<string, Record<string, Record<string, unknown>>>) => void): void {
  const document = JSON.parse(readFileSync(statusFileOf(statusDir), 'utf8'));
  change(document);
  const aside = join(statusDir, 'tmp.json');
  writeFileSync(aside, JSON.stringify(document));
  renameSync(aside, statusFileOf(statusDir));
}

const own = (bench: Bench, id: string): JsonObject => (bench.file().instances as Record<string, JsonObject>)[id] ?? {};

describe('persist before speaking', () => {
  it('keeps the record, then writes the document, then names it in the status file', async () => {
    await started(bench);
    const from = bench.log.length;
    const tooEarly: string[] = [];
    bench.hooks.document = (path) => {
      for (const told of [bench.file(), bench.coordinator.state()]) if (JSON.stringify(told).includes(path)) tooEarly.push(path);
    };
    const reply = await bench.command(OPERATOR, ASSIGN);
    expect(tooEarly).toEqual([]);
    expect(reply.ok).toBe(true);
    const appended = await logged(bench, 'append command', from);
    const written = await logged(bench, /^document docs_dev\/handoffs\//, from);
    const projected = await logged(bench, /^project/, written);
    expect([appended < written, written < projected]).toEqual([true, true]);
    expect(bench.log.slice(appended, written).filter((line) => line.startsWith('project'))).toEqual([]);
    const path = bench.log[written]?.replace('document ', '');
    expect(own(bench, ONE).messages).toMatchObject([{ subject: 'task_delegation', path }]);
  });

  it('starts nothing before the state that it belongs to is durable', async () => {
    await started(bench);
    const begun = await logged(bench, `start ${ONE}`);
    expect(await logged(bench, 'append room.started')).toBeLessThan(begun);
    await bench.command(OPERATOR, ASSIGN);
    const from = bench.log.length;
    await bench.command(as(ONE), READY);
    const run = await logged(bench, 'run 1', from);
    const appended = await logged(bench, 'append command', from);
    const projected = await logged(bench, /^project/, appended);
    expect([appended < projected, projected < run]).toEqual([true, true]);
  });

  it('tells observers only what is durable', async () => {
    const seen: string[] = [];
    bench.coordinator.observe({
      changed: (_before, _after, event) => {
        seen.push(event.type);
        expect(bench.log).toContain(`append ${event.type}`);
      },
    });
    await started(bench);
    await bench.command(OPERATOR, ASSIGN);
    expect(seen).toContain('room.started');
    expect(seen).toContain('command');
  });
});

describe('turns', () => {
  it('makes one look of many pokes that come before it', async () => {
    await started(bench);
    const looks = () => bench.log.filter((line) => line.startsWith('project')).length;
    const before = looks();
    for (let poke = 0; poke < 500; poke++) bench.coordinator.poke(`poke ${poke}`);
    await bench.quiet();
    // The watcher of the store may poke on its own account, so a few more are fine.
    expect(looks() - before).toBeLessThan(20);
  });

  it('answers commands in the order in which they came, each on the state that the one before has left', async () => {
    await started(bench);
    const replies = await Promise.all([
      bench.command(OPERATOR, ASSIGN),
      bench.command(OPERATOR, ASSIGN),
      bench.command(as(ONE), READY),
      bench.command(as(ONE), READY),
    ]);
    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.code))).toEqual(['ok', 'refused', 'ok', 'refused']);
  });

  it('hears what was written outside before it obeys the next command', async () => {
    await started(bench);
    await bench.command(OPERATOR, ASSIGN);
    edit((document) => Object.assign(document.instances?.[ONE] ?? {}, { status: 'HANDOFF_READY' }));
    const reply = await bench.command(as(ONE), READY);
    expect(reply).toMatchObject({ ok: false, code: 'refused' });
    expect(bench.handoffs()).toMatchObject([{ phase: 'VERIFICATION', epoch: 1 }]);
  });

  it('never runs two rounds of one handoff at the same time', async () => {
    await started(bench);
    await bench.command(OPERATOR, ASSIGN);
    await bench.command(as(ONE), READY);
    await logged(bench, 'run 1');
    const [handoff] = bench.handoffs();
    if (handoff === undefined) throw new Error('there is no handoff');
    bench.verifier.lingering = true;
    expect(await bench.command(OPERATOR, { verb: 'verify', handoff: handoff.id })).toMatchObject({ ok: true });
    await logged(bench, 'cancel 1');
    await bench.quiet();
    // Its processes are still being ended, in the directory in which the next would begin.
    expect(bench.verifier.under.map(({ epoch }) => epoch)).toEqual([1]);
    bench.verifier.lingering = false;
    bench.verifier.finish('passed', { cancelled: true });
    await logged(bench, 'run 2');
    expect(bench.verifier.under.map(({ epoch }) => epoch)).toEqual([2]);
    await bench.quiet();
    expect(bench.handoffs()).toMatchObject([{ phase: 'VERIFICATION', epoch: 2, question: null }]);
  });
});

describe('what others do to the status file', () => {
  const untilWhole = () =>
    until('the status file to be whole again', () => {
      try {
        return own(bench, ONE).status === 'STANDBY' && typeof bench.file().revision === 'number';
      } catch {
        // Not there, or not yet ours.
        return false;
      }
    });

  it('makes a removed file again, with nobody asking', async () => {
    await started(bench);
    rmSync(statusFileOf(statusDir));
    await untilWhole();
  });

  it.each([
    ['an empty object', '{}'],
    ['an object of other things', '{"a":1}'],
    ['no object at all', '[]'],
    ['a cut-off file', '{"instances":{"inst'],
    ['only a part of it', '{"revision":1,"handoffProtocol":{}}'],
    ['nothing', ''],
  ])('goes on after a file that holds %s', async (_what, text) => {
    await started(bench);
    writeFileSync(statusFileOf(statusDir), text);
    await untilWhole();
    edit((document) => Object.assign(document.instances?.[TWO] ?? {}, { currentTask: 'still heard' }));
    await until(
      'an edit to be taken',
      () => bench.coordinator.state().document !== undefined && own(bench, TWO).currentTask === 'still heard',
    );
    await bench.quiet();
    await expect(Promise.race([bench.coordinator.lost, Promise.resolve('not lost')])).resolves.toBe('not lost');
  });

  it('goes on after an edit that collides so that nothing of it is taken', async () => {
    await started(bench);
    const stale = bench.file();
    edit((document) => Object.assign(document.instances?.[ONE] ?? {}, { currentTask: 'newer' }));
    await until('the newer task', () => own(bench, ONE).currentTask === 'newer' && Number(bench.file().revision) > Number(stale.revision));
    delete (stale.instances as Record<string, Record<string, unknown>>)[ONE]?.currentTask;
    writeFileSync(join(statusDir, 'tmp.json'), JSON.stringify(stale));
    renameSync(join(statusDir, 'tmp.json'), statusFileOf(statusDir));
    await until('the file to be ours again', () => Number(bench.file().revision) > Number(stale.revision));
    await bench.quiet();
    expect(own(bench, ONE).currentTask).toBe('newer');
  });
});

describe('many updates at once (P1 §2: instances report whenever they like)', () => {
  const count = 800;
  const put = (path: string[], value: number, op: 'set' | 'incr' = 'set') =>
    expect(drop(statusDir, { op, path, value, by: ONE, ifRevision: null }).ok).toBe(true);

  it('takes them in with few writes, each with a record of its own, in their order', async () => {
    await started(bench);
    await bench.close();
    for (let n = 0; n < count / 2; n++) {
      put(['instances', ONE, 'last'], n);
      put(['instances', ONE, 'sum'], 1, 'incr');
    }
    bench = await openBench(statusDir);
    bench.coordinator.poke('test');
    await until('all of it', () => own(bench, ONE).sum === count / 2);
    expect(own(bench, ONE).last).toBe(count / 2 - 1);
    const writes = bench.log.filter((line) => line.startsWith('append status.edited'));
    expect(writes.join(' + ').match(/status\.edited/g)).toHaveLength(count);
    expect(writes.length).toBeLessThan(20);
    expect(bench.log.filter((line) => line.startsWith('project')).length).toBeLessThan(40);
    await until('an empty inbox', () => readdirSync(join(statusDir, '.coordtui/inbox/new')).length === 0);
  });

  it('a disk that is full in the middle: all of it later, and each once', async () => {
    await started(bench);
    bench.disk.fullAppends = 2;
    for (let n = 0; n < 20; n++) put(['instances', ONE, 'sum'], 1, 'incr');
    bench.coordinator.poke('test');
    await until('the store to keep again', () => {
      bench.clock.advance(500);
      return bench.disk.fullAppends === 0 && own(bench, ONE).sum === 20;
    });
    await bench.quiet();
    expect(own(bench, ONE).sum).toBe(20);
  });

  it('begins what follows from one of them before it hears the next', async () => {
    await started(bench);
    await bench.command(OPERATOR, ASSIGN);
    await bench.quiet();
    const from = bench.log.length;
    put(['instances', ONE, 'before'], 1);
    expect(drop(statusDir, { op: 'set', path: ['instances', ONE, 'status'], value: 'HANDOFF_READY', by: ONE, ifRevision: null }).ok).toBe(
      true,
    );
    put(['instances', ONE, 'after'], 1);
    bench.coordinator.poke('test');
    const run = await logged(bench, 'run 1', from);
    const first = await logged(bench, 'append status.edited + status.edited', from);
    const second = await logged(bench, 'append status.edited', from);
    expect([first < run, run < second]).toEqual([true, true]);
  });
});

describe('the end', () => {
  it('cancels the round under way and does not wait for what it would have said', async () => {
    await started(bench);
    await bench.command(OPERATOR, ASSIGN);
    await bench.command(as(ONE), READY);
    await logged(bench, 'run 1');
    await bench.coordinator.close();
    expect(bench.verifier.under).toEqual([]);
    // The next room begins it anew: nothing of the cancelled one was journaled.
    expect(bench.handoffs()).toMatchObject([{ phase: 'VERIFICATION', epoch: 1, question: null }]);
  });

  it('cancels a round that only begins while the loop is ending', async () => {
    await started(bench);
    await bench.command(OPERATOR, ASSIGN);
    const ready = bench.command(as(ONE), READY);
    await bench.coordinator.close();
    await ready;
    expect(bench.verifier.under).toEqual([]);
  });

  it('leaves no call of its own with the clock, and answers what comes later', async () => {
    await started(bench);
    bench.panes.exit(ONE, { exitCode: 1, signal: null });
    await until('the restart to be planned', () => bench.clock.waiting() > 0);
    const restarting = bench.command(OPERATOR, { verb: 'restart', instance: TWO });
    await bench.coordinator.close();
    await restarting;
    expect(bench.clock.waiting()).toBe(0);
    expect(await bench.command(OPERATOR, ASSIGN)).toMatchObject({ ok: false, code: 'noRoom' });
  });
});
