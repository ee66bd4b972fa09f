/** A handler's function: what it wants, what it gives, and whether anybody hears of its failing. */
import { type CallExpression, Node, SyntaxKind, type Type } from 'ts-morph';
import type { ErrorPath, Handler } from './model.ts';
import { type AnyFunction, functionOf, nameCalled, propertyOf } from './resolve.ts';
import { awaited } from './shape.ts';
import { readSchema, type SchemaField } from './zod.ts';

export type Answer = Pick<Handler, 'wants' | 'takes' | 'schema' | 'gives' | 'errorPath'>;

const NOTHING: Answer = { wants: null, takes: null, schema: null, gives: [], errorPath: 'not-needed' };

/** @param route the call that declares it, for types that stand there (`fastify.post<{ Body: T }>`) */
export function answerOf(
  found: { readonly fn: AnyFunction; readonly wrapped: boolean } | null,
  framework: string,
  route: CallExpression | null,
): Answer {
  if (found === null) return NOTHING;
  const { fn, wrapped } = found;
  const body = bodyOf(fn, route);
  return {
    ...body,
    schema: body.wants === null ? schemaIn(fn) : null,
    gives: givenBy(fn, framework),
    errorPath: wrapped ? 'own' : errorPathOf(fn),
  };
}

/** `req.body as T`, `const body: T = req.body`, `Request<P, R, T>`, `c.req.json<T>()`, or the names that are taken out of it. */
function bodyOf(fn: AnyFunction, route: CallExpression | null): Pick<Handler, 'wants' | 'takes'> {
  const generic = route?.getTypeArguments()[0];
  if (generic !== undefined) {
    const body = generic.getType().getProperty('Body');
    if (body !== undefined) return { wants: { type: body.getTypeAtLocation(generic), at: generic }, takes: null };
  }
  for (const parameter of Node.isArrowFunction(fn) ||
  Node.isFunctionExpression(fn) ||
  Node.isFunctionDeclaration(fn) ||
  Node.isMethodDeclaration(fn)
    ? fn.getParameters()
    : []) {
    const written = parameter.getTypeNode();
    if (!Node.isTypeReference(written) || !/Request$/.test(written.getTypeName().getText())) continue;
    const args = written.getTypeArguments();
    const express = args[2];
    if (express !== undefined) return { wants: { type: express.getType(), at: express }, takes: null };
    const fastify = args[0]?.getType().getProperty('Body');
    if (fastify !== undefined && args[0] !== undefined)
      return { wants: { type: fastify.getTypeAtLocation(args[0]), at: args[0] }, takes: null };
  }
  for (const node of fn.getDescendants()) {
    const isBody =
      Node.isPropertyAccessExpression(node) &&
      node.getName() === 'body' &&
      /^(?:req|request|ctx\.request|c\.req|ctx)$/.test(node.getExpression().getText());
    const isJson =
      Node.isCallExpression(node) &&
      nameCalled(node) === 'json' &&
      node.getArguments().length === 0 &&
      /^(?:c\.req|req|request|ctx\.req)\.json$/.test(node.getExpression().getText());
    if (!isBody && !isJson) continue;
    if (isJson && Node.isCallExpression(node) && node.getTypeArguments()[0] !== undefined)
      return typed(node.getTypeArguments()[0]?.getType(), node);
    const around = Node.isAwaitExpression(node.getParent()) ? node.getParentOrThrow() : node;
    const outer = unparenthesised(around);
    const parent = outer.getParent();
    if (Node.isAsExpression(parent)) return typed(parent.getType(), parent);
    if (Node.isVariableDeclaration(parent)) {
      if (parent.getTypeNode() !== undefined) return typed(parent.getType(), parent);
      const name = parent.getNameNode();
      if (Node.isObjectBindingPattern(name) && !name.getElements().some((one) => one.getDotDotDotToken() !== undefined))
        return {
          wants: null,
          takes: name
            .getElements()
            .filter((one) => one.getInitializer() === undefined)
            .map((one) => one.getPropertyNameNode()?.getText() ?? one.getName()),
        };
    }
    const isTyped = Node.isPropertyAccessExpression(node) && !node.getType().isAny() && !node.getType().isUnknown();
    if (isTyped) return typed(node.getType(), node);
  }
  return { wants: null, takes: null };
}

function typed(type: Type | undefined, at: Node): Pick<Handler, 'wants' | 'takes'> {
  return { wants: type === undefined ? null : { type, at }, takes: null };
}

function unparenthesised(node: Node): Node {
  const parent = node.getParent();
  return Node.isParenthesizedExpression(parent) ? unparenthesised(parent) : node;
}

/** What a good answer holds; answers with a status from 400 on are the other path. */
function givenBy(fn: AnyFunction, framework: string): Handler['gives'] {
  const gives: { type: Type; at: Node }[] = [];
  for (const call of fn.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee) || !['json', 'send'].includes(callee.getName())) continue;
    const [value, status] = call.getArguments();
    const owner = callee.getExpression().getText();
    if (value === undefined || !/^(?:res|response|reply|c|ctx|context|Response|NextResponse)\b/.test(owner)) continue;
    if (
      isBad(owner) ||
      isBad(status?.getText() ?? '') ||
      (Node.isObjectLiteralExpression(status) && isBad(propertyOf(status, 'status')?.getText() ?? ''))
    )
      continue;
    if (Node.isStringLiteral(value) || isErrorObject(value)) continue;
    gives.push({ type: awaited(value.getType()), at: value });
  }
  if (framework === 'fastify' || framework === 'channel')
    for (const value of returned(fn))
      if (!/^(?:reply|res)\b/.test(value.getText()) && !isErrorObject(value)) gives.push({ type: awaited(value.getType()), at: value });
  return gives;
}

/** `{ error: … }` alone is what goes wrong. */
function isErrorObject(value: Node): boolean {
  return (
    Node.isObjectLiteralExpression(value) &&
    value.getProperties().length <= 3 &&
    (value.getProperty('error') ?? value.getProperty('errors') ?? value.getProperty('message')) !== undefined &&
    value.getProperty('data') === undefined
  );
}

function isBad(text: string): boolean {
  return /\b[45]\d\d\b|BAD_|NOT_FOUND|INTERNAL|UNAUTHORI|FORBIDDEN|UNPROCESSABLE|CONFLICT/i.test(text);
}

/** What the function itself returns, not those inside it. */
function returned(fn: AnyFunction): Node[] {
  const body = fn.getBody?.();
  if (body !== undefined && !Node.isBlock(body)) return [body];
  return fn.getDescendantsOfKind(SyntaxKind.ReturnStatement).flatMap((statement) => {
    const owner = statement.getFirstAncestor(
      (one) =>
        Node.isArrowFunction(one) || Node.isFunctionExpression(one) || Node.isFunctionDeclaration(one) || Node.isMethodDeclaration(one),
    );
    const value = statement.getExpression();
    return owner === fn && value !== undefined ? [value] : [];
  });
}

const HANDLES = /^(?:catch|next|captureException|handleError|onError|safe|wrap|tryCatch|attempt)$/;

/** Work that may fail is awaited or promised; a function without any needs no other path. */
export function errorPathOf(fn: AnyFunction, depth = 0): ErrorPath {
  const risky = fn
    .getDescendants()
    .filter((node) => Node.isAwaitExpression(node) || (Node.isCallExpression(node) && nameCalled(node) === 'then'));
  const body = fn.getBody?.();
  const passed = body !== undefined && !Node.isBlock(body) && Node.isCallExpression(body) && isAsyncType(body.getType()) ? body : null;
  if (risky.length === 0 && passed === null) return 'not-needed';
  // It only hands on: what answers is the other one.
  if (risky.length === 0 && passed !== null && depth < 4) {
    const inner = functionOf(passed.getExpression());
    if (inner !== null) return inner.wrapped ? 'own' : errorPathOf(inner.fn, depth + 1);
  }
  const calls = fn.getDescendantsOfKind(SyntaxKind.CallExpression);
  if (calls.some((call) => HANDLES.test(nameCalled(call)) && !(nameCalled(call) === 'next' && call.getArguments().length === 0)))
    return 'own';
  const isCaught =
    risky.length > 0 &&
    risky.every((node) =>
      node
        .getAncestors()
        .some(
          (one) =>
            Node.isTryStatement(one) && one.getCatchClause() !== undefined && one.getTryBlock().containsRange(node.getPos(), node.getEnd()),
        ),
    );
  return isCaught ? 'own' : 'none';
}

function isAsyncType(type: Type): boolean {
  return type.getSymbol()?.getName() === 'Promise';
}

/** `const body = orderSchema.parse(req.body)`. */
function schemaIn(fn: AnyFunction): readonly SchemaField[] | null {
  for (const call of fn.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const callee = call.getExpression();
    if (!Node.isPropertyAccessExpression(callee) || !/^(?:parse|safeParse|parseAsync)$/.test(callee.getName())) continue;
    if (/\.body$|\.json\(\)\)?$/.test(call.getArguments()[0]?.getText() ?? '')) return readSchema(callee.getExpression());
  }
  return null;
}
