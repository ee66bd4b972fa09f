/**
 * A workspace to try rooms in: a real repository, agents and checks that are small programs and write down that they
 * live, and the operator's hand. Everything that those programs know lies outside of the workspace.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect } from '../../src/client/connect.ts';
import type { Reply } from '../../src/core/reply.ts';
import type { Handoff } from '../../src/core/state.ts';
import { getAt, type Json, type JsonObject } from '../../src/core/tree.ts';
import { allProcesses, environmentOf, processInfo } from '../../src/native/process.ts';
import { BIN, type Room, scratch, startRoom } from '../support/rooms.ts';
import { until as untilSoon } from '../support/until.ts';

export const BACKEND = 'instance-1-planning-backend';
export const FRONTEND = 'instance-2-frontend';

/** Rooms, agents and checks are many processes, and the machine may be busy with as many others. */
const PATIENCE_MS = 200_000;

export function until<T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, false | null | undefined>> {
  return untilSoon(what, look, PATIENCE_MS);
}

/** One process that has said that it lives. `met`: others of the same name that lived when it began. */
export type Life = { readonly of: string; readonly kind: string; readonly pid: number; readonly birth: string; readonly met: string };
export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** `name kind pid birth met` is one line of the register of lives. */
const AGENT = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
const [lives, of, kind, ...habits] = process.argv.slice(2);
const stat = (pid) => { try { const text = readFileSync('/proc/' + pid + '/stat', 'utf8'); return text.slice(text.lastIndexOf(')') + 2).split(' '); } catch { return []; } };
const lines = existsSync(lives) ? readFileSync(lives, 'utf8').trim().split('\\n').map((line) => line.split(' ')) : [];
const met = lines.filter(([name, , pid, birth]) => name === of && stat(pid)[19] === birth && !'ZX'.includes(stat(pid)[0]));
appendFileSync(lives, [of, kind, process.pid, stat(process.pid)[19], met.map(([, what, pid]) => what + ':' + pid).join(',') || '-'].join(' ') + '\\n');
if (habits.includes('stubborn')) for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT']) process.on(signal, () => {});
const daemon = 'trap "" HUP TERM INT; echo "$1 $2 $$ $(cut -d" " -f22 /proc/$$/stat) -" >> "$3"; exec sleep 100000';
const daemons = {
  left: ['sh', '-c', daemon],
  session: ['setsid', 'sh', '-c', daemon],
  orphan: ['sh', '-c', 'setsid sh -c "$0" "$@" & exit 0', daemon],
  nameless: ['sh', '-c', 'env -i PATH="$PATH" setsid sh -c "$0" "$@" & exit 0', daemon],
};
for (const habit of habits) if (daemons[habit]) spawn(daemons[habit][0], [...daemons[habit].slice(1), 'sh', of, habit, lives], { stdio: 'ignore' });
const [hold, exit] = [process.env.DRILL_HOLD, process.env.DRILL_EXIT];
if (kind === 'check') {
  const turn = setInterval(() => {
    if (hold && existsSync(hold)) return;
    clearInterval(turn);
    // On the base it is well: what fails is this work's doing.
    process.exit(process.cwd() === process.env.DRILL_ROOT && exit && existsSync(exit) ? Number(readFileSync(exit, 'utf8')) : 0);
  }, 20);
} else {
  console.log(of + ' is here');
  setInterval(() => {}, 60_000);
}
`;

/** It runs the same checks over a copy once a room has nothing better to do: on a busy machine in the midst of a test. */
const NO_FORECAST = 'ahead: false';

export type DrillOptions = {
  /** What an agent does besides living: `stubborn`, and daemons (`left session orphan nameless`). */
  readonly habits?: readonly string[];
  readonly checkHabits?: readonly string[];
  /** Below `checks:`; by default one check that obeys `hold` and `exitWith`. */
  readonly checks?: (place: { readonly base: string }) => readonly string[];
  readonly more?: string;
  readonly coordination?: string;
  readonly policy?: string;
};

export type Drill = Awaited<ReturnType<typeof openDrill>>;

/** Whoever opens a drill closes it; then nothing of it is left, whatever became of the test. */
export async function openDrill(name: string, options: DrillOptions = {}) {
  const base = scratch(name);
  const workspace = join(base, 'shop');
  const agent = join(base, 'agent.mjs');
  const lives = join(base, 'lives');
  const [hold, exit] = [join(base, 'hold'), join(base, 'exit')];
  const rooms: Room[] = [];
  let changes = 0;
  const begun: Pick<Room, 'child' | 'stop'>[] = [];
  writeFileSync(agent, AGENT);

  const command = (of: string, kind: string, habits: readonly string[] = []) => [process.execPath, agent, lives, of, kind, ...habits];
  const checkLine = (id: string, habits: readonly string[] = []) =>
    `exec env DRILL_ROOT=${workspace} DRILL_HOLD=${hold} DRILL_EXIT=${exit} ${command(id, 'check', habits).join(' ')}`;
  const checks = options.checks?.({ base }) ?? [`{ id: unit, command: ${JSON.stringify(checkLine('unit', options.checkHabits))} }`];
  const config = `instances:
  - { id: ${BACKEND}, role: backend, command: ${JSON.stringify(command(BACKEND, 'agent', options.habits))} }
  - { id: ${FRONTEND}, role: frontend, command: ${JSON.stringify(command(FRONTEND, 'agent', options.habits))} }
coordination: ${options.coordination ?? '{ autopilot: act }'}
policy: { undoMs: 0${options.policy === undefined ? '' : `, ${options.policy}`} }
verification:
  ${NO_FORECAST}
  checks: [${checks.join(', ')}]
${options.more ?? ''}`;

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  };
  write('coordtui.yaml', config);
  write('src/shop.js', 'export const shop = {};\n');
  write('.gitignore', 'status/\ntmp.json\n');
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'A shop'],
  ])
    git(workspace, args);

  const statusFile = join(workspace, 'status', 'multi-instance-status.json');
  const file = (): JsonObject => {
    // Not to wait: what lies there may be a pipe.
    const fd = openSync(statusFile, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return JSON.parse(readFileSync(fd, 'utf8')) as JsonObject;
    } finally {
      closeSync(fd);
    }
  };

  const room = () => {
    const newest = rooms.at(-1);
    if (newest === undefined) throw new Error('no room was started');
    return newest;
  };

  /** A verb by the operator, over the wire: the tests are no descendants of the room. */
  const operator = async (verb: string, args: JsonObject = {}): Promise<Reply> => {
    const reached = await connect(room().socket);
    if (!reached.ok) throw new Error(`${reached.message}\n${room().output()}`);
    try {
      return await reached.connection.request(verb, args);
    } finally {
      reached.connection.close();
    }
  };

  const did = async (verb: string, args: JsonObject = {}): Promise<Json> => {
    const reply = await operator(verb, args);
    if (!reply.ok) throw new Error(`${verb}: ${reply.message}\n${room().output()}`);
    return reply.data;
  };

  const handoffs = async () => {
    const listed = (await did('handoffs', { all: true })) as unknown as { id: string }[];
    return Promise.all(listed.map(async ({ id }) => (await did('handoffs show', { id })) as unknown as Handoff));
  };

  /** Once every verdict lies sealed beside its round: that comes a moment after it, and is a change of the handoff too. */
  const sealedHandoffs = () =>
    until('every verdict to be sealed', async () => {
      const all = await handoffs();
      const isSealed = ({ evidence, verdict }: Handoff['rounds'][number]) =>
        evidence === null || verdict === null || evidence.verdictSha256 !== undefined;
      return all.every(({ rounds }) => rounds.every(isSealed)) ? all : null;
    });

  const livesNow = (): Life[] =>
    (existsSync(lives) ? readFileSync(lives, 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
      .map(([of = '', kind = '', pid = '', birth = '', met = '']) => ({ of, kind, pid: Number(pid), birth, met }));

  const assign = async (instance: string, more: JsonObject = {}): Promise<string> => {
    const data = await did('assign', { instance, task: `work for ${instance}`, ...more });
    return String(getAt(data, ['handoff']));
  };

  const untilHandoff = (id: string, what: string, holds: (handoff: Handoff) => boolean): Promise<Handoff> =>
    until(`${id} ${what}`, async () => {
      const handoff = (await did('handoffs show', { id })) as unknown as Handoff;
      return holds(handoff) ? handoff : null;
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${room().output()}`);
    });

  return {
    base,
    workspace,
    statusFile,
    hold,
    write,
    file,
    room,
    operator,
    did,
    handoffs,
    sealedHandoffs,
    assign,
    untilHandoff,
    checkLine,
    lives: livesNow,
    alive: () => livesNow().filter(isAlive),
    /** The exit code of the checks that come. */
    exitWith(code: number): void {
      writeFileSync(exit, String(code));
      // Another tree: one that gave the same tree two outcomes would be flaky.
      write('src/shop.js', `export const shop = { works: ${code === 0}, change: ${++changes} };\n`);
    },
    async open(env: NodeJS.ProcessEnv = {}): Promise<Room> {
      const opened = await startRoom(workspace, { env: { COORDTUI_OPERATOR: 'headless', ...env } });
      rooms.push(opened);
      return opened;
    },
    /** A room whose first moments matter: not waited for. */
    begin(): Pick<Room, 'child' | 'stop'> {
      const child = spawn(process.execPath, [BIN, 'serve', '--foreground', '--workspace', workspace], { cwd: workspace, stdio: 'ignore' });
      const ended = new Promise<number | NodeJS.Signals | null>((done) => child.once('exit', (code, signal) => done(signal ?? code)));
      const stop: Room['stop'] = (signal = 'SIGTERM') => {
        child.kill(signal);
        return ended;
      };
      begun.push({ child, stop });
      return { child, stop };
    },
    /** Lets the checks that wait go on. */
    release: () => rmSync(hold, { force: true }),
    /** Until both agents live that this room has started. */
    agents: (count = 2): Promise<Life[]> =>
      until(`${count} agents`, () => {
        const found = livesNow().filter((life) => life.kind === 'agent' && isAlive(life));
        return found.length >= count ? found : null;
      }),
    /** kill -9, and until it is dead. */
    kill: () => room().stop('SIGKILL'),
    coordtui: (...args: string[]): Promise<Ran> => run([process.execPath, BIN, ...args, '--workspace', workspace], workspace),
    /** A line of shell in the workspace, as an agent would type it. */
    shell: (line: string): Promise<Ran> => run(['/bin/sh', '-c', line], workspace),
    /** Until a line like this was printed by the newest room. */
    printed: (pattern: RegExp): Promise<true> =>
      until(`a line like ${pattern}`, () => pattern.test(room().output())).catch((error: Error) => {
        throw new Error(`${error.message}\n${room().output()}`);
      }),
    async close(): Promise<void> {
      rmSync(hold, { force: true });
      for (const one of [...rooms, ...begun]) if (one.child.exitCode === null && one.child.signalCode === null) await one.stop();
      // Only what a failed test has left: each by its own number, and only if it is still the same process.
      for (const life of livesNow().filter(isAlive)) end(life.pid);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function isAlive({ pid, birth }: Pick<Life, 'pid' | 'birth'>): boolean {
  const info = processInfo(pid);
  return info !== null && String(info.startTicks) === birth && info.state !== 'Z' && info.state !== 'X';
}

/** Living processes that were started with this variable set so, wherever they hang now. */
export function carriersOf(name: string, value: string): string[] {
  return allProcesses()
    .filter(({ pid, state }) => state !== 'Z' && state !== 'X' && environmentOf(pid)?.get(name) === value)
    .map(({ pid, comm }) => `${pid} ${comm}`);
}

function run([program = '', ...args]: readonly string[], cwd: string): Promise<Ran> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('COORDTUI_') || name === 'COORDTUI_TEST_RUN'),
  );
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function git(cwd: string, args: readonly string[]): void {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@localhost', '-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null'];
  const { status, stderr } = spawnSync('git', [...who, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
}
