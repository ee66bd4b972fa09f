import { expect, test } from 'vitest';
import { namedChecks } from '../../src/core/arguments.ts';

test('INTERFACE: `verify trial CHECK` names the check, also where one is called trial', () => {
  expect(namedChecks(['trial', 'unit'], ['unit'])).toEqual(['unit']);
  expect(namedChecks(['unit'], ['unit'])).toEqual(['unit']);
  expect(namedChecks(['trial'], ['unit', 'trial'])).toEqual(['trial']);
});
