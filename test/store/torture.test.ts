/** Real processes: agents with the documented idiom, the fast client's drops, and kill -9 of the one that holds the store. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { getAt, type JsonObject } from '../../src/core/tree.ts';
import { openStore } from '../../src/store/open.ts';
import { until } from '../support/until.ts';
import { bundled, initial, lockInfo, opened, readStatus, removePrograms, round, run, scratch, setDocument, statusFile } from './support.ts';

afterAll(removePrograms);

const hasJq = works('jq', ['--version']);

/** A shell that edits `.instances[NAME].updates[n]` for n = 1 … count, as P1 documents it but for a draft of its own, and says each that it moved. */
function agentScript(dir: string, name: string, count: number): string {
  const edit = join(dir, 'edit.cjs');
  writeFileSync(
    edit,
    `const [file, name, n] = process.argv.slice(2); const d = JSON.parse(require('fs').readFileSync(file, 'utf8')); const i = (d.instances[name] ??= {}); (i.updates ??= {})[n] = 1; i.currentTask = 'update ' + n; process.stdout.write(JSON.stringify(d));`,
  );
  const jq = `jq -e --arg w ${name} --arg n "$n" '.instances[$w].updates[$n] = 1 | .instances[$w].currentTask = "update \\($n)"' "$file"`;
  const node = `"${process.execPath}" "${edit}" "$file" ${name} "$n"`;
  return `file="${statusFile(dir)}"; n=1; while [ $n -le ${count} ]; do ${hasJq ? jq : node} > "${dir}/.draft.${name}" && mv "${dir}/.draft.${name}" "$file" && echo "MOVED $n"; n=$((n + 1)); sleep 0.05; done`;
}

type Agent = { readonly name: string; moved(): string[]; readonly ended: Promise<void> };

function startAgent(dir: string, name: string, count: number): Agent {
  const child = spawn('/bin/sh', ['-c', agentScript(dir, name, count)], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const moved = () => said.match(/(?<=MOVED )\d+(?=\n)/g) ?? [];
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  return { name, moved, ended };
}

function works(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('store under agents that edit the file (PROTOCOL §2: a status file written by others)', () => {
  test('jq … > draft && mv from four shells while the coordinator writes: nothing of the coordinator’s is lost, and nothing that was met', async () => {
    const dir = scratch();
    const store = await opened(dir);
    await store.project();
    const agents = ['a', 'b', 'c', 'd'].map((name) => startAgent(dir, name, 25));
    let running = true;
    const all = Promise.all(agents.map(({ ended }) => ended)).then(() => {
      running = false;
    });
    let poked = true;
    store.onPoke(() => {
      poked = true;
    });
    const updatesIn = (document: JsonObject): string[] =>
      agents.flatMap(({ name }) => Object.keys(getAt(document, ['instances', name, 'updates']) ?? {}).map((n) => `${name} ${n}`));
    // What is overwritten before anybody could open it is gone, and how much that is, is the machine's; what was met stays.
    const met = new Set<string>();
    const meet = async (): Promise<number> => {
      const found = await round(store);
      for (const foreign of found) if (foreign.kind === 'document') for (const update of updatesIn(foreign.document)) met.add(update);
      return found.length;
    };
    let ticks = 0;
    while (running) {
      await store.append(setDocument(['handoffProtocol', 'tick'], ++ticks));
      poked = false;
      await meet();
      await until('the next tick', () => poked || !running, 30).catch(() => undefined);
    }
    await all;
    await until('quiet', async () => (await meet()) === 0);
    const document = readStatus(dir);
    expect(getAt(document, ['handoffProtocol', 'tick'])).toBe(ticks);
    expect(agents.flatMap(({ moved }) => moved())).toHaveLength(100);
    const kept = new Set(updatesIn(document));
    expect([...met].filter((update) => !kept.has(update))).toEqual([]);
    // Whoever was the last to move had nobody to overwrite it.
    expect(agents.some(({ name, moved }) => met.has(`${name} ${moved().at(-1)}`))).toBe(true);
    expect(document['revision']).toBe(store.seq());
  });
});

describe('store under kill -9', () => {
  test('at random moments: every acknowledged update is there, the file can be read, the lock is free', async () => {
    const dir = scratch();
    const program = await bundled('ticking-store.ts');
    const acknowledged: string[] = [];
    for (let life = 1; life <= 8; life++) {
      const { child, lines, ended } = run(program, [dir, String(life)]);
      const goal = 1 + Math.floor(Math.random() * 120);
      await until(`life ${life} acknowledges ${goal} updates (it said ${lines[0]})`, () => lines.length > goal || child.exitCode !== null);
      child.kill('SIGKILL');
      expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(lines[0]).toBe('OPEN');
      acknowledged.push(...lines.filter((line) => line.startsWith('ACK ')));
    }
    const store = await opened(dir);
    const lost = acknowledged.filter((line) => {
      const [, key = '', n] = line.split(' ');
      return getAt(store.tree(), ['coordinator', key]) !== Number(n);
    });
    expect(acknowledged.length).toBeGreaterThan(8);
    expect(lost).toEqual([]);
    await round(store);
    expect(readStatus(dir)).toEqual({ ...(store.tree()['document'] as JsonObject), revision: store.seq(), storeId: store.storeId });
  });

  test('a second opener is told `held`; after kill -9 of the first the lock is free', async () => {
    const dir = scratch();
    const program = await bundled('ticking-store.ts');
    const first = run(program, [dir, '1']);
    await until('the first holds it', () => first.lines.includes('OPEN'));
    const second = run(program, [dir, '2']);
    expect(await second.ended).toEqual({ code: 75, signal: null });
    expect(second.lines).toEqual(['held']);
    expect(await openStore({ statusDir: dir, initial, lockInfo })).toMatchObject({
      ok: false,
      code: 'held',
      holder: { pid: first.child.pid, host: 'child' },
    });
    first.child.kill('SIGKILL');
    await first.ended;
    await opened(dir);
  });

  test('drops into the inbox are applied exactly once, whenever the holder of the store is killed', async () => {
    const dir = scratch();
    const [holder, dropper] = await Promise.all([bundled('ticking-store.ts'), bundled('dropper.ts')]);
    const clients = ['p', 'q'].map((name) => run(dropper, [dir, name, '60']));
    let finished = 0;
    for (const { ended } of clients) void ended.then(() => finished++);
    for (let life = 1; finished < clients.length; life++) {
      const { child, lines, ended } = run(holder, [dir, String(life)]);
      const goal = 5 + Math.floor(Math.random() * 60);
      await until(`life ${life} works`, () => lines.length > goal || child.exitCode !== null);
      child.kill('SIGKILL');
      await ended;
    }
    const store = await opened(dir);
    await until('an empty inbox', async () => (await round(store)).length === 0);
    const said = clients.flatMap(({ lines }) => lines);
    const dropped = said.flatMap((line) => (line.startsWith('DROPPED ') ? [line.slice(8)] : []));
    expect(dropped).toHaveLength(120);
    expect(dropped.filter((name) => getAt(store.tree(), ['document', 'instances', 'a', 'drops', name]) === undefined)).toEqual([]);
    expect(getAt(store.tree(), ['document', 'instances', 'a', 'sum'])).toBe(said.filter((line) => line === 'ADDED').length);
  });
});
