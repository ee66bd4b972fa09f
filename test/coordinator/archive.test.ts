/** Decision 0028: two rooms live through the same days, one that keeps every closed handoff whole and one that archives all but three. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveOld, everyHandoff } from '../../src/core/archive.ts';
import type { ArchivedHandoff } from '../../src/core/archived-handoff.ts';
import { briefLines, decidedSince } from '../../src/core/brief.ts';
import type { Command } from '../../src/core/command.ts';
import type { Config } from '../../src/core/config.ts';
import type { HandoffId } from '../../src/core/ids.ts';
import { KPI_IDS, kpisOf } from '../../src/core/kpi.ts';
import { caseLines, kpiLines } from '../../src/core/kpi-lines.ts';
import { reviewData } from '../../src/core/review-data.ts';
import { settledOf } from '../../src/core/settled.ts';
import type { State } from '../../src/core/state.ts';
import { begin } from '../../src/core/work.ts';
import { createTimeline } from '../../src/room/timeline.ts';
import { type Bench, ONE, OPERATOR, openBench, scratchDir, started, stateAfterKill } from './bench.ts';
import { BUSY, DAY, days, oneDay } from './days.ts';

const WHOLE = 3;
const FRUGAL: Config = { ...BUSY, policy: { ...BUSY.policy, handoffsWhole: WHOLE, handoffsWholeMs: 0 } };
const folders = [scratchDir(), scratchDir()] as const;

type Lived = { readonly bench: Bench; readonly documents: Map<string, unknown> };
let lavish: Lived;
let frugal: Lived;

async function live(folder: string, config: Config): Promise<Lived> {
  const bench = await openBench(folder, config);
  const documents = new Map<string, unknown>();
  bench.hooks.document = (path, values) => void documents.set(path, values);
  await started(bench, config);
  const lived = days(bench);
  for (const day of [0, 1]) await oneDay(lived, day);
  return { bench, documents };
}

beforeAll(async () => {
  lavish = await live(folders[0], BUSY);
  frugal = await live(folders[1], FRUGAL);
}, 600_000);
afterAll(async () => {
  await lavish.bench.close();
  await frugal.bench.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const stateOf = ({ bench }: Lived): State => bench.coordinator.state();
const archiveOf = (lived: Lived): Readonly<Record<HandoffId, ArchivedHandoff>> =>
  Object.assign({}, ...Object.values(stateOf(lived).coordinator.archive ?? {}));
const both = <T>(what: (lived: Lived) => T) => [what(frugal), what(lavish)] as const;

/** An archived one that went this way. */
function archivedBy(last: 'release' | 'withdraw'): HandoffId {
  const found = Object.entries(archiveOf(frugal)).find(([, { history }]) => history.at(-1)?.[1] === last)?.[0];
  if (found === undefined) throw new Error(`none was closed by ${last}`);
  return found as HandoffId;
}

describe('an archived handoff', () => {
  test('only the newest stay whole, and none is lost', () => {
    expect(Object.keys(archiveOf(lavish))).toEqual([]);
    expect(frugal.bench.handoffs()).toHaveLength(WHOLE);
    expect(Object.keys(archiveOf(frugal)).length).toBeGreaterThan(20);
    const [kept, all] = both((lived) => everyHandoff(stateOf(lived)).map(({ id }) => id));
    expect(kept).toEqual(all);
  });

  test('PROTOCOL §10: indicators, their cases and the rows behind them are the same', () => {
    for (const later of [0, 0.8 * DAY, 6.2 * DAY, 29 * DAY]) {
      const now = lavish.bench.clock.now() + later;
      for (const length of [1, 7, 30, 366]) {
        const [kept, all] = both((lived) => kpisOf(stateOf(lived), length, now));
        expect(kept).toEqual(all);
        for (const id of KPI_IDS) {
          const [few, many] = both((lived) => caseLines(stateOf(lived), id, length, now));
          expect(few).toEqual(many);
        }
      }
      const [kept, all] = both((lived) => kpiLines(stateOf(lived), now));
      expect(kept).toEqual(all);
    }
    const [kept, all] = both((lived) => settledOf(stateOf(lived)));
    expect(kept).toEqual(all);
    expect(all.filter(({ critical }) => critical).length).toBeGreaterThan(0);
  });

  test('PROTOCOL §10: reviews have the same figures, flaky checks and patterns among them, and were written the same', () => {
    const now = lavish.bench.clock.now();
    for (const [from, to] of [
      [0, now],
      [now - DAY, now],
      [now - 1.5 * DAY, now - 0.4 * DAY],
    ] as const) {
      const [kept, all] = both((lived) => reviewData(stateOf(lived), from, to));
      expect(kept).toEqual(all);
      expect(all.checks.some(({ flaky }) => flaky.length > 0)).toBe(true);
      expect(all.denials.length).toBeGreaterThan(0);
    }
    expect(frugal.documents).toEqual(lavish.documents);
  });

  test('PROTOCOL §3: briefs and the timeline tell the same', async () => {
    const now = lavish.bench.clock.now();
    for (const since of [0, now - DAY, now - DAY / 4]) {
      const [kept, all] = both((lived) => [briefLines(stateOf(lived), since, now), decidedSince(stateOf(lived), since)]);
      expect(kept).toEqual(all);
    }
    const [kept, all] = await Promise.all(
      both(async ({ bench }) => {
        const timeline = createTimeline({ coordinator: bench.coordinator, history: bench.history, seq: () => Number.MAX_SAFE_INTEGER });
        const entries = await timeline.entries();
        timeline.close();
        return entries.map(({ seq: _seq, ...entry }) => entry);
      }),
    );
    expect(all?.length).toBeGreaterThan(100);
    expect(kept).toEqual(all);
  });

  test('the whole of each comes back from the journal, to the letter', async () => {
    for (const whole of lavish.bench.handoffs()) {
      const state = await frugal.bench.coordinator.stateWith(whole.id);
      expect(state.coordinator.handoffs[whole.id]).toEqual(whole);
    }
  });

  test('what a killed room leaves folds to the same state, archive and all', async () => {
    await frugal.bench.quiet();
    expect(await stateAfterKill(folders[1])).toEqual(stateOf(frugal));
  });

  test('a state from before there was an archive is brought down bit by bit, a few in each step', () => {
    let { coordinator, document } = stateOf(lavish);
    coordinator = { ...coordinator, config: FRUGAL };
    const sizes: number[] = [];
    for (;;) {
      const work = begin({ document, coordinator }, lavish.bench.clock.now(), 'ab12cd34');
      archiveOld(work, 7);
      if (work.coordinator === coordinator) break;
      sizes.push(Object.keys(coordinator.handoffs).length - Object.keys(work.coordinator.handoffs).length);
      ({ coordinator, document } = work);
    }
    expect(Object.keys(coordinator.handoffs)).toHaveLength(WHOLE);
    expect(Math.max(...sizes)).toBe(7);
    expect(settledOf({ document, coordinator })).toEqual(settledOf(stateOf(lavish)));
  });
});

describe('a command that names one', () => {
  const TOLD = { epoch: null, reason: null };
  const say = ({ bench }: Lived, command: Command) => bench.command(OPERATOR, command);

  test('is answered as if it were whole, and what is refused changes nothing', async () => {
    const handoff = archivedBy('withdraw');
    const before = stateOf(frugal);
    for (const command of [
      { verb: 'approve', handoff, ...TOLD },
      { verb: 'deny', handoff, ...TOLD },
      { verb: 'hold', handoff },
      { verb: 'prioritise', handoff, priority: 'high' },
      { verb: 'withdraw', handoff, reason: 'twice' },
      { verb: 'verify', handoff },
      { verb: 'reopen', handoff, reason: 'it was not complete' },
      { verb: 'undo', handoff },
      { verb: 'cancel', handoff },
    ] as const satisfies readonly Command[]) {
      const [kept, all] = [await say(frugal, command), await say(lavish, command)];
      expect(kept.ok).toBe(false);
      expect(kept).toEqual(all);
    }
    expect(stateOf(frugal).coordinator.archive).toEqual(before.coordinator.archive);
    expect(stateOf(frugal).coordinator.handoffs).toEqual(before.coordinator.handoffs);
  });

  test('PROTOCOL §2: opens it again, whole; closed once more it goes again, and the newer one comes back', async () => {
    const handoff = archivedBy('release');
    const before = Object.keys(archiveOf(frugal)).length;
    for (const lived of [frugal, lavish])
      expect(await say(lived, { verb: 'reopen', handoff, reason: 'orders are lost after all' })).toMatchObject({ ok: true });
    expect(archiveOf(frugal)[handoff]).toBeUndefined();
    const [kept, all] = both(({ bench }) => bench.handoffs().find(({ id }) => id === handoff));
    expect(kept).toEqual(all);
    expect(kept).toMatchObject({ epoch: all?.epoch ?? 0, closedAt: null });
    for (const lived of [frugal, lavish]) {
      await say(lived, { verb: 'withdraw', handoff, reason: 'never mind' });
      // Others are closed after it.
      for (let count = 0; count < WHOLE; count++) {
        lived.bench.clock.advance(60_000);
        const made = await say(lived, {
          verb: 'assign',
          instance: ONE,
          task: `later ${count}`,
          type: null,
          priority: 'medium',
          depends: [],
          required: [],
          next: null,
        });
        if (!made.ok) throw new Error(made.message);
        await say(lived, { verb: 'withdraw', handoff: (made.data as { handoff: HandoffId }).handoff, reason: null });
      }
      lived.bench.clock.advance(60_000);
      lived.bench.coordinator.poke('timer');
      await lived.bench.quiet();
    }
    // The one that was approved last stays besides: the base line rests on it.
    expect(Object.keys(archiveOf(frugal)).length).toBe(before + WHOLE - 1);
    expect(archiveOf(frugal)[handoff]?.history.at(-1)?.slice(1)).toEqual([
      'withdraw',
      expect.any(Number),
      expect.any(String),
      'never mind',
    ]);
    const whole = await frugal.bench.coordinator.stateWith(handoff);
    expect(whole.coordinator.handoffs[handoff]).toEqual(lavish.bench.handoffs().find(({ id }) => id === handoff));
  });

  test('makes it stay whole as long as open work waits for it', async () => {
    const handoff = archivedBy('release');
    const made = await say(frugal, {
      verb: 'assign',
      instance: ONE,
      task: 'after it',
      type: null,
      priority: 'medium',
      depends: [handoff],
      required: [],
      next: null,
    });
    if (!made.ok) throw new Error(made.message);
    const { handoff: id } = made.data as { handoff: HandoffId };
    frugal.bench.coordinator.poke('timer');
    await frugal.bench.quiet();
    // It was handed over long ago, so the work begins at once.
    expect(frugal.bench.handoffs().find((one) => one.id === id)?.phase).toBe('ACTIVE');
    expect(archiveOf(frugal)[handoff]).toBeUndefined();
    await say(frugal, { verb: 'withdraw', handoff: id, reason: null });
    frugal.bench.clock.advance(60_000);
    frugal.bench.coordinator.poke('timer');
    await frugal.bench.quiet();
    expect(archiveOf(frugal)[handoff]).toBeDefined();
  });
});
