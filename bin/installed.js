// Is what the lock file says in node_modules? Asked of the files themselves: a stamp would not notice a half-removed tree.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** npm's rule for `os` and `cpu`: no list fits all, `!x` excludes. */
function fits(list, value) {
  if (list === undefined) return true;
  const words = [list].flat();
  if (words.includes(`!${value}`)) return false;
  const wanted = words.filter((word) => !word.startsWith('!'));
  return wanted.length === 0 || wanted.includes(value);
}

/**
 * An optional package is needed when it is the build for this machine. Those without `os` and `cpu` belong to builds for
 * other machines; those for one C library are left out because their siblings tell the same without asking which one runs.
 */
function isNeeded(wanted) {
  if (wanted.link === true) return false;
  if (wanted.optional !== true) return true;
  const isBuild = wanted.os !== undefined && wanted.cpu !== undefined && wanted.libc === undefined;
  return isBuild && fits(wanted.os, process.platform) && fits(wanted.cpu, process.arch);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Absent or half-written: not installed, in either case.
    return null;
  }
}

/** The packages of the lock file that this machine needs and that are not there as they should be, as `name@version`. */
export function missingPackages(root) {
  const lock = readJson(join(root, 'package-lock.json'));
  if (lock === null) throw new Error(`${join(root, 'package-lock.json')} is missing or not JSON: take it from the repository again`);
  // npm writes this file last: without it an installation was cut short.
  const hidden = readJson(join(root, 'node_modules/.package-lock.json'));
  const here = hidden?.packages ?? {};
  const missing = [];
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '' || !isNeeded(wanted)) continue;
    const there = here[path]?.version === wanted.version && existsSync(join(root, path, 'package.json'));
    if (!there) missing.push(`${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${wanted.version}`);
  }
  return missing;
}
