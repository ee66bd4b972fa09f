// Starts a program from code that was compiled before: half of a large program's start is reading and compiling it.
// The compiled code lies in the user's own cache, under the name of exactly this program, this engine and its options;
// whoever can write there can run programs of that user anyway. Without it, or when the engine refuses it, the program
// starts as if there were none.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** By then a program has called what it calls at its start, and that is what is kept. */
const SETTLED_MS = 2_500;
/** Of several builds and engines. */
const KEPT = 4;

/**
 * What the script at `url` exports. Throws what it throws, and the system's error when it cannot be read.
 * @param {URL} url @param {string} cache a directory of the user's own @param {number} [settledMs]
 */
export function loadCompiled(url, cache, settledMs = SETTLED_MS) {
  const file = fileURLToPath(url);
  const source = readFileSync(file, 'latin1');
  const kept = join(cache, `${nameOf(source)}.bin`);
  const cachedData = readIfThere(kept);
  const script = new Script(source, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  if (cachedData === undefined || script.cachedDataRejected === true) setTimeout(() => keep(script, cache, kept), settledMs).unref();
  return script.runInThisContext()(createRequire(file), url.href, fileURLToPath(new URL('.', url)), file);
}

/** The build has put a digest of the program on its first line: the engine itself compares nothing but lengths. */
function nameOf(source) {
  const digest = /^\/\* ([0-9a-f]{32}) \*\//.exec(source.slice(0, 64))?.[1];
  if (digest === undefined) throw new Error('a program without its digest: build it anew with npm run build');
  return [digest, process.versions.v8, process.arch, ...process.execArgv].join('-').replace(/[^\w.-]/g, '_');
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    // Not there, or not to be read: compiled anew.
    return undefined;
  }
}

/** Written beside and renamed: nobody ever reads half of it. What other builds have left goes. */
function keep(script, cache, path) {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, script.createCachedData(), { mode: 0o600 });
    renameSync(draft, path);
    for (const old of readdirSync(cache)
      .filter((name) => name.endsWith('.bin'))
      .map((name) => join(cache, name))
      .sort(newestFirst)
      .slice(KEPT))
      rmSync(old, { force: true });
  } catch {
    // A full disk, or a home that cannot be written: the next start compiles once more.
  }
}

const newestFirst = (a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs;
