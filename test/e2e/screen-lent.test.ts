/** The room at the operator's own terminal: that it is, that nobody notices, and that it lets go whenever it has to. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { isAlive, lineMode, openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenOptions, type ScreenPlace } from './screen.ts';

const LEADER = '\x1d';
const CARRIED = { COORDTUI_TERMINAL: 'carried' };

let place: ScreenPlace;
let aside: string;
const open: ScreenAt[] = [];

function at(options?: ScreenOptions): ScreenAt {
  const screen = openScreen(place.root, options);
  open.push(screen);
  return screen;
}

beforeAll(async () => {
  aside = scratch('lent');
  place = openScreenPlace('lent');
  const first = at();
  await prompts(first);
  first.press('q');
  expect(await first.exit()).toBe(0);
});
afterEach(async () => {
  for (const screen of open.splice(0)) await screen.close();
});
afterAll(async () => {
  await place.remove();
  rmSync(aside, { recursive: true, force: true });
});

/** Whether the room has this terminal open. */
function holds(tty: string): boolean {
  const fds = `/proc/${place.roomPid()}/fd`;
  return readdirSync(fds).some((fd) => {
    try {
      return readlinkSync(join(fds, fd)) === tty;
    } catch {
      // Closed between two looks.
      return false;
    }
  });
}

async function typing(screen: ScreenAt): Promise<void> {
  await screen.sees('CONTROL');
  screen.press('2', '\r');
  await screen.sees('TYPING');
}

async function leave(screen: ScreenAt): Promise<void> {
  screen.press(LEADER);
  await screen.sees(/^ CONTROL/m);
  screen.press('q');
  expect(await screen.exit()).toBe(0);
  expect(screen.modesLeft()).toEqual([]);
}

describe.skipIf(process.platform !== 'linux')('the operator’s own terminal', () => {
  it('is the room’s as long as the screen is there, and another one’s too', async () => {
    const first = at();
    await typing(first);
    expect(holds(first.tty)).toBe(true);
    first.press('echo by-the-$((1 + 1))-room\r');
    await first.sees('by-the-2-room');
    const second = at({ args: ['--observe'] });
    await second.sees('by-the-2-room');
    expect(holds(second.tty)).toBe(true);
    await leave(first);
    expect(holds(first.tty)).toBe(false);
    expect(holds(second.tty)).toBe(true);
    second.press('q');
    expect(await second.exit()).toBe(0);
    await until('nothing to be held', () => !holds(second.tty));
  });

  it('is carried by the client where it cannot be lent, and every byte arrives all the same', async () => {
    const screen = at({ env: CARRIED });
    await typing(screen);
    expect(holds(screen.tty)).toBe(false);
    const file = join(aside, 'carried');
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x1d && byte !== 0x1b);
    screen.press(`stty raw -echo; echo rea""dy; head -c ${every.length} >${file}; stty sane; echo ha""ve\r`);
    await screen.sees('ready');
    screen.send(every);
    await until('the bytes to have been read', () => existsSync(file) && statSync(file).size === every.length);
    expect(Uint8Array.from(readFileSync(file))).toEqual(every);
    await screen.sees('have');
    await leave(screen);
  });

  it.each([
    ['lent', {}],
    ['carried', CARRIED],
  ])('a client that is stopped and goes on (%s): the screen is right, and what was typed is not lost', async (_how, env) => {
    const screen = at({ env });
    await typing(screen);
    process.kill(screen.pid, 'SIGSTOP');
    const other = at({ args: ['--observe'] });
    await other.sees('CONTROL');
    screen.press('echo while-$((3 + 4))-stopped\r');
    process.kill(screen.pid, 'SIGCONT');
    await screen.sees('while-7-stopped');
    await other.sees('while-7-stopped');
    await screen.sees(/3 coordinator[\s\S]*handoffs[\s\S]*verification[\s\S]*TYPING/);
    await leave(screen);
  });

  it('a client that a shell has started and somebody else stops: the shell has its terminal, every byte of it', async () => {
    const shell = await inShell();
    const whole = /3 coordinator[\s\S]*handoffs[\s\S]*verification[\s\S]*CONTROL/;
    await shell.sees(whole);
    process.kill(childOf(shell.pid), 'SIGSTOP');
    await shell.sees(/Stopped/);
    shell.press('echo by-the-$((3 + 4))-shell\r');
    await shell.sees('by-the-7-shell');
    const from = shell.raw().length;
    shell.press('fg\r');
    await until('the screen to be drawn anew', () => shell.raw(from).includes('verification'));
    await shell.sees(whole);
    // Its keys are the room's again, and not the line's.
    shell.press('?');
    await shell.sees('type to filter');
    shell.press('\x1b');
    await shell.misses('type to filter');
    shell.press('q');
    await shell.sees('detached; the sessions go on');
    shell.press('echo after-$((3 + 5))\r');
    await shell.sees('after-8');
    expect(shell.modesLeft()).toEqual([]);
  });

  it('a client that a shell starts in the background: it stops before it touches the screen, and is there once it is asked for', async () => {
    const shell = await inShell('&');
    const [, job] = /\[1\] (\d+)/.exec(await shell.sees(/\[1\] \d+/)) ?? [];
    await until('the client to have been stopped', () => /\) T /.test(readFileSync(`/proc/${job}/stat`, 'utf8')));
    shell.press('echo by-the-$((3 + 4))-shell\r');
    await shell.sees('by-the-7-shell');
    expect(shell.raw()).not.toContain('\x1b[?1049h');
    shell.press('fg\r');
    await shell.sees('CONTROL');
    shell.press('q');
    await shell.sees('detached; the sessions go on');
    expect(shell.modesLeft()).toEqual([]);
  });

  it('a client that is killed below a shell: that goes on at once, with all modes as they were', async () => {
    const shell = await inShell();
    await shell.sees('CONTROL');
    await until('the room to have the terminal', () => holds(shell.tty));
    process.kill(childOf(shell.pid), 'SIGKILL');
    await until('the room to have let go', () => !holds(shell.tty));
    await until(`no mode to be left: ${shell.modesLeft()}`, () => shell.modesLeft().length === 0);
    // The shell reads its line itself by now: what came before that, the kernel would show as well.
    await until('the line to be the shell’s', () => /[^-]isig/.test(lineMode(shell.tty)) && /-icanon/.test(lineMode(shell.tty)));
    const from = shell.raw().length;
    shell.press('\recho after-$((4 + 5))\r');
    await shell.sees('after-9');
    // Once: the shell that edits its line shows the keys, and the line mode does not again.
    expect(shell.raw(from).match(/echo after/g)).toHaveLength(1);
  });

  it('a room that is stopped: the client still leaves, and its terminal is as it was', async () => {
    const screen = at();
    await screen.sees('CONTROL');
    const room = place.roomPid();
    process.kill(room, 'SIGSTOP');
    try {
      process.kill(screen.pid, 'SIGTERM');
      expect(await screen.exit()).toBe(143);
      expect(screen.modesLeft()).toEqual([]);
      const late = at();
      expect(await late.exit()).toBe(69);
      expect(late.raw()).toContain(`kill -CONT ${room}`);
      expect(late.modesLeft()).toEqual([]);
    } finally {
      process.kill(room, 'SIGCONT');
    }
  });

  it('a terminal that nobody reads: the room keeps none of it, the others are served, and it is right afterwards', async () => {
    const deaf = at();
    await deaf.sees('CONTROL');
    const other = at();
    await other.sees('CONTROL');
    other.press('T');
    await typing(other);
    deaf.pause();
    const room = place.roomPid();
    const before = rssOf(room);
    other.press('i=0; while [ $i -lt 300000 ]; do echo "flood $i"; i=$((i + 1)); done; echo do""ne\r');
    await other.sees('done');
    expect(rssOf(room) - before).toBeLessThan(80);
    deaf.resume();
    await deaf.sees('done');
    await leave(other);
  });

  it('a room that is killed: the client gives the terminal back', async () => {
    const screen = at();
    await screen.sees('CONTROL');
    const room = place.roomPid();
    process.kill(room, 'SIGKILL');
    expect(await screen.exit()).toBe(69);
    expect(screen.modesLeft()).toEqual([]);
    await until('the room to be gone', () => !isAlive(room));
  });
});

/** The program as a job of an interactive shell, at once in the foreground or (`&`) not. */
async function inShell(how = ''): Promise<ScreenAt> {
  const inputrc = join(aside, 'inputrc');
  writeFileSync(inputrc, 'set enable-bracketed-paste off\n');
  const shell = at({
    command: ['bash', '--norc', '--noprofile', '-i'],
    env: { PS1: 'shell> ', INPUTRC: inputrc, TERM: 'xterm-256color' },
  });
  await shell.sees('shell>');
  shell.press(`${process.execPath} ${join(import.meta.dirname, '../../bin/coordtui.js')} ${how}\r`);
  return shell;
}

function childOf(pid: number): number {
  return Number(
    execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  );
}

/** Resident memory in MB. */
function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
