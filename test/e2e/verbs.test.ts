/** Every verb typed for real, with and without --json; every exit code of INTERFACE reached. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { VERBS } from '../../src/core/command.ts';
import { PROJECT_ROOT, type Room, scratch, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { atTerminal, BACKEND, coordtui, FRONTEND, openPlace, type Place, type Ran } from './hands.ts';

/** `ls` tells of every room below the folder for temporary files, and other tests have rooms, too: stopped ones among them. */
const before = process.env.TMPDIR;
const rooms = scratch('rooms');
process.env.TMPDIR = rooms;
afterAll(() => {
  process.env.TMPDIR = before;
  rmSync(rooms, { recursive: true, force: true });
});

const CODES: Readonly<Record<number, string>> = {
  1: 'no',
  2: 'usage',
  3: 'notFound',
  4: 'refused',
  69: 'noRoom',
  73: 'cannotWrite',
  75: 'held',
  77: 'notPermitted',
  78: 'badConfig',
};

/** Errors are one sentence on stderr: what happened and where, then what to do; with --json the same as data. */
function expectError(ran: Ran, exit: number, about: RegExp, json: boolean): void {
  expect([ran.exit, ran.out], ran.err).toEqual([exit, '']);
  expect(ran.err.trim().split('\n')).toHaveLength(1);
  expect(ran.err).toMatch(about);
  if (!json) expect(ran.err).toMatch(/^\S.+; .+\n$/);
  else {
    const { error } = JSON.parse(ran.err) as { error: Record<string, unknown> };
    expect(Object.keys(error).sort()).toEqual(['code', 'hint', 'message']);
    expect([error['code'], error['message'], error['hint']]).toEqual([
      CODES[exit],
      expect.stringMatching(/\S/),
      expect.stringMatching(/\S/),
    ]);
  }
}

async function expectBoth(cwd: string, args: readonly string[], exit: number, about: RegExp): Promise<void> {
  const [text, data] = await Promise.all([coordtui(cwd, args), coordtui(cwd, [...args, '--json'])]);
  expectError(text, exit, about, false);
  expectError(data, exit, about, true);
}

/** Exit 0, something for people to read, and data where data was asked for. */
async function expectDone(cwd: string, args: readonly string[], about = /\S/): Promise<unknown> {
  const ran = await coordtui(cwd, args);
  expect([ran.exit, ran.err]).toEqual([0, '']);
  expect(ran.out).toMatch(about);
  return args.includes('--json') ? JSON.parse(ran.out) : ran.out;
}

describe('the command line', () => {
  const anywhere = scratch('cli');
  afterAll(() => rmSync(anywhere, { recursive: true, force: true }));

  it('each verb has help with its example', async () => {
    // The program's own entry, in one process for all of them: a start costs more than the help.
    const lines = VERBS.map(({ name }) => [...name.split(' '), '--help']);
    const script = `const { main } = await import(${JSON.stringify(join(PROJECT_ROOT, 'dist/cli.js'))});
      for (const argv of ${JSON.stringify(lines)}) process.stdout.write(\`exit \${await main(argv)}\\0\`);`;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).split('\0');
    for (const [index, verb] of VERBS.entries()) {
      expect(told[index]).toMatch(/exit 0$/);
      for (const text of [verb.example, '--workspace', '--json', ...verb.flags.map(({ name }) => `--${name}`)])
        expect(told[index]).toContain(text);
    }
    const { exit, out } = await coordtui(anywhere, ['--help']);
    expect(exit).toBe(0);
    for (const { name } of VERBS) expect(out).toMatch(new RegExp(`^ +${name.split(' ')[0]}\\b`, 'm'));
  });

  it('exit 2: what it does not understand is one sentence, and says where help is', async () => {
    const wrong = [
      [['aprove', 'h-1'], /unknown command 'aprove'/],
      [['approve'], /^approve: .*id|"approve: .*id/],
      [['handoffs', '--no-such-flag'], /handoffs: .*--no-such-flag/],
      [['init', '--pattern', 'pyramid'], /pyramid/],
      [['reopen', 'h-1'], /--reason/],
      [['status', 'set', 'only.a.path'], /a path and a value/],
      [['status', 'set', 'a.b', '1', '--if-revision=x'], /--if-revision/],
      [['ready', '--summary'], /--summary/],
      [['serve', '--foreground', '--trace', 'nonsense'], /--trace/],
      [['init'], /--yes/],
    ] as const;
    for (const [args, about] of wrong) await expectBoth(anywhere, args, 2, about);
  });

  it('exit 3: a workspace that is none', async () => {
    const nowhere = join(anywhere, 'nowhere');
    for (const args of [['handoffs'], ['serve', '--foreground'], ['status', 'get']])
      await expectBoth(anywhere, [...args, '--workspace', nowhere], 3, /nowhere/);
  });

  it('exit 69: each verb that needs a room says that none runs, and how to start one', async () => {
    const lines = [
      'new a',
      'tail a',
      'status',
      'status watch',
      'handoffs',
      'assign a --file nowhere',
      'ready',
      'verify --handoff h-1',
      'approve h-1',
    ];
    const told = await Promise.all(lines.map((line) => coordtui(anywhere, line.split(' '))));
    for (const one of told) expectError(one, 69, /no room runs for .*coordtui serve/, false);
    expectError(await coordtui(anywhere, ['handoffs', '--json']), 69, /no room runs for .*coordtui serve/, true);
    await expectBoth(anywhere, ['stop', '--yes'], 69, /no room runs for .*/);
  });

  it('where no room has run yet there is no journal: that is said, and nothing is made of it', async () => {
    await expectBoth(anywhere, ['replay'], 3, /no room has run in .* no journal/);
    await expectDone(anywhere, ['recover'], /no room has run in .* no journal that could be damaged/);
  });

  it('ls lists a room that speaks another protocol, and how to end it', async () => {
    const tmp = scratch('other-room');
    const sockets = join(tmp, `coordtui-${process.getuid?.()}`);
    mkdirSync(sockets, { mode: 0o700 });
    const other = createServer((socket) =>
      socket.resume().write(`${JSON.stringify({ coordtui: 0, version: '0.0.1', workspace: '/old', pid: 1, authority: 'operator' })}\n`),
    );
    await new Promise<void>((listening) => other.listen(join(sockets, 'old.sock'), listening));
    try {
      const { exit, out, err } = await coordtui(anywhere, ['ls'], { TMPDIR: tmp });
      expect([exit, err]).toEqual([0, '']);
      expect(out).toMatch(/^\/old {2}runs coordtui 0\.0\.1, .*: coordtui stop --workspace \/old$/m);
      const listed = await coordtui(anywhere, ['ls', '--json'], { TMPDIR: tmp });
      expect(JSON.parse(listed.out)).toEqual([{ workspace: '/old', version: '0.0.1', pid: 1, speaks: 0 }]);
    } finally {
      await new Promise((closed) => other.close(closed));
      rmSync(tmp, { recursive: true, force: true });
    }
  });

  it('exit 73: what cannot be written is said, with its place', async () => {
    const place = join(anywhere, 'blocked');
    mkdirSync(place);
    writeFileSync(join(place, 'status'), 'a file where a folder belongs');
    await expectBoth(place, ['status', 'set', 'a.b', '1', '--workspace', place], 73, /status/);
    const init = await coordtui(place, ['init', '--yes', '--workspace', place]);
    expectError(init, 73, /status/, false);
  });

  it('exit 78: a config with faults names each with line and column, and nothing is started', async () => {
    const place = join(anywhere, 'faulty');
    mkdirSync(place);
    writeFileSync(join(place, 'coordtui.yaml'), 'instances:\n  - { id: A B, agent: clod }\nverificaton: {}\n');
    for (const args of [['serve', '--foreground'], ['serve'], ['verify']]) {
      const { exit, err } = await coordtui(place, args);
      expect(exit).toBe(78);
      for (const fault of [/2:\d+.*id/, /2:\d+.*agent/, /3:1.*verificaton/]) expect(err).toMatch(fault);
    }
  });

  it('without a room: init, status set and get, ls and verify work', async () => {
    const place = openPlace(
      'alone',
      'verification: { checks: [ { id: good, command: "true" }, { id: bad, command: "echo why; exit 1" } ] }\n',
    );
    try {
      await expectDone(place.root, ['init', '--dry-run'], /status/);
      await expectDone(place.root, ['init', '--yes', '--json']);
      await expectDone(place.root, ['ls']);
      expect(await expectDone(place.root, ['ls', '--json'])).not.toContainEqual(expect.objectContaining({ workspace: place.root }));
      const set = await coordtui(place.root, ['status', 'set', `instances.${BACKEND}.currentTask`, 'orders']);
      expect([set.exit, set.out, set.err]).toEqual([0, '', '']);
      expect(await expectDone(place.root, ['status', 'get', `instances.${BACKEND}.currentTask`])).toBe('orders\n');
      expect(await expectDone(place.root, ['status', 'get', `instances.${BACKEND}.currentTask`, '--json'])).toBe('orders');
      await expectBoth(place.root, ['status', 'get', 'no.such.path'], 3, /no\.such\.path/);
      await expectBoth(place.root, ['status', 'set', 'handoffProtocol.currentHandoffPhase', 'APPROVED'], 4, /belongs to the coordinator/);
      await expectDone(place.root, ['verify', 'good'], /good: passed/);
      await expectDone(place.root, ['verify', 'good', '--json']).catch(() => null);
      const bad = await coordtui(place.root, ['verify', 'bad']);
      expect([bad.exit, bad.err]).toEqual([1, expect.stringContaining('bad failed')]);
      await expectBoth(place.root, ['verify', 'ugly'], 3, /no check ugly.*good, bad/);
    } finally {
      place.remove();
    }
  });
});

describe('with a room', () => {
  let place: Place;
  let room: Room;

  beforeAll(async () => {
    place = openPlace('verbs', 'verification: { checks: [ { id: unit, command: "echo 3 passed; exit 1", critical: false } ] }\n');
    room = await startRoom(place.root);
    await until('both sessions to run', async () => {
      const { exit, out } = await coordtui(place.root, ['status', '--json']);
      return exit === 0 && (JSON.parse(out) as { session: string }[]).filter(({ session }) => session === 'running').length === 2;
    });
  });
  afterAll(async () => {
    await room?.stop();
    place?.remove();
  });

  type Handoff = { id: string; phase: string; epoch: number; needsYou: boolean };
  const handoffs = async () => (await expectDone(place.root, ['handoffs', '--json'])) as Handoff[];
  const sessionOf = async (id: string) =>
    ((await expectDone(place.root, ['status', '--json'])) as { id: string; session: string; pid: number }[]).find((one) => one.id === id);

  it('exit 75: a second one is held off, and the pid of the first is named', async () => {
    for (const args of [['serve'], ['serve', '--foreground']]) await expectBoth(place.root, args, 75, new RegExp(`${room.pid}`));
  });

  it('exit 75 also when the first is stopped: it is named, and said not to answer', async () => {
    process.kill(room.pid, 'SIGSTOP');
    try {
      for (const args of [['serve'], ['serve', '--foreground']])
        await expectBoth(place.root, args, 75, new RegExp(`${room.pid}.* does not answer.*kill -CONT ${room.pid}`));
    } finally {
      process.kill(room.pid, 'SIGCONT');
    }
  });

  it('exit 69 from every verb that talks to it while it is stopped, with what lets it go on; a report is kept meanwhile', async () => {
    process.kill(room.pid, 'SIGSTOP');
    const told = /the room \(pid \d+\) is stopped, and does not answer.*kill -CONT \d+/;
    try {
      for (const args of [['status'], ['handoffs'], ['approve', 'H1', '--yes'], ['verify'], ['stop', '--yes'], ['timeline']])
        await expectBoth(place.root, args, 69, told);
      for (const verb of ['ls', 'doctor']) expect((await coordtui(place.root, [verb])).err).toMatch(told);
      expect(await coordtui(place.root, ['status', 'set', `instances.${BACKEND}.said`, 'while it stood'])).toMatchObject({
        exit: 0,
        err: '',
      });
    } finally {
      process.kill(room.pid, 'SIGCONT');
    }
    const file = join(place.root, 'status/multi-instance-status.json');
    await until('the report to be taken up', () => readFileSync(file, 'utf8').includes('while it stood'));
  });

  it('replay tells the journal, and the state as a record left it', async () => {
    await expectDone(place.root, ['replay'], new RegExp(`^ +\\d+ .*${BACKEND}: session started`, 'm'));
    const records = (await expectDone(place.root, ['replay', '--json'])) as { seq: number; text: string[] }[];
    expect(records[0]).toMatchObject({ seq: 1, kind: 'snapshot' });
    const started = records.find(({ text }) => text.some((line) => line.startsWith(`${BACKEND}: session started`)));
    for (const [seq, session] of [
      [started?.seq ?? 0, 'running'],
      [1, null],
    ] as const)
      expect(await expectDone(place.root, ['replay', '--at', String(seq), '--json'])).toMatchObject({
        seq,
        coordinator: { instances: session === null ? {} : { [BACKEND]: { session } } },
        document: { instances: { [BACKEND]: {} } },
      });
    await expectDone(place.root, ['replay', '--at', '1'], /autopilot: /);
    await expectBoth(place.root, ['replay', '--at', '2000-01-01'], 3, /no record/);
    await expectBoth(place.root, ['replay', '--at', 'yesterday'], 2, /yesterday/);
    await expectBoth(place.root, ['replay', '--lines', '0'], 2, /--lines/);
  });

  it('ls and status tell of it; tail shows a session', async () => {
    expect(await expectDone(place.root, ['ls', '--json'])).toContainEqual(
      expect.objectContaining({ workspace: place.root, pid: room.pid }),
    );
    await expectDone(place.root, ['ls'], new RegExp(`^${place.root}  2 of 2 sessions run`, 'm'));
    await expectDone(place.root, ['status'], new RegExp(`^${BACKEND}  running`, 'm'));
    await expectDone(place.root, ['status'], /^instance-3-coordinator {2}no program {2}/m);
    expect((await coordtui(place.root, ['tail', BACKEND])).exit).toBe(0);
    expect(await expectDone(place.root, ['tail', BACKEND, '--lines', '3', '--json'])).toBeInstanceOf(Array);
    await expectBoth(place.root, ['tail', 'nobody'], 3, /no instance nobody/);
    await expectBoth(place.root, ['tail', BACKEND, '--lines', 'many'], 2, /--lines/);
  });

  it('a handoff goes its way by verbs alone, and each exit code says what became of it', async () => {
    await expectBoth(place.root, ['assign', 'nobody', '--task', 'x'], 3, /nobody/);
    await expectBoth(place.root, ['assign', BACKEND], 2, /no task is given.*--task TEXT/);
    await expectBoth(place.root, ['assign', BACKEND, '--task', 'x', '--then', BACKEND], 4, /cannot pass the work on to itself/);
    await expectBoth(place.root, ['assign', BACKEND, '--file', 'nowhere.md'], 3, /nowhere\.md/);
    await expectBoth(place.root, ['assign', BACKEND], 2, /no task is given/);
    writeFileSync(join(place.aside, 'task.md'), 'add the orders table');
    const { handoff: id } = (await expectDone(place.root, [
      'assign',
      BACKEND,
      '--file',
      join(place.aside, 'task.md'),
      '--then',
      FRONTEND,
      '--json',
    ])) as { handoff: string };
    await expectBoth(place.root, ['assign', BACKEND, '--task', 'more'], 4, /already owns .*open moves/);
    await expectDone(place.root, ['handoffs'], new RegExp(`^${id}  ${BACKEND}`, 'm'));
    await expectDone(place.root, ['handoffs', 'show', id], /add the orders table/);
    await expectDone(place.root, ['explain', id], new RegExp(id));
    expect(await expectDone(place.root, ['explain', id, '--json'])).toMatchObject({ handoff: id, sentence: expect.stringMatching(/\S/) });
    await expectBoth(place.root, ['explain', 'h-ffff'], 3, /no handoff h-ffff/);
    await expectBoth(place.root, ['explain', 'nonsense'], 2, /cannot be a handoff/);
    writeFileSync(join(place.root, 'orders.txt'), 'one\n');
    await expectDone(place.root, ['diff', id, '--stat'], /orders\.txt/);
    expect(await expectDone(place.root, ['diff', id, '--json'])).toMatchObject({ patch: expect.stringContaining('+one') });
    await expectBoth(place.root, ['verify', '--handoff', id], 4, /open/);

    await expectDone(place.root, ['ready', '--instance', BACKEND, '--summary', 'done'], new RegExp(id));
    await until('the question', async () => (await handoffs()).some(({ needsYou }) => needsYou));
    await expectDone(place.root, ['ls'], new RegExp(`needs you: ${id}`));
    const again = await coordtui(place.root, ['verify', '--handoff', id]);
    expect([again.exit, again.out, again.err]).toEqual([1, expect.stringMatching(/unit: failed/), expect.stringMatching(/unit/)]);
    const [now] = await handoffs();
    expect(now).toMatchObject({ id, phase: 'VERIFICATION', needsYou: true });
    for (const verb of ['approve', 'deny']) await expectBoth(place.root, [verb, id], 77, /needs a terminal/);
    await expectBoth(place.root, ['answer', id, 'again'], 77, /needs a terminal/);
    const stale = await atTerminal(place.root, ['answer', id, 'approve', '--epoch', String((now?.epoch ?? 0) - 1)]);
    expect([stale.exit, stale.out]).toEqual([4, expect.stringContaining('your decision is about epoch')]);
    const agreed = await atTerminal(place.root, ['approve', id], { after: /\[y\/N\] /, text: 'y\r' });
    expect([agreed.exit, agreed.out]).toEqual([0, expect.stringContaining(`${id} is approved`)]);
    const late = await atTerminal(place.root, ['approve', id, '--yes', '--json']);
    expect([late.exit, late.out]).toEqual([4, expect.stringContaining('"code":"refused"')]);
  });

  it('verify of a check by its name is a trial', async () => {
    const trial = await coordtui(place.root, ['verify', 'unit']);
    expect([trial.exit, trial.out, trial.err]).toEqual([1, expect.stringContaining('3 passed'), expect.stringContaining('trial')]);
    await expectBoth(place.root, ['verify', 'ugly'], 3, /no check ugly/);
    await expectBoth(place.root, ['verify', '--again'], 2, /--again needs the handoff/);
  });

  it('sessions are interrupted, restarted, closed and started anew', async () => {
    const before = await sessionOf(FRONTEND);
    await expectBoth(place.root, ['new', FRONTEND], 4, /running already/);
    await expectBoth(place.root, ['new', 'nobody'], 3, /nobody/);
    await expectDone(place.root, ['interrupt', FRONTEND, '--json']);
    await until('the interrupt to have ended it', async () => (await sessionOf(FRONTEND))?.session === 'exited');
    await expectDone(place.root, ['new', FRONTEND]);
    const next = await until('a new one', async () => {
      const now = await sessionOf(FRONTEND);
      return now?.session === 'running' && now.pid !== before?.pid ? now : null;
    });
    await expectDone(place.root, ['restart', FRONTEND]);
    await until('another', async () => {
      const now = await sessionOf(FRONTEND);
      return now?.session === 'running' && now.pid !== next.pid;
    });
    await expectDone(place.root, ['close', FRONTEND]);
    await until('it to be gone', async () => (await sessionOf(FRONTEND))?.session !== 'running');
  });

  it('status watch prints each change as it comes', async () => {
    const watch = atTerminal(place.root, ['status', 'watch'], { after: /currentTask "seen"/, text: '\x03' });
    await until('the change to be seen', async () => {
      // Watching has begun at some time: what was set before is not shown.
      await coordtui(place.root, ['status', 'set', `instances.${FRONTEND}.currentTask`, JSON.stringify(String(Date.now()))]);
      await coordtui(place.root, ['status', 'set', `instances.${FRONTEND}.currentTask`, '"seen"']);
      return Promise.race([watch.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 200))]);
    });
    expect((await watch).out).toContain(`instances.${FRONTEND}.currentTask "seen"`);
  });

  it('stop asks at a terminal, needs --yes without one, and answers when the room has ended', async () => {
    await expectBoth(place.root, ['stop'], 2, /--yes/);
    const no = await atTerminal(place.root, ['stop'], { after: /Type "stop" to do it: /, text: 'no\r' });
    expect([no.exit, no.out]).toEqual([1, expect.stringContaining('nothing was stopped')]);
    const yes = await atTerminal(place.root, ['stop'], { after: /Type "stop" to do it: /, text: 'stop\r' });
    expect([yes.exit, yes.out]).toEqual([0, expect.stringContaining('has ended')]);
    await until('the room to have ended', () => room.child.exitCode !== null);
    await expectBoth(place.root, ['stop', '--yes'], 69, /no room runs/);
  });
});

describe('serve in the background', () => {
  const places: Place[] = [];
  afterEach(async () => {
    for (const place of places.splice(0)) {
      await coordtui(place.root, ['stop', '--yes']);
      place.remove();
    }
  });

  it('survives the process and the terminal that started it; a second is held off; ls lists both rooms', async () => {
    const pids: number[] = [];
    for (const name of ['one', 'two']) {
      const place = openPlace(name);
      places.push(place);
      // Its terminal is closed with the end of this: the kernel hangs up on all that belong to it.
      const { exit, out } = await atTerminal(place.root, ['serve', '--json']);
      expect(exit).toBe(0);
      const { pid, workspace } = JSON.parse(out) as { pid: number; workspace: string };
      expect(workspace).toBe(place.root);
      pids.push(pid);
    }
    const [one, two] = places as [Place, Place];
    await expectBoth(one.root, ['serve'], 75, new RegExp(`pid ${pids[0]}`));
    const ours = async () => ((await expectDone(one.root, ['ls', '--json'])) as { pid: number }[]).map(({ pid }) => pid);
    expect((await ours()).sort()).toEqual([...pids].sort());
    expect((await one.inSession(BACKEND, 'echo lives')).out).toBe('lives\n');
    expect(readFileSync(join(one.root, 'status/.coordtui/room.log'), 'utf8')).toContain('is open at');
    const stopped = await coordtui(two.root, ['stop', '--yes', '--json']);
    expect([stopped.exit, JSON.parse(stopped.out)]).toEqual([0, { pid: pids[1] }]);
    expect(await ours()).toEqual([pids[0]]);
  });
});
