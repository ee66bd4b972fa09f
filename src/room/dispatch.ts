/** What the room does with a request: the right first, then the verb (INTERFACE; PROTOCOL section 1). */
import { StringDecoder } from 'node:string_decoder';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { refuse } from '../core/authority.ts';
import { findVerb } from '../core/command.ts';
import { healthOf } from '../core/health.ts';
import { healthData } from '../core/health-lines.ts';
import { type InstanceId, parseInstanceId } from '../core/ids.ts';
import { newConfigLines, waitingConfig } from '../core/new-config.ts';
import { parseCommand } from '../core/parse-command.ts';
import { plain, plainLines } from '../core/plain.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { Handoff, State } from '../core/state.ts';
import { duration } from '../core/time.ts';
import { diff, getAt, type Json, type JsonObject } from '../core/tree.ts';
import type { Trees } from '../git/trees.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import type { Places } from '../pane/places.ts';
import { problemLine } from '../workspace/config.ts';
import { loadConfig } from '../workspace/load-config.ts';
import { adopt } from './adopt.ts';
import type { Served } from './conversation.ts';
import type { Forecasts } from './forecast.ts';
import { HANDOFFS, onHandoff } from './handoff-verbs.ts';
import { HISTORY } from './history.ts';
import type { Past } from './past.ts';
import type { Recordings } from './recordings.ts';
import type { Trials } from './trials.ts';

export type Room = {
  readonly workspace: string;
  readonly version: string;
  readonly coordinator: Coordinator;
  readonly panes: PaneSet;
  readonly places: Places;
  readonly recordings: Recordings;
  readonly trees: Trees;
  readonly forecasts: Pick<Forecasts, 'of'>;
  readonly trials: Trials;
  readonly past: Past;
  readonly now: () => number;
  /** Ends the room, after the answer was sent. */
  readonly end: (why: string) => void;
};

const DEFAULT_TAIL_LINES = 40;

export async function dispatch(room: Room, served: Served): Promise<Reply> {
  const { verb, args } = served.request;
  const known = findVerb(verb) ?? (verb === 'verify cancel' ? findVerb('verify') : undefined);
  if (known === undefined) return failure('usage', `there is no verb "${plain(verb, 40)}"`, 'see: coordtui --help');
  const refused = refuse(verb, known.authority, served.actor);
  if (refused !== null) return refused;
  const special = SPECIAL[verb];
  if (special !== undefined) return special(room, served);
  const parsed = parseCommand(verb, args, served.actor);
  if (parsed === null) return failure('usage', `${verb} is nothing that the room does`, `see: coordtui ${verb} --help`);
  if ('reply' in parsed) return parsed.reply;
  return room.coordinator.command(served.actor, parsed.command);
}

export type Handler = (room: Room, served: Served) => Promise<Reply> | Reply;

const SPECIAL: Readonly<Record<string, Handler>> = {
  ls: (room) => done('', summary(room)),
  stop: (room) => {
    room.end('stopped by the operator');
    const note = staying(room.places.servers().size);
    return done(`the room is ending${note}`, { note });
  },
  status: (room) => done(statusText(room), instances(room)),
  'status watch': watchStatus,
  ...HANDOFFS,
  'config show': (room) => {
    const { coordinator } = room.coordinator.state();
    const { id, at, changes, refused } = coordinator.newConfig ?? { id: null, at: null, changes: [] };
    // Looked at now: a file with faults says nothing, and nothing of it waits, so the state cannot tell of it.
    const read = loadConfig(room.workspace, { shell: process.env.SHELL });
    const faults = read.ok ? [] : read.problems.map(problemLine);
    const lines = read.ok
      ? newConfigLines(coordinator)
      : ['coordtui.yaml has faults, so what acted before acts on:', ...faults.map((fault) => `  ${plain(fault, 300)}`)];
    return done(lines.join('\n'), { id, at, changes: changes as unknown as Json, refused: refused?.by ?? null, faults });
  },
  ...HISTORY,
  adopt,
  tail,
  verify: (room, served) => {
    const { args } = served.request;
    const way = args.cancel === true ? '--cancel' : args.again === true ? '--again' : null;
    if (way !== null && args.handoff === undefined)
      return failure(
        'usage',
        `verify: ${way} needs the handoff that is meant`,
        `coordtui verify --handoff ID ${way}; see: coordtui handoffs --all`,
      );
    if (args.cancel === true) return dispatch(room, { ...served, request: { ...served.request, verb: 'verify cancel' } });
    if (args.again === true) return onHandoff(room, { id: args.handoff }, (handoff) => room.trials.again(handoff, served));
    if (args.handoff !== undefined && args.handoff !== null) return room.trials.full(served);
    return room.trials.some(served);
  },
};

function staying(sessions: number): string {
  if (sessions === 0) return '';
  return `; ${sessions === 1 ? 'one session goes' : `${sessions} sessions go`} on in tmux, for the next room to show again`;
}

function needsYou(state: State): Handoff[] {
  return Object.values(state.coordinator.handoffs).filter((handoff) => handoff.closedAt === null && handoff.question !== null);
}

function summary(room: Room): JsonObject {
  const state = room.coordinator.state();
  return {
    workspace: room.workspace,
    version: room.version,
    pid: process.pid,
    // What is given no program has no session that could run: the coordinator, as a rule.
    instances: state.coordinator.config.instances
      .map(({ id, command }) => ({ id, command, session: state.coordinator.instances[id]?.session ?? 'none' }))
      .filter(({ command, session }) => command !== null || session !== 'none')
      .map(({ id, session }) => ({ id, session })),
    needsYou: [...needsYou(state).map(({ id }) => id), ...[waitingConfig(state.coordinator)?.id ?? []].flat()],
    autopilot: state.coordinator.autopilot.dial,
    paused: state.coordinator.autopilot.paused,
    trouble: room.coordinator.stalled(),
  };
}

function instances(room: Room): Json {
  const { coordinator, document } = room.coordinator.state();
  return Object.entries(coordinator.instances).map(([id, now]) => ({
    id,
    role: now.role,
    session: now.session,
    away: room.panes.get(id as InstanceId)?.away()?.why ?? null,
    adopted: now.adopted ?? null,
    pid: now.pid,
    forMs: room.now() - now.since,
    exit: now.exit,
    phase: getAt(document, ['instances', id, 'status']) ?? null,
    task: getAt(document, ['instances', id, 'currentTask']) ?? null,
    handoff: getAt(document, ['instances', id, 'currentAssignment']) ?? null,
    health: healthData(room.coordinator.state(), id as InstanceId, room.coordinator.awake()),
  }));
}

function statusText(room: Room): string {
  const { coordinator, document } = room.coordinator.state();
  const lines = Object.entries(coordinator.instances).map(([id, now]) => {
    const text = (field: string): string => {
      const value = getAt(document, ['instances', id, field]);
      return typeof value === 'string' ? plain(value, 60) : '–';
    };
    const away = room.panes.get(id as InstanceId)?.away() ?? null;
    const programless = now.session === 'none' && coordinator.config.instances.some((one) => one.id === id && one.command === null);
    const word = programless
      ? 'no program'
      : `${away === null ? now.session : `away (${plain(away.why, 80)})`} ${duration(room.now() - now.since)}`;
    const { health, warned, why } = healthOf(coordinator, id as InstanceId, room.coordinator.awake());
    const ill = health === 'healthy' && !warned && !now.vitals?.asking ? '' : `  ${health}: ${why}`;
    return `${id}  ${word}  ${text('status')}  ${text('currentTask')}${ill}`;
  });
  const waiting = needsYou(room.coordinator.state()).map(
    (handoff) => `needs you: ${handoff.id}  ${plain(handoff.question?.context ?? '', 160)}`,
  );
  const trouble = room.coordinator.stalled();
  const stopped = coordinator.emergency ? [`EMERGENCY STOP by ${coordinator.emergency.by}; to go on: coordtui autopilot resume`] : [];
  const change = waitingConfig(coordinator);
  const config = change === null ? [] : ['needs you: coordtui.yaml has changed; see: coordtui config show'];
  return [...stopped, ...lines, ...config, ...waiting, ...(trouble === null ? [] : [`nothing can be kept: ${trouble}`])].join('\n');
}

/** The operator sees every session, an instance its own. */
async function tail(room: Room, served: Served): Promise<Reply> {
  const { args } = served.request;
  const name = typeof args.instance === 'string' ? args.instance : '';
  const id = parseInstanceId(name);
  if (id === null || room.coordinator.state().coordinator.instances[id] === undefined) {
    return failure(
      'notFound',
      `tail: there is no instance ${plain(name, 60)}`,
      `configured: ${Object.keys(room.coordinator.state().coordinator.instances).join(', ')}`,
    );
  }
  if (served.actor.kind === 'instance' && served.actor.instance !== id)
    return failure('notPermitted', `tail: ${served.actor.instance} sees only its own session`, 'the operator sees all of them');
  if (args.cast === true) return room.recordings.cast(id, served);
  const asked = args.lines ?? DEFAULT_TAIL_LINES;
  const lines = typeof asked === 'string' || typeof asked === 'number' ? Number(asked) : Number.NaN;
  if (!Number.isSafeInteger(lines) || lines < 1 || lines > 100_000)
    return failure('usage', 'tail: --lines must be a whole number from 1 to 100000', 'see: coordtui tail --help');
  const text = room.panes.text(id, lines);
  if (args.follow !== true) return done(text.join('\n'), text);
  served.part({ text: text.join('\n') });
  await new Promise<void>((resolve) => {
    const decoder = new StringDecoder('utf8');
    const stop = room.panes.subscribe(id, (bytes) => served.part({ text: plainLines(decoder.write(bytes)) }));
    served.gone.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
  return done('', null);
}

async function watchStatus(room: Room, served: Served): Promise<Reply> {
  await new Promise<void>((resolve) => {
    const stop = room.coordinator.observe({
      changed(before, after) {
        for (const op of diff(before.document, after.document))
          served.part({ path: [...op[0]], ...(op.length === 2 ? { value: op[1] } : { deleted: true }) });
      },
    });
    served.gone.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
  return done('', null);
}
