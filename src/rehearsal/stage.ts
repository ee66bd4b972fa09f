/** A rehearsal's stage: a workspace with a real repository, a room of its own, and the operator's hand. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketOf } from '../client/address.ts';
import { type Connection, connect } from '../client/connect.ts';
import type { Reply } from '../core/reply.ts';
import { isObject, type JsonObject } from '../core/tree.ts';
import { type Limits, type Player, stageConfig } from './stage-config.ts';

export type StageOptions = {
  readonly scenario: string;
  readonly players: readonly Player[];
  readonly limits?: Limits | undefined;
  readonly packageRoot: string;
  readonly say: (line: string) => void;
  /** A person plays the operator: the room leads him with hints. */
  readonly guided?: boolean;
};

export type Stage = {
  readonly workspace: string;
  openRoom(): Promise<void>;
  /** kill -9, of which nothing is told in advance, and another room in its place. */
  crashRoom(): Promise<void>;
  /** A verb by the operator, said aloud with its answer. Throws when it is refused. */
  operator(verb: string, args: JsonObject): Promise<Reply>;
  /** All handoffs as they were last seen. */
  handoffs(): readonly JsonObject[];
  until(what: string, condition: (handoffs: readonly JsonObject[]) => boolean): Promise<void>;
  /** Whether the room has ended, by whoever's wish. */
  over(): Promise<boolean>;
  /** Whether a line like this was printed. */
  saw(pattern: RegExp): boolean;
  /** Ends the room in order, and every session with it. Answers what went wrong with that; null when nothing did. */
  close(): Promise<string | null>;
  remove(): void;
};

const PATIENCE_MS = 240_000;
const LOOK_MS = 100;
/** A room gives its sessions and checks half a minute at most. */
const ENDING_MS = 60_000;

export function openStage(options: StageOptions): Stage {
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), `coordtui-${options.scenario}-`)));
  furnish(workspace, options);
  const seen: string[] = [];
  let room: ChildProcess | null = null;
  let connection: Connection | null = null;
  let handoffs: readonly JsonObject[] = [];
  let closing: Promise<string | null> | null = null;
  /** While a room comes or is replaced there is none that could be asked to end: whoever closes waits for that. */
  let changing: Promise<unknown> = Promise.resolve();

  const say = (line: string) => {
    seen.push(line);
    options.say(line);
  };

  const look = async () => {
    const reply = await connection?.request('handoffs', { all: true });
    if (reply?.ok && Array.isArray(reply.data)) handoffs = reply.data.filter(isObject);
  };

  const reach = async (): Promise<Connection> => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const reached = await connect(socketOf(workspace));
      if (reached.ok) return reached.connection;
      if (room === null || hasEnded(room)) throw new Error(`the room ended before it could be reached (exit ${room?.exitCode})`);
      if (Date.now() > deadline) throw new Error(`the room cannot be reached: ${reached.message}`);
      await pause();
    }
  };

  const open = async () => {
    const args = ['serve', '--foreground', '--lifeline', '--workspace', workspace];
    room = spawn(process.execPath, [join(options.packageRoot, 'bin', 'coordtui.js'), ...args], {
      cwd: workspace,
      env: { ...process.env, COORDTUI_OPERATOR: 'headless', ...(options.guided ? { COORDTUI_REHEARSAL: 'guided' } : {}) },
      // The room ends when this process does: its input is the lifeline.
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    room.stdout?.setEncoding('utf8').on('data', lines(say));
    room.stderr?.setEncoding('utf8').on('data', lines(say));
    connection = await reach();
    await look();
  };

  const kill = async () => {
    if (room === null) throw new Error('there is no room to kill');
    const ended = new Promise((resolve) => room?.once('exit', resolve));
    say(`# kill -9 ${room.pid}: the room dies`);
    room.kill('SIGKILL');
    await ended;
    connection?.close();
    connection = null;
  };

  const end = async (): Promise<string | null> => {
    await changing.catch(() => {
      // Told to whoever asked for the change.
    });
    const ending = room;
    room = null;
    if (ending === null) return null;
    const ended = new Promise<number | null>((resolve) => (hasEnded(ending) ? resolve(ending.exitCode) : ending.once('exit', resolve)));
    if (!hasEnded(ending)) {
      const asked = await connection?.request('stop', {});
      connection?.close();
      if (!asked?.ok) ending.kill('SIGTERM');
    }
    const hard = setTimeout(() => ending.kill('SIGKILL'), ENDING_MS);
    const code = await ended.finally(() => clearTimeout(hard));
    // Its last lines may still be in the pipe.
    for (let looked = 0; looked < 10 && ending.stdout?.readableEnded === false; looked++) await pause();
    return code === 0 ? null : `the room ended with ${code ?? ending.signalCode}`;
  };

  const change = (job: () => Promise<void>): Promise<void> => {
    if (closing !== null) return Promise.reject(new Error('the rehearsal is ending'));
    const done = job();
    changing = done;
    return done;
  };

  return {
    workspace,
    openRoom: () => change(open),
    // As one: a dead room has left agents, which only the next one can end.
    crashRoom: () => change(() => kill().then(open)),
    async operator(verb, args) {
      const words = Object.entries(args).flatMap(([name, value]) => {
        if (['id', 'instance', 'dial', 'issue'].includes(name)) return [/\s/.test(String(value)) ? JSON.stringify(value) : String(value)];
        const values = Array.isArray(value) ? value : [value];
        return values.map((one) => `--${name}${one === true ? '' : ` ${JSON.stringify(one)}`}`);
      });
      say(`$ coordtui ${[verb, ...words].join(' ')}`);
      const reply = await connection?.request(verb, args);
      if (reply === undefined) throw new Error(`${verb}: there is no room`);
      if (!reply.ok) throw new Error(`${verb}: ${reply.message}; ${reply.hint}`);
      for (const line of reply.text.split('\n')) say(`  ${line}`);
      await look();
      return reply;
    },
    handoffs: () => handoffs,
    async until(what, condition) {
      const deadline = Date.now() + PATIENCE_MS;
      for (await look(); !condition(handoffs); await look()) {
        if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
        if (room === null || hasEnded(room)) throw new Error(`the room ended before ${what}`);
        await pause();
      }
    },
    async over() {
      if (room === null || hasEnded(room)) return true;
      // One that is ending has closed its door already.
      const reached = await connect(socketOf(workspace));
      if (reached.ok) reached.connection.close();
      return !reached.ok;
    },
    saw: (pattern) => seen.some((line) => pattern.test(line)),
    close() {
      closing ??= end();
      return closing;
    },
    remove: () => rmSync(workspace, { recursive: true, force: true }),
  };
}

/** A clone of nothing: the sample project, committed by nobody in particular, and a config for this scenario. */
function furnish(workspace: string, { players, packageRoot, limits }: StageOptions): void {
  cpSync(join(packageRoot, 'dist', 'rehearsal', 'project'), workspace, { recursive: true });
  writeFileSync(join(workspace, 'coordtui.yaml'), stageConfig(packageRoot, players, limits));
  writeFileSync(join(workspace, '.gitignore'), 'status/\nnode_modules/\ntmp.json\n');
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      [
        '-c',
        'user.name=Rehearsal',
        '-c',
        'user.email=rehearsal@localhost',
        '-c',
        'commit.gpgsign=false',
        '-c',
        'core.hooksPath=/dev/null',
        ...args,
      ],
      {
        cwd: workspace,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { PATH: process.env.PATH, HOME: process.env.HOME, GIT_CONFIG_NOSYSTEM: '1' },
      },
    );
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A shop with products');
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function lines(say: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) say(part);
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
