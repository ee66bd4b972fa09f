/** The schema that the migrations build, one file after the other. Understands the small part of SQL that they use. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const CREATE_TABLE = /^CREATE TABLE (\w+) \((.*)\)$/is;
const ADD_COLUMN = /^ALTER TABLE (\w+) ADD COLUMN (.+)$/is;
const CREATE_INDEX = /^CREATE INDEX (\w+) ON (\w+) \((\w+)\)$/is;
const COLUMN = /^(\w+) (INTEGER|TEXT|REAL)( PRIMARY KEY)?( NOT NULL)?(?: REFERENCES (\w+)\((\w+)\))?$/i;

/** @returns {string[]} the migrations' file names, in the order in which they are applied */
export function listMigrations(directory) {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

/** @returns the tables, each with its columns (type, nullable, references) and its indexed columns */
export function schemaOf(directory) {
  const tables = {};
  for (const name of listMigrations(directory)) {
    const statements = readFileSync(path.join(directory, name), 'utf8')
      .replace(/--.*$/gm, '')
      .split(';')
      .map((text) => text.trim().replace(/\s+/g, ' '))
      .filter((text) => text !== '');
    for (const statement of statements) applyStatement(tables, statement, name);
  }
  return tables;
}

function applyStatement(tables, statement, file) {
  const created = CREATE_TABLE.exec(statement);
  if (created) {
    const [, table, columns] = created;
    if (tables[table]) throw new Error(`${file}: the table ${table} exists already`);
    tables[table] = { columns: {}, indexes: [] };
    for (const column of columns.split(',')) addColumn(tables, table, column.trim(), file);
    return;
  }
  const added = ADD_COLUMN.exec(statement);
  if (added) {
    addColumn(tables, added[1], added[2], file);
    return;
  }
  const indexed = CREATE_INDEX.exec(statement);
  if (indexed) {
    const [, , table, column] = indexed;
    if (!tables[table]?.columns[column]) throw new Error(`${file}: there is no column ${table}.${column} to index`);
    tables[table].indexes.push(column);
    return;
  }
  throw new Error(`${file}: cannot understand "${statement}"`);
}

function addColumn(tables, table, text, file) {
  const column = COLUMN.exec(text);
  if (!tables[table]) throw new Error(`${file}: there is no table ${table}`);
  if (!column) throw new Error(`${file}: cannot understand the column "${text}"`);
  const [, name, type, primary, required, references] = column;
  tables[table].columns[name] = {
    type: type.toUpperCase(),
    nullable: !primary && !required,
    references: references ?? null,
  };
  if (primary) tables[table].indexes.push(name);
}
