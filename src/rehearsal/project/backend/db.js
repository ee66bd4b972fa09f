/** A database in one JSON file, with the tables that the migrations describe. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaOf } from './schema.js';

export const MIGRATIONS = fileURLToPath(new URL('migrations', import.meta.url));

/** @param {string | null} file where the rows are kept; null: in memory only */
export function openDatabase(file = null, migrations = MIGRATIONS) {
  const schema = schemaOf(migrations);
  const rows = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  for (const table of Object.keys(schema)) rows[table] ??= [];

  const save = () => {
    if (!file) return;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.tmp`, JSON.stringify(rows, null, 2));
    renameSync(`${file}.tmp`, file);
  };

  const tableOf = (table) => {
    if (!Object.hasOwn(schema, table)) throw new Error(`there is no table ${table}`);
    return rows[table];
  };

  return {
    all: (table) => [...tableOf(table)],
    find: (table, id) => tableOf(table).find((row) => row.id === id) ?? null,
    /** Adds a row and gives it the next id; a column that must not be empty and is, is an error. */
    insert(table, values) {
      const row = { id: Math.max(0, ...tableOf(table).map(({ id }) => id)) + 1 };
      for (const [name, column] of Object.entries(schema[table].columns)) {
        if (name === 'id') continue;
        const value = values[name] ?? null;
        if (value === null && !column.nullable) throw new Error(`${table}.${name} must not be empty`);
        row[name] = value;
      }
      rows[table].push(row);
      save();
      return row;
    },
  };
}
