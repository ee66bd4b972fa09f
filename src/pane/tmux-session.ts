/** A session in tmux: found where it goes on, or started so that it outlives the room. */
import type { InstanceId } from '../core/ids.ts';
import { plainLines } from '../core/plain.ts';
import type { PaneExit } from '../core/ports.ts';
import { spawnKeeper } from '../native/keeper-process.ts';
import { processInfo } from '../native/process.ts';
import { directoryObstacle, findCommand } from './command-path.ts';
import { DEFAULT_END, type EndOptions, endSession } from './session-end.ts';
import { askTmux, forgetSocket, panesIn, type Server, type TmuxPane, tmuxWords } from './tmux.ts';
import type { LineEnd, Way } from './way.ts';

/** `own`: coordtui started it, and ends it. An adopted one is only ever left. */
export type TmuxTarget = { readonly server: Server; readonly name: string; readonly own: boolean };

export type TmuxStart = {
  readonly instance: InstanceId;
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Of the program; without the room's token, by which the next room would end it. */
  readonly env: Readonly<Record<string, string>>;
  readonly scrollbackLines: number;
};

type Failed = { readonly failed: string };

const START_PATIENCE_MS = 15_000;
const LOOK_MS = 15;
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/** Every byte goes through to the program, and the room's own screen shows what tmux would. */
const SETTINGS: readonly (readonly string[])[] = [
  ['set', '-g', 'prefix', 'None'],
  ['set', '-g', 'prefix2', 'None'],
  ['unbind', '-a', '-T', 'root'],
  ['unbind', '-a', '-T', 'prefix'],
  ['set', '-g', 'status', 'off'],
  ['set', '-g', 'mouse', 'off'],
  ['set', '-s', 'escape-time', '0'],
  ['set', '-s', 'focus-events', 'on'],
  ['set', '-s', 'set-clipboard', 'off'],
  ['set', '-g', 'allow-passthrough', 'off'],
  ['set', '-g', 'visual-bell', 'off'],
  ['set', '-g', 'bell-action', 'any'],
  ['set', '-g', 'set-titles', 'on'],
  ['set', '-g', 'set-titles-string', '#T'],
  ['set', '-g', 'default-terminal', 'tmux-256color'],
  // No other screen: what scrolls out of the pane is kept by the room, and can be read back there.
  ['set', '-s', 'terminal-overrides', 'xterm*:smcup@:rmcup@:Tc'],
  ['set', '-g', 'destroy-unattached', 'off'],
  ['set', '-g', 'remain-on-exit', 'on'],
  ['set', '-s', 'exit-empty', 'on'],
];

/** Starts the session on a server of its own. null: it runs; its panes can be asked for. */
export async function startOwn({ server, name }: TmuxTarget, start: TmuxStart): Promise<Failed | null> {
  const path = start.env.PATH ?? '/usr/bin:/bin';
  const tmux = findCommand('tmux', '/', path);
  if ('failed' in tmux) return { failed: `${tmux.failed}: install tmux, or give ${start.instance} "session: pty"` };
  const blocked = directoryObstacle(start.cwd);
  if (blocked !== null) return { failed: blocked };
  const found = findCommand(start.command[0] ?? '', start.cwd, path);
  if ('failed' in found) return found;
  const { TMUX_TMPDIR: _elsewhere, ...env } = start.env;
  const keeper = spawnKeeper(tmux.file, [...tmuxWords(server), '-f', '/dev/null', '-D'], { cwd: start.cwd, env });
  const deadline = performance.now() + START_PATIENCE_MS;
  while (!(await askTmux(server, ['show', '-s', 'escape-time'])).ok) {
    if (keeper.exitCode !== null || keeper.pid === undefined || performance.now() > deadline)
      return { failed: `tmux -L ${server.socket} could not be started (${keeper.exitCode ?? 'no answer'})` };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const made = await askTmux(server, [
    ...chained([...SETTINGS, ['set', '-g', 'history-limit', String(start.scrollbackLines)]]),
    ';',
    ...begin(name, start, found.file),
  ]);
  if (made.ok) return null;
  await endOwn({ server, name, own: true });
  return { failed: `tmux refused the session: ${made.why}` };
}

function chained(commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((words, index) => (index === 0 ? [...words] : [';', ...words]));
}

function begin(name: string, { command, cwd }: TmuxStart, file: string): string[] {
  const [, ...args] = command;
  // One word alone would be read by a shell.
  const program = args.length === 0 ? ['/bin/sh', '-c', 'exec "$0"', file] : [file, ...args];
  // Only the agent's own end is kept to be told; other panes that are opened beside it close by themselves.
  return [
    ...['new-session', '-d', '-s', name, '-x', '120', '-y', '40', '-c', cwd, '--', ...program],
    ...[';', 'set', '-p', '-t', `=${name}:`, 'remain-on-exit', 'on'],
    ...[';', 'set-hook', '-p', '-t', `=${name}:`, 'pane-died', `detach-client -s =${name}`],
    ...[';', 'set', '-g', 'remain-on-exit', 'off'],
  ];
}

/** The agent's pane among those of the session: the first that the server ever made. */
function first(panes: readonly TmuxPane[]): TmuxPane | undefined {
  return panes.find(({ id }) => id === '%0') ?? panes[0];
}

/** What is to run in the room's terminal so that the session is seen there. */
export async function wayInto(target: TmuxTarget, look: Pick<Way, 'cwd' | 'env'>, historyLines: number): Promise<Way> {
  const { server, name, own } = target;
  const history =
    historyLines === 0
      ? null
      : await askTmux(server, ['capture-pane', '-p', '-J', '-t', `=${name}:`, '-S', `-${historyLines}`, '-E', '-1']);
  const agent = own ? watchAgent(server, name) : null;
  return {
    ...look,
    command: ['tmux', ...tmuxWords(server, 'attach-session', '-t', `=${name}`)],
    before: history?.ok === true && history.out.trim() !== '' ? plainLines(history.out).trimEnd().split('\n') : [],
    adopted: own ? null : name,
    ended: (exit) => endOf(target, exit),
    reached: () => void agent?.ask(),
    ...(agent === null || process.platform !== 'linux' ? {} : { look: agent.look }),
  };
}

/** Of a session of ours: its server tells the client when the agent has ended, and does not always. */
function watchAgent(server: Server, name: string): { ask(): Promise<void>; look(): void } {
  let pid: number | null = null;

  /** It may have ended in the instant before the client came: then nobody was there to be told. */
  const ask = async (): Promise<void> => {
    const panes = await panesIn(server, name);
    const pane = Array.isArray(panes) ? first(panes) : undefined;
    if (pane === undefined) return;
    pid = pane.pid;
    const isTold = pane.dead !== null && (pane.dead.exitCode !== null || pane.dead.signal !== null);
    if (isTold) await askTmux(server, ['detach-client', '-s', `=${name}`]);
    else remind(pane);
  };

  return {
    ask,
    look() {
      const state = pid === null ? undefined : processInfo(pid)?.state;
      if (state === undefined || state === 'Z') void ask();
    },
  };
}

/** tmux (3.3a) has lost the signal that its child has ended: seen in one of a few dozen ends. Any signal of that kind makes it look. */
function remind({ pid, server }: TmuxPane): void {
  const agent = processInfo(pid);
  if (agent?.state !== 'Z' || agent.ppid !== server) return;
  try {
    process.kill(server, 'SIGCHLD');
  } catch (error) {
    // Gone in between, and its client with it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The client has ended: was it only the client? */
async function endOf(target: TmuxTarget, exit: PaneExit): Promise<LineEnd> {
  const panes = await panesIn(target.server, target.name);
  if (panes === null) return { over: target.own ? { exitCode: null, signal: 'SIGHUP' } : exit };
  if ('failed' in panes) return { lost: panes.failed };
  const dead = target.own ? (first(panes)?.dead ?? null) : null;
  if (dead === null) return { lost: 'its terminal was detached from outside' };
  await endOwn(target);
  return {
    over:
      dead.signal === null
        ? { exitCode: dead.exitCode ?? 0, signal: null }
        : { exitCode: null, signal: SIGNALS[dead.signal] ?? `signal ${dead.signal}` },
  };
}

/** Ends a session of ours with every process of it: the server keeps its orphans, so all of them are below it. */
export async function endOwn({ server, name }: TmuxTarget, end: EndOptions = DEFAULT_END): Promise<readonly number[]> {
  const panes = await panesIn(server, name);
  const [pane] = Array.isArray(panes) ? panes : [];
  if (pane !== undefined) {
    const startTicks = processInfo(pane.server)?.startTicks ?? -1;
    const ending = endSession({ leaders: [{ pid: pane.server, startTicks }], claims: ({ pid }) => pid === pane.server }, end);
    // All that are below it are known by now, so it may go: a hang-up alone it does not heed.
    await askTmux(server, ['kill-server']);
    const { left } = await ending;
    if (left.length === 0) forgetSocket(server);
    return left.map(({ pid }) => pid);
  }
  if ((await askTmux(server, ['kill-server'])).ok) forgetSocket(server);
  return [];
}
