/** What the names in a query can mean: the tables around it, and the columns that it gives itself. */
import { type Ident, ident, lastOf, list, node, variant } from './ast.ts';
import { type Column, keyOf, type Place, type Table } from './schema.ts';

export type Result = { readonly columns: readonly Column[]; readonly open: boolean };
export type Source = {
  readonly alias: string;
  readonly table: Table | null;
  readonly columns: ReadonlyMap<string, Column>;
  readonly open: boolean;
};
export type Scope = { readonly sources: readonly Source[]; readonly outer: Scope | null; readonly results: ReadonlySet<string> };

export function scopeOf(sources: readonly Source[], outer: Scope | null = null, results: ReadonlySet<string> = new Set()): Scope {
  return { sources, outer, results };
}

export function find(scope: Scope | null, parts: readonly (Ident | null)[]): Source | null {
  const last = parts[parts.length - 1];
  const qualifier = parts.length > 1 ? keyOf(parts[parts.length - 2]?.text ?? '') : null;
  for (let at = scope; at !== null && last != null; at = at.outer) {
    const found = at.sources.find((source) =>
      qualifier === null ? source.columns.has(keyOf(last.text)) : keyOf(source.alias) === qualifier,
    );
    if (found !== undefined) return found;
  }
  return null;
}

export function project(items: readonly unknown[], sources: readonly Source[], place: Place): Result {
  const columns: Column[] = [];
  let open = false;
  for (const item of items) {
    const { name, of } = variant(item);
    if (name === 'Wildcard' || name === 'QualifiedWildcard') {
      const alias = name === 'Wildcard' ? null : keyOf(lastOf(node(list(of)[0])['ObjectName'])?.text ?? '');
      const taken = sources.filter((source) => alias === null || keyOf(source.alias) === alias);
      open ||= taken.some((source) => source.open);
      columns.push(...taken.flatMap((source) => [...source.columns.values()]));
      continue;
    }
    const aliased = name === 'ExprWithAlias';
    const expression = aliased ? node(of)['expr'] : of;
    const parts = list(node(expression)['CompoundIdentifier']).map(ident);
    const whole = parts.length > 0 ? parts : [ident(expression)];
    const last = whole[whole.length - 1] ?? null;
    const called = aliased ? ident(node(of)['alias'])?.text : (last?.text ?? lastOf(node(node(expression)['Function'])['name'])?.text);
    const column = find(scopeOf(sources), whole)?.columns.get(keyOf(last?.text ?? ''));
    if (called !== undefined) columns.push(column === undefined ? unknown(called, place) : { ...column, name: called });
    else open = true;
  }
  return { columns, open };
}

function unknown(name: string, place: Place): Column {
  return {
    name,
    type: 'expression',
    family: 'any',
    nullable: true,
    hasDefault: false,
    generated: true,
    values: null,
    enumName: null,
    place,
  };
}
