/**
 * A program: moves `count` versions over the status file of argv[2], each once process argv[4] has it open. Linux only: the
 * system's own table of descriptors says so.
 */
import { readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const [statusDir = '', count = '0', watcher = ''] = process.argv.slice(2);
const file = join(statusDir, 'multi-instance-status.json');
const document = JSON.parse(readFileSync(file, 'utf8'));

function isOpen(path: string): boolean {
  const table = `/proc/${watcher}/fd`;
  return readdirSync(table).some((fd) => {
    try {
      return readlinkSync(join(table, fd)) === path;
    } catch {
      // Closed since the listing.
      return false;
    }
  });
}

for (let n = 0; n < Number(count); n++) {
  // Every version is made from the first and holds its own field only: none carries what another said. Each has a size of its
  // own: an inode is soon another file's, and the clock that files are stamped by is a coarse one.
  const version = structuredClone(document);
  version.instances.a.versions = { [n]: 'x'.repeat(n) };
  const draft = join(statusDir, `draft-${n}`);
  writeFileSync(draft, JSON.stringify(version));
  while (!isOpen(draft)) await pause(1);
  renameSync(draft, file);
  process.stdout.write(`MOVED ${n}\n`);
}
