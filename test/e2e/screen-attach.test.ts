/** Coming and going: a screen starts the room or finds it, and gives its terminal back on every way out. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { coordtui } from './hands.ts';
import { isAlive, lineMode, openScreen, openScreenPlace, type ScreenAt, type ScreenPlace, settled, still } from './screen.ts';

describe('coming and going', () => {
  let place: ScreenPlace;
  const open: ScreenAt[] = [];
  const at = (...args: Parameters<typeof openScreen>) => {
    const screen = openScreen(...args);
    open.push(screen);
    return screen;
  };
  beforeAll(() => {
    place = openScreenPlace('attach');
  });
  afterAll(async () => {
    for (const screen of open) await screen.close();
    await place.remove();
  });

  it('starts the room, and shows panes, queue and verification', async () => {
    const screen = at(place.root);
    const text = await screen.sees(/2-frontend: session/);
    expect(text).toMatch(/1 planning-backend .*2 frontend .*3 coordinator/);
    expect(text).toContain('handoffs');
    expect(text).toContain('verification');
    expect(text).toContain('CONTROL');
    screen.press('\r');
    await screen.sees('TYPING');
    screen.press('echo still $((40 + 2)) here\r');
    await screen.sees('still 42 here');
    screen.press('\x1d');
    await screen.sees('CONTROL');
    screen.press('q');
    expect(await screen.exit()).toBe(0);
    expect(screen.modesLeft()).toEqual([]);
    await screen.sees('the sessions go on');
  });

  it('attaches to the room that runs, and shows what its sessions showed', async () => {
    const room = place.roomPid();
    const screen = at(place.root);
    await screen.sees('still 42 here');
    expect(place.roomPid()).toBe(room);
    screen.press('q');
    expect(await screen.exit()).toBe(0);
  });

  it('takes what is typed before it is attached', async () => {
    const screen = at(place.root);
    screen.press('?');
    await screen.sees(/show all keys/);
    screen.press('\x1b');
    await screen.misses(/show all keys/);
    screen.press('q');
    expect(await screen.exit()).toBe(0);
  });

  it('ends the room with a typed word, and with no other', async () => {
    const screen = at(place.root);
    const room = place.roomPid();
    await screen.sees('CONTROL');
    screen.press('Q');
    await screen.sees(/type stop/i);
    screen.press('halt\r');
    await screen.sees('nothing was stopped');
    screen.press('Q');
    await screen.sees(/type stop/i);
    screen.press('stop\r');
    expect(await screen.exit()).toBe(0);
    expect(screen.modesLeft()).toEqual([]);
    await until('the room to end', () => !isAlive(room));
  });

  it('explains itself in a folder that nobody has set up, and starts nothing', async () => {
    const folder = scratch('bare');
    try {
      const screen = at(folder);
      await screen.sees(/coordtui init|init/);
      expect(existsSync(join(folder, 'status'))).toBe(false);
      screen.press('q');
      await screen.exit();
      expect(screen.modesLeft()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Says when it is there, starts the program at Enter, tells how it ended, and keeps the terminal open. */
const HOLDER = 'echo ready; read _; "$0" "$@"; echo "left $?"; exec sleep 100000';

describe('every way out gives the terminal back', () => {
  let place: ScreenPlace;
  let screen: ScreenAt;
  beforeAll(() => {
    place = openScreenPlace('restore');
  });
  afterAll(() => place.remove());

  /** The program below a shell that touches nothing of the terminal. */
  async function under(leave: (client: number) => void, told: string): Promise<void> {
    screen = openScreen(place.root, { command: ['sh', '-c', HOLDER, process.execPath, BIN] });
    try {
      await screen.sees('ready');
      const before = lineMode(screen.tty);
      screen.press('\r');
      await screen.sees(/CONTROL/);
      // Keys of all kinds are asked for by now.
      await until('the mouse to be asked for', () => screen.modesLeft().includes('?1002') && screen.modesLeft().includes('?2004'));
      expect(lineMode(screen.tty)).not.toBe(before);
      leave(childOf(screen.pid));
      // Perhaps not to be seen: what a shell says before the alternate screen is left goes with it.
      await until(`"${told}"`, () => screen.raw().includes(told));
      await until(`no mode to be left: ${screen.modesLeft()}`, () => screen.modesLeft().length === 0);
      await until('the line mode to be as before', () => lineMode(screen.tty) === before);
    } finally {
      process.kill(screen.pid, 'SIGKILL');
      await screen.close();
    }
  }

  it('q', () => under(() => screen.press('q'), 'left 0'));
  it('SIGTERM', () => under((client) => process.kill(client, 'SIGTERM'), 'left 143'));
  it('SIGHUP', () => under((client) => process.kill(client, 'SIGHUP'), 'left 129'));
  it('a client that is killed: the room gives it back', () => under((client) => process.kill(client, 'SIGKILL'), 'left 137'));

  it('a window that is closed: the sessions live on', async () => {
    const first = openScreen(place.root, { args: ['--focus', 'instance-2-frontend'] });
    await first.sees('TYPING');
    first.press('echo lives-$((1 + 1))-on\r');
    await first.sees('lives-2-on');
    await first.close();
    const second = openScreen(place.root);
    try {
      await second.sees('lives-2-on');
      second.press('2', '\r');
      await second.sees('TYPING → instance-2-frontend');
      second.press('echo and-$((2 + 2))\r');
      await second.sees('and-4');
    } finally {
      await second.close();
    }
  });

  it('ctrl-z and SIGTSTP: the shell has its terminal, and fg brings the whole screen back', async () => {
    const inputrc = join(scratch('inputrc'), 'inputrc');
    writeFileSync(inputrc, 'set enable-bracketed-paste off\n');
    const shell = openScreen(place.root, {
      command: ['bash', '--norc', '--noprofile', '-i'],
      env: { PS1: 'shell> ', INPUTRC: inputrc, TERM: 'xterm-256color' },
    });
    try {
      await shell.sees('shell>');
      shell.press(`${process.execPath} ${BIN}\r`);
      await shell.sees(/lives-2-on/);
      await shell.sees('CONTROL');
      const whole = await settled(shell);
      const stops = [() => shell.press('\x1a'), () => process.kill(childOf(shell.pid), 'SIGTSTP')];
      for (const [time, stop] of stops.entries()) {
        const from = shell.raw().length;
        stop();
        await until('the shell to say so', () => shell.raw(from).includes('Stopped'));
        await until('no mode to be left', () => shell.modesLeft().length === 0);
        shell.press(`echo by-the-$((${time} + 7))-shell\r`);
        await shell.sees(`by-the-${time + 7}-shell`);
        shell.press('fg\r');
        await shell.sees(/CONTROL/);
        await until('the screen to be whole', () => still(shell.text()) === whole);
        await until('the modes to be back', () => ['?1002', '?1049', '?2004'].every((mode) => shell.modesLeft().includes(mode)));
      }
      shell.press('q');
      await shell.sees('detached; the sessions go on');
      expect(shell.modesLeft()).toEqual([]);
    } finally {
      await shell.close();
      rmSync(join(inputrc, '..'), { recursive: true, force: true });
    }
  });

  it('ctrl-z where no shell could ever continue it: it goes on', async () => {
    const alone = openScreen(place.root);
    try {
      await alone.sees('CONTROL');
      const before = alone.raw().length;
      alone.press('\x1a');
      await until('the screen to be taken again', () => /\x1b\[\?1049h[\s\S]*CONTROL/.test(alone.raw(before)));
      alone.press('?');
      await alone.sees('show all keys');
      alone.press('\x1b');
      await alone.misses('show all keys');
      alone.press('q');
      expect(await alone.exit()).toBe(0);
    } finally {
      await alone.close();
    }
  });

  it('a room that is killed: the client says so', () => under(() => process.kill(place.roomPid(), 'SIGKILL'), 'left 69'));

  it('a room that cannot start: its complaint is told, and the terminal is back', async () => {
    writeFileSync(join(place.root, 'coordtui.yaml'), 'instances: 7\n');
    const screen = openScreen(place.root);
    try {
      expect(await screen.exit()).not.toBe(0);
      expect(screen.text()).toContain('instances');
      expect(screen.modesLeft()).toEqual([]);
    } finally {
      await screen.close();
    }
    expect((await coordtui(place.root, ['ls'])).out).not.toContain(place.root);
  });
});

function childOf(pid: number): number {
  return Number(
    execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  );
}
