import { afterEach, expect, test } from 'vitest';
import type { InstanceId } from '../../src/core/ids.ts';
import { createFavour, type Favour } from '../../src/pane/favour.ts';
import { until } from '../support/until.ts';
import { BACKEND, FRONTEND, instance, makePlace, node, paneSet, started } from './support.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function sessions(...ids: string[]) {
  const told: string[] = [];
  const panes = ids.map((id) => ({
    instance: id as InstanceId,
    exit: () => (id === 'ended' ? { exitCode: 0, signal: null } : null),
    hold: () => told.push(`hold ${id}`),
    readOn: () => told.push(`read ${id}`),
  }));
  const favour: Favour = createFavour(() => panes);
  open.push(favour);
  return { favour, told };
}

test('the others wait until the echo has come, those that have ended never do', () => {
  const { favour, told } = sessions('a', 'b', 'ended');
  favour.typed('a' as InstanceId);
  expect(told.splice(0)).toEqual(['hold b']);
  favour.typed('a' as InstanceId);
  favour.printed('b' as InstanceId);
  expect(told).toEqual([]);
  favour.printed('a' as InstanceId);
  favour.printed('a' as InstanceId);
  expect(told).toEqual(['read b']);
});

test('a program that echoes nothing holds nobody up for good', async () => {
  const { favour, told } = sessions('a', 'b');
  favour.typed('a' as InstanceId);
  await until('the others to be read again', () => told.includes('read b'));
});

test('a closed room leaves nobody waiting', () => {
  const { favour, told } = sessions('a', 'b');
  favour.typed('a' as InstanceId);
  favour.close();
  expect(told).toEqual(['hold b', 'read b']);
});

test('every byte of a flood arrives, however much is typed meanwhile', async () => {
  const place = makePlace();
  const flood = node(
    'let n = 0; const more = () => { while (n < 20000) if (!process.stdout.write(n++ + "\\n")) return process.stdout.once("drain", more); }; more();',
  );
  const set = paneSet(place, [instance(['cat']), instance(flood, { id: FRONTEND })]);
  open.push({ close: () => set.close().then(place.remove) });
  let seen = '';
  set.subscribe(FRONTEND, (bytes) => {
    seen += bytes.toString('latin1');
  });
  let echoed = '';
  set.subscribe(BACKEND, (bytes) => {
    echoed += bytes.toString();
  });
  started(set.start(BACKEND));
  started(set.start(FRONTEND));
  let typed = 0;
  await until('all of the flood', () => {
    if (typed < 200) set.type(BACKEND, Buffer.from('x'));
    typed++;
    // The last number may come in two pieces.
    return seen.endsWith('19999\r\n');
  });
  const numbers = seen.trim().split('\r\n').map(Number);
  expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  await until('the echo', () => echoed.includes('x'));
});
