/** Functions that hand a name on: `request(path)` around fetch, `handle(channel, fn)` around ipcMain. Their callers are what counts. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import type { Code } from '../code.ts';
import { declarationsOf } from './resolve.ts';
import { parametersOf } from './routers.ts';
import { type Pattern, patternOf } from './text.ts';

/** One end as it stands in the source, with what it was given. */
export type End = {
  readonly site: CallExpression;
  readonly name: Pattern;
  readonly slots: Readonly<Record<string, Node | undefined>>;
  readonly args: readonly Node[];
};

export type Callers = (fn: Node) => readonly CallExpression[];

const MAX_DEPTH = 5;

/** Every call of the project by what it calls. */
export function callersIn(code: Code, more: ReadonlyMap<Node, readonly CallExpression[]>): Callers {
  const byDeclaration = new Map<Node, CallExpression[]>();
  for (const file of code.files)
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const callee = call.getExpression();
      if (!Node.isIdentifier(callee) && !Node.isPropertyAccessExpression(callee)) continue;
      for (const declaration of declarationsOf(callee)) byDeclaration.set(declaration, [...(byDeclaration.get(declaration) ?? []), call]);
    }
  return (fn) => [fn, ...holdersOf(fn)].flatMap((one) => [...(byDeclaration.get(one) ?? []), ...(more.get(one) ?? [])]);
}

/** What a function is known as: its variable, its property, also behind `useCallback(…)`. */
function holdersOf(fn: Node): Node[] {
  const parent = fn.getParent();
  if (Node.isVariableDeclaration(parent) || Node.isPropertyAssignment(parent) || Node.isPropertyDeclaration(parent))
    return [parent, ...shorthandsOf(parent)];
  if (Node.isCallExpression(parent) || Node.isParenthesizedExpression(parent)) return holdersOf(parent);
  return Node.isFunctionDeclaration(fn) ? shorthandsOf(fn) : [];
}

/** `return { request }`: the property is another name of it. */
function shorthandsOf(declaration: Node): Node[] {
  const name = Node.isVariableDeclaration(declaration) || Node.isFunctionDeclaration(declaration) ? declaration.getName() : undefined;
  if (name === undefined) return [];
  return declaration
    .getSourceFile()
    .getDescendantsOfKind(SyntaxKind.ShorthandPropertyAssignment)
    .filter((one) => one.getName() === name);
}

export type Fits = (parameter: string, before: string) => boolean;

/** @param fits whether a hole in the name is a name handed on (and not an id in a path) @returns null: only known at run time */
export function expand(end: End, callers: Callers, fits: Fits, depth = 0): End[] | null {
  const at = end.name.findIndex((part, index) => typeof part !== 'string' && handedOn(part.hole, end.name.slice(0, index), fits) !== null);
  const part = end.name[at];
  if (part === undefined || typeof part === 'string') return [end];
  const found = handedOn(part.hole, end.name.slice(0, at), fits);
  if (found === null || depth >= MAX_DEPTH) return null;
  const parameters = parametersOf(found.fn);
  const calls = callers(found.fn);
  // A function that nobody calls hands nothing on; a method may be called where nobody sees it.
  if (calls.length === 0) return Node.isMethodDeclaration(found.fn) ? null : [];
  return calls.flatMap((call) => {
    const given = call.getArguments();
    const argument = (node: Node | undefined): Node | undefined => {
      const index = parameterIndex(node, parameters);
      return index < 0 ? node : given[index];
    };
    const name = argument(part.hole);
    const text: Pattern = name === undefined ? patternOf(defaultOf(parameters[parameterIndex(part.hole, parameters)])) : patternOf(name);
    const next: End = {
      site: call,
      name: [...end.name.slice(0, at), ...text, ...end.name.slice(at + 1)].reduce<(typeof text)[number][]>(merged, []),
      slots: Object.fromEntries(Object.entries(end.slots).map(([slot, node]) => [slot, argument(node)])),
      args: end.args.flatMap((node) => restOf(node, parameters, given) ?? argument(node) ?? []),
    };
    return expand(next, callers, fits, depth + 1) ?? [];
  });
}

function merged(parts: (string | { hole: Node })[], part: string | { hole: Node }): (string | { hole: Node })[] {
  const last = parts[parts.length - 1];
  if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
  else parts.push(part);
  return parts;
}

function handedOn(hole: Node, before: Pattern, fits: Fits): { readonly fn: Node } | null {
  const [declaration] = Node.isIdentifier(hole) ? declarationsOf(hole) : [];
  if (!Node.isParameterDeclaration(declaration)) return null;
  const text = before.map((part) => (typeof part === 'string' ? part : '')).join('');
  return fits(declaration.getName(), text) ? { fn: declaration.getParentOrThrow() } : null;
}

function parameterIndex(node: Node | undefined, parameters: readonly Node[]): number {
  if (!Node.isIdentifier(node)) return -1;
  const [declaration] = declarationsOf(node);
  return declaration === undefined ? -1 : parameters.indexOf(declaration);
}

function defaultOf(parameter: Node | undefined): Node | undefined {
  return Node.isParameterDeclaration(parameter) ? parameter.getInitializer() : undefined;
}

function restOf(node: Node, parameters: readonly Node[], given: readonly Node[]): readonly Node[] | null {
  if (!Node.isSpreadElement(node)) return null;
  const index = parameterIndex(node.getExpression(), parameters);
  return index < 0 ? null : given.slice(index);
}
