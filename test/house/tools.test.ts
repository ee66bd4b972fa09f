import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The tools of `npm run check`, so that what runs everywhere (`npm test`) says the same. */
const TOOLS: readonly (readonly [name: string, script: string, ...args: string[]])[] = [
  ['formatter and lint', 'node_modules/@biomejs/biome/bin/biome', 'check'],
  ['types, and the walls between folders', 'node_modules/typescript/bin/tsc', '-b'],
  ['dead code', 'node_modules/knip/bin/knip.js'],
];

/** Each reads the whole tree: on a machine that has other things to do that takes as long as it takes. */
const PATIENCE_MS = 600_000;

describe('the whole tree is clean for', () => {
  test.for(TOOLS)('%s', { timeout: PATIENCE_MS }, async ([, script, ...args]) => {
    const told = await run(process.execPath, [join(root, script), ...args], { cwd: root }).then(
      () => '',
      (error: { stdout?: string; stderr?: string; message: string }) => `${error.stdout ?? ''}${error.stderr ?? ''}` || error.message,
    );
    expect(told).toBe('');
  });
});
