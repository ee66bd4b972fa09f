import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { WatchedFile } from '../../src/core/trigger-state.ts';
import { type SourceWatch, watchSources } from '../../src/workspace/watch-sources.ts';
import { until } from '../support/until.ts';
import { storyConfig } from '../transcripts/runner.ts';

let root = '';
let watching: SourceWatch | null = null;
let seen: readonly WatchedFile[][] = [];

afterEach(async () => {
  await watching?.close();
  rmSync(root, { recursive: true, force: true });
});

function open(schema: readonly string[], responseTypes: readonly string[] = [], onFirst = () => {}) {
  seen = [];
  const base = storyConfig([], 'act');
  const instances = base.instances.map((one) => (one.role === 'backend' ? { ...one, files: ['migrations/**'] } : one));
  const triggers = { schema, contracts: [], responseTypes, cooldownMs: 0, settleMs: 0 };
  watching = watchSources({
    root,
    config: { ...base, instances, triggers },
    onSeen: (files) => {
      seen = [...seen, [...files]];
      if (seen.length === 1) onFirst();
    },
    log: (line) => {
      throw new Error(line);
    },
  });
}

const paths = () => (seen.at(-1) ?? []).map(({ path }) => path);

describe('PROTOCOL §6: triggers watch the real files', () => {
  test('all files of the globs, with kinds and owners; then every change, new file and removal', async () => {
    root = mkdtempSync(join(tmpdir(), 'sources-'));
    mkdirSync(join(root, 'migrations/node_modules'), { recursive: true });
    mkdirSync(join(root, 'src/types'), { recursive: true });
    writeFileSync(join(root, 'migrations/1.sql'), 'create table a;');
    writeFileSync(join(root, 'migrations/node_modules/x.sql'), 'no');
    writeFileSync(join(root, 'src/types/order.ts'), 'type Order = {}');
    symlinkSync('/etc', join(root, 'migrations/away'));
    // The watcher may not have begun yet; what it misses then is not left to the next look at everything.
    open(['migrations/**'], ['src/types/**'], () => writeFileSync(join(root, 'migrations/1.sql'), 'create table b;'));
    await until('the first look', () => seen.length > 0);
    expect(seen[0]).toMatchObject([
      { path: 'migrations/1.sql', kinds: ['schema'], owners: ['instance-1'] },
      { path: 'src/types/order.ts', kinds: ['responseTypes'], owners: [] },
    ]);
    const before = seen[0]?.[0]?.hash;
    await until('the change is seen', () => seen.at(-1)?.[0]?.hash !== before, 50_000);
    writeFileSync(join(root, 'migrations/2.sql'), 'create table c;');
    await until('the new file is seen', () => paths().includes('migrations/2.sql'));
    rmSync(join(root, 'migrations/1.sql'));
    await until('the removal is seen', () => !paths().includes('migrations/1.sql'));
  });

  test('a folder that is made later is seen too; the same content written again is no change', async () => {
    root = mkdtempSync(join(tmpdir(), 'sources-'));
    writeFileSync(join(root, 'schema.prisma'), 'model A {}');
    open(['db/**', 'schema.prisma']);
    await until('the first look', () => seen.length > 0);
    expect(paths()).toEqual(['schema.prisma']);
    mkdirSync(join(root, 'db/deep'), { recursive: true });
    writeFileSync(join(root, 'db/deep/1.sql'), 'x');
    await until('the file in the new folder is seen', () => paths().includes('db/deep/1.sql'));
    const looks = seen.length;
    // Moved there whole: a file that is written in place is empty for a moment, and that is a change.
    writeFileSync(join(root, 'schema.next'), 'model A {}');
    renameSync(join(root, 'schema.next'), join(root, 'schema.prisma'));
    writeFileSync(join(root, 'db/deep/2.sql'), 'y');
    await until('the second file is seen', () => paths().includes('db/deep/2.sql'));
    expect(seen.slice(looks).map((files) => files.find(({ path }) => path === 'schema.prisma')?.hash)).toEqual(
      seen.slice(looks).map(() => seen[0]?.[0]?.hash),
    );
  });

  test('a file that is written again within one tick of the clock, at the same length, is another', async () => {
    root = mkdtempSync(join(tmpdir(), 'sources-'));
    // Ahead, so that it is young however long the machine stands still.
    const tick = new Date(Date.now() + 3_600_000);
    const write = (text: string) => {
      writeFileSync(join(root, '1.sql'), text);
      utimesSync(join(root, '1.sql'), tick, tick);
    };
    write('a');
    open(['*.sql']);
    await until('the first look', () => seen.length > 0);
    write('b');
    writeFileSync(join(root, '2.sql'), 'x');
    await until('the next look', () => paths().includes('2.sql'));
    expect(seen.at(-1)?.[0]?.hash).not.toBe(seen[0]?.[0]?.hash);
  });

  test('no globs, no watcher', () => {
    root = mkdtempSync(join(tmpdir(), 'sources-'));
    open([]);
    expect(watching).toBeNull();
  });
});
