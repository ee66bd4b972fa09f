/** Expressions of a query: the names in them, and what they search by. */
import { type Ident, ident, isNode, list, type Node, node, variant } from './ast.ts';

export type Seen = {
  readonly name: (parts: readonly (Ident | null)[]) => void;
  readonly query: (query: Node) => void;
};

/** Names of types, functions, aliases and parameters are no columns. */
const NO_COLUMNS = new Set([
  'data_type',
  'alias',
  'name',
  'format',
  'span',
  'op',
  'kind',
  'field',
  'conflict_target',
  'target',
  'named',
  'window_name',
  'collation',
  'time_zone',
  'shorthand',
  'syntax',
  'unit',
  'precision',
  'charset',
  'Named',
]);

export function walk(value: unknown, seen: Seen): void {
  if (Array.isArray(value)) for (const one of value) walk(one, seen);
  if (!isNode(value)) return;
  if (isNode(value['Identifier'])) {
    seen.name([ident(value)]);
    return;
  }
  if (Array.isArray(value['CompoundIdentifier'])) {
    seen.name(value['CompoundIdentifier'].map(ident));
    return;
  }
  if (value['body'] !== undefined && value['with'] !== undefined) {
    seen.query(value);
    return;
  }
  if (isNode(value['body']) && 'order_by' in value) {
    seen.query(value);
    return;
  }
  // ORDER BY's list lies below `kind`, which elsewhere is a word.
  if (isNode(value['kind']) && Array.isArray(value['kind']['Expressions'])) walk(value['kind']['Expressions'], seen);
  for (const [key, inner] of Object.entries(value)) if (!NO_COLUMNS.has(key) && !key.endsWith('_token')) walk(inner, seen);
}

/** What must all hold. */
export function conjuncts(expression: unknown): Node[] {
  const here = node(expression);
  if (here['Nested'] !== undefined) return conjuncts(here['Nested']);
  const both = node(here['BinaryOp']);
  if (both['op'] === 'And') return [...conjuncts(both['left']), ...conjuncts(both['right'])];
  return isNode(expression) ? [here] : [];
}

const COMPARES = new Set(['Eq', 'Gt', 'GtEq', 'Lt', 'LtEq', 'Spaceship']);

/** The columns by which a condition finds rows: one side a column, the other a value. An index helps with nothing else. */
export function searched(condition: Node): (readonly (Ident | null)[])[] {
  const { name, of } = variant(condition);
  const tree = node(of);
  if (name === 'BinaryOp') {
    if (!COMPARES.has(String(tree['op']))) return [];
    const [left, right] = [columnIn(tree['left']), columnIn(tree['right'])];
    const [column, other] = left !== null ? [left, tree['right']] : [right, tree['left']];
    return column === null || (left !== null && right !== null) || !isValue(other) ? [] : [column];
  }
  if (name === 'InList' || name === 'Between' || name === 'InSubquery') {
    const column = tree['negated'] === true ? null : columnIn(tree['expr']);
    return column === null ? [] : [column];
  }
  return [];
}

function columnIn(expression: unknown): (Ident | null)[] | null {
  const here = node(expression);
  if (here['Nested'] !== undefined) return columnIn(here['Nested']);
  if (Array.isArray(here['CompoundIdentifier'])) return list(here['CompoundIdentifier']).map(ident);
  const plain = isNode(here['Identifier']) ? ident(here) : null;
  return plain === null ? null : [plain];
}

/** A value that is the same for every row. */
function isValue(expression: unknown): boolean {
  let isSame = true;
  walk(expression, { name: () => (isSame = false), query: () => undefined });
  return isSame;
}
