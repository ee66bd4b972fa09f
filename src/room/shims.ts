/** Programs that every session finds first on its PATH: `coordtui` is this very coordtui, wherever it was installed. */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Answers the directory. Written anew at each start of a room, since Node or the package may have moved. */
export function writeShims(privateDir: string, program: string): string {
  const dir = join(privateDir, 'bin');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const shim = join(dir, 'coordtui');
  const fresh = `${shim}.${process.pid}`;
  writeFileSync(fresh, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(program)} "$@"\n`);
  chmodSync(fresh, 0o755);
  // An agent of a former room may be starting it at this moment.
  renameSync(fresh, shim);
  return dir;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
