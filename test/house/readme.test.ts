import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../../src/core/command.ts';
import { readmeKeys } from '../../src/view/help/help.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README is true', () => {
  test('its table of keys is the table of keys (REWRITE=1 writes it anew)', () => {
    const written = readme.replace(/<!-- keys -->[\s\S]*<!-- \/keys -->/, () => `<!-- keys -->\n\n${readmeKeys()}\n<!-- /keys -->`);
    if (process.env.REWRITE === '1') writeFileSync(join(root, 'README.md'), written);
    expect(process.env.REWRITE === '1' ? written : readme).toBe(written);
  });

  test('every verb that it types exists, and every file that it links', () => {
    const names = new Set(VERBS.flatMap(({ name }) => [name, name.split(' ')[0] ?? '']));
    const typed = [...readme.matchAll(/(?:^|`)coordtui ([a-z]+)/gm)].map(([, verb = '']) => verb);
    expect(typed.filter((verb) => !names.has(verb))).toEqual([]);
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link).filter((link) => !link.includes('://'));
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });
});
