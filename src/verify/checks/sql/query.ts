/** A query against a schema: what it gives, which names in it do not exist, and which columns it searches by. */
import { type Ident, ident, isNode, lastOf, list, type Node, node, variant } from './ast.ts';
import { conjuncts, searched, walk } from './expression.ts';
import { columnOf, isIndexed, keyOf, type Place, type Schema, type Table } from './schema.ts';
import { find, project, type Result, type Scope, type Source, scopeOf } from './scope.ts';

export type Named = { readonly name: string /** Within the statement, from 1. */; readonly line: number };
export type Searched = Named & { readonly table: Table; readonly by: 'where' | 'join' | 'order' };

export type QueryFacts = {
  readonly unknownTables: Named[];
  readonly unknownColumns: (Named & { readonly tables: readonly string[] })[];
  /** Columns by which a table is searched although no index begins with any of those that the query gives. */
  readonly unindexed: Searched[];
  readonly tables: Set<Table>;
};

type Run = { readonly schema: Schema; readonly facts: QueryFacts; readonly place: Place };
type Known = ReadonlyMap<string, Result>;

/** Names that every row has, and those that only some clauses know. */
const ALWAYS_THERE = new Set(
  'rowid oid _rowid_ ctid xmin xmax tableoid rank user current_user session_user current_date current_time current_timestamp localtime localtimestamp true false default'.split(
    ' ',
  ),
);
const CLAUSE_SOURCES = new Set(['excluded', 'new', 'old', 'inserted', 'deleted', 'values']);
const SYSTEM_TABLE =
  /^(?:sqlite_\w+|pg_\w+|information_schema|dual|pragma_\w+|tables|columns|schemata|key_column_usage|table_constraints|__?drizzle_migrations|_prisma_migrations|.*migrations?|schema_version|generate_series|json_\w+)$/i;

/** The columns that a query gives, for a view or a table made from it. */
export function resultOf(schema: Schema, query: Node, place: Place): Result {
  return runQuery({ schema, facts: newFacts(), place }, query, null, new Map());
}

/** @param tree a statement: SELECT, INSERT, UPDATE or DELETE */
export function factsOf(schema: Schema, tree: Node, place: Place): QueryFacts {
  const run: Run = { schema, facts: newFacts(), place };
  const { name, of } = variant(tree);
  STATEMENTS[name]?.(run, node(of));
  return run.facts;
}

function newFacts(): QueryFacts {
  return { unknownTables: [], unknownColumns: [], unindexed: [], tables: new Set() };
}

const STATEMENTS: Readonly<Record<string, (run: Run, tree: Node) => void>> = {
  Query: (run, tree) => void runQuery(run, tree, null, new Map()),
  Insert: (run, tree) => {
    const source = tableSource(run, node(tree['table'])['TableName'], null, new Map());
    for (const column of list(tree['columns'])) reference(run, scopeOf([source]), [lastOf(column) ?? ident(column)]);
    if (isNode(tree['source'])) runQuery(run, tree['source'], null, new Map());
    for (const part of [tree['on'], tree['returning']]) visit(run, part, scopeOf([source]), new Map());
  },
  Update: (run, tree) => {
    const sources = sourcesOf(run, [tree['table'], ...list(variant(tree['from']).of)], null, new Map());
    const scope = scopeOf(sources);
    for (const assignment of list(tree['assignments'])) {
      const target = lastOf(node(node(assignment)['target'])['ColumnName']);
      reference(run, scopeOf(sources.slice(0, 1)), [target]);
      visit(run, node(assignment)['value'], scope, new Map());
    }
    condition(run, tree['selection'], scope, new Map());
    visit(run, tree['returning'], scope, new Map());
  },
  Delete: (run, tree) => {
    const scope = scopeOf(sourcesOf(run, [...list(variant(tree['from']).of), ...list(tree['using'])], null, new Map()));
    condition(run, tree['selection'], scope, new Map());
    visit(run, tree['returning'], scope, new Map());
  },
};

function runQuery(run: Run, query: Node, outer: Scope | null, known: Known): Result {
  const here = new Map(known);
  for (const cte of list(node(query['with'])['cte_tables'])) {
    const alias = node(node(cte)['alias']);
    const name = keyOf(ident(alias['name'])?.text ?? '');
    here.set(name, { columns: [], open: true });
    here.set(name, renamed(runQuery(run, node(node(cte)['query']), outer, here), alias));
  }
  return runBody(run, query['body'], query, outer, here);
}

function runBody(run: Run, body: unknown, query: Node, outer: Scope | null, known: Known): Result {
  const { name, of } = variant(body);
  if (name === 'Select') return runSelect(run, node(of), query, outer, known);
  if (name === 'Query') return runQuery(run, node(of), outer, known);
  if (name === 'SetOperation') {
    const left = runBody(run, node(of)['left'], {}, outer, known);
    runBody(run, node(of)['right'], {}, outer, known);
    return left;
  }
  if (STATEMENTS[name] !== undefined) STATEMENTS[name](run, node(of));
  return { columns: [], open: true };
}

function runSelect(run: Run, select: Node, query: Node, outer: Scope | null, known: Known): Result {
  const sources = sourcesOf(run, list(select['from']), outer, known);
  const scope = scopeOf(sources, outer);
  visit(run, select['projection'], scope, known);
  const searchedBy = condition(run, select['selection'], scope, known);
  const aliases = list(select['projection']).flatMap((item) => ident(node(node(item)['ExprWithAlias'])['alias'])?.text ?? []);
  const after = scopeOf(sources, outer, new Set(aliases.map(keyOf)));
  for (const part of [select['group_by'], select['having'], query['order_by'], select['qualify']]) visit(run, part, after, known);
  const [only] = sources;
  const order = list(node(node(query['order_by'])['kind'])['Expressions'])[0];
  const isLimited = query['limit_clause'] != null && sources.length === 1 && !searchedBy;
  const by = ident(node(order)['expr']) ?? lastOf(node(node(order)['expr'])['CompoundIdentifier']);
  if (isLimited && only?.table != null && by !== null && columnOf(only.table, by.text) !== undefined && !isIndexed(only.table, by.text))
    run.facts.unindexed.push({ table: only.table, name: by.text, line: by.line, by: 'order' });
  return project(list(select['projection']), sources, run.place);
}

/** FROM and its joins; what a LEFT JOIN may not find is NULL. */
function sourcesOf(run: Run, from: readonly unknown[], outer: Scope | null, known: Known): Source[] {
  const sources: Source[] = [];
  for (const item of from) {
    sources.push(...relation(run, node(item)['relation'] ?? item, scopeOf(sources, outer), known));
    for (const join of list(node(item)['joins'])) {
      const operator = variant(node(join)['join_operator']);
      const right = relation(run, node(join)['relation'], scopeOf(sources, outer), known);
      const mayMiss = /^(Left|FullOuter)/.test(operator.name);
      sources.push(...(mayMiss ? right.map(asNullable) : right));
      const scope = scopeOf(sources, outer);
      const on = node(operator.of)['On'];
      if (on === undefined) continue;
      visit(run, on, scope, known);
      for (const part of conjuncts(on)) joined(run, part, scope);
    }
  }
  return sources;
}

function relation(run: Run, tree: unknown, scope: Scope, known: Known): Source[] {
  const { name, of } = variant(tree);
  const inner = node(of);
  const alias = ident(node(inner['alias'])['name'])?.text ?? null;
  if (name === 'Table' && inner['args'] == null) return [tableSource(run, inner['name'], alias, known)];
  if (name === 'NestedJoin') return sourcesOf(run, [inner['table_with_joins']], scope.outer, known);
  if (name === 'Derived') {
    const { columns, open } = renamed(runQuery(run, node(inner['subquery']), scope, known), node(inner['alias']));
    return [{ alias: alias ?? '', table: null, columns: new Map(columns.map((column) => [keyOf(column.name), column])), open }];
  }
  // Functions, UNNEST, JSON_TABLE: their columns nobody declares.
  return [{ alias: alias ?? lastOf(inner['name'])?.text ?? '', table: null, columns: new Map(), open: true }];
}

function tableSource(run: Run, name: unknown, alias: string | null, known: Known): Source {
  const last = lastOf(name);
  const key = keyOf(last?.text ?? '');
  const derived = known.get(key);
  if (derived !== undefined)
    return { alias: alias ?? key, table: null, columns: new Map(derived.columns.map((one) => [keyOf(one.name), one])), open: derived.open };
  const table = run.schema.tables.get(key) ?? null;
  if (table !== null) run.facts.tables.add(table);
  const isOther = SYSTEM_TABLE.test(key) || list(name).some((part) => SYSTEM_TABLE.test(ident(part)?.text ?? ''));
  if (table === null && last !== null && !isOther) run.facts.unknownTables.push({ name: last.text, line: last.line });
  return { alias: alias ?? last?.text ?? '', table, columns: table?.columns ?? new Map(), open: table === null || table.open };
}

function renamed(result: Result, alias: Node): Result {
  const names = list(alias['columns']).map((one) => ident(node(one)['name'] ?? one)?.text);
  return { ...result, columns: result.columns.map((column, index) => ({ ...column, name: names[index] ?? column.name })) };
}

function asNullable(source: Source): Source {
  return { ...source, columns: new Map([...source.columns].map(([key, column]) => [key, { ...column, nullable: true }])) };
}

/** Looks at every name in an expression; a query inside sees what is around it. */
function visit(run: Run, expression: unknown, scope: Scope, known: Known): void {
  walk(expression, {
    name: (parts) => reference(run, scope, parts),
    query: (query) => void runQuery(run, query, scope, known),
  });
}

/** @returns whether anything was searched by */
function condition(run: Run, selection: unknown, scope: Scope, known: Known): boolean {
  visit(run, selection, scope, known);
  const byTable = new Map<Table, Searched[]>();
  for (const part of conjuncts(selection))
    for (const parts of searched(part)) {
      const found = find(scope, parts);
      const last = parts[parts.length - 1];
      if (found?.table == null || last == null) continue;
      byTable.set(found.table, [
        ...(byTable.get(found.table) ?? []),
        { table: found.table, name: last.text, line: last.line, by: 'where' },
      ]);
    }
  for (const [table, columns] of byTable)
    if (!columns.some((one) => isIndexed(table, one.name)))
      run.facts.unindexed.push(...columns.filter((one) => isSelective(table, one.name)));
  return byTable.size > 0;
}

/** An index over two values finds half of the table: databases do not use it. */
function isSelective(table: Table, name: string): boolean {
  return table.kind === 'table' && !table.open && columnOf(table, name)?.family !== 'boolean';
}

function joined(run: Run, part: Node, scope: Scope): void {
  const equal = node(part['BinaryOp']);
  if (equal['op'] !== 'Eq') return;
  const sides = [equal['left'], equal['right']].map((side) => {
    const parts = list(node(side)['CompoundIdentifier']).map(ident);
    const table = parts.length > 1 ? find(scope, parts)?.table : null;
    const last = parts[parts.length - 1];
    return table == null || last == null ? null : { table, name: last.text, line: last.line, by: 'join' as const };
  });
  const known = sides.filter((side) => side !== null);
  if (known.length === 2 && !known.some((side) => isIndexed(side.table, side.name) || side.table.kind === 'view' || side.table.open))
    run.facts.unindexed.push(...known.slice(0, 1));
}

function reference(run: Run, scope: Scope, parts: readonly (Ident | null)[]): void {
  const last = parts[parts.length - 1];
  if (last == null || last.text === '*' || ALWAYS_THERE.has(keyOf(last.text))) return;
  const qualifier = parts.length > 1 ? keyOf(parts[parts.length - 2]?.text ?? '') : null;
  if (qualifier !== null) {
    const source = CLAUSE_SOURCES.has(qualifier) ? null : find(scope, parts);
    if (source !== null && !source.open && !source.columns.has(keyOf(last.text)))
      run.facts.unknownColumns.push({ name: last.text, line: last.line, tables: [source.table?.name ?? source.alias] });
    return;
  }
  const around: Source[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    if (at.results.has(keyOf(last.text))) return;
    around.push(...at.sources);
  }
  // A quoted word that is no column is a text to SQLite; a table's name may stand for its row.
  if (
    last.quoted ||
    around.length === 0 ||
    around.some((source) => source.open || source.columns.has(keyOf(last.text)) || keyOf(source.alias) === keyOf(last.text))
  )
    return;
  run.facts.unknownColumns.push({ name: last.text, line: last.line, tables: around.map((source) => source.table?.name ?? source.alias) });
}
