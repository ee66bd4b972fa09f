/** Migrations of knex: `knex.schema.createTable('orders', (table) => { … })` and their like, as SQL. */
import { Node } from 'ts-morph';
import type { Dialect } from '../sql/parse.ts';
import type { BuiltColumn, BuiltIndex, BuiltKey, BuiltScript } from './built-sql.ts';
import { type Called, chainOf } from './call-chain.ts';
import { type BuiltTable, readBuilder } from './knex-table.ts';
import { textOf } from './static-value.ts';

/** Calls on `knex.schema` that change nothing. */
const HARMLESS =
  /^(?:hasTable|hasColumn|withSchema|then|catch|finally|toString|toSQL|debug|timeout|options|queryContext|createSchema\w*|createExtension\w*)$/;

/**
 * One chain of calls on `knex.schema`.
 * @param guarded it is made only under a condition, or several times
 */
export function readSchemaChain(script: BuiltScript, calls: readonly Called[], guarded: boolean, dialect: Dialect): void {
  for (const called of calls) {
    if (HARMLESS.test(called.name)) continue;
    const [first, second] = called.args;
    const table = textOf(first);
    const read = table === null ? undefined : READ[called.name];
    const line = called.line;
    if (called.name === 'raw' && textOf(first) !== null && !guarded) script.sql(textOf(first) ?? '', first?.getStartLineNumber() ?? line);
    else if (table === null || read === undefined || read({ script, table, second, line, guarded, dialect }) === false)
      script.notRead(called.text, line, table);
  }
}

type Given = {
  readonly script: BuiltScript;
  readonly table: string;
  readonly second: Node | undefined;
  readonly line: number;
  readonly guarded: boolean;
  readonly dialect: Dialect;
};

const READ: Readonly<Record<string, (given: Given) => unknown>> = {
  createTable: (given) => create(given, given.guarded),
  createTableIfNotExists: (given) => create(given, true),
  alterTable: alter,
  table: alter,
  dropTable: ({ script, table, line, guarded }) => script.dropTable(table, guarded, line),
  dropTableIfExists: ({ script, table, line }) => script.dropTable(table, true, line),
  renameTable({ script, table, second, line, guarded }) {
    const to = textOf(second);
    if (to === null || guarded) return false;
    script.renameTable(table, to, line);
    return true;
  },
};

function create({ script, table, second, line, dialect }: Given, mayExist: boolean): void {
  const built = readBuilder(second, table, dialect);
  script.createTable(line, table, mayExist, { columns: built.columns, keys: built.keys, primary: built.primary });
  if (!mayExist) for (const index of built.indexes) script.addIndex(table, index);
  for (const missed of built.missed) script.notRead(missed.text, missed.line, table);
}

function alter({ script, table, second, guarded, dialect }: Given): boolean {
  const built: BuiltTable = readBuilder(second, table, dialect);
  if (guarded) return false;
  type Step = { readonly line: number; readonly run: () => void };
  const steps: Step[] = [
    ...built.columns.map((one: BuiltColumn) => ({ line: one.line, run: () => script.addColumn(table, one) })),
    ...built.changed.map((one: BuiltColumn) => ({ line: one.line, run: () => script.changeColumn(table, one) })),
    ...built.keys.map((one: BuiltKey) => ({ line: one.line, run: () => script.addKey(table, one) })),
    ...built.primary.map((one: BuiltIndex) => ({ line: one.line, run: () => script.addPrimary(table, one) })),
    ...built.indexes.map((one: BuiltIndex) => ({ line: one.line, run: () => script.addIndex(table, one) })),
    ...built.dropped.map((one) => ({ line: one.line, run: () => one.apply(script) })),
    ...built.missed.map((one) => ({ line: one.line, run: () => script.notRead(one.text, one.line, table) })),
  ];
  // A sort that keeps what stands on one line in its order: a column before its key.
  for (const step of steps.toSorted((a, b) => a.line - b.line)) step.run();
  return true;
}

/** `knex.schema…`, `trx.schema…`; null: no such chain. `raw`: `knex.raw(…)`. */
export function schemaChain(call: Node): { readonly calls: readonly Called[] } | null {
  const chain = chainOf(call);
  if (chain === null) return null;
  const { root } = chain;
  if (Node.isPropertyAccessExpression(root) && root.getName() === 'schema') return chain;
  return Node.isIdentifier(root) && chain.calls[0]?.name === 'raw' ? { calls: chain.calls.slice(0, 1) } : null;
}

/** A call of this name changes a schema, whoever it is called on. */
export function changesSchema(name: string): boolean {
  return /^(?:createTable\w*|alterTable|dropTable\w*|renameTable|createView\w*|dropView\w*)$/.test(name);
}
