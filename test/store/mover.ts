/** A program: moves `count` versions over the status file of argv[2], each from what it last read there, and lets each lie for argv[4] ms. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const [statusDir = '', count = '0', ms = '0'] = process.argv.slice(2);
const file = join(statusDir, 'multi-instance-status.json');
const document = JSON.parse(readFileSync(file, 'utf8'));
for (let n = 0; n < Number(count); n++) {
  // Every version is made from the first and holds its own field only: none carries what another said.
  const version = structuredClone(document);
  version.instances.a.versions = { [n]: 1 };
  writeFileSync(join(statusDir, `draft-${n}`), JSON.stringify(version));
  await pause(Number(ms));
  renameSync(join(statusDir, `draft-${n}`), file);
  process.stdout.write(`MOVED ${n}\n`);
}
