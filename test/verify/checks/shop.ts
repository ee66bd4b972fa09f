/** A project of realistic size that nothing is wrong with: PostgreSQL, Express, and a front end that calls it. */

type ColumnSpec = { readonly name: string; readonly sql: string; readonly ts: string };
type Entity = {
  readonly table: string;
  readonly type: string;
  readonly columns: readonly ColumnSpec[];
  readonly filter: string;
  readonly constraints?: readonly string[];
};

const col = (name: string, sql: string, ts: string): ColumnSpec => ({ name, sql, ts });
const id = col('id', 'BIGSERIAL PRIMARY KEY', 'number');
const made = col('created_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()', 'Date');
const ref = (name: string, table: string, nullable = false): ColumnSpec =>
  col(name, `BIGINT ${nullable ? '' : 'NOT NULL '}REFERENCES ${table} (id)`, nullable ? 'number | null' : 'number');

const ENTITIES: readonly Entity[] = [
  {
    table: 'users',
    type: 'User',
    filter: 'email',
    columns: [
      id,
      col('email', 'VARCHAR(200) NOT NULL UNIQUE', 'string'),
      col('display_name', 'TEXT NOT NULL', 'string'),
      col('bio', 'TEXT', 'string | null'),
      col('is_active', 'BOOLEAN NOT NULL DEFAULT true', 'boolean'),
      col('settings', "JSONB NOT NULL DEFAULT '{}'::jsonb", 'Record<string, unknown>'),
      made,
    ],
  },
  {
    table: 'categories',
    type: 'Category',
    filter: 'slug',
    columns: [
      id,
      col('slug', 'TEXT NOT NULL UNIQUE', 'string'),
      col('title', 'TEXT NOT NULL', 'string'),
      ref('parent_id', 'categories', true),
    ],
  },
  {
    table: 'products',
    type: 'Product',
    filter: 'category_id',
    columns: [
      id,
      ref('category_id', 'categories'),
      col('name', 'TEXT NOT NULL', 'string'),
      col('price', 'NUMERIC(12,2) NOT NULL', 'string'),
      col('tags', "TEXT[] NOT NULL DEFAULT '{}'", 'string[]'),
      col('weight', 'DOUBLE PRECISION', 'number | null'),
      made,
    ],
  },
  {
    table: 'addresses',
    type: 'Address',
    filter: 'user_id',
    columns: [
      id,
      ref('user_id', 'users'),
      col('street', 'TEXT NOT NULL', 'string'),
      col('city', 'TEXT NOT NULL', 'string'),
      col('zip', 'VARCHAR(12)', 'string | null'),
    ],
  },
  {
    table: 'coupons',
    type: 'Coupon',
    filter: 'code',
    columns: [
      id,
      col('code', 'TEXT NOT NULL UNIQUE', 'string'),
      col('percent', 'SMALLINT NOT NULL', 'number'),
      col('valid_until', 'DATE', 'Date | null'),
    ],
  },
  {
    table: 'orders',
    type: 'Order',
    filter: 'user_id',
    columns: [
      id,
      ref('user_id', 'users'),
      ref('coupon_id', 'coupons', true),
      col('status', "order_status NOT NULL DEFAULT 'new'", "'new' | 'paid' | 'shipped'"),
      col('total', 'NUMERIC(12,2) NOT NULL', 'string'),
      made,
    ],
  },
  {
    table: 'order_items',
    type: 'OrderItem',
    filter: 'order_id',
    columns: [
      id,
      ref('order_id', 'orders'),
      ref('product_id', 'products'),
      col('quantity', 'INTEGER NOT NULL CHECK (quantity > 0)', 'number'),
    ],
  },
  {
    table: 'payments',
    type: 'Payment',
    filter: 'order_id',
    columns: [
      id,
      ref('order_id', 'orders'),
      col('provider', "TEXT NOT NULL CHECK (provider IN ('card', 'invoice'))", "'card' | 'invoice'"),
      col('reference', 'UUID NOT NULL', 'string'),
      col('paid_at', 'TIMESTAMPTZ', 'Date | null'),
    ],
  },
  {
    table: 'shipments',
    type: 'Shipment',
    filter: 'order_id',
    columns: [
      id,
      ref('order_id', 'orders'),
      ref('address_id', 'addresses'),
      col('carrier', 'TEXT', 'string | null'),
      col('shipped_at', 'TIMESTAMPTZ', 'Date | null'),
    ],
  },
  {
    table: 'reviews',
    type: 'Review',
    filter: 'product_id',
    columns: [
      id,
      ref('product_id', 'products'),
      ref('user_id', 'users'),
      col('stars', 'SMALLINT NOT NULL', 'number'),
      col('body', 'TEXT', 'string | null'),
      made,
    ],
  },
  {
    table: 'carts',
    type: 'Cart',
    filter: 'user_id',
    columns: [id, ref('user_id', 'users'), col('contents', "JSONB NOT NULL DEFAULT '[]'", 'unknown[]'), made],
  },
  {
    table: 'audit_events',
    type: 'AuditEvent',
    filter: 'entity_id',
    columns: [
      id,
      col('entity', 'TEXT NOT NULL', 'string'),
      col('entity_id', 'BIGINT NOT NULL', 'number'),
      ref('actor_id', 'users', true),
      col('payload', 'JSONB', 'unknown'),
      made,
    ],
  },
];

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const kebab = (name: string) => name.replaceAll('_', '-');
const serialised = (ts: string) => ts.replace('Date', 'string');

function migration(entity: Entity): { up: string; down: string } {
  const { table, columns } = entity;
  const indexed = columns.filter(
    (column) => /REFERENCES/.test(column.sql) || (column.name === entity.filter && !/UNIQUE/.test(column.sql)),
  );
  const hasEnum = columns.some((column) => column.sql.startsWith('order_status'));
  const up = [
    ...(hasEnum ? ["CREATE TYPE order_status AS ENUM ('new', 'paid', 'shipped');", ''] : []),
    `CREATE TABLE ${table} (`,
    columns.map((column) => `  ${column.name} ${column.sql}`).join(',\n'),
    ');',
    ...indexed.map((column) => `CREATE INDEX idx_${table}_${column.name} ON ${table} (${column.name});`),
    '',
  ].join('\n');
  return { up, down: `DROP TABLE ${table};\n${hasEnum ? 'DROP TYPE order_status;\n' : ''}` };
}

function row({ type, columns }: Entity): string {
  return `export interface ${type}Row {\n${columns.map((column) => `  ${column.name}: ${column.ts};`).join('\n')}\n}\n`;
}

function repository({ table, type, columns, filter }: Entity): string {
  const names = columns.map(({ name }) => name);
  const written = names.filter((name) => !['id', 'created_at'].includes(name));
  return `import type { ${type}Row } from '../rows/${kebab(table)}';
import { pool } from '../pool';

const COLUMNS = '${names.join(', ')}';

export async function list${type}s(${camel(filter)}: unknown): Promise<${type}Row[]> {
  const { rows } = await pool.query(
    \`SELECT \${COLUMNS}
       FROM ${table}
      WHERE ${filter} = $1
      ORDER BY id DESC
      LIMIT 100\`,
    [${camel(filter)}],
  );
  return rows;
}

export async function find${type}(id: number): Promise<${type}Row | null> {
  const { rows } = await pool.query('SELECT * FROM ${table} WHERE id = $1', [id]);
  return rows[0] ?? null;
}

export async function insert${type}(row: Omit<${type}Row, 'id' | 'created_at'>): Promise<${type}Row> {
  const { rows } = await pool.query(
    'INSERT INTO ${table} (${written.join(', ')}) VALUES (${written.map((_, index) => `$${index + 1}`).join(', ')}) RETURNING *',
    Object.values(row),
  );
  return rows[0];
}

export async function remove${type}(id: number): Promise<void> {
  await pool.query('DELETE FROM ${table} WHERE id = $1', [id]);
}
`;
}

function shared({ type, columns }: Entity): string {
  return `export interface ${type}Response {\n${columns.map((column) => `  ${camel(column.name)}: ${serialised(column.ts)};`).join('\n')}\n}\n
export interface ${type}Body {\n${columns
    .filter(({ name }) => !['id', 'created_at'].includes(name))
    .map((column) => `  ${camel(column.name)}: ${serialised(column.ts)};`)
    .join('\n')}\n}\n`;
}

function routes({ table, type, columns, filter }: Entity): string {
  const own = columns.filter(({ name }) => !['id', 'created_at'].includes(name));
  const given = (column: ColumnSpec) =>
    /Date/.test(column.ts)
      ? `row.${column.name}${/null/.test(column.ts) ? '?' : ''}.toISOString()${/null/.test(column.ts) ? ' ?? null' : ''}`
      : `row.${column.name}`;
  return `import { Router } from 'express';
import type { ${type}Body, ${type}Response } from '../../shared/${kebab(table)}';
import { find${type}, insert${type}, list${type}s, remove${type} } from '../repositories/${kebab(table)}';
import type { ${type}Row } from '../rows/${kebab(table)}';

export const ${camel(table)}Router = Router();

function present(row: ${type}Row): ${type}Response {
  return {
${columns.map((column) => `    ${camel(column.name)}: ${given(column)},`).join('\n')}
  };
}

${camel(table)}Router.get('/', async (req, res, next) => {
  try {
    const rows = await list${type}s(req.query.${camel(filter)});
    res.json(rows.map(present));
  } catch (error) {
    next(error);
  }
});

${camel(table)}Router.get('/:id', async (req, res, next) => {
  try {
    const row = await find${type}(Number(req.params.id));
    if (row === null) {
      res.status(404).json({ error: 'not found' });
      return;
    }
    res.json(present(row));
  } catch (error) {
    next(error);
  }
});

${camel(table)}Router.post('/', async (req, res, next) => {
  try {
    const { ${own.map((column) => camel(column.name)).join(', ')} } = req.body as ${type}Body;
    const row = await insert${type}({ ${own.map((column) => `${column.name}: ${/Date/.test(column.ts) ? `${camel(column.name)} === null ? null : new Date(${camel(column.name)})` : camel(column.name)}`).join(', ')} });
    res.status(201).json(present(row));
  } catch (error) {
    next(error);
  }
});

${camel(table)}Router.delete('/:id', async (req, res, next) => {
  try {
    await remove${type}(Number(req.params.id));
    res.status(204).end();
  } catch (error) {
    next(error);
  }
});
`;
}

function client({ table, type, filter }: Entity): string {
  return `import type { ${type}Body, ${type}Response } from '../../../src/shared/${kebab(table)}';
import { http } from './http';

export async function fetch${type}s(${camel(filter)}: string | number): Promise<${type}Response[]> {
  const { data } = await http.get<${type}Response[]>('/${kebab(table)}', { params: { ${camel(filter)} } });
  return data;
}

export async function fetch${type}(id: number): Promise<${type}Response> {
  const response = await fetch(\`/api/${kebab(table)}/\${id}\`);
  if (!response.ok) throw new Error(\`${table}: \${response.status}\`);
  return (await response.json()) as ${type}Response;
}

export async function create${type}(body: ${type}Body): Promise<${type}Response> {
  const { data } = await http.post<${type}Response>('/${kebab(table)}', body);
  return data;
}

export async function delete${type}(id: number): Promise<void> {
  await http.delete(\`/${kebab(table)}/\${id}\`);
}
`;
}

function hook({ table, type, filter }: Entity): string {
  return `import { useEffect, useState } from 'react';
import type { ${type}Response } from '../../../src/shared/${kebab(table)}';
import { fetch${type}s } from '../api/${kebab(table)}';

export function use${type}s(${camel(filter)}: string | number) {
  const [items, setItems] = useState<${type}Response[]>([]);
  useEffect(() => {
    fetch${type}s(${camel(filter)}).then(setItems).catch(console.error);
  }, [${camel(filter)}]);
  return items;
}
`;
}

function component({ table, type, columns, filter }: Entity): string {
  const shown = columns[1]?.name ?? 'id';
  return `import { create${type}, delete${type}, fetch${type} } from '../api/${kebab(table)}';
import { use${type}s } from '../hooks/use-${kebab(table)}';

export interface ${type}ListProps {
  ${camel(filter)}: string | number;
  title?: string;
}

export function ${type}List({ ${camel(filter)}, title }: ${type}ListProps) {
  const items = use${type}s(${camel(filter)});
  return (
    <section>
      <h2>{title ?? 'Select an entry from the list'}</h2>
      {items.map((item) => (
        <button key={item.id} onClick={() => fetch${type}(item.id)} onDoubleClick={() => delete${type}(item.id)}>
          {String(item.${camel(shown)})}
        </button>
      ))}
    </section>
  );
}

export const add${type} = create${type};
`;
}

/** Path → text of every file. */
export function shop(): Map<string, string> {
  const files = new Map<string, string>([
    [
      'package.json',
      JSON.stringify(
        { name: 'shop', type: 'module', dependencies: { express: '5.1.0', pg: '8.16.0', react: '19.0.0', axios: '1.12.0' } },
        null,
        2,
      ),
    ],
    [
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', jsx: 'react-jsx' }, include: ['src', 'web'] }, null, 2),
    ],
    ['src/server/pool.ts', "import { Pool } from 'pg';\n\nexport const pool = new Pool({ connectionString: process.env.DATABASE_URL });\n"],
    ['web/src/api/http.ts', "import axios from 'axios';\n\nexport const http = axios.create({ baseURL: '/api', timeout: 10_000 });\n"],
    [
      'src/server/app.ts',
      `import express from 'express';
${ENTITIES.map(({ table }) => `import { ${camel(table)}Router } from './routes/${kebab(table)}';`).join('\n')}

export const app = express();
app.use(express.json());
const api = express.Router();
${ENTITIES.map(({ table }) => `api.use('/${kebab(table)}', ${camel(table)}Router);`).join('\n')}
app.use('/api', api);
app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
  res.status(500).json({ error: error.message });
});
`,
    ],
    [
      'migrations/013_order_totals.up.sql',
      `CREATE VIEW order_totals AS
  SELECT o.id, o.user_id, count(i.id) AS item_count
    FROM orders o LEFT JOIN order_items i ON i.order_id = o.id
   GROUP BY o.id, o.user_id;
ALTER TABLE products ADD COLUMN stock INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users RENAME COLUMN bio TO about;
`,
    ],
    [
      'migrations/013_order_totals.down.sql',
      'ALTER TABLE users RENAME COLUMN about TO bio;\nALTER TABLE products DROP COLUMN stock;\nDROP VIEW order_totals;\n',
    ],
    ['src/server/rows/order-totals.ts', 'export interface OrderTotalsRow {\n  id: number;\n  user_id: number;\n  item_count: string;\n}\n'],
    [
      'src/server/repositories/reports.ts',
      `import { pool } from '../pool';

export async function topCustomers(limit: number) {
  const { rows } = await pool.query(
    \`WITH paid AS (
        SELECT user_id, sum(total) AS spent
          FROM orders
         WHERE user_id IS NOT NULL
         GROUP BY user_id
      )
      SELECT u.id, u.email, p.spent
        FROM paid p
        JOIN users u ON u.id = p.user_id
       WHERE EXISTS (SELECT 1 FROM reviews r WHERE r.user_id = u.id)
       ORDER BY spent DESC
       LIMIT $1\`,
    [limit],
  );
  return rows;
}

export async function search(where: string, order: string) {
  return pool.query('SELECT id, name FROM products WHERE ' + where + \` ORDER BY \${order}\`);
}
`,
    ],
  ]);
  ENTITIES.forEach((entity, index) => {
    const number = String(index + 1).padStart(3, '0');
    const { up, down } = migration(entity);
    const later =
      entity.table === 'users'
        ? { ...entity, columns: entity.columns.map((column) => (column.name === 'bio' ? { ...column, name: 'about' } : column)) }
        : entity;
    const now = entity.table === 'products' ? { ...later, columns: [...later.columns, col('stock', '', 'number')] } : later;
    const name = kebab(entity.table);
    files.set(`migrations/${number}_${entity.table}.up.sql`, up);
    files.set(`migrations/${number}_${entity.table}.down.sql`, down);
    files.set(`src/server/rows/${name}.ts`, row(now));
    files.set(`src/server/repositories/${name}.ts`, repository(now));
    files.set(`src/server/routes/${name}.ts`, routes(now));
    files.set(`src/shared/${name}.ts`, shared(now));
    files.set(`web/src/api/${name}.ts`, client(now));
    files.set(`web/src/hooks/use-${name}.ts`, hook(now));
    files.set(`web/src/components/${now.type}List.tsx`, component(now));
  });
  return files;
}
