/** What a caller takes the answer for: by a type argument, an assertion, an annotation, or its own declared result. */
import { type CallExpression, Node, SyntaxKind, type Type } from 'ts-morph';
import type { Value } from './model.ts';
import { awaited, isVague, typeArgument } from './shape.ts';

/** `own`: a function of the project's, whose result is what it says. */
export type Way = 'fetch' | 'axios' | 'ky' | 'own' | 'channel';

export function wantedBy(call: CallExpression, way: Way): Value {
  if (way === 'channel') return said(typeArgument(call), call) ?? climbed(call) ?? result(call);
  if (way === 'fetch') return afterJson(call);
  if (way === 'ky') return afterJson(call) ?? said(typeArgument(call), call);
  if (way === 'axios') return said(typeArgument(call), call) ?? dataOf(call);
  const type = awaited(call.getReturnType());
  if (type.getSymbol()?.getName() === 'Response') return afterJson(call);
  const data = type.getProperty('data');
  if (data !== undefined && type.getProperty('status') !== undefined) return said(data.getTypeAtLocation(call), call);
  return said(type, call) ?? said(typeArgument(call), call) ?? climbed(call);
}

function result(call: CallExpression): Value {
  return said(awaited(call.getReturnType()), call);
}

function said(type: Type | null | undefined, at: Node): Value {
  return type == null || isVague(type) || type.isVoid() || type.isUndefined() ? null : { type, at };
}

/** `(await fetch(…)).json()`, `.then((r) => r.json())`, and `const res = await fetch(…); … res.json()`. */
function afterJson(call: CallExpression): Value {
  const around = outer(call);
  const parent = around.getParent();
  if (Node.isPropertyAccessExpression(parent)) {
    const next = parent.getParentIfKind(SyntaxKind.CallExpression);
    if (next !== undefined && parent.getName() === 'json') return said(typeArgument(next), next) ?? climbed(next);
    if (next !== undefined && parent.getName() === 'then') {
      const json = next.getArguments()[0]?.getDescendantsOfKind(SyntaxKind.CallExpression).find(isJson);
      if (json !== undefined) return climbed(json) ?? climbed(next);
    }
    return null;
  }
  if (!Node.isVariableDeclaration(parent)) return null;
  const name = parent.getName();
  const scope = parent.getFirstAncestor((one) => Node.isBlock(one) || Node.isSourceFile(one));
  const json = scope
    ?.getDescendantsOfKind(SyntaxKind.CallExpression)
    .find((one) => isJson(one) && one.getExpression().getText() === `${name}.json`);
  return json === undefined ? null : (said(typeArgument(json), json) ?? climbed(json));
}

function isJson(call: CallExpression): boolean {
  const callee = call.getExpression();
  return Node.isPropertyAccessExpression(callee) && callee.getName() === 'json';
}

/** `const res = await http.get('/x'); return res.data as T`. */
function dataOf(call: CallExpression): Value {
  const parent = outer(call).getParent();
  if (Node.isPropertyAccessExpression(parent) && parent.getName() === 'data') return climbed(parent);
  if (!Node.isVariableDeclaration(parent)) return null;
  const scope = parent.getFirstAncestor((one) => Node.isBlock(one) || Node.isSourceFile(one));
  const named = parent.getNameNode();
  const text = Node.isObjectBindingPattern(named)
    ? named
        .getElements()
        .find((one) => (one.getPropertyNameNode()?.getText() ?? one.getName()) === 'data')
        ?.getName()
    : `${parent.getName()}.data`;
  if (text === undefined) return null;
  const uses =
    scope
      ?.getDescendants()
      .filter(
        (one) =>
          (Node.isIdentifier(one) || Node.isPropertyAccessExpression(one)) && one.getText() === text && one.getPos() > parent.getEnd(),
      ) ?? [];
  for (const use of uses) {
    const value = climbed(use);
    if (value !== null) return value;
  }
  return null;
}

function outer(node: Node): Node {
  const parent = node.getParent();
  return Node.isAwaitExpression(parent) || Node.isParenthesizedExpression(parent) || Node.isNonNullExpression(parent)
    ? outer(parent)
    : node;
}

/** Up to the first place that says a type. */
function climbed(node: Node): Value {
  const around = outer(node);
  const parent = around.getParent();
  if (Node.isAsExpression(parent) || Node.isSatisfiesExpression(parent)) {
    const type = awaited(parent.getType());
    return isVague(type) ? climbed(parent) : said(type, parent);
  }
  if (Node.isVariableDeclaration(parent))
    return parent.getTypeNode() !== undefined ? said(awaited(parent.getType()), parent) : returnedVariable(parent.getName(), parent);
  if (Node.isReturnStatement(parent) || (Node.isArrowFunction(parent) && parent.getBody() === around)) {
    const fn =
      Node.isArrowFunction(parent) && parent.getBody() === around
        ? parent
        : parent.getFirstAncestor(
            (one) =>
              Node.isArrowFunction(one) ||
              Node.isFunctionDeclaration(one) ||
              Node.isFunctionExpression(one) ||
              Node.isMethodDeclaration(one),
          );
    if (Node.isArrowFunction(fn) || Node.isFunctionDeclaration(fn) || Node.isFunctionExpression(fn) || Node.isMethodDeclaration(fn)) {
      if (fn.getReturnTypeNode() !== undefined) return said(awaited(fn.getReturnType()), fn);
    }
  }
  return null;
}

/** `const data = await res.json(); return data;` in a function that says what it returns. */
function returnedVariable(name: string, declaration: Node): Value {
  const scope = declaration.getFirstAncestor((one) => Node.isBlock(one));
  for (const statement of scope?.getDescendantsOfKind(SyntaxKind.ReturnStatement) ?? []) {
    const value = statement.getExpression();
    if (value?.getText() === name) return climbed(value);
    if (Node.isAsExpression(value) && value.getExpression().getText() === name) return said(awaited(value.getType()), value);
  }
  return null;
}

/**
 * A function around the request that gives only a part of the answer (`return json.data`): what its callers want is
 * not what travels, and no comparison is made.
 */
export function unwraps(call: CallExpression, way: Way): boolean {
  const fn = call.getFirstAncestor(
    (one) =>
      Node.isArrowFunction(one) || Node.isFunctionDeclaration(one) || Node.isFunctionExpression(one) || Node.isMethodDeclaration(one),
  );
  if (fn === undefined) return false;
  const taken = fn
    .getDescendantsOfKind(SyntaxKind.VariableDeclaration)
    .some((one) => Node.isObjectBindingPattern(one.getNameNode()) && /\.json\(\)/.test(one.getInitializer()?.getText() ?? ''));
  const parts = fn
    .getDescendantsOfKind(SyntaxKind.ReturnStatement)
    .map((one) => (one.getExpression()?.getText() ?? '').replace(/\s+as\s+[\s\S]*$/, ''));
  return taken || parts.some((text) => (way === 'axios' ? /\.data[?!]?\.\w+$/ : /\w\)?[?!]?\.(?!ok$|status$)\w+$/).test(text));
}
