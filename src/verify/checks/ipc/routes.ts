/** Routes of Express, Fastify, Hono and their like, with the functions that answer them. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import type { Finding } from '../finding.ts';
import { answerOf } from './answer.ts';
import { count, type Found } from './model.ts';
import { declarationsOf, functionOf, propertyOf } from './resolve.ts';
import { findRouters, type RouterKey, type Routers } from './routers.ts';
import { type Pattern, patternOf, prefixed } from './text.ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'del', 'options', 'head', 'all']);

export function findRoutes(code: Code, found: Found, findings: Finding[]): Routers {
  const routers = findRouters(code);
  for (const file of code.files)
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const callee = call.getExpression();
      if (!Node.isPropertyAccessExpression(callee)) continue;
      const word = callee.getName();
      const isRoute = METHODS.has(word) || word === 'route' || word === 'on';
      const router = isRoute ? routers.keyOf(callee.getExpression()) : null;
      if (router === null) continue;
      if (word === 'route') addFastifyRoute(code, call, router, routers, found, findings);
      else if (METHODS.has(word)) addRoute(code, call, router, routers, found, findings);
    }
  addFileRoutes(code, found);
  return routers;
}

function addRoute(code: Code, call: CallExpression, router: RouterKey, routers: Routers, found: Found, findings: Finding[]): void {
  const callee = call.getExpression();
  const args = call.getArguments();
  const method = Node.isPropertyAccessExpression(callee) ? callee.getName().toUpperCase().replace(/^DEL$/, 'DELETE') : '';
  const chained = chainedPath(call);
  // `app.get('setting')` asks Express for a setting.
  const handlers = chained === null ? args.slice(1) : args;
  const paths = chained === null ? pathsOf(args[0]) : [chained];
  if (paths.length === 0 || (handlers.length === 0 && method === 'GET')) return;
  const last = handlers[handlers.length - 1];
  add(code, { call, router, routers, found, findings }, method.replace('ALL', 'ALL'), paths, last);
}

/** `router.route('/x').get(…).post(…)`: the path stands before. */
function chainedPath(call: CallExpression): Pattern | null {
  for (let at: Node | undefined = call.getExpression(); Node.isPropertyAccessExpression(at); ) {
    const before: Node = at.getExpression();
    if (!Node.isCallExpression(before)) return null;
    const callee = before.getExpression();
    const args = before.getArguments();
    if (
      Node.isPropertyAccessExpression(callee) &&
      callee.getName() === 'route' &&
      args.length === 1 &&
      !Node.isObjectLiteralExpression(args[0])
    )
      return patternOf(args[0]);
    at = callee;
  }
  return null;
}

function pathsOf(node: Node | undefined): Pattern[] {
  if (node === undefined || Node.isRegularExpressionLiteral(node)) return [];
  if (Node.isArrayLiteralExpression(node)) return node.getElements().map((one) => patternOf(one));
  return [patternOf(node)];
}

type Context = {
  readonly call: CallExpression;
  readonly router: RouterKey;
  readonly routers: Routers;
  readonly found: Found;
  readonly findings: Finding[];
};

function addFastifyRoute(code: Code, call: CallExpression, router: RouterKey, routers: Routers, found: Found, findings: Finding[]): void {
  const [options] = call.getArguments();
  const url = propertyOf(options, 'url') ?? propertyOf(options, 'path');
  const method = propertyOf(options, 'method');
  if (url === undefined || method === undefined) return;
  const methods = Node.isArrayLiteralExpression(method) ? method.getElements() : [method];
  for (const one of methods) {
    const [word] = patternOf(one);
    add(
      code,
      { call, router, routers, found, findings },
      typeof word === 'string' ? word.toUpperCase() : 'ALL',
      [patternOf(url)],
      propertyOf(options, 'handler'),
    );
  }
}

function add(code: Code, context: Context, method: string, paths: readonly Pattern[], handler: Node | undefined): void {
  const { call, router, routers, found, findings } = context;
  const framework = routers.frameworkOf(router);
  const place = placeOf(code, methodNode(call));
  const options = call.getArguments()[1];
  const fn = functionOf(handler) ?? functionOf(propertyOf(options, 'handler'));
  if (fn === null && isNowhere(handler))
    findings.push({
      type: 'route-without-handler',
      severity: 'HIGH',
      description: `${method} ${paths.map((path) => path.filter((part) => typeof part === 'string').join('*')).join(', ')} has ${handler === undefined ? 'no handler' : `the handler ${handler.getText().slice(0, 60)}, which does not exist`}`,
      hint: 'write the handler, or remove the route',
      ...place,
    });
  for (const path of paths) {
    if (path.length > 0 && path.every((part) => typeof part !== 'string')) {
      count(found.dynamicHandlers, 'http');
      continue;
    }
    for (const { prefix, isSuffix } of routers.prefixesOf(router)) {
      const [first] = path;
      const name = prefixed(prefix, typeof first === 'string' && !first.startsWith('/') && first !== '*' ? prefixed(['/'], path) : path);
      found.handlers.push({
        carrier: 'http',
        method,
        name,
        isSuffix: isSuffix || typeof name[0] !== 'string',
        place,
        framework,
        parameters: null,
        ...answerOf(fn, framework, call),
      });
    }
  }
}

/** In a chain over many lines it is the method's own line. */
function methodNode(call: CallExpression): Node {
  const callee = call.getExpression();
  return Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : call;
}

/** A name that leads into the project and finds nothing there. */
function isNowhere(handler: Node | undefined): boolean {
  if (handler === undefined) return true;
  if (Node.isIdentifier(handler)) {
    if (handler.getText() === 'undefined') return true;
    const symbol = handler.getSymbol();
    if (symbol === undefined) return true;
    if (!symbol.isAlias()) return false;
    const specifier = symbol.getDeclarations().find(Node.isImportSpecifier);
    const file = specifier?.getImportDeclaration().getModuleSpecifierSourceFile();
    return file !== undefined && specifier !== undefined && !file.getExportedDeclarations().has(specifier.getName());
  }
  if (!Node.isPropertyAccessExpression(handler)) return false;
  const owner = handler.getExpression().getType();
  return (
    !owner.isAny() &&
    !owner.isUnknown() &&
    owner.getProperties().length > 0 &&
    owner.getStringIndexType() === undefined &&
    declarationsOf(handler).length === 0 &&
    owner.getProperty(handler.getName()) === undefined
  );
}

/** Next's files: `app/api/orders/[id]/route.ts` and `pages/api/orders.ts`. */
function addFileRoutes(code: Code, found: Found): void {
  for (const file of code.files) {
    const path = code.pathOf(file);
    const app = /(?:^|\/)app\/(.*\/)?route\.[cm]?[jt]sx?$/.exec(path);
    const pages = /(?:^|\/)pages\/(api\/.*)\.[cm]?[jt]sx?$/.exec(path);
    const raw = app?.[1] ?? pages?.[1];
    if (raw === undefined) continue;
    const name = `/${raw
      .replace(/\/$/, '')
      .replace(/(^|\/)index$/, '')
      .split('/')
      .filter((part) => !/^\(.*\)$/.test(part))
      .map((part) => (/^\[+\.{3}/.test(part) ? '*' : part.replace(/^\[(.*)\]$/, ':$1')))
      .join('/')}`;
    for (const [exported, [declaration]] of file.getExportedDeclarations()) {
      const method =
        pages === null && /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(exported)
          ? exported
          : pages !== null && exported === 'default'
            ? 'ALL'
            : null;
      if (method === null || declaration === undefined) continue;
      const fn = functionOf(Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : declaration);
      found.handlers.push({
        carrier: 'http',
        method,
        name: [name],
        isSuffix: false,
        place: placeOf(code, declaration),
        framework: 'next',
        parameters: null,
        ...answerOf(fn, 'next', null),
      });
    }
  }
}
