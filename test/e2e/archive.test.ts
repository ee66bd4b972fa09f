/** Decision 0028 in a real room: what it has archived is shown from the journal, and comes back when it is opened again. */
import { afterEach, expect, test } from 'vitest';
import { type Room, startRoom } from '../support/rooms.ts';
import { BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

let place: Place;
let room: Room | null = null;

afterEach(async () => {
  await room?.stop();
  room = null;
  place.remove();
});

async function asked<T>(...args: string[]): Promise<T> {
  const { exit, out, err } = await coordtui(place.root, [...args, '--json']);
  expect([exit, err]).toEqual([0, '']);
  return JSON.parse(out) as T;
}

test('a closed handoff that is no longer in the state is listed, shown, explained and answered for as before', async () => {
  place = openPlace('archive', 'policy: { handoffsWhole: 0, handoffsWholeMs: 0 }\n');
  room = await startRoom(place.root);
  const { handoff: id } = await asked<{ handoff: string }>('assign', BACKEND, '--task', 'add the orders table', '--priority', 'high');
  await asked('handoffs', 'withdraw', id, '--reason', 'not wanted');
  // Whatever happens next finds it old enough.
  const { handoff: next } = await asked<{ handoff: string }>('assign', FRONTEND, '--task', 'the order form');
  const state = await asked<{ coordinator: { handoffs: object; archive: Record<string, object> } }>('replay', '--at', '1000000');
  expect(Object.keys(state.coordinator.handoffs)).toEqual([next]);
  expect(Object.values(state.coordinator.archive).flatMap((page) => Object.keys(page))).toEqual([id]);

  expect(await asked('handoffs', '--all')).toMatchObject([
    { id, closedAs: 'withdrawn', priority: 'high', task: 'add the orders table' },
    { id: next, closedAs: null },
  ]);
  expect(await asked('handoffs', 'show', id)).toMatchObject({
    id,
    from: BACKEND,
    rounds: [],
    history: [{ move: 'assign' }, { move: 'withdraw', reason: 'not wanted' }],
    document: expect.stringMatching(/^docs_dev\/handoffs\/handoff-/),
  });
  expect((await asked<{ sentence: string }>('explain', id)).sentence).toMatch(/was withdrawn by .*not wanted/);
  const refused = await coordtui(place.root, ['handoffs', 'hold', id]);
  expect([refused.exit, refused.err]).toEqual([4, `hold: ${id} is closed; see: coordtui handoffs --all\n`]);

  // What waits for it holds it in the state, as long as it waits.
  const { handoff: heir } = await asked<{ handoff: string }>('assign', BACKEND, '--task', 'after it', '--depends', id);
  expect((await asked<{ sentence: string }>('explain', heir)).sentence).toMatch(new RegExp(`in vain for ${id}`));
  const held = await asked<{ coordinator: { handoffs: object } }>('replay', '--at', '1000000');
  expect(Object.keys(held.coordinator.handoffs)).toContain(id);
});
