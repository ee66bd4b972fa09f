/** What others may do to the store, and to the machine below it, from outside and through the real program. See HELP. */
import { parseArgs } from 'node:util';
import { broken } from './broken.mjs';
import { fullDisk, power } from './disk.mjs';
import { drain } from './drain.mjs';
import { errorPoints, faults, killPoints } from './faults.mjs';
import { busy, growth } from './figures.mjs';
import { randomOf } from './random.mjs';
import { storm } from './storm.mjs';
import { seeded, twice } from './twice.mjs';

/** How often: the whole form, of which `--share` takes a part, and the short one of `--quick`; `seeds`: how many, unless told. */
const SCENARIOS = {
  set: {
    what: 'status set, eight writers, kill -9 every 0.7 s',
    often: [200, 10],
    seeds: 10,
    run: storm({ way: 'set', killEveryMs: 700 }),
  },
  incr: { what: 'status set and incr, the same', often: [100, 5], run: storm({ way: 'incr', killEveryMs: 700 }) },
  shim: {
    what: 'jq and mv of a session, one tmp.json for all, the same',
    often: [200, 8],
    seeds: 10,
    run: storm({ way: 'shared', shim: true, killEveryMs: 700 }),
  },
  'shim-own': {
    what: 'jq and mv of a session, own temporary files, the same',
    often: [200, 15],
    run: storm({ way: 'own', shim: true, killEveryMs: 700 }),
  },
  jq: {
    what: 'bare jq and mv, own temporary files, no kills',
    often: [200, 20],
    run: storm({ way: 'own', limit: 0.005, quickLimit: 0.05 }),
  },
  'jq-slow': { what: 'the same, each once a second', often: [60, 8], run: storm({ way: 'own', pauseS: 1 }) },
  'jq-slow-kill': {
    what: 'the same, kill -9 every 5 s',
    often: [30, 6],
    run: storm({ way: 'own', pauseS: 1, killEveryMs: 5_000, limit: 0.02, quickLimit: 0.02 }),
  },
  kill: { what: 'kill -9 of the room at a chosen system call', often: [300, 12], run: ({ count }) => faults(killPoints(count)) },
  errors: { what: 'EIO and ENOSPC at a chosen system call', often: [110, 11], run: ({ count }) => faults(errorPoints(count)) },
  broken: { what: 'broken status files', often: [10_000, 120], run: broken },
  full: { what: 'a full disk', often: [10, 2], run: fullDisk },
  power: { what: 'power cuts', often: [100, 3], run: power },
  twice: { what: 'two rooms for one workspace', often: [30, 3], run: twice },
  seeded: { what: 'a status file from before the room', often: [1, 1], run: seeded },
  drain: { what: 'what gathered while no room ran', often: [800, 100], run: drain },
  growth: { what: 'a journal of so many records', often: [1_000_000, 20_000], run: ({ count }) => growth(count) },
  busy: { what: 'versions seen while the main thread is busy', often: [1_000, 100], run: ({ count }) => busy(count) },
};

const HELP = `npm run torture [-- OPTIONS] [SCENARIO …]

  --quick         the short form of each
  --share 0.2     that part of the whole form
  --seeds N       each of the named N times, with another seed each (set and shim: ten without being told)
  --seed S        begin with this seed (1)
  --list          only say what would run
  --help

${Object.entries(SCENARIOS)
  .map(([name, { what, often }]) => `  ${name.padEnd(15)} ${String(often[0]).padStart(7)}  ${what}`)
  .join('\n')}

Only what is lost, accepted wrongly or does not come back is a failure (exit 1); times are told and judged by the reader.
All of it takes about two hours on two cores; a room that this has started ends with it, also after kill -9.`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  share: { type: 'string', default: '1' },
  seeds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

function refuse(why) {
  console.error(`torture: ${why}; see: npm run torture -- --help`);
  process.exit(2);
}

function read() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse(error.message);
  }
}

const { values, positionals } = read();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [share, seed, seeds] = [values.share, values.seed, values.seeds ?? '1'].map(Number);
if (!(share > 0)) refuse(`--share ${values.share} is no part`);
if (!Number.isSafeInteger(seed)) refuse(`--seed ${values.seed} is no whole number`);
if (!(Number.isSafeInteger(seeds) && seeds > 0)) refuse(`--seeds ${values.seeds} is no number of seeds`);
const unknown = positionals.find((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown !== undefined) refuse(`there is no scenario ${unknown}`);

const plan = (positionals.length > 0 ? positionals : Object.keys(SCENARIOS)).flatMap((name) => {
  const { often, seeds: own = 1, run } = SCENARIOS[name];
  const count = values.quick ? often[1] : Math.max(1, Math.round(often[0] * share));
  const turns = values.seeds === undefined && !values.quick ? own : seeds;
  return Array.from({ length: turns }, (_, turn) => ({ name, run, count, seed: seed + turn }));
});
if (values.list) {
  for (const { name, count, seed: one } of plan) console.log(`${name} ${count}, seed ${one}`);
  process.exit(0);
}

// Its rooms end by the lifeline, also when nobody is left to catch a signal.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.once(signal, () => process.exit(code));

let failed = 0;
const began = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
for (const { name, run, count, seed: one } of plan) {
  const started = performance.now();
  const { told, problems } = await run({ count, quick: values.quick, random: randomOf(one), seed: one });
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}, seed ${one}: ${told} (${seconds(started)})`);
  for (const problem of problems) console.log(`       ${problem}`);
  failed += problems.length;
}
console.log(`${plan.length} runs, ${failed} problems (${seconds(began)})`);
process.exit(failed === 0 ? 0 : 1);
