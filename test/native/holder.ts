/** A program with four parts to play: hold a lock, race for one, connect to a socket, or reap an orphan. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { tryLock } from '../../src/native/lock.ts';
import { processInfo } from '../../src/native/process.ts';
import { becomeSubreaper, startReaper } from '../../src/native/subreaper.ts';

const [part, path = ''] = process.argv.slice(2);

if (part === 'lock') {
  const lock = tryLock(path);
  // A child that outlives us must not keep the lock.
  const child = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
  process.stdout.write(`CHILD ${child.pid}\n${'fd' in lock ? 'HELD' : JSON.stringify(lock)}\n`);
  process.stdin.resume();
} else if (part === 'race') {
  process.stdout.write('READY\n');
  let lock: ReturnType<typeof tryLock> | null = null;
  process.stdin.setEncoding('utf8').on('data', (told: string) => {
    if (told.includes('release')) {
      if (lock !== null && 'release' in lock) lock.release();
      process.stdout.write('FREE\n');
    } else {
      lock = tryLock(path);
      process.stdout.write('fd' in lock ? 'HELD\n' : 'REFUSED\n');
    }
  });
} else if (part === 'connect') {
  connect(path);
} else if (part === 'reap') {
  if (!becomeSubreaper()) throw new Error('no subreaper');
  const reaper = startReaper({ intervalMs: 5 });
  writeFileSync(join(path, 'stay'), '');
  // The middle shell ends at once; what it left behind stays while the file does.
  spawn('/bin/sh', ['-c', `sh -c 'echo $$ > "${path}/orphan"; while [ -e "${path}/stay" ]; do sleep 0.02; done' & exit 0`], {
    stdio: 'ignore',
  });
  const look = setInterval(() => {
    const pid = existsSync(join(path, 'orphan')) ? Number(readFileSync(join(path, 'orphan'), 'utf8')) : 0;
    if (pid === 0 || processInfo(pid)?.ppid !== process.pid) return;
    clearInterval(look);
    process.stdout.write(`ADOPTED ${pid}\n`);
  }, 5);
  let exits = 0;
  for (let n = 0; n < 30; n++)
    spawn('/bin/sh', ['-c', `exit ${n}`], { stdio: 'ignore' }).on('exit', (code) => (exits += code === n ? 1 : 0));
  process.stdin
    .on('end', () => {
      const wait = setInterval(() => {
        if (exits < 30) return;
        clearInterval(wait);
        reaper.close();
        process.stdout.write(`CHILDREN ${exits} of 30\n`);
      }, 5);
    })
    .resume();
}
