/**
 * A program that keeps its orphans, on its own feet. The attribute of a subreaper is not inherited by children but
 * survives an exec: so a short-lived Node takes it on and becomes the program. Whatever double-forks below it stays
 * below it, also when the room that started it is long gone. Node's own standard files end with the exec, hence the shell:
 * a server that has none takes those numbers for its own pipes, and loses signals over it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const BECOME = `
const [library, file, ...args] = process.argv.slice(1);
const koffi = require(library);
const c = koffi.load(null);
c.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)')(36, 1, 0, 0, 0);
const words = ['/bin/sh', '-c', 'exec "$0" "$@" </dev/null >/dev/null 2>&1', file, ...args];
c.func('int execv(const char *path, const char **argv)')(words[0], [...words, null]);
process.exit(127);
`;

export type KeeperOptions = { readonly cwd: string; readonly env: Readonly<Record<string, string>> };

/** `file` is absolute. Where no such attribute is to be had it is the program alone, in a session of its own. */
export function spawnKeeper(file: string, args: readonly string[], { cwd, env }: KeeperOptions): ChildProcess {
  const library = process.platform === 'linux' ? foreignFunctions() : null;
  const [program, words] = library === null ? [file, [...args]] : [process.execPath, ['-e', BECOME, library, file, ...args]];
  const child = spawn(program, words, { cwd, env, detached: true, stdio: 'ignore' });
  child.on('error', () => {
    // Told by whoever waits for the program to answer.
  });
  child.unref();
  return child;
}

function foreignFunctions(): string | null {
  try {
    return createRequire(import.meta.url).resolve('koffi');
  } catch {
    // No build for this system: the same case as on one without the attribute.
    return null;
  }
}
