/** The rules of the house that compilers and linters cannot see. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEMPLATES } from '../../src/core/effect.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SRC = path.join(ROOT, 'src');

/** Above 250 lines a file must be a table or one parser; each of these is one, for the reason beside it. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'core/command.ts': 'the one list of verbs',
  'view/keymap.ts': 'the one table of keys',
};
const MAX_LINES = 250;
const BANNED_NAMES = ['utils', 'util', 'helpers', 'types', 'services', 'managers', 'common', 'misc', 'index'];

type Import = { readonly file: string; readonly target: string };

const files = fs
  .readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/u.test(entry.name))
  .map((entry) => path.relative(SRC, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  .toSorted();

const sources = new Map(files.map((file) => [file, fs.readFileSync(path.join(SRC, file), 'utf8')]));

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** Comments away, and texts emptied, so that a word in prose is no use of it. */
function codeOf(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/gu, (text) =>
    text.startsWith('/') ? ' ' : "''",
  );
}

/** Static, re-exporting, dynamic, side-effect and type imports, and `require`. */
function importsOf(file: string, source: string): Import[] {
  const bare = source.replace(/\/\*[\s\S]*?\*\//gu, ' ').replace(/^\s*\/\/[^\n]*$/gmu, ' ');
  const pattern = /(?:(?<=[\s}*])from\b|(?<![\w.'"])import|\bimport\s*\(|\brequire\s*\()\s*(['"])([^'"\s[\]()]+)\1/gu;
  return [...bare.matchAll(pattern)].map((match) => ({ file, target: match[2] ?? '' }));
}

const imports = [...sources].flatMap(([file, source]) => importsOf(file, source));

/** Which folders a folder may import: itself and the references of its tsconfig. */
function allowedFor(folder: string): Set<string> {
  const config = JSON.parse(fs.readFileSync(path.join(SRC, folder, 'tsconfig.json'), 'utf8')) as { references?: { path: string }[] };
  return new Set([folder, ...(config.references ?? []).map((reference) => path.posix.basename(reference.path))]);
}

const isPackage = (target: string): boolean => !target.startsWith('.') && !target.startsWith('/');

describe('the walls between folders', () => {
  it('reads imports of every form', () => {
    const forms = [
      "import { a } from './a.ts';",
      "import type { B } from '../core/b.ts';",
      "import './c.ts';",
      'export { d } from "./d.ts";',
      "const e = await import('./e.ts');",
      "type F = import('./f.ts').F;",
      "require('g')",
      "import {\n  h,\n} from 'h';",
      "// import './no.ts'",
      "/* import './no.ts' */",
      "entry['from'] === x || other['no']",
    ].join('\n');
    expect(importsOf('x', forms).map(({ target }) => target)).toEqual([
      './a.ts',
      '../core/b.ts',
      './c.ts',
      './d.ts',
      './e.ts',
      './f.ts',
      'g',
      'h',
    ]);
  });

  it('no folder imports another one that its tsconfig does not reference', () => {
    const broken = imports
      .filter(({ target }) => !isPackage(target))
      .map(({ file, target }) => ({ file, to: path.posix.normalize(path.posix.join(path.posix.dirname(file), target)) }))
      .filter(({ file, to }) => !allowedFor(folderOf(file)).has(folderOf(to)));
    expect(broken).toEqual([]);
  });

  it('a reference that a tsconfig makes exists, and every folder with code is a wall of its own', () => {
    const folders = [...new Set(files.map(folderOf))];
    for (const folder of folders) {
      expect(fs.existsSync(path.join(SRC, folder, 'tsconfig.json')), `src/${folder}/tsconfig.json`).toBe(true);
      for (const reference of allowedFor(folder)) expect(fs.existsSync(path.join(SRC, reference)), `src/${reference}`).toBe(true);
    }
    const root = JSON.parse(fs.readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8')) as { references: { path: string }[] };
    expect(root.references.map((reference) => reference.path)).toEqual(expect.arrayContaining(folders.map((folder) => `src/${folder}`)));
  });

  it('an import names a file with its extension, which exists', () => {
    const missing = imports.filter(({ file, target }) => !isPackage(target) && !fs.existsSync(path.join(SRC, path.dirname(file), target)));
    expect(missing).toEqual([]);
  });

  it('no file re-exports another, and none has a default export', () => {
    const bad = [...sources]
      .filter(([, source]) => /^\s*export\s+(?:\*|\{[^}]*\})\s*(?:as\s+\w+\s*)?from\b|^\s*export\s+default\b/mu.test(source))
      .map(([file]) => file);
    expect(bad).toEqual([]);
  });
});

describe('the core is pure', () => {
  const core = files.filter((file) => folderOf(file) === 'core');
  const FORBIDDEN =
    /\b(?:Date|Math\s*\.\s*random|Math\s*\[|crypto|performance|console|process|globalThis|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|Buffer|eval|Function\s*\(|Intl|toLocale\w*|localeCompare|WeakRef|FinalizationRegistry|Atomics|SharedArrayBuffer|require)\b/u;

  it('imports nothing but itself: no package, nothing of Node', () => {
    expect(core.length).toBeGreaterThan(10);
    expect(imports.filter(({ file, target }) => folderOf(file) === 'core' && (isPackage(target) || target.includes('..')))).toEqual([]);
  });

  it.each(core)('%s has no clock, no chance, no console, no timer, no locale, no await', (file) => {
    const code = codeOf(sources.get(file) ?? '');
    expect(FORBIDDEN.exec(code)?.[0]).toBeUndefined();
    expect(/\b(?:async|await|Promise)\b/u.exec(withoutPorts(file, code))?.[0]).toBeUndefined();
    expect(/^(?:let|var)\b/mu.exec(code)?.[0], 'a module that remembers').toBeUndefined();
  });

  it('would see a breach', () => {
    for (const breach of [
      'const a = Math.random();',
      'const at = new Date();',
      "const t = ''; setTimeout(x, 1)",
      'names.sort((a, b) => a.localeCompare(b))',
    ]) {
      expect(FORBIDDEN.test(codeOf(breach)), breach).toBe(true);
    }
    for (const prose of ['// Date', '/* Math.random */', "const a = 'Date';", 'const updated = 1;'])
      expect(FORBIDDEN.test(codeOf(prose)), prose).toBe(false);
  });

  /** Ports are the types of the outside world, which takes its time. */
  function withoutPorts(file: string, code: string): string {
    return file === 'core/ports.ts' ? '' : code;
  }
});

describe('names and sizes', () => {
  it('no file and no folder is called by a word that says nothing', () => {
    const bad = files.filter((file) => file.split('/').some((part) => BANNED_NAMES.includes(part.replace(/\.tsx?$/u, ''))));
    expect(bad).toEqual([]);
  });

  it('a file name is lower-case words with hyphens', () => {
    expect(files.filter((file) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)+[a-z0-9]+(?:-[a-z0-9]+)*\.tsx?$/u.test(file))).toEqual([]);
  });

  it(`a file above ${MAX_LINES} lines is a table or one parser, and listed here`, () => {
    const long = [...sources]
      .map(([file, source]) => ({ file, lines: source.split('\n').length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long.filter(({ file }) => LONG_FILES[file] === undefined)).toEqual([]);
    expect(
      Object.keys(LONG_FILES).filter((file) => !long.some((found) => found.file === file)),
      'listed, but no longer long',
    ).toEqual([]);
  });

  it('every template that the core can ask for is there', () => {
    expect(TEMPLATES.filter((name) => !fs.existsSync(path.join(ROOT, 'templates', `${name}.md`)))).toEqual([]);
  });
});
