/** ALTER TABLE, one operation after the other. */
import { ident, lastOf, list, type Node, node, variant } from './ast.ts';
import { addColumn, addConstraint, broken, type Fold, renameTable, setNullable } from './change.ts';
import { columnFrom, names, typeOf } from './column.ts';
import { type Column, keyOf, type Place, type Table } from './schema.ts';

type Operation = (fold: Fold, table: Table, tree: Node, place: Place) => void;

export function alterTable(fold: Fold, tree: Node, place: Place): void {
  const name = lastOf(tree['name']);
  if (name === null) return;
  const table = fold.schema.tables.get(keyOf(name.text));
  if (table === undefined) {
    if (tree['if_exists'] !== true)
      broken(fold, `${name.text} is altered, and does not exist at this point`, 'create it in an earlier migration', place);
    return;
  }
  for (const operation of list(tree['operations'])) {
    const { name: word, of } = variant(operation);
    OPERATIONS[word]?.(fold, table, node(of), place);
  }
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  AddColumn: (fold, table, tree, place) => {
    const defined = columnFrom(node(tree['column_def']), place);
    if (defined === null) return;
    if (table.columns.has(keyOf(defined.column.name))) {
      if (tree['if_not_exists'] !== true)
        broken(fold, `column ${table.name}.${defined.column.name} is added again`, 'remove one of the two', defined.column.place);
      return;
    }
    addColumn(table, defined);
  },
  DropColumn: (fold, table, tree, place) => {
    for (const name of names(tree['column_names'])) {
      if (!table.columns.delete(keyOf(name)) && tree['if_exists'] !== true && !table.open)
        broken(fold, `column ${table.name}.${name} is dropped, and does not exist at this point`, 'drop what exists', place);
      keep(table.indexes, (index) => !index.columns.some((column) => keyOf(column) === keyOf(name)));
      keep(table.foreignKeys, (key) => !key.columns.some((column) => keyOf(column) === keyOf(name)));
    }
  },
  RenameColumn: (fold, table, tree, place) => {
    rename(fold, table, ident(tree['old_column_name'])?.text ?? '', ident(tree['new_column_name'])?.text ?? '', place);
  },
  RenameTable: (fold, table, tree, place) => {
    renameTable(fold, table.name, lastOf(variant(tree['table_name']).of)?.text, place);
  },
  AlterColumn: (fold, table, tree, place) => {
    const name = ident(tree['column_name']);
    const column = table.columns.get(keyOf(name?.text ?? ''));
    if (name === null) return;
    if (column === undefined) {
      missing(fold, table, name.text, place);
      return;
    }
    const { name: word, of } = variant(tree['op']);
    const at = { ...place, line: place.line + name.line - 1 };
    if (word === 'SetNotNull' || word === 'DropNotNull') set(table, { ...column, nullable: word === 'DropNotNull', place: at });
    else if (word === 'SetDataType') set(table, { ...column, ...typeOf(node(of)['data_type']), place: at });
    else if (word === 'SetDefault' || word === 'DropDefault') set(table, { ...column, hasDefault: word === 'SetDefault' });
    else if (word === 'AddGenerated') set(table, { ...column, hasDefault: true, generated: true, nullable: false });
  },
  ModifyColumn: (fold, table, tree, place) => {
    const defined = columnFrom(tree, place);
    if (defined === null) return;
    if (!table.columns.has(keyOf(defined.column.name))) {
      missing(fold, table, defined.column.name, place);
      return;
    }
    set(table, keptKey(table, defined.column));
  },
  ChangeColumn: (fold, table, tree, place) => {
    const old = ident(tree['old_name'])?.text ?? '';
    const defined = columnFrom({ ...tree, name: tree['new_name'] }, place);
    if (defined === null) return;
    if (keyOf(old) !== keyOf(defined.column.name)) rename(fold, table, old, defined.column.name, place);
    set(table, keptKey(table, defined.column));
  },
  AddConstraint: (fold, table, tree, place) => addConstraint(fold, table, tree['constraint'] ?? tree, place),
  DropConstraint: (_fold, table, tree) => dropNamed(table, ident(tree['name'])?.text),
  DropForeignKey: (_fold, table, tree) => dropNamed(table, ident(tree['name'])?.text),
  DropIndex: (_fold, table, tree) => dropNamed(table, ident(tree['name'])?.text),
  DropPrimaryKey: (_fold, table) => dropNamed(table, 'PRIMARY'),
};

/** MODIFY and CHANGE say a column anew, but not that it is a key. */
function keptKey(table: Table, column: Column): Column {
  const isKey = table.indexes.some((index) => index.name === 'PRIMARY' && index.columns.some((name) => keyOf(name) === keyOf(column.name)));
  return isKey ? { ...column, nullable: false } : column;
}

function set(table: Table, column: Column): void {
  table.columns.set(keyOf(column.name), column);
}

function missing(fold: Fold, table: Table, name: string, place: Place): void {
  if (!table.open)
    broken(fold, `column ${table.name}.${name} is altered, and does not exist at this point`, 'add it in an earlier migration', place);
}

function rename(fold: Fold, table: Table, from: string, to: string, place: Place): void {
  const column = table.columns.get(keyOf(from));
  if (column === undefined) {
    missing(fold, table, from, place);
    return;
  }
  // In its old place, for those who read the columns in order.
  const entries = [...table.columns].map(([key, one]) =>
    one === column ? ([keyOf(to), { ...column, name: to, place }] as const) : ([key, one] as const),
  );
  table.columns.clear();
  for (const [key, one] of entries) table.columns.set(key, one);
  const renamed = (names: readonly string[]) => names.map((name) => (keyOf(name) === keyOf(from) ? to : name));
  table.indexes.splice(0, Number.POSITIVE_INFINITY, ...table.indexes.map((index) => ({ ...index, columns: renamed(index.columns) })));
  table.foreignKeys.splice(0, Number.POSITIVE_INFINITY, ...table.foreignKeys.map((key) => ({ ...key, columns: renamed(key.columns) })));
  for (const other of fold.schema.tables.values())
    other.foreignKeys.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...other.foreignKeys.map((key) => (keyOf(key.table) === keyOf(table.name) ? { ...key, refers: renamed(key.refers) } : key)),
    );
}

function dropNamed(table: Table, name: string | undefined): void {
  if (name === undefined) return;
  if (name === 'PRIMARY')
    for (const index of table.indexes) if (index.name === 'PRIMARY') for (const key of index.columns) setNullable(table, key, false);
  keep(table.indexes, (index) => index.name !== name);
  keep(table.foreignKeys, (key) => key.name !== name);
}

function keep<One>(all: One[], wanted: (one: One) => boolean): void {
  all.splice(0, Number.POSITIVE_INFINITY, ...all.filter(wanted));
}
