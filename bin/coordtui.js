#!/usr/bin/env node
// Chooses the built program by the arguments before anything is loaded: `status set` must cost
// hardly more than node itself, and one bundle for everything would double its start.
// No static import and no new syntax here, so that a Node that is too old can still say so.

/** Options that take a value, so that the value is not mistaken for the verb. */
const VALUED = ['--workspace', '--instance', '--if-revision', '--focus'];

/** @param {string[]} argv @returns {{words: string[], flags: string[]}} */
function readArguments(argv) {
  const words = [];
  const flags = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--') return { words: words.concat(argv.slice(i + 1)), flags };
    if (arg.startsWith('-') && arg !== '-') flags.push(arg);
    else words.push(arg);
    if (VALUED.indexOf(arg) >= 0) i++;
  }
  return { words, flags };
}

/** @param {string[]} argv @returns {'fast' | 'room' | 'client' | 'cli' | 'checks'} */
function entryFor(argv) {
  const { words, flags } = readArguments(argv);
  // With their own --help: they also run where nothing else of coordtui is set up.
  if (/^verify-/.test(argv[0] || '')) return 'checks';
  if (flags.indexOf('--help') >= 0 || flags.indexOf('-h') >= 0) return 'cli';
  if (words[0] === 'status' && ['set', 'incr', 'get'].indexOf(words[1]) >= 0) return 'fast';
  if (words[0] === 'serve' && flags.indexOf('--foreground') >= 0) return 'room';
  // The screen, where there is one to draw on; in a pipe the same word prints what every instance does.
  const plain = flags.some((flag) => flag !== '--observe' && !/^--(workspace|focus)(=|$)/.test(flag));
  if (words.length === 0 && !plain && process.stdin.isTTY && process.stdout.isTTY) return 'client';
  return 'cli';
}

/** Compiled code is kept in the user's own cache: the default place is shared by all users of the machine. */
async function cacheDirectory() {
  const { homedir } = await import('node:os');
  return `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/coordtui`;
}

async function keepCompiledCode() {
  const { enableCompileCache } = await import('node:module');
  if (typeof enableCompileCache === 'function') enableCompileCache(await cacheDirectory());
}

/** @param {string[]} argv @returns {Promise<number>} the exit code */
async function run(argv) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`coordtui: needs Node 20.19 or later, this is ${process.versions.node} (${process.execPath}).`);
    return 1;
  }
  const entry = entryFor(argv);
  // Measured: it saves a third of the large programs' start, and costs the small one more than it saves.
  if (entry === 'cli') await keepCompiledCode();
  const { from, how } = FORMS[entry] || { from: `${entry}.js` };
  const program = await load(new URL(`../dist/${from}`, import.meta.url), how);
  const done = program === null ? 1 : await program.main(argv);
  if (typeof done === 'number') return done;
  // The small program found that another one is needed here.
  const other = await load(new URL(`../dist/${done.next}.js`, import.meta.url));
  return other === null ? 1 : other.main(done.argv);
}

/** What is no module: see bin/build.js. */
const FORMS = {
  fast: { from: 'fast.cjs', how: async (url) => process.getBuiltinModule('node:module').createRequire(url)(`./${FORMS.fast.from}`) },
  room: { from: 'room.script.js', how: loadScript },
};

async function loadScript(url) {
  const { loadCompiled } = await import('./compiled.js');
  return loadCompiled(url, await cacheDirectory());
}

/** Looks for a missing file only after it was missed: the usual case pays nothing for it. */
async function load(url, how = (from) => import(from.href)) {
  try {
    return await how(url);
  } catch (error) {
    const { existsSync } = await import('node:fs');
    if (existsSync(url)) throw error;
    const { fileURLToPath } = await import('node:url');
    console.error(`coordtui: not built yet. Run: npm run build --prefix ${fileURLToPath(new URL('..', import.meta.url))}`);
    return null;
  }
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
