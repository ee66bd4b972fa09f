/** The disk below the workspace: full, and gone dark. Needs the right to mount. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hold } from './lifeline.mjs';
import { at, lostAcks, openRoom, readStatus, until, workspace } from './room.mjs';
import { startWriter } from './writers.mjs';

function mounted(options, source, target) {
  return spawnSync('mount', [...options, source, target]).status === 0;
}

const missingOf = (dir, writers) => {
  const document = readStatus(dir);
  return writers.flatMap(({ name, done }) =>
    done.filter((n) => at(document, ['instances', name, 'updates', n]) !== 1).map((n) => `${name}.${n}`),
  );
};

/** A small tmpfs as the workspace, filled to the last byte again and again while everybody writes. */
export async function fullDisk({ count: rounds }) {
  const { dir: outer, done } = workspace();
  const dir = join(outer, 'm');
  mkdirSync(dir);
  if (!mounted(['-t', 'tmpfs', '-o', 'size=8m'], 'none', dir)) {
    done();
    return { told: 'a tmpfs cannot be mounted here: nothing was tried', problems: [] };
  }
  const unmounted = hold('mount', dir);
  const room = openRoom(dir);
  const problems = [];
  const resumed = [];
  try {
    if (!(await room.start())) problems.push(`the room did not start: ${room.output()}`);
    const writers = ['a', 'b', 'c'].map((name) => startWriter(dir, { name, way: 'set', count: 100_000 }));
    writers.push(startWriter(dir, { name: 'd', way: 'own', count: 100_000, pauseS: 1 }));
    for (let round = 0; round < rounds && problems.length === 0; round++) {
      await sleep(1_000);
      const { bavail, bsize } = statfsSync(dir);
      spawnSync('dd', ['if=/dev/zero', `of=${join(dir, 'fill')}`, 'bs=4096', `count=${Math.ceil((bavail * bsize) / 4096) + 10}`], {
        stdio: 'ignore',
      });
      await sleep(2_000);
      if (room.child().exitCode !== null) problems.push(`the room ended on a full disk: ${room.output().slice(-400)}`);
      const counts = writers.map((writer) => writer.done.length);
      rmSync(join(dir, 'fill'));
      const began = performance.now();
      if (await until(() => writers.slice(0, 3).every((writer, index) => writer.done.length > counts[index]), 20_000, 5))
        resumed.push(performance.now() - began);
      else problems.push(`nobody could write again in round ${round}: ${room.output().slice(-300)}`);
    }
    for (const writer of writers) await writer.stop();
    writers.pop();
    await until(() => missingOf(dir, writers).length === 0, 10_000, 30);
    await room.end('SIGKILL');
    if (!(await room.start())) problems.push(`it did not start again: ${room.output().slice(-300)}`);
    await until(() => missingOf(dir, writers).length === 0, 10_000, 30);
    const lost = missingOf(dir, writers);
    if (lost.length > 0) problems.push(`${lost.length} acknowledged updates lost, e.g. ${lost[0]}`);
    const own = lostAcks(readStatus(dir), room.acks);
    if (own.length > 0) problems.push(`own update lost: ${JSON.stringify(own[0])}`);
    const acked = writers.reduce((sum, { done: numbers }) => sum + numbers.length, 0);
    return {
      told: `${rounds} times full, ${acked} acknowledged, resumed after at most ${Math.max(0, ...resumed).toFixed(0)} ms`,
      problems,
    };
  } finally {
    await room.end('SIGKILL');
    spawnSync('umount', ['-l', dir]);
    unmounted();
    done();
  }
}

/**
 * A loop device whose backing file is copied while everybody stands still: what the file system had not been told to
 * write is not in the copy, as after a power cut.
 */
export async function power({ count: trials, random }) {
  const problems = [];
  let acked = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { dir: outer, done } = workspace();
    const [image, copy, dir] = [join(outer, 'disk'), join(outer, 'copy'), join(outer, 'm')];
    mkdirSync(dir);
    writeFileSync(image, '');
    truncateSync(image, 48 * 1024 * 1024);
    execFileSync('mkfs.ext4', ['-q', '-F', image]);
    if (!mounted(['-o', 'loop'], image, dir)) {
      done();
      return { told: 'a loop device cannot be mounted here: nothing was tried', problems: [] };
    }
    const unmounted = hold('mount', dir);
    const room = openRoom(dir);
    const after = openRoom(dir, { acks: room.acks });
    const writers = [];
    try {
      if (!(await room.start())) problems.push(`the room did not start: ${room.output().slice(-300)}`);
      writers.push(...['a', 'b'].map((name) => startWriter(dir, { name, way: 'set', count: 1_000 })));
      writers.push(startWriter(dir, { name: 'c', way: 'own', count: 1_000, shim: true }));
      await sleep(600 + random() * 1_500);
      process.kill(room.pid(), 'SIGSTOP');
      const sure = writers.map(({ name, done: numbers }) => ({ name, done: [...numbers] }));
      const acks = new Map(room.acks);
      copyFileSync(image, copy);
      for (const writer of writers) await writer.stop();
      await room.end('SIGKILL');
      spawnSync('umount', ['-l', dir]);
      if (!mounted(['-o', 'loop'], copy, dir)) problems.push(`trial ${trial}: the disk cannot be mounted again`);
      after.acks.clear();
      for (const [path, value] of acks) after.acks.set(path, value);
      if (!(await after.start())) problems.push(`trial ${trial}: the room did not start again: ${after.output().slice(-400)}`);
      await until(() => missingOf(dir, sure).length === 0, 10_000, 30);
      const lost = missingOf(dir, sure);
      if (lost.length > 0) problems.push(`trial ${trial}: ${lost.length} acknowledged updates lost, e.g. ${lost[0]}`);
      const own = lostAcks(readStatus(dir), after.acks);
      if (own.length > 0) problems.push(`trial ${trial}: own update lost: ${JSON.stringify(own[0])}`);
      acked += sure.reduce((sum, { done: numbers }) => sum + numbers.length, 0);
    } finally {
      for (const writer of writers) await writer.stop();
      await room.end('SIGKILL');
      await after.end('SIGKILL');
      spawnSync('umount', ['-l', dir]);
      unmounted();
      await sleep(50);
      done();
    }
  }
  return { told: `${trials} power cuts, ${acked} acknowledged before them`, problems };
}
