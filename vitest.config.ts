import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig({
  // The build puts the version in; the tests run the sources.
  define: { __VERSION__: JSON.stringify(version) },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/teardown.ts'],
    // node-pty and koffi are native: they belong to a process, not to a thread.
    pool: 'forks',
    maxWorkers: 2,
    // To end what hangs, not to measure a machine that is busy with others.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The runner's own patience is shorter than that of the look for what tests have left, which it would cut off unseen.
    teardownTimeout: 300_000,
  },
});
