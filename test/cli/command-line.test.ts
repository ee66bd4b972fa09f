import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../../src/core/command.ts';

const bin = join(import.meta.dirname, '../../bin/coordtui.js');
const run = (...argv: string[]) => spawnSync(process.execPath, [bin, ...argv], { encoding: 'utf8' });

describe('INTERFACE: the command line is made from the list of verbs', () => {
  test.each(VERBS.filter(({ name }) => name.includes(' ') || name === 'handoffs').map(({ name, example }) => ({ name, example })))(
    '$name has a help with its example',
    ({ name, example }) => {
      const { status, stdout } = run(...name.split(' '), '--help');
      expect(status).toBe(0);
      expect(stdout).toContain(example);
    },
  );

  test('a first word that is no verb of its own names those behind it', () => {
    expect(run('debug')).toMatchObject({ status: 2, stderr: expect.stringContaining('open, list, show') });
    expect(run('debug', 'dig')).toMatchObject({ status: 2, stderr: expect.stringContaining('"debug dig"') });
  });
});
