/** Migrations that are programs, of knex and TypeORM: read, and never run. What only a run could tell is said to be not read. */
import { type CallExpression, Node, type SourceFile } from 'ts-morph';
import type { Code } from '../code.ts';
import type { Dialect } from '../sql/parse.ts';
import type { Statement } from '../sql/split.ts';
import { type BuiltScript, openScript } from './built-sql.ts';
import { changesSchema as knexChanges, readSchemaChain, schemaChain } from './knex.ts';
import { textOf } from './static-value.ts';
import { HARMLESS, readRunnerCall, changesSchema as runnerChanges } from './typeorm.ts';

export type ProgramMigration = {
  readonly file: string;
  readonly up: readonly Statement[];
  readonly down: readonly Statement[] | null;
  /** Its way back refuses to be gone. */
  readonly isOneWay: boolean;
};

type Way = { readonly body: Node; readonly given: string };

/** The files that export `up`, or whose class has it, and are given a `knex` or a `queryRunner`. */
export function programMigrations(code: Code, dialect: Dialect): ProgramMigration[] {
  return code.files.flatMap((file) => {
    const up = wayOf(file, 'up');
    if (up === null || !isMigration(file, up)) return [];
    const down = wayOf(file, 'down');
    const path = code.pathOf(file);
    const read = (way: Way) => {
      const script = openScript(path, dialect);
      visit(script, way, way.body, false, dialect);
      return script.statements;
    };
    return [{ file: path, up: read(up), down: down === null ? null : read(down), isOneWay: down !== null && refuses(down) }];
  });
}

function refuses({ body }: Way): boolean {
  return Node.isBlock(body) && body.getStatements().some(Node.isThrowStatement);
}

/** Sequelize gives its migrations a `queryInterface`, and an umzug of one's own something else: those are not read. */
function isMigration(file: SourceFile, { body, given }: Way): boolean {
  const text = body.getText();
  // What is taken apart at once is no connection that could be followed.
  if (!/^\w+$/.test(given)) return false;
  return /^(?:queryRunner|runner|qr)$/i.test(given)
    ? /MigrationInterface|queryRunner/i.test(file.getText())
    : new RegExp(`\\b${given}\\s*\\.\\s*(?:schema|raw)\\b`).test(text);
}

/** `export async function up`, `exports.up = `, `module.exports = { up }`, `export const up`, and the method of a class. */
function wayOf(file: SourceFile, name: 'up' | 'down'): Way | null {
  let found: Way | null = null;
  file.forEachDescendant((node, traversal) => {
    if (found !== null) return traversal.stop();
    const isNamed =
      (Node.isFunctionDeclaration(node) ||
        Node.isMethodDeclaration(node) ||
        Node.isVariableDeclaration(node) ||
        Node.isPropertyAssignment(node)) &&
      node.getName() === name;
    const isExported = Node.isBinaryExpression(node) && new RegExp(`\\bexports\\.${name}$`).test(node.getLeft().getText());
    if (!isNamed && !isExported) return undefined;
    const held = Node.isBinaryExpression(node)
      ? node.getRight()
      : Node.isVariableDeclaration(node) || Node.isPropertyAssignment(node)
        ? node.getInitializer()
        : node;
    const isFunction =
      Node.isFunctionDeclaration(held) || Node.isMethodDeclaration(held) || Node.isArrowFunction(held) || Node.isFunctionExpression(held);
    const body = isFunction ? held.getBody() : undefined;
    if (isFunction && body !== undefined) found = { body, given: held.getParameters()[0]?.getName() ?? '' };
    return undefined;
  });
  return found;
}

/** In the order in which it stands there. `guarded`: under a condition, in a loop, or in a function that somebody else calls. */
function visit(script: BuiltScript, way: Way, node: Node, guarded: boolean, dialect: Dialect): void {
  if (Node.isCallExpression(node)) {
    if (readCall(script, way, node, guarded, dialect)) return;
  } else if (Node.isThrowStatement(node)) return;
  const isGuard =
    Node.isIfStatement(node) ||
    Node.isConditionalExpression(node) ||
    Node.isForStatement(node) ||
    Node.isForOfStatement(node) ||
    Node.isForInStatement(node) ||
    Node.isWhileStatement(node) ||
    Node.isSwitchStatement(node) ||
    Node.isCatchClause(node) ||
    Node.isArrowFunction(node) ||
    Node.isFunctionExpression(node) ||
    (Node.isBinaryExpression(node) && /^(?:&&|\|\||\?\?)$/.test(node.getOperatorToken().getText()));
  node.forEachChild((child) => visit(script, way, child, guarded || (isGuard && node !== way.body), dialect));
}

/** Whether nothing more is to be looked for inside of it. */
function readCall(script: BuiltScript, way: Way, call: CallExpression, guarded: boolean, dialect: Dialect): boolean {
  const callee = call.getExpression();
  const name = Node.isPropertyAccessExpression(callee) ? callee.getName() : callee.getText();
  const line = call.getStartLineNumber();
  if (name === 'query' && new RegExp(`^${way.given}\\b`).test(callee.getText())) return readSql(script, call, guarded);
  if (Node.isPropertyAccessExpression(callee) && callee.getExpression().getText() === way.given) {
    if (runnerChanges(name) && !HARMLESS.test(name)) {
      const table = textOf(call.getArguments()[0]);
      if (guarded || !readRunnerCall(script, call, name, dialect)) script.notRead(call.getText(), line, table);
      return true;
    }
  }
  const chain = schemaChain(call);
  if (chain !== null && chain.calls[0]?.name === 'raw') return readSql(script, call, guarded);
  if (chain !== null) {
    readSchemaChain(script, chain.calls, guarded, dialect);
    // What follows on an answer is looked at for itself: `.then((exists) => …)`.
    for (const { name: called, args } of chain.calls)
      if (called === 'then' || called === 'finally')
        for (const then of args)
          if (Node.isArrowFunction(then) || Node.isFunctionExpression(then)) visit(script, way, then.getBody(), guarded, dialect);
    return true;
  }
  if (knexChanges(name)) {
    script.notRead(call.getText(), line, null);
    return true;
  }
  // Whoever is handed the connection may do anything with it.
  if (Node.isIdentifier(callee) && callee.getText() !== way.given && call.getArguments().some((one) => one.getText() === way.given))
    script.notRead(call.getText(), line, null);
  return false;
}

const DATA = /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|SET|GRANT|REVOKE|COMMENT|ANALYZE|VACUUM|REFRESH|TRUNCATE|BEGIN|COMMIT|PRAGMA)\b/i;

function readSql(script: BuiltScript, call: CallExpression, guarded: boolean): boolean {
  const [first] = call.getArguments();
  const text = textOf(first);
  const line = first?.getStartLineNumber() ?? call.getStartLineNumber();
  if (text !== null && !guarded) script.sql(text, line);
  // A value that is put in at run time is no matter where only rows are changed.
  else if (first !== undefined && !DATA.test(text ?? first.getText().replace(/^[`'"]/, ''))) script.notRead(call.getText(), line, null);
  return true;
}
