/**
 * Programs that every session finds first on its PATH: `coordtui` is this very coordtui, wherever it was installed; `mv` and
 * `jq` make the documented `jq … > tmp.json && mv tmp.json STATUS` safe, also when agents share one tmp.json.
 */
import { accessSync, chmodSync, constants, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { WorkspacePaths } from '../workspace/paths.ts';
import { jqShim, mvShim } from './shim-scripts.ts';

/** Answers the directory. Written anew at each start of a room, since Node or the package may have moved. */
export function writeShims(paths: WorkspacePaths, program: string, searchPath: string): string {
  const dir = join(paths.privateDir, 'bin');
  const drafts = join(paths.privateDir, 'drafts');
  for (const folder of [dir, drafts, join(paths.privateDir, 'links')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const places = {
    here: quoted(realpathSync(dir)),
    folder: quoted(realpathSync(dirname(paths.statusFile))),
    file: quoted(basename(paths.statusFile)),
    links: quoted(join(realpathSync(paths.privateDir), 'links')),
    drafts: quoted(realpathSync(drafts)),
  };
  write(dir, 'coordtui', `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(program)} "$@"\n`);
  write(dir, 'mv', mvShim(places));
  // A session shall not believe that there is a jq when there is none.
  if (searchPath.split(':').some((folder) => folder !== dir && isProgram(join(folder, 'jq')))) write(dir, 'jq', jqShim(places));
  else rmSync(join(dir, 'jq'), { force: true });
  return dir;
}

function write(dir: string, name: string, text: string): void {
  const shim = join(dir, name);
  const fresh = `${shim}.${process.pid}`;
  writeFileSync(fresh, text);
  chmodSync(fresh, 0o755);
  // An agent of a former room may be starting it at this moment.
  renameSync(fresh, shim);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
