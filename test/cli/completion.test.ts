import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { completionFor } from '../../src/cli/completion.ts';
import { VERBS } from '../../src/core/command.ts';

/** What bash would offer for these words, the last of which is being typed. */
function offered(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `${completionFor('bash')}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _coordtui; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('INTERFACE: completion', () => {
  test('every verb is offered by its first word, and behind that by its second', () => {
    const first = new Set(offered('coordtui', ''));
    for (const { name } of VERBS) {
      const [word = '', second] = name.split(' ');
      expect(first).toContain(word);
      if (second !== undefined) expect(offered('coordtui', word, '')).toContain(second);
    }
  });

  test('the flags and the choices of a verb, and of no other', () => {
    expect(offered('coordtui', 'debug', 'assign', '--')).toEqual(['--layer', '--question', '--workspace', '--json', '--help']);
    expect(offered('coordtui', 'autopilot', 'c')).toEqual(['countdown']);
    expect(offered('coordtui', 'kpi', 'cyc')).toEqual(['cycle-time']);
    expect(offered('coordtui', 'status', 'set', '--if')).toEqual(['--if-revision']);
  });

  test('zsh takes the functions of bash; fish has a line for each verb', () => {
    expect(completionFor('zsh')).toContain('bashcompinit');
    const fish = completionFor('fish');
    for (const { name } of VERBS) expect(fish).toContain(`-a ${name.split(' ').at(-1)} -d`);
  });
});
