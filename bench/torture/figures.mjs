/** What the store costs: an append, an opening after very many records, a version seen while the main thread is busy. Told, not judged. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { statusFile, workspace } from './room.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INITIAL = { document: { instances: { a: {} } }, coordinator: {} };
const LOCK = { pid: process.pid, host: 'here', bootId: null, since: '', socket: '', version: '', protocol: 1 };

/** The store itself, bundled from its sources beside the packages that it needs. */
async function loadStore() {
  const outfile = join(ROOT, `node_modules/.cache/store-${process.pid}.mjs`);
  await build({
    entryPoints: [join(ROOT, 'src/store/open.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}

const part = (times, share) => times.sort((a, b) => a - b)[Math.floor((times.length - 1) * share)]?.toFixed(2);
const step = (n, id) => ({ kind: 'coord', id, event: { type: 'tick', n }, ops: [[['document', 'instances', 'a', 'step'], n]] });

async function opened(openStore, dir) {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const answer = await openStore({
    statusDir: join(dir, 'status'),
    initial: INITIAL,
    lockInfo: LOCK,
    witness: join(ROOT, 'dist/witness.js'),
  });
  if (!answer.ok) throw new Error(answer.message);
  const { user, system } = process.cpuUsage(cpu);
  return { store: answer.store, ms: performance.now() - began, cpuMs: (user + system) / 1_000 };
}

export async function growth(records) {
  const { openStore } = await loadStore();
  const { dir, done } = workspace();
  const first = await opened(openStore, dir);
  const single = [];
  for (let n = 0; n < Math.min(2_000, records); n++) {
    const began = performance.now();
    await first.store.append(step(n, `drop-${n}-0123456789ab`));
    single.push(performance.now() - began);
  }
  for (let n = single.length; n < records; n += 1_000)
    await Promise.all(Array.from({ length: 1_000 }, (_, k) => first.store.append(step(n + k, `drop-${n + k}-0123456789ab`))));
  await first.store.close();
  global.gc?.();
  const before = process.memoryUsage().rss;
  const again = await opened(openStore, dir);
  const problems = [];
  if (again.store.seq() < records) problems.push(`only ${again.store.seq()} records came back`);
  if ((await again.store.append(step(-1, 'drop-5-0123456789ab'))) > 10) problems.push('an id of the first segment was not known');
  const size = (process.memoryUsage().rss - before) / 1e6;
  await again.store.close();
  done();
  return {
    told: `append p50 ${part(single, 0.5)}, p99 ${part(single, 0.99)} ms; ${again.store.seq()} records opened in ${again.ms.toFixed(0)} ms (${again.cpuMs.toFixed(0)} of the processor's) with ${size.toFixed(0)} MB more`,
    problems,
  };
}

/** One version after the other, each moved over the one before, while the main thread is busy 50 ms of every 60. */
export async function busy(versions) {
  const { openStore } = await loadStore();
  const { dir, done } = workspace();
  mkdirSync(join(dir, 'status'));
  const { store } = await opened(openStore, dir);
  await store.project();
  const base = JSON.parse(readFileSync(statusFile(dir), 'utf8'));
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(
    `const { renameSync, writeFileSync } = require('node:fs'); const { workerData: { file, base, versions } } = require('node:worker_threads');
     for (let n = 0; n < versions; n++) { base.instances.a = { ['v' + n]: 1 }; writeFileSync(file + '.t' + n, JSON.stringify(base));
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); renameSync(file + '.t' + n, file); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); }`,
    { eval: true, workerData: { file: statusFile(dir), base, versions } },
  );
  let over = false;
  worker.once('exit', () => {
    over = true;
  });
  const seen = new Set();
  for (let quiet = 0; quiet < 5; quiet = over ? quiet + 1 : 0) {
    for (const end = performance.now() + 50; performance.now() < end; );
    for (const foreign of await store.capture()) {
      if (foreign.kind === 'document') for (const key of Object.keys(foreign.document.instances.a)) seen.add(key);
      const { edits } = store.ahead().merge(foreign);
      const ops = edits.map(({ path, value }) => [['document', ...path], value ?? null]);
      await store.append({ kind: 'ext', id: foreign.id, event: null, ops });
      await store.settle(foreign);
    }
    await new Promise((turn) => setTimeout(turn, 10));
  }
  await store.close();
  done();
  return { told: `${seen.size} of ${versions} versions seen, each of which lay there for 2 ms`, problems: [] };
}
