import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Foreign } from '../../src/core/ports.ts';
import { getAt, type JsonObject } from '../../src/core/tree.ts';
import { exchange } from '../../src/native/exchange.ts';
import { drop } from '../../src/store/inbox-drop.ts';
import { readLockInfo } from '../../src/store/lock-info.ts';
import { openStore } from '../../src/store/open.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { asStoreError, withoutPlace } from '../../src/store/store-error.ts';
import { until } from '../support/until.ts';
import { coord, initial, lockInfo, opened, readStatus, round, scratch, setDocument, statusFile, take } from './support.ts';

/** As an agent does it: a new file, moved over the old one. */
function replace(statusDir: string, content: string | JsonObject): void {
  const draft = join(statusDir, `.draft-${process.hrtime.bigint()}`);
  writeFileSync(draft, typeof content === 'string' ? content : JSON.stringify(content));
  renameSync(draft, statusFile(statusDir));
}

function edit(
  statusDir: string,
  change: (document: { instances: Record<string, Record<string, unknown>> } & Record<string, unknown>) => void,
): void {
  const document = JSON.parse(readFileSync(statusFile(statusDir), 'utf8'));
  change(document);
  replace(statusDir, document);
}

const at = (store: OpenStore, ...path: string[]): unknown => getAt(store.tree(), ['document', ...path]);
const privateDir = (statusDir: string): string => join(statusDir, '.coordtui');
const journalText = (statusDir: string): string => readFileSync(join(privateDir(statusDir), 'journal', '00000001.jsonl'), 'utf8');

/** Something else in the place of the file. */
function instead(make: (path: string) => unknown): (path: string) => void {
  return (path) => {
    unlinkSync(path);
    make(path);
  };
}

async function projected(): Promise<{ dir: string; store: OpenStore }> {
  const dir = scratch();
  const store = await opened(dir);
  await store.append(setDocument(['n'], 1));
  await store.project();
  return { dir, store };
}

describe('store: start and end', () => {
  test.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EACCES', 'full'],
    ['EPERM', 'full'],
    ['EROFS', 'full'],
    ['EIO', 'unavailable'],
  ])('%s: %s, and one trouble has one sentence, whatever draft met it', (code, expected) => {
    const met = (draft: string) => {
      const error = Object.assign(new Error(`${code}: it cannot be, open '/somewhere/swap/${draft}'`), { code });
      return asStoreError(error, 'the file cannot be written', withoutPlace(error));
    };
    expect(met('t-1-1')).toMatchObject({ code: expected, message: `the file cannot be written: ${code}: it cannot be` });
    expect(met('t-2-2')).toEqual(met('t-1-1'));
  });

  test.skipIf(process.getuid?.() === 0)(
    'a folder closed to us: the journal goes on, the file waits, and comes when it is opened again',
    async () => {
      const { dir, store } = await projected();
      const swap = join(privateDir(dir), 'swap');
      chmodSync(swap, 0o500);
      await store.append(setDocument(['n'], 2));
      await expect(store.project()).rejects.toMatchObject({ code: 'full' });
      expect(readStatus(dir)['n']).toBe(1);
      chmodSync(swap, 0o700);
      await store.project();
      expect(readStatus(dir)['n']).toBe(2);
    },
  );

  test('a fresh one: layout, modes, git ignores it, address book, first projection', async () => {
    const dir = scratch();
    const answer = await openStore({ statusDir: dir, initial, lockInfo });
    if (!answer.ok) throw new Error(answer.message);
    expect(answer.fresh).toBe(true);
    expect(statSync(privateDir(dir)).mode & 0o777).toBe(0o700);
    expect(statSync(join(privateDir(dir), 'lock')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(privateDir(dir), '.gitignore'), 'utf8')).toBe('*\n');
    expect(readLockInfo(join(privateDir(dir), 'lock'))).toEqual(lockInfo);
    await answer.store.project();
    expect(readStatus(dir)).toEqual({ ...(initial['document'] as JsonObject), revision: 1, storeId: answer.store.storeId });
    expect(readFileSync(statusFile(dir), 'utf8')).toMatch(/^\{\n {2}"instances"/);
    await answer.store.close();
  });

  test('the address book shrinks with its content and survives nonsense', () => {
    const path = join(scratch(), 'lock');
    writeFileSync(path, 'x'.repeat(2_000));
    expect(readLockInfo(path)).toBeNull();
    expect(readLockInfo(`${path}-none`)).toBeNull();
    writeFileSync(path, '{"pid":"1"}');
    expect(readLockInfo(path)).toBeNull();
  });

  test('opened again: same tree, same numbers, same id, history as it was', async () => {
    const dir = scratch();
    const first = await opened(dir, { segmentRecords: 5 });
    for (let n = 0; n < 12; n++) await first.append(setDocument(['n'], n, `id-${n}`));
    const tree = first.tree();
    const { storeId } = first;
    await first.close();
    const again = await openStore({ statusDir: dir, initial: { document: { other: true } }, lockInfo });
    if (!again.ok) throw new Error(again.message);
    expect(again).toMatchObject({ fresh: false, tree, torn: null });
    expect(again.store.storeId).toBe(storeId);
    const seqs: number[] = [];
    for await (const record of again.store.history(4)) seqs.push(record.seq);
    expect(seqs).toEqual(Array.from({ length: again.store.seq() - 3 }, (_, n) => n + 4));
    await again.store.close();
  });

  test('an id is applied once, also at the same moment and after a restart', async () => {
    const dir = scratch();
    const store = await opened(dir);
    const [one, two] = await Promise.all([store.append(setDocument(['n'], 1, 'same')), store.append(setDocument(['n'], 2, 'same'))]);
    expect(two).toBe(one);
    await store.close();
    const again = await opened(dir);
    expect(await again.append(setDocument(['n'], 3, 'same'))).toBe(one);
    expect(at(again, 'n')).toBe(1);
  });

  test('a second one is told who holds it', async () => {
    const dir = scratch();
    const store = await opened(dir);
    expect(await openStore({ statusDir: dir, initial, lockInfo: { ...lockInfo, pid: 1 } })).toMatchObject({
      ok: false,
      code: 'held',
      holder: lockInfo,
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await store.close();
    await opened(dir);
  });

  test('a removed lock file fences it off: nothing is written any more', async () => {
    const { dir, store } = await projected();
    unlinkSync(join(privateDir(dir), 'lock'));
    await expect(store.append(coord([]))).rejects.toMatchObject({ code: 'fenced' });
    await expect(store.project()).rejects.toMatchObject({ code: 'fenced' });
    writeFileSync(join(privateDir(dir), 'lock'), '');
    await expect(store.append(coord([]))).rejects.toMatchObject({ code: 'fenced' });
  });

  test('a private directory that is a link is refused', async () => {
    const dir = scratch();
    symlinkSync(scratch(), privateDir(dir));
    expect(await openStore({ statusDir: dir, initial, lockInfo })).toMatchObject({
      ok: false,
      code: 'unavailable',
      message: expect.stringContaining('not a directory'),
    });
  });

  test.each([
    [
      'a damaged record',
      (dir: string) => writeFileSync(join(privateDir(dir), 'journal', '00000001.jsonl'), journalText(dir).replace('"n"', '"m"')),
      /line 2: the hash/,
    ],
    [
      'a journal that lost acknowledged records',
      (dir: string) => writeFileSync(join(privateDir(dir), 'journal', '00000001.jsonl'), `${journalText(dir).split('\n')[0]}\n`),
      /revision 2 was published: acknowledged records are lost/,
    ],
    [
      'a journal that is gone',
      (dir: string) => unlinkSync(join(privateDir(dir), 'journal', '00000001.jsonl')),
      /acknowledged records are lost/,
    ],
    [
      'the journal of another store',
      (dir: string) => writeFileSync(join(privateDir(dir), 'store.json'), '{"format":1,"storeId":"0000000000000000"}'),
      /names store 0000000000000000/,
    ],
    [
      'a newer format',
      (dir: string) =>
        writeFileSync(
          join(privateDir(dir), 'store.json'),
          readFileSync(join(privateDir(dir), 'store.json'), 'utf8').replace('"format":2', '"format":9'),
        ),
      /newer than this program/,
    ],
  ])('%s is refused loudly, and the lock is given back', async (_name, damage, message) => {
    const { dir, store } = await projected();
    await store.close();
    damage(dir);
    for (let time = 0; time < 2; time++)
      expect(await openStore({ statusDir: dir, initial, lockInfo })).toMatchObject({
        ok: false,
        code: 'corrupt',
        message: expect.stringMatching(message),
      });
  });

  test('a torn tail is kept beside, cut off, and told', async () => {
    const { dir, store } = await projected();
    await store.close();
    writeFileSync(join(privateDir(dir), 'journal', '00000001.jsonl'), '{"v":1,"seq":3', { flag: 'a' });
    const answer = await openStore({ statusDir: dir, initial, lockInfo });
    expect(answer).toMatchObject({ ok: true, torn: expect.stringContaining('.torn-') });
    if (answer.ok) await answer.store.close();
  });
});

describe('store: what others write to the status file', () => {
  test('an edit from an old revision is merged with what came after', async () => {
    const { dir, store } = await projected();
    const old = readStatus(dir);
    await store.append(setDocument(['instances', 'b', 'status'], 'ACTIVE'));
    await store.project();
    replace(dir, { ...old, instances: { ...(old['instances'] as JsonObject), a: { status: 'HANDOFF_READY' } } });
    const [found] = await round(store);
    expect(found).toMatchObject({ kind: 'document', source: 'status' });
    expect(readStatus(dir)).toMatchObject({ instances: { a: { status: 'HANDOFF_READY' }, b: { status: 'ACTIVE' } }, revision: 4 });
  });

  test('a poke comes for a foreign version, none for our own', async () => {
    const { dir, store } = await projected();
    let pokes = 0;
    const stop = store.onPoke(() => pokes++);
    for (let n = 0; n < 3; n++) {
      await store.append(setDocument(['n'], `own ${n}`));
      await store.project();
    }
    expect(await store.capture()).toEqual([]);
    const before = pokes;
    edit(dir, (document) => Object.assign(document.instances['a'] ?? {}, { task: 'x' }));
    await until('a poke', () => pokes > before);
    expect(before).toBe(0);
    stop();
    expect(await round(store)).toHaveLength(1);
    expect(await round(store)).toEqual([]);
  });

  test('PROTOCOL §1: APPROVED written into handoffProtocol is refused, journaled and written over', async () => {
    const { dir, store } = await projected();
    edit(dir, (document) => {
      document['handoffProtocol'] = { currentHandoffPhase: 'APPROVED' };
    });
    const [foreign] = await store.capture();
    if (foreign === undefined) throw new Error('nothing captured');
    expect(store.ahead().merge(foreign)).toMatchObject({
      edits: [],
      refused: [{ path: ['handoffProtocol', 'currentHandoffPhase'], value: 'APPROVED' }],
    });
    await take(store, foreign);
    await store.project();
    expect(readStatus(dir)['handoffProtocol']).toEqual({ currentHandoffPhase: 'NONE' });
    expect(journalText(dir)).toContain('APPROVED');
  });

  test.each([
    ['removed', (path: string) => unlinkSync(path), null],
    ['reformatted', (path: string) => writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))), null],
    ['emptied', (path: string) => truncateSync(path), /empty/],
    ['garbage', (path: string) => writeFileSync(path, 'half { a'), /no JSON/],
    ['nested 5,000 deep', (path: string) => writeFileSync(path, `${'['.repeat(5_000)}${']'.repeat(5_000)}`), /no JSON object/],
    ['a symbolic link', instead((path) => symlinkSync('/etc/passwd', path)), /symbolic link/],
    ['a dangling link', instead((path) => symlinkSync('/nowhere', path)), /symbolic link/],
    ['a directory', instead((path) => mkdirSync(join(path, 'inner'), { recursive: true })), /directory/],
    ['a pipe', instead((path) => execFileSync('mkfifo', [path])), /pipe/],
    ['33 MB', (path: string) => writeFileSync(path, Buffer.alloc(33 * 1024 * 1024, 0x20)), /more than/],
  ])('a status file that is %s is healed, and what was refused is kept with its why', async (_name, damage, why) => {
    const { dir, store } = await projected();
    const before = readStatus(dir);
    damage(statusFile(dir));
    const found: Foreign[] = [];
    await until('healed', async () => {
      found.push(...(await round(store)));
      return (
        (why === null || found.length > 0) &&
        statSync(statusFile(dir)).isFile() &&
        readFileSync(statusFile(dir), 'utf8').includes('"revision"')
      );
    });
    expect(readStatus(dir)).toMatchObject({ instances: before['instances'], storeId: store.storeId });
    if (why === null) return;
    expect(found).toMatchObject([{ kind: 'broken', why: expect.stringMatching(why) }]);
    const [broken] = found;
    const quarantine = join(privateDir(dir), 'quarantine');
    expect(broken?.kind === 'broken' && broken.quarantined !== null && readdirSync(quarantine).includes(broken.quarantined)).toBe(true);
    expect(readdirSync(quarantine).some((name) => name.endsWith('.why') && why.test(readFileSync(join(quarantine, name), 'utf8')))).toBe(
      true,
    );
    await store.close();
    expect(await round(await opened(dir))).toEqual([]);
  });

  test('what lies there in the very moment of a projection is not destroyed but merged', async () => {
    const dir = scratch();
    let armed = false;
    const store = await opened(dir, {
      exchange: (a, b) => {
        const old = readStatus(dir);
        if (armed) replace(dir, { ...old, instances: { ...(old['instances'] as JsonObject), a: { status: 'X' } } });
        armed = false;
        return exchange(a, b);
      },
    });
    await store.project();
    await store.append(setDocument(['n'], 2));
    armed = true;
    await store.project();
    expect(readStatus(dir)).toMatchObject({ n: 2, instances: { a: { status: 'STANDBY' } } });
    expect(await round(store)).toMatchObject([{ kind: 'document', source: 'displaced' }]);
    expect(readStatus(dir)).toMatchObject({ n: 2, instances: { a: { status: 'X' } } });
  });

  test('a captured version survives a projection and a restart until its record is durable', async () => {
    const { dir, store } = await projected();
    edit(dir, (document) => Object.assign(document.instances['a'] ?? {}, { task: 'x' }));
    const [captured] = await store.capture();
    for (let n = 0; n < 12; n++) {
      await store.append(setDocument(['n'], n));
      await store.project();
    }
    expect(await store.capture()).toEqual([]);
    await store.close();
    const again = await opened(dir);
    const found = await round(again);
    expect(found.map(({ id }) => id)).toEqual([captured?.id]);
    expect(at(again, 'instances', 'a', 'task')).toBe('x');
  });

  test('a writer that finishes late in a displaced file is heard', async () => {
    const { dir, store } = await projected();
    const document = readStatus(dir);
    const held = join(dir, 'held');
    linkSync(statusFile(dir), held);
    await store.append(setDocument(['n'], 2));
    await store.project();
    writeFileSync(held, JSON.stringify({ ...document, instances: { a: { status: 'LATE' }, b: { status: 'STANDBY' } } }));
    expect(await round(store)).toMatchObject([{ source: 'displaced' }]);
    expect(at(store, 'instances', 'a', 'status')).toBe('LATE');
  });

  test('a copy of a version that waits is one with it, and goes when that is settled', async () => {
    const { dir, store } = await projected();
    edit(dir, (document) => Object.assign(document.instances['a'] ?? {}, { task: 'x' }));
    const [waiting, ...more] = await store.capture();
    if (waiting === undefined) throw new Error('nothing captured');
    const copy = join(privateDir(dir), 'links', '0000000000000001-1');
    writeFileSync(copy, readFileSync(statusFile(dir)));
    expect([more, await store.capture(), existsSync(copy)]).toEqual([[], [], true]);
    await take(store, waiting);
    expect(existsSync(copy)).toBe(false);
  });

  test('the same version is met once, in links and at the status file', async () => {
    const { dir, store } = await projected();
    const draft = join(dir, 'draft');
    writeFileSync(draft, JSON.stringify({ ...readStatus(dir), instances: { a: { status: 'ONE' }, b: { status: 'STANDBY' } } }));
    const links = join(privateDir(dir), 'links');
    linkSync(draft, join(links, '0000000000000001-1'));
    writeFileSync(join(links, '0000000000000000-1'), readFileSync(draft, 'utf8').replace('ONE', 'ZERO'));
    renameSync(draft, statusFile(dir));
    const found = await round(store);
    expect(found).toMatchObject([{ source: 'link' }, { source: 'link' }]);
    expect(at(store, 'instances', 'a', 'status')).toBe('ONE');
    expect(readdirSync(links)).toEqual([]);
  });

  test('an edit that was merged from a revision does not come back with a later one, also after a restart', async () => {
    const { dir, store } = await projected();
    const old = readStatus(dir);
    const one = { ...old, instances: { a: { status: 'STANDBY', task: 'one' }, b: { status: 'STANDBY' } } };
    replace(dir, one);
    await round(store);
    await store.append(setDocument(['instances', 'a', 'task'], 'two'));
    await store.project();
    await store.close();
    const again = await opened(dir);
    replace(dir, { ...one, extra: 1 });
    await round(again);
    expect(at(again, 'instances', 'a', 'task')).toBe('two');
    expect(at(again, 'extra')).toBe(1);
  });

  test('a revision that has left memory is replayed, with what was merged from it', async () => {
    const dir = scratch();
    const store = await opened(dir, { revisionsKept: 4, segmentRecords: 6 });
    await store.project();
    const old = readStatus(dir);
    replace(dir, { ...old, instances: { a: { status: 'STANDBY', task: 'one' }, b: { status: 'STANDBY' } } });
    await round(store);
    for (let n = 0; n < 20; n++) await store.append(setDocument(['instances', 'a', 'task'], n));
    replace(dir, { ...old, instances: { a: { status: 'STANDBY', task: 'one' }, b: { status: 'ACTIVE' } } });
    const [foreign] = await store.capture();
    if (foreign === undefined) throw new Error('nothing captured');
    expect(store.ahead().merge(foreign)).toMatchObject({
      base: 1,
      edits: [{ path: ['instances', 'b', 'status'], value: 'ACTIVE' }],
      conflicts: [],
    });
  });

  test('without a revision: what is new is salvaged, what is missing is not deleted', async () => {
    const { dir, store } = await projected();
    replace(dir, { instances: { a: { status: 'NEW' } }, revision: 10_000 });
    const [foreign] = await store.capture();
    if (foreign === undefined) throw new Error('nothing captured');
    expect(store.ahead().merge(foreign)).toEqual({
      base: null,
      edits: [{ path: ['instances', 'a', 'status'], value: 'NEW' }],
      refused: [],
      conflicts: [],
    });
  });

  test('a made-up revision does not keep the next start from opening', async () => {
    const { dir, store } = await projected();
    await store.close();
    edit(dir, (document) => {
      document['revision'] = 99_999;
      Object.assign(document.instances['a'] ?? {}, { task: 'x' });
    });
    const again = await opened(dir);
    await round(again);
    expect(at(again, 'instances', 'a', 'task')).toBe('x');
    expect(readStatus(dir)['revision']).toBe(again.seq());
  });

  test('it goes on after the status directory was replaced by another with the same private one', async () => {
    const { dir, store } = await projected();
    const inner = join(dir, 'inner');
    await store.close();
    const moved = await opened(inner);
    await moved.project();
    renameSync(inner, `${inner}-old`);
    mkdirSync(inner);
    renameSync(privateDir(`${inner}-old`), privateDir(inner));
    await round(moved);
    let poked = false;
    moved.onPoke(() => {
      poked = true;
    });
    edit(inner, (document) => Object.assign(document.instances['a'] ?? {}, { task: 'x' }));
    await until('a poke', () => poked);
    await round(moved);
    expect(at(moved, 'instances', 'a', 'task')).toBe('x');
  });

  test('without the exchange it goes by link and rename', async () => {
    const dir = scratch();
    const store = await opened(dir, { exchange: () => ({ unavailable: 'not here' }) });
    await store.project();
    const held = join(dir, 'held');
    linkSync(statusFile(dir), held);
    const old = readStatus(dir);
    await store.append(setDocument(['n'], 2));
    await store.project();
    writeFileSync(held, JSON.stringify({ ...old, instances: { a: { status: 'X' }, b: { status: 'STANDBY' } } }));
    expect(await round(store)).toMatchObject([{ source: 'displaced' }]);
    expect(readStatus(dir)).toMatchObject({ n: 2, instances: { a: { status: 'X' } } });
  });

  test('poison in swap and links is set aside once', async () => {
    const { dir, store } = await projected();
    await store.close();
    const [swap, links] = [join(privateDir(dir), 'swap'), join(privateDir(dir), 'links')];
    mkdirSync(join(swap, 'folder'));
    symlinkSync('/nowhere', join(swap, 'p-1-1'));
    writeFileSync(join(swap, 'deep'), '['.repeat(5_000));
    writeFileSync(join(swap, 't-2-9'), 'half');
    writeFileSync(join(links, 'x\u001b[31m'), 'no');
    symlinkSync('/dev/zero', join(links, 'zero'));
    const again = await opened(dir);
    const found: Foreign[] = [];
    await until('all refused', async () => {
      found.push(...(await round(again)));
      return found.length === 5;
    });
    expect(found.every(({ kind }) => kind === 'broken')).toBe(true);
    expect(existsSync(join(swap, 't-2-9'))).toBe(false);
    expect(readdirSync(join(privateDir(dir), 'quarantine')).join('')).not.toContain('\u001b');
    await again.close();
    expect(await round(await opened(dir))).toEqual([]);
  });

  test('old displaced files go, a few stay', async () => {
    const { dir, store } = await projected();
    for (let n = 0; n < 30; n++) {
      await store.append(setDocument(['n'], n));
      await store.project();
    }
    expect(readdirSync(join(privateDir(dir), 'swap'))).toHaveLength(8);
  });

  test('a projection that has nothing to say writes nothing', async () => {
    const { dir, store } = await projected();
    const { ino } = statSync(statusFile(dir));
    await store.append(coord([[['coordinator', 'count'], 1]]));
    await store.project();
    expect(statSync(statusFile(dir)).ino).toBe(ino);
  });
});

describe('store: the inbox', () => {
  const set = (path: string[], value: number | string, op: 'set' | 'incr' = 'set') => ({
    op,
    path,
    value,
    by: 'operator',
    ifRevision: null,
  });

  test('works before there was any room, in the order of the drops', async () => {
    const dir = join(scratch(), 'status');
    expect(drop(dir, set(['instances', 'a', 'task'], 'one'))).toMatchObject({ ok: true });
    expect(drop(dir, set(['instances', 'a', 'task'], 'two'))).toMatchObject({ ok: true });
    expect(drop(dir, set(['instances', 'a', 'n'], 1, 'incr'))).toMatchObject({ ok: true });
    expect(readFileSync(join(privateDir(dir), '.gitignore'), 'utf8')).toBe('*\n');
    const store = await opened(dir);
    expect(await round(store)).toMatchObject([{ kind: 'set' }, { kind: 'set' }, { kind: 'set' }]);
    expect(readStatus(dir)).toMatchObject({ instances: { a: { task: 'two', n: 1 } } });
    expect(readdirSync(join(privateDir(dir), 'inbox', 'new'))).toEqual([]);
  });

  test('a drop whose record is durable but whose file stayed is not applied again', async () => {
    const dir = scratch();
    const store = await opened(dir);
    drop(dir, set(['sum'], 1, 'incr'), 'mine');
    await store.project();
    for (const foreign of await store.capture()) {
      const { edits } = store.ahead().merge(foreign);
      await store.append({
        kind: 'set',
        id: foreign.id,
        event: null,
        ops: edits.map(({ path, value }) => [['document', ...path], value ?? null]),
      });
    }
    await store.close();
    const again = await opened(dir);
    expect(await round(again)).toEqual([]);
    expect(readdirSync(join(privateDir(dir), 'inbox', 'new'))).toEqual([]);
    drop(dir, set(['sum'], 1, 'incr'), 'mine');
    expect(await round(again)).toEqual([]);
    expect(at(again, 'sum')).toBe(1);
  });

  test('pokes', async () => {
    const { dir, store } = await projected();
    let poked = false;
    store.onPoke(() => {
      poked = true;
    });
    drop(dir, set(['x'], 1));
    await until('a poke', () => poked);
  });

  test('hostile drops are refused and set aside', async () => {
    const { dir, store } = await projected();
    const folder = join(privateDir(dir), 'inbox', 'new');
    symlinkSync('/dev/zero', join(folder, '1'));
    mkdirSync(join(folder, '2'));
    writeFileSync(join(folder, '3'), '{"v":1,"op":"set","path":[],"value":1,"by":"x","ifRevision":null}');
    writeFileSync(
      join(folder, '4'),
      `{"v":1,"op":"set","path":["x"],"value":${'['.repeat(5_000)}${']'.repeat(5_000)},"by":"x","ifRevision":null}`,
    );
    writeFileSync(join(folder, '5'), Buffer.alloc((1 << 20) + 1, 0x20));
    writeFileSync(join(folder, '.6'), 'no');
    execFileSync('mkfifo', [join(folder, '7')]);
    expect((await round(store)).map(({ kind }) => kind)).toEqual(Array(7).fill('broken'));
    expect(readdirSync(folder)).toEqual([]);
    expect(await round(store)).toEqual([]);
  });

  test.each([
    ['no path', { ...set([], 1) }],
    ['a sum of text', { ...set(['x'], 'y', 'incr') }],
    ['a negative revision', { ...set(['x'], 1), ifRevision: -1 }],
  ])('%s is refused at the door', (_name, change) => expect(drop(scratch(), change)).toMatchObject({ ok: false, code: 'EINVAL' }));

  test('an id that is a path is refused', () =>
    expect(drop(scratch(), set(['x'], 1), '../x')).toMatchObject({ ok: false, code: 'EINVAL' }));

  test('a directory that cannot be made is an answer, not a crash', () => {
    const dir = scratch();
    writeFileSync(join(dir, '.coordtui'), '');
    expect(drop(dir, set(['x'], 1))).toMatchObject({ ok: false, code: 'ENOTDIR' });
  });
});

test('settling what was never journaled is a mistake that says so', async () => {
  const { store } = await projected();
  await expect(store.settle({ kind: 'broken', id: 'none', source: 'x', why: 'x', quarantined: null })).rejects.toThrow(
    'there is no record of none',
  );
});
