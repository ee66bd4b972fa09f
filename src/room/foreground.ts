/** The room of `coordtui serve --foreground`, once it is clear that it may be opened: a line for everything that happens, and an orderly end. */
import { narrate } from '../core/narrate.ts';
import { outcomeLine } from '../core/outcome-line.ts';
import { EXIT } from '../core/reply.ts';
import type { Op } from '../core/tree.ts';
import { problemLine } from '../workspace/config.ts';
import { loadConfig } from '../workspace/load-config.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { CONFIG_FILE } from '../workspace/paths.ts';
import type { Asked, Fail } from './main.ts';
import { type OpenRoom, openRoom } from './room.ts';

declare const __VERSION__: string;

/** @returns the exit code */
export async function runRoom(root: string, asked: Asked, fail: Fail): Promise<number> {
  const loaded = loadConfig(root, { shell: process.env.SHELL });
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
  const frames: Frame[] = [];
  const opened = await openRoom({
    root: root,
    config: loaded.config,
    configText: loaded.text,
    version: __VERSION__,
    packageRoot: packageRoot(),
    headless: process.env.COORDTUI_OPERATOR === 'headless',
    guided: process.env.COORDTUI_REHEARSAL === 'guided',
    forScreen: asked.forScreen,
    traceFrame: asked.trace === 'frames' ? (clockMs, processorMs) => frames.push({ clockMs, processorMs }) : undefined,
    log: say,
  });
  if (!opened.ok) return fail(opened.exit, `serve: ${opened.message}`, HINTS[opened.exit] ?? 'then start it again');
  const { room } = opened;
  room.coordinator.observe({
    changed: (before, after) => {
      for (const line of narrate(before, after)) say(line);
    },
    stalled: (why) => say(why === null ? 'the store keeps again' : `nothing can be kept: ${why}`),
    ...(asked.trace === 'acks' ? { durable: traceAcks } : {}),
  });
  room.rounds.subscribe((event) => {
    if (event.type === 'finished' && event.handoff !== null) {
      say(`${event.handoff} check ${outcomeLine(event.report)}`);
    }
  });
  say(`room of ${root} is open at ${room.socketPath} (pid ${process.pid})`);
  const exit = await ends(room, { asked, signalled, say });
  if (asked.trace === 'frames') process.stdout.write(framesLine(frames));
  return exit;
}

type Frame = { readonly clockMs: number; readonly processorMs: number };

/** `FRAMES <count> <mean> <p99> <mean> <p99>`, in milliseconds by the clock and of the processor: what it cost to draw the screens. */
function framesLine(frames: readonly Frame[]): string {
  const figures = [frames.map(({ clockMs }) => clockMs), frames.map(({ processorMs }) => processorMs)].flatMap((times) => [
    times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, times.length),
    times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0,
  ]);
  return `FRAMES ${frames.length} ${figures.map((figure) => figure.toFixed(3)).join(' ')}\n`;
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
