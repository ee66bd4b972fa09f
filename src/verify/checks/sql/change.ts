/** What definitions do to a schema, whichever statement says it. */
import type { Finding } from '../finding.ts';
import { ident, isNode, lastOf, list, node, variant } from './ast.ts';
import { type DefinedColumn, foreignKeyFrom, names, valuesIn } from './column.ts';
import type { Dialect } from './parse.ts';
import { type Index, keyOf, type Place, type Schema, type Table } from './schema.ts';

export type Fold = {
  readonly schema: Schema;
  readonly dialect: Dialect;
  readonly findings: Finding[];
  /** Statements that define nothing that is compared here, and those that nobody could read. */
  readonly counts: { read: number; unread: number };
};

export function broken(fold: Fold, description: string, hint: string, place: Place): void {
  fold.findings.push({ type: 'migration-broken', severity: 'CRITICAL', description, hint, ...place });
}

export function addColumn(table: Table, { column, primary, unique, refers }: DefinedColumn): void {
  table.columns.set(keyOf(column.name), column);
  if (primary || unique)
    table.indexes.push({ name: primary ? 'PRIMARY' : null, columns: [column.name], unique: true, partial: false, place: column.place });
  if (refers !== null) table.foreignKeys.push(refers);
}

export function addConstraint(fold: Fold, table: Table, constraint: unknown, place: Place): void {
  const { name, of } = variant(constraint);
  const tree = node(of);
  const called = ident(tree['name'])?.text ?? ident(tree['index_name'])?.text ?? null;
  if (name === 'ForeignKey') {
    const first = ident(list(tree['columns'])[0]);
    const key = foreignKeyFrom(tree, names(tree['columns']), { file: place.file, line: place.line + (first?.line ?? 1) - 1 });
    if (key !== null) table.foreignKeys.push(key);
  } else if (name === 'Check') {
    const found = valuesIn(tree);
    const column = found === null ? undefined : table.columns.get(keyOf(found.column));
    if (found !== null && column !== undefined) table.columns.set(keyOf(column.name), { ...column, values: found.values });
  } else if (name === 'PrimaryKey' || name === 'Unique' || name === 'Index') {
    const index = indexFrom(tree['columns'], name === 'PrimaryKey' ? 'PRIMARY' : called, name !== 'Index', place);
    table.indexes.push(index);
    if (name === 'PrimaryKey') for (const key of index.columns) setNullable(table, key, false);
    missingColumns(fold, table, index);
  }
}

export function setNullable(table: Table, name: string, nullable: boolean): void {
  const column = table.columns.get(keyOf(name));
  if (column !== undefined) table.columns.set(keyOf(name), { ...column, nullable });
}

export function indexFrom(columns: unknown, name: string | null, unique: boolean, place: Place, partial = false): Index {
  const line = (one: unknown) => ident(node(node(one)['column'])['expr'])?.line ?? 1;
  const first = list(columns)[0];
  return {
    name,
    columns: list(columns).map(indexedName),
    unique,
    partial,
    place: { file: place.file, line: place.line + line(first) - 1 },
  };
}

/** A column, MySQL's `column(20)`, or the text of an expression. */
function indexedName(one: unknown): string {
  const expression = node(node(node(one)['column'])['expr'] ?? one);
  const plain = ident(expression);
  if (plain !== null) return plain.text;
  const call = node(expression['Function']);
  const isPrefix = /"Number"/.test(JSON.stringify(call['args'] ?? '')) && !/"Identifier"|Compound/.test(JSON.stringify(call['args'] ?? ''));
  return isPrefix ? (lastOf(call['name'])?.text ?? '') : `(${wordsIn(expression).join(' ')})`;
}

function wordsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  const name = ident(value);
  return name !== null ? [name.text] : isNode(value) ? Object.values(value).flatMap(wordsIn) : [];
}

export function missingColumns(fold: Fold, table: Table, index: Index): void {
  if (table.open || table.kind === 'view') return;
  for (const column of index.columns) {
    if (column === '' || column.startsWith('(') || table.columns.has(keyOf(column))) continue;
    broken(
      fold,
      `index ${index.name ?? ''} names column ${column}, which ${table.name} does not have`,
      'name a column of the table',
      index.place,
    );
  }
}

export function renameTable(fold: Fold, from: string | undefined, to: string | undefined, place: Place): void {
  const table = fold.schema.tables.get(keyOf(from ?? ''));
  if (to === undefined || from === undefined) return;
  if (table === undefined) {
    broken(fold, `${from} is renamed, and does not exist at this point`, 'rename a table that exists', place);
    return;
  }
  fold.schema.tables.delete(keyOf(from));
  fold.schema.tables.set(keyOf(to), { ...table, name: to });
  // Databases let foreign keys follow.
  for (const other of fold.schema.tables.values())
    other.foreignKeys.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...other.foreignKeys.map((key) => (keyOf(key.table) === keyOf(from) ? { ...key, table: to } : key)),
    );
}
