/** Do the migrations build exactly what the models say? */

import { MIGRATIONS } from '../backend/db.js';
import { models } from '../backend/models.js';
import { listMigrations, schemaOf } from '../backend/schema.js';
import { finish, runCheck } from './report.mjs';

const MODELS = 'backend/models.js';

await runCheck(() => {
  const names = listMigrations(MIGRATIONS);
  const tables = schemaOf(MIGRATIONS);
  const violations = [...numbering(names), ...Object.entries(models).flatMap(([table, fields]) => compare(table, fields, tables[table]))];
  for (const table of Object.keys(tables)) {
    if (!Object.hasOwn(models, table)) violations.push(violation('table-without-model', 'MEDIUM', `no model describes the table ${table}`));
  }
  finish(violations, `${names.length} migrations, ${Object.keys(tables).length} tables, ${violations.length} findings`);
});

function numbering(names) {
  return names.flatMap((name, index) => {
    const expected = String(index + 1).padStart(3, '0');
    if (name.startsWith(`${expected}-`)) return [];
    return [{ ...violation('migration-number', 'HIGH', `${name} should begin with ${expected}-`), file: `backend/migrations/${name}` }];
  });
}

function compare(table, fields, built) {
  if (!built) return [violation('schema-table-missing', 'CRITICAL', `no migration creates the table ${table}`)];
  const found = [];
  for (const [name, wanted] of Object.entries(fields)) {
    const column = built.columns[name];
    if (!column) {
      found.push(violation('schema-column-missing', 'CRITICAL', `no migration creates the column ${table}.${name}`));
      continue;
    }
    const actual = `${column.type}${column.nullable ? '?' : ''}`;
    if (actual !== wanted) {
      found.push({
        ...violation('schema-type', 'HIGH', `${table}.${name} is ${actual}, the model says ${wanted}`),
        expected: wanted,
        actual,
      });
    }
  }
  for (const [name, column] of Object.entries(built.columns)) {
    if (!Object.hasOwn(fields, name)) found.push(violation('column-without-model', 'LOW', `the model of ${table} does not name ${name}`));
    if (column.references && !built.indexes.includes(name)) {
      found.push(violation('index-missing', 'MEDIUM', `${table}.${name} refers to ${column.references} and has no index`));
    }
  }
  return found;
}

function violation(type, severity, description) {
  return { type, severity, layer: 'database', description, file: MODELS };
}
