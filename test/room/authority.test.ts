/** The judgement over a connection, with real processes and this one as the room (PROTOCOL section 1). */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { InstanceId } from '../../src/core/ids.ts';
import { processInfo } from '../../src/native/process.ts';
import { becomeSubreaper, startReaper } from '../../src/native/subreaper.ts';
import { actorOfProcess, type Surroundings } from '../../src/room/authority.ts';
import { until } from '../support/until.ts';

const SELF = 'instance-1-planning-backend' as InstanceId;
const TOKEN = 'the-token-of-this-room';

function around(more: Partial<Surroundings> = {}): Surroundings {
  const far = { ownerOf: () => null, adopts: () => false };
  const nothing = { sessions: () => new Map(), terminals: () => new Map(), checks: () => new Set<number>(), far, root: '/nowhere' };
  return { ...nothing, token: TOKEN, headless: false, ...more };
}

const children: ChildProcess[] = [];

/** A shell with this script; its stdin stays open, and what it prints comes back line by line. */
function shell(script: string, env: NodeJS.ProcessEnv = process.env) {
  const child = spawn('/bin/sh', ['-c', script], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  let printed = '';
  child.stdout.on('data', (bytes: Buffer) => {
    printed += bytes.toString();
  });
  const line = (index: number) => until(`line ${index} of: ${script}`, () => printed.split('\n').slice(0, -1)[index]);
  return { child, line, say: (text: string) => child.stdin.write(text) };
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.stdin?.end();
    child.kill('SIGKILL');
    await until('the shell to end', () => child.exitCode !== null || child.signalCode !== null);
  }
});

describe('PROTOCOL §1: who a process is', () => {
  it('below a session it is that instance, below a check it is the check, below the room and neither it is nobody', async () => {
    const { child, line } = shell('sleep 60 & echo $!; read x');
    const [leader, grandchild] = [child.pid ?? 0, Number(await line(0))];
    expect(actorOfProcess(grandchild, around({ sessions: () => new Map([[leader, SELF]]) }))).toEqual({ kind: 'instance', instance: SELF });
    expect(actorOfProcess(grandchild, around({ checks: () => new Set([leader]) }))).toEqual({ kind: 'check' });
    expect(actorOfProcess(grandchild, around())).toEqual({ kind: 'nobody' });
    expect(actorOfProcess(process.pid, around({ headless: true }))).toEqual({ kind: 'nobody' });
    process.kill(grandchild, 'SIGKILL');
  });

  it('not below the room it is the operator: with a terminal or without, or as if with one where the room is headless', () => {
    const parent = process.ppid;
    const terminal = processInfo(parent)?.ttyNr !== 0;
    expect(actorOfProcess(parent, around())).toMatchObject({ kind: 'operator', terminal });
    expect(actorOfProcess(parent, around({ headless: true }))).toMatchObject({ kind: 'operator', terminal: true });
  });

  it('at the terminal of a session it is that instance, wherever it came from', () => {
    const ttyNr = processInfo(process.ppid)?.ttyNr ?? 0;
    expect(actorOfProcess(process.ppid, around({ terminals: () => new Map([[ttyNr, SELF]]) }))).toEqual({
      kind: 'instance',
      instance: SELF,
    });
  });

  it('a process that is gone, or that never was, is nobody', () => {
    for (const pid of [0, -1, 2 ** 30, Number.NaN]) expect(actorOfProcess(pid, around({ headless: true }))).toEqual({ kind: 'nobody' });
  });

  // The kernel gives an orphan to the room in the very moment in which its parent's entry goes away: a look at the one and
  // then at the other may meet neither. Such a half line must not pass for the operator's, who has no room above him.
  it.runIf(process.platform === 'linux')('a process whose parent dies under the look is never the operator', async () => {
    expect(becomeSubreaper()).toBe(true);
    const reaper = startReaper({ intervalMs: 20 });
    const seen = new Set<string>();
    for (let round = 0; round < 80; round++) {
      // The middle one is reaped by the kernel itself, so it is gone at once; the last has no environment and no terminal.
      const { line } = shell('trap "" CHLD; sh -c \'env -i setsid sleep 60 >/dev/null 2>&1 & echo $! $$; exec sleep 60\' & wait');
      const [pid = 0, middle = 0] = (await line(0)).split(' ').map(Number);
      await until('the chain to stand', () => processInfo(pid)?.ppid === middle);
      process.kill(middle, 'SIGKILL');
      // Without a turn of the loop, so no patience of the runner's would end it: one that is gone ends it, too.
      const isAdopted = () => (processInfo(pid)?.ppid ?? process.pid) === process.pid;
      for (let adopted = false; !adopted; adopted = isAdopted()) seen.add(actorOfProcess(pid, around()).kind);
      process.kill(pid, 'SIGKILL');
    }
    reaper.close();
    expect([...seen]).toEqual(['nobody']);
  });
});
