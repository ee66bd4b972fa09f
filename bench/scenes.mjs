/** What is measured: each scene opens its stage, measures, closes it, and answers figures by name. */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { BIN, lockOf, openScreen, present, stopRoom, workspace } from './contenders.mjs';
import { cpuOf, echoes, rssOf, sleep } from './outer.mjs';

const SETTLE_MS = 1_200;

const sorted = (values) => [...values].sort((a, b) => a - b);
export const share = (values, part) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
export const median = (values) => share(values, 0.5);

/** Echo under what the other panes print; bytes and CPU of the same seconds. */
export async function echo(contender, commands, keys) {
  const stage = await contender.open(commands);
  try {
    await sleep(SETTLE_MS);
    const { outer, pids } = stage;
    const before = { bytes: outer.bytes, cpu: cpuOf(pids), at: performance.now() };
    const times = await echoes(outer, keys);
    const seconds = (performance.now() - before.at) / 1000;
    return {
      p50: share(times, 0.5),
      p95: share(times, 0.95),
      p99: share(times, 0.99),
      kilobytes: (outer.bytes - before.bytes) / seconds / 1000,
      cpu: ((cpuOf(pids) - before.cpu) / seconds) * 100,
    };
  } finally {
    await stage.close();
  }
}

/** Two panes print a file each, as fast as they are read. */
export async function drain(contender, { quiet, drain: command }, go) {
  // Of letters that stand nowhere before: of a word of which a part is there already, only the rest is sent.
  const marks = ['ЮЮЮЮ', 'ЯЯЯЯ'];
  const stage = await contender.open([quiet, ...marks.map((mark) => command(go, mark))]);
  try {
    await sleep(SETTLE_MS);
    const before = { cpu: cpuOf(stage.pids), at: performance.now() };
    const done = stage.outer.sees(...marks);
    writeFileSync(go, '');
    await done;
    return { seconds: (performance.now() - before.at) / 1000, cpu: cpuOf(stage.pids) - before.cpu };
  } finally {
    await stage.close();
  }
}

/** A room that lives long enough to keep its compiled code (bin/compiled.js): every start but the very first one has it. */
export async function warmStart() {
  const work = workspace(['exec cat']);
  const outer = openScreen(work);
  try {
    await outer.sees('CONTROL', 'handoffs');
    await sleep(4_000);
    outer.type('q');
    await outer.exit();
  } finally {
    await remove(work);
  }
}

/** From the start of the program to what it shows; one after another, so that all have the same minute. */
export async function starts() {
  const begun = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  const figures = { node: performance.now() - begun };
  const work = workspace(['exec cat', 'exec cat']);
  try {
    for (const kind of ['chrome', 'attach']) {
      const outer = openScreen(work);
      const skeleton = await outer.sees('coordtui');
      if (kind === 'chrome') figures.skeleton = skeleton;
      figures[kind] = await outer.sees('CONTROL', 'handoffs');
      outer.type('q');
      await outer.exit();
    }
  } finally {
    await remove(work);
  }
  return figures;
}

/** The room alone, so that it can be asked about its frames: by the clock and of the processor, on its last line. */
export async function frames(commands, seconds) {
  const work = workspace(commands);
  // With the memory that the client gives a room (src/client/start-room.ts).
  const room = spawn(
    process.execPath,
    ['--max-semi-space-size=4', BIN, 'serve', '--foreground', '--trace', 'frames', '--workspace', work],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  room.stdout.on('data', (chunk) => {
    said += chunk;
  });
  // With all that it has said: its figures are its last line.
  const ended = new Promise((resolve) => room.once('close', resolve));
  try {
    while (!said.includes('is open at')) await sleep(20);
    const outer = openScreen(work);
    await outer.sees('CONTROL', 'handoffs');
    await sleep(SETTLE_MS);
    const before = { frames: outer.frames, at: performance.now() };
    await sleep(seconds * 1000);
    const perSecond = (outer.frames - before.frames) / ((performance.now() - before.at) / 1000);
    const answers = await verbs(lockOf(work), 40);
    outer.type('q');
    await outer.exit();
    room.kill('SIGTERM');
    await ended;
    const [clockMean, clockP99, mean, p99] = (/FRAMES \d+ (.*)/.exec(said)?.[1] ?? '').split(' ').map(Number);
    return { perSecond, clockMean, clockP99, mean, p99, answer: Math.max(...answers) };
  } finally {
    room.kill('SIGTERM');
    await ended;
    await remove(work);
  }
}

/** Milliseconds to the answer of each of `count` verbs. */
function verbs({ socket: socketPath, protocol }, count) {
  return new Promise((resolve, reject) => {
    const times = [];
    const socket = connect(socketPath);
    let begun = 0;
    let text = '';
    const ask = () => {
      begun = performance.now();
      socket.write(`${JSON.stringify({ id: times.length, verb: 'handoffs', args: {} })}\n`);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the room hung up after ${times.length} answers`)));
    socket.on('data', (chunk) => {
      text += chunk;
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
        const answer = JSON.parse(text.slice(0, at));
        text = text.slice(at + 1);
        if ('error' in answer) reject(new Error(answer.error.message));
        if ('id' in answer) times.push(performance.now() - begun);
        if (times.length < count) setTimeout(ask, 20);
        else {
          socket.destroy();
          resolve(times);
        }
      }
    });
    socket.write(`${JSON.stringify({ coordtui: protocol, version: 'bench', mode: 'lines' })}\n`);
  });
}

/** Nobody types and nothing is printed; the history of each pane is full. */
export async function idle({ history }, seconds, quick) {
  const work = workspace([history, history, history]);
  const outer = openScreen(work);
  try {
    await outer.sees('CONTROL', 'handoffs');
    // Once, ten to twenty seconds after, the memory that the histories have left is collected; that is no rest yet.
    await sleep(quick ? 4_000 : 30_000);
    const { pid } = lockOf(work);
    const before = { room: cpuOf([pid]), client: cpuOf([outer.pid]), bytes: outer.bytes };
    await sleep(seconds * 1000);
    return {
      cpu: ((cpuOf([pid, outer.pid]) - before.room - before.client) / seconds) * 100,
      room: rssOf(pid),
      client: rssOf(outer.pid),
    };
  } finally {
    outer.type('q');
    await outer.exit();
    await remove(work);
  }
}

async function remove(work) {
  await stopRoom(work);
  rmSync(work, { recursive: true, force: true });
}

/** Contenders that this machine has, coordtui first. */
export const contenders = present();
