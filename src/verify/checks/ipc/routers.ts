/** Where routers hang: an application, what is mounted on it, and under which path. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import type { Code } from '../code.ts';
import { declarationsOf, functionOf, isFunction, meaningOf, propertyOf } from './resolve.ts';
import { type Pattern, patternOf, prefixed } from './text.ts';

/** The node that makes it (a call, a `new`), or the parameter by which it is handed on. */
export type RouterKey = Node;

export type Routers = {
  /** Every path under which a router answers; `isSuffix`: what stands before it could not be seen. */
  readonly prefixesOf: (router: RouterKey) => readonly { readonly prefix: Pattern; readonly isSuffix: boolean }[];
  readonly keyOf: (expression: Node) => RouterKey | null;
  readonly frameworkOf: (router: RouterKey) => string;
  /** Routers on which something answers errors for all. */
  readonly answersErrors: ReadonlySet<string>;
};

const MAKERS: readonly (readonly [RegExp, string, boolean])[] = [
  [/^(?:express|require\(['"]express['"]\))$/, 'express', true],
  [/^(?:express\.|require\(['"]express['"]\)\.)?Router$|^(?:PromiseRouter|AsyncRouter)$/, 'express', false],
  [/^(?:fastify|Fastify)$/, 'fastify', true],
  [/^(?:Hono|OpenAPIHono)$/, 'hono', true],
  [/^(?:KoaRouter|Router)$/, 'koa', true],
];
const PARAMETER = /^(?:app|router|server|fastify|instance|api|application|hono|expressApp)$/i;
const PARAMETER_TYPE = /\b(?:Express|Application|Router|IRouter|Fastify\w*|Hono|OpenAPIHono)\b/;
const PLUGIN_TYPE = /\bFastifyPlugin\w*/;

type Mount = { readonly parent: RouterKey; readonly child: RouterKey; readonly path: Pattern };

export function findRouters(code: Code): Routers {
  const mounts: Mount[] = [];
  const answersErrors = new Set<string>();
  let unseen = 0;
  for (const file of code.files)
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const callee = call.getExpression();
      if (Node.isPropertyAccessExpression(callee)) {
        const word = callee.getName();
        if (['use', 'register', 'route', 'mount'].includes(word)) {
          const parent = keyOf(callee.getExpression());
          if (parent !== null) unseen += addMounts(call, parent, word, mounts, answersErrors);
        }
        if (word === 'onError' || word === 'setErrorHandler') answersErrors.add(word === 'onError' ? 'hono' : 'fastify');
      }
      handOn(call, mounts);
    }
  const byChild = new Map<RouterKey, Mount[]>();
  for (const mount of mounts) byChild.set(mount.child, [...(byChild.get(mount.child) ?? []), mount]);
  const known = new Map<RouterKey, readonly { prefix: Pattern; isSuffix: boolean }[]>();
  const prefixesOf = (router: RouterKey, depth = 0): readonly { prefix: Pattern; isSuffix: boolean }[] => {
    const before = known.get(router);
    if (before !== undefined) return before;
    const above = byChild.get(router) ?? [];
    const own = ownPrefix(router);
    const found =
      above.length === 0 || depth > 8
        ? [{ prefix: own, isSuffix: !isApplication(router) && (unseen > 0 || Node.isParameterDeclaration(router)) }]
        : above.flatMap((mount) =>
            prefixesOf(mount.parent, depth + 1).map(({ prefix, isSuffix }) => ({
              prefix: prefixed(prefixed(prefix, slashed(mount.path)), own),
              isSuffix,
            })),
          );
    known.set(router, found);
    return found;
  };
  return { prefixesOf: (router) => prefixesOf(router), keyOf, frameworkOf, answersErrors };
}

function slashed(path: Pattern): Pattern {
  const [first] = path;
  return typeof first === 'string' && first !== '' && !first.startsWith('/') ? prefixed(['/'], path) : path;
}

/** `new Hono().basePath('/v1')`, `new Router({ prefix: '/v1' })`. */
function ownPrefix(router: RouterKey): Pattern {
  if (Node.isNewExpression(router)) {
    const base = router.getParentIfKind(SyntaxKind.PropertyAccessExpression);
    const call = base?.getName() === 'basePath' ? base.getParentIfKind(SyntaxKind.CallExpression) : undefined;
    if (call !== undefined) return slashed(patternOf(call.getArguments()[0]));
    const prefix = propertyOf(router.getArguments()[0], 'prefix');
    if (prefix !== undefined) return slashed(patternOf(prefix));
  }
  return [];
}

function makerOf(node: Node): readonly [RegExp, string, boolean] | null {
  if (!Node.isCallExpression(node) && !Node.isNewExpression(node)) return null;
  const name = node.getExpression().getText().replace(/<.*$/s, '');
  return MAKERS.find(([pattern]) => pattern.test(name)) ?? null;
}

function isApplication(router: RouterKey): boolean {
  const maker = makerOf(router);
  if (maker === null) return false;
  return maker[2] && !(Node.isCallExpression(router) && /Router$/.test(router.getExpression().getText()));
}

function frameworkOf(router: RouterKey): string {
  const maker = makerOf(router);
  if (maker !== null) return Node.isCallExpression(router) && /Router$/.test(router.getExpression().getText()) ? 'express' : maker[1];
  if (!Node.isParameterDeclaration(router)) return 'express';
  const signs = `${router.getTypeNode()?.getText() ?? ''} ${annotationOf(router)} ${router.getName()}`;
  return /fastify/i.test(signs) ? 'fastify' : /hono/i.test(signs) ? 'hono' : 'express';
}

/** `const plugin: FastifyPluginAsync = async (app) => …` */
function annotationOf(parameter: Node): string {
  const fn = parameter.getParent();
  return Node.isArrowFunction(fn) ? (fn.getParentIfKind(SyntaxKind.VariableDeclaration)?.getTypeNode()?.getText() ?? '') : '';
}

function keyOf(expression: Node, depth = 0): RouterKey | null {
  if (depth > 8) return null;
  const value = meaningOf(expression);
  if (makerOf(value) !== null) return value;
  // A chain (`new Hono().get(…).post(…)`, `router.route('/x').get(…)`) is its beginning.
  if (Node.isCallExpression(value)) {
    const callee = value.getExpression();
    if (Node.isPropertyAccessExpression(callee)) {
      const begun = keyOf(callee.getExpression(), depth + 1);
      if (begun !== null) return begun;
    }
    return madeBy(meaningOf(callee), depth);
  }
  if (Node.isParameterDeclaration(value)) return isRouterParameter(value) ? value : null;
  if (Node.isIdentifier(value)) {
    const [declaration] = declarationsOf(value);
    return Node.isParameterDeclaration(declaration) && isRouterParameter(declaration) ? declaration : null;
  }
  return null;
}

function isRouterParameter(node: Node): boolean {
  if (!Node.isParameterDeclaration(node)) return false;
  const type = node.getTypeNode()?.getText();
  if (type !== undefined) return PARAMETER_TYPE.test(type);
  return PLUGIN_TYPE.test(annotationOf(node)) || PARAMETER.test(node.getName());
}

/** A factory: the router that it returns. */
function madeBy(fn: Node, depth: number): RouterKey | null {
  if (!isFunction(fn)) return null;
  const body = fn.getBody?.();
  if (body !== undefined && !Node.isBlock(body)) return keyOf(body, depth + 1);
  for (const statement of fn.getDescendantsOfKind(SyntaxKind.ReturnStatement)) {
    const given = statement.getExpression();
    const key = given === undefined ? null : keyOf(given, depth + 1);
    if (key !== null) return key;
  }
  return null;
}

/** @returns how many of its arguments could be a router and could not be followed */
function addMounts(call: CallExpression, parent: RouterKey, word: string, mounts: Mount[], answersErrors: Set<string>): number {
  const args = call.getArguments();
  const first = args[0] === undefined ? [] : patternOf(args[0]);
  const hasPath = first.length > 0 && (first.length > 1 || typeof first[0] === 'string');
  let unseen = 0;
  for (const argument of hasPath ? args.slice(1) : args) {
    if (Node.isObjectLiteralExpression(argument)) continue;
    if (Node.isSpreadElement(argument)) unseen++;
    const child = keyOf(argument);
    const path = word === 'register' ? patternOf(propertyOf(args[1], 'prefix')) : hasPath ? first : [];
    if (child !== null && child !== parent) mounts.push({ parent, child, path });
    else if (child === null) {
      const plugin = functionOf(argument)?.fn;
      const parameter = plugin === undefined || !isFunction(plugin) || word !== 'register' ? undefined : parametersOf(plugin)[0];
      if (parameter !== undefined) mounts.push({ parent, child: parameter, path });
      if (plugin !== undefined && word === 'use' && parametersOf(plugin).length === 4) answersErrors.add('express');
      // A router that cannot be seen: an element of a list, a property of something foreign.
      if (plugin === undefined && isUnseen(argument)) unseen++;
    }
  }
  return unseen;
}

/** A name of the project's own that leads to no value: a parameter, a loop's variable, a piece of a list. */
function isUnseen(argument: Node): boolean {
  const value = meaningOf(argument);
  if (Node.isElementAccessExpression(value)) return true;
  if (Node.isParameterDeclaration(value)) return true;
  if (!Node.isIdentifier(value) && !Node.isPropertyAccessExpression(value)) return false;
  const declarations = declarationsOf(value);
  return declarations.some(
    (one) =>
      Node.isBindingElement(one) || Node.isVariableDeclaration(one) || Node.isPropertySignature(one) || Node.isPropertyDeclaration(one),
  );
}

export function parametersOf(fn: Node): Node[] {
  return Node.isArrowFunction(fn) || Node.isFunctionExpression(fn) || Node.isFunctionDeclaration(fn) || Node.isMethodDeclaration(fn)
    ? fn.getParameters()
    : [];
}

/** `registerOrders(app)`: the parameter is the application. */
function handOn(call: CallExpression, mounts: Mount[]): void {
  const fn = meaningOf(call.getExpression());
  if (!isFunction(fn)) return;
  call.getArguments().forEach((argument, index) => {
    const parameter = parametersOf(fn)[index];
    if (parameter === undefined || !isRouterParameter(parameter)) return;
    const parent = keyOf(argument);
    if (parent !== null) mounts.push({ parent, child: parameter, path: [] });
  });
}
