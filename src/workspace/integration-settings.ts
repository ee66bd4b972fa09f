/** What the shipped checks are told about a project (PROTOCOL section 4): everything optional, they look for themselves. */
import { z } from 'zod';

const text = z.string().min(1).max(4096);
const globs = z.array(text).max(1000);
const relative = text.refine(
  (value) => !value.startsWith('/') && !value.startsWith('~') && !value.split('/').includes('..'),
  'must lie inside the workspace: a relative path without ".."',
);

const database = z.strictObject({
  /** Where the SQL migrations lie, if not where they usually do. */
  migrations: globs.optional(),
  dialect: z.enum(['sqlite', 'postgresql', 'mysql']).optional(),
  /** A live SQLite file. */
  file: relative.optional(),
  /** Interface → table. */
  interfaces: z.record(text, text).optional(),
});

const ipc = z.strictObject({
  frontend: globs.optional(),
  backend: globs.optional(),
  /** Routes and channels that somebody outside of this project calls, or serves: `/webhooks/*`. */
  external: globs.optional(),
});

const layer = z.union([
  z.strictObject({
    name: text.max(64).optional(),
    http: z.url({ protocol: /^https?$/ }),
    method: text.max(16).optional(),
    headers: z.record(text, z.string().max(8192)).optional(),
    body: z.string().max(65_536).optional(),
  }),
  z.strictObject({ name: text.max(64).optional(), redis: z.url({ protocol: /^rediss?$/ }), command: z.array(z.string()).min(1).max(64) }),
  z.strictObject({ name: text.max(64).optional(), file: relative, content: z.string().max(65_536).optional() }),
  z.strictObject({ name: text.max(64).optional(), command: text }),
]);

const probe = z.strictObject({
  name: text.max(128),
  write: layer,
  /** In the order in which the value travels. */
  read: z.array(layer).min(1).max(16),
  /** What the layers must show; `{value}` is the value of this run. */
  expect: text.default('{value}'),
  limitMs: z.int().min(1).max(600_000).default(5_000),
  cleanup: layer.optional(),
});

const cache = z.strictObject({ probes: z.array(probe).max(64).default([]) });

const filesystem = z.strictObject({
  /** Files that must exist, beside those that the handoff declares. */
  declared: globs.optional(),
  /** Globs that may hold anything: fixtures with conflict markers, files that are empty on purpose. */
  ignore: globs.optional(),
});

export const integrationSettings = z.strictObject({
  ignore: globs.default([]),
  database: database.prefault({}),
  ipc: ipc.prefault({}),
  cache: cache.prefault({}),
  filesystem: filesystem.prefault({}),
});

export type IntegrationSettings = z.output<typeof integrationSettings>;
export type DatabaseSettings = IntegrationSettings['database'];
