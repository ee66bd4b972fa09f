/**
 * What others may do to the store, and to the machine below it, from outside and through the real program:
 *   npm run torture [-- [--quick] [--times N] [SCENARIO …]]
 * Only what is lost, accepted wrongly or does not come back is a failure; times are told and judged by the reader.
 */
import { broken } from './broken.mjs';
import { fullDisk, power } from './disk.mjs';
import { errorPoints, faults, killPoints } from './faults.mjs';
import { storm } from './storm.mjs';
import { seeded, twice } from './twice.mjs';

/** Each: the whole form and the short one. */
const SCENARIOS = {
  set: (q) => storm({ way: 'set', count: q ? 10 : 200, killEveryMs: 700 }),
  incr: (q) => storm({ way: 'incr', count: q ? 5 : 100, killEveryMs: 700 }),
  shim: (q) => storm({ way: 'shared', shim: true, count: q ? 15 : 200, killEveryMs: 700 }),
  'shim-own': (q) => storm({ way: 'own', shim: true, count: q ? 15 : 200, killEveryMs: 700 }),
  jq: (q) => storm({ way: 'own', count: q ? 20 : 200, limit: q ? 0.05 : 0.005 }),
  'jq-slow': (q) => storm({ way: 'own', count: q ? 8 : 60, pauseS: 1, limit: 0 }),
  'jq-slow-kill': (q) => storm({ way: 'own', count: q ? 6 : 30, pauseS: 1, killEveryMs: 5_000, limit: 0.02 }),
  kill: (q) => faults(killPoints(q ? 12 : 300)),
  errors: (q) => faults(errorPoints(q ? 11 : 110)),
  broken: (q) => broken(q ? 120 : 10_000),
  full: (q) => fullDisk(q ? 2 : 10),
  power: (q) => power(q ? 3 : 100),
  twice: (q) => twice(q ? 3 : 30),
  seeded: () => seeded(),
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const timesAt = args.indexOf('--times');
const times = timesAt < 0 ? 1 : Number(args[timesAt + 1]);
const named = args.filter((arg, index) => !arg.startsWith('--') && (timesAt < 0 || index !== timesAt + 1));
const unknown = named.find((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown !== undefined) {
  console.error(`torture: there is no scenario ${unknown}; there are: ${Object.keys(SCENARIOS).join(' ')}`);
  process.exit(2);
}

process.setMaxListeners(0);
let failed = 0;
for (const name of named.length > 0 ? named : Object.keys(SCENARIOS)) {
  for (let turn = 1; turn <= times; turn++) {
    const began = performance.now();
    const { told, problems } = await SCENARIOS[name](quick);
    const sign = problems.length === 0 ? 'ok    ' : 'FAILED';
    console.log(`${sign} ${name}: ${told} (${((performance.now() - began) / 1_000).toFixed(1)} s)`);
    for (const problem of problems) console.log(`       ${problem}`);
    failed += problems.length;
  }
}
process.exit(failed === 0 ? 0 : 1);
