/** The bridge that a preload script of Electron exposes to its windows. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import type { Finding } from '../finding.ts';
import { functionOf, initializerOf, meaningOf, nameCalled } from './resolve.ts';
import { patternOf } from './text.ts';

export type Bridge = {
  /** Function of the preload script → calls in the windows. */
  readonly callers: ReadonlyMap<Node, readonly CallExpression[]>;
  readonly findings: readonly Finding[];
};

/** `contextBridge.exposeInMainWorld('api', { … })` and who calls `window.api.…`. */
export function findBridge(code: Code): Bridge {
  const exposed = new Map<string, Node>();
  const roots = new Map<string, boolean>();
  for (const file of code.files)
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      if (nameCalled(call) !== 'exposeInMainWorld') continue;
      const [name, value] = call.getArguments();
      const [key] = patternOf(name);
      if (typeof key !== 'string' || value === undefined) continue;
      roots.set(key, expose(exposed, key, meaningOf(value)));
    }
  const callers = new Map<Node, CallExpression[]>();
  const findings: Finding[] = [];
  const used = new Set<string>();
  if (roots.size === 0) return { callers, findings };
  for (const file of code.files)
    for (const node of file.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)) {
      const path = bridgePath(node, roots);
      if (path === null) continue;
      used.add(path);
      const fn = exposed.get(path);
      const call = node.getParentIfKind(SyntaxKind.CallExpression);
      if (call === undefined || call.getExpression() !== node) continue;
      if (fn !== undefined) callers.set(fn, [...(callers.get(fn) ?? []), call]);
      else if (
        roots.get(path.split('.')[0] ?? '') === true &&
        ![...exposed.keys()].some((one) => one.startsWith(`${path}.`) || path.startsWith(`${one}.`))
      )
        findings.push({
          type: 'missing-handler',
          severity: 'HIGH',
          description: `window.${path} is called, and the preload script exposes no such function`,
          hint: `expose it: contextBridge.exposeInMainWorld('${path.split('.')[0]}', { ${path.split('.').slice(1).join(': { ')}: … })`,
          ...placeOf(code, call),
        });
    }
  for (const [path, fn] of exposed)
    if (!used.has(path) && used.size > 0)
      findings.push({
        type: 'unused-handler',
        severity: 'LOW',
        description: `window.${path} is exposed, and nobody calls it`,
        hint: 'remove it, or call it',
        ...placeOf(code, fn),
      });
  return { callers, findings };
}

/** @returns whether every name in it could be seen */
function expose(exposed: Map<string, Node>, path: string, value: Node): boolean {
  if (!Node.isObjectLiteralExpression(value)) {
    const fn = functionOf(value)?.fn;
    if (fn !== undefined) exposed.set(path, fn);
    return fn !== undefined;
  }
  let isWhole = true;
  for (const property of value.getProperties()) {
    if (Node.isSpreadAssignment(property)) {
      isWhole = expose(exposed, path, meaningOf(property.getExpression())) && isWhole;
      continue;
    }
    if (Node.isMethodDeclaration(property)) exposed.set(`${path}.${property.getName()}`, property);
    else if (Node.isPropertyAssignment(property)) {
      const inner = property.getInitializer();
      const below = `${path}.${property.getName().replace(/^['"]|['"]$/g, '')}`;
      // A value that is no function is not called.
      if (inner !== undefined) expose(exposed, below, meaningOf(inner));
      if (inner !== undefined && functionOf(inner) === null && !Node.isObjectLiteralExpression(meaningOf(inner))) exposed.delete(below);
    } else if (Node.isShorthandPropertyAssignment(property)) {
      const inner = initializerOf(property.getNameNode());
      const fn = functionOf(property.getNameNode())?.fn;
      if (fn !== undefined) exposed.set(`${path}.${property.getName()}`, fn);
      else if (inner !== undefined) expose(exposed, `${path}.${property.getName()}`, meaningOf(inner));
    } else isWhole = false;
  }
  return isWhole;
}

/** `window.api.users.get`, `globalThis.api?.x`, `api.x` where `const api = window.api`; the longest chain only. */
function bridgePath(node: Node, roots: ReadonlyMap<string, boolean>): string | null {
  if (Node.isPropertyAccessExpression(node.getParent()) && node.getParentOrThrow().getFirstChild() === node) return null;
  const text = node
    .getText()
    .replace(/\s|\?(?=\.)|!(?=\.)/g, '')
    .replace(/\(window(?:as\w+)?\)/, 'window');
  // What is done with an answer (`window.api.list().then`) is no name of the bridge.
  if (!/^[\w$.]+$/.test(text)) return null;
  const direct = /^(?:window|globalThis|self)\.(.+)$/.exec(text)?.[1];
  if (direct !== undefined) return roots.has(direct.split('.')[0] ?? '') && direct.includes('.') ? direct : null;
  const [first = '', ...rest] = text.split('.');
  const root = node.getFirstDescendantByKind(SyntaxKind.Identifier);
  const value = root?.getText() === first ? initializerOf(root)?.getText().replace(/\s|!/g, '') : undefined;
  const alias = value === undefined ? undefined : /^(?:window|globalThis)\.([\w.]+)$/.exec(value)?.[1];
  return alias !== undefined && roots.has(alias.split('.')[0] ?? '') ? [alias, ...rest].join('.') : null;
}
