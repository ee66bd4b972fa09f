/** The torture in its short form: real rooms, real shells, kill -9; the long one is `npm run torture`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { PROJECT_ROOT } from '../support/rooms.ts';

vi.setConfig({ testTimeout: 300_000 });

const hasJq = spawnSync('jq', ['--version']).status === 0;

// `incr` is met in test/store/torture.test.ts, and all of it in `npm run torture`.
it.each(['seeded', 'set', ...(hasJq ? ['shim'] : [])])('%s: nothing that was acknowledged is lost', (scenario) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(PROJECT_ROOT, 'bench/torture/main.mjs'), '--quick', scenario], {
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
});
