/**
 * `coordtui`: the smallest program that can show a room. It lends the room its terminal or carries the bytes both ways,
 * starts the room when none runs, and gives the terminal back as it was, whatever happens to the room or to itself.
 */
import { connect, type Socket } from 'node:net';
import { EXIT } from '../core/reply.ts';
import { PROTOCOL, type ScreenHello } from '../wire/protocol.ts';
import { findWorkspace } from '../workspace/find.ts';
import { socketOf } from './address.ts';
import { coloursOf } from './colours.ts';
import { skeleton } from './skeleton.ts';
import { type Starting, startRoom } from './start-room.ts';
import { saidOfStopped, stoppedHolder } from './stopped-room.ts';
import { isOneTerminal, sizeOf, takeTerminal, ttyPath } from './terminal.ts';
import { VERSION } from './version.ts';
import { visit } from './visit.ts';
import { askWhile, type Outcome } from './way-out.ts';

type Asked = { workspace: string | undefined; focus: string | undefined; observe: boolean; zoom: boolean };

/** Another entry has to do it: the bin loads it. */
export type Elsewhere = { readonly next: 'cli'; readonly argv: readonly string[] };

export async function main(argv: readonly string[]): Promise<number | Elsewhere> {
  const asked = readArguments(argv);
  if (asked === null) return { next: 'cli', argv };
  const found = findWorkspace({ option: asked.workspace, cwd: process.cwd(), env: process.env });
  if (!found.ok) return complain(found.message, EXIT.notFound);
  const first = await open(socketOf(found.root));
  const stopped = first === null ? null : stoppedHolder(found.root);
  if (stopped !== null) {
    first?.destroy();
    const { message, hint } = saidOfStopped(stopped);
    return complain(`${message}; ${hint}`, EXIT.noRoom);
  }
  // Nobody has set this folder up, and nothing runs here: explain first, start nothing.
  if (first === null && found.by === 'directory') return { next: 'cli', argv: ['init', '--welcome', '--workspace', found.root] };
  return show(found.root, asked, first);
}

async function show(root: string, asked: Asked, first: Socket | null): Promise<number> {
  const size = sizeOf();
  const terminal = takeTerminal();
  process.stdout.write(skeleton(size.cols, size.rows, root));
  const stopHeeding = heedSignals(terminal);
  const given = new AbortController();
  const reaching = first ?? reachNew(root, given.signal);
  const tty = await ttyPath();
  await terminal.known;
  terminal.raw();
  const kept: Uint8Array[] = [];
  const outcome = await patiently(reaching, kept);
  stopHeeding();
  if (outcome.left) given.abort();
  const reached = outcome.left ? LEFT_EARLY : outcome.value;
  if (typeof reached === 'string') {
    terminal.restore();
    return complain(reached, EXIT.noRoom);
  }
  const greet = (until: number): ScreenHello => ({
    coordtui: PROTOCOL,
    version: VERSION,
    mode: 'screen',
    ...size,
    tty,
    lends: isOneTerminal() && process.env.COORDTUI_TERMINAL !== 'carried' ? until : null,
    colours: coloursOf(process.env),
    focus: asked.focus ?? null,
    observe: asked.observe,
    zoom: asked.zoom,
  });
  const { exit, message } = await visit(reached, terminal, greet, kept);
  terminal.restore();
  // What the user had typed ahead and the room did not take is nobody's any more.
  process.stdin.pause();
  reached.destroy();
  if (message !== '') (exit === EXIT.done ? process.stdout : process.stderr).write(`${message}\n`);
  return exit;
}

const LEFT_EARLY = 'coordtui: left before the room was there; it may still be starting: coordtui';
const LATE_MS = 4_000;

/** A room that takes long to be there is one that can be left. */
async function patiently<T>(reaching: T | Promise<T>, kept: Uint8Array[]): Promise<Outcome<T>> {
  const since = new Date().toTimeString().slice(0, 8);
  const pending = Promise.resolve(reaching).then((value) => ({ value }));
  let late: NodeJS.Timeout | undefined;
  const early = await Promise.race([
    pending,
    new Promise<null>((resolve) => {
      late = setTimeout(() => resolve(null), LATE_MS);
    }),
  ]);
  clearTimeout(late);
  if (early !== null) return { left: false, value: early.value };
  const what = [`the room has been starting since ${since}`, `starting since ${since}`] as const;
  return askWhile({ pending: pending.then(({ value }) => value), what, keep: (bytes) => kept.push(bytes) });
}

/** While the room is being reached: whoever ends this program then gets his terminal back, too. */
function heedSignals(terminal: ReturnType<typeof takeTerminal>): () => void {
  const leave = (_signal: NodeJS.Signals, number: number) => {
    terminal.restore();
    process.exit(128 + number);
  };
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT'];
  for (const signal of signals) process.on(signal, leave);
  return () => {
    for (const signal of signals) process.off(signal, leave);
  };
}

const PATIENCE_MS = 30_000;
const LOOK_MS = 15;

/** Starts the room and waits until it listens; a sentence when it does not. */
async function reachNew(root: string, given: AbortSignal): Promise<Socket | string> {
  const starting: Starting = startRoom(root, true);
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline && !given.aborted) {
    const socket = await open(socketOf(root));
    if (socket !== null) {
      starting.release();
      return socket;
    }
    // 75: somebody else was faster; his room is as good.
    if (starting.child.exitCode !== null && starting.child.exitCode !== EXIT.held) {
      return starting.complaint() || `coordtui: the room ended at once (exit ${starting.child.exitCode})`;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  starting.release();
  return `coordtui: the room did not answer within ${PATIENCE_MS / 1000} s`;
}

function open(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

/** null: not ours to understand. */
function readArguments(argv: readonly string[]): Asked | null {
  const asked: Asked = { workspace: undefined, focus: undefined, observe: false, zoom: false };
  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index] ?? '';
    const at = arg.indexOf('=');
    const name = at < 0 ? arg : arg.slice(0, at);
    const value = () => (at < 0 ? argv[++index] : arg.slice(at + 1));
    if (name === '--workspace') asked.workspace = value();
    else if (name === '--focus') asked.focus = value();
    else if (name === '--observe') asked.observe = true;
    else if (name === '--zoom') asked.zoom = true;
    else return null;
  }
  return asked;
}

function complain(message: string, exit: number): number {
  process.stderr.write(`${message.startsWith('coordtui') ? message : `coordtui: ${message}`}\n`);
  return exit;
}
