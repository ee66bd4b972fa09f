import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { exchange } from '../../src/native/exchange.ts';
import { isForeground } from '../../src/native/foreground.ts';
import { bind } from '../../src/native/libc.ts';
import { tryLock } from '../../src/native/lock.ts';
import { peerOf } from '../../src/native/peer.ts';
import {
  allProcesses,
  ancestorsOf,
  descendantsOf,
  environmentOf,
  parsePsLine,
  parseStat,
  processInfo,
  ttyNumber,
} from '../../src/native/process.ts';
import { until } from '../support/until.ts';

const linux = process.platform === 'linux';
let dir: string;
let program: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'coordtui-native-'));
  const here = dirname(fileURLToPath(import.meta.url));
  program = join(dir, 'holder.mjs');
  await build({
    entryPoints: [join(here, 'holder.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  symlinkSync(resolve(here, '../../node_modules'), join(dir, 'node_modules'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function start(command: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const out = { text: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.text += text;
  });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return { child, out, ended };
}

describe('lock', () => {
  test('excludes a second descriptor here, and makes the file for its owner only', () => {
    const path = join(dir, 'lock-one');
    const first = tryLock(path);
    if (!('release' in first)) throw new Error(JSON.stringify(first));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(tryLock(path)).toEqual({ held: true });
    first.release();
    first.release();
    const second = tryLock(path);
    expect(second).toHaveProperty('fd');
    if ('release' in second) second.release();
    expect(existsSync(path)).toBe(true);
  });

  test('excludes another process until that is killed with -9, though a child that it started lives on', async () => {
    const path = join(dir, 'lock-two');
    const { child, out, ended } = start(process.execPath, [program, 'lock', path]);
    await until('it holds the lock', () => out.text.includes('HELD'));
    const grandchild = Number(/CHILD (\d+)/.exec(out.text)?.[1]);
    onTestFinished(() => void process.kill(grandchild, 'SIGKILL'));
    expect(tryLock(path)).toEqual({ held: true });
    child.kill('SIGKILL');
    child.stdout.destroy();
    await ended;
    const mine = tryLock(path);
    expect(mine).toHaveProperty('fd');
    expect(processInfo(grandchild)).not.toBeNull();
    if ('release' in mine) mine.release();
  });

  test('a path that cannot be opened, or is a link, is an answer', () => {
    expect(tryLock(join(dir, 'none', 'lock'))).toHaveProperty('unavailable');
    symlinkSync('/nowhere', join(dir, 'linked'));
    expect(tryLock(join(dir, 'linked'))).toHaveProperty('unavailable');
  });

  test('a function that this system does not have is an answer', () =>
    expect(bind('int no_such_function_anywhere(int a)')).toHaveProperty('unavailable'));
});

describe('peer (PROTOCOL §1: rights are by connection)', () => {
  test('of a Unix socket: the process at the other end', async () => {
    const path = join(dir, 'peer.sock');
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket)).listen(path);
    onTestFinished(() => {
      for (const socket of accepted) socket.destroy();
      server.close();
    });
    await until('it listens', () => existsSync(path));
    const { child } = start(process.execPath, [program, 'connect', path]);
    await until('it connected', () => accepted.length === 1);
    const { fd } = (accepted[0] as unknown as { _handle: { fd: number } })._handle;
    expect(peerOf(fd)).toEqual({ pid: child.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  });

  test('of anything else: nobody', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await until('it listens', () => server.listening);
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    await new Promise((done) => client.once('connect', done));
    expect(peerOf((client as unknown as { _handle: { fd: number } })._handle.fd)).toBeNull();
    const fd = openSync('/dev/null', 'r');
    expect(peerOf(fd)).toBeNull();
    closeSync(fd);
    expect(peerOf(-1)).toBeNull();
    expect(peerOf(999_999)).toBeNull();
  });
});

describe('process', () => {
  test.each([
    ['plain', '12 (sh) S 1 12 12 34816 12 4194304 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1', 'sh'],
    ['spaces and parentheses', '12 (a) (b c) R 9) S 1 12 12 34816 12 4194304 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1', 'a) (b c) R 9'],
    ['a newline', '12 (a\nb) S 1 12 12 34816 12 4194304 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1', 'a\nb'],
  ])('a stat line with %s in the name', (_name, line, comm) => {
    expect(parseStat(line)).toEqual({ pid: 12, comm, state: 'S', ppid: 1, pgid: 12, sid: 12, ttyNr: 34816, startTicks: 777 });
  });

  test.each(['', '12 (sh', '12 (sh) S 1', 'x (sh) S 1 12 12 0 12 4194304 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1'])('%j is no stat line', (line) =>
    expect(parseStat(line)).toBeNull(),
  );

  test('a line of ps', () => {
    expect(parsePsLine('  501     1   501      0 ??       Ss   /sbin/a b')).toEqual([
      { pid: 501, ppid: 1, pgid: 501, sid: 0, ttyNr: 0, startTicks: 0, state: 'S', comm: '/sbin/a b' },
    ]);
    expect(parsePsLine('garbage')).toEqual([]);
  });

  test('of ourselves', () => {
    expect(processInfo(process.pid)).toMatchObject({ pid: process.pid, ppid: process.ppid });
    expect(allProcesses().some(({ pid }) => pid === process.pid)).toBe(true);
    expect(ancestorsOf(process.pid)[0]?.pid).toBe(process.ppid);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31])('%s is no process', (pid) => {
    expect(processInfo(pid)).toBeNull();
    expect(environmentOf(pid)).toBeNull();
  });

  test.skipIf(!linux)('a real process with a strange name, its environment, and where it stands in the family', async () => {
    const script = 'printf ") R 1 (x" > /proc/$$/comm; echo READY; read line';
    const { child, out } = start('/bin/sh', ['-c', script], { ...process.env, COORDTUI_INSTANCE: 'a=b' });
    await until('it is named', () => out.text.includes('READY'));
    const pid = child.pid ?? 0;
    const info = processInfo(pid);
    expect(info).toMatchObject({ pid, ppid: process.pid, comm: ') R 1 (x' });
    expect(info?.startTicks).toBeGreaterThan(0);
    expect(environmentOf(pid)?.get('COORDTUI_INSTANCE')).toBe('a=b');
    expect(ancestorsOf(pid)[0]?.pid).toBe(process.pid);
    expect(descendantsOf(process.pid).some((one) => one.pid === pid)).toBe(true);
    expect(descendantsOf(pid)).toEqual([]);
  });

  test.skipIf(!linux)('the number of a terminal is that of the processes in it', async () => {
    const { out, ended, child } = start('script', ['-qec', 'tty; echo PID $$; read line', '/dev/null']);
    await until('it tells', () => /PID \d+/.test(out.text));
    const pid = Number(/PID (\d+)/.exec(out.text)?.[1]);
    const tty = /\/dev\/pts\/\d+/.exec(out.text)?.[0] ?? '';
    expect(readlinkSync(`/proc/${pid}/fd/0`)).toBe(tty);
    expect(processInfo(pid)?.ttyNr).toBe(ttyNumber(tty));
    child.stdin.end('\n');
    await ended;
    expect(ttyNumber(dir)).toBeNull();
    expect(ttyNumber(join(dir, 'none'))).toBeNull();
  });
});

describe('foreground', () => {
  const stat = (state: string, group: number, foreground: number) => `7 (a (b) c) ${state} 1 ${group} 5 34816 ${foreground} 4194304 0 0`;
  test.each([
    ['runs in front', stat('S', 9, 9), true],
    ['is traced in front', stat('t', 9, 9), true],
    ['is stopped', stat('T', 9, 9), false],
    ['is behind another group', stat('R', 9, 10), false],
    ['has no terminal', stat('S', 9, -1), false],
    ['is about to end', stat('R', 9, 9).replace('4194304', '4194308'), null],
    ['is dead and not yet reaped', stat('Z', 9, 9), null],
    ['is no process at all', '', null],
  ])('a process that %s', (_what, line, seen) => expect(isForeground(line)).toBe(seen));
});

describe.skipIf(!linux)('subreaper (PROTOCOL §1: the room as reaper of orphans)', () => {
  test('adopts a double-forked orphan, reaps it when it dies, and leaves to Node what is Node’s', async () => {
    const { child, out, ended } = start(process.execPath, [program, 'reap', dir]);
    await until('the orphan is ours', () => out.text.includes('ADOPTED'));
    const orphan = Number(/ADOPTED (\d+)/.exec(out.text)?.[1]);
    expect(processInfo(orphan)?.ppid).toBe(child.pid);
    unlinkSync(join(dir, 'stay'));
    await until('it is reaped', () => processInfo(orphan) === null);
    child.stdin.end();
    await ended;
    expect(out.text).toContain('CHILDREN 30 of 30');
  });
});

describe('exchange', () => {
  test('swaps two files in one step', () => {
    const [a, b] = [join(dir, 'a'), join(dir, 'b')];
    writeFileSync(a, 'was a');
    writeFileSync(b, 'was b');
    expect(exchange(a, b)).toBe('done');
    expect([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')]).toEqual(['was b', 'was a']);
  });
  test('says when one is absent, and touches nothing', () => {
    const a = join(dir, 'alone');
    writeFileSync(a, 'a');
    expect(exchange(a, join(dir, 'nobody'))).toBe('absent');
    expect(readFileSync(a, 'utf8')).toBe('a');
  });
});
