// Makes `npm start` and `npm test` work on a fresh clone with no other step, also where install scripts are off.
// No package is imported here before it is known to be there, and nothing is printed to stdout.
//   ensure.js            install what is missing, build when the sources have changed
//   ensure.js --build    the same, but build in any case
//   ensure.js --prepare  for npm's own `prepare`
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPackages } from './installed.js';
import { whileLocked } from './lock.js';
import { cleanEnv, installLocked, run } from './npm.js';
import { isOnlyOneBuild, readStamp, sourceHash } from './stamp.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const mode = process.argv[2] ?? '';

function say(sentence) {
  console.error(`coordtui: ${sentence}`);
}

function isBuilt() {
  return readStamp(dist).sources === sourceHash(root);
}

/** A fresh process: what was just installed was not there when this one began. */
async function build(from, ...settings) {
  const code = await run(process.execPath, [join(from, 'bin/build.js'), '--out', dist, ...settings], {
    cwd: from,
    env: cleanEnv(process.env),
  });
  if (code !== 0) throw new Error('the build failed; what it said stands above');
}

async function ensureInstalled() {
  const missing = missingPackages(root);
  if (missing.length === 0) return;
  say(`installing ${missing.length} packages (${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ', …' : ''})`);
  await installLocked(root);
  const still = missingPackages(root);
  if (still.length > 0) throw new Error(`npm ci succeeded, and yet these are missing: ${still.join(', ')}`);
}

/** Builds with packages of its own, for an npm that has left ours out. */
async function buildInCopy() {
  const copy = mkdtempSync(join(tmpdir(), 'coordtui-prepare-'));
  try {
    for (const part of ['package.json', 'package-lock.json', 'tsconfig.json', 'bin', 'src'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    await installLocked(copy);
    await build(copy, '--only');
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * `npm install -g .` only links to the checkout and installs nothing in it, so that is done here. Any other npm that calls
 * may be at work in this very node_modules, or was told to leave development packages out: it is left alone.
 */
async function prepare() {
  if (process.env.npm_config_global === 'true') await ensureInstalled();
  if (isBuilt() && isOnlyOneBuild(dist)) return;
  say('building');
  if (missingPackages(root).length === 0) await build(root, '--only');
  else await buildInCopy();
}

async function ensure() {
  await ensureInstalled();
  if (isBuilt() && mode !== '--build') return;
  say('building');
  await build(root);
}

// An installed package has neither sources nor a lock file, and needs nothing of this.
if (existsSync(join(root, 'src')) && existsSync(join(root, 'package-lock.json'))) {
  try {
    await whileLocked(join(root, '.tsbuild/ensure.lock'), mode === '--prepare' ? prepare : ensure, say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
