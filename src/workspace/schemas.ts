/** JSON Schemas for editors: of `coordtui.yaml`, and of the status document. */
import { z } from 'zod';
import { freshDocument } from '../core/status-document.ts';
import { isObject, type Json, type JsonObject } from '../core/tree.ts';
import { defaultConfig } from './config.ts';
import { configSchema } from './config-schema.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** What may be written, so the form before defaults are filled in. */
export function configJsonSchema(): JsonObject {
  return { ...(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonObject), title: 'coordtui.yaml' };
}

/** The fields that a fresh document has; whoever else writes there may have more, and they are kept. */
export function statusJsonSchema(): JsonObject {
  const document = freshDocument(defaultConfig({ shell: undefined }), { sessionId: 'session', at: '1970-01-01T00:00:00.000Z' });
  const { instances, ...rest } = document;
  const [instance] = isObject(instances) ? Object.values(instances) : [];
  const shape = schemaOf(rest);
  return {
    $schema: DRAFT,
    title: 'multi-instance-status.json',
    ...shape,
    properties: {
      ...(isObject(shape.properties) ? shape.properties : {}),
      instances: { type: 'object', additionalProperties: schemaOf(instance ?? {}) },
      revision: { type: 'integer', description: 'keep it when you write the file: it says what your change was made from' },
      storeId: { type: 'string' },
    },
  };
}

function schemaOf(value: Json): JsonObject {
  if (Array.isArray(value)) return { type: 'array' };
  if (isObject(value))
    return { type: 'object', properties: Object.fromEntries(Object.entries(value).map(([key, part]) => [key, schemaOf(part ?? null)])) };
  // A field that is empty at first may hold anything later.
  return value === null ? {} : { type: typeof value };
}
