/** Migrations of TypeORM: `queryRunner.query('SQL')`, `createTable(new Table({ … }))` and their like, as SQL. */
import { type CallExpression, Node } from 'ts-morph';
import type { Dialect } from '../sql/parse.ts';
import type { BuiltColumn, BuiltIndex, BuiltKey, BuiltScript } from './built-sql.ts';
import { fieldOf, isTrue, isWhole, settled, textOf, textsOf } from './static-value.ts';

type Read = (script: BuiltScript, args: readonly Node[], line: number, dialect: Dialect) => boolean;

/** @returns false when it is no call that changes a schema, or when what it does is only known at run time */
export function readRunnerCall(script: BuiltScript, call: CallExpression, name: string, dialect: Dialect): boolean {
  return CALLS[name]?.(script, call.getArguments(), call.getStartLineNumber(), dialect) ?? false;
}

/** What looks, or changes what stands in tables and not the tables. */
export const HARMLESS =
  /^(?:has\w+|get\w+|is\w+|clearTable|clearSqlMemory|startTransaction|commitTransaction|rollbackTransaction|connect|release|manager|createDatabase|createSchema|dropSchema|changeTableComment|createQueryBuilder)$/;

export function changesSchema(name: string): boolean {
  return /^(?:create|drop|add|change|rename|update|replace)[A-Z]/.test(name);
}

const CALLS: Readonly<Record<string, Read>> = {
  createTable(script, [given, mayExist], line, dialect) {
    const options = optionsOf(given, 'Table');
    const table = textOf(fieldOf(options, 'name'));
    if (table === null) return false;
    const columns = readAll(fieldOf(options, 'columns'), (one) => columnOf(one, dialect));
    const keys = readAll(fieldOf(options, 'foreignKeys'), keyOf);
    const indices = readAll(fieldOf(options, 'indices'), (one) => indexOf(one, false));
    const uniques = readAll(fieldOf(options, 'uniques'), (one) => indexOf(one, true));
    const primaries = columns.found.filter(({ isPrimary }) => isPrimary === true);
    // A key of several columns is said beside them.
    const together = primaries.length > 1;
    script.createTable(line, table, isTrue(mayExist), {
      columns: columns.found.map((one) => (together ? { ...one, isPrimary: false, notNull: true } : one)),
      primary: together ? [{ name: null, line, columns: primaries.map(({ name }) => name), isUnique: true }] : [],
      keys: keys.found,
    });
    for (const index of [...indices.found, ...uniques.found]) script.addIndex(table, index);
    const missed = [...columns.missed, ...keys.missed, ...indices.missed, ...uniques.missed];
    for (const node of missed) script.notRead(node.getText(), node.getStartLineNumber(), table);
    if (!isWhole(options)) script.notRead('new Table({ ... })', line, table);
    return true;
  },
  dropTable: named((script, table, [, may], line) => script.dropTable(table, isTrue(may), line)),
  renameTable(script, [from, to], line) {
    const [before, after] = [tableName(from), textOf(to)];
    if (before === null || after === null) return false;
    script.renameTable(before, after, line);
    return true;
  },
  addColumn: columns((script, table, column) => script.addColumn(table, column)),
  addColumns: columns((script, table, column) => script.addColumn(table, column)),
  dropColumn: names((script, table, name, line) => script.dropColumn(table, name, line)),
  dropColumns: names((script, table, name, line) => script.dropColumn(table, name, line)),
  renameColumn(script, [on, from, to], line) {
    const [table, before] = [tableName(on), nameOf(from)];
    const after = nameOf(to);
    if (table === null || before === null || after === null) return false;
    script.renameColumn(table, before, after, line);
    return true;
  },
  changeColumn(script, [on, from, to], line, dialect) {
    const [table, before, after] = [tableName(on), nameOf(from), columnOf(to, dialect)];
    if (table === null || before === null || after === null) return false;
    if (before !== after.name) script.renameColumn(table, before, after.name, line);
    script.changeColumn(table, after);
    return true;
  },
  createIndex: several(
    (one) => indexOf(one, false),
    (script, table, index) => script.addIndex(table, index),
  ),
  createIndices: several(
    (one) => indexOf(one, false),
    (script, table, index) => script.addIndex(table, index),
  ),
  createUniqueConstraint: several(
    (one) => indexOf(one, true),
    (script, table, index) => script.addIndex(table, index),
  ),
  createForeignKey: several(keyOf, (script, table, key) => script.addKey(table, key)),
  createForeignKeys: several(keyOf, (script, table, key) => script.addKey(table, key)),
  createPrimaryKey(script, [on, given], line) {
    const [table, columnNames] = [tableName(on), textsOf(given)];
    if (table === null || columnNames === null) return false;
    script.addPrimary(table, { name: null, line, columns: columnNames, isUnique: true });
    return true;
  },
  dropIndex: names((script, table, name, line) => script.dropIndex(table, name, line)),
  dropUniqueConstraint: names((script, table, name, line) => script.dropIndex(table, name, line)),
  dropForeignKey: names((script, table, name, line) => script.dropConstraint(table, name, line)),
};

function named(read: (script: BuiltScript, table: string, args: readonly Node[], line: number) => void): Read {
  return (script, args, line) => {
    const table = tableName(args[0]);
    if (table !== null) read(script, table, args, line);
    return table !== null;
  };
}

function names(read: (script: BuiltScript, table: string, name: string, line: number) => void): Read {
  return (script, [on, given], line) => {
    const table = tableName(on);
    const found = textsOf(given) ?? [nameOf(given)];
    if (table === null || found.some((one) => one === null)) return false;
    for (const name of found) read(script, table, name ?? '', line);
    return true;
  };
}

function columns(read: (script: BuiltScript, table: string, column: BuiltColumn) => void): Read {
  return (script, args, line, dialect) => several((one) => columnOf(one, dialect), read)(script, args, line, dialect);
}

/** One of them, or a list. */
function several<One>(readOne: (node: Node | undefined) => One | null, read: (script: BuiltScript, table: string, one: One) => void): Read {
  return (script, [on, given]) => {
    const table = tableName(on);
    const value = settled(given);
    if (table === null || value === undefined) return false;
    const all = Node.isArrayLiteralExpression(value) ? value.getElements() : [value];
    for (const node of all) {
      const one = readOne(node);
      if (one === null) script.notRead(node.getText(), node.getStartLineNumber(), table);
      else read(script, table, one);
    }
    return true;
  };
}

function readAll<One>(node: Node | undefined, read: (one: Node) => One | null): { found: One[]; missed: Node[] } {
  const value = settled(node);
  if (value === undefined) return { found: [], missed: [] };
  if (!Node.isArrayLiteralExpression(value)) return { found: [], missed: [value] };
  const all = value.getElements().map((element) => ({ element, one: read(element) }));
  return {
    found: all.flatMap(({ one }) => (one === null ? [] : [one])),
    missed: all.flatMap(({ element, one }) => (one === null ? [element] : [])),
  };
}

/** `new Table({ … })`, or the options alone. */
function optionsOf(node: Node | undefined, maker: string): Node | undefined {
  const value = settled(node);
  if (Node.isNewExpression(value)) return value.getExpression().getText().endsWith(maker) ? settled(value.getArguments()[0]) : undefined;
  return value;
}

function tableName(node: Node | undefined): string | null {
  const name = textOf(node) ?? textOf(fieldOf(optionsOf(node, 'Table'), 'name'));
  // What stands before the point is the schema.
  return name?.split('.').at(-1) ?? null;
}

function nameOf(node: Node | undefined): string | null {
  const value = settled(node);
  const options = Node.isNewExpression(value) ? settled(value.getArguments()[0]) : value;
  return textOf(value) ?? textOf(fieldOf(options, 'name'));
}

function columnOf(node: Node | undefined, dialect: Dialect): BuiltColumn | null {
  const options = optionsOf(node, 'TableColumn');
  const [name, type] = [textOf(fieldOf(options, 'name')), textOf(fieldOf(options, 'type'))];
  if (node === undefined || name === null || type === null || !isWhole(options)) return null;
  const [length, values] = [textOf(fieldOf(options, 'length')), fieldOf(options, 'enum')];
  const isPrimary = isTrue(fieldOf(options, 'isPrimary'));
  const generated = isTrue(fieldOf(options, 'isGenerated')) || fieldOf(options, 'generationStrategy') !== undefined;
  const isUuid = textOf(fieldOf(options, 'generationStrategy')) === 'uuid';
  const word = /enum/i.test(type) ? 'varchar(255)' : length !== null && /char/i.test(type) ? `${type}(${length})` : type;
  return {
    name,
    line: node.getStartLineNumber(),
    type: isTrue(fieldOf(options, 'isArray')) && dialect === 'postgresql' ? `${word}[]` : word,
    notNull: isPrimary || !isTrue(fieldOf(options, 'isNullable')),
    hasDefault: fieldOf(options, 'default') !== undefined || (generated && isUuid),
    isPrimary,
    isUnique: isTrue(fieldOf(options, 'isUnique')),
    isGenerated: generated && !isUuid,
    values: values === undefined ? null : textsOf(values),
  };
}

function keyOf(node: Node | undefined): BuiltKey | null {
  const options = optionsOf(node, 'TableForeignKey');
  const [from, refers] = [textsOf(fieldOf(options, 'columnNames')), textsOf(fieldOf(options, 'referencedColumnNames'))];
  const table = textOf(fieldOf(options, 'referencedTableName'));
  if (node === undefined || from === null || refers === null || table === null) return null;
  return { name: textOf(fieldOf(options, 'name')), line: node.getStartLineNumber(), columns: from, table, refers };
}

function indexOf(node: Node | undefined, isUnique: boolean): BuiltIndex | null {
  const options = optionsOf(node, isUnique ? 'TableUnique' : 'TableIndex');
  const columnNames = textsOf(fieldOf(options, 'columnNames'));
  if (node === undefined || columnNames === null) return null;
  return {
    name: textOf(fieldOf(options, 'name')),
    line: node.getStartLineNumber(),
    columns: columnNames,
    isUnique: isUnique || isTrue(fieldOf(options, 'isUnique')),
  };
}
