import { expect, test } from 'vitest';
import type { InstanceId } from '../../src/core/ids.ts';
import { unseen } from '../../src/core/unseen.ts';
import { NO_VITALS } from '../../src/core/vital-signs.ts';
import { NOW, session, state } from './state-fixture.ts';

const ONE = 'instance-1' as InstanceId;

test('PROTOCOL §2: before a room has looked, no session of the former one is shown as running, dead or asking', () => {
  const vitals = { ...NO_VITALS, asking: { what: 'permission' as const, since: { at: NOW, awake: NOW } } };
  const before = state([], {});
  const known = { ...before, coordinator: { ...before.coordinator, instances: { [ONE]: session({ pid: 7, vitals }) } } };
  const shown = unseen(known, NOW + 5).coordinator.instances[ONE];
  expect(shown).toMatchObject({ session: 'unknown', pid: null, exit: null, since: NOW + 5 });
  expect(shown?.vitals).toBeUndefined();
});
