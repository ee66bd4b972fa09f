/** What is said about one table inside of `createTable` and `alterTable` of knex. */
import { Node } from 'ts-morph';
import type { Dialect } from '../sql/parse.ts';
import type { BuiltColumn, BuiltIndex, BuiltKey, BuiltScript } from './built-sql.ts';
import { type Called, chainOf } from './call-chain.ts';
import { fieldOf, isTrue, settled, textOf, textsOf } from './static-value.ts';

export type BuiltTable = {
  readonly columns: BuiltColumn[];
  /** With `.alter()`: a column that is there, anew. */
  readonly changed: BuiltColumn[];
  readonly keys: BuiltKey[];
  readonly primary: BuiltIndex[];
  readonly indexes: BuiltIndex[];
  readonly dropped: { readonly line: number; readonly apply: (script: BuiltScript) => void }[];
  readonly missed: { readonly text: string; readonly line: number }[];
};

/** @param builder the function that is given the table */
export function readBuilder(builder: Node | undefined, table: string, dialect: Dialect): BuiltTable {
  const built: BuiltTable = { columns: [], changed: [], keys: [], primary: [], indexes: [], dropped: [], missed: [] };
  const given = settled(builder);
  const name = Node.isArrowFunction(given) || Node.isFunctionExpression(given) ? given.getParameters()[0]?.getName() : undefined;
  const body = Node.isArrowFunction(given) || Node.isFunctionExpression(given) ? given.getBody() : undefined;
  if (name === undefined || !/^\w+$/.test(name) || body === undefined) {
    if (builder !== undefined) built.missed.push({ text: builder.getText(), line: builder.getStartLineNumber() });
    return built;
  }
  for (const statement of Node.isBlock(body) ? body.getStatements() : [body]) {
    const expression = Node.isExpressionStatement(statement) || Node.isReturnStatement(statement) ? statement.getExpression() : statement;
    const chain = expression === undefined ? null : chainOf(expression);
    const isOurs = chain !== null && chain.root.getText() === name;
    if (isOurs && readLine(built, table, chain.calls, dialect)) continue;
    // Whatever else is handed the table may do anything to it.
    if (isOurs || new RegExp(`\\b${name}\\b`).test(statement.getText()))
      built.missed.push({ text: statement.getText(), line: statement.getStartLineNumber() });
  }
  return built;
}

/** One line of the builder; false: what it does is only known at run time. */
function readLine(built: BuiltTable, table: string, [first, ...after]: readonly Called[], dialect: Dialect): boolean {
  if (first === undefined) return true;
  if (NO_MATTER.test(first.name)) return true;
  const type = typeOf(first, dialect);
  if (type !== null) return column(built, table, first, after, type, dialect);
  return LINES[first.name]?.(built, table, first, after) ?? false;
}

const NO_MATTER = /^(?:comment|engine|charset|collate|inherits|withSchema|queryContext|jsonPath|check\w*|dropChecks)$/;

type Typed = { readonly type: string; readonly isGenerated?: boolean; readonly values?: readonly string[] };

/** What knex calls a type, in words that every of the three databases has for it; null: it is none. */
function typeOf({ name, args }: Called, dialect: Dialect): Typed | null {
  switch (name) {
    case 'increments':
      return { type: 'INTEGER', isGenerated: true };
    case 'bigIncrements':
      return { type: 'BIGINT', isGenerated: true };
    case 'integer':
    case 'int':
    case 'mediumint':
      return { type: 'INTEGER' };
    case 'tinyint':
    case 'smallint':
      return { type: 'SMALLINT' };
    case 'bigint':
    case 'bigInteger':
      return { type: 'BIGINT' };
    case 'string':
      return { type: 'VARCHAR(255)' };
    case 'text':
      return { type: 'TEXT' };
    case 'float':
      return { type: 'REAL' };
    case 'double':
      return { type: 'DOUBLE PRECISION' };
    case 'decimal':
      return { type: 'DECIMAL(8, 2)' };
    case 'boolean':
    case 'bool':
      return { type: dialect === 'mysql' ? 'TINYINT(1)' : 'BOOLEAN' };
    case 'date':
      return { type: 'DATE' };
    case 'datetime':
    case 'dateTime':
    case 'timestamp':
      return { type: 'TIMESTAMP' };
    case 'time':
      return { type: 'TIME' };
    case 'binary':
      return { type: dialect === 'postgresql' ? 'BYTEA' : 'BLOB' };
    case 'json':
    case 'jsonb':
      return { type: 'JSON' };
    case 'uuid':
      return { type: dialect === 'postgresql' ? 'UUID' : 'CHAR(36)' };
    case 'enum':
    case 'enu': {
      const values = textsOf(args[1]);
      return values === null ? null : { type: 'VARCHAR(255)', values };
    }
    case 'specificType': {
      const type = textOf(args[1]);
      return type === null ? null : { type };
    }
    default:
      return null;
  }
}

function column(built: BuiltTable, table: string, first: Called, after: readonly Called[], typed: Typed, dialect: Dialect): boolean {
  const name = textOf(first.args[0]) ?? (typed.isGenerated === true && first.args.length === 0 ? 'id' : null);
  if (name === null) return false;
  const line = first.line;
  const said = new Map(after.map((one) => [one.name, one]));
  const isPrimary = said.has('primary') || (typed.isGenerated === true && fieldOf(first.args[1], 'primaryKey')?.getText() !== 'false');
  const made: BuiltColumn = {
    name,
    line,
    type: typed.type,
    notNull: said.has('notNullable') || said.has('notNull') || isPrimary || typed.isGenerated === true,
    hasDefault: said.has('defaultTo'),
    isPrimary,
    isGenerated: typed.isGenerated,
    values: typed.values,
  };
  if (dialect === 'sqlite' && typed.isGenerated === true) built.columns.push({ ...made, isGenerated: false, hasDefault: true });
  else (said.has('alter') ? built.changed : built.columns).push(made);
  if (said.has('unique')) built.indexes.push(indexOf(table, [name], true, line, null));
  if (said.has('index')) built.indexes.push(indexOf(table, [name], false, line, textOf(said.get('index')?.args[0])));
  const refers = said.get('references');
  return refers === undefined || key(built, table, [name], refers, said.get('inTable'), line);
}

/** `.references('id').inTable('users')`, `.references('users.id')`. */
function key(
  built: BuiltTable,
  table: string,
  columns: readonly string[],
  refers: Called,
  inTable: Called | undefined,
  line: number,
): boolean {
  const named = textsOf(refers.args[0]);
  if (named === null) return false;
  const [before, last] = (named[0] ?? '').split('.');
  const target = inTable === undefined ? (last === undefined ? null : (before ?? null)) : textOf(inTable.args[0]);
  if (target === null) return false;
  const names = last === undefined || inTable !== undefined ? named.map((one) => one.split('.').at(-1) ?? one) : [last];
  built.keys.push({ name: `${table}_${columns.join('_')}_foreign`.toLowerCase(), line, columns, table: target, refers: names });
  return true;
}

function indexOf(table: string, columns: readonly string[], isUnique: boolean, line: number, name: string | null): BuiltIndex {
  return { name: name ?? nameOf(table, columns, isUnique ? 'unique' : 'index'), line, columns, isUnique };
}

/** As knex names what it makes. */
function nameOf(table: string, columns: readonly string[], kind: string): string {
  return `${table}_${columns.join('_')}_${kind}`.toLowerCase();
}

type Line = (built: BuiltTable, table: string, called: Called, after: readonly Called[]) => boolean;

const LINES: Readonly<Record<string, Line>> = {
  timestamps(built, _table, { args, line }) {
    const options = Node.isObjectLiteralExpression(settled(args[0])) ? args[0] : undefined;
    const byNow = isTrue(options === undefined ? args[1] : fieldOf(options, 'defaultToNow'));
    const camel = isTrue(options === undefined ? args[2] : fieldOf(options, 'useCamelCase'));
    for (const name of camel ? ['createdAt', 'updatedAt'] : ['created_at', 'updated_at'])
      built.columns.push({ name, line, type: 'TIMESTAMP', notNull: byNow, hasDefault: byNow });
    return true;
  },
  primary: (built, _table, { args, line }) =>
    withNames(args[0], (columns) => built.primary.push({ name: null, line, columns, isUnique: true })),
  unique: (built, table, { args, line }) =>
    withNames(args[0], (columns) =>
      built.indexes.push(indexOf(table, columns, true, line, textOf(args[1]) ?? textOf(fieldOf(args[1], 'indexName')))),
    ),
  index: (built, table, { args, line }) =>
    withNames(args[0], (columns) => built.indexes.push(indexOf(table, columns, false, line, textOf(args[1])))),
  foreign(built, table, { args, line }, after) {
    const refers = after.find(({ name }) => name === 'references');
    const columns = textsOf(args[0]);
    return (
      refers !== undefined &&
      columns !== null &&
      key(
        built,
        table,
        columns,
        refers,
        after.find(({ name }) => name === 'inTable'),
        line,
      )
    );
  },
  dropColumn: dropColumns,
  dropColumns: dropColumns,
  dropTimestamps: (built, table, { args, line }) => {
    for (const name of isTrue(args[0]) ? ['createdAt', 'updatedAt'] : ['created_at', 'updated_at'])
      built.dropped.push({ line, apply: (script) => script.dropColumn(table, name, line) });
    return true;
  },
  renameColumn(built, table, { args, line }) {
    const [from, to] = [textOf(args[0]), textOf(args[1])];
    if (from === null || to === null) return false;
    built.dropped.push({ line, apply: (script) => script.renameColumn(table, from, to, line) });
    return true;
  },
  setNullable: nullable(false),
  dropNullable: nullable(true),
  dropIndex: dropNamed('index', (script, table, name, line) => script.dropIndex(table, name, line)),
  dropUnique: dropNamed('unique', (script, table, name, line) => script.dropIndex(table, name, line)),
  dropForeign: dropNamed('foreign', (script, table, name, line) => script.dropConstraint(table, name, line)),
};

function withNames(node: Node | undefined, then: (names: string[]) => unknown): boolean {
  const names = textsOf(node);
  if (names !== null) then(names);
  return names !== null;
}

function dropColumns(built: BuiltTable, table: string, { args, line }: Called): boolean {
  const names = args.map(textsOf);
  if (names.some((one) => one === null)) return false;
  for (const name of names.flatMap((one) => one ?? []))
    built.dropped.push({ line, apply: (script) => script.dropColumn(table, name, line) });
  return true;
}

function nullable(notNull: boolean): Line {
  return (built, table, { args, line }) =>
    withNames(args[0], ([name = '']) => built.dropped.push({ line, apply: (script) => script.setNotNull(table, name, notNull, line) }));
}

/** By its columns, as knex names it, or by the name that stands behind them. */
function dropNamed(kind: string, drop: (script: BuiltScript, table: string, name: string, line: number) => void): Line {
  return (built, table, { args, line }) =>
    withNames(args[0], (columns) => {
      const name = textOf(args[1]) ?? nameOf(table, columns, kind);
      built.dropped.push({ line, apply: (script) => drop(script, table, name, line) });
    });
}
