/** Puts a room on its own feet: it goes on without the terminal, and without the process, that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../workspace/package-root.ts';
import { workspacePaths } from '../workspace/paths.ts';

export type Starting = {
  readonly child: ChildProcess;
  /** What it said on its error stream so far. */
  complaint(): string;
  /** Lets the child go its own way. */
  release(): void;
};

export function startRoom(root: string): Starting {
  const { privateDir, roomLog } = workspacePaths(root);
  mkdirSync(privateDir, { recursive: true, mode: 0o700 });
  const log = openSync(roomLog, 'a', 0o600);
  const child = spawn(process.execPath, [join(packageRoot(), 'bin', 'coordtui.js'), 'serve', '--foreground', '--workspace', root], {
    cwd: root,
    detached: true,
    stdio: ['ignore', log, 'pipe'],
  });
  closeSync(log);
  let complaint = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    complaint += bytes.toString();
  });
  return {
    child,
    complaint: () => complaint.trim(),
    release() {
      child.stderr?.destroy();
      child.unref();
    },
  };
}
