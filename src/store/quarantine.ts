import { createHash } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** So many refused inputs are kept; then the oldest go. */
const KEPT = 256;
const KEPT_BYTES = 256 * 1024 * 1024;

/**
 * Refused inputs are kept as they were found, each with a `.why` beside it. Throws the system's errors.
 * `copy` answers the name below the quarantine, also when the same bytes lie there already.
 */
export function createQuarantine(dir: string) {
  const nameFor = (path: string): string => `${Date.now()}-${process.hrtime.bigint()}-${plain(basename(path))}`;

  function explain(name: string, from: string, why: string): void {
    writeFileSync(join(dir, `${name}.why`), `${new Date().toISOString()} ${plainLine(from)}\n${plainLine(why)}\n`, { mode: 0o600 });
    prune(dir);
  }

  return {
    copy: (bytes: Buffer, from: string, why: string): string => {
      const mark = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
      const known = readdirSync(dir).find((name) => name.includes(`-${mark}-`) && !name.endsWith('.why'));
      if (known !== undefined) return known;
      const name = `${Date.now()}-${mark}-${plain(basename(from))}`;
      writeFileSync(join(dir, name), bytes, { mode: 0o600, flush: true });
      explain(name, from, why);
      return name;
    },
    /** For what cannot or shall not be read: links, directories, devices, files beyond the limit. */
    move: (path: string, why: string): string => {
      const name = nameFor(path);
      renameSync(path, join(dir, name));
      explain(name, path, why);
      return name;
    },
  };
}

export type Quarantine = ReturnType<typeof createQuarantine>;

/** Names come from outside: what could steer a terminal or a path goes. */
function plain(name: string): string {
  return name.replace(/[^0-9A-Za-z._-]/g, '_').slice(0, 80) || '_';
}

function plainLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, 500);
}

function prune(dir: string): void {
  const names = readdirSync(dir).filter((name) => !name.endsWith('.why'));
  // Names begin with the time, in digits of one length.
  names.sort().reverse();
  let bytes = 0;
  for (const [index, name] of names.entries()) {
    bytes += statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0;
    if (index < KEPT && (bytes <= KEPT_BYTES || index === 0)) continue;
    rmSync(join(dir, name), { recursive: true, force: true });
    rmSync(join(dir, `${name}.why`), { force: true });
  }
}
