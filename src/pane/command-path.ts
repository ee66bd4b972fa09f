/** Finding the program before it is started, so that "no such command" is a sentence and not an exit code 1. */
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

export type Found = { readonly file: string } | { readonly failed: string };

/**
 * The absolute path of `name` as execvp(3) would find it with this PATH, seen from `cwd`.
 * A script whose interpreter is missing is told apart from a program that is missing.
 */
export function findCommand(name: string, cwd: string, searchPath: string): Found {
  if (name === '') return { failed: 'the command is empty: give the program as the first word' };
  if (name.includes('\0')) return { failed: 'the command holds a NUL character' };
  if (name.includes('/')) return judge(path.resolve(cwd, name), name);
  let denied: string | null = null;
  for (const entry of searchPath.split(':')) {
    const file = path.resolve(cwd, entry, name);
    const why = obstacle(file);
    if (why === null) return interpreterOf(file, name);
    if (why !== 'missing') denied ??= `${file} ${why}`;
  }
  return { failed: denied ?? `there is no command "${name}" on the PATH` };
}

/** null when a program can be started in this directory, else the sentence that says why not. */
export function directoryObstacle(cwd: string): string | null {
  try {
    if (!statSync(realpathSync(cwd)).isDirectory()) return `the directory ${cwd} is not a directory`;
    accessSync(cwd, constants.X_OK);
    return null;
  } catch (error) {
    return codeOf(error) === 'EACCES' ? `the directory ${cwd} may not be entered` : `the directory ${cwd} does not exist`;
  }
}

function judge(file: string, name: string): Found {
  const why = obstacle(file);
  if (why === null) return interpreterOf(file, name);
  return { failed: why === 'missing' ? `there is no file ${file}` : `${file} ${why}` };
}

function obstacle(file: string): 'missing' | 'is not a file' | 'is not executable' | null {
  try {
    if (!statSync(file).isFile()) return 'is not a file';
    accessSync(file, constants.X_OK);
    return null;
  } catch (error) {
    return codeOf(error) === 'EACCES' ? 'is not executable' : 'missing';
  }
}

function interpreterOf(file: string, name: string): Found {
  const interpreter = /^#![ \t]*(\/[^\s\0]+)/.exec(firstBytes(file))?.[1];
  if (interpreter === undefined || obstacle(interpreter) === null) return { file };
  return { failed: `"${name}" (${file}) asks for the interpreter ${interpreter}, which is not there` };
}

/** Programs may be executable and unreadable; then nothing is known of their first line. */
function firstBytes(file: string): string {
  const head = Buffer.alloc(256);
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return '';
  }
  try {
    return head.toString('latin1', 0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
