// Runs npm from inside npm: the outer run's settings must not leak into the inner one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Settings of an outer npm that would change what an inner one installs or where; registry, proxy and cache stay. */
const LEAKING =
  /^npm_config_(global|location|prefix|local_prefix|omit|include|production|only|also|dev|optional|ignore_scripts|dry_run|json|save.*|package_lock.*|lockfile.*|workspaces?|include_workspace_root|install_(links|strategy)|global_style|legacy_bundling|force|pack_destination|if_present|long|parseable)$/;

/** The environment without what an outer npm run, or a production setting, has put there. */
export function cleanEnv(env) {
  const kept = Object.entries(env).filter(([name]) => {
    const lower = name.toLowerCase().replaceAll('-', '_');
    return (
      !LEAKING.test(lower) && !/^npm_(package|lifecycle|command|node_execpath)/.test(lower) && name !== 'INIT_CWD' && name !== 'NODE_ENV'
    );
  });
  return Object.fromEntries(kept);
}

/** npm as command and first arguments: the one that runs us, the one that belongs to this node, or the one on the PATH. */
function findNpm(env) {
  const outer = env.npm_execpath;
  if (outer !== undefined && basename(outer) === 'npm-cli.js' && existsSync(outer)) return [process.execPath, outer];
  const own = resolve(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  if (existsSync(own)) return [process.execPath, own];
  const onPath = (env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, 'npm')));
  return onPath ? ['npm'] : null;
}

/**
 * Runs a program; what it prints goes to our stderr, so that our stdout stays clean for the command behind us.
 * @returns {Promise<number>} its exit code; 1 when it was ended by a signal
 */
export function run(command, args, { cwd, env }) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 2, 2] });
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}

/** Installs exactly what `folder`'s lock file says, development packages included, without running any package's scripts. */
export async function installLocked(folder, env = process.env) {
  const npm = findNpm(env);
  if (npm === null) throw new Error('packages are missing and npm was not found: install npm, or run its "npm ci" by other means');
  const [command, ...first] = npm;
  const settings = [
    '--include=dev',
    '--include=optional',
    '--include=peer',
    '--ignore-scripts',
    '--package-lock',
    '--no-audit',
    '--no-fund',
  ];
  const code = await run(command, [...first, 'ci', ...settings], { cwd: folder, env: cleanEnv(env) });
  if (code !== 0) throw new Error(`npm ci in ${folder} failed with exit code ${code}; what it said stands above`);
}
