/** Verbs that the client does alone, or that have to look before they ask. */

import { createInterface } from 'node:readline/promises';
import { holderOf, socketOf } from '../client/address.ts';
import { main as showRoom } from '../client/attach.ts';
import { main as fast } from '../client/fast.ts';
import { seenAs } from '../client/seen-as.ts';
import { startRoom } from '../client/start-room.ts';
import { plain } from '../core/plain.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import { isObject } from '../core/tree.ts';
import { isAlive } from '../native/process.ts';
import { rehearseGuided } from '../rehearsal/guided.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import { lockHolder, whatToDo } from '../store/holder.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { completionFor, SHELLS } from './completion.ts';
import { completionWords, SOURCES } from './completion-words.ts';
import { type Context, notReached, objection, objectionOf, type Run, reach } from './context.ts';
import { doctor } from './doctor.ts';
import { inRoom } from './in-room.ts';
import { init } from './init.ts';
import { ls } from './ls.ts';
import { recover } from './recover.ts';
import { replay } from './replay.ts';
import { welcome } from './welcome.ts';

export const LOCAL: Readonly<Record<string, Run>> = {
  ls,
  init: async (context) => (await objection('init', context.paths.root)) ?? begin(context),
  serve,
  stop,
  attach: async (context) => (await objectionTo(context)) ?? attach(context),
  status: inRoom,
  'status get': viaFast,
  'status set': viaFast,
  'status incr': viaFast,
  recover: async (context) => (await objectionTo(context)) ?? recover(context),
  replay,
  completion,
  doctor,
  schema,
  'verify-database-schema': viaCheck,
  'verify-ipc-contracts': viaCheck,
  'verify-cache-pipeline': viaCheck,
  'verify-filesystem': viaCheck,
  rehearse: async (context) => (await objectionTo(context)) ?? rehearseHere(context),
};

function objectionTo({ verb, paths }: Context): Promise<Reply | null> {
  return objection(verb.name, paths.root);
}

/** In a folder that nobody has set up a person is told first what this is. */
async function begin(context: Context): Promise<Reply | null> {
  if (context.args.welcome !== true || !process.stdin.isTTY || context.json) return init(context);
  return welcome(context, { setUp: init, tryIt: (given) => rehearseHere({ ...given, args: {} }) });
}

/** The control room with nothing but this session on the screen; the leader leads back to the rest. */
async function attach({ args, paths, json }: Context): Promise<Reply | null> {
  if (json || !process.stdin.isTTY || !process.stdout.isTTY)
    return failure('usage', 'attach: this needs a terminal', 'for its text: coordtui tail INSTANCE');
  const words = ['--workspace', paths.root, '--focus', String(args.instance), '--zoom', ...(args.observe === true ? ['--observe'] : [])];
  const exit = await showRoom(words);
  process.exitCode = typeof exit === 'number' ? exit : 0;
  return null;
}

const PATIENCE_MS = 30_000;
/** A room gives its checks and sessions half a minute at most, and the machine may have other things to do. */
const ENDING_MS = 60_000;
const LOOK_MS = 40;

/** Starts the room on its own feet, and answers once it listens. */
async function serve(context: Context): Promise<Reply> {
  const { root, roomLog, lock } = context.paths;
  const holder = lockHolder(lock);
  // One that is stopped says nothing, and the answer is no in any case.
  const seen = holder?.stopped === true ? null : await seenAs(root);
  const refused = objectionOf('serve', seen);
  if (refused !== null) return refused;
  if (holder !== null) {
    const said = `serve: a room for ${root} runs already (pid ${holder.info?.pid ?? 'not yet told'})`;
    return seen === null
      ? failure('held', `${said}, and does not answer`, whatToDo(holder))
      : failure('held', said, 'look at it: coordtui status');
  }
  const { child, complaint, release } = startRoom(root, false);
  const started = Date.now();
  while (Date.now() - started < PATIENCE_MS) {
    if (child.exitCode !== null) {
      return failure(
        codeOf(child.exitCode),
        complaint() || `serve: the room ended at once (exit ${child.exitCode})`,
        `its log: ${roomLog}`,
      );
    }
    const reached = await reach(context);
    if (reached.ok) {
      const { pid } = reached.connection.welcome;
      reached.connection.close();
      release();
      return done(`the room of ${root} runs (pid ${pid}); it goes on without this terminal`, {
        pid,
        workspace: root,
        socket: socketOf(root),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  child.kill('SIGTERM');
  return failure('noRoom', `serve: the room did not answer within ${PATIENCE_MS / 1000} s`, `its log: ${roomLog}`);
}

function codeOf(exit: number) {
  return exit === 75 ? 'held' : exit === 78 ? 'badConfig' : exit === 73 ? 'cannotWrite' : 'noRoom';
}

async function stop(context: Context): Promise<Reply> {
  const { root } = context.paths;
  const reached = await reach(context);
  if (!reached.ok) {
    const pid = reached.reason === 'protocol' ? holderOf(root) : null;
    if (pid === null)
      return reached.reason === 'no-room'
        ? failure('noRoom', `stop: no room runs for ${root}`, 'nothing is to be stopped here; the rooms that run: coordtui ls')
        : notReached(context, reached);
    process.kill(pid, 'SIGTERM');
    return done(`the room of ${root} speaks another protocol and was asked to end by a signal (pid ${pid})`, { pid });
  }
  const { connection } = reached;
  try {
    const { pid, authority } = connection.welcome;
    if (authority === 'operator' && context.args.yes !== true) {
      if (!process.stdin.isTTY) return failure('usage', 'stop: this ends every session of the room', 'say it with --yes');
      const prompt = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await prompt.question(`This ends every session in ${root}. Type "stop" to do it: `).finally(() => prompt.close());
      if (answer.trim() !== 'stop') return failure('no', 'nothing was stopped', 'the room goes on');
    }
    const reply = await connection.request('stop', {});
    if (!reply.ok) return reply;
    const note = isObject(reply.data) && typeof reply.data.note === 'string' ? plain(reply.data.note, 200) : '';
    const gone = await until(() => !isAlive(pid), ENDING_MS);
    return gone
      ? done(`the room of ${root} has ended${note}`, { pid })
      : failure('no', `stop: the room (pid ${pid}) has not ended within ${ENDING_MS / 1000} s`, `its log: ${context.paths.roomLog}`);
  } finally {
    connection.close();
  }
}

async function until(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const started = Date.now();
  while (!condition()) {
    if (Date.now() - started > patienceMs) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}

/** Only reached with --help in front or through odd quoting: the small entry does the same work. */
async function viaFast(context: Context): Promise<null> {
  const { verb, args, paths } = context;
  const words = verb.args.flatMap((arg) => (args[arg.name] === undefined ? [] : [String(args[arg.name])]));
  const flags = verb.flags.flatMap((flag) => (args[flag.name] === undefined ? [] : [`--${flag.name}=${String(args[flag.name])}`]));
  process.exitCode = await fast([
    ...verb.name.split(' '),
    '--workspace',
    paths.root,
    ...(context.json ? ['--json'] : []),
    ...flags,
    ...words,
  ]);
  return null;
}

/** Reached with an option in front of the verb, or for its help: the entry of the checks does the work. */
async function viaCheck(context: Context): Promise<null> {
  const { verb, args, paths } = context;
  const { main } = await import('../verify/checks/main.ts');
  const flags = verb.flags.flatMap(({ name }) => [args[name] ?? []].flat().map((value) => `--${name}=${String(value)}`));
  process.exitCode = await main([verb.name, '--workspace', paths.root, ...(context.json ? ['--json'] : []), ...flags]);
  return null;
}

/** In a terminal a person is the operator; elsewhere, or with --headless, a script is. */
async function rehearseHere(context: Context): Promise<Reply> {
  const { args, json } = context;
  const scenario = typeof args.scenario === 'string' ? args.scenario : 'tour';
  // With --json the story goes to stderr, so that stdout holds the result alone.
  const options = { scenario, keep: args.keep === true, say: json ? context.warn : context.say, packageRoot: packageRoot() };
  const person = process.stdin.isTTY && process.stdout.isTTY && args.headless !== true && !json && scenario !== 'all';
  return person ? rehearseGuided(options) : rehearse(options);
}

async function completion(context: Context): Promise<Reply> {
  const { what } = context.args;
  const source = SOURCES.find((known) => known === what);
  if (source !== undefined) {
    const found = await completionWords(source, context);
    return done(found.map(({ word, about }) => `${word}\t${about}`).join('\n'), found);
  }
  const shell = SHELLS.find((known) => known === what);
  if (shell === undefined)
    return failure('usage', `completion: there is none for ${plain(String(what), 40)}`, `there is one for ${SHELLS.join(', ')}`);
  const script = completionFor(shell);
  return done(script.trimEnd(), { shell, script });
}

async function schema({ args }: Context): Promise<Reply> {
  if (args.what !== 'config' && args.what !== 'status')
    return failure('usage', `schema: there is none of ${plain(String(args.what), 40)}`, 'there is one of config and one of status');
  const { configJsonSchema, statusJsonSchema } = await import('../workspace/schemas.ts');
  const found = args.what === 'config' ? configJsonSchema() : statusJsonSchema();
  return done(JSON.stringify(found, null, 2), found);
}
