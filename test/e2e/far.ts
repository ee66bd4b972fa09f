/** What the tests of sessions elsewhere share: whether tmux is here, one of the user's own, and who a process is taken for. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceId } from '../../src/core/ids.ts';
import { ownSocket } from '../../src/pane/tmux.ts';
import { PROTOCOL } from '../../src/wire/protocol.ts';
import { PROJECT_ROOT, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';

export function has(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    // Not on this system.
    return false;
  }
}

export const HAS_TMUX = has('tmux');

/** A tmux of the "user": its own place for sockets, so that nobody else's is touched. */
export function openUserTmux(name: string) {
  const dir = scratch(name);
  const { TMUX: _outside, ...inherited } = process.env;
  const env = { ...inherited, TMUX_TMPDIR: dir };
  const run = (...words: string[]) =>
    execFileSync('tmux', ['-f', '/dev/null', ...words], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    env: { TMUX_TMPDIR: dir },
    run,
    sessions: () => {
      try {
        return run('list-sessions', '-F', '#{session_name}').trim().split('\n');
      } catch {
        // No server: no session.
        return [];
      }
    },
    close() {
      try {
        run('kill-server');
      } catch {
        // It has ended by itself.
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Of the tmux server of an instance. Throws when there is none. */
export function askOwn(root: string, instance: string, words: readonly string[]): string {
  const { TMUX_TMPDIR: _elsewhere, ...env } = process.env;
  const all = ['-L', ownSocket(root, instance as InstanceId), ...words];
  return execFileSync('tmux', all, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Pids of the roots of the panes of an instance's own tmux session; none when there is none. */
export function ownPanes(root: string, instance: string): number[] {
  try {
    return askOwn(root, instance, ['list-panes', '-a', '-F', '#{pane_pid}']).trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

const NODE = JSON.stringify(process.execPath);
const PROBER = JSON.stringify(join(PROJECT_ROOT, 'test/e2e/prober.mjs'));
export const DAEMON = `${NODE} ${JSON.stringify(join(PROJECT_ROOT, 'test/e2e/daemon.mjs'))}`;

const ASKED = [
  { verb: 'approve', args: { id: 'h-ffff' } },
  { verb: 'assign', args: { instance: 'instance-2-frontend', task: 'x' } },
  { verb: 'close', args: { instance: 'nobody-at-all' } },
];

/** No two of a file's probes answer into the same place: the answer to an earlier one is there already. */
let count = 0;

/** Asks the room from wherever `run` takes a line of shell: first whom it is taken for, then what it is answered. */
export function openProbes(aside: string, socket: string) {
  const cases = join(aside, 'far-cases.json');
  mkdirSync(join(aside, 'far'), { recursive: true });
  writeFileSync(cases, JSON.stringify({ root: PROJECT_ROOT, protocol: PROTOCOL, socket, typed: [], asked: ASKED }));
  return async (line: string, run: (line: string) => unknown): Promise<{ seen: string; answers: string[] }> => {
    const out = join(aside, 'far', `${process.pid}-${count++}`);
    await run(line.replaceAll('{prober}', `${NODE} ${PROBER} ${JSON.stringify(cases)} ${JSON.stringify(out)}`));
    await until(`the prober to be done: ${line}`, () => existsSync(out));
    const [welcome = '', ...answers] = readFileSync(out, 'utf8').trim().split('\n');
    return { seen: welcome.replace('welcome → ', ''), answers: answers.map((one) => one.replace(/^.* → /, '')) };
  };
}

export const REFUSED = ASKED.map(() => 'notPermitted');
