/** The room dies, or is told of an error, at a chosen call to the system. What was acknowledged before must be there after a restart. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, lostAcks, openRoom, readStatus, until, workspace } from './room.mjs';
import { startWriter } from './writers.mjs';

const CONFIG = `instances:
  - { id: instance-1-planning-backend, role: backend, command: [cat], restart: never }
  - { id: instance-2-frontend, role: frontend, command: [cat], restart: never }
  - { id: instance-3-coordinator, role: coordinator }
coordination: { autopilot: watch }
`;

/** Calls that the store makes, and how often each is worth hitting: a thread's first ones are the start, later ones the work. */
const CALLS = {
  pwrite64: 22,
  fdatasync: 22,
  renameat2: 14,
  rename: 20,
  unlink: 24,
  fsync: 14,
  openat: 40,
  fstat: 12,
  write: 22,
  read: 20,
  link: 2,
  close: 20,
};
const ERRORS = {
  pwrite64: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO'],
  fsync: ['EIO', 'ENOSPC'],
  rename: ['EIO', 'ENOSPC'],
  renameat2: ['EIO', 'ENOSPC'],
  unlink: ['EIO'],
};

export function killPoints(wanted) {
  const all = Object.entries(CALLS).flatMap(([call, count]) =>
    Array.from({ length: Math.ceil((count * wanted) / 232) }, (_, index) => {
      // The start of Node alone opens hundreds of files, the store's come after.
      const first = call === 'openat' ? 150 : call === 'read' || call === 'close' || call === 'fstat' ? 100 : 1;
      const stride = first > 1 ? 9 : 1;
      return { call, inject: 'signal=KILL', when: first + stride * index };
    }),
  );
  return all.slice(0, Math.max(wanted, 1));
}

export function errorPoints(wanted) {
  const kinds = Object.entries(ERRORS).flatMap(([call, errors]) => errors.map((error) => ({ call, inject: `error=${error}` })));
  return Array.from({ length: wanted }, (_, index) => ({ ...kinds[index % kinds.length], when: 1 + Math.floor(index / kinds.length) }));
}

async function onePoint({ call, inject, when }) {
  const { dir, done, keep } = workspace();
  writeFileSync(join(dir, 'coordtui.yaml'), CONFIG);
  const name = `${call} ${inject} at ${when}`;
  const before = ['strace', '-f', '-qq', '-o', join(dir, '.strace'), '-e', `trace=${call}`, '-e', `inject=${call}:${inject}:when=${when}`];
  const room = openRoom(dir, { before });
  await room.start(30_000);
  const writers = ['a', 'b'].map((writer) => startWriter(dir, { name: writer, way: 'set', count: 5 }));
  const bare = startWriter(dir, { name: 'c', way: 'own', count: 5 });
  await Promise.all([...writers, bare].map(({ ended }) => ended));
  await sleep(50);
  const alive = room.child()?.exitCode === null && room.child()?.signalCode === null;
  await room.end('SIGKILL');
  const after = openRoom(dir, { acks: room.acks });
  const problems = [];
  if (!(await after.start())) problems.push(`${name}: the room did not start again: ${after.output().slice(-300)} (kept: ${dir})`);
  const acked = writers.flatMap(({ name: writer, done: numbers }) => numbers.map((n) => ['instances', writer, 'updates', n]));
  const missing = () => acked.filter((path) => at(readStatus(dir), path) !== 1);
  await until(() => missing().length === 0, 10_000, 30);
  if (missing().length > 0) problems.push(`${name}: ${missing().length} of ${acked.length} lost (kept: ${dir})`);
  const own = lostAcks(readStatus(dir), after.acks);
  if (own.length > 0) problems.push(`${name}: own update lost: ${JSON.stringify(own[0])} (kept: ${dir})`);
  await after.end('SIGKILL');
  if (problems.length === 0) done();
  else keep();
  return { problems, acked: acked.length, fired: !alive };
}

export async function faults(points, atOnce = 2) {
  if (spawnSync('strace', ['-V']).status !== 0) return { told: 'strace is not installed: nothing was tried', problems: [] };
  const left = [...points];
  const results = [];
  const work = async () => {
    for (let point = left.shift(); point !== undefined; point = left.shift()) results.push(await onePoint(point));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return {
    told: `${points.length} points, the room ended at ${results.filter(({ fired }) => fired).length}; ${results.reduce((sum, { acked }) => sum + acked, 0)} acknowledged`,
    problems: results.flatMap(({ problems }) => problems),
  };
}
