/** The room, put together: the one place where ports meet adapters. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { type Coordinator, createCoordinator } from '../coordinator/coordinator.ts';
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { initialState } from '../core/initial.ts';
import type { Clock } from '../core/ports.ts';
import { EXIT } from '../core/reply.ts';
import type { State } from '../core/state.ts';
import { isoTime } from '../core/time.ts';
import type { JsonObject } from '../core/tree.ts';
import { openTrees } from '../git/trees.ts';
import { createDocuments } from '../mailbox/documents.ts';
import { processInfo } from '../native/process.ts';
import { becomeSubreaper, startReaper } from '../native/subreaper.ts';
import { createPaneSet, type PaneSet } from '../pane/pane-set.ts';
import { endChildren } from '../pane/session-end.ts';
import { endSurvivors } from '../pane/survivors.ts';
import { bootId } from '../store/lock-info.ts';
import { openStore } from '../store/open.ts';
import type { JournalRecord } from '../store/record.ts';
import { createVerifier } from '../verify/suite.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { CONFIG_FILE, prepareSocketDir, socketAddress, workspacePaths } from '../workspace/paths.ts';
import { watchConfig } from '../workspace/watch-config.ts';
import { actorOf, describe, type Surroundings } from './authority.ts';
import { dispatch } from './dispatch.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { openServer } from './server.ts';
import { createTrials } from './trials.ts';

export type RoomOptions = {
  readonly root: string;
  readonly config: Config;
  /** The file that it was read from; null: there was none. */
  readonly configText: string | null;
  readonly version: string;
  /** The package's own directory: templates, and the program that sessions call. */
  readonly packageRoot: string;
  /** Decisions need no terminal: set by whoever starts the room, never from inside the workspace. */
  readonly headless: boolean;
  readonly log: (line: string) => void;
};

export type OpenRoom = {
  readonly socketPath: string;
  readonly coordinator: Coordinator;
  readonly rounds: Rounds;
  /** Resolves when somebody asked the room to end, with the reason; rejects when it cannot go on. */
  readonly asked: Promise<string>;
  /** Ends the sessions, the checks, the store; afterwards no process of the room is left. */
  close(): Promise<void>;
};

export type Opened =
  | { readonly ok: true; readonly room: OpenRoom }
  | { readonly ok: false; readonly exit: number; readonly message: string };

const REAP_MS = 2_000;

export async function openRoom(options: RoomOptions): Promise<Opened> {
  const { root, config, version, log } = options;
  const paths = workspacePaths(root);
  const address = socketAddress(root);
  if (!address.ok) return { ok: false, exit: EXIT.cannotWrite, message: address.message };
  const distrust = prepareSocketDir(address.dir);
  if (distrust !== null) return { ok: false, exit: EXIT.cannotWrite, message: distrust };

  const sessionId = `session-${basename(root)}-${isoTime(Date.now()).slice(0, 10).replaceAll('-', '')}`;
  const opened = await openStore({
    statusDir: paths.statusDir,
    initial: initialState(config, sessionId, Date.now()) as unknown as JsonObject,
    lockInfo: {
      pid: process.pid,
      host: hostname(),
      bootId: bootId(),
      since: isoTime(Date.now()),
      socket: address.path,
      version,
      protocol: PROTOCOL,
    },
  });
  if (!opened.ok) return { ok: false, exit: opened.code === 'held' ? EXIT.held : EXIT.cannotWrite, message: opened.message };
  const { store } = opened;
  if (opened.torn !== null) log(`a write that a crash had interrupted was set aside as ${opened.torn}`);

  // Never two of one: what a killed room left behind ends before anything is started.
  const survivors = await endSurvivors(paths.sessionsFile);
  for (const { pid, comm } of survivors.ended) log(`ended what a killed room had left: ${comm} (pid ${pid})`);
  for (const { pid, comm } of survivors.left) log(`could not end what a killed room had left: ${comm} (pid ${pid})`);
  const adopts = becomeSubreaper();
  if (!adopts) log('this system does not let the room adopt orphans: rights and leftovers are told by terminal and environment alone');
  const reaper = startReaper({ intervalMs: REAP_MS });

  const panes: PaneSet = createPaneSet({
    instances: config.instances,
    root,
    env: (instance) => sessionVariables(options, paths.statusFile, address.path, instance),
    scrollbackLines: config.ui.scrollbackLines,
    sessionsFile: paths.sessionsFile,
    onTrouble: log,
  });
  const rounds = createRounds();
  const trees = openTrees({ root, privateDir: join(paths.privateDir, 'git') });
  const verifierFor = (evidenceDir: string) =>
    createVerifier({
      root,
      cwdOf: (instance) => config.instances.find((one) => one.id === instance)?.cwd ?? '.',
      trees,
      evidenceDir,
      parallelism: config.verification.parallelism,
      ignore: config.verification.ignore,
      env: checkVariables(panes.token),
      configPath: CONFIG_FILE,
    });
  const last: JournalRecord[] = [];
  // A snapshot may stand between the last step and the end.
  for await (const record of store.history(store.seq() - 1)) last.push(record);
  const coordinator = createCoordinator(opened.tree as unknown as State, {
    store,
    unfinished: last.filter((record) => record.kind !== 'snapshot'),
    clock: systemClock(),
    panes,
    verifier: verifierFor(paths.evidenceDir),
    documents: createDocuments({ root, templateDirs: [paths.templatesDir, join(options.packageRoot, 'templates')] }),
    watchRound: (handoff) => rounds.listener(handoff),
    tree: () =>
      trees.snapshot('.').catch((error: unknown) => {
        log(`the tree could not be taken: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      }),
  });
  panes.onExit((instance, pid, exit) => coordinator.tell({ type: 'pane.exited', instance, pid, ...exit }));

  const tree = await trees.snapshot('.').catch((error: unknown) => {
    log(`the tree could not be taken: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  });
  coordinator.tell({ type: 'room.started', config, tree, sessionId });
  coordinator.poke('start');

  let end: (why: string) => void = () => {};
  const wish = new Promise<string>((resolve) => {
    end = resolve;
  });
  const configWatch = watchConfig(root, { shell: process.env.SHELL }, options.configText, ({ problems }) =>
    coordinator.tell({ type: 'config.changed', problems }),
  );
  const trials = createTrials({ workspace: root, coordinator, rounds, verifier: verifierFor(join(paths.evidenceDir, 'trials')) });
  const around: Surroundings = {
    sessions: () => sessionPids(panes, config),
    terminals: () => sessionTerminals(panes, config),
    checks: () => rounds.pids(),
    token: panes.token,
    headless: options.headless,
  };
  const server = await openServer({
    socketPath: address.path,
    welcome: (actor) => ({ coordtui: PROTOCOL, version, workspace: root, pid: process.pid, authority: describe(actor) }),
    actorOf: (socket) => actorOf(socket, around),
    serve: (served) => dispatch({ workspace: root, version, coordinator, panes, trees, trials, now: Date.now, end }, served),
    log,
  });
  return {
    ok: true,
    room: {
      socketPath: address.path,
      coordinator,
      rounds,
      asked: Promise.race([wish, coordinator.lost]),
      async close() {
        await configWatch.close();
        await server.close();
        await coordinator.close();
        await panes.close();
        // Since the room adopts orphans, whatever it ever started is still below it.
        const { left } = await endChildren(new Set());
        for (const { pid, comm } of left) log(`could not be ended: ${comm} (pid ${pid})`);
        reaper.close();
        await store.close();
      },
    },
  };
}

function sessionVariables(options: RoomOptions, statusFile: string, socket: string, instance: InstanceId): Record<string, string> {
  return {
    COORDTUI_WORKSPACE: options.root,
    COORDTUI_INSTANCE: instance,
    COORDTUI_SOCKET: socket,
    COORDTUI_STATUS_FILE: statusFile,
    COORDTUI_BIN: join(options.packageRoot, 'bin', 'coordtui.js'),
  };
}

/** Checks see the operator's environment, without what would make them think that they are a session. */
function checkVariables(token: string): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('COORDTUI_') && !name.startsWith('npm_'));
  return { ...Object.fromEntries(inherited), COORDTUI_ROOM: token };
}

function sessionPids(panes: PaneSet, config: Config): Map<number, InstanceId> {
  const pids = new Map<number, InstanceId>();
  for (const { id } of config.instances) {
    const pane = panes.get(id);
    if (pane !== null && pane.exit() === null) pids.set(pane.pid, id);
  }
  return pids;
}

function sessionTerminals(panes: PaneSet, config: Config): Map<number, InstanceId> {
  const terminals = new Map<number, InstanceId>();
  for (const [pid, id] of sessionPids(panes, config)) {
    const tty = processInfo(pid)?.ttyNr ?? 0;
    if (tty !== 0) terminals.set(tty, id);
  }
  return terminals;
}

function systemClock(): Clock {
  return {
    now: Date.now,
    seed: () => randomBytes(16).toString('hex'),
    at(time, call) {
      // setTimeout overflows at 24.8 days; nobody waits that long for one poke.
      const timer = setTimeout(call, Math.min(Math.max(0, time - Date.now()), 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}
