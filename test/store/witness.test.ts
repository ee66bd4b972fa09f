/** The thread that looks at the status file: what it sees while the other one is busy, or dead to the world. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { getAt, type JsonObject } from '../../src/core/tree.ts';
import { createDrafts } from '../../src/store/drafts.ts';
import { startWitness } from '../../src/store/witness.ts';
import { until } from '../support/until.ts';
import { bundled, opened, readStatus, removePrograms, round, run, scratch, statusFile } from './support.ts';

afterAll(removePrograms);

/** Keeps this thread from everything for so long; what others do meanwhile is the point. */
function busy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Whether another thread of this process has the file open. */
function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      // Closed since the listing.
      return false;
    }
  });
}

/** The caller's own thread stands still meanwhile. */
function waitUntilOpen(path: string): void {
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (const end = performance.now() + 20_000; performance.now() < end; Atomics.wait(still, 0, 0, 2)) if (isOpen(path)) return;
  throw new Error(`nobody opened ${path}`);
}

describe('the witness', () => {
  test.skipIf(process.platform !== 'linux')('versions that another replaced while the main thread was busy are merged', async () => {
    const dir = join(scratch(), 'status');
    mkdirSync(dir);
    const [witness, mover] = await Promise.all([bundled('../../src/store/witness-thread.ts'), bundled('mover.ts')]);
    const store = await opened(dir, { witness });
    await store.project();
    await until('the witness to look', () => isOpen(statusFile(dir)));
    const { lines, ended } = run(mover, [dir, '20', String(process.pid)]);
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) {
      busy(50);
      await round(store);
      await setImmediate();
    }
    await until('quiet', async () => (await round(store)).length === 0);
    const moved = lines.flatMap((line) => (line.startsWith('MOVED ') ? [line.slice(6)] : []));
    expect(moved).toHaveLength(20);
    const document = readStatus(dir);
    expect(moved.filter((n) => getAt(document, ['instances', 'a', 'versions', n]) !== 'x'.repeat(Number(n)))).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')(
    'what appears while the main thread has the turn is held, and told once it has given it',
    async () => {
      const dir = join(scratch(), 'status');
      mkdirSync(dir);
      const file = statusFile(dir);
      writeFileSync(file, '0');
      const witness = startWitness(await bundled('../../src/store/witness-thread.ts'), { folder: dir, file }, () => {});
      onTestFinished(witness.close);
      const heard: string[] = [];
      const listen = () => heard.push(...witness.heard().map(({ bytes }) => Buffer.from(bytes).toString()));
      await until('the first version', () => listen() > 0);
      const texts = Array.from({ length: 12 }, (_, n) => String(n + 1));
      const waits = witness.exclusively(() =>
        texts.map((text) => {
          const draft = join(dir, `draft-${text}`);
          writeFileSync(draft, text);
          const began = performance.now();
          waitUntilOpen(draft);
          renameSync(draft, file);
          return performance.now() - began;
        }),
      );
      await until('all of them', () => listen() > texts.length);
      expect(heard).toEqual(['0', ...texts]);
      // Had the thread waited for the turn in place, every other one would have taken all of its patience, a second.
      expect(waits.filter((ms) => ms > 700).length).toBeLessThan(3);
    },
  );

  test('without the program the thread itself looks', async () => {
    const dir = join(scratch(), 'status');
    mkdirSync(dir);
    const store = await opened(dir, { witness: join(dir, 'no-such-program.mjs') });
    await store.project();
    const edited = readStatus(dir) as { instances: { a: JsonObject } };
    writeFileSync(`${statusFile(dir)}.t`, JSON.stringify({ ...edited, instances: { a: { ...edited.instances.a, task: 'x' } } }));
    renameSync(`${statusFile(dir)}.t`, statusFile(dir));
    await until('the edit', async () => {
      await round(store);
      return getAt(readStatus(dir), ['instances', 'a', 'task']) === 'x';
    });
  });
});

describe.skipIf(process.platform !== 'linux')('drafts', () => {
  test('what lay at the status file and was replaced is still there, in the order of its writing; what went elsewhere is not', () => {
    const dir = scratch();
    const file = join(dir, 'status.json');
    const drafts = createDrafts(file);
    onTestFinished(drafts.close);
    const draft = (name: string, text: string): string => {
      const path = join(dir, name);
      writeFileSync(path, '');
      drafts.hold(path);
      writeFileSync(path, text);
      return path;
    };
    const [one, two, three, other] = [draft('one', '1'), draft('two', '2'), draft('three', '3'), draft('other', 'x')];
    expect(drafts.replaced()).toEqual([]);
    renameSync(one, file);
    renameSync(two, file);
    renameSync(three, file);
    renameSync(other, join(dir, 'elsewhere'));
    expect(drafts.replaced().map(({ bytes }) => bytes.toString())).toEqual(['1', '2']);
    expect(drafts.replaced()).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('3');
  });

  test('a pipe, a link, a folder and what is not there are let be', () => {
    const dir = scratch();
    const drafts = createDrafts(join(dir, 'status.json'));
    onTestFinished(drafts.close);
    mkdirSync(join(dir, 'folder'));
    drafts.hold(join(dir, 'folder'));
    drafts.hold(join(dir, 'nothing'));
    expect(drafts.replaced()).toEqual([]);
  });
});
