/** The room, put together: the one place where ports meet adapters. */
import { basename, join } from 'node:path';
import { type Coordinator, createCoordinator, type Happening } from '../coordinator/coordinator.ts';
import type { Config } from '../core/config.ts';
import { narrate } from '../core/narrate.ts';
import { EXIT } from '../core/reply.ts';
import type { Handoff, State } from '../core/state.ts';
import { isoTime } from '../core/time.ts';
import { openTrees } from '../git/trees.ts';
import { createDocuments } from '../mailbox/documents.ts';
import { peerPid } from '../native/peer.ts';
import { endChildren } from '../pane/session-end.ts';
import type { JournalRecord } from '../store/record.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { prepareSocketDir, socketAddress, workspacePaths } from '../workspace/paths.ts';
import { actingConfig } from './acting-config.ts';
import { adoptProcesses } from './adopt-processes.ts';
import { actorOf, describe, type Surroundings } from './authority.ts';
import type { Served } from './conversation.ts';
import { dispatch } from './dispatch.ts';
import { awaitFirstLook } from './first-look.ts';
import { followConfig } from './follow-config.ts';
import { openForecasts } from './forecast.ts';
import { leftBehind } from './handover.ts';
import { createIntegrator } from './integrating.ts';
import { lentBy } from './lent-terminal.ts';
import { wayOfWork } from './merging.ts';
import { openObserver } from './observe.ts';
import { openOwnStore } from './own-store.ts';
import { keepPast } from './past.ts';
import { openRetention } from './retention.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { openScreens, type ScreenWorldOptions } from './screen-world.ts';
import { openServer, type RoomServer } from './server.ts';
import { sessionPids, sessionTerminals } from './session-processes.ts';
import { openSessions } from './sessions.ts';
import { systemClock } from './system-clock.ts';
import { createTrials } from './trials.ts';
import { verifiers } from './verifiers.ts';
import { openWorktrees } from './worktrees.ts';

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
  /** A rehearsal: a line of hints leads through it. */
  readonly guided: boolean;
  /** Somebody is about to look at it. */
  readonly forScreen: boolean;
  /** Told of each frame's milliseconds; absent: nobody wants to know. */
  readonly traceFrame?: ScreenWorldOptions['traceFrame'];
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

export async function openRoom(options: RoomOptions): Promise<Opened> {
  const { root, version, log } = options;
  let acting = () => options.config;
  const config = actingConfig(() => acting());
  const paths = workspacePaths(root);
  const address = socketAddress(root);
  if (!address.ok) return { ok: false, exit: EXIT.cannotWrite, message: address.message };
  const distrust = prepareSocketDir(address.dir);
  if (distrust !== null) return { ok: false, exit: EXIT.cannotWrite, message: distrust };

  const sessionId = `session-${basename(root)}-${isoTime(Date.now()).slice(0, 10).replaceAll('-', '')}`;
  const opened = await openOwnStore(options, { statusDir: paths.statusDir, socket: address.path, sessionId });
  if (!opened.ok) return { ok: false, exit: opened.code === 'held' ? EXIT.held : EXIT.cannotWrite, message: opened.message };
  const { store } = opened;
  // Whoever waits for the room waits for the file; while the disk is full the coordinator tries it again.
  await store
    .project()
    .catch((error: unknown) => log(`the status file is not written yet: ${error instanceof Error ? error.message : String(error)}`));
  if (opened.torn !== null) log(`a write that a crash had interrupted was set aside as ${opened.torn}`);

  const reaper = await adoptProcesses(paths.sessionsFile, log);

  const trees = openTrees({ root, privateDir: join(paths.privateDir, 'git') });
  const worktrees = openWorktrees(root, config, trees, log);
  const { panes, places, recordings, port } = await openSessions({
    config,
    paths,
    socketPath: address.path,
    packageRoot: options.packageRoot,
    log,
    onAway: () => screens.changed(),
    ready: worktrees.ready,
  });
  const rounds = createRounds();
  const verifierFor = verifiers({ root, config, trees, token: panes.token });
  const clock = systemClock();
  const observer = openObserver({ root, config, panes, steady: clock.steady, poke: () => coordinator.poke('session') });
  const documents = createDocuments({ root, templateDirs: [paths.templatesDir, join(options.packageRoot, 'templates')] });
  const last: JournalRecord[] = [];
  // A snapshot may stand between the last step and the end.
  for await (const record of store.history(store.seq() - 1)) last.push(record);
  const retention = openRetention({
    root,
    evidenceDir: paths.evidenceDir,
    config,
    trees,
    state: () => coordinator.state(),
    tell: (happening) => coordinator.tell(happening),
    log,
  });
  const coordinator: Coordinator = createCoordinator(opened.tree as unknown as State, {
    store,
    unfinished: last.filter((record) => record.kind !== 'snapshot'),
    clock,
    panes: { ...panes, ...port((instance) => screens.started(instance)) },
    verifier: verifierFor(paths.evidenceDir),
    evidence: retention,
    documents: { ...documents, work: leftBehind(config, trees, documents), merge: wayOfWork(config, trees) },
    integrator: createIntegrator({ root, config, trees, verifier: verifierFor(paths.evidenceDir) }),
    watchRound: (handoff) => rounds.listener(handoff),
    tree: worktrees.ground,
    observe: observer.look,
    archived: async (id) => ((await store.deleted(['coordinator', 'handoffs', id])) ?? null) as Handoff | null,
  });
  acting = () => coordinator.state().coordinator.config;
  const forecasts = openForecasts({ config, coordinator, trees, verifierFor, paths, rounds, see: () => screens.changed(), log });
  const past = keepPast({ root, coordinator, store, seenFile: paths.seenFile, log });
  coordinator.observe({
    changed: (before, after) => {
      for (const line of narrate(before, after, false)) recordings.note(line);
    },
  });
  panes.onExit((instance, pid, exit) => coordinator.tell({ type: 'pane.exited', instance, pid, ...exit }));

  // git takes its time. Whoever comes meanwhile sees the room at once, and is heard when it has begun.
  const look = awaitFirstLook(options.forScreen);
  const grounds = () => Promise.all([worktrees.ground(null), worktrees.grounds(acting())]);
  const begun = look.over.then(grounds).then(([tree, grounds]) => {
    coordinator.tell({ type: 'room.started', config: options.config, tree, grounds, sessionId });
    coordinator.poke('start');
    retention.begin();
  });
  // Whoever asks hears what this room has seen, not what the former one knew; while nothing can be kept he hears that.
  const seen = new Promise<void>((resolve) => {
    coordinator.observe({ changed: (_before, _after, { type }) => type === 'room.started' && resolve(), stalled: () => resolve() });
  });
  let end: (why: string) => void = () => {};
  const wish = new Promise<string>((resolve) => {
    end = resolve;
  });
  const afterwards = (happening: Happening) => void begun.then(() => coordinator.tell(happening));
  const following = followConfig({ root, coordinator, text: options.configText, tell: afterwards, log });
  const trials = createTrials({ workspace: root, coordinator, rounds, verifier: verifierFor(join(paths.evidenceDir, 'trials')) });
  const around: Surroundings = {
    sessions: () => sessionPids(panes),
    terminals: () => new Map([...places.terminals(), ...sessionTerminals(panes)]),
    far: places,
    root,
    checks: () => rounds.pids(),
    token: panes.token,
    headless: options.headless,
  };
  const asked = { workspace: root, version, coordinator, panes, places, recordings, trees, forecasts, trials, past, now: Date.now, end };
  const serve = async (served: Served) => {
    await begun;
    await seen;
    return dispatch(asked, served);
  };
  const screens = openScreens({
    workspace: root,
    evidenceDir: paths.evidenceDir,
    screenFile: paths.screenFile,
    config,
    coordinator,
    panes,
    rounds,
    trees,
    forecasts,
    past,
    begun,
    looked: look.had,
    traceFrame: options.traceFrame,
    guided: options.guided,
    verb: (verb, args, actor) => serve({ request: { id: 0, verb, args }, actor, part: () => {}, gone: new AbortController().signal }),
    log,
  });
  let server: RoomServer | null = null;
  const close = async () => {
    look.had();
    await begun;
    await following.close();
    screens.close('the room has ended');
    await server?.close();
    await retention.close();
    await forecasts.close();
    await coordinator.close();
    await observer.close();
    await past.close();
    await panes.close();
    await recordings.close();
    // Since the room adopts orphans, whatever it ever started is still below it.
    places.close();
    const { left } = await endChildren(places.servers());
    for (const { pid, comm } of left) log(`could not be ended: ${comm} (pid ${pid})`);
    reaper.close();
    await store.close();
  };
  try {
    server = await openServer({
      socketPath: address.path,
      welcome: (actor) => ({ coordtui: PROTOCOL, version, workspace: root, pid: process.pid, authority: describe(actor) }),
      actorOf: (socket) => actorOf(socket, around),
      serve,
      screen: (socket, hello, actor) => screens.attach(socket, hello, actor, lentBy(peerPid(socket), hello.tty)),
      log,
    });
    if (options.forScreen) screens.expect();
  } catch (error) {
    await close();
    return {
      ok: false,
      exit: EXIT.cannotWrite,
      message: `the room cannot listen: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  return { ok: true, room: { socketPath: address.path, coordinator, rounds, asked: Promise.race([wish, coordinator.lost]), close } };
}
