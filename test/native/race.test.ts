/** Who holds the lock when two want it at the same moment, and that it is free again when the holder is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { tryLock } from '../../src/native/lock.ts';
import { until } from '../support/until.ts';

/** `LOCK_ROUNDS=1000` for the long form. */
const ROUNDS = Number(process.env['LOCK_ROUNDS'] ?? 200);

let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'coordtui-race-'));
  const here = dirname(fileURLToPath(import.meta.url));
  await build({
    entryPoints: [join(here, 'holder.ts')],
    outfile: join(dir, 'holder.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  symlinkSync(resolve(here, '../../node_modules'), join(dir, 'node_modules'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Racer = { readonly child: ChildProcess; readonly ended: Promise<void>; tell(word: string): Promise<string> };

async function racer(lock: string): Promise<Racer> {
  const child = spawn(process.execPath, [join(dir, 'holder.mjs'), 'race', lock], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  const said: string[] = [];
  let heard: (() => void) | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.push(...text.trim().split('\n'));
    heard?.();
  });
  const tell = async (word: string): Promise<string> => {
    const answer = new Promise<void>((done) => {
      heard = done;
    });
    child.stdin.write(`${word}\n`);
    await answer;
    return said.at(-1) ?? '';
  };
  await until('the racer to be there', () => said.includes('READY'));
  return { child, ended, tell };
}

test(`two that want it at the same moment, ${ROUNDS} times: each time exactly one holds it`, { timeout: 300_000 }, async () => {
  const lock = join(dir, 'lock-race');
  const racers = await Promise.all([racer(lock), racer(lock)]);
  const wins = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(racers.map(({ tell }) => tell('try')));
    expect([...answers].sort(), `round ${round}`).toEqual(['HELD', 'REFUSED']);
    const winner = answers.indexOf('HELD');
    wins[winner] = (wins[winner] ?? 0) + 1;
    await Promise.all(racers.map(({ tell }) => tell('release')));
  }
  expect((wins[0] ?? 0) + (wins[1] ?? 0)).toBe(ROUNDS);
});

test('killed with -9, its holder lets go of it at once: who knows of its end has the lock', async () => {
  const path = join(dir, 'lock-killed');
  const { child, ended, tell } = await racer(path);
  expect(await tell('try')).toBe('HELD');
  expect(tryLock(path)).toEqual({ held: true });
  const killed = performance.now();
  child.kill('SIGKILL');
  await ended;
  const lock = tryLock(path);
  const took = performance.now() - killed;
  expect(lock).toHaveProperty('release');
  if ('release' in lock) lock.release();
  if (process.env['LOCK_ROUNDS'] !== undefined) process.stdout.write(`free ${took.toFixed(1)} ms after the kill\n`);
});
