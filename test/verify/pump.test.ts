/** PROTOCOL §4: all that a check has printed is in its log, whenever the room comes to reading it. */
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { processInfo } from '../../src/native/process.ts';
import { drain, startPump } from '../../src/verify/pump.ts';

const rest = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

it.skipIf(process.platform !== 'linux')('what was printed while the room was put aside is read before a silence counts', async () => {
  const child = spawn('sh', ['-c', 'read go; printf last'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const written: Uint8Array[] = [];
  const pump = startPump(child.stdout, [], () => {}, {
    async write(bytes) {
      written.push(bytes);
    },
    close: async () => ({ sha256: '', bytes: 0, trouble: null }),
  });
  const drained = drain(pump);
  // From here on nothing of this process runs, until the other has ended and longer than any silence.
  setImmediate(() => {
    child.stdin.write('go\n');
    while (processInfo(child.pid ?? 0)?.state !== 'Z') rest(10);
    rest(500);
  });
  expect(await drained).toBe(false);
  expect(Buffer.concat(written).toString()).toBe('last');
});
