/** `coordtui serve --foreground`: the room as a process, a line for everything that happens, and an orderly end. */
import { seenAs } from '../client/seen-as.ts';
import { narrate } from '../core/narrate.ts';
import { outcomeLine } from '../core/outcome-line.ts';
import { plain } from '../core/plain.ts';
import { EXIT } from '../core/reply.ts';
import type { Op } from '../core/tree.ts';
import { problemLine } from '../workspace/config.ts';
import { findWorkspace } from '../workspace/find.ts';
import { loadConfig } from '../workspace/load-config.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { CONFIG_FILE } from '../workspace/paths.ts';
import { type OpenRoom, openRoom } from './room.ts';

declare const __VERSION__: string;

type Asked = { workspace: string | undefined; trace: boolean; lifeline: boolean; json: boolean };

/** @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const { fault, ...asked } = readArguments(argv);
  const fail = (exit: number, message: string, hint: string) => complain(exit, message, hint, asked.json);
  const found = findWorkspace({ option: asked.workspace, cwd: process.cwd(), env: process.env });
  // No session starts another room over its own workspace: the room that runs says who asks.
  const seen = (found.ok ? await seenAs(found.root) : null) ?? 'operator';
  if (seen !== 'operator')
    return fail(
      EXIT.notPermitted,
      `serve: not permitted for ${seen}`,
      'run it in a terminal of your own, outside the sessions of the room',
    );
  if (fault !== null) return fail(EXIT.usage, `serve: ${fault}`, 'see: coordtui serve --help');
  if (!found.ok) return fail(EXIT.notFound, found.message, 'say which workspace with --workspace DIR');
  const loaded = loadConfig(found.root, { shell: process.env.SHELL });
  if (!loaded.ok) {
    for (const problem of loaded.problems) process.stderr.write(`${problemLine(problem)}\n`);
    return fail(
      EXIT.badConfig,
      `${loaded.problems.length === 1 ? 'one fault' : `${loaded.problems.length} faults`} in ${CONFIG_FILE}, so nothing was started`,
      'mend the lines above, then start it again',
    );
  }
  const say = speaker(asked.json);
  for (const notice of loaded.notices) say(problemLine(notice));
  // A terminal that goes away must not take the sessions with it; the other signals end the room in order.
  process.on('SIGHUP', () => say('the terminal went away; the room goes on'));
  const signalled = endSignal();
  const opened = await openRoom({
    root: found.root,
    config: loaded.config,
    configText: loaded.text,
    version: __VERSION__,
    packageRoot: packageRoot(),
    headless: process.env.COORDTUI_OPERATOR === 'headless',
    guided: process.env.COORDTUI_REHEARSAL === 'guided',
    log: say,
  });
  if (!opened.ok) return fail(opened.exit, `serve: ${opened.message}`, HINTS[opened.exit] ?? 'then start it again');
  const { room } = opened;
  room.coordinator.observe({
    changed: (before, after) => {
      for (const line of narrate(before, after)) say(line);
    },
    stalled: (why) => say(why === null ? 'the store keeps again' : `nothing can be kept: ${why}`),
    ...(asked.trace ? { durable: traceAcks } : {}),
  });
  room.rounds.subscribe((event) => {
    if (event.type === 'finished' && event.handoff !== null) {
      say(`${event.handoff} check ${outcomeLine(event.report)}`);
    }
  });
  say(`room of ${found.root} is open at ${room.socketPath} (pid ${process.pid})`);
  return ends(room, { asked, signalled, say });
}

/** Heard from the first moment on, and again and again: a signal that nobody hears would leave the sessions behind. */
function endSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

type Ending = { readonly asked: Asked; readonly signalled: Promise<string>; readonly say: (line: string) => void };

async function ends(room: Pick<OpenRoom, 'asked' | 'close'>, { asked, signalled, say }: Ending): Promise<number> {
  const ownerGone = new Promise<string>((resolve) => {
    // Whoever started the room for a purpose of his own keeps its input open as long as he lives.
    if (asked.lifeline) process.stdin.on('end', () => resolve('its owner is gone')).resume();
  });
  try {
    say(`the room ends: ${await Promise.race([room.asked, signalled, ownerGone])}`);
    await room.close();
    return EXIT.done;
  } catch (error) {
    say(`the room cannot go on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    await room.close().catch(() => {
      // What could not be closed is already the reason above.
    });
    return EXIT.cannotWrite;
  } finally {
    if (asked.lifeline) process.stdin.destroy();
  }
}

/** All of it is read also when some of it is wrong: whose room it is about is settled first. */
function readArguments(argv: readonly string[]): Asked & { fault: string | null } {
  const asked: Asked & { fault: string | null } = { workspace: undefined, trace: false, lifeline: false, json: false, fault: null };
  for (let index = 0; index < argv.length; index++) {
    const [arg = '', inline] = splitFlag(argv[index] ?? '');
    const value = () => inline ?? argv[++index];
    if (arg === 'serve' || arg === '--foreground') continue;
    else if (arg === '--json') asked.json = true;
    else if (arg === '--lifeline') asked.lifeline = true;
    else if (arg === '--workspace') asked.workspace = value();
    else if (arg === '--trace') {
      if (value() === 'acks') asked.trace = true;
      else asked.fault ??= '--trace knows only "acks"';
    } else asked.fault ??= `unknown argument ${plain(arg, 60)}`;
  }
  return asked;
}

function splitFlag(arg: string): [string, string?] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

/** `ACK <dotted.path> <json>`: one of the coordinator's own updates is durable. */
function traceAcks(ops: readonly Op[]): void {
  for (const op of ops) {
    const [root, ...path] = op[0];
    if (root === 'document') process.stdout.write(`ACK ${path.join('.')} ${op.length === 2 ? JSON.stringify(op[1]) : 'null'}\n`);
  }
}

function speaker(json: boolean): (line: string) => void {
  // A reader that goes away (`| head`) must not take the room with it.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return (line) => {
    const at = new Date();
    process.stdout.write(json ? `${JSON.stringify({ at: at.toISOString(), line })}\n` : `${at.toTimeString().slice(0, 8)} ${line}\n`);
  };
}

const HINTS: Readonly<Record<number, string>> = { [EXIT.held]: 'look at the one that runs: coordtui status' };

/** One sentence: what happened and where, then what to do (INTERFACE). */
function complain(exit: number, message: string, hint: string, json: boolean): number {
  const code = Object.entries(EXIT).find(([, number]) => number === exit)?.[0] ?? 'no';
  process.stderr.write(json ? `${JSON.stringify({ error: { code, message, hint } })}\n` : `${message}; ${hint}\n`);
  return exit;
}
