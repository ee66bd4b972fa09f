/** A workspace whose agents do what a test tells them, and the operator's own hands outside of it. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { spawn as spawnPty } from 'node-pty';
import { keepLastBytes } from '../../src/pane/pty.ts';
import { BIN, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';

export const BACKEND = 'instance-1-planning-backend';
export const FRONTEND = 'instance-2-frontend';

export type Ran = { readonly exit: number | null; readonly out: string; readonly err: string };

/** Runs whatever script is laid into its directory, in its own session, one after the other. */
const AGENT = `#!/bin/sh
while :; do
  for order in "$1"/*.order; do
    [ -f "$order" ] || continue
    name="\${order%.order}"
    mv "$order" "$name.taken"
    sh "$name.taken" >"$name.out" 2>"$name.err" </dev/null
    echo $? >"$name.part" && mv "$name.part" "$name.exit"
  done
  sleep 0.03
done
`;

export type Place = {
  /** The workspace: a repository with one commit and a config. */
  readonly root: string;
  /** Beside the workspace, so that nothing of the test is part of the judged tree. */
  readonly aside: string;
  /** Runs a script in the session of this instance. */
  inSession(instance: string, script: string): Promise<Ran>;
  remove(): void;
};

/** @param more further lines of the config: `verification:` and its like */
export function openPlace(name: string, more = ''): Place {
  const root = scratch(name);
  const aside = scratch(`${name}-aside`);
  writeFileSync(join(aside, 'agent.sh'), AGENT);
  for (const instance of [BACKEND, FRONTEND]) mkdirSync(join(aside, instance));
  const entry = (instance: string, role: string) =>
    `  - { id: ${instance}, role: ${role}, command: [sh, ${JSON.stringify(join(aside, 'agent.sh'))}, ${JSON.stringify(join(aside, instance))}], restart: never }\n`;
  const instances = `instances:\n${entry(BACKEND, 'backend')}${entry(FRONTEND, 'frontend')}  - { id: instance-3-coordinator, role: coordinator }\n`;
  writeFileSync(join(root, 'coordtui.yaml'), `${instances}coordination: { monitorIntervalMs: 3600000, autopilot: suggest }\n${more}`);
  writeFileSync(join(root, '.gitignore'), 'status/\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false', ...args], { cwd: root });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'begin');
  let orders = 0;
  return {
    root,
    aside,
    async inSession(instance, script) {
      const order = join(aside, instance, String(orders++).padStart(4, '0'));
      writeFileSync(`${order}.part`, script);
      renameSync(`${order}.part`, `${order}.order`);
      await until(`the session of ${instance} to have run: ${script.slice(0, 200)}`, () => existsSync(`${order}.exit`));
      const read = (end: string) => readFileSync(`${order}.${end}`, 'utf8');
      return { exit: Number(read('exit')), out: read('out'), err: read('err') };
    },
    remove() {
      for (const dir of [root, aside]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The program, started outside of every session. Without a terminal, also when the tests are run in one. */
export function coordtui(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, out, err }));
  });
}

/** The same at a terminal of its own; `type` is what the operator answers once something is asked. */
export function atTerminal(
  cwd: string,
  args: readonly string[],
  type: { readonly after: RegExp; readonly text: string } | null = null,
): Promise<Ran> {
  const pty = spawnPty(process.execPath, [BIN, ...args], { cwd, env: process.env, cols: 120, rows: 40, encoding: null });
  const decoder = new StringDecoder('utf8');
  let out = '';
  let typed = type === null;
  const take = (bytes: Buffer) => {
    out += decoder.write(bytes);
    if (typed || type === null || !type.after.test(out)) return;
    typed = true;
    pty.write(type.text);
  };
  pty.onData((data) => take(data as unknown as Buffer));
  keepLastBytes(pty, take);
  // One more turn, for what the stream has already read.
  return new Promise((resolve) => pty.onExit(({ exitCode }) => setImmediate(() => resolve({ exit: exitCode, out, err: '' }))));
}
