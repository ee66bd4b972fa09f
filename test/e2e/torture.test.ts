/** The torture in its short form: real rooms, real shells, kill -9; the long one is `npm run torture`. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { processInfo } from '../../src/native/process.ts';
import { readLockInfo } from '../../src/store/lock-info.ts';
import { PROJECT_ROOT, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 300_000 });

const hasJq = spawnSync('jq', ['--version']).status === 0;

// `incr` is met in test/store/torture.test.ts, and all of it in `npm run torture`.
const TORTURE = join(PROJECT_ROOT, 'bench/torture/main.mjs');

it.each(['seeded', 'set', ...(hasJq ? ['shim'] : [])])('%s: nothing that was acknowledged is lost', (scenario) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TORTURE, '--quick', scenario], {
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
});

it.each(['SIGKILL', 'SIGINT'] as const)('ended by %s, it leaves no room and no workspace behind', async (signal) => {
  const below = scratch('tort');
  const torture = spawn(process.execPath, [TORTURE, 'set'], { env: { ...process.env, TMPDIR: below }, stdio: 'ignore' });
  const ended = new Promise((done) => torture.once('close', done));
  const ran = (pid: number) => !['Z', undefined].includes(processInfo(pid)?.state);
  try {
    const room = await until('a room in its workspace', () => {
      const [dir] = readdirSync(below).filter((name) => name.startsWith('ct-tort-'));
      const pid = dir === undefined ? null : readLockInfo(join(below, dir, 'status/.coordtui/lock'))?.pid;
      return pid !== undefined && pid !== null && ran(pid) ? pid : null;
    });
    torture.kill(signal);
    await until('the end of that room', () => !ran(room));
    await until('the end of its workspace', () => !readdirSync(below).some((name) => name.startsWith('ct-tort-')));
  } finally {
    torture.kill('SIGKILL');
    await ended;
    rmSync(below, { recursive: true, force: true });
  }
});
