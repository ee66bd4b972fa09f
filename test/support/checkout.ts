/** Copies of this project to build, pack and install from, so that no test touches the checkout that it runs in. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from './rooms.ts';

const PARTS = ['bin', 'src', 'templates', 'status', 'package.json', 'package-lock.json', 'tsconfig.json', 'LICENSE', 'README.md'];

/** @param packages `linked`: uses the packages installed here; `none`: a fresh clone */
export function copyCheckout(to: string, packages: 'linked' | 'none'): string {
  for (const part of PARTS) if (existsSync(join(PROJECT_ROOT, part))) cpSync(join(PROJECT_ROOT, part), join(to, part), { recursive: true });
  if (packages === 'linked') linkPackages(to);
  return to;
}

/** Each by a link of its own: an npm that empties this node_modules removes links and not what they lead to. */
function linkPackages(to: string): void {
  mkdirSync(join(to, 'node_modules'));
  for (const name of readdirSync(join(PROJECT_ROOT, 'node_modules'))) {
    symlinkSync(join(PROJECT_ROOT, 'node_modules', name), join(to, 'node_modules', name));
  }
}

/** The same tooling around sources small enough to follow: path → text. */
export function copyTooling(to: string, sources: Readonly<Record<string, string>>): string {
  for (const part of ['bin', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(PROJECT_ROOT, part), join(to, part), { recursive: true });
  linkPackages(to);
  mkdirSync(join(to, 'src'));
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
  }
  return to;
}

/** Runs a program to its end; what it was given of the environment is replaced by name, undefined removes. */
export function runIn(
  cwd: string,
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): SpawnSyncReturns<string> {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: 600_000 });
}

export function packageVersion(): string {
  return JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')).version;
}
