/** The files of a project that a check may read: found once, read at most once each, never through a link. */
import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import picomatch from 'picomatch';

/** What tools make or fetch: nobody's source. */
const SKIPPED = new Set(
  'node_modules .git dist build out coverage .next .nuxt .turbo .cache .svelte-kit .output vendor target .venv venv __pycache__ .tsbuild .coordtui .yarn .pnpm-store storybook-static'.split(
    ' ',
  ),
);
const MAX_FILES = 50_000;
const MAX_BYTES = 4 * 1024 * 1024;

export type ProjectFiles = {
  /** Real path of the tree. */
  readonly root: string;
  /** Relative, with slashes, in order. */
  readonly paths: readonly string[];
  /** null: not there, no regular file, or too large to be a source. */
  readonly read: (path: string) => string | null;
  readonly matching: (globs: readonly string[]) => string[];
};

/** @param ignore globs that nobody shall look at */
export function openProject(root: string, ignore: readonly string[]): ProjectFiles {
  const ignored = ignore.length === 0 ? () => false : picomatch([...ignore], { dot: true });
  const paths: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (paths.length >= MAX_FILES || ignored(path)) continue;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
      else if (entry.isFile()) paths.push(path);
    }
  };
  walk('');
  const texts = new Map<string, string | null>();
  const read = (path: string): string | null => {
    const known = texts.get(path);
    if (known !== undefined) return known;
    const text = readText(join(root, path));
    texts.set(path, text);
    return text;
  };
  return {
    root,
    paths,
    read,
    matching: (globs) => {
      const matches = picomatch([...globs], { dot: true });
      return paths.filter((path) => matches(path));
    },
  };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // A folder without the right to read it holds nothing that could be checked.
    return [];
  }
}

function readText(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size > MAX_BYTES) return null;
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
}

const isTest = picomatch(
  [
    '**/*.{test,spec,stories,bench}.*',
    '**/{__tests__,__mocks__,tests,test,e2e,fixtures,__fixtures__,cypress}/**',
    '**/*.config.{ts,js,mjs,cjs,mts,cts}',
  ],
  { dot: true },
);

/** Files that only try the others out: their calls, tables and routes promise nothing to anybody. */
export function isTestFile(path: string): boolean {
  return isTest(path);
}

/** Names of the packages that any package.json of the project depends on. */
export function dependenciesOf(files: ProjectFiles): Set<string> {
  const names = new Set<string>();
  for (const path of files.paths.filter((one) => one === 'package.json' || one.endsWith('/package.json'))) {
    const parsed = jsonOf(files.read(path) ?? '');
    for (const part of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      const section: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, part) : null;
      if (typeof section === 'object' && section !== null) for (const name of Object.keys(section)) names.add(name);
    }
  }
  return names;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A package.json that npm cannot read names no packages.
    return null;
  }
}
