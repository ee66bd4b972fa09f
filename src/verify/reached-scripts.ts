/** Files that a check's command comes to run: named in it, in the scripts of a package.json, in a Makefile, or in a shell script that it starts. */
import { posix } from 'node:path';
import type { CheckSpec } from '../core/report.ts';
import type { Between } from './weaker-tests.ts';

const MAX_READ_BYTES = 256 * 1024;
const MAX_STEPS = 200;
const SCRIPT = /\b(?:npm|pnpm|yarn|bun)\s+(?:(?:run(?:-script)?|-\S+)\s+)*([\w:.-]+)/g;
const SHELL = /(\.(sh|bash|zsh)|(^|\/)[\w-]+)$/;

/** Paths as they would stand in the tree, by both trees: what the work took out of a script was a part of the judge as well. */
export async function filesReached(checks: readonly CheckSpec[], between: Between): Promise<Set<string>> {
  const reached = new Set<string>();
  const waiting: { readonly text: string; readonly cwd: string }[] = checks.map(({ command, cwd }) => ({ text: command, cwd }));
  const seen = new Set<string>();
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = waiting.pop();
    if (next === undefined) return reached;
    for (const path of wordsIn(next.text, next.cwd)) {
      reached.add(path);
      if (seen.has(path) || !SHELL.test(path)) continue;
      seen.add(path);
      for (const text of await both(path, between)) waiting.push({ text, cwd: next.cwd });
    }
    for (const text of await scriptsIn(next.text, next.cwd, between, seen)) waiting.push({ text, cwd: next.cwd });
    if (/\bmake\b/.test(next.text) && !seen.has('Makefile')) {
      seen.add('Makefile');
      for (const text of await both(posix.join(next.cwd, 'Makefile'), between)) waiting.push({ text, cwd: next.cwd });
    }
  }
  return reached;
}

/** Words of a command line as paths of the tree; whether one exists is told by it being among the changes. */
export function wordsIn(text: string, cwd: string): string[] {
  const words = text.split(/[\s'"`=;&|()<>]+/).filter((word) => word !== '' && !word.startsWith('-'));
  return words.flatMap((word) => [posix.normalize(word), posix.join(cwd, word)]);
}

/** What `npm run NAME` would run, with what runs before and after it. */
async function scriptsIn(text: string, cwd: string, between: Between, seen: Set<string>): Promise<string[]> {
  const names = [...text.matchAll(SCRIPT)].map(([, name = '']) => (name === 't' ? 'test' : name));
  const found: string[] = [];
  for (const name of names) {
    const key = `${cwd} ${name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const manifest of await both(posix.join(cwd, 'package.json'), between)) {
      const scripts = scriptsOf(manifest);
      for (const one of [`pre${name}`, name, `post${name}`]) found.push(...(scripts.get(one) ?? []));
    }
  }
  return found;
}

function scriptsOf(manifest: string): Map<string, string[]> {
  try {
    const value: unknown = JSON.parse(manifest);
    const scripts: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'scripts') : null;
    if (typeof scripts !== 'object' || scripts === null) return new Map();
    return new Map(Object.entries(scripts).map(([name, line]) => [name, typeof line === 'string' ? [line] : []]));
  } catch {
    return new Map(); // no manifest that a package manager could read either
  }
}

async function both(path: string, { trees, base, now, signal }: Between): Promise<string[]> {
  if (path.startsWith('/') || path.startsWith('..')) return [];
  const texts = await Promise.all([base, now].map((tree) => (tree === null ? null : trees.content(tree, path, MAX_READ_BYTES, signal))));
  return texts.filter((text) => text !== null);
}
