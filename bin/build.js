// Bundles src into dist. A running room may load one of its chunks at any time, and a command may start at
// any time, so dist is never taken away: chunks carry their content's hash and come first, the entries that
// name them are then replaced one by one by rename, and what the build before this one made stays until the next.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licences } from './licences.js';
import { asScript, IN_A_SCRIPT } from './script-form.js';
import { filesBelow, readStamp, STAMP_FILE, sourceHash, stampText } from './stamp.js';

/**
 * `alone`: one file with nothing but node's modules in it, because every millisecond of its start counts.
 * `required`: the same as a CommonJS module. To give an ES module `node:fs`, node loads all that its exports could
 * ever need; `require` gives it what is there, and that is half of such a program's own time.
 * `script`: one file that is started from compiled code (bin/compiled.js), because it is large and must be there soon.
 */
const ENTRIES = [
  { name: 'fast', source: 'src/client/fast.ts', alone: true, required: true },
  { name: 'client', source: 'src/client/attach.ts', alone: true },
  { name: 'cli', source: 'src/cli/main.ts', alone: false },
  { name: 'room', source: 'src/room/main.ts', alone: false, script: true },
  { name: 'witness', source: 'src/store/witness-thread.ts', alone: true },
  { name: 'checks', source: 'src/verify/checks/main.ts', alone: false },
  { name: 'picture', source: 'src/rehearsal/picture.ts', alone: false },
  { name: 'agent', source: 'src/rehearsal/agents/agent.ts', alone: true },
];
const COPIES = [
  // npm never packs a .gitignore, and leaves out what it names: a checkout must not hold what a package cannot.
  { from: 'src/rehearsal/project', to: 'rehearsal/project', files: /(^|\/)(?!\.gitignore$)[^/]+$/ },
  { from: 'src/rehearsal/agents', to: 'rehearsal/agents', files: /\.json$|^pieces\// },
];

/** How the file of an entry may end. */
const FORMS = ['.js', '.cjs', '.script.js'];

/** Work in progress, inside dist because a rename cannot leave its file system. */
const WORK = '.new-';

/** Bundled CommonJS packages call `require` for node's modules. */
const REQUIRE = "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

const REQUIRED = { format: 'cjs', outExtension: { '.js': '.cjs' }, supported: { 'dynamic-import': false } };

/** What makes the clusters of Ink's packages: ICU's table alone takes longer to load than all of Ink. */
const SEGMENTER = /new Intl\.Segmenter\(undefined, ?\{ ?granularity: ["']grapheme["'] ?\}\)/;

/** What packages carry and nothing here calls, or is here already. */
const LEFT_OUT = {
  name: 'left-out',
  setup({ initialOptions, onResolve, onLoad }) {
    // Ink names React's developer tools, for a mode that is never switched on here.
    onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'react-devtools-core', namespace: 'nothing' }));
    // Zod's sentences in fifty languages: ours are in `config-rules.ts`.
    onResolve({ filter: /^\.\/[a-z]{2}(-[A-Z]{2})?\.js$/ }, ({ importer, path }) =>
      /zod\/v4\/locales\/index\.js$/.test(importer) && path !== './en.js' ? { path, namespace: 'nothing' } : undefined,
    );
    const own = join(initialOptions.absWorkingDir, 'src/view/own-widths.ts');
    onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'own' }));
    onLoad({ filter: /.*/, namespace: 'own' }, () => ({
      contents: `export { stringWidth as default } from ${JSON.stringify(own)};`,
      resolveDir: initialOptions.absWorkingDir,
    }));
    onLoad({ filter: /ansi-tokenize\/build\/tokenize\.js$|slice-ansi\/tokenize-ansi\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!SEGMENTER.test(source)) throw new Error(`${path} makes its segmenter otherwise than before: see bin/build.js`);
      return { contents: `import { segmenter as own } from ${JSON.stringify(own)};\n${source.replace(SEGMENTER, 'own')}` };
    });
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export default {};' }));
    // Yoga unpacks its own code by `fetch` where there is one, and loading node's costs more than all of Ink.
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({
      contents: `const fetch = undefined;\n${await readFile(path, 'utf8')}`,
    }));
  },
};

function options(root, outdir, version) {
  return {
    absWorkingDir: root,
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Native code, a compiler of 10 MB, and two packages that find their WebAssembly beside themselves.
    external: ['node-pty', 'koffi', 'ts-morph', '@guanmingchiu/sqlparser-ts', 'node-sqlite3-wasm'],
    // Entries and chunks lie in one folder, so that `import.meta.url` points to dist wherever code ends up.
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', __VERSION__: JSON.stringify(version) },
    sourcemap: 'linked',
    metafile: true,
    plugins: [LEFT_OUT],
    logLevel: 'warning',
    legalComments: 'none',
  };
}

async function bundle(root, outdir, version) {
  const there = ENTRIES.filter((entry) => existsSync(join(root, entry.source)));
  const shared = there.filter((entry) => !entry.alone && !entry.script);
  const common = options(root, outdir, version);
  const points = (entries) => entries.map((entry) => ({ in: entry.source, out: entry.name }));
  const runs = there
    .filter((entry) => entry.alone)
    .map((entry) => build({ ...common, ...(entry.required ? REQUIRED : {}), entryPoints: points([entry]) }));
  if (shared.length > 0) runs.push(build({ ...common, entryPoints: points(shared), splitting: true, banner: { js: REQUIRE } }));
  for (const entry of there.filter(({ script }) => script)) runs.push(bundleScript(entry, common));
  const results = await Promise.all(runs);
  for (const entry of there.filter(({ alone }) => alone)) forbidPackages(entry, results);
  return results.flatMap((result) => Object.keys(result.metafile.inputs));
}

async function bundleScript(entry, common) {
  const define = { ...common.define, ...IN_A_SCRIPT };
  // Lines of it are not those of the bundle.
  const result = await build({ ...common, define, entryPoints: [{ in: entry.source, out: entry.name }], sourcemap: false });
  const file = join(common.outdir, `${entry.name}.js`);
  await writeFile(file.replace(/\.js$/, '.script.js'), asScript(await readFile(file, 'utf8')));
  await rm(file);
  return result;
}

function forbidPackages(entry, results) {
  const own = results.find((result) => Object.values(result.metafile.outputs).some((output) => output.entryPoint === entry.source));
  const foreign = Object.keys(own?.metafile.inputs ?? {}).find((input) => input.includes('node_modules/'));
  if (foreign !== undefined) throw new Error(`${entry.source} must stay free of packages, but it imports ${foreign}`);
}

/** Entries and the stamp last: whatever an entry names is in place before the entry is. */
function publishingOrder(files) {
  const rank = (file) => (file === STAMP_FILE ? 2 : ENTRIES.some(({ name }) => FORMS.some((form) => file === name + form)) ? 1 : 0);
  return [...files].sort((a, b) => rank(a) - rank(b));
}

async function publish(from, dist, keep) {
  const files = filesBelow(from);
  await mkdir(dist, { recursive: true });
  for (const file of publishingOrder(files)) {
    await mkdir(dirname(join(dist, file)), { recursive: true });
    await rename(join(from, file), join(dist, file));
  }
  const wanted = new Set([...files, ...keep]);
  // Beside a kept build another may be at work; a package holds neither.
  const leftover = filesBelow(dist).filter((file) => !wanted.has(file) && (keep.length === 0 || !file.startsWith(WORK)));
  for (const file of leftover) await rm(join(dist, file), { force: true });
}

/**
 * Builds `root`/src into `dist`.
 * @param {{root: string, dist: string, keepPrevious: boolean}} job `keepPrevious: false` leaves only this build's files, for a package
 */
export async function buildAll({ root, dist, keepPrevious }) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const hash = sourceHash(root);
  const previous = readStamp(dist).files;
  await mkdir(dist, { recursive: true });
  const work = await mkdtemp(join(dist, WORK));
  try {
    const inputs = await bundle(root, work, version);
    for (const { from, to, files } of COPIES) {
      for (const file of filesBelow(join(root, from))) if (files.test(file)) await cp(join(root, from, file), join(work, to, file));
    }
    await writeFile(join(work, 'licences.txt'), await licences(root, inputs));
    const files = filesBelow(work).map((file) => file.split(sep).join('/'));
    await writeFile(join(work, STAMP_FILE), stampText(hash, files));
    await publish(work, dist, keepPrevious ? previous : []);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const at = process.argv.indexOf('--out');
  const dist = at > 0 ? resolve(process.argv[at + 1]) : join(root, 'dist');
  await buildAll({ root, dist, keepPrevious: !process.argv.includes('--only') });
}
