import { describe, expect, test } from 'vitest';
import { checkDatabase } from '../../../src/verify/checks/database/check.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { batches, type Fault, filesOf, findingsIn, placeOfFault, placesOf, planted, type Sources } from './project.ts';
import { shop } from './shop.ts';

const SECONDS = 60_000;
const settings = integrationSettings.parse({}).database;

async function findings(sources: Sources) {
  return findingsIn(await checkDatabase(filesOf(sources), settings));
}

const rows = (name: string) => `src/server/rows/${name}.ts`;
const repository = (name: string) => `src/server/repositories/${name}.ts`;

const FAULTS: readonly Fault[] = [
  {
    what: 'a field without a column',
    file: rows('orders'),
    from: 'total: string;',
    to: 'total: string;\n  discount: string;',
    type: 'schema-column-missing',
    at: 'discount',
  },
  {
    what: 'a column that was dropped',
    file: 'migrations/013_order_totals.up.sql',
    from: 'ALTER TABLE users RENAME',
    to: 'ALTER TABLE shipments DROP COLUMN carrier;\nALTER TABLE users RENAME',
    type: 'schema-column-missing',
    at: 'carrier',
    shows: rows('shipments'),
  },
  {
    what: 'a column that was renamed',
    file: 'migrations/013_order_totals.up.sql',
    from: 'COLUMN bio TO about',
    to: 'COLUMN bio TO biography',
    type: 'schema-column-missing',
    at: 'about',
    shows: rows('users'),
  },
  {
    what: 'a column without a field',
    file: 'migrations/013_order_totals.up.sql',
    from: 'ADD COLUMN stock',
    to: 'ADD COLUMN colour TEXT, ADD COLUMN stock',
    type: 'schema-field-missing',
    at: 'interface ProductRow',
    shows: rows('products'),
  },
  {
    what: 'a wrong type',
    file: rows('order-items'),
    from: 'quantity: number',
    to: 'quantity: string',
    type: 'schema-type-mismatch',
    at: 'quantity',
  },
  { what: 'a text as a date', file: rows('addresses'), from: 'city: string', to: 'city: Date', type: 'schema-type-mismatch', at: 'city' },
  {
    what: 'a type changed by a later migration',
    file: 'migrations/013_order_totals.up.sql',
    from: 'ALTER TABLE users RENAME',
    to: 'ALTER TABLE reviews ALTER COLUMN stars TYPE TEXT;\nALTER TABLE users RENAME',
    type: 'schema-type-mismatch',
    at: 'stars',
    shows: rows('reviews'),
  },
  {
    what: 'NULL that the type does not know',
    file: rows('coupons'),
    from: 'Date | null',
    to: 'Date',
    type: 'schema-nullability-mismatch',
    at: 'valid_until',
  },
  {
    what: 'a null that the column does not know',
    file: rows('users'),
    from: 'email: string',
    to: 'email: string | null',
    type: 'schema-nullability-mismatch',
    at: 'email',
  },
  {
    what: 'NOT NULL dropped later',
    file: 'migrations/013_order_totals.up.sql',
    from: 'ALTER TABLE users RENAME',
    to: 'ALTER TABLE products ALTER COLUMN name DROP NOT NULL;\nALTER TABLE users RENAME',
    type: 'schema-nullability-mismatch',
    at: 'name',
    shows: rows('products'),
  },
  {
    what: 'a value that an enum does not admit',
    file: rows('orders'),
    from: "'new' | 'paid' | 'shipped'",
    to: "'new' | 'paid' | 'cancelled'",
    type: 'schema-enum-mismatch',
    at: 'status',
  },
  {
    what: 'a value that only the CHECK admits',
    file: 'migrations/008_payments.up.sql',
    from: "'card', 'invoice'",
    to: "'card', 'invoice', 'cash'",
    type: 'schema-enum-mismatch',
    at: 'provider',
    shows: rows('payments'),
  },
  {
    what: 'no index for a foreign key',
    file: 'migrations/009_shipments.up.sql',
    from: 'CREATE INDEX idx_shipments_address_id ON shipments (address_id);\n',
    to: '',
    type: 'missing-fk-index',
    at: 'address_id',
  },
  {
    what: 'no index for a searched column',
    file: 'migrations/012_audit_events.up.sql',
    from: 'CREATE INDEX idx_audit_events_entity_id ON audit_events (entity_id);\n',
    to: '',
    type: 'missing-index',
    at: 'WHERE entity_id',
    shows: repository('audit-events'),
  },
  {
    what: 'a table twice',
    file: 'migrations/011_carts.up.sql',
    from: 'CREATE TABLE carts',
    to: 'CREATE TABLE orders',
    type: 'migration-broken',
    at: 'CREATE TABLE orders',
  },
  {
    what: 'a table altered before it exists',
    file: 'migrations/001_users.up.sql',
    from: 'CREATE TABLE users',
    to: 'ALTER TABLE orders ADD COLUMN early TEXT;\nCREATE TABLE users',
    type: 'migration-broken',
    at: 'ALTER TABLE orders',
  },
  {
    what: 'an index on a column that is not there',
    file: 'migrations/004_addresses.up.sql',
    from: 'addresses (user_id)',
    to: 'addresses (customer_id)',
    type: 'migration-broken',
    at: 'customer_id',
  },
  {
    what: 'a foreign key to nowhere',
    file: 'migrations/010_reviews.up.sql',
    from: 'REFERENCES products',
    to: 'REFERENCES articles',
    type: 'foreign-key-broken',
    at: 'articles',
  },
  {
    what: 'an empty way back',
    file: 'migrations/005_coupons.down.sql',
    from: 'DROP TABLE coupons;',
    to: '-- nothing yet',
    type: 'migration-not-reversible',
    at: '-- nothing yet',
  },
  {
    what: 'a way back that forgets something',
    file: 'migrations/013_order_totals.down.sql',
    from: 'ALTER TABLE products DROP COLUMN stock;\n',
    to: '',
    type: 'migration-not-reversed',
    at: 'ALTER TABLE users RENAME',
  },
  {
    what: 'a way back that cannot work',
    file: 'migrations/013_order_totals.down.sql',
    from: 'DROP VIEW order_totals',
    to: 'DROP VIEW order_sums',
    type: 'migration-broken',
    at: 'order_sums',
  },
  {
    what: 'a query for a column that is not there',
    file: repository('reviews'),
    from: 'DELETE FROM reviews WHERE id',
    to: 'DELETE FROM reviews WHERE review_id',
    type: 'schema-column-missing',
    at: 'review_id',
  },
  {
    what: 'a query for a table that is not there',
    file: repository('carts'),
    from: "'SELECT * FROM carts",
    to: "'SELECT * FROM baskets",
    type: 'schema-table-missing',
    at: 'baskets',
  },
  {
    what: 'a column in a multi-line query',
    file: repository('reports'),
    from: 'u.email, p.spent',
    to: 'u.nickname, p.spent',
    type: 'schema-column-missing',
    at: 'u.nickname',
  },
  {
    what: 'an inserted column that is not there',
    file: repository('payments'),
    from: '(order_id, provider',
    to: '(order_no, provider',
    type: 'schema-column-missing',
    at: 'order_no',
  },
];

describe('verify-database-schema on a project of realistic size', () => {
  test('it has thirty files and more a side', () => {
    const paths = [...shop().keys()];
    expect(paths.filter((path) => path.startsWith('src/') || path.startsWith('migrations/')).length).toBeGreaterThanOrEqual(30);
    expect(paths.filter((path) => path.startsWith('web/')).length).toBeGreaterThanOrEqual(30);
  });

  test('says nothing about a tree without faults', { timeout: SECONDS }, async () => {
    const result = await checkDatabase(filesOf(shop()), settings);
    expect(findingsIn(result)).toEqual([]);
    expect(result).toMatchObject({ looked: { dialect: 'postgresql', tables: 13, interfaces: 13, migrations: 13 } });
  });

  test.each(batches(FAULTS))('finds each of %#: $names', { timeout: SECONDS }, async ({ faults }) => {
    const sources = faults.reduce<Sources>(planted, shop());
    const found = await findings(sources);
    for (const fault of faults) expect(placesOf(found, fault.type), fault.what).toContain(placeOfFault(sources, fault));
  });

  test('two migrations with one number, and one that is missing', { timeout: SECONDS }, async () => {
    const sources = shop();
    const moved = (from: string, to: string) => {
      for (const way of ['up', 'down']) {
        sources.set(`migrations/${to}.${way}.sql`, sources.get(`migrations/${from}.${way}.sql`) ?? '');
        sources.delete(`migrations/${from}.${way}.sql`);
      }
    };
    moved('012_audit_events', '011_audit_events');
    const found = await findings(sources);
    expect(placesOf(found, 'migration-duplicate')).toEqual(['migrations/011_carts.up.sql:1']);
    expect(placesOf(found, 'migration-gap')).toEqual(['migrations/013_order_totals.up.sql:1']);
  });

  test('a way back that was promised and is not there', { timeout: SECONDS }, async () => {
    const sources = shop();
    sources.delete('migrations/005_coupons.down.sql');
    expect(placesOf(await findings(sources), 'migration-not-reversible')).toEqual(['migrations/005_coupons.up.sql:1']);
  });

  test.each([
    ['knex', 'export const setUp = (knex) => knex.schema.createTable("orders", (table) => { table.increments("id"); });\n'],
    ['TypeORM', '@Entity("orders")\nexport class Order { @PrimaryGeneratedColumn() id: number; }\n'],
  ])('tables that %s makes are not read, and that is said', { timeout: SECONDS }, async (_maker, text) => {
    const alone = await checkDatabase(filesOf(new Map([['src/db/orders.ts', text]])), settings);
    expect(alone).toMatchObject({ ran: false, hint: expect.stringContaining('are not read') });
    const beside = new Map([
      ['src/db/orders.ts', text],
      ['migrations/001.sql', 'CREATE TABLE users (id INTEGER PRIMARY KEY);\n'],
    ]);
    const result = await checkDatabase(filesOf(beside), settings);
    expect(result).toMatchObject({ ran: true, looked: { 'not read: files that make tables in another way': 1 } });
  });

  test('nothing to read is not nothing wrong: it did not run', { timeout: SECONDS }, async () => {
    const result = await checkDatabase(filesOf(new Map([['src/index.ts', 'export const a = 1;\n']])), settings);
    expect(result).toMatchObject({ ran: false });
  });
});
