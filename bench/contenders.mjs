/** The programs that are compared: each shows the same commands side by side, the first of them in focus. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { awaken, openOuter } from './outer.mjs';

export const BIN = fileURLToPath(new URL('../bin/coordtui.js', import.meta.url));
export const SIZE = { cols: 204, rows: 51 };
const SCROLLBACK = 10_000;

/** The user's own settings, of his shell and of these programs, have no part in it. */
const env = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', PS1: '$ ' };
for (const name of ['TMUX', 'STY', 'CI', 'NO_COLOR', 'COORDTUI_INSTANCE', 'COORDTUI_WORKSPACE', 'NODE_OPTIONS']) delete env[name];

const first = 'instance-1-bench';
/** The third instance is the coordinator. */
const idOf = (index) => (index === 0 ? first : `instance-${index < 2 ? index + 1 : index + 2}-bench`);

export function workspace(commands) {
  const work = mkdtempSync(join(tmpdir(), 'ct-bench-'));
  const lines = commands.map(
    (command, index) => `  - { id: ${idOf(index)}, role: backend, command: ${JSON.stringify(['sh', '-c', command])}, restart: never }\n`,
  );
  writeFileSync(
    join(work, 'coordtui.yaml'),
    `instances:\n${lines.join('')}  - { id: instance-3-coordinator, role: coordinator }\n` +
      `coordination: { monitorIntervalMs: 3600000, autopilot: suggest }\nui: { scrollbackLines: ${SCROLLBACK} }\n`,
  );
  execFileSync('git', ['init', '--quiet'], { cwd: work });
  return work;
}

/** Which process the room is, and where it listens. */
export const lockOf = (work) => JSON.parse(readFileSync(join(work, 'status/.coordtui/lock'), 'utf8'));

/** Without standing still: a terminal that is not read meanwhile would hold up the end. */
export function stopRoom(work) {
  return new Promise((resolve) =>
    spawn(process.execPath, [BIN, 'stop', '--yes'], { cwd: work, env, stdio: 'ignore' }).once('exit', resolve),
  );
}

export function openScreen(work, args = []) {
  return openOuter(process.execPath, [BIN, ...args], { cwd: work, env, ...SIZE });
}

/** A stage: the outer terminal, the processes that belong to the multiplexer, and its end. */
export const coordtui = {
  name: 'coordtui',
  async open(commands) {
    const work = workspace(commands);
    const outer = openScreen(work, ['--focus', first]);
    await outer.sees('TYPING');
    await awaken(outer);
    const room = lockOf(work).pid;
    const close = async () => {
      await stopRoom(work);
      await outer.exit();
      rmSync(work, { recursive: true, force: true });
    };
    return { outer, pids: [room, outer.pid], work, close };
  },
};

export const tmux = {
  name: 'tmux',
  async open(commands) {
    const socket = `ct-bench-${process.pid}`;
    const work = mkdtempSync(join(tmpdir(), 'ct-bench-'));
    const config = join(work, 'tmux.conf');
    writeFileSync(config, `set -g history-limit ${SCROLLBACK}\nset -g default-terminal screen-256color\n`);
    const tell = (...args) => execFileSync('tmux', ['-L', socket, ...args], { cwd: work, env, encoding: 'utf8' });
    const [head, ...others] = commands;
    const outer = openOuter('tmux', ['-L', socket, '-u', '-f', config, 'new-session', head], { cwd: work, env, ...SIZE });
    await outer.sees('[0]');
    for (const other of others) {
      tell('split-window', '-h', '-d', other);
      tell('select-layout', commands.length > 4 ? 'tiled' : 'even-horizontal');
    }
    await awaken(outer);
    const server = Number(tell('display-message', '-p', '#{pid}'));
    const close = async () => {
      tell('kill-server');
      await outer.exit();
      rmSync(work, { recursive: true, force: true });
    };
    return { outer, pids: [server, outer.pid], work, close };
  },
};

export const screen = {
  name: 'screen',
  async open(commands) {
    const work = mkdtempSync(join(tmpdir(), 'ct-bench-'));
    const config = join(work, 'screenrc');
    const session = `ct-bench-${process.pid}`;
    // A command line of its own for each, since this file has quotes of another kind.
    const files = commands.map((command, index) => {
      const file = join(work, `pane-${index}.sh`);
      writeFileSync(file, `${command}\n`);
      return file;
    });
    const lines = files.map((file, index) => `${index === 0 ? '' : 'split -v\nfocus\n'}screen sh ${file}`);
    writeFileSync(config, `startup_message off\nvbell off\ndefutf8 on\ndefscrollback ${SCROLLBACK}\n${lines.join('\n')}\nfocus top\n`);
    const outer = openOuter('screen', ['-U', '-S', session, '-c', config], { cwd: work, env, ...SIZE });
    await outer.sees('READY');
    await awaken(outer);
    const listed = spawnSync('screen', ['-ls'], { env, encoding: 'utf8' }).stdout;
    const server = Number(new RegExp(`(\\d+)\\.${session}\\b`).exec(listed)?.[1]);
    const close = async () => {
      spawnSync('screen', ['-S', session, '-X', 'quit'], { env });
      await outer.exit();
      rmSync(work, { recursive: true, force: true });
    };
    return { outer, pids: [server, outer.pid], work, close };
  },
};

/** Those that this machine has; coordtui first. */
export function present() {
  const has = (program, flag) => spawnSync(program, [flag], { stdio: 'ignore' }).error === undefined;
  return [coordtui, ...(has('tmux', '-V') ? [tmux] : []), ...(has('screen', '-v') ? [screen] : [])];
}
