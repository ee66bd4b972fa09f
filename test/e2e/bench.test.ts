/** The bench can measure everything; what it measures on a busy machine is nobody's failure. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../support/rooms.ts';

/** Rows that every machine has, also without tmux and GNU screen. */
const ROWS = ['echo, two floods: p50', 'echo, idle: p50', 'drain of 2 files: wall', 'frames, three floods', 'a frame by the clock: p99'];
const MORE_ROWS = ['answer to a verb', 'CPU, idle', 'memory: client', 'start: skeleton', 'start: whole screen, attached'];

it('measures everything and prints one table', async () => {
  const printed = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [join(PROJECT_ROOT, 'bench/run.mjs'), '--quick'], { timeout: 580_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
  console.log(printed);
  for (const row of [...ROWS, ...MORE_ROWS]) {
    const cells = printed
      .split('\n')
      .find((line) => line.startsWith(`| ${row}`))
      ?.split(' | ');
    expect(cells?.[1], row).toMatch(/\d/);
  }
}, 600_000);
