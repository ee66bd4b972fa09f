/** Drizzle schemas: `pgTable('orders', { … })`, read from the calls that make them. */
import { type CallExpression, Node, type ObjectLiteralExpression, SyntaxKind } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import { familyOfWord } from '../sql/column.ts';
import { type Column, emptySchema, type Family, keyOf, newTable, type Schema, type Table } from '../sql/schema.ts';

const MAKERS = new Set(['pgTable', 'sqliteTable', 'mysqlTable']);
const ENUM_MAKERS = new Set(['pgEnum']);

/** null: the project has no such schema. */
export function readDrizzle(code: Code): { readonly schema: Schema; readonly dialect: string } | null {
  const schema = emptySchema();
  let dialect = '';
  for (const file of code.files) {
    if (!file.getImportDeclarations().some((one) => one.getModuleSpecifierValue().startsWith('drizzle-orm'))) continue;
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const maker = calleeName(call);
      if (ENUM_MAKERS.has(maker)) addEnum(schema, call);
      if (!MAKERS.has(maker)) continue;
      const table = tableOf(code, call);
      if (table === null) continue;
      schema.tables.set(keyOf(table.name), table);
      dialect = maker.replace('Table', '');
    }
  }
  if (schema.tables.size === 0) return null;
  resolveReferences(schema);
  return { schema, dialect };
}

/** `pgTable` and `schema.table` alike: the last word of what is called. */
function calleeName(call: CallExpression): string {
  const callee = call.getExpression();
  return Node.isIdentifier(callee) ? callee.getText() : Node.isPropertyAccessExpression(callee) ? callee.getName() : '';
}

function addEnum(schema: Schema, call: CallExpression): void {
  const values = call.getArguments()[1];
  const name = variableOf(call);
  if (name === null || !Node.isArrayLiteralExpression(values)) return;
  schema.enums.set(
    keyOf(name),
    values.getElements().flatMap((one) => (Node.isStringLiteral(one) ? [one.getLiteralValue()] : [])),
  );
}

function variableOf(call: CallExpression): string | null {
  const declaration = call.getParentIfKind(SyntaxKind.VariableDeclaration);
  return declaration?.getName() ?? null;
}

function tableOf(code: Code, call: CallExpression): Table | null {
  const [name, columns, extras] = call.getArguments();
  if (!Node.isStringLiteral(name)) return null;
  const model = variableOf(call);
  const table: Table = { ...newTable(name.getLiteralValue(), 'table', placeOf(code, call)), ...(model === null ? {} : { model }) };
  if (Node.isObjectLiteralExpression(columns)) addColumns(code, table, columns);
  else table.open = true;
  if (extras !== undefined) addExtras(code, table, extras);
  return table;
}

function addColumns(code: Code, table: Table, columns: ObjectLiteralExpression): void {
  for (const property of columns.getProperties()) {
    if (Node.isSpreadAssignment(property)) {
      const shared = definitionOf(property.getExpression());
      if (Node.isObjectLiteralExpression(shared)) addColumns(code, table, shared);
      else table.open = true;
    } else if (Node.isPropertyAssignment(property)) {
      const initializer = property.getInitializer();
      const chain = Node.isCallExpression(initializer) ? chainOf(initializer) : null;
      if (chain === null) table.open = true;
      else addColumn(code, table, property.getName().replace(/^['"]|['"]$/g, ''), chain, property);
    } else table.open = true;
  }
}

function definitionOf(expression: Node): Node | undefined {
  if (!Node.isIdentifier(expression)) return undefined;
  const [declaration] = expression.getDefinitionNodes();
  return Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : undefined;
}

type Chain = { readonly root: CallExpression; readonly calls: ReadonlyMap<string, CallExpression> };

/** `text('name').notNull().default('x')`: the first call, and those after it by name. */
function chainOf(last: CallExpression): Chain | null {
  const calls = new Map<string, CallExpression>();
  let call = last;
  for (;;) {
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) return { root: call, calls };
    const before = callee.getExpression();
    // `t.text()` and `pg.text()` begin a chain, `text().notNull()` goes on with one.
    if (!Node.isCallExpression(before)) return { root: call, calls };
    calls.set(callee.getName(), call);
    call = before;
  }
}

function addColumn(code: Code, table: Table, field: string, { root, calls }: Chain, at: Node): void {
  const [first, second] = root.getArguments();
  const name = Node.isStringLiteral(first) ? first.getLiteralValue() : field;
  const options = Node.isObjectLiteralExpression(first) ? first : second;
  const word = calleeName(root);
  const primary = calls.has('primaryKey');
  const serial = /serial/i.test(word);
  const place = placeOf(code, at);
  const column: Column = {
    name,
    field,
    type: word,
    family: calls.has('array') ? 'array' : (modeFamily(word, options) ?? familyOfWord(word)),
    nullable: !(calls.has('notNull') || primary || serial),
    hasDefault: serial || (primary && /int/i.test(word)) || [...calls.keys()].some((called) => /^\$?default|^\$onUpdate/.test(called)),
    generated: serial || [...calls.keys()].some((called) => called.startsWith('generated')),
    values: enumOption(options),
    enumName: word,
    place,
  };
  table.columns.set(keyOf(name), column);
  if (primary || calls.has('unique'))
    table.indexes.push({ name: primary ? 'PRIMARY' : null, columns: [name], unique: true, partial: false, place });
  const target = calls.get('references')?.getArguments()[0];
  const referred = target?.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)[0];
  if (referred !== undefined)
    table.foreignKeys.push({ name: null, columns: [name], table: referred.getExpression().getText(), refers: [referred.getName()], place });
}

function modeFamily(word: string, options: Node | undefined): Family | null {
  const mode = Node.isObjectLiteralExpression(options) ? options.getProperty('mode')?.getText() : undefined;
  if (mode === undefined) return word === 'numeric' ? 'decimal' : null;
  if (/boolean/.test(mode)) return 'boolean';
  if (/timestamp|date/.test(mode)) return 'date';
  if (/json/.test(mode)) return 'json';
  if (/bigint/.test(mode)) return 'bigint';
  if (/number/.test(mode)) return 'integer';
  return /string/.test(mode) ? 'text' : null;
}

function enumOption(options: Node | undefined): string[] | null {
  const property = Node.isObjectLiteralExpression(options) ? options.getProperty('enum') : undefined;
  const values = Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
  const literal = Node.isAsExpression(values) ? values.getExpression() : values;
  return Node.isArrayLiteralExpression(literal)
    ? literal.getElements().flatMap((one) => (Node.isStringLiteral(one) ? [one.getLiteralValue()] : []))
    : null;
}

/** `(t) => [index('x').on(t.userId), primaryKey({ columns: [t.a, t.b] })]` */
function addExtras(code: Code, table: Table, extras: Node): void {
  const columnNamed = (field: string) => [...table.columns.values()].find((column) => column.field === field)?.name ?? field;
  for (const call of extras.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const word = calleeName(call);
    const isKey = word === 'primaryKey' || word === 'foreignKey';
    if (!isKey && !/^(on|using|onOnly)$/.test(word)) continue;
    const scope =
      word === 'foreignKey' ? (call.getArguments()[0]?.asKind(SyntaxKind.ObjectLiteralExpression)?.getProperty('columns') ?? call) : call;
    const holders = scope === call ? call.getArguments() : [scope];
    const columns = holders
      .flatMap((argument) => [argument, ...argument.getDescendants()])
      .flatMap((one) => (Node.isPropertyAccessExpression(one) ? [columnNamed(one.getName())] : []));
    const place = placeOf(code, call);
    if (word !== 'foreignKey') {
      table.indexes.push({
        name: word === 'primaryKey' ? 'PRIMARY' : null,
        columns,
        unique: /unique/i.test(call.getText()) || isKey,
        partial: false,
        place,
      });
      continue;
    }
    const foreign = call
      .getArguments()[0]
      ?.asKind(SyntaxKind.ObjectLiteralExpression)
      ?.getProperty('foreignColumns')
      ?.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)[0];
    if (foreign !== undefined)
      table.foreignKeys.push({ name: null, columns, table: foreign.getExpression().getText(), refers: [foreign.getName()], place });
  }
}

/** References name the variable and its field: the database knows the table and its column. */
function resolveReferences(schema: Schema): void {
  const byModel = new Map([...schema.tables.values()].map((table) => [table.model, table]));
  for (const table of schema.tables.values()) {
    const resolved = table.foreignKeys.map((key) => {
      const target = byModel.get(key.table);
      if (target === undefined) return key;
      const refers = key.refers.map((field) => [...target.columns.values()].find((column) => column.field === field)?.name ?? field);
      return { ...key, table: target.name, refers };
    });
    table.foreignKeys.splice(0, table.foreignKeys.length, ...resolved);
  }
}
