/**
 * What the panes cost, beside tmux and GNU screen: `npm run bench`, one table. Every scene is measured for one after the
 * other, round by round, and the figures are medians: those of two machines, or of two hours of one machine, cannot be
 * compared, ratios of one run can. `--quick` only shows that everything can be measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { floods } from './floods.mjs';
import { closeAll } from './outer.mjs';
import { contenders, drain, echo, frames, idle, median, starts, warmStart } from './scenes.mjs';

const quick = process.argv.includes('--quick');
const rounds = Number(process.env.ROUNDS ?? (quick ? 1 : 5));
const keys = Number(process.env.KEYS ?? (quick ? 15 : 60));
const seconds = quick ? 1 : 5;
/** Each a part of all that is measured, by the first word of its rows: `node bench/run.mjs --only echo,drain`. */
const only = process.argv.includes('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? '').split(',') : null;
const wanted = (part) => only === null || only.includes(part);

/** What else the machine had to do: an echo that waits for a processor says little about a terminal. */
const [loadBefore = 0] = loadavg();
const dir = mkdtempSync(join(tmpdir(), 'ct-floods-'));
const flood = floods(dir, { drainBytes: quick ? 500_000 : 20_000_000 });
const scenes = [
  ['idle', [flood.quiet]],
  ['1 MB/s', [flood.quiet, flood.rated(1e6), flood.rated(1e6)]],
  ['floods', [flood.quiet, flood.log, flood.log]],
  ['repaints', [flood.quiet, flood.repaint, flood.repaint]],
];
const sessions = (count) => [flood.quiet, ...Array.from({ length: count - 1 }, () => flood.rated(100_000))];

/** Figures by scene, contender and name, one of each round. */
const seen = new Map();
const keep = (scene, name, figures) => {
  for (const [figure, value] of Object.entries(figures)) {
    const key = `${scene} ${name} ${figure}`;
    seen.set(key, [...(seen.get(key) ?? []), value]);
  }
};
const figure = (scene, name, what) => median(seen.get(`${scene} ${name} ${what}`) ?? []);
const has = (scene, name) => [...seen.keys()].some((key) => key.startsWith(`${scene} ${name} `));

async function round(number) {
  for (let again = 0; again < (quick ? 1 : 3) && wanted('start'); again++) keep('start', 'coordtui', await starts());
  for (const [scene, commands] of wanted('echo') ? scenes : []) {
    if (quick && scene !== 'idle' && scene !== 'floods') continue;
    for (const contender of contenders) keep(scene, contender.name, await echo(contender, commands, keys));
  }
  if (wanted('drain'))
    for (const contender of contenders)
      keep('drain', contender.name, await drain(contender, flood, join(dir, `go-${number}-${contender.name}`)));
  if (wanted('frames')) keep('frames', 'coordtui', await frames([flood.log, flood.log, flood.log], seconds));
  if (quick) return;
  const [ours] = contenders;
  for (const count of wanted('sessions') ? [3, 16] : []) keep(`${count} sessions`, 'coordtui', await echo(ours, sessions(count), keys));
}

const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const table = [];
/** A row of what all have: the ratio is to tmux. */
function compared(label, scene, what, show, aim) {
  if (!has(scene, 'coordtui')) return;
  const [own, other, third] = ['coordtui', 'tmux', 'screen'].map((name) => (has(scene, name) ? figure(scene, name, what) : Number.NaN));
  const ratio = own / other;
  row(label, show(own), show(other), show(third), Number.isNaN(ratio) ? '' : `${ratio.toFixed(2)} ×`, `≤ ${aim} ×`, ratio <= aim);
}
/** A row of ours alone. */
function alone(label, scene, value, show, aim, met) {
  if (has(scene, 'coordtui')) row(label, show(value), '', '', '', aim, met);
}
function row(label, own, other, third, ratio, aim, met) {
  table.push([label, own, other, third, ratio, aim, met ? 'yes' : 'no'].map((cell) => (/NaN/.test(cell) ? '' : cell)));
}

function rows() {
  const of = (scene, what) => figure(scene, 'coordtui', what);
  compared('echo, two floods: p50', 'floods', 'p50', ms, 0.6);
  compared('echo, two floods: p95', 'floods', 'p95', ms, 0.75);
  compared('echo, two floods: p99', 'floods', 'p99', ms, 1);
  compared('echo, two repainting: p50', 'repaints', 'p50', ms, 0.6);
  compared('echo, two repainting: p95', 'repaints', 'p95', ms, 0.6);
  for (const scene of ['idle', '1 MB/s'])
    if (has(scene, 'coordtui')) {
      const [other, third] = ['tmux', 'screen'].map((name) => ms(figure(scene, name, 'p50')));
      row(
        `echo, ${scene}: p50`,
        ms(of(scene, 'p50')),
        other,
        third,
        `${(of(scene, 'p50') / figure(scene, 'tmux', 'p50')).toFixed(2)} ×`,
        '≤ 1.0 ms',
        of(scene, 'p50') <= 1,
      );
    }
  compared('drain of 2 files: wall', 'drain', 'seconds', (value) => `${value.toFixed(2)} s`, 0.7);
  compared('drain of 2 files: CPU', 'drain', 'cpu', (value) => `${value.toFixed(2)} s`, 0.7);
  compared('bytes to the terminal, two floods', 'floods', 'kilobytes', (value) => `${value.toFixed(0)} kB/s`, 0.1);
  alone(
    'frames, three floods',
    'frames',
    of('frames', 'perSecond'),
    (value) => `${value.toFixed(0)} a second`,
    '≥ 55',
    of('frames', 'perSecond') >= 55,
  );
  alone('a frame by the clock: mean', 'frames', of('frames', 'clockMean'), ms, '≤ 1 ms', of('frames', 'clockMean') <= 1);
  alone('a frame by the clock: p99', 'frames', of('frames', 'clockP99'), ms, '≤ 4 ms', of('frames', 'clockP99') <= 4);
  alone('a frame, of the processor: mean', 'frames', of('frames', 'mean'), ms, '≤ 1 ms', of('frames', 'mean') <= 1);
  alone('a frame, of the processor: p99', 'frames', of('frames', 'p99'), ms, '≤ 4 ms', of('frames', 'p99') <= 4);
  alone('answer to a verb, three floods: longest', 'frames', of('frames', 'answer'), ms, '≤ 100 ms', of('frames', 'answer') <= 100);
  alone('CPU, idle', 'quiet', of('quiet', 'cpu'), (value) => `${value.toFixed(2)} %`, '≤ 1 %', of('quiet', 'cpu') <= 1);
  alone(
    'memory, 3 × 10,000 lines: room',
    'quiet',
    of('quiet', 'room'),
    (value) => `${value.toFixed(0)} MB`,
    '≤ 160 MB',
    of('quiet', 'room') <= 160,
  );
  alone('memory: client', 'quiet', of('quiet', 'client'), (value) => `${value.toFixed(0)} MB`, '≤ 50 MB', of('quiet', 'client') <= 50);
  for (const [label, what, aim] of [
    ['start: skeleton', 'skeleton', 2],
    ['start: whole screen, new room', 'chrome', 5],
    ['start: whole screen, attached', 'attach', 1.5],
  ]) {
    const times = of('start', what) / of('start', 'node');
    alone(label, 'start', of('start', what), (value) => `${ms(value)} = ${times.toFixed(1)} × node -e 0`, `≤ ${aim} ×`, times <= aim);
  }
  const fair = of('16 sessions', 'p95') / of('3 sessions', 'p95');
  alone(
    'echo p95, 16 printing sessions',
    '16 sessions',
    of('16 sessions', 'p95'),
    (value) => `${ms(value)} = ${fair.toFixed(1)} × that of 3`,
    '≤ 2 ×',
    fair <= 2,
  );
}

try {
  if (wanted('start') && !quick) await warmStart();
  for (let number = 0; number < rounds; number++) {
    await round(number);
    process.stderr.write(`round ${number + 1} of ${rounds}\n`);
  }
  if (wanted('idle')) keep('quiet', 'coordtui', await idle(flood, quick ? 2 : 20, quick));
  rows();
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}; medians of ${rounds} rounds, ${keys} keys each; load ${loadBefore.toFixed(1)} before\n`,
  );
  console.log('| figure | coordtui | tmux | screen | to tmux | aim | met |\n| --- | --- | --- | --- | --- | --- | --- |');
  for (const cells of table) console.log(`| ${cells.join(' | ')} |`);
} finally {
  closeAll();
  rmSync(dir, { recursive: true, force: true });
}
