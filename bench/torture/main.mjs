/**
 * What others may do to the store, and to the machine below it, from outside and through the real program:
 *   npm run torture [-- [--quick | --share 0.2] [--times N] [SCENARIO …]]
 * Only what is lost, accepted wrongly or does not come back is a failure; times are told and judged by the reader.
 */
import { broken } from './broken.mjs';
import { fullDisk, power } from './disk.mjs';
import { drain } from './drain.mjs';
import { errorPoints, faults, killPoints } from './faults.mjs';
import { busy, growth } from './figures.mjs';
import { storm } from './storm.mjs';
import { seeded, twice } from './twice.mjs';

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const numberOf = (option, otherwise) => (args.includes(option) ? Number(args[args.indexOf(option) + 1]) : otherwise);
const [times, share] = [numberOf('--times', 1), numberOf('--share', 1)];
const named = args.filter((arg, index) => !arg.startsWith('--') && !['--times', '--share'].includes(args[index - 1]));
const count = (whole, short) => (quick ? short : Math.max(1, Math.round(whole * share)));

/** Each: the whole form, of which `--share` takes a part, and the short one. */
const SCENARIOS = {
  set: (n) => storm({ way: 'set', count: n(200, 10), killEveryMs: 700 }),
  incr: (n) => storm({ way: 'incr', count: n(100, 5), killEveryMs: 700 }),
  shim: (n) => storm({ way: 'shared', shim: true, count: n(200, 8), killEveryMs: 700 }),
  'shim-own': (n) => storm({ way: 'own', shim: true, count: n(200, 15), killEveryMs: 700 }),
  jq: (n) => storm({ way: 'own', count: n(200, 20), limit: quick ? 0.05 : 0.005 }),
  'jq-slow': (n) => storm({ way: 'own', count: n(60, 8), pauseS: 1, limit: 0 }),
  'jq-slow-kill': (n) => storm({ way: 'own', count: n(30, 6), pauseS: 1, killEveryMs: 5_000, limit: 0.02 }),
  kill: (n) => faults(killPoints(n(300, 12))),
  errors: (n) => faults(errorPoints(n(110, 11))),
  broken: (n) => broken(n(10_000, 120)),
  full: (n) => fullDisk(n(10, 2)),
  power: (n) => power(n(100, 3)),
  twice: (n) => twice(n(30, 3)),
  seeded: () => seeded(),
  drain: (n) => drain(n(800, 100), n(300, 40)),
  growth: (n) => growth(n(1_000_000, 20_000)),
  busy: (n) => busy(n(1_000, 100)),
};

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
    const { told, problems } = await SCENARIOS[name](count);
    const sign = problems.length === 0 ? 'ok    ' : 'FAILED';
    console.log(`${sign} ${name}: ${told} (${((performance.now() - began) / 1_000).toFixed(1)} s)`);
    for (const problem of problems) console.log(`       ${problem}`);
    failed += problems.length;
  }
}
process.exit(failed === 0 ? 0 : 1);
