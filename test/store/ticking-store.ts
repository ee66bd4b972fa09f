/** A program: opens the store in argv[2], ticks without pause and prints `ACK <key> <n>` for every durable update; takes in what others write. */

import type { Entry } from '../../src/core/ports.ts';
import type { Op } from '../../src/core/tree.ts';
import { openStore } from '../../src/store/open.ts';

const [statusDir = '', life = '0'] = process.argv.slice(2);
const answer = await openStore({
  statusDir,
  initial: { document: { instances: { a: {} } }, coordinator: {} },
  lockInfo: { pid: process.pid, host: 'child', bootId: null, since: new Date().toISOString(), socket: '/none', version: '0', protocol: 1 },
  segmentBytes: 20_000,
});
if (!answer.ok) {
  process.stdout.write(`${answer.code}\n`);
  process.exit(answer.code === 'held' ? 75 : 1);
}
const { store } = answer;
process.stdout.write('OPEN\n');
process.stdin.on('end', () => void store.close()).resume();
for (let n = 0; ; n++) {
  await Promise.all(
    ['x', 'y', 'z'].map(async (key) => {
      await store.append({
        kind: 'coord',
        id: null,
        event: null,
        ops: [
          [['coordinator', `${life}-${key}-${n}`], n],
          [['document', 'handoffProtocol'], { n }],
        ],
      });
      process.stdout.write(`ACK ${life}-${key}-${n} ${n}\n`);
    }),
  );
  const found = await store.capture();
  const ahead = store.ahead();
  const entries = found.map((foreign): Entry => {
    const ops = ahead
      .merge(foreign)
      .edits.map(({ path, value }): Op => (value === undefined ? [['document', ...path]] : [['document', ...path], value]));
    const kind = foreign.kind === 'set' ? 'set' : foreign.kind === 'document' ? 'ext' : 'reject';
    const entry: Entry = { kind, id: foreign.id, event: null, ops };
    ahead.add(entry);
    return entry;
  });
  if (entries.length > 0) await store.append(...entries);
  for (const foreign of found) await store.settle(foreign);
  await store.project();
}
