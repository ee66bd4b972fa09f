import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PaneExit } from '../../src/core/ports.ts';
import { BACKLOG_BYTES } from '../../src/pane/input-queue.ts';
import { type Pty, spawnPty } from '../../src/pane/pty.ts';
import { until } from '../support/until.ts';
import { isRunning, makePlace, node, type Place } from './support.ts';

let place: Place;
const pids: number[] = [];
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  for (const pid of pids.splice(0)) {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    await until(`${pid} to be gone`, () => !isRunning(pid));
  }
  place.remove();
});

function run(command: readonly string[], options: { env?: Record<string, string>; cwd?: string; cols?: number; rows?: number } = {}) {
  const chunks: Buffer[] = [];
  let exit: PaneExit | null = null;
  const answer = spawnPty({
    command,
    cwd: options.cwd ?? place.root,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', ...options.env },
    cols: options.cols ?? 80,
    rows: options.rows ?? 24,
    onData: (bytes) => {
      if (exit) throw new Error('bytes after the exit');
      chunks.push(bytes);
    },
    onExit: (how) => {
      exit = how;
    },
  });
  if ('pid' in answer) pids.push(answer.pid);
  return { answer, output: () => Buffer.concat(chunks), text: () => Buffer.concat(chunks).toString('utf8'), exit: () => exit };
}

function running(answer: Pty | { readonly failed: string }): Pty {
  if ('failed' in answer) throw new Error(answer.failed);
  return answer;
}

test.runIf(process.platform === 'linux')('no program that is started beside it holds its terminal', async () => {
  const { answer, text } = run(['/bin/sh', '-c', 'echo ready; exec cat']);
  running(answer);
  await until('the session to run', () => text().includes('ready'));
  expect(execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' })).not.toContain('ptmx');
});

describe('bytes', () => {
  test('all 256 values go both ways unchanged', async () => {
    const { answer, output, text } = run(['/bin/sh', '-c', 'stty raw -echo; echo ready; exec cat']);
    const pty = running(answer);
    await until('the terminal to be raw', () => text().includes('ready\n'));
    const before = output().length;
    const bytes = Buffer.from(Array.from({ length: 256 * 40 }, (_, index) => (index * 7 + Math.trunc(index / 256)) % 256));
    expect(pty.write(bytes)).toBe(true);
    await until('every byte to come back', () => output().length >= before + bytes.length);
    expect(output().subarray(before).equals(bytes)).toBe(true);
  });

  test('everything is delivered before the exit is told', async () => {
    const { exit, output } = run(node('process.stdout.write("x".repeat(1_000_000) + "END")'));
    await until('the exit', exit);
    expect(output().toString('latin1')).toHaveLength(1_000_003);
    expect(output().subarray(-3).toString()).toBe('END');
  });

  test('twenty megabytes into a program that never reads: refused, and the loop stays free', async () => {
    const { answer, text } = run(['/bin/sh', '-c', 'stty raw -echo; echo ready; sleep 1000']);
    const pty = running(answer);
    // Before that the kernel would take a line without an end, and throw it away.
    await until('the terminal to be raw', () => text().includes('ready\n'));
    const memory = process.memoryUsage.rss();
    const piece = Buffer.alloc(64 * 1024, 'x');
    let accepted = 0;
    let refused = 0;
    for (let total = 0; total < 20 * 1024 * 1024; total += piece.length) {
      if (pty.write(piece)) accepted += piece.length;
      else refused += piece.length;
    }
    // The kernel takes a few kilobytes; then the queue waits for a program that will never come.
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    await until('half a second to pass', () => performance.now() - startedAt > 500);
    const spent = process.cpuUsage(cpu);
    expect(accepted).toBeLessThanOrEqual(BACKLOG_BYTES + 1024 * 1024);
    expect(refused).toBeGreaterThan(14 * 1024 * 1024);
    expect(pty.backlogBytes()).toBeLessThanOrEqual(BACKLOG_BYTES);
    expect(process.memoryUsage.rss() - memory).toBeLessThan(40 * 1024 * 1024);
    // A spinning queue would use the whole half second, on any machine.
    expect((spent.user + spent.system) / 1000).toBeLessThan((performance.now() - startedAt) * 0.8);
    expect(pty.interrupt()).toBe(true);
    expect(pty.backlogBytes()).toBeLessThanOrEqual(1);
    expect(pty.write(Buffer.from('again'))).toBe(true);
  });

  test('a long paste arrives whole in a program that reads slowly', async () => {
    const { answer, text } = run(
      node(
        'process.stdin.setRawMode(true); let n = 0; console.log("ready"); process.stdin.on("data", d => { n += d.length; process.stdin.pause(); setTimeout(() => process.stdin.resume(), 1); if (n >= 300000) console.log("got " + n); })',
      ),
    );
    const pty = running(answer);
    await until('the program to listen', () => text().includes('ready'));
    expect(pty.write(Buffer.alloc(300_000, 'y'))).toBe(true);
    await until('all of it', () => text().includes('got 300000'));
  });
});

describe('exit', () => {
  test.each([
    ['exit 0', { exitCode: 0, signal: null }],
    ['exit 3', { exitCode: 3, signal: null }],
    ['exit 255', { exitCode: 255, signal: null }],
    ['kill -HUP $$', { exitCode: null, signal: 'SIGHUP' }],
    ['kill -KILL $$', { exitCode: null, signal: 'SIGKILL' }],
    ['kill -TERM $$', { exitCode: null, signal: 'SIGTERM' }],
    ['exit 137', { exitCode: 137, signal: null }],
  ])('%s', async (script, expected) => {
    const { exit } = run(['/bin/sh', '-c', script]);
    expect(await until('the exit', exit)).toEqual(expected);
  });

  test('writing and resizing afterwards are refused and harmless', async () => {
    const { answer, exit } = run(['/bin/sh', '-c', 'exit 0']);
    const pty = running(answer);
    await until('the exit', exit);
    expect(pty.write(Buffer.from('late'))).toBe(false);
    expect(pty.interrupt()).toBe(false);
    pty.resize(10, 10);
  });
});

describe('size', () => {
  test('the program sees the first size and every later one', async () => {
    const { answer, text } = run(['/bin/sh', '-c', 'trap "stty size" WINCH; stty size; while :; do sleep 0.05; done'], {
      cols: 90,
      rows: 33,
    });
    const pty = running(answer);
    await until('the first size', () => text().includes('33 90'));
    pty.resize(120, 40);
    await until('the new size', () => text().includes('40 120'));
  });
});

describe('what cannot be started is a sentence', () => {
  const file = (name: string, content: string, mode: number) => {
    const full = path.join(place.root, name);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, content);
    chmodSync(full, mode);
    return full;
  };

  test.each([
    ['no such command', ['no-such-command-here'], 'there is no command "no-such-command-here" on the PATH'],
    ['no such file', ['./no-such-file'], 'there is no file'],
    ['an empty command', [], 'the command is empty'],
    ['a directory', ['/tmp'], 'is not a file'],
  ])('%s', (_title, command, sentence) => {
    const { answer } = run(command);
    expect(answer).toEqual({ failed: expect.stringContaining(sentence) });
  });

  test('a file that is not executable', () => {
    file('plain.sh', '#!/bin/sh\n', 0o644);
    expect(run(['./plain.sh']).answer).toEqual({ failed: expect.stringContaining('is not executable') });
    const { answer } = run(['plain.sh'], { env: { PATH: place.root } });
    expect(answer).toEqual({ failed: expect.stringContaining('is not executable') });
  });

  test('an interpreter that is missing', () => {
    file('script', '#!/opt/nowhere/python9\n', 0o755);
    expect(run(['./script']).answer).toEqual({ failed: expect.stringContaining('/opt/nowhere/python9') });
  });

  test('a directory that is missing, or none', () => {
    expect(run(['/bin/sh'], { cwd: path.join(place.root, 'gone') }).answer).toEqual({ failed: expect.stringContaining('does not exist') });
    expect(run(['/bin/sh'], { cwd: file('a-file', '', 0o644) }).answer).toEqual({ failed: expect.stringContaining('not a directory') });
  });

  test('the command is looked for on the PATH of the session, and relative to its directory', async () => {
    file('bin/hello', '#!/bin/sh\necho "hello from $0"\n', 0o755);
    const first = run(['hello'], { env: { PATH: path.join(place.root, 'bin') } });
    await until('the exit', first.exit);
    expect(first.text()).toContain('hello from');
    const second = run(['bin/hello']);
    await until('the exit', second.exit);
    expect(second.text()).toContain('hello from');
  });
});

test('a session inherits no descriptor of another', async () => {
  const first = run(['/bin/sh', '-c', 'sleep 1000']);
  const second = run(['/bin/sh', '-c', 'ls -l /proc/self/fd; echo done']);
  running(first.answer);
  await until('the list', () => second.text().includes('done'));
  expect(second.text()).not.toContain('ptmx');
});
