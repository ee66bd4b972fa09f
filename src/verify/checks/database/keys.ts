/** Foreign keys: that they lead somewhere, and that the database finds the rows that point. */
import type { Finding } from '../finding.ts';
import type { Dialect } from '../sql/parse.ts';
import { columnOf, isIndexed, keyOf, type Schema } from '../sql/schema.ts';

export function keyFindings(schema: Schema, dialect: Dialect): Finding[] {
  const findings: Finding[] = [];
  for (const table of schema.tables.values()) {
    if (table.kind === 'view') continue;
    for (const key of table.foreignKeys) {
      const target = schema.tables.get(keyOf(key.table));
      const missing =
        target === undefined ? key.table : target.open ? undefined : key.refers.find((column) => columnOf(target, column) === undefined);
      if (missing !== undefined)
        findings.push({
          type: 'foreign-key-broken',
          severity: 'HIGH',
          description: `${table.name} (${key.columns.join(', ')}) refers to ${target === undefined ? `the table ${missing}` : `${key.table}.${missing}`}, which does not exist`,
          hint: 'refer to a column that exists, or create it',
          ...key.place,
        });
      const [first = ''] = key.columns;
      // MySQL makes such an index by itself.
      if (dialect === 'mysql' || table.open || isIndexed(table, first)) continue;
      findings.push({
        type: 'missing-fk-index',
        severity: 'MEDIUM',
        description: `no index begins with the foreign key ${table.name}.${first}: each change in ${key.table} searches the whole table`,
        hint: `CREATE INDEX idx_${table.name}_${first} ON ${table.name} (${key.columns.join(', ')})`,
        expected: `index on ${table.name} (${key.columns.join(', ')})`,
        ...key.place,
      });
    }
  }
  return findings;
}

/** Made by the tools that migrate. */
const BOOKKEEPING = /migrations?$|^schema_version$|^goose_db_version$/i;

/** Two accounts of one database: what a schema file declares (or a live file holds) and what the migrations leave. */
export function driftFindings(declared: Schema, migrated: Schema, what: string, severity: 'HIGH' | 'MEDIUM'): Finding[] {
  const findings: Finding[] = [];
  const drift = (description: string, hint: string, place: Finding | { file: string; line: number }) =>
    findings.push({ type: 'schema-drift', severity, description, hint, ...place });
  for (const table of declared.tables.values()) {
    const other = migrated.tables.get(keyOf(table.name));
    if (other === undefined) {
      if (table.kind === 'table' && !BOOKKEEPING.test(table.name))
        drift(`${what} has the table ${table.name}, and no migration creates it`, 'write the migration that creates it', table.place);
      continue;
    }
    if (table.open || other.open || table.kind === 'view') continue;
    for (const column of table.columns.values()) {
      const there = columnOf(other, column.name);
      if (there === undefined)
        drift(
          `${what} has the column ${table.name}.${column.name}, and no migration adds it`,
          'write the migration that adds it',
          column.place,
        );
      else if (there.nullable !== column.nullable && column.family !== 'array' && !there.generated && !column.generated)
        drift(
          `${table.name}.${column.name} ${column.nullable ? 'may be NULL' : 'is never NULL'} in ${what}, and the migrations say otherwise (${there.place.file}:${there.place.line})`,
          'bring the two together in a new migration',
          column.place,
        );
    }
    for (const column of other.columns.values())
      if (columnOf(table, column.name) === undefined)
        drift(
          `the migrations add ${other.name}.${column.name}, and ${what} does not have it`,
          `add it to ${what}, or drop it in a migration`,
          column.place,
        );
  }
  for (const table of migrated.tables.values())
    if (!declared.tables.has(keyOf(table.name)) && table.kind === 'table' && !BOOKKEEPING.test(table.name))
      drift(
        `the migrations create ${table.name}, and ${what} does not have it`,
        `add it to ${what}, or drop it in a migration`,
        table.place,
      );
  return findings;
}
