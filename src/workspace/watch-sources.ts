/**
 * The files that triggers are about, as they are: by a watcher, and by looking at all of them again from time to time, since
 * watchers go deaf. What is told is always the whole, so a lost or doubled notice does no harm.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import picomatch from 'picomatch';
import type { Config } from '../core/config.ts';
import type { SourceKind, WatchedFile } from '../core/trigger-state.ts';

export type SourceWatch = { close(): Promise<void> };

const RESCAN_MS = 60_000;
const SETTLE_MS = 200;
const MAX_FILES = 5_000;
const MAX_DEPTH = 24;
/** So coarse may the clock be that files are stamped by: what is younger may be written again without another time. */
const COARSE_MS = 2_000;
/** A larger file is known by its size and time. */
const MAX_HASHED_BYTES = 4 * 1024 * 1024;
const NEVER = new Set(['node_modules', '.git', 'status', 'dist', 'coverage']);

type Options = {
  readonly root: string;
  readonly config: Config;
  readonly onSeen: (files: readonly WatchedFile[]) => void;
  readonly log: (line: string) => void;
};

/** null: no trigger names a file. */
export function watchSources({ root, config, onSeen, log }: Options): SourceWatch | null {
  const { triggers } = config;
  if (triggers === undefined) return null;
  const kinds = (['schema', 'contracts', 'responseTypes'] as const).map((kind) => ({ kind, globs: triggers[kind] }));
  const globs = kinds.flatMap((one) => one.globs);
  if (globs.length === 0) return null;
  const matchers = kinds.map(({ kind, globs: own }) => ({ kind, matches: picomatch([...own], { dot: true }) }));
  const territories = config.instances.map(({ id, files }) => ({ id, owns: picomatch([...files], { dot: true }) }));
  const bases = [...new Set(globs.map((glob) => picomatch.scan(glob).base))];
  const cache = new Map<string, { readonly stamp: string; readonly hash: string }>();
  let closed = false;
  let told = '';
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;

  const hashOf = async (path: string): Promise<string | null> => {
    const full = join(root, path);
    const found = await lstat(full);
    if (!found.isFile()) return null;
    const stamp = `${found.size} ${found.mtimeMs} ${found.ino}`;
    const known = cache.get(path);
    if (known?.stamp === stamp) return known.hash;
    const hash =
      found.size > MAX_HASHED_BYTES
        ? stamp
        : createHash('sha1')
            .update(await readFile(full))
            .digest('hex')
            .slice(0, 16);
    if (Date.now() - found.mtimeMs > COARSE_MS) cache.set(path, { stamp, hash });
    else cache.delete(path);
    return hash;
  };

  /** Links are not followed: what they lead to is watched where it lies, or not at all. */
  const walk = async (folder: string, depth: number, found: Set<string>): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (found.size >= MAX_FILES) return;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH && !NEVER.has(entry.name)) await walk(path, depth + 1, found);
      else if (entry.isFile() && matchers.some(({ matches }) => matches(path))) found.add(path);
    }
  };

  const scan = async (): Promise<void> => {
    const paths = new Set<string>();
    for (const base of bases) {
      const entry = await lstat(join(root, base)).catch(() => null);
      if (entry?.isDirectory()) await walk(base === '.' ? '' : base, 0, paths);
      else if (entry?.isFile()) paths.add(base);
    }
    const files: WatchedFile[] = [];
    for (const path of [...paths].sort()) {
      const hash = await hashOf(path).catch(() => null);
      const own = matchers.filter(({ matches }) => matches(path)).map(({ kind }): SourceKind => kind);
      if (hash !== null && own.length > 0)
        files.push({ path, hash, kinds: own, owners: territories.filter(({ owns }) => owns(path)).map(({ id }) => id) });
    }
    const now = JSON.stringify(files);
    if (closed || now === told) return;
    told = now;
    onSeen(files);
  };

  /** One look at a time; what changes meanwhile is seen by the next. */
  const look = (): void => {
    looking = (looking ?? Promise.resolve()).then(scan).catch((error: unknown) => {
      log(`the watched sources could not be read: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const soon = (): void => {
    if (closed || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      look();
    }, SETTLE_MS);
  };

  const watcher: FSWatcher = watch(
    bases.map((base) => join(root, base)),
    {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) =>
        relative(root, path)
          .split('/')
          .some((name) => NEVER.has(name)),
    },
  );
  watcher.on('all', soon);
  // What changed between the first look and now it has taken for what had been there.
  watcher.on('ready', soon);
  // A watcher that fails leaves the rescan.
  watcher.on('error', () => {});
  const rescan = setInterval(look, RESCAN_MS);
  look();
  return {
    async close() {
      closed = true;
      clearInterval(rescan);
      if (timer !== null) clearTimeout(timer);
      await watcher.close();
      await looking;
    },
  };
}
