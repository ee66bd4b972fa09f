/**
 * `coordtui`: the smallest program that can show a room. It relays bytes both ways, starts the room when none runs,
 * and gives the terminal back as it was, whatever happens to the room or to itself.
 */
import { connect, type Socket } from 'node:net';
import { EXIT } from '../core/reply.ts';
import { encodeFrame, encodeSize, FRAME, type Frame, frameReader } from '../wire/frames.ts';
import { PROTOCOL, parseWelcome, type ScreenHello } from '../wire/protocol.ts';
import { findWorkspace } from '../workspace/find.ts';
import { socketOf } from './address.ts';
import { coloursOf } from './colours.ts';
import { type Editing, openInEditor } from './editor.ts';
import { skeleton } from './skeleton.ts';
import { type Starting, startRoom } from './start-room.ts';
import { lineOf, takeTerminal } from './terminal.ts';
import { VERSION } from './version.ts';

type Asked = { workspace: string | undefined; focus: string | undefined; observe: boolean; zoom: boolean };

/** Another entry has to do it: the bin loads it. */
export type Elsewhere = { readonly next: 'cli'; readonly argv: readonly string[] };

export async function main(argv: readonly string[]): Promise<number | Elsewhere> {
  const asked = readArguments(argv);
  if (asked === null) return { next: 'cli', argv };
  const found = findWorkspace({ option: asked.workspace, cwd: process.cwd(), env: process.env });
  if (!found.ok) return complain(found.message, EXIT.notFound);
  const first = await open(socketOf(found.root));
  // Nobody has set this folder up, and nothing runs here: explain first, start nothing.
  if (first === null && found.by === 'directory') return { next: 'cli', argv: ['init', '--welcome', '--workspace', found.root] };
  return show(found.root, asked, first);
}

async function show(root: string, asked: Asked, first: Socket | null): Promise<number> {
  const line = lineOf();
  const size = sizeOf();
  const terminal = takeTerminal();
  process.stdout.write(skeleton(size.cols, size.rows, root));
  const stopHeeding = heedSignals(terminal);
  const reached = first ?? (await reachNew(root));
  stopHeeding();
  if (typeof reached === 'string') {
    terminal.restore();
    return complain(reached, EXIT.noRoom);
  }
  const hello: ScreenHello = {
    coordtui: PROTOCOL,
    version: VERSION,
    mode: 'screen',
    ...size,
    tty: line.tty,
    line: line.mode,
    colours: coloursOf(process.env),
    focus: asked.focus ?? null,
    observe: asked.observe,
    zoom: asked.zoom,
  };
  reached.write(`${JSON.stringify(hello)}\n`);
  const { exit, message } = await relay(reached, terminal, asked.observe);
  terminal.restore();
  // What the user had typed ahead and the room did not take is nobody's any more.
  process.stdin.pause();
  reached.destroy();
  if (message !== '') (exit === EXIT.done ? process.stdout : process.stderr).write(`${message}\n`);
  return exit;
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

type Ended = { readonly exit: number; readonly message: string };

function relay(socket: Socket, terminal: ReturnType<typeof takeTerminal>, observes: boolean): Promise<Ended> {
  return new Promise((resolve) => {
    let welcomed: Uint8Array | null = new Uint8Array();
    const reader = frameReader();
    const end = (exit: number, message: string) => {
      for (const [signal, handler] of signals) process.off(signal, handler);
      process.stdin.off('data', onInput);
      process.stdout.off('resize', onResize);
      resolve({ exit, message });
    };
    const onFrame = ({ type, payload }: Frame) => {
      if (type === FRAME.output) {
        // What came along with the order to edit: all of it is drawn anew afterwards.
        if (editing !== null) return;
        // A terminal that does not read must not make us hold what the room draws.
        if (!process.stdout.write(payload)) {
          socket.pause();
          process.stdout.once('drain', () => socket.resume());
        }
      } else if (type === FRAME.end) {
        const { exit, message } = JSON.parse(Buffer.from(payload).toString()) as Ended;
        end(exit, message);
      } else if (type === FRAME.suspend) suspend();
      else if (type === FRAME.edit && !observes) void edit(payload);
    };
    const take = (bytes: Uint8Array) => {
      const frames = reader.push(bytes);
      if (frames === null)
        end(EXIT.noRoom, 'coordtui: the room sent what this version does not understand; restart it: coordtui stop, then coordtui');
      else for (const frame of frames) onFrame(frame);
    };
    const onData = (chunk: Buffer) => {
      if (welcomed === null) {
        take(chunk);
        return;
      }
      const all = Buffer.concat([welcomed, chunk]);
      const newline = all.indexOf(10);
      welcomed = newline < 0 ? all : null;
      if (newline < 0) return;
      const welcome = parseWelcome(all.subarray(0, newline).toString());
      if (!welcome.ok) end(EXIT.noRoom, `coordtui: ${welcome.why}`);
      else if (welcome.value.coordtui !== PROTOCOL)
        end(EXIT.noRoom, `coordtui: the room runs ${welcome.value.version}, this is ${VERSION}; restart it: coordtui stop, then coordtui`);
      else {
        for (const frame of early.splice(0)) socket.write(frame);
        take(all.subarray(newline + 1));
      }
    };
    // Frames only after the welcome: until then the room reads lines.
    const early: Uint8Array[] = [];
    const send = (frame: Uint8Array) => {
      if (welcomed === null) socket.write(frame);
      else early.push(frame);
    };
    const onInput = (bytes: Buffer) => send(encodeFrame(FRAME.input, bytes));
    const onResize = () => send(encodeFrame(FRAME.resize, encodeSize(sizeOf())));
    // As the terminal's own ctrl-z: the whole job stops, so that a shell behind a script notices. Where nobody could ever
    // continue it (no shell above: the kernel ignores the signal then) it goes on at once.
    const suspend = () => {
      terminal.restore();
      process.off('SIGTSTP', suspend);
      process.kill(0, 'SIGTSTP');
      setImmediate(resume);
    };
    const resume = () => {
      if (editing !== null) return;
      if (!process.listeners('SIGTSTP').includes(suspend)) process.on('SIGTSTP', suspend);
      terminal.retake();
      onResize();
    };
    let editing: Editing | null = null;
    /** The terminal is the editor's meanwhile: nothing is written to it, nothing read from it, and its ctrl-c is not ours. */
    const edit = async (payload: Uint8Array) => {
      if (editing !== null) return;
      const { name, text } = JSON.parse(Buffer.from(payload).toString()) as { name: string; text: string };
      socket.pause();
      process.stdin.off('data', onInput);
      process.stdin.pause();
      process.off('SIGTSTP', suspend);
      terminal.restore();
      editing = openInEditor(name, text, process.env);
      const complaint = await editing.over;
      editing = null;
      if (complaint !== '') process.stderr.write(`coordtui: ${complaint}\n`);
      process.stdin.on('data', onInput);
      process.stdin.resume();
      resume();
      socket.resume();
    };
    const leave = (exit: number) => () => {
      editing?.stop();
      socket.write(encodeFrame(FRAME.detach));
      end(exit, '');
    };
    const signals: [NodeJS.Signals, () => void][] = [
      ['SIGTERM', leave(143)],
      ['SIGHUP', leave(129)],
      ['SIGINT', () => editing === null && leave(130)()],
      ['SIGTSTP', suspend],
      ['SIGCONT', resume],
    ];
    for (const [signal, handler] of signals) process.on(signal, handler);
    process.stdin.on('data', onInput);
    process.stdin.on('error', leave(129));
    process.stdout.on('error', leave(129));
    process.stdout.on('resize', onResize);
    socket.on('data', onData);
    socket.on('error', () => {});
    socket.on('close', () => end(EXIT.noRoom, 'coordtui: the room has gone away; what it kept is there again when you start it: coordtui'));
  });
}

const PATIENCE_MS = 30_000;
const LOOK_MS = 15;

/** Starts the room and waits until it listens; a sentence when it does not. */
async function reachNew(root: string): Promise<Socket | string> {
  const starting: Starting = startRoom(root);
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
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
  return `coordtui: the room did not answer within ${PATIENCE_MS / 1000} s`;
}

function open(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

function sizeOf() {
  return { cols: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
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
