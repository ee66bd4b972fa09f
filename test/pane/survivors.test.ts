import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processInfo } from '../../src/native/process.ts';
import { endChildren } from '../../src/pane/session-end.ts';
import { currentBootId, readSessionsFile, type SessionRecord, writeSessionsFile } from '../../src/pane/sessions-file.ts';
import { endSurvivors } from '../../src/pane/survivors.ts';
import { until } from '../support/until.ts';
import { BACKEND, carriers, instance, isRunning, makePlace, type Place, paneSet, started } from './support.ts';

const END = { graceMs: 300, patienceMs: 20_000 };
/** Of this run alone: whoever carries it is ended, also the process of another run. */
const TOKEN = randomBytes(16).toString('hex');
const ANOTHER = randomBytes(16).toString('hex');
const repository = fileURLToPath(new URL('../..', import.meta.url));
let place: Place;
const children: ChildProcess[] = [];

beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await endSurvivors(place.sessionsFile, END);
  place.remove();
});

function bystander(env: NodeJS.ProcessEnv = {}): ChildProcess & { pid: number } {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env: { PATH: process.env.PATH, ...env } });
  children.push(child);
  if (child.pid === undefined) throw new Error('sleep could not be started');
  return child as ChildProcess & { pid: number };
}

const record = (sessions: SessionRecord[], tokens: string[] = [], bootId = currentBootId()) =>
  writeSessionsFile(place.sessionsFile, { bootId, tokens, sessions });

/** A process of its own that holds a pane set, as a room does; it prints what its sessions print. */
function room(script: string): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const bundle = path.join(place.root, 'room.mjs');
  buildSync({
    stdin: {
      contents: `
        import { createPaneSet } from ${JSON.stringify(path.join(repository, 'src/pane/pane-set.ts'))};
        const [root, sessionsFile, script] = process.argv.slice(2);
        const id = ${JSON.stringify(BACKEND)};
        const config = { id, role: 'x', agent: 'shell', command: ['/bin/sh', '-c', script], cwd: '.', env: {}, files: [], restart: 'never' };
        const set = createPaneSet({ instances: [config], root, sessionsFile, env: () => ({}), scrollbackLines: 100, onTrouble: console.error });
        set.subscribe(id, (bytes) => process.stdout.write(bytes));
        console.log('token ' + set.token);
        console.log('leader ' + JSON.stringify(set.start(id)));`,
      resolveDir: repository,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
    external: ['node-pty', 'koffi'],
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
  });
  symlinkSync(path.join(repository, 'node_modules'), path.join(place.root, 'node_modules'));
  const child = spawn(process.execPath, [bundle, place.root, place.sessionsFile, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child as ChildProcess & { stdout: NodeJS.ReadableStream };
}

describe('after a kill -9 of the room', () => {
  test('its sessions are ended before any is started: never two of one', async () => {
    const script = [
      'trap "" HUP TERM',
      'echo pid $$',
      '(setsid sh -c \'trap "" HUP TERM; echo pid $$; while :; do sleep 0.2; done\' &)',
      'while :; do sleep 0.2; done',
    ].join('\n');
    const killed = room(script);
    let output = '';
    killed.stdout.on('data', (bytes) => {
      output += bytes;
    });
    const pids = await until('both processes of the session', () => {
      const found = [...output.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
      return found.length === 2 ? found : null;
    });
    const token = /token (\w+)/.exec(output)?.[1] ?? '';
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(pids.filter(isRunning)).toEqual(pids);

    const innocent = bystander();
    const { ended, left, issue } = await endSurvivors(place.sessionsFile, END);
    expect(left).toEqual([]);
    expect(issue).toBeNull();
    expect(ended).toEqual(expect.arrayContaining([{ pid: pids[0], comm: 'sh', instance: BACKEND }]));
    expect(pids.filter(isRunning)).toEqual([]);
    expect(carriers('COORDTUI_ROOM', token)).toEqual([]);
    expect(isRunning(innocent.pid)).toBe(true);
    expect(readSessionsFile(place.sessionsFile)).toEqual({ record: null, issue: null });

    const next = paneSet(place, [instance(['/bin/sh', '-c', 'echo up; read line'])]);
    started(next.start(BACKEND));
    await next.close();
  });
});

describe('what endSurvivors touches', () => {
  test('a pid that was given to another process is left alone', async () => {
    const other = bystander();
    const startTicks = processInfo(other.pid)?.startTicks ?? 0;
    record([{ instance: BACKEND, pid: other.pid, startTicks: startTicks - 1 }]);
    expect(await endSurvivors(place.sessionsFile, END)).toEqual({ ended: [], left: [], issue: null });
    expect(isRunning(other.pid)).toBe(true);
  });

  test("a session whose leader is gone may be anybody's by now: its number proves nothing", async () => {
    const leader = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    leader.stdout.on('data', (bytes) => {
      output += bytes;
    });
    // `exit` and not `close`: the child holds the pipe open.
    await once(leader, 'exit');
    const child = Number(await until('the pid of the child', () => /\d+/.exec(output)?.[0]));
    try {
      expect(processInfo(child)?.sid).toBe(leader.pid);
      record([{ instance: BACKEND, pid: leader.pid ?? 0, startTicks: 1 }]);
      expect((await endSurvivors(place.sessionsFile, END)).ended).toEqual([]);
      expect(isRunning(child)).toBe(true);
    } finally {
      process.kill(child, 'SIGKILL');
      leader.stdout.destroy();
    }
  });

  test('the same process is ended', async () => {
    const own = bystander();
    record([{ instance: BACKEND, pid: own.pid, startTicks: processInfo(own.pid)?.startTicks ?? 0 }]);
    expect((await endSurvivors(place.sessionsFile, END)).ended).toEqual([{ pid: own.pid, comm: 'sleep', instance: BACKEND }]);
    expect(isRunning(own.pid)).toBe(false);
  });

  test('pids of another boot mean nothing', async () => {
    const other = bystander();
    record([{ instance: BACKEND, pid: other.pid, startTicks: processInfo(other.pid)?.startTicks ?? 0 }], [], 'another-boot');
    expect((await endSurvivors(place.sessionsFile, END)).ended).toEqual([]);
    expect(isRunning(other.pid)).toBe(true);
  });

  test('a process that carries an old token is ended, whoever its parent is; another token is not ours', async () => {
    const own = bystander({ COORDTUI_ROOM: TOKEN });
    const other = bystander({ COORDTUI_ROOM: ANOTHER });
    record([], [TOKEN]);
    expect((await endSurvivors(place.sessionsFile, END)).ended.map(({ pid }) => pid)).toEqual([own.pid]);
    expect(isRunning(other.pid)).toBe(true);
  });

  test('never itself and never its ancestors, though they be recorded', async () => {
    const self = processInfo(process.pid);
    const parent = processInfo(process.ppid);
    if (!self || !parent) throw new Error('this process is not in its own table');
    record([self, parent].map(({ pid, startTicks }) => ({ instance: BACKEND, pid, startTicks })));
    const { left } = await endSurvivors(place.sessionsFile, END);
    expect(left).toEqual([]);
    expect(isRunning(parent.pid)).toBe(true);
  });

  test.each([
    ['nothing was recorded', null, null],
    ['broken JSON', '{', 'cannot be read'],
    ['another shape', '[1]', 'is not a file of sessions'],
    [
      'hostile pids',
      '{"version":1,"bootId":"","tokens":["x"],"sessions":[{"instance":"a","pid":-1,"startTicks":1},{"instance":"a","pid":1,"startTicks":1},{"instance":"../b","pid":99,"startTicks":1}]}',
      'hold',
    ],
  ])('%s: an answer, never an exception', async (_title, content, issue) => {
    record([]);
    const { rmSync } = await import('node:fs');
    if (content === null) rmSync(place.sessionsFile);
    else writeFileSync(place.sessionsFile, content);
    const answer = await endSurvivors(place.sessionsFile, END);
    expect(answer.ended).toEqual([]);
    expect(answer.issue).toEqual(issue === null ? null : expect.stringContaining(issue));
  });
});

test('the record names every session while it runs, and is private', async () => {
  const set = paneSet(place, [instance(['/bin/sh', '-c', 'read line'])]);
  const before = JSON.parse(readFileSync(place.sessionsFile, 'utf8'));
  expect(before).toMatchObject({ tokens: [set.token], sessions: [] });
  const pid = started(set.start(BACKEND));
  const { statSync } = await import('node:fs');
  expect(JSON.parse(readFileSync(place.sessionsFile, 'utf8'))).toMatchObject({
    sessions: [{ instance: BACKEND, pid, startTicks: processInfo(pid)?.startTicks }],
  });
  expect(statSync(place.sessionsFile).mode & 0o777).toBe(0o600);
  await set.close();
});

test('what an unfinished room left recorded stays recorded beside the next one', () => {
  record([{ instance: BACKEND, pid: 4_000_000, startTicks: 7 }], [TOKEN]);
  const set = paneSet(place, []);
  expect(readSessionsFile(place.sessionsFile).record).toMatchObject({ tokens: [TOKEN, set.token], sessions: [{ pid: 4_000_000 }] });
});

test('endChildren ends the children of this process that are not spared', async () => {
  const [kept, gone] = [bystander(), bystander()];
  const others = new Set(carriers('NOTHING', ''));
  expect(others.size).toBe(0);
  const spared = new Set([kept.pid]);
  for (const child of siblingsOf(gone.pid)) spared.add(child);
  await endChildren(spared, END);
  expect([isRunning(kept.pid), isRunning(gone.pid)]).toEqual([true, false]);
});

/** Whatever else this test process has started (a compiler service, for one). */
function siblingsOf(pid: number): number[] {
  const list = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return list
    .split(' ')
    .filter((word) => word !== '')
    .map(Number)
    .filter((child) => child !== pid);
}
