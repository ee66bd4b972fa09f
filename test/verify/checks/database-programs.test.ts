/** Migrations that are programs, of knex and TypeORM: whole projects without a fault, faults planted in them, and what cannot be read. */
import { describe, expect, test } from 'vitest';
import { checkDatabase } from '../../../src/verify/checks/database/check.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { type Fault, filesOf, findingsIn, placeOfFault, placesOf, planted, type Sources } from './project.ts';

const SECONDS = 60_000;
const settings = integrationSettings.parse({}).database;
const check = (sources: Sources) => checkDatabase(filesOf(sources), settings);

const TYPES = `export interface User {
  id: number;
  email: string;
  nick: string | null;
  role: 'admin' | 'user';
  created_at: Date;
  updated_at: Date;
}

export interface Order {
  id: number;
  user_id: number;
  total: number;
  note: string | null;
  placed_at: Date;
}
`;

const knex = (driver: string): Sources =>
  new Map([
    ['package.json', `{"dependencies":{"knex":"3","${driver}":"8"}}`],
    [
      'migrations/20260101100000_users.js',
      `exports.up = function (knex) {
  return knex.schema.createTable('users', (table) => {
    table.increments('id');
    table.string('email', 120).notNullable().unique();
    table.string('nick');
    table.enu('role', ['admin', 'user']).notNullable().defaultTo('user');
    table.timestamps(true, true);
  });
};

exports.down = function (knex) {
  return knex.schema.dropTable('users');
};
`,
    ],
    [
      'migrations/20260102100000_orders.ts',
      `import type { Knex } from 'knex';

const TABLE = 'orders';

export async function up(knex: Knex): Promise<void> {
  await knex.schema
    .createTable(TABLE, (t) => {
      t.increments();
      t.integer('user_id').unsigned().notNullable();
      t.integer('total').notNullable().defaultTo(0);
      t.text('remark');
      t.timestamp('placed_at').notNullable().defaultTo(knex.fn.now());
      t.foreign('user_id').references('id').inTable('users').onDelete('CASCADE');
      t.index(['user_id']);
    })
    .alterTable('users', (t) => {
      t.index('nick', 'users_by_nick');
    });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (t) => {
    t.dropIndex('nick', 'users_by_nick');
  });
  await knex.schema.dropTableIfExists(TABLE);
}
`,
    ],
    [
      'migrations/20260103100000_notes.ts',
      `import type { Knex } from 'knex';

export const up = async (knex: Knex) => {
  await knex.schema.alterTable('orders', (table) => {
    table.renameColumn('remark', 'note');
  });
  await knex('orders').update({ note: null });
};

export const down = async (knex: Knex) => {
  await knex.schema.alterTable('orders', (table) => {
    table.renameColumn('note', 'remark');
  });
};
`,
    ],
    ['src/types.ts', TYPES],
    [
      'src/queries.ts',
      `import { db } from './db';
export const ofUser = (id: number) => db.query('SELECT id, total, note FROM orders WHERE user_id = ?', [id]);
`,
    ],
  ]);

const typeorm = (driver: string): Sources =>
  new Map([
    ['package.json', `{"dependencies":{"typeorm":"0.3","${driver}":"8"}}`],
    [
      'src/migrations/1767261600000-Users.ts',
      `import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

export class Users1767261600000 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'users',
        columns: [
          { name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          { name: 'email', type: 'varchar', length: '120', isUnique: true },
          { name: 'nick', type: 'varchar', isNullable: true },
          { name: 'role', type: 'enum', enum: ['admin', 'user'], default: "'user'" },
          { name: 'created_at', type: 'timestamp', default: 'now()' },
          { name: 'updated_at', type: 'timestamp', default: 'now()' },
        ],
      }),
      true,
    );
    await queryRunner.createIndex('users', new TableIndex({ name: 'users_by_nick', columnNames: ['nick'] }));
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('users', 'users_by_nick');
    await queryRunner.dropTable('users');
  }
}
`,
    ],
    [
      'src/migrations/1767348000000-Orders.ts',
      `import { type MigrationInterface, type QueryRunner, TableColumn, TableForeignKey } from 'typeorm';

export class Orders1767348000000 implements MigrationInterface {
  name = 'Orders1767348000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`
      CREATE TABLE orders (
        id INTEGER NOT NULL PRIMARY KEY,
        user_id INTEGER NOT NULL,
        remark TEXT,
        placed_at TIMESTAMP NOT NULL
      )
    \`);
    await queryRunner.query('CREATE INDEX orders_by_user ON orders (user_id)');
    await queryRunner.addColumn('orders', new TableColumn({ name: 'total', type: 'int', default: 0 }));
    await queryRunner.createForeignKey(
      'orders',
      new TableForeignKey({ name: 'orders_user', columnNames: ['user_id'], referencedTableName: 'users', referencedColumnNames: ['id'] }),
    );
    await queryRunner.renameColumn('orders', 'remark', 'note');
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE orders');
  }
}
`,
    ],
    ['src/types.ts', TYPES],
  ]);

const PROJECTS = [
  ['knex for PostgreSQL', knex('pg')],
  ['knex for MySQL', knex('mysql2')],
  ['knex for SQLite', knex('better-sqlite3')],
  ['TypeORM for PostgreSQL', typeorm('pg')],
  ['TypeORM for MySQL', typeorm('mysql2')],
] as const;

const USERS = 'migrations/20260101100000_users.js';
const ORDERS = 'migrations/20260102100000_orders.ts';
const NOTES = 'migrations/20260103100000_notes.ts';
const KNEX: readonly Fault[] = [
  {
    what: 'a column of the interface that no migration makes',
    file: ORDERS,
    from: "      t.integer('total').notNullable().defaultTo(0);\n",
    to: '',
    type: 'schema-column-missing',
    shows: 'src/types.ts',
    at: 'total: number',
  },
  {
    what: 'a column that may be NULL, and the interface says that it is not',
    file: ORDERS,
    from: "t.timestamp('placed_at').notNullable()",
    to: "t.timestamp('placed_at')",
    type: 'schema-nullability-mismatch',
    shows: 'src/types.ts',
    at: 'placed_at: Date',
  },
  {
    what: 'another type',
    file: ORDERS,
    from: "t.integer('total')",
    to: "t.boolean('total')",
    type: 'schema-type-mismatch',
    shows: 'src/types.ts',
    at: 'total: number',
  },
  {
    what: 'another list of values',
    file: USERS,
    from: "['admin', 'user']",
    to: "['admin', 'user', 'guest']",
    type: 'schema-enum-mismatch',
    shows: 'src/types.ts',
    at: "role: 'admin'",
  },
  {
    what: 'a foreign key without an index',
    file: ORDERS,
    from: "      t.index(['user_id']);\n",
    to: '',
    type: 'missing-fk-index',
    at: "t.foreign('user_id')",
  },
  {
    what: 'a foreign key to a table that does not exist',
    file: ORDERS,
    from: "inTable('users')",
    to: "inTable('people')",
    type: 'foreign-key-broken',
    at: "t.foreign('user_id')",
  },
  {
    what: 'a column that is renamed and does not exist',
    file: NOTES,
    from: "table.renameColumn('remark', 'note')",
    to: "table.renameColumn('remarks', 'note')",
    type: 'migration-broken',
    at: "table.renameColumn('remarks', 'note')",
  },
  {
    what: 'a way back that leaves something',
    file: ORDERS,
    from: "  await knex.schema.alterTable('users', (t) => {\n    t.dropIndex('nick', 'users_by_nick');\n  });\n",
    to: '',
    type: 'migration-not-reversed',
    at: 'dropTableIfExists',
  },
  {
    what: 'a way back that does nothing',
    file: USERS,
    from: "  return knex.schema.dropTable('users');\n",
    to: '',
    type: 'migration-not-reversible',
    at: 'exports.up',
  },
  {
    what: 'a query for a column that no migration makes',
    file: 'src/queries.ts',
    from: 'total, note',
    to: 'total, notes',
    type: 'schema-column-missing',
    at: 'notes FROM',
  },
];

const [FIRST, SECOND] = ['src/migrations/1767261600000-Users.ts', 'src/migrations/1767348000000-Orders.ts'];
const TYPEORM: readonly Fault[] = [
  {
    what: 'a column that is not made',
    file: FIRST,
    from: "          { name: 'nick', type: 'varchar', isNullable: true },\n",
    to: '',
    type: 'schema-column-missing',
    shows: 'src/types.ts',
    at: 'nick: string',
  },
  {
    what: 'a column that may be NULL',
    file: FIRST,
    from: "length: '120', isUnique: true",
    to: "length: '120', isUnique: true, isNullable: true",
    type: 'schema-nullability-mismatch',
    shows: 'src/types.ts',
    at: 'email: string',
  },
  {
    what: 'another type',
    file: SECOND,
    from: "name: 'total', type: 'int'",
    to: "name: 'total', type: 'boolean'",
    type: 'schema-type-mismatch',
    shows: 'src/types.ts',
    at: 'total: number',
  },
  {
    what: 'a key without an index',
    file: SECOND,
    from: "    await queryRunner.query('CREATE INDEX orders_by_user ON orders (user_id)');\n",
    to: '',
    type: 'missing-fk-index',
    at: 'new TableForeignKey',
  },
  {
    what: 'a column that is renamed and does not exist',
    file: SECOND,
    from: "'remark', 'note'",
    to: "'remarks', 'note'",
    type: 'migration-broken',
    at: "'remarks', 'note'",
  },
  {
    what: 'an index on a column that does not exist',
    file: SECOND,
    from: 'ON orders (user_id)',
    to: 'ON orders (owner_id)',
    type: 'migration-broken',
    at: 'orders (owner_id)',
  },
  {
    what: 'a way back that leaves the table',
    file: FIRST,
    from: "    await queryRunner.dropTable('users');\n",
    to: '',
    type: 'migration-not-reversed',
    at: "dropIndex('users'",
  },
];

describe('PROTOCOL §4: migrations that are programs are read, and never run', () => {
  test.each(PROJECTS)('%s: nothing is said about a project without a fault', { timeout: SECONDS }, async (_what, sources) => {
    const result = await check(sources);
    expect(findingsIn(result)).toEqual([]);
    expect(result).toMatchObject({ looked: { tables: 2, interfaces: 2, 'not checked: statements that could not be read': 0 } });
    expect(result).not.toHaveProperty(['looked', 'not read: files that make tables in another way']);
  });

  test.each([
    ...KNEX.map((fault) => [fault.what, knex('pg'), fault] as const),
    ...TYPEORM.map((fault) => [fault.what, typeorm('pg'), fault] as const),
  ])('a planted fault is found in its place: %s', { timeout: SECONDS }, async (_what, sources, fault) => {
    const faulty = planted(sources, fault);
    const found = findingsIn(await check(faulty));
    expect(placesOf(found, fault.type), JSON.stringify(found)).toContain(placeOfFault(faulty, fault));
  });
});

describe('what only a run could tell', () => {
  const DYNAMIC: readonly (readonly [what: string, line: string])[] = [
    ['a loop', "for (const name of ['users', 'orders']) await knex.schema.alterTable(name, (x) => x.string('nickname').notNullable());"],
    ['a condition', "if (process.env.BIG) await knex.schema.alterTable('users', (x) => { x.string('nickname').notNullable(); });"],
    ['a helper that is given the connection', 'await addNickname(knex);'],
    [
      'a name that is put together',
      `await knex.schema.alterTable(\`us\${process.env.X}\`, (x) => { x.string('nickname').notNullable(); });`,
    ],
    ['SQL that is put together', `await knex.raw(\`ALTER TABLE \${process.env.T} ADD COLUMN nickname TEXT NOT NULL\`);`],
    ['a helper that is given the table', "await knex.schema.alterTable('users', (x) => { addNickname(x); });"],
  ];
  test.each(DYNAMIC)(
    '%s is said to be not read, with its place, and what it may have made is not missed',
    { timeout: SECONDS },
    async (_what, line) => {
      const sources = planted(knex('pg'), {
        what: '',
        file: NOTES,
        from: "  await knex('orders').update({ note: null });",
        to: `  ${line}`,
        type: '',
        at: '',
      });
      sources.set('src/types.ts', TYPES.replace('  nick: string | null;\n', '  nick: string | null;\n  nickname: string;\n'));
      const result = await check(sources);
      const found = findingsIn(result);
      expect(placesOf(found, 'migration-not-read')).toEqual([`${NOTES}:7`]);
      expect(found.map(({ type }) => type)).toEqual(['migration-not-read']);
      expect(result).toMatchObject({ looked: { 'not checked: statements that could not be read': 1 } });
    },
  );

  const CART = "knex.schema.createTable('carts', (x) => { x.increments(); x.integer('size').notNullable(); })";
  test.each([
    [
      'an answer that is waited for',
      `exports.up = (knex) => ${CART}.then(() => knex.schema.alterTable('carts', (x) => { x.string('label'); }));`,
    ],
    ['all at once', `module.exports = { up: async (knex) => { await Promise.all([${CART}]); } };`],
    ['functions that are exported at the end', `async function up(knex) { await ${CART}; }\nmodule.exports = { up };`],
    [
      'only where it is not there yet',
      `exports.up = (knex) => knex.schema.hasTable('carts').then(function (exists) { if (!exists) return ${CART}; });`,
    ],
    [
      'in a schema',
      `exports.up = function (knex) { return knex.schema.withSchema('shop').createTable('carts', function (x) { x.bigIncrements('id'); x.integer('size').notNullable(); }); };`,
    ],
    [
      'TypeORM with its columns beside it',
      "const COLUMNS = [{ name: 'id', type: 'int', isPrimary: true }, { name: 'size', type: 'int' }];\nexport class Carts implements MigrationInterface { async up(queryRunner) { await queryRunner.createTable(new Table({ name: 'carts', columns: COLUMNS })); } }",
    ],
  ])('is nothing of this: %s', { timeout: SECONDS }, async (_what, text) => {
    const label = text.includes('label') ? ' label: string | null;' : '';
    const carts = (size: string) =>
      new Map([
        ['package.json', '{"dependencies":{"pg":"8"}}'],
        ['migrations/20260104100000_carts.js', text],
        ['src/carts.ts', `export interface Cart { id: number; size: ${size};${label} }\n`],
      ]);
    const right = await check(carts('number'));
    expect(findingsIn(right)).toEqual([]);
    expect(right).toMatchObject({ looked: { tables: 1, interfaces: 1, 'not checked: statements that could not be read': 0 } });
    expect(placesOf(findingsIn(await check(carts('string'))), 'schema-type-mismatch')).toEqual(['src/carts.ts:1']);
  });
});
