/**
 * Real rooms for tests: `bin/coordtui.js serve --foreground` over a workspace, known by id from its first moment on, so
 * that the global teardown can end what a failed test has left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { socketAddress } from '../../src/workspace/paths.ts';
import { until } from './until.ts';

export const PROJECT_ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)));
export const BIN = join(PROJECT_ROOT, 'bin/coordtui.js');

/** Set by the global setup for the whole run; inherited by everything that tests start. */
export const RUN_VARIABLE = 'COORDTUI_TEST_RUN';

/** Where running rooms are listed, one file named by pid each. */
function registry(run: string): string {
  return join(run, 'rooms');
}

export type Room = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly workspace: string;
  readonly socket: string;
  /** Everything it has printed so far. */
  output(): string;
  /** SIGTERM, then SIGKILL when it does not end; resolves with its exit code, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
};

/** Ends what hangs: each of a room's checks and sessions may take its own time to go, one after the other. */
const ENDING_MS = 120_000;

/** A fresh directory below the system's temporary one, by its real path. Whoever makes it removes it. */
export function scratch(name: string): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `ct-${name}-`)));
}

/** Starts a room and waits until it listens. A room that ends before that is an error with all that it printed. */
export async function startRoom(workspace: string, options: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {}): Promise<Room> {
  const root = realpathSync(workspace);
  const env = { ...process.env, ...options.env };
  const address = socketAddress(root, env.TMPDIR ?? tmpdir());
  if (!address.ok) throw new Error(address.message);
  const args = [BIN, 'serve', '--foreground', '--workspace', root, ...(options.args ?? [])];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the room of ${root} could not be spawned`);
  const forget = register(pid, root);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((done) => child.once('close', (code, signal) => done(signal ?? code)));
  void ended.then(forget);
  const room: Room = {
    child,
    pid,
    workspace: root,
    socket: address.path,
    output: () => printed,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const hard = setTimeout(() => child.kill('SIGKILL'), ENDING_MS);
      return ended.finally(() => clearTimeout(hard));
    },
  };
  try {
    await until(`a room in ${root}`, async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the room ended before it listened:\n${printed}`);
      return accepts(address.path);
    });
  } catch (error) {
    await room.stop('SIGKILL');
    throw error;
  }
  return room;
}

/** True once somebody takes connections on this socket. */
function accepts(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
}

/** Outside of a whole run (one file under a debugger) there is no registry, and nobody to read it. */
function register(pid: number, workspace: string): () => void {
  const run = process.env[RUN_VARIABLE];
  if (run === undefined) return () => {};
  mkdirSync(registry(run), { recursive: true });
  const entry = join(registry(run), String(pid));
  writeFileSync(entry, workspace);
  return () => rmSync(entry, { force: true });
}

/** The rooms that were started and have not ended, by pid. */
export function registered(run: string): { pid: number; workspace: string }[] {
  if (!existsSync(registry(run))) return [];
  return readdirSync(registry(run)).flatMap((name) => {
    try {
      return [{ pid: Number(name), workspace: readFileSync(join(registry(run), name), 'utf8') }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}
