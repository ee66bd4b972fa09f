/** Puts a room on its own feet: it goes on without the terminal, and without the process, that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../workspace/package-root.ts';
import { workspacePaths } from '../workspace/paths.ts';

export type Starting = {
  readonly child: ChildProcess;
  /** What it has written into its log since it was started, for the case that it ended at once. */
  complaint(): string;
  /** Lets the child go its own way. */
  release(): void;
};

const COMPLAINT_BYTES = 8_192;

/**
 * Young memory in smaller portions (megabytes): of what sessions print most is soon forgotten, and to collect a portion
 * stops the room. Measured beside two that print without limit: one key in a hundred waited 12 ms, and 9 ms with this.
 */
const HEAP = '--max-semi-space-size=4';

/** `forScreen`: whoever starts it shows it at once. Throws the system's error when the log cannot be opened. */
export function startRoom(root: string, forScreen: boolean, env: NodeJS.ProcessEnv = process.env): Starting {
  const { privateDir, roomLog } = workspacePaths(root);
  mkdirSync(privateDir, { recursive: true, mode: 0o700 });
  const log = openSync(roomLog, 'a+', 0o600);
  const before = fstatSync(log).size;
  const args = ['serve', '--foreground', ...(forScreen ? ['--for-screen'] : []), '--workspace', root];
  const child = spawn(process.execPath, [HEAP, join(packageRoot(), 'bin', 'coordtui.js'), ...args], {
    cwd: root,
    env,
    detached: true,
    // Both into the log: what it says when it dies, long after we are gone, must be found somewhere.
    stdio: ['ignore', log, log],
  });
  return {
    child,
    complaint() {
      const bytes = Buffer.alloc(COMPLAINT_BYTES);
      return bytes
        .subarray(0, readSync(log, bytes, 0, COMPLAINT_BYTES, before))
        .toString()
        .trim();
    },
    release() {
      closeSync(log);
      child.unref();
    },
  };
}
