/** Definitions folded in their order: what the database is after each of them, and which of them cannot work. */
import { alterTable } from './alter.ts';
import { ident, isNode, lastOf, list, type Node, node, variant } from './ast.ts';
import { addColumn, addConstraint, broken, type Fold, indexFrom, missingColumns, renameTable } from './change.ts';
import { columnFrom, names } from './column.ts';
import { type Dialect, parseDefinition } from './parse.ts';
import { resultOf } from './query.ts';
import { emptySchema, keyOf, newTable, type Place, type Schema, type Table } from './schema.ts';
import { type Statement, split } from './split.ts';

export function newFold(dialect: Dialect, schema: Schema = emptySchema()): Fold {
  return { schema, dialect, findings: [], counts: { read: 0, unread: 0 } };
}

/** What defines tables, columns, indexes and enums; every other statement is somebody else's. */
const DEFINES =
  /^(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|UNIQUE|FULLTEXT|SPATIAL|MATERIALIZED|VIRTUAL|FOREIGN|RECURSIVE|ALGORITHM\s*=\s*\w+)\s+)*(?:TABLE|INDEX|VIEW|TYPE)|ALTER\s+(?:TABLE|TYPE)|DROP\s+(?:TABLE|INDEX|VIEW|MATERIALIZED\s+VIEW|TYPE)|RENAME\s+TABLE)\b/i;
const TEMPORARY = /^CREATE\s+(?:GLOBAL\s+|LOCAL\s+)?TEMP(?:ORARY)?\b/i;

export function applyStatement(fold: Fold, statement: Statement): void {
  if (statement.notRead !== undefined) {
    leaveOpen(fold, statement.notRead.table, { file: statement.file, line: statement.line });
    notRead(fold, `this is only known when it runs: ${statement.text}`, { file: statement.file, line: statement.line });
    return;
  }
  if (/^DO\b/i.test(statement.text)) {
    applyBlock(fold, statement);
    return;
  }
  if (!DEFINES.test(statement.text) || TEMPORARY.test(statement.text)) return;
  const place = { file: statement.file, line: statement.line };
  const definition = parseDefinition(statement.text, fold.dialect);
  if (definition === null) {
    unread(fold, statement.text, place);
    return;
  }
  fold.counts.read++;
  for (const part of definition.unread) unread(fold, part.text, { file: place.file, line: place.line + part.line - 1 }, false);
  applyTree(fold, definition.tree, place);
}

/** An anonymous block: what it defines inside may already be there, so nothing is said about its failing. */
function applyBlock(fold: Fold, { text, line, file }: Statement): void {
  const body = /\$(\w*)\$([\s\S]*)\$\1\$/.exec(text)?.[2] ?? '';
  const quiet: Fold = { ...fold, findings: [] };
  for (const match of body.matchAll(/\b(?:CREATE\s+TYPE|CREATE\s+TABLE|ALTER\s+TABLE|CREATE\s+(?:UNIQUE\s+)?INDEX)\b[^;]*/gi)) {
    const first = line + (text.slice(0, text.indexOf(body) + match.index).split('\n').length - 1);
    for (const inner of split(match[0], file, first)) applyStatement(quiet, inner);
  }
}

function unread(fold: Fold, text: string, place: Place, isWhole = true): void {
  const table = /\bTABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?(?:[\w"`]+\.)?["`[]?(\w+)/i.exec(text)?.[1];
  if (isWhole && table !== undefined) leaveOpen(fold, table, place);
  notRead(fold, `this could not be read as SQL: ${text}`, place);
}

/** What is missing there may still exist. null: in any table. */
function leaveOpen(fold: Fold, table: string | null, place: Place): void {
  if (table === null) {
    for (const one of fold.schema.tables.values()) one.open = true;
    return;
  }
  const known = fold.schema.tables.get(keyOf(table)) ?? newTable(table, 'table', place);
  known.open = true;
  fold.schema.tables.set(keyOf(table), known);
}

function notRead(fold: Fold, description: string, place: Place): void {
  fold.counts.unread++;
  fold.findings.push({
    type: 'migration-not-read',
    severity: 'LOW',
    description: description.replace(/\s+/g, ' ').slice(0, 120),
    hint: 'see whether your database accepts it; what it defines was not compared',
    ...place,
  });
}

type Apply = (fold: Fold, tree: Node, place: Place) => void;

const APPLY: Readonly<Record<string, Apply>> = {
  CreateTable: createTable,
  CreateVirtualTable: (fold, tree, place) => {
    const table = addTable(fold, tree, place);
    // What a module adds to its tables only the module knows.
    if (table !== null) table.open = true;
  },
  CreateView: createView,
  CreateIndex: createIndex,
  CreateType: (fold, tree) => {
    const labels = node(node(tree['representation'])['Enum'])['labels'];
    const name = lastOf(tree['name']);
    if (name !== null && labels !== undefined) fold.schema.enums.set(keyOf(name.text), names(labels));
  },
  AlterType: (fold, tree) => {
    const values = fold.schema.enums.get(keyOf(lastOf(tree['name'])?.text ?? ''));
    const { name, of } = variant(tree['operation']);
    const value = ident(node(of)['value'])?.text;
    if (values !== undefined && name === 'AddValue' && value !== undefined && !values.includes(value)) values.push(value);
    if (values !== undefined && name === 'RenameValue')
      values.splice(values.indexOf(ident(node(of)['from'])?.text ?? ''), 1, ident(node(of)['to'])?.text ?? '');
  },
  AlterTable: alterTable,
  RenameTable: (fold, tree, place) => {
    for (const one of list(Object.values(tree)))
      renameTable(fold, lastOf(node(one)['old_name'])?.text, lastOf(node(one)['new_name'])?.text, place);
  },
  Drop: drop,
};

function applyTree(fold: Fold, tree: Node, place: Place): void {
  const { name, of } = variant(tree);
  const apply = APPLY[name];
  apply?.(fold, Array.isArray(of) ? ({ ...of } as unknown as Node) : node(of), place);
}

/** null: it is there already, and the statement admits that. */
function addTable(fold: Fold, tree: Node, place: Place, kind: Table['kind'] = 'table'): Table | null {
  const name = lastOf(tree['name']);
  if (name === null) return null;
  const before = fold.schema.tables.get(keyOf(name.text));
  const mayExist = tree['if_not_exists'] === true || tree['or_replace'] === true;
  if (before !== undefined && !before.open && !mayExist)
    broken(
      fold,
      `${kind} ${name.text} is created again: it exists since ${before.place.file}:${before.place.line}`,
      'remove one of the two, or drop it in between',
      place,
    );
  if (before !== undefined && tree['if_not_exists'] === true) return null;
  const table = newTable(name.text, kind, { file: place.file, line: place.line + name.line - 1 });
  fold.schema.tables.set(keyOf(name.text), table);
  return table;
}

function createTable(fold: Fold, tree: Node, place: Place): void {
  const table = addTable(fold, tree, place);
  if (table === null) return;
  for (const one of list(tree['columns'])) {
    const defined = columnFrom(node(one), place);
    if (defined !== null) addColumn(table, defined);
  }
  for (const constraint of list(tree['constraints'])) addConstraint(fold, table, constraint, place);
  const parent = fold.schema.tables.get(keyOf(lastOf(tree['partition_of'])?.text ?? ''));
  for (const [key, column] of parent?.columns ?? []) table.columns.set(key, column);
  if (tree['like'] != null || tree['inherits'] != null || tree['clone'] != null) table.open = true;
  if (isNode(tree['query'])) fill(fold, table, tree['query'], []);
}

function createView(fold: Fold, tree: Node, place: Place): void {
  const table = addTable(fold, tree, place, 'view');
  if (table !== null)
    fill(
      fold,
      table,
      node(tree['query']),
      list(tree['columns']).flatMap((one) => ident(node(one)['name'])?.text ?? []),
    );
}

/** The columns that a query gives; nothing is known of most of their types. */
function fill(fold: Fold, table: Table, query: Node, given: readonly string[]): void {
  const { columns, open } = resultOf(fold.schema, query, table.place);
  table.open = open;
  columns.forEach((column, index) => {
    const name = given[index] ?? column.name;
    table.columns.set(keyOf(name), { ...column, name, place: table.place });
  });
}

function createIndex(fold: Fold, tree: Node, place: Place): void {
  const on = lastOf(tree['table_name']);
  if (on === null) return;
  const table = fold.schema.tables.get(keyOf(on.text));
  const name = lastOf(tree['name'])?.text ?? null;
  if (table === undefined) {
    broken(fold, `index ${name ?? ''} is made on ${on.text}, which does not exist at this point`, 'create the table first', place);
    return;
  }
  const isTwice = name !== null && [...fold.schema.tables.values()].some((one) => one.indexes.some((index) => index.name === name));
  if (isTwice && fold.dialect !== 'mysql') {
    if (tree['if_not_exists'] !== true) broken(fold, `index ${name} is created again`, 'give it another name, or drop the first', place);
    return;
  }
  const index = indexFrom(tree['columns'], name, tree['unique'] === true, place, tree['predicate'] != null);
  table.indexes.push(index);
  missingColumns(fold, table, index);
}

function drop(fold: Fold, tree: Node, place: Place): void {
  const kind = String(tree['object_type'] ?? '');
  for (const one of list(tree['names'])) {
    const name = lastOf(one)?.text ?? '';
    const may = tree['if_exists'] === true;
    if (kind === 'Table' || kind.endsWith('View')) {
      if (!fold.schema.tables.delete(keyOf(name)) && !may)
        broken(fold, `${name} is dropped, and does not exist at this point`, 'drop what exists, or say IF EXISTS', place);
    } else if (kind === 'Index') {
      for (const table of fold.schema.tables.values())
        table.indexes.splice(0, Number.POSITIVE_INFINITY, ...table.indexes.filter((index) => index.name !== name));
    } else if (kind === 'Type') fold.schema.enums.delete(keyOf(name));
  }
}
