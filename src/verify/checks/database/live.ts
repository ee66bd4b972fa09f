/** A live SQLite file: what it holds now. It is copied first, so that nobody's lock or journal is touched. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { typeOf } from '../sql/column.ts';
import { applyStatement, newFold } from '../sql/fold.ts';
import { loadParser } from '../sql/parse.ts';
import { type Column, emptySchema, keyOf, newTable, type Schema, type Table } from '../sql/schema.ts';

export type Live = {
  readonly schema: Schema /** What its table of migrations names; null without one. */;
  readonly applied: readonly string[] | null;
};
export type LiveReading = { readonly ok: true; readonly live: Live } | { readonly ok: false; readonly why: string };

type Row = Readonly<Record<string, unknown>>;
type Ask = (sql: string) => Row[];

/** @param path of the file @param shown as findings name it */
export async function readLive(path: string, shown: string): Promise<LiveReading> {
  // Loaded only here: most projects have no such file.
  const { default: sqlite } = await import('node-sqlite3-wasm');
  const folder = mkdtempSync(join(tmpdir(), 'coordtui-live-'));
  try {
    const copy = join(folder, 'copy.db');
    copyFileSync(path, copy);
    // Pages that were written and not yet moved into the file.
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const database = new sqlite.Database(copy);
    try {
      // Without shared memory a write-ahead log is only read by one who is alone.
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      const ask: Ask = (sql) => database.all(sql) as Row[];
      return { ok: true, live: { schema: await schemaOf(ask, shown), applied: appliedIn(ask) } };
    } finally {
      database.close();
    }
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function schemaOf(ask: Ask, file: string): Promise<Schema> {
  await loadParser();
  const schema = emptySchema();
  const place = { file, line: 1 };
  for (const { name, type, sql } of ask(
    "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
  )) {
    const table = newTable(String(name), type === 'view' ? 'view' : 'table', place);
    const quoted = `"${String(name).replaceAll('"', '""')}"`;
    // The text says what the pragmas do not: which values a CHECK admits.
    const asWritten = newFold('sqlite');
    if (typeof sql === 'string' && type === 'table') applyStatement(asWritten, { text: sql, line: 1, file });
    const written = asWritten.schema.tables.get(keyOf(String(name)));
    for (const row of ask(`PRAGMA table_xinfo(${quoted})`)) {
      const column = columnFrom(row, written);
      table.columns.set(keyOf(column.name), { ...column, place });
    }
    const keys = ask(`PRAGMA table_info(${quoted})`)
      .filter((row) => Number(row['pk']) > 0)
      .sort((a, b) => Number(a['pk']) - Number(b['pk']));
    if (keys.length > 0)
      table.indexes.push({ name: 'PRIMARY', columns: keys.map((row) => String(row['name'])), unique: true, partial: false, place });
    for (const index of ask(`PRAGMA index_list(${quoted})`)) {
      const columns = ask(`PRAGMA index_info("${String(index['name']).replaceAll('"', '""')}")`).map((row) =>
        String(row['name'] ?? '(expression)'),
      );
      table.indexes.push({
        name: String(index['name']),
        columns,
        unique: Number(index['unique']) === 1,
        partial: Number(index['partial']) === 1,
        place,
      });
    }
    for (const row of ask(`PRAGMA foreign_key_list(${quoted})`))
      table.foreignKeys.push({
        name: null,
        columns: [String(row['from'])],
        table: String(row['table']),
        refers: row['to'] == null ? [] : [String(row['to'])],
        place,
      });
    schema.tables.set(keyOf(table.name), table);
  }
  return schema;
}

function columnFrom(row: Row, written: Table | undefined): Omit<Column, 'place'> {
  const name = String(row['name']);
  const declared = String(row['type'] ?? '');
  const known = written?.columns.get(keyOf(name));
  const primary = Number(row['pk']) > 0;
  return {
    name,
    ...(known === undefined ? typeOf(declared) : { type: known.type, family: known.family, enumName: null }),
    type: declared.toLowerCase() || 'untyped',
    nullable: Number(row['notnull']) === 0 && !primary,
    hasDefault: row['dflt_value'] != null || primary,
    generated: Number(row['hidden']) > 1 || (known?.generated ?? false),
    values: known?.values ?? null,
    enumName: null,
  };
}

const MIGRATION_TABLE = /^(?:_|__)?(?:\w+_)?migrations?$|^schema_version$|^knex_migrations$|^goose_db_version$/i;
const NAMING = ['migration_name', 'name', 'filename', 'file', 'tag', 'version', 'version_id', 'id'];

function appliedIn(ask: Ask): string[] | null {
  const tables = ask("SELECT name FROM sqlite_master WHERE type = 'table'").map((row) => String(row['name']));
  const table = tables.find((name) => MIGRATION_TABLE.test(name));
  if (table === undefined) return null;
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const columns = ask(`PRAGMA table_info(${quoted})`).map((row) => String(row['name']));
  const naming = NAMING.find((name) => columns.includes(name));
  return naming === undefined ? null : ask(`SELECT "${naming}" AS applied FROM ${quoted}`).map((row) => String(row['applied']));
}
