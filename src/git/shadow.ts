/**
 * The room's own repository beside the user's: it holds the objects of every tree taken, reads the user's objects
 * through git's alternates, and stands in for a workspace that has no repository at all.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './git.ts';

export type Shadow = {
  readonly gitDir: string;
  readonly objects: string;
  /** Makes the repository if need be and lets it read the objects of these directories too. */
  prepare(objectFormat: string, objectDirectories: readonly string[]): Promise<void>;
  /** A path for a temporary index; whoever asks removes it. */
  temporaryIndex(): string;
};

/** Without a `.gitignore` nobody has said what is made by machines; these never are anybody's work. */
const MADE_BY_MACHINES = ['node_modules/', '.venv/', '__pycache__/', '.pytest_cache/', '.DS_Store', '*.pyc', ''].join('\n');
const LEFT_OVER_MS = 3_600_000;

/** Nothing is touched before the first `prepare`. `privateDir` must lie where no agent works. */
export function openShadow(privateDir: string): Shadow {
  const gitDir = join(privateDir, 'shadow.git');
  const objects = join(gitDir, 'objects');
  const known = new Set<string>();
  let swept = false;
  let turn: Promise<void> = Promise.resolve();

  async function make(objectFormat: string): Promise<void> {
    await mkdir(privateDir, { recursive: true, mode: 0o700 });
    await git(['init', '-q', '--bare', '--template=', `--object-format=${objectFormat}`, gitDir], { cwd: privateDir });
    await mkdir(join(gitDir, 'info'), { recursive: true });
    await writeFile(join(gitDir, 'info', 'exclude'), MADE_BY_MACHINES);
  }

  async function learn(directories: readonly string[]): Promise<void> {
    const missing = directories.filter((directory) => !known.has(directory) && directory !== objects);
    if (missing.length === 0) return;
    const file = join(objects, 'info', 'alternates');
    const lines = new Set((await readOrEmpty(file)).split('\n').filter((line) => line !== ''));
    for (const directory of missing) lines.add(quoted(directory));
    await mkdir(join(objects, 'info'), { recursive: true });
    const next = `${file}.${randomBytes(4).toString('hex')}`;
    await writeFile(next, `${[...lines].join('\n')}\n`);
    await rename(next, file);
    for (const directory of missing) known.add(directory);
  }

  return {
    gitDir,
    objects,
    prepare(objectFormat, objectDirectories) {
      // One after the other: two snapshots at once must not both make the repository or rewrite its alternates.
      const mine = turn.then(async () => {
        if (!(await exists(join(gitDir, 'HEAD')))) await make(objectFormat);
        if (!swept) await removeLeftOvers(privateDir);
        swept = true;
        await learn(objectDirectories);
      });
      turn = mine.catch(() => undefined); // the caller of `mine` hears it; the next in line starts afresh
      return mine;
    },
    temporaryIndex: () => join(privateDir, `index-${randomBytes(8).toString('hex')}`),
  };
}

/** Indexes of a room that was killed. The age spares those of another process that is at work. */
async function removeLeftOvers(privateDir: string): Promise<void> {
  for (const name of await readdir(privateDir)) {
    if (!/^index-[0-9a-f]{16}(\.lock)?$/.test(name)) continue;
    const path = join(privateDir, name);
    const entry = await stat(path).catch(() => null);
    if (entry !== null && Date.now() - entry.mtimeMs > LEFT_OVER_MS) await rm(path, { force: true });
  }
}

/** Git reads a line that begins with a quote as a C string. */
export function quoted(path: string): string {
  return /^["#]|[\n\\]/.test(path) ? JSON.stringify(path) : path;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
