/** What the tests of the store share: a scratch status directory, a store over it, and programs that run in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import type { Entry, Foreign } from '../../src/core/ports.ts';
import type { Json, JsonObject, Op, Path } from '../../src/core/tree.ts';
import type { LockInfo } from '../../src/store/lock-info.ts';
import { type OpenOptions, openStore } from '../../src/store/open.ts';
import type { OpenStore } from '../../src/store/store.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

export const lockInfo: LockInfo = {
  pid: process.pid,
  host: 'here',
  bootId: null,
  since: '2030-01-01T00:00:00.000Z',
  socket: '/none',
  version: '0',
  protocol: 1,
};

export const initial: JsonObject = {
  document: { instances: { a: { status: 'STANDBY' }, b: { status: 'STANDBY' } }, handoffProtocol: { currentHandoffPhase: 'NONE' } },
  coordinator: { count: 0 },
};

export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'coordtui-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Opens a store that must open, and closes it when the test ends. */
export async function opened(statusDir: string, options: Partial<OpenOptions> = {}): Promise<OpenStore> {
  const answer = await openStore({ statusDir, initial, lockInfo, ...options });
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
  onTestFinished(() => answer.store.close());
  return answer.store;
}

export function coord(ops: readonly Op[], id: string | null = null): Entry {
  return { kind: 'coord', id, event: null, ops };
}

export function setDocument(path: Path, value: Json, id: string | null = null): Entry {
  return coord([[['document', ...path], value]], id);
}

/** What a coordinator does with foreign input: merge, append, settle; and project once at the end. */
export async function round(store: OpenStore): Promise<readonly Foreign[]> {
  const found = await store.capture();
  for (const foreign of found) await take(store, foreign);
  await store.project();
  return found;
}

export async function take(store: OpenStore, foreign: Foreign): Promise<void> {
  const merged = store.ahead().merge(foreign);
  const ops = merged.edits.map(({ path, value }): Op => (value === undefined ? [['document', ...path]] : [['document', ...path], value]));
  const kind = foreign.kind === 'document' ? 'ext' : foreign.kind === 'set' ? 'set' : 'reject';
  await store.append({ kind, id: foreign.id, event: null, ops });
  await store.settle(foreign);
}

export function statusFile(statusDir: string): string {
  return join(statusDir, 'multi-instance-status.json');
}

export function readStatus(statusDir: string): JsonObject {
  return JSON.parse(readFileSync(statusFile(statusDir), 'utf8')) as JsonObject;
}

let programs: Promise<string> | null = null;

/** Bundles the program beside this file once, so that a plain `node` can run it; answers its path. */
export async function bundled(source: string): Promise<string> {
  programs ??= Promise.resolve(mkdtempSync(join(tmpdir(), 'coordtui-program-')));
  const dir = await programs;
  const outfile = join(dir, source.replace(/[^a-z-]/g, '_').concat('.mjs'));
  if (!existsSync(outfile)) {
    await build({
      entryPoints: [resolve(here, source)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
  }
  if (!existsSync(join(dir, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  return outfile;
}

export async function removePrograms(): Promise<void> {
  if (programs !== null) rmSync(await programs, { recursive: true, force: true });
  programs = null;
}

export type Program = {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/** Starts `node program …`, collects its lines, and sees to it that nothing stays. */
export function run(program: string, args: readonly string[]): Program {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.on('close', (code, signal) => done({ code, signal })),
  );
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return { child, lines, ended };
}
