/**
 * Ends and removes what the torture has started once the torture itself is gone, however it went: a process of its own whose
 * input closes with its owner, also after kill -9.
 */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** In this order: what still writes, what it writes on, where that was. */
const ENDS = {
  group: (pid) => endGroup(Number(pid)),
  mount: (folder) => spawnSync('umount', ['-l', folder]),
  folder: (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
};

let tell = null;

function startKeeper() {
  const child = spawn(process.execPath, [SELF], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  child.unref();
  child.stdin.unref();
  return (line) => child.stdin.write(`${JSON.stringify(line)}\n`);
}

/**
 * @param kind a key of ENDS
 * @param value the leader of a process group, or a path
 * @returns to be called when it has been ended or removed, or shall stay
 */
export function hold(kind, value) {
  tell ??= startKeeper();
  tell({ hold: kind, value: String(value) });
  return () => tell({ free: kind, value: String(value) });
}

if (process.argv[1] === SELF) {
  const held = Object.fromEntries(Object.keys(ENDS).map((kind) => [kind, new Set()]));
  for await (const line of createInterface({ input: process.stdin })) {
    const { hold: one, free, value } = JSON.parse(line);
    if (one !== undefined) held[one].add(value);
    else held[free].delete(value);
  }
  for (const [kind, end] of Object.entries(ENDS)) for (const value of held[kind]) end(value);
}
