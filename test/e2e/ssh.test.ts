/** Sessions on another machine: a stand-in for ssh that runs the line here, and loses it when it is told to. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { atTerminal, BACKEND, coordtui, openPlace, type Place } from './hands.ts';
import { openScreen, type ScreenAt } from './screen.ts';

/** Exits 255 with a word on stderr as ssh does, at once or in the midst, while there is a file of that name. */
const SSH = `#!${process.execPath}
const { spawn } = require('node:child_process');
const { appendFileSync, existsSync } = require('node:fs');
const down = __dirname + '/down';
const lost = () => { process.stderr.write('ssh: connect to host elsewhere port 22: No route to host\\r\\n'); process.exit(255); };
appendFileSync(__dirname + '/calls', JSON.stringify(process.argv.slice(2)) + '\\n');
if (existsSync(down)) lost();
const child = spawn('/bin/sh', ['-c', process.argv.at(-1)], { stdio: 'inherit' });
child.on('exit', (code, signal) => process.exit(signal === null ? code : 255));
setInterval(() => { if (existsSync(down)) { child.kill('SIGHUP'); lost(); } }, 20);
`;

type Far = { readonly place: Place; readonly down: string; calls(): string[][] };

function farPlace(name: string, session: string): Far {
  const place = openPlace(name);
  const bin = join(place.aside, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), SSH);
  writeFileSync(join(bin, 'package.json'), '{"type":"commonjs"}');
  chmodSync(join(bin, 'ssh'), 0o755);
  const config = join(place.root, 'coordtui.yaml');
  const env = `env: { PATH: ${JSON.stringify(`${bin}:${process.env.PATH}`)}, GREETING: "it's \\"quoted\\"; $HOME" }`;
  writeFileSync(config, readFileSync(config, 'utf8').replace('role: backend,', `role: backend, session: ${session}, ${env},`));
  return {
    place,
    down: join(bin, 'down'),
    calls: () =>
      readFileSync(join(bin, 'calls'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[]),
  };
}

// Rooms come and go in each of them, and the machine may be busy with as many others.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(far: Far): Promise<Room> {
  closers.push(() => far.place.remove());
  const room = await startRoom(far.place.root);
  closers.push(() => room.stop());
  return room;
}

function watch(far: Far): ScreenAt {
  const screen = openScreen(far.place.root, { cols: 160, rows: 45 });
  closers.push(() => screen.close());
  return screen;
}

type Status = { id: string; session: string; away: string | null; exit: { code: number | null } | null };
const statusOf = async ({ place }: Far): Promise<Status | undefined> => {
  const { exit, out } = await coordtui(place.root, ['status', '--json']);
  return exit === 0 ? (JSON.parse(out) as Status[]).find(({ id }) => id === BACKEND) : undefined;
};

describe('a session over ssh', () => {
  it('runs what it is told with its words whole, never asks, and never takes the host for an option', async () => {
    const far = farPlace('ssh-runs', "{ ssh: me@elsewhere, directory: '/' }");
    await open(far);
    const told = await far.place.inSession(BACKEND, 'pwd; echo "$GREETING"; echo "$COORDTUI_INSTANCE"; tty -s </dev/tty && echo terminal');
    expect(told.out).toBe(`/\nit's "quoted"; $HOME\n${BACKEND}\nterminal\n`);
    const [words = []] = far.calls();
    expect(words.slice(0, 1)).toEqual(['-tt']);
    expect(words).toEqual(expect.arrayContaining(['BatchMode=yes', 'ServerAliveInterval=15']));
    expect(words.slice(-3, -1)).toEqual(['--', 'me@elsewhere']);
  });

  it('is away while the line is broken, says when it is tried again, and comes back; enter tries at once', async () => {
    const far = farPlace('ssh-away', '{ ssh: elsewhere }');
    await open(far);
    await far.place.inSession(BACKEND, 'true');
    const screen = watch(far);
    await screen.sees('free');
    writeFileSync(far.down, '');
    await screen.sees(/away, next try in \d+s/);
    await screen.sees(/away: no connection to elsewhere; next try in [12] s/);
    expect(screen.text()).toContain('No route to host');
    // While a try is under way, what ssh prints of it may be the far side's.
    const away = await until('it to be told as away', async () => {
      const now = await statusOf(far);
      return now?.away == null ? null : now;
    });
    expect(away).toMatchObject({ session: 'running', away: 'no connection to elsewhere' });
    // Each wait is longer than the one before.
    await screen.sees('next try in 4 s');
    rmSync(far.down);
    screen.press('1', '\r');
    await screen.sees('TYPING');
    screen.press('\r');
    await until('it to be back', async () => (await statusOf(far))?.away === null);
    await screen.misses('away, next try');
    expect((await far.place.inSession(BACKEND, 'echo back')).out).toBe('back\n');
    expect(far.calls().length).toBeGreaterThan(2);
  });

  it('what the program over there ends with is its end; a closed one is not tried again', async () => {
    const far = farPlace('ssh-end', '{ ssh: elsewhere }');
    await open(far);
    await far.place.inSession(BACKEND, 'true');
    writeFileSync(far.down, '');
    await until('it to be away', async () => (await statusOf(far))?.away != null);
    expect((await atTerminal(far.place.root, ['close', BACKEND])).exit).toBe(0);
    const stopped = await until('it to be stopped', async () => {
      const now = await statusOf(far);
      return now?.session === 'stopped' && now.exit !== null ? now : null;
    });
    expect(stopped.away).toBeNull();
    const calls = far.calls().length;
    rmSync(far.down);
    expect((await coordtui(far.place.root, ['new', BACKEND])).exit).toBe(0);
    void far.place.inSession(BACKEND, 'kill -9 $PPID').catch(() => {});
    // The shell that was killed over there is told as ssh would tell it.
    await until('it to have run once more', () => far.calls().length > calls);
    expect(existsSync(far.down)).toBe(false);
  });
});
