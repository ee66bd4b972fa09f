/** A program: drops `count` increments and settings into the inbox of argv[2], printing each that is durable. */
import { drop } from '../../src/store/inbox-drop.ts';

const [statusDir = '', name = '', count = '0'] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++) {
  const set = drop(statusDir, { op: 'set', path: ['instances', 'a', 'drops', `${name}-${n}`], value: n, by: 'operator', ifRevision: null });
  if (!set.ok) throw new Error(set.message);
  process.stdout.write(`DROPPED ${name}-${n}\n`);
  const sum = drop(statusDir, { op: 'incr', path: ['instances', 'a', 'sum'], value: 1, by: 'operator', ifRevision: null });
  if (!sum.ok) throw new Error(sum.message);
  process.stdout.write('ADDED\n');
}
