import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PaneExit } from '../../src/core/ports.ts';
import type { PaneSet } from '../../src/pane/pane-set.ts';
import { until } from '../support/until.ts';
import { BACKEND, carriers, FRONTEND, instance, isRunning, makePlace, node, type Place, paneSet, started } from './support.ts';

let place: Place;
const sets: PaneSet[] = [];
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  await Promise.all(sets.splice(0).map((set) => set.close()));
  place.remove();
});

function open(...args: Parameters<typeof paneSet> extends [unknown, ...infer Rest] ? Rest : never): PaneSet {
  const set = paneSet(place, ...args);
  sets.push(set);
  return set;
}

const recorded = () => JSON.parse(readFileSync(place.sessionsFile, 'utf8')) as { tokens: string[]; sessions: { pid: number }[] };
const shows = (set: PaneSet, text: string, id = BACKEND) =>
  until(`"${text}" on the screen`, () => set.text(id, 1000).join('\n').includes(text));

describe('a session', () => {
  test('runs in its directory, with its variables and without those of whoever started the room', async () => {
    process.env.COORDTUI_SECRET_OF_ANOTHER = 'x';
    process.env.npm_config_x = 'x';
    process.env.TMUX = 'x';
    try {
      const set = open([instance(['/bin/sh', '-c', 'pwd; env; echo end-of-env'], { cwd: 'sub', env: { OWN: 'mine' } })], {
        env: () => ({ COORDTUI_WORKSPACE: place.root, COORDTUI_STATUS_FILE: '/status.json' }),
      });
      expect(set.start(BACKEND)).toEqual({ failed: expect.stringContaining('does not exist') });
      const { mkdirSync } = await import('node:fs');
      mkdirSync(path.join(place.root, 'sub'));
      started(set.start(BACKEND));
      await shows(set, 'end-of-env');
      const lines = set.text(BACKEND, 1000);
      expect(lines[0]).toBe(path.join(place.root, 'sub'));
      expect(lines).toEqual(
        expect.arrayContaining([
          'OWN=mine',
          `COORDTUI_WORKSPACE=${place.root}`,
          'COORDTUI_STATUS_FILE=/status.json',
          `COORDTUI_INSTANCE=${BACKEND}`,
          `COORDTUI_ROOM=${set.token}`,
          'TERM=xterm-256color',
          'COLORTERM=truecolor',
        ]),
      );
      expect(lines.join('\n')).not.toMatch(/COORDTUI_SECRET|npm_config_x|^TMUX=/m);
    } finally {
      delete process.env.COORDTUI_SECRET_OF_ANOTHER;
      delete process.env.npm_config_x;
      delete process.env.TMUX;
    }
  });

  test('is never started twice, and can be started again when it has ended', async () => {
    const set = open([instance(['/bin/sh', '-c', 'echo first words; read line; exit 4'])]);
    const exits: [string, number, PaneExit][] = [];
    set.onExit((...exit) => exits.push(exit));
    const pid = started(set.start(BACKEND));
    expect(set.start(BACKEND)).toEqual({ failed: expect.stringContaining('runs already') });
    expect(set.pids()).toEqual([pid]);
    await shows(set, 'first words');
    expect(set.write(BACKEND, Buffer.from('\r'))).toBe(true);
    await until('the exit', () => exits.length === 1);
    expect(exits).toEqual([[BACKEND, pid, { exitCode: 4, signal: null }]]);
    expect(set.pids()).toEqual([]);
    expect(recorded().sessions).toEqual([]);
    expect(set.get(BACKEND)?.exit()).toEqual({ exitCode: 4, signal: null });

    const again = started(set.start(BACKEND));
    expect(again).not.toBe(pid);
    expect(recorded().sessions.map((session) => session.pid)).toEqual([again]);
    await until('the second words, below the first', () => {
      const lines = set.text(BACKEND, 100);
      return lines.indexOf('first words') < lines.lastIndexOf('first words');
    });
    expect(set.text(BACKEND, 100).join('\n')).toContain('exit 4');
  });

  test('an instance without a command, or unknown, has none', () => {
    const set = open([instance(null)]);
    expect(set.start(BACKEND)).toEqual({ failed: expect.stringContaining('no command') });
    expect(set.start(FRONTEND)).toEqual({ failed: expect.stringContaining('no command') });
    expect(set.get(BACKEND)).toBeNull();
    expect(set.text(BACKEND, 10)).toEqual([]);
    expect(set.write(BACKEND, Buffer.from('x'))).toBe(false);
  });

  test('is interrupted as Ctrl-C does it', async () => {
    const set = open([instance(['/bin/sh', '-c', 'trap "echo interrupted; exit 7" INT; echo waiting; while :; do sleep 0.05; done'])]);
    const exits: PaneExit[] = [];
    set.onExit((_id, _pid, exit) => exits.push(exit));
    started(set.start(BACKEND));
    await shows(set, 'waiting');
    set.interrupt(BACKEND);
    await until('the exit', () => exits.length === 1);
    expect(exits[0]).toEqual({ exitCode: 7, signal: null });
    expect(set.text(BACKEND, 50).join('\n')).toContain('interrupted');
  });

  test('gets the answers of its terminal and its new size', async () => {
    const ask =
      'process.stdin.setRawMode(true); process.stdin.on("data", d => console.log("answer " + JSON.stringify(String(d)))); process.stdout.on("resize", () => console.log("size " + process.stdout.columns)); process.stdout.write("\\x1b[c"); setInterval(() => {}, 1000)';
    const set = open([instance(node(ask))]);
    started(set.start(BACKEND));
    await shows(set, 'answer "\\u001b[?1;2c"');
    set.resize(BACKEND, 77, 20);
    await shows(set, 'size 77');
    expect(set.get(BACKEND)?.size()).toEqual({ cols: 77, rows: 20 });
    set.resize(BACKEND, 0, Number.NaN);
    expect(set.get(BACKEND)?.size()).toEqual({ cols: 2, rows: 1 });
  });

  test('is heard raw by its subscribers, over a restart too', async () => {
    const set = open([instance(['/bin/sh', '-c', 'printf "\\033[31mred\\033[0m\\n"'])]);
    const heard: Buffer[] = [];
    const stop = set.subscribe(BACKEND, (bytes) => heard.push(bytes));
    let exits = 0;
    set.onExit(() => {
      exits += 1;
    });
    started(set.start(BACKEND));
    await until('the first exit', () => exits === 1);
    started(set.start(BACKEND));
    await until('the second exit', () => exits === 2);
    expect(Buffer.concat(heard).toString()).toBe('\x1b[31mred\x1b[0m\r\n'.repeat(2));
    expect(set.get(BACKEND)?.lastOutputAt()).toBeGreaterThan(Date.now() - 60_000);
    stop();
  });
});

/** Programs that do not want to end. Each writes the pids of what it starts; `setsid` and `env -i` are the usual ways out. */
const STUBBORN = {
  'ignores every signal that can be ignored': 'trap "" HUP TERM INT QUIT; echo pid $$; while :; do sleep 0.2; done',
  'has a child that ignores the hang-up':
    'sh -c \'trap "" HUP TERM; echo pid $$; while :; do sleep 0.2; done\' & echo pid $$; wait; while :; do sleep 0.2; done',
  'has a child in a session of its own': "setsid sh -c 'echo pid $$; while :; do sleep 0.2; done' & echo pid $$; wait",
  'has a grandchild that was orphaned in a session of its own':
    '(setsid sh -c \'trap "" HUP; echo pid $$; while :; do sleep 0.2; done\' &) ; echo pid $$; while :; do sleep 0.2; done',
  'has an orphan that lost its environment':
    '(env -i /bin/sh -c \'trap "" HUP; echo pid $$; while :; do /bin/sleep 0.2; done\' &) ; echo pid $$; while :; do sleep 0.2; done',
  'has a child that left session and environment':
    'env -i setsid /bin/sh -c \'trap "" HUP; echo pid $$; while :; do /bin/sleep 0.2; done\' & echo pid $$; wait',
  'has a child that was stopped': "sh -c 'echo pid $$; kill -STOP $$; sleep 1000' & echo pid $$; while :; do sleep 0.2; done",
} as const;

const pidsOn = (set: PaneSet, id = BACKEND) =>
  set
    .text(id, 1000)
    .flatMap((line) => /^pid (\d+)$/.exec(line)?.[1] ?? [])
    .map(Number);

describe('ending', () => {
  test.each(Object.entries(STUBBORN))('nothing is left of a session that %s', async (_title, script) => {
    const set = open([instance(['/bin/sh', '-c', script])]);
    started(set.start(BACKEND));
    const expected = script.split('echo pid').length - 1;
    const pids = await until('all pids', () => (pidsOn(set).length === expected ? pidsOn(set) : null));
    await set.stop(BACKEND);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(carriers('COORDTUI_ROOM', set.token)).toEqual([]);
    expect(set.pids()).toEqual([]);
    expect(recorded().sessions).toEqual([]);
  });

  test('a program that ends itself at the hang-up is given the time', async () => {
    const set = open([instance(['/bin/sh', '-c', 'trap "echo saved; exit 5" HUP; echo up; while :; do sleep 0.05; done'])], {
      end: { graceMs: 20_000, patienceMs: 20_000 },
    });
    const exits: PaneExit[] = [];
    set.onExit((_id, _pid, exit) => exits.push(exit));
    started(set.start(BACKEND));
    await shows(set, 'up');
    await set.stop(BACKEND);
    expect(exits).toEqual([{ exitCode: 5, signal: null }]);
  });

  test('an exit is told only when nothing of the session is left', async () => {
    const script = '(setsid sh -c \'trap "" HUP; echo pid $$; echo up; while :; do sleep 0.2; done\' &) ; read line; exit 3';
    const set = open([instance(['/bin/sh', '-c', script])]);
    let left: number[] | null = null;
    let pids: number[] = [];
    set.onExit(() => {
      left = pids.filter(isRunning);
    });
    started(set.start(BACKEND));
    await shows(set, 'up');
    pids = pidsOn(set);
    expect(pids.every(isRunning)).toBe(true);
    set.write(BACKEND, Buffer.from('\r'));
    expect(await until('the exit', () => left)).toEqual([]);
    expect(set.get(BACKEND)?.exit()).toEqual({ exitCode: 3, signal: null });
  });

  test('it cannot be started while it is being ended', async () => {
    const set = open([instance(['/bin/sh', '-c', 'trap "" HUP; echo up; while :; do sleep 0.2; done'])]);
    started(set.start(BACKEND));
    await shows(set, 'up');
    const stopped = set.stop(BACKEND);
    expect(set.start(BACKEND)).toEqual({ failed: expect.stringContaining('still being ended') });
    await stopped;
    started(set.start(BACKEND));
  });

  test('one session ends alone; closing ends all, in parallel, and starts none after', async () => {
    const stubborn = ['/bin/sh', '-c', 'trap "" HUP TERM; echo pid $$; while :; do sleep 0.2; done'];
    const ids = Array.from({ length: 6 }, (_, index) => `worker-${index}` as typeof BACKEND);
    const set = open(ids.map((id) => instance(stubborn, { id })));
    for (const id of ids) started(set.start(id));
    const pids = await until('all up', () => {
      const all = ids.flatMap((id) => pidsOn(set, id));
      return all.length === ids.length ? all : null;
    });
    await set.stop(ids[0] as typeof BACKEND);
    expect(pids.map(isRunning)).toEqual([false, true, true, true, true, true]);
    await set.close();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(set.start(ids[0] as typeof BACKEND)).toEqual({ failed: expect.stringContaining('closing') });
    expect(carriers('COORDTUI_ROOM', set.token)).toEqual([]);
  });

  test('stopping what does not run is nothing', async () => {
    const set = open([instance(['/bin/sh'])]);
    await set.stop(BACKEND);
    await set.stop(FRONTEND);
  });
});
