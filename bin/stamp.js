// What dist was built from. Node's own modules only: this runs before anything is installed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const STAMP_FILE = 'stamp.json';

/** Every file that the build reads; packages are named by the lock file. */
function* sources(root) {
  yield* ['package.json', 'package-lock.json', 'tsconfig.json', 'bin/build.js', 'bin/licences.js'];
  const files = filesBelow(join(root, 'src')).sort();
  yield* files.map((file) => join('src', file));
}

/** sha256 over names and contents of everything that the build reads. */
export function sourceHash(root) {
  const hash = createHash('sha256');
  for (const file of sources(root)) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The stamp of the dist that stands there; an empty one when there is none that can be read. */
export function readStamp(dist) {
  try {
    const { sources, files } = JSON.parse(readFileSync(join(dist, STAMP_FILE), 'utf8'));
    return { sources: String(sources), files: Array.isArray(files) ? files.map(String) : [] };
  } catch {
    // Absent, or left by something else: either way the build that follows writes a good one.
    return { sources: '', files: [] };
  }
}

/** Nothing of earlier builds, or of one at work, lies beside what the stamp names: fit for a package. */
export function isOnlyOneBuild(dist) {
  const stamped = new Set([...readStamp(dist).files, STAMP_FILE]);
  return filesBelow(dist).every((file) => stamped.has(file.split(sep).join('/')));
}

/** Regular files below a folder, relative to it; none when there is no such folder. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** @param {string} hash see sourceHash @param {string[]} files relative to dist */
export function stampText(hash, files) {
  return `${JSON.stringify({ sources: hash, files }, null, 1)}\n`;
}
