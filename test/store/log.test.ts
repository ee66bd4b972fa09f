import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tryLock } from '../../src/native/lock.ts';
import { openFilesLog } from '../../src/store/files-log.ts';
import { ensureLayout, layoutOf } from '../../src/store/layout.ts';
import { beginning, contract } from './log-contract.ts';
import { createPlace, openMemoryLog } from './memory-log.ts';
import { scratch } from './support.ts';

contract({
  name: 'files',
  place: () => {
    const outer = scratch();
    const mounted = mountTiny(outer);
    const dir = join(outer, 'status');
    mkdirSync(dir);
    const layout = layoutOf(dir);
    ensureLayout(layout);
    return {
      open: async () => {
        const lock = tryLock(layout.lock);
        if (!('fd' in lock)) throw new Error('the lock is not free');
        const answer = await openFilesLog({ layout, lock, initial: beginning, segmentRecords: 8, onRecord: () => undefined });
        if (!answer.ok) throw new Error(answer.message);
        return answer.log;
      },
      usurp: () => {
        renameSync(layout.lock, `${layout.lock}.old`);
        writeFileSync(layout.lock, '');
      },
      fill: () => {
        if (!mounted) return null;
        const ballast = join(outer, 'ballast');
        for (let size = 1 << 20; size > 0; ) {
          try {
            writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
          } catch {
            size >>= 1;
          }
        }
        return () => rmSync(ballast);
      },
    };
  },
});

contract({
  name: 'memory',
  place: () => {
    const place = createPlace();
    return {
      open: async () => openMemoryLog(place, beginning),
      usurp: () => {
        place.epoch += 1;
      },
      fill: () => {
        place.full = true;
        return () => {
          place.full = false;
        };
      },
    };
  },
});

/** 4 MB of memory as a disk; false where that is not allowed. */
function mountTiny(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', dir]));
  return true;
}
