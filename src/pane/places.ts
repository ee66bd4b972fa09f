/**
 * Where sessions are when they are not in the room's own terminals: the way there, what outlives the room, and which
 * processes belong to it although they are not below the room.
 */
import type { InstanceConfig } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { type ProcessInfo, processInfo } from '../native/process.ts';
import { findCommand } from './command-path.ts';
import { ROOM_TOKEN } from './session-env.ts';
import { endOfSsh, type SshPlace, sshCommand } from './ssh.ts';
import { hasSocket, ownServer, ownSocket, panesIn, panesNow, programIn, type Server, type TmuxPane } from './tmux.ts';
import { endOwn, startOwn, type TmuxTarget, wayInto } from './tmux-session.ts';
import type { Way } from './way.ts';

/** What every process of a session in a tmux of ours shows as long as it keeps its environment, or its parents do. */
export const FAR_SESSION = 'COORDTUI_SESSION';

export type PlacesOptions = {
  readonly instances: readonly InstanceConfig[];
  readonly root: string;
  readonly scrollbackLines: number;
  /** Directory and variables of a session's own program. */
  surroundings(instance: InstanceId): { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  onNotice(sentence: string): void;
};

type Failed = { readonly failed: string };

export type Places = {
  /** The way to the instance's session, which is started when it is not there; null: in a terminal of the room's own. */
  wayTo(instance: InstanceId, resume: boolean, adopted: string | null): Promise<Way | Failed | null>;
  /** The operator has closed the session: what coordtui started is ended with all its processes, the rest is left. */
  end(instance: InstanceId): Promise<void>;
  /** Whose a process is, by its line of ancestors from itself on; `nobody`: not to be told. null: none of these. */
  ownerOf(line: readonly ProcessInfo[]): InstanceId | 'nobody' | null;
  /** Terminals of adopted sessions, by the kernel's number. */
  terminals(): ReadonlyMap<number, InstanceId>;
  /** Sessions that somebody else's server holds: what leaves them cannot be told from the operator's own. */
  adopts(): boolean;
  /** What runs in the session of this name in the user's own tmux, by the name of the program that has its terminal. */
  inUsersTmux(name: string): Promise<{ readonly program: string } | Failed>;
  /** Servers that outlive the room. */
  servers(): ReadonlySet<number>;
  close(): void;
};

type Known = { readonly target: TmuxTarget; server: number; startTicks: number; panes: ReadonlySet<number> };

const REFRESH_MS = 2_000;

/** Looks first what goes on already, so that nobody is let in who is not known. */
export async function openPlaces(options: PlacesOptions): Promise<Places> {
  const { root, surroundings } = options;
  // Asked for each time: instances come and go while the room runs.
  const configOf = (instance: InstanceId) => options.instances.find(({ id }) => id === instance);
  const known = new Map<InstanceId, Known>();

  const own = (instance: InstanceId, name: string): TmuxTarget => ({
    server: ownServer(root, instance, surroundings(instance).env),
    name,
    own: true,
  });
  const users = (name: string): TmuxTarget => ({ server: { socket: null, env: userEnv() }, name, own: false });

  const learn = (instance: InstanceId, target: TmuxTarget, panes: readonly TmuxPane[]): void => {
    const server = panes[0]?.server ?? 0;
    known.set(instance, {
      target,
      server,
      startTicks: processInfo(server)?.startTicks ?? -1,
      panes: new Set(panes.map(({ pid }) => pid)),
    });
  };

  const nameOf = (instance: InstanceId): string => {
    const session = configOf(instance)?.session;
    return session?.kind === 'tmux' ? session.name : instance;
  };

  const refresh = async (): Promise<void> => {
    for (const [instance, { target }] of [...known]) {
      if (target.own) continue;
      const panes = await panesIn(target.server, target.name);
      if (known.get(instance)?.target === target && Array.isArray(panes) && panes.length > 0) learn(instance, target, panes);
    }
  };
  const timer = setInterval(() => void refresh(), REFRESH_MS);
  timer.unref();

  for (const { id: instance } of options.instances) {
    const target = own(instance, nameOf(instance));
    if (!hasSocket(target.server)) continue;
    const panes = await panesIn(target.server, target.name);
    if (Array.isArray(panes)) learn(instance, target, panes);
  }

  const attached = async (instance: InstanceId, target: TmuxTarget): Promise<Way | Failed> => {
    const panes = await panesIn(target.server, target.name);
    if (panes === null) return { failed: `the tmux session ${target.name} ended at once` };
    if ('failed' in panes) return panes;
    learn(instance, target, panes);
    const { cwd, env } = surroundings(instance);
    return wayInto(target, { cwd, env: target.own ? env : { ...env, ...tmuxPlace(target.server) } }, options.scrollbackLines);
  };

  const tmux = async (instance: InstanceId, name: string, command: readonly string[]): Promise<Way | Failed> => {
    const target = own(instance, name);
    const there = hasSocket(target.server) ? await panesIn(target.server, name) : null;
    if (there !== null && 'failed' in there) return there;
    if (there?.some(({ dead }) => dead === null)) {
      options.onNotice(`${instance}: its tmux session goes on, and is shown again`);
      return attached(instance, target);
    }
    // What it left when it ended while no room was there.
    if (there !== null) await endOwn(target);
    if (Array.isArray(await panesIn(users(name).server, name))) {
      options.onNotice(`${instance}: the tmux session ${name} was there already, and is adopted`);
      return attached(instance, users(name));
    }
    const { cwd, env } = surroundings(instance);
    const { [ROOM_TOKEN]: _token, ...lasting } = env;
    const failed = await startOwn(target, {
      instance,
      command,
      cwd,
      env: { ...lasting, [FAR_SESSION]: ownSocket(root, instance) },
      scrollbackLines: options.scrollbackLines,
    });
    return failed ?? attached(instance, target);
  };

  const ssh = (instance: InstanceId, place: SshPlace, set: InstanceConfig['env'], program: readonly string[]): Way | Failed => {
    const { cwd, env } = surroundings(instance);
    const found = findCommand('ssh', cwd, env.PATH ?? '/usr/bin:/bin');
    if ('failed' in found) return found;
    const { PATH: _here, ...given } = set;
    const command = sshCommand(place, program, { ...given, COORDTUI_INSTANCE: instance });
    return { command, cwd, env, before: [], adopted: null, ended: async (exit) => endOfSsh(place.host, exit), reached: () => {} };
  };

  return {
    async wayTo(instance, resume, adopted) {
      const config = configOf(instance);
      if (config === undefined) return { failed: `${instance} is not configured` };
      const command = (resume ? config.resume : null) ?? config.command ?? [];
      if (adopted !== null) {
        const target = users(adopted);
        const panes = await panesIn(target.server, adopted);
        if (panes !== null) return 'failed' in panes ? panes : attached(instance, target);
        known.delete(instance);
        // The config names it too: then it may be started as well.
        if (nameOf(instance) !== adopted) return { failed: `there is no tmux session "${adopted}" (tmux ls names them)` };
      }
      known.delete(instance);
      const place = config.session ?? { kind: 'pty' };
      if (place.kind === 'tmux') return tmux(instance, place.name, command);
      const left = await stillInTmux(root, instance, own(instance, instance).server);
      if (left !== null) return left;
      return place.kind === 'ssh' ? ssh(instance, place, config.env, command) : null;
    },
    async end(instance) {
      const one = known.get(instance);
      known.delete(instance);
      if (one?.target.own !== true) return;
      const left = await endOwn(one.target);
      if (left.length > 0) options.onNotice(`${instance}: ${left.join(', ')} could not be ended`);
    },
    ownerOf(line) {
      for (const [instance, one] of known) {
        const at = line.findIndex(({ pid, startTicks }) => pid === one.server && startTicks === one.startTicks);
        if (at < 0) continue;
        if (one.target.own) return instance;
        const pane = line[at - 1]?.pid;
        if (pane === undefined) continue;
        if (one.panes.has(pane)) return instance;
        const panes = panesNow(one.target.server, one.target.name);
        if (panes === null) return 'nobody';
        learn(instance, one.target, panes);
        if (panes.some(({ pid }) => pid === pane)) return instance;
      }
      return null;
    },
    terminals() {
      const terminals = new Map<number, InstanceId>();
      for (const [instance, { target, panes }] of known) {
        if (target.own) continue;
        for (const pid of panes) {
          const tty = processInfo(pid)?.ttyNr ?? 0;
          if (tty !== 0) terminals.set(tty, instance);
        }
      }
      return terminals;
    },
    adopts: () => [...known.values()].some(({ target }) => !target.own),
    async inUsersTmux(name) {
      const { server } = users(name);
      const panes = await panesIn(server, name);
      if (panes === null) return { failed: `there is no tmux session "${name}"` };
      return 'failed' in panes ? panes : programIn(server, name);
    },
    servers: () => new Set([...known.values()].filter(({ target }) => target.own).map(({ server }) => server)),
    close: () => clearInterval(timer),
  };
}

/** Never two of one: the config may have changed its mind while the session lived on. */
async function stillInTmux(root: string, instance: InstanceId, server: Server): Promise<Failed | null> {
  if (!hasSocket(server)) return null;
  const panes = await panesIn(server, instance);
  if (panes === null) return null;
  // Who does not answer may have it still.
  if ('failed' in panes) return panes;
  const where = `tmux -L ${ownSocket(root, instance)}`;
  return { failed: `it still runs in tmux: end it (${where} kill-server), or give it "session: tmux" again` };
}

/** The user's own tmux is found as he finds it. */
function userEnv(): Record<string, string> {
  const { PATH = '/usr/bin:/bin', TERM = 'xterm-256color' } = process.env;
  return { PATH, TERM, ...tmuxPlace({ socket: null, env: process.env as Record<string, string> }) };
}

function tmuxPlace({ env }: Server): Record<string, string> {
  return env.TMUX_TMPDIR === undefined ? {} : { TMUX_TMPDIR: env.TMUX_TMPDIR };
}
