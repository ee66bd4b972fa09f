/** Three days of coordination over the real store, and every number counted a second time from the lines of the journal. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decidedSince } from '../../src/core/brief.ts';
import { KPI_IDS, kpisOf } from '../../src/core/kpi.ts';
import { settledOf } from '../../src/core/settled.ts';
import { duration } from '../../src/core/time.ts';
import { createTimeline } from '../../src/room/timeline.ts';
import { type Bench, OPERATOR, openBench, scratchDir, started } from './bench.ts';
import { countByHand, type Ledger, readLedger } from './counted-by-hand.ts';
import { BUSY, DAY, days, MINUTE, oneDay } from './days.ts';

const statusDir = scratchDir();
let bench: Bench;
let ledger: Ledger;
let end = 0;
const written = new Map<string, Readonly<Record<string, string | null>>>();

beforeAll(async () => {
  bench = await openBench(statusDir, BUSY);
  bench.hooks.document = (path, values) => void written.set(path, values);
  await started(bench, BUSY);
  const lived = days(bench);
  for (const day of [0, 1, 2]) await oneDay(lived, day);
  end = bench.clock.now();
  const folder = join(statusDir, '.coordtui', 'journal');
  const lines = readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
  ledger = readLedger(lines);
}, 600_000);
afterAll(async () => {
  await bench.close();
  rmSync(statusDir, { recursive: true, force: true });
});

describe('PROTOCOL §10: three days of a journal', () => {
  test('they hold what days are made of', () => {
    const pages = [...ledger.pages.values()];
    expect(pages.length).toBeGreaterThanOrEqual(30);
    for (const what of [
      pages.filter(({ denials }) => denials > 0),
      pages.filter(({ denials }) => denials > 2),
      pages.filter(({ reopened }) => reopened.length > 0),
      pages.filter(({ critical }) => critical),
      pages.filter(({ decided }) => decided?.how === 'withdrawn'),
      ledger.byHand,
    ])
      expect(what.length).toBeGreaterThanOrEqual(3);
    expect(bench.handoffs().filter(({ closedAt }) => closedAt === null)).toEqual([]);
  });

  for (const [title, days, later] of [
    ['7 days, at the end', 7, 0],
    ['30 days, at the end', 30, 0],
    ['7 days, so much later that half of them is out', 7, 5.4 * DAY],
    ['30 days, so much later that half of them is out', 30, 28.4 * DAY],
    ['7 days, a month later', 7, 30 * DAY],
  ] as const)
    test(`PROTOCOL §10: each indicator is the number that is counted by hand: ${title}`, () => {
      const now = end + later;
      const told = Object.fromEntries(
        kpisOf(bench.coordinator.state(), days, now).map(({ id, value, cases }) => [
          id,
          { value, cases: cases.map(({ handoff }) => handoff).sort() },
        ]),
      );
      const { counted } = countByHand(ledger, days, now);
      for (const id of KPI_IDS) expect({ [id]: told[id] }).toEqual({ [id]: counted[id] });
    });

  test('PROTOCOL §10: the time of each handoff, without what passed under watch, suggest or a pause', () => {
    const told = settledOf(bench.coordinator.state()).flatMap(({ handoff, cycleMs }) =>
      cycleMs === null ? [] : [[handoff, cycleMs] as const],
    );
    const { times } = countByHand(ledger, 30, end);
    expect(Object.fromEntries(told)).toEqual(times);
    const whole = [...ledger.pages].map(([id, { decided }]) => [id, decided?.took]);
    expect(whole.filter(([id, took]) => times[String(id)] !== undefined && times[String(id)] !== took).length).toBeGreaterThan(0);
  });

  test('PROTOCOL §10: the weekly review says how often and how long each check ran, which was flaky, and what was denied', async () => {
    const reply = await bench.command(OPERATOR, { verb: 'review', kind: 'weekly' });
    if (!reply.ok) throw new Error(reply.message);
    const values = written.get(String((reply.data as { path: string }).path));
    expect(values?.HANDOFFS).toBe(String(ledger.pages.size));
    for (const [check, words] of [
      ['unit', '2 s'],
      ['slow', '6 m'],
      ['moody', '30 s'],
    ] as const) {
      const runs = ledger.judged.flatMap(({ checks }) => checks.filter((one) => one.check === check && one.outcome !== 'skipped'));
      const line = values?.CHECKS?.split('\n').find((one) => one.startsWith(`- ${check}: `)) ?? '';
      expect(line).toContain(`${words} in the median of ${runs.length} runs`);
      const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
      expect(/failed (\d+) times/.exec(line)?.[1] ?? '0').toBe(String(failed));
      const silent = runs.filter(({ outcome }) => outcome === 'did-not-run').length;
      expect(/did not run (\d+) times/.exec(line)?.[1] ?? '0').toBe(String(silent));
    }
    for (const phase of ['VERIFICATION', 'ACTIVE', 'FAILED', 'APPROVED']) {
      const ms = [...ledger.pages.values()].reduce((sum, { spent }) => sum + (spent[phase] ?? 0), 0);
      expect(values?.TIMING).toMatch(new RegExp(`- ${phase}: .*, ${duration(ms)} together`));
    }
    const slowest = values?.CHECKS?.split('\n')[0] ?? '';
    expect(slowest).toMatch(/^- slow: /);
    const outcomes = new Map<string, Set<string>>();
    for (const { handoff, tree, checks } of ledger.judged) {
      const said = checks.find(({ check }) => check === 'moody')?.outcome ?? '';
      outcomes.set(`${handoff} ${tree}`, (outcomes.get(`${handoff} ${tree}`) ?? new Set()).add(said));
    }
    const flaky = [...outcomes].filter(([, said]) => said.size > 1).map(([name]) => name.split(' ')[0] ?? '');
    expect(flaky.length).toBeGreaterThanOrEqual(3);
    for (const id of flaky) expect(values?.PROPOSALS).toContain(id);
    const critical = [...ledger.pages].filter(([, page]) => page.critical).map(([id]) => id);
    for (const id of critical) expect(values?.DENIALS).toContain(id);
  });

  test('PROTOCOL §10: timeline and brief tell every verdict and every decision once', async () => {
    const timeline = createTimeline({ coordinator: bench.coordinator, history: bench.history, seq: () => Number.MAX_SAFE_INTEGER });
    const entries = await timeline.entries();
    timeline.close();
    expect(entries.filter(({ text }) => / verdict of epoch /u.test(text))).toHaveLength(ledger.judged.length);
    const decided = decidedSince(bench.coordinator.state(), 0);
    const denials = [...ledger.pages.values()].reduce((sum, page) => sum + page.denials, 0);
    expect(decided.filter(({ decision }) => decision === 'denied')).toHaveLength(denials);
    const reopened = [...ledger.pages.values()].reduce((sum, page) => sum + page.reopened.length, 0);
    expect(decided.filter(({ decision }) => decision === 'reopened')).toHaveLength(reopened);
    const lastDay = decidedSince(bench.coordinator.state(), end - DAY);
    expect(lastDay.length).toBeGreaterThan(0);
    expect(lastDay.every(({ at }) => at >= end - DAY)).toBe(true);
  });

  test('no story has left a timer or a run behind', async () => {
    bench.clock.advance(20 * MINUTE);
    await bench.quiet();
    expect(bench.clock.waiting()).toBe(0);
    expect(bench.verifier.under).toEqual([]);
  });
});
