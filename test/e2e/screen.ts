/** The control room as a person has it: the real program in a real pty, what it writes read by a terminal emulator. */
import { execFileSync } from 'node:child_process';
import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Terminal } from '@xterm/headless';
import { type IPty, spawn as spawnPty } from 'node-pty';
import { allProcesses, processInfo } from '../../src/native/process.ts';
import { keepLastBytes } from '../../src/pane/pty.ts';
import { readLockInfo } from '../../src/store/lock-info.ts';
import { workspacePaths } from '../../src/workspace/paths.ts';
import { BIN, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { coordtui } from './hands.ts';

const BACKEND = 'instance-1-planning-backend';
const FRONTEND = 'instance-2-frontend';

export type ScreenOptions = {
  readonly cols?: number;
  readonly rows?: number;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Instead of the program itself: a program that starts it, by `sh -c`-like words. */
  readonly command?: readonly [string, ...string[]];
};

/** A terminal with the program in it. Whoever opens it closes it. */
export type ScreenAt = {
  /** Of the process that the pty was opened for. */
  readonly pid: number;
  /** The path of the terminal's device. */
  readonly tty: string;
  /** What stands on the screen, a line a row, without the spaces at its end. */
  text(): string;
  /** Waits until the screen shows it. */
  sees(what: RegExp | string): Promise<string>;
  /** Waits until the screen shows it no more. */
  misses(what: RegExp | string): Promise<void>;
  /** Types bytes as they are. */
  press(...keys: readonly string[]): void;
  /** Any bytes, also such as are no characters. */
  send(bytes: Uint8Array): void;
  /** A press and a release of the left button, by cells from 0. */
  click(x: number, y: number): void;
  wheel(x: number, y: number, up: boolean): void;
  resize(cols: number, rows: number): void;
  /** All bytes that came since `from`. */
  raw(from?: number): string;
  /** Names of the private modes that are otherwise than in a fresh terminal. */
  modesLeft(): string[];
  cell(x: number, y: number): { readonly text: string; readonly coloured: boolean };
  /** Waits for its end; its exit code. */
  exit(): Promise<number>;
  /** Does not read what comes any more, and goes on with it. */
  pause(): void;
  resume(): void;
  /** As when its window is closed; over once everything in it has ended: until then the room has its client, and who comes next no input. */
  close(): Promise<void>;
};

export function openScreen(root: string, options: ScreenOptions = {}): ScreenAt {
  const { cols = 118, rows = 40, args = [], env = {} } = options;
  const [program, ...words] = options.command ?? [process.execPath, BIN, ...args];
  const surroundings: Record<string, string | undefined> = { ...process.env, TERM: 'xterm-256color', ...env };
  for (const name of ['COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'COORDTUI_INSTANCE', 'COORDTUI_WORKSPACE'])
    if (!(name in env)) delete surroundings[name];
  const pty: IPty = spawnPty(program, words, { cwd: root, env: surroundings, cols, rows, encoding: null });
  const terminal = new Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  const chunks: Buffer[] = [];
  let ended: number | null = null;
  let closed = false;
  const take = (bytes: Buffer) => {
    chunks.push(bytes);
    if (!closed) terminal.write(bytes);
  };
  pty.onData((data) => take(data as unknown as Buffer));
  keepLastBytes(pty, take);
  // It has ended once its last bytes stand on the screen; one more turn, for what the stream has already read.
  pty.onExit(({ exitCode, signal }) => {
    const end = () => {
      ended = signal ? 128 + signal : exitCode;
    };
    setImmediate(() => (closed ? end() : terminal.write('', end)));
  });
  const raw = (from = 0) => Buffer.concat(chunks).toString('latin1').slice(from);
  const drawn = () => {
    const { active } = terminal.buffer;
    const lines = Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '');
    return lines.join('\n');
  };
  // As a terminal with synchronized output (mode 2026) has it: half a frame is seen by nobody.
  let before: string | null = null;
  const onFrames = (final: 'h' | 'l', act: () => void) =>
    terminal.parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
      if (modes.includes(2026)) act();
      return false;
    });
  onFrames('h', () => {
    before ??= drawn();
  });
  onFrames('l', () => {
    before = null;
  });
  const text = () => before ?? drawn();
  const shows = (what: RegExp | string) => (typeof what === 'string' ? text().includes(what) : what.test(text()));
  const wait = async (what: RegExp | string, wanted: boolean) => {
    try {
      await until(`the screen ${wanted ? '' : 'not '}to show ${what}`, () => shows(what) === wanted);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}; it shows${ended === null ? '' : ' (and has ended)'}:\n${text()}`);
    }
  };
  const press = (...keys: readonly string[]) => {
    for (const key of keys) pty.write(key);
  };
  return {
    pid: pty.pid,
    tty: (pty as IPty & { readonly ptsName: string }).ptsName,
    text,
    async sees(what) {
      await wait(what, true);
      return text();
    },
    misses: (what) => wait(what, false),
    press,
    send: (bytes) => pty.write(Buffer.from(bytes)),
    click: (x, y) => press(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`),
    wheel: (x, y, up) => press(`\x1b[<${up ? 64 : 65};${x + 1};${y + 1}M`),
    resize(nextCols, nextRows) {
      terminal.resize(nextCols, nextRows);
      pty.resize(nextCols, nextRows);
    },
    raw,
    modesLeft: () => modesLeft(raw()),
    cell(x, y) {
      const cell = terminal.buffer.active.getLine(y)?.getCell(x);
      return { text: cell?.getChars() ?? '', coloured: cell !== undefined && !(cell.isFgDefault() && cell.isBgDefault()) };
    },
    async exit() {
      const { code } = await until('the program to end', () => (ended === null ? null : { code: ended }));
      return code;
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    async close() {
      if (!closed) {
        closed = true;
        // Closes the terminal's other end: what sits in it gets SIGHUP, as when a window is closed.
        (pty as IPty & { destroy(): void }).destroy();
        terminal.dispose();
      }
      const inIt = () => allProcesses().filter(({ sid, state }) => sid === pty.pid && !'ZX'.includes(state));
      await until(`what runs in the terminal of ${pty.pid} to end`, () => inIt().length === 0);
    },
  };
}

/** On in a terminal that nobody has touched. */
const ON_AT_FIRST = ['?7', '?25'];

/** By the bytes alone, not by an emulator's understanding of them: what was set and not unset again. */
function modesLeft(bytes: string): string[] {
  const on = new Set(ON_AT_FIRST);
  const saved = new Map<string, boolean>();
  let titles = 0;
  for (const [, private_ = '', modes = '', final = '', keypad = ''] of bytes.matchAll(/\x1b(?:\[(\??)([\d;]*)([hlsrt])|([=>]))/g)) {
    if (keypad !== '') {
      if (keypad === '=') on.add('keypad');
      else on.delete('keypad');
    }
    if (final === 't') titles += modes.startsWith('22') ? 1 : modes.startsWith('23') ? -1 : 0;
    for (const mode of modes.split(';').map((number) => `${private_}${number}`)) {
      if (final === 'h') on.add(mode);
      else if (final === 'l') on.delete(mode);
      else if (private_ === '?' && final === 's') saved.set(mode, on.has(mode));
      else if (private_ === '?' && final === 'r' && saved.has(mode)) {
        if (saved.get(mode)) on.add(mode);
        else on.delete(mode);
      }
    }
  }
  const changed = [...on].filter((mode) => !ON_AT_FIRST.includes(mode));
  const missing = ON_AT_FIRST.filter((mode) => !on.has(mode)).map((mode) => `no ${mode}`);
  return [...changed, ...missing, ...(titles === 0 ? [] : [`${titles} titles kept`])].sort();
}

/** How the kernel treats what is typed there, as `stty -a` tells it, but for the window's size. */
export function lineMode(tty: string): string {
  const flag = process.platform === 'darwin' ? '-f' : '-F';
  return execFileSync('stty', [flag, tty, '-a'], { encoding: 'utf8' }).replace(/rows \d+; columns \d+;/, '');
}

/** Until both sessions of a fresh room have prompted: one that does not run yet is not typed into. */
export async function prompts(screen: ScreenAt): Promise<void> {
  await screen.sees(/[┃│║]\$ .*[┃│║]\$ /);
}

/** What stands on the screen apart from clocks and ages. */
export const still = (text: string): string => text.replaceAll(/\d+[smh]\b/g, 'T').replaceAll(/[━═─]+|[ ]+/g, ' ');

/** The text once it has stopped changing: what comes in late (a size, a mark for what is unread) belongs to it. */
export async function settled(screen: ScreenAt): Promise<string> {
  let last = '';
  let same = 0;
  await until('the screen to settle', () => {
    const now = still(screen.text());
    same = now === last ? same + 1 : 0;
    last = now;
    return same >= 25;
  });
  return last;
}

export type ScreenPlace = {
  readonly root: string;
  /** Of the room that has the lock, or had it last; throws when there was none: 0 would be this process's own group. */
  roomPid(): number;
  /** Ends the room and removes the workspace. */
  remove(): Promise<void>;
};

export type ScreenPlaceOptions = {
  /** What runs as the backend's agent; the frontend's is always `sh`. */
  readonly agent?: readonly string[];
  /** Further lines of the config. */
  readonly more?: string;
};

/** A repository whose instances are shells, and no room yet: the first screen starts one. */
export function openScreenPlace(name: string, { agent = ['sh'], more = '' }: ScreenPlaceOptions = {}): ScreenPlace {
  const root = realpathSync(scratch(name));
  const shell = (id: string, role: string, command: readonly string[]) =>
    `  - { id: ${id}, role: ${role}, command: ${JSON.stringify(command)}, restart: never, env: { PS1: '$ ', PROMPT_COMMAND: '' } }\n`;
  writeFileSync(
    join(root, 'coordtui.yaml'),
    `instances:\n${shell(BACKEND, 'backend', agent)}${shell(FRONTEND, 'frontend', ['sh'])}  - { id: instance-3-coordinator, role: coordinator }\n` +
      `coordination: { monitorIntervalMs: 3600000, autopilot: suggest }\n${more}`,
  );
  writeFileSync(join(root, '.gitignore'), 'status/\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false', ...args], { cwd: root });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'begin');
  const holder = () => readLockInfo(workspacePaths(root).lock)?.pid;
  return {
    root,
    roomPid() {
      const pid = holder();
      if (pid === undefined) throw new Error(`no room has run in ${root}`);
      return pid;
    },
    async remove() {
      const pid = holder();
      if (pid !== undefined && isAlive(pid)) {
        await coordtui(root, ['stop', '--yes']);
        await until(`the room of ${root} to end`, () => !isAlive(pid));
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function isAlive(pid: number): boolean {
  return !'ZX'.includes(processInfo(pid)?.state ?? 'X');
}
