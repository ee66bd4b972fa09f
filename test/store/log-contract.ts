/** What every engine of the log has to do, whatever it is made of. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/core/tree.ts';
import type { Log } from '../../src/store/log.ts';
import type { JournalRecord } from '../../src/store/record.ts';
import { until } from '../support/until.ts';
import { setDocument } from './support.ts';

export type Engine = {
  readonly name: string;
  /** A new place, and how a log over it is opened; opened again, it goes on from there. */
  readonly place: () => {
    readonly open: () => Promise<Log>;
    /** Lets another holder have the log, as if ours had been taken for dead. */
    readonly usurp: () => void | Promise<void>;
    /** Fills whatever it is kept on; answers how to make room again. null: that cannot be done here. */
    readonly fill: () => (() => void) | null;
  };
};

export const beginning: JsonObject = { document: { instances: { a: {} } }, coordinator: {} };

const numbers = (records: readonly JournalRecord[]): number[] => records.map(({ seq }) => seq);
const gapless = (records: readonly JournalRecord[]): boolean =>
  records.every((record, index) => record.seq === (records[0]?.seq ?? 0) + index);

async function all(log: Log, after: number): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for await (const record of log.since(after)) found.push(record);
  return found;
}

const step = (n: number, id: string | null = null) => setDocument(['instances', 'a', `n${n}`], n, id);

export function contract({ name, place }: Engine): void {
  async function opened(where = place()): Promise<Log> {
    const log = await where.open();
    onTestFinished(() => log.close());
    return log;
  }

  describe(`the log, kept as ${name}`, () => {
    test('begins with a snapshot; numbers have no gaps, also from many writers at once', async () => {
      const log = await opened();
      expect(log.snapshot()).toEqual({ seq: log.seq(), tree: beginning });
      const given = await Promise.all(Array.from({ length: 50 }, (_, n) => log.append([step(n)])));
      expect(new Set(given).size).toBe(50);
      const records = await all(log, 0);
      expect(gapless(records)).toBe(true);
      expect(numbers(records).at(-1)).toBe(log.seq());
    });

    test('several entries are written in order, with nothing between them', async () => {
      const log = await opened();
      const [first, last] = await Promise.all([log.append([step(1), step(2), step(3)]), log.append([step(4)])]);
      expect(last).toBe(first + 1);
      const records = await all(log, first - 3);
      expect(records.flatMap((record) => (record.kind === 'snapshot' ? [] : record.ops.map(([path]) => path.at(-1))))).toEqual([
        'n1',
        'n2',
        'n3',
        'n4',
      ]);
    });

    test('what was acknowledged is there when it is opened again', async () => {
      const where = place();
      const log = await opened(where);
      for (let n = 0; n < 20; n++) await log.append([step(n, `id-${n}`)]);
      const before = log.snapshot();
      await log.close();
      const again = await opened(where);
      expect(again.snapshot().tree).toEqual(before.tree);
      expect(again.seqOf('id-7')).toBe(log.seqOf('id-7'));
      expect(await again.append([step(99)])).toBeGreaterThan(before.seq);
    });

    test('an id is written once, also at the same moment and after it was opened again', async () => {
      const where = place();
      const log = await opened(where);
      const [first, second] = await Promise.all([log.append([step(1, 'same')]), log.append([step(2, 'same')])]);
      expect(second).toBe(first);
      await log.close();
      const again = await opened(where);
      expect(await again.append([step(3, 'same')])).toBe(first);
      expect(again.snapshot().tree).toMatchObject({ document: { instances: { a: { n1: 1 } } } });
    });

    test('entries handed over together: those that are known are not written again, also twice in one go, and the rest shares a time', async () => {
      const log = await opened();
      const known = await log.append([step(1, 'known')]);
      const last = await log.append([step(2, 'new'), step(3, 'known'), step(4, 'new'), step(5), step(6, 'last')]);
      expect([log.seqOf('known'), log.seqOf('new'), log.seqOf('last')]).toEqual([known, last - 2, last]);
      expect(await log.append([step(7), step(8, 'new')])).toBe(last - 2);
      const written = (await all(log, known)).filter((record) => record.kind !== 'snapshot');
      expect(written.map(({ ops }) => ops[0]?.[0].at(-1))).toEqual(['n2', 'n5', 'n6', 'n7']);
      expect(new Set(written.slice(0, 3).map(({ t }) => t)).size).toBe(1);
    });

    test('`ifSeq`: refused with `conflict` once the log has gone on, and then nothing was applied', async () => {
      const log = await opened();
      const seen = log.seq();
      await log.append([step(1)], { ifSeq: seen });
      await expect(log.append([step(2)], { ifSeq: seen })).rejects.toMatchObject({ code: 'conflict' });
      const answers = await Promise.allSettled([3, 4, 5].map((n) => log.append([step(n)], { ifSeq: seen + 1 })));
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(log.seq()).toBe(seen + 2);
    });

    test('whoever is no longer the holder is `fenced`, and writes nothing', async () => {
      const where = place();
      const log = await opened(where);
      await log.append([step(1)]);
      await where.usurp();
      await expect(log.append([step(2)])).rejects.toMatchObject({ code: 'fenced' });
      await log.close();
      expect((await opened(where)).snapshot().tree).toEqual({ ...beginning, document: { instances: { a: { n1: 1 } } } });
    });

    test('`full`: nothing is acknowledged, and it goes on by itself once there is room', async ({ skip }) => {
      const where = place();
      const log = await opened(where);
      await log.append([step(1)]);
      const empty = where.fill();
      if (empty === null) return skip();
      const much = setDocument(['instances', 'a', 'much'], 'x'.repeat(300_000), 'much');
      await expect(log.append([much])).rejects.toMatchObject({ code: 'full' });
      expect(log.seqOf('much')).toBeUndefined();
      empty();
      const seq = await log.append([much]);
      expect(log.seqOf('much')).toBe(seq);
      expect(gapless(await all(log, 0))).toBe(true);
    });

    test('closed: `unavailable`', async () => {
      const log = await opened();
      await log.close();
      await expect(log.append([step(1)])).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('who follows reads what was there, then what comes, each once and in order, until it is closed', async () => {
      const log = await opened();
      for (let n = 0; n < 5; n++) await log.append([step(n)]);
      const found: JournalRecord[] = [];
      const following = (async () => {
        for await (const record of log.since(0, { follow: true })) found.push(record);
      })();
      for (let n = 5; n < 25; n++) await log.append([step(n)]);
      await until('all of it', () => found.at(-1)?.seq === log.seq());
      expect(numbers(found)).toEqual(numbers(await all(log, 0)));
      await log.close();
      await following;
    });

    test('several that follow hear each record, also after a word that brought none', async () => {
      const log = await opened();
      await log.append([step(1, 'known')]);
      const found = [0, 1, 2].map((): number[] => []);
      const following = found.map(async (numbersOf) => {
        for await (const { seq } of log.since(0, { follow: true })) numbersOf.push(seq);
      });
      await until('the first of it', () => found.every((one) => one.at(-1) === log.seq()));
      await log.append([step(2, 'known')]);
      await log.append([step(3)]);
      await until('the rest', () => found.every((one) => one.at(-1) === log.seq()));
      await log.close();
      await Promise.all(following);
    });
  });
}
