/** The sessions of a room: never two of one instance, an exit told only when nothing of the session is left. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { InstanceConfig } from '../core/config.ts';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { PaneExit, Panes } from '../core/ports.ts';
import { processInfo } from '../native/process.ts';
import { createFavour } from './favour.ts';
import { createOuterColours, type OuterColours } from './outer-colours.ts';
import { type Far, type OutputListener, openPane, type Pane } from './pane.ts';
import { DEFAULT_END, type EndOptions, endSession, type Membership } from './session-end.ts';
import { ROOM_TOKEN, sessionEnv } from './session-env.ts';
import { openSessionsLedger } from './survivors.ts';
import type { Way } from './way.ts';

export type PaneSetOptions = {
  readonly instances: readonly InstanceConfig[];
  /** The workspace; each instance's `cwd` is relative to it. */
  readonly root: string;
  /** What this session gets beyond the user's environment: COORDTUI_WORKSPACE and its like. */
  env(instance: InstanceId): Readonly<Record<string, string>>;
  readonly scrollbackLines: number;
  /** Where the sessions are recorded for the room after this one; `endSurvivors` comes before. */
  readonly sessionsFile: string;
  readonly size?: { readonly cols: number; readonly rows: number };
  readonly end?: EndOptions;
  readonly now?: () => Ms;
  /** Something that the operator should see, and that no answer can carry. */
  onTrouble(sentence: string): void;
  /** The line to a session elsewhere broke, or is there again. */
  onAway?(instance: InstanceId): void;
};

export type PaneSet = Omit<Panes, 'start'> & {
  /** `way`: the session is elsewhere, and this leads there. */
  start(instance: InstanceId, resume?: boolean, way?: Way): { readonly pid: number } | { readonly failed: string };
  /** The newest session of this instance, also when it has ended; null when none was started. */
  get(instance: InstanceId): Pane | null;
  /** Directory and variables that a session of this instance has, or would have. */
  surroundings(instance: InstanceId): { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  text(instance: InstanceId, lines: number): string[];
  /** Raw output of this instance's sessions, also of those still to be started. Returns the unsubscriber. */
  subscribe(instance: InstanceId, listener: OutputListener): () => void;
  write(instance: InstanceId, bytes: Uint8Array): boolean;
  /** As `write`, for what a person types: the other sessions wait until its echo has come. */
  type(instance: InstanceId, bytes: Uint8Array): boolean;
  resize(instance: InstanceId, cols: number, rows: number): void;
  backlogBytes(instance: InstanceId): number;
  /** What the operator's terminal says of its colours, for programs that ask for them. */
  readonly colours: OuterColours;
  /** Leaders of the sessions that run, by pid. */
  leaders(): ReadonlyMap<number, InstanceId>;
  /** Pids of the session leaders that run. */
  pids(): number[];
  /** The value of COORDTUI_ROOM in every session of this room. */
  readonly token: string;
  /** Ends all sessions, in parallel; no session can be started any more. */
  close(): Promise<void>;
};

/** `ended` resolves when no process of the session is left and its exit was told. */
type Session = {
  readonly pane: Pane;
  /** What the session is known by, also when another process has its line by now. */
  readonly pid: number;
  startTicks: number;
  readonly ended: Promise<void>;
  ending: Promise<void> | null;
  over: boolean;
};

const DEFAULT_SIZE = { cols: 120, rows: 40 };
const LINES_KEPT = 200;

/** Throws when the sessions file cannot be written: without it a killed room could leave two of one. */
export function createPaneSet(options: PaneSetOptions): PaneSet {
  const { end = DEFAULT_END, now = Date.now } = options;
  // Asked for each time: instances come and go while the room runs.
  const configOf = (instance: InstanceId) => options.instances.find(({ id }) => id === instance);
  const token = randomBytes(16).toString('hex');
  const ledger = openSessionsLedger(options.sessionsFile, token);
  const sessions = new Map<InstanceId, Session>();
  const sizes = new Map<InstanceId, { cols: number; rows: number }>();
  const outputs = new Map<InstanceId, Set<OutputListener>>();
  const colours = createOuterColours();
  const exits = new Set<Parameters<Panes['onExit']>[0]>();
  const favour = createFavour(() => [...sessions.values()].map(({ pane }) => pane));
  let closed = false;

  const recorded = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      options.onTrouble(`${options.sessionsFile} cannot be written: ${(error as Error).message}`);
    }
  };

  const surroundings: PaneSet['surroundings'] = (instance) => {
    const { cwd = '.', env = {} } = configOf(instance) ?? {};
    return {
      cwd: path.resolve(options.root, cwd),
      env: sessionEnv(process.env, env, { ...options.env(instance), COORDTUI_INSTANCE: instance }, token),
    };
  };

  /** Ends what is left of the session; asked for by `stop`, or by the exit of its leader. */
  const endAll = async ({ pane, startTicks }: Session): Promise<void> => {
    const claims: Membership['claims'] = (_candidate, environment) =>
      environment?.get(ROOM_TOKEN) === token && environment.get('COORDTUI_INSTANCE') === pane.instance;
    const { left } = await endSession({ leaders: [{ pid: pane.pid, startTicks }], claims }, end);
    if (left.length > 0)
      options.onTrouble(`${pane.instance}: ${left.map(({ pid, comm }) => `${pid} (${comm})`).join(', ')} could not be ended`);
    else recorded(() => ledger.remove(pane.pid));
  };

  const endOnce = (session: Session): Promise<void> => {
    session.pane.giveUp();
    session.ending ??= endAll(session);
    return session.ending;
  };

  const start: PaneSet['start'] = (instance, resume = false, way) => {
    const config = configOf(instance);
    if (closed) return { failed: 'the room is closing' };
    if (!config?.command) return { failed: `${instance} has no command` };
    const former = sessions.get(instance);
    if (former && !former.over) {
      const what = former.ending ? 'is still being ended' : 'runs already';
      return { failed: `${instance} ${what} (pid ${former.pane.pid})` };
    }
    let leaderGone = (_exit: PaneExit): void => undefined;
    const exited = new Promise<PaneExit>((resolve) => {
      leaderGone = resolve;
    });
    const pane = openPane({
      instance,
      command: (resume ? config.resume : null) ?? config.command,
      ...surroundings(instance),
      ...(way === undefined ? {} : { cwd: way.cwd, env: way.env, far: farOf(instance, way) }),
      ...(sizes.get(instance) ?? options.size ?? DEFAULT_SIZE),
      scrollbackLines: options.scrollbackLines,
      promptEndsWork: config.agent === 'shell',
      colours,
      before: [...(former ? epitaph(former.pane) : []), ...(way?.before ?? [])],
      now,
      onExit: leaderGone,
    });
    if ('failed' in pane) return pane;
    const { pid } = pane;
    former?.pane.close();
    pane.subscribe((bytes) => {
      for (const listener of outputs.get(instance) ?? []) listener(bytes);
      favour.printed(instance);
    });
    // A program that is gone already has no start time; its token still finds what it left.
    const startTicks = processInfo(pane.pid)?.startTicks ?? -1;
    recorded(() => ledger.add(instance, pane.pid, startTicks));

    const ended = exited.then(async (exit) => {
      await endOnce(session);
      session.over = true;
      for (const listener of exits) listener(instance, pid, exit);
    });
    const session: Session = { pane, pid, startTicks, ended, ending: null, over: false };
    sessions.set(instance, session);
    return { pid };
  };

  /** Each new line to the same session is recorded in the place of the one before. */
  const farOf = (instance: InstanceId, way: Way): Far => ({
    way,
    async swept(pid) {
      await endSession({ leaders: [{ pid, startTicks: -1 }], claims: () => false }, end);
      recorded(() => ledger.remove(pid));
    },
    onDial(pid) {
      const session = sessions.get(instance);
      if (session === undefined) return;
      session.startTicks = processInfo(pid)?.startTicks ?? -1;
      recorded(() => ledger.add(instance, pid, session.startTicks));
    },
    onAway: () => options.onAway?.(instance),
  });

  const stop: Panes['stop'] = async (instance) => {
    const session = sessions.get(instance);
    if (!session || session.over) return;
    await endOnce(session);
    await session.ended;
  };

  return {
    start,
    stop,
    surroundings,
    interrupt: (instance) => {
      sessions.get(instance)?.pane.interrupt();
    },
    onExit(listener) {
      exits.add(listener);
      return () => exits.delete(listener);
    },
    get: (instance) => sessions.get(instance)?.pane ?? null,
    text: (instance, lines) => sessions.get(instance)?.pane.text(lines) ?? [],
    subscribe(instance, listener) {
      const listeners = outputs.get(instance) ?? new Set();
      outputs.set(instance, listeners.add(listener));
      return () => listeners.delete(listener);
    },
    colours,
    backlogBytes: (instance) => sessions.get(instance)?.pane.backlogBytes() ?? 0,
    write: (instance, bytes) => sessions.get(instance)?.pane.write(bytes) ?? false,
    type(instance, bytes) {
      favour.typed(instance);
      return sessions.get(instance)?.pane.write(bytes) ?? false;
    },
    resize(instance, cols, rows) {
      sizes.set(instance, { cols, rows });
      sessions.get(instance)?.pane.resize(cols, rows);
    },
    leaders: () =>
      new Map([...sessions].flatMap(([id, { pane }]): [number, InstanceId][] => (pane.exit() === null ? [[pane.pid, id]] : []))),
    pids: () => [...sessions.values()].filter(({ over }) => !over).map(({ pane }) => pane.pid),
    token,
    async close() {
      closed = true;
      favour.close();
      colours.close();
      await Promise.all([...sessions.keys()].map(stop));
      for (const { pane } of sessions.values()) pane.close();
    },
  };
}

/** Why a program ended stands on its last screen: the next session begins below it. */
function epitaph(pane: Pane): string[] {
  const exit = pane.exit();
  const how = exit?.signal ?? (exit ? `exit ${exit.exitCode}` : 'unknown');
  return [...pane.text(LINES_KEPT), '', `── ended (${how}), started again ──`, ''];
}
