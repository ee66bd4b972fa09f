/** A program as a script, started from compiled code: it does what the module does, whatever lies in the cache. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const { asScript } = (await import(join(ROOT, 'bin/script-form.js'))) as { asScript(text: string): string };
const { loadCompiled } = (await import(join(ROOT, 'bin/compiled.js'))) as {
  loadCompiled(url: URL, cache: string, settledMs?: number): Promise<{ answer(): unknown }>;
};

const place = mkdtempSync(join(tmpdir(), 'compiled-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const BUNDLE = `import { join as joined, sep } from "node:path";
import fs, { existsSync as there } from "node:fs";
import * as os from "node:os";
import "node:events";
import {
  inspect,
  format as said
} from "node:util";
async function answer() {
  const { connect } = await import("node:net");
  return [joined("a", "b"), sep, there(__dir), typeof fs.readFileSync, typeof os.tmpdir, typeof inspect, said("%d", 1), typeof connect, __url, __file];
}
export {
  answer as hidden,
  answer
};
`;

const kept = (cache: string): string[] => (existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith('.bin')) : []);

function program(name: string, text = BUNDLE): URL {
  const file = join(place, name);
  writeFileSync(file, asScript(text));
  return pathToFileURL(file);
}

describe('a bundle as a script', () => {
  it('has its imports, also the late ones, and answers what it exports', async () => {
    const url = program('whole.script.js');
    const loaded = await loadCompiled(url, join(place, 'none'));
    const file = join(place, 'whole.script.js');
    expect(await loaded.answer()).toEqual(['a/b', '/', true, 'function', 'function', 'function', '1', 'function', url.href, file]);
  });

  it('is refused when something of a module is left in it', () => {
    for (const left of ['import { a } from "x" with { type: "json" };', 'export default 1;', 'const a = import.meta.url;'])
      expect(() => asScript(left)).toThrow(SyntaxError);
  });

  it('is refused by the start when no build has signed it', () => {
    const file = join(place, 'unsigned.script.js');
    writeFileSync(file, "'use strict';(async () => ({}))");
    expect(() => loadCompiled(pathToFileURL(file), place)).toThrow(/npm run build/);
  });
});

describe('compiled code', () => {
  it('is kept, used, and does not outlive its program', async () => {
    const cache = join(place, 'cache');
    const count = (letter: string) => BUNDLE.replace('"a"', `"${letter}"`);
    const answers: unknown[] = [];
    for (const letter of ['a', 'a', 'c']) {
      // The same name and the same length: nothing but the content tells the third from the first.
      const loaded = await loadCompiled(program('same.script.js', count(letter)), cache, 1);
      answers.push(((await loaded.answer()) as string[])[0]);
      await until('it to be kept', () => kept(cache).length > 0);
    }
    expect(answers).toEqual(['a/b', 'a/b', 'c/b']);
    await until('both to be kept', () => kept(cache).length === 2);
  });

  it('that is broken, empty or in nobody’s reach changes nothing', async () => {
    const cache = join(place, 'broken');
    const url = program('broken.script.js');
    await loadCompiled(url, cache, 1);
    const name = await until('it to be kept', () => kept(cache)[0]);
    for (const content of ['', 'x', 'y'.repeat(100_000)]) {
      writeFileSync(join(cache, name), content);
      const loaded = await loadCompiled(url, cache, 60_000);
      expect(((await loaded.answer()) as string[])[0]).toBe('a/b');
    }
    rmSync(join(cache, name));
    mkdirSync(join(cache, name));
    const loaded = await loadCompiled(url, cache, 1);
    expect(((await loaded.answer()) as string[])[0]).toBe('a/b');
  });
});
