/** From a name to what it stands for, through imports, re-exports and constants. */
import { posix } from 'node:path';
import { type Expression, Node, type Symbol as TsSymbol } from 'ts-morph';

export function declarationsOf(node: Node): Node[] {
  const named = Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
  const parent = named.getParent();
  // `{ method }` names the property and the variable: the variable is meant.
  const symbol = Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : named.getSymbol();
  return symbol === undefined ? [] : target(symbol).getDeclarations();
}

function target(symbol: TsSymbol): TsSymbol {
  return symbol.isAlias() ? (symbol.getAliasedSymbol() ?? symbol) : symbol;
}

/** The expression that a constant, a property or an enum's member begins with. */
export function initializerOf(node: Node): Expression | undefined {
  for (const declaration of declarationsOf(node)) {
    if (Node.isShorthandPropertyAssignment(declaration)) {
      const symbol = declaration.getValueSymbol();
      const [value] = symbol === undefined ? [] : target(symbol).getDeclarations();
      if (Node.isVariableDeclaration(value)) return value.getInitializer();
    }
    const isConstant =
      !Node.isVariableDeclaration(declaration) ||
      declaration.getVariableStatement()?.getDeclarationKind() === 'const' ||
      declaration.getVariableStatement() === undefined;
    if (!isConstant) continue;
    if (
      Node.isVariableDeclaration(declaration) ||
      Node.isPropertyAssignment(declaration) ||
      Node.isEnumMember(declaration) ||
      Node.isPropertyDeclaration(declaration)
    )
      return declaration.getInitializer();
    if (Node.isExportAssignment(declaration)) return declaration.getExpression();
  }
  return undefined;
}

export type AnyFunction = Node & { getBody?(): Node | undefined };

export function isFunction(node: Node | undefined): node is AnyFunction {
  return (
    Node.isArrowFunction(node) || Node.isFunctionExpression(node) || Node.isFunctionDeclaration(node) || Node.isMethodDeclaration(node)
  );
}

/** What an expression is in the end: a function, an object, a call; the expression itself where nothing more is known. */
export function meaningOf(node: Node, depth = 0): Node {
  if (depth > 8) return node;
  if (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isAwaitExpression(node)
  )
    return meaningOf(node.getExpression(), depth + 1);
  const required = requiredBy(node);
  if (required !== undefined) return meaningOf(required, depth + 1);
  if (!Node.isIdentifier(node) && !Node.isPropertyAccessExpression(node)) return node;
  const [declaration] = declarationsOf(node);
  if (isFunction(declaration) || Node.isParameterDeclaration(declaration)) return declaration;
  const value = initializerOf(node);
  return value === undefined ? node : meaningOf(value, depth + 1);
}

/** `require('./users')`: what that file gives as a whole. */
function requiredBy(node: Node): Node | undefined {
  if (!Node.isCallExpression(node) || node.getExpression().getText() !== 'require') return undefined;
  const [name] = node.getArguments();
  if (!Node.isStringLiteral(name) || !name.getLiteralValue().startsWith('.')) return undefined;
  const base = posix.join(node.getSourceFile().getDirectoryPath(), name.getLiteralValue());
  const file = ['', '.js', '.cjs', '.ts', '/index.js', '/index.ts']
    .map((end) => node.getProject().getSourceFile(`${base}${end}`))
    .find((one) => one !== undefined);
  for (const statement of file?.getStatements() ?? []) {
    const expression = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined;
    if (Node.isBinaryExpression(expression) && expression.getLeft().getText() === 'module.exports') return expression.getRight();
  }
  return undefined;
}

/** The function that an argument is: itself, by name, bound, or wrapped by a helper such as `asyncHandler(fn)`. */
export function functionOf(node: Node | undefined, depth = 0): { readonly fn: AnyFunction; readonly wrapped: boolean } | null {
  if (node === undefined || depth > 6) return null;
  const value = meaningOf(node);
  if (isFunction(value)) return { fn: value, wrapped: false };
  if (!Node.isCallExpression(value)) return null;
  const callee = value.getExpression();
  if (Node.isPropertyAccessExpression(callee) && callee.getName() === 'bind') return functionOf(callee.getExpression(), depth + 1);
  for (const argument of value.getArguments()) {
    const inner = functionOf(argument, depth + 1);
    if (inner !== null) return { fn: inner.fn, wrapped: true };
  }
  return null;
}

export function nameCalled(call: Node): string {
  if (!Node.isCallExpression(call)) return '';
  const callee = call.getExpression();
  return Node.isPropertyAccessExpression(callee) ? callee.getName() : Node.isIdentifier(callee) ? callee.getText() : '';
}

/** A property of an object literal, by name. */
export function propertyOf(node: Node | undefined, name: string): Expression | undefined {
  const object = node === undefined ? undefined : meaningOf(node);
  if (!Node.isObjectLiteralExpression(object)) return undefined;
  const property = object.getProperty(name);
  if (Node.isPropertyAssignment(property)) return property.getInitializer();
  return Node.isShorthandPropertyAssignment(property) ? property.getNameNode() : undefined;
}
