import { expect, test } from 'vitest';
import { configJsonSchema, statusJsonSchema } from '../../src/workspace/schemas.ts';

test('INTERFACE: the schema of the config knows every section, and what is required in an instance', () => {
  const schema = configJsonSchema() as { properties: Record<string, unknown>; additionalProperties: unknown };
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['instances', 'coordination', 'triggers', 'verification', 'ack', 'ui', 'notify', 'policy']),
  );
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.instances).toMatchObject({ items: { required: ['id'] } });
});

test('INTERFACE: the schema of the status document has P1’s fields and forbids no others', () => {
  const schema = statusJsonSchema() as {
    properties: Record<string, { properties?: Record<string, unknown>; additionalProperties?: unknown }>;
  };
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['coordinationSession', 'autonomousCoordination', 'instances', 'handoffProtocol', 'revision']),
  );
  expect(schema.properties.handoffProtocol?.properties).toHaveProperty('currentHandoffPhase');
  expect(schema.properties.instances?.additionalProperties).toMatchObject({ properties: { status: { type: 'string' }, currentTask: {} } });
  expect(schema).not.toHaveProperty('additionalProperties');
});
