/** Eight writers at once, with and without kill -9 of the room: every acknowledged update must be there in the end. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, BIN, env, lostAcks, openRoom, readStatus, until, workspace } from './room.mjs';
import { startReader, startWriter } from './writers.mjs';

/** The operator's own updates, so that the room has something to acknowledge: pause and resume, as fast as it answers. */
function startOperator(dir) {
  let going = true;
  const work = (async () => {
    for (let turn = 0; going; turn++) {
      const child = spawn(process.execPath, [BIN, 'autopilot', turn % 2 === 0 ? 'pause' : 'resume'], { cwd: dir, env, stdio: 'ignore' });
      await new Promise((done) => child.once('close', done));
      await sleep(100);
    }
  })();
  return async () => {
    going = false;
    await work;
  };
}

/** @param limit the share of acknowledged updates that may be lost (bare jq, whose bytes nobody could see) */
export function storm({ way, shim = false, pauseS = 0, killEveryMs = null, limit: whole = 0, quickLimit = whole }) {
  return ({ count, quick, random }) => run({ way, shim, pauseS, killEveryMs, limit: quick ? quickLimit : whole, count, random });
}

const WRITERS = 8;

async function run({ way, shim, pauseS, killEveryMs, limit, count, random }) {
  const { dir, done, keep } = workspace();
  const room = openRoom(dir);
  const problems = [];
  if (!(await room.start())) problems.push(`the room did not start: ${room.output()}`);
  const reader = startReader(dir);
  const operator = startOperator(dir);
  const all = Array.from({ length: WRITERS }, (_, index) =>
    startWriter(dir, { name: `w${index}`, way, count, pauseS, delayS: (random() * Math.max(0.1, pauseS)).toFixed(3), shim }),
  );
  let working = true;
  const finished = Promise.all(all.map(({ ended }) => ended)).then(() => {
    working = false;
  });
  let kills = 0;
  const killer = (async () => {
    while (working && killEveryMs !== null) {
      await Promise.race([sleep(killEveryMs * (0.5 + random())), finished]);
      if (!working) return;
      await room.end('SIGKILL');
      kills += 1;
      if (!(await room.start())) problems.push(`after kill ${kills} the room did not start: ${room.output().slice(-500)}`);
    }
  })();
  await finished;
  await killer;
  await operator();
  const acked = all.flatMap(({ name, done: numbers }) => numbers.map((n) => ['instances', name, 'updates', n]));
  const missing = () => {
    const document = readStatus(dir);
    return document === null ? acked : acked.filter((path) => at(document, path) !== 1);
  };
  // Of bare jq only what the room has taken in outlives it, and on a busy machine it lags behind by seconds.
  if (killEveryMs === null) await until(() => missing().length === 0, 30_000, 50);
  await room.end('SIGKILL');
  if (!(await room.start())) problems.push(`in the end the room did not start: ${room.output().slice(-500)}`);
  await until(() => missing().length === 0, limit > 0 ? 5_000 : 90_000, 50);
  reader.stop();
  const lost = missing();
  // What the file shows is told a moment later, and heard a moment after that.
  const ownLost = () => lostAcks(readStatus(dir), room.acks);
  await until(() => ownLost().length === 0, 5_000, 50);
  const own = ownLost();
  await room.end('SIGTERM');
  if (lost.length / Math.max(1, acked.length) > limit)
    problems.push(`${lost.length} of ${acked.length} lost, e.g. ${lost[0]?.join('.')} (kept: ${dir})`);
  if (own.length > 0) problems.push(`own updates lost: ${JSON.stringify(own[0])} (kept: ${dir})`);
  if (reader.seen.invalid > 0) problems.push(`${reader.seen.invalid} invalid reads, e.g. ${JSON.stringify(reader.seen.sample)}`);
  if (problems.length === 0) done();
  else keep();
  const told = `${acked.length} of ${WRITERS * count} acknowledged, ${lost.length} lost, ${kills} kills, own ${room.acked()} acknowledged / ${own.length} lost, ${reader.seen.invalid} of ${reader.seen.reads} reads invalid, ${reader.seen.missing} without file`;
  return { told, problems };
}
