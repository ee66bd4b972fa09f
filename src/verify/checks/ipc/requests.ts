/** Requests of a front end: fetch, axios and their like, also through functions of the project's own. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import { type Callers, type End, expand, type Fits } from './expand.ts';
import { count, type Found } from './model.ts';
import { declarationsOf, meaningOf, nameCalled, propertyOf } from './resolve.ts';
import { type Pattern, patternOf, prefixed } from './text.ts';
import { unwraps, type Way, wantedBy } from './wanted.ts';

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'request']);
const WITH_BODY = new Set(['post', 'put', 'patch']);

type Request = { readonly end: End; readonly way: Way; readonly method: string | null };

export function findRequests(code: Code, callers: Callers, found: Found): void {
  // What an interceptor makes of an answer only it knows.
  const intercepts = code.files.some((file) => /\.interceptors\.response\.use\(/.test(file.getFullText()));
  const isChanged = (way: Way) => way === 'axios' && intercepts;
  for (const file of code.files)
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const request = requestOf(call);
      if (request === null) continue;
      const ends = expand(request.end, callers, isPath);
      if (ends === null) {
        count(found.dynamicCalls, 'http');
        continue;
      }
      for (const end of ends) {
        const { type: body } = bodyOf(end);
        found.calls.push({
          carrier: 'http',
          method: request.method ?? methodOf(end),
          name: end.name,
          isSuffix: false,
          place: placeOf(code, end.site),
          sends: body,
          arguments: null,
          wants:
            isChanged(request.way) || (end.site !== call && unwraps(call, request.way))
              ? null
              : wantedBy(end.site, end.site === call ? request.way : 'own'),
          isEcho: false,
        });
      }
    }
}

/** A parameter that is a path, and not an id or a query in one. */
const isPath: Fits = (parameter, before) => {
  if (/path|url|uri|endpoint|route|resource|input|href/i.test(parameter)) return true;
  return (
    !before.endsWith('/') &&
    !/query|search|params|qs|suffix|id$|page|filter/i.test(parameter) &&
    !/[?=]/.test(before) &&
    before.split('/').length <= 3
  );
};

function requestOf(call: CallExpression): Request | null {
  const callee = call.getExpression();
  const text = callee.getText();
  const [first, second, third] = call.getArguments();
  if (first === undefined) return null;
  if (/^(?:(?:window|globalThis|self)\.)?fetch$|^\$fetch$|^ofetch$|^useFetch$/.test(text))
    return { end: endOf(call, patternOf(first), second), way: 'fetch', method: null };
  if (text === 'useSWR' || text === 'useSWRImmutable') return { end: endOf(call, patternOf(first), undefined), way: 'own', method: 'GET' };
  const verb = nameCalled(call);
  const client = clientOf(Node.isPropertyAccessExpression(callee) ? callee.getExpression() : callee);
  if (client === null || (Node.isPropertyAccessExpression(callee) && !VERBS.has(verb))) return null;
  if (!Node.isPropertyAccessExpression(callee) || verb === 'request') {
    const options = Node.isPropertyAccessExpression(callee) || Node.isObjectLiteralExpression(first) ? first : second;
    const url = propertyOf(options, 'url');
    const isOptions = Node.isObjectLiteralExpression(first);
    const name = isOptions ? (url === undefined ? [] : patternOf(url)) : patternOf(first);
    return { end: endOf(call, based(client.base, name), options), way: client.way, method: null };
  }
  const body = WITH_BODY.has(verb) && client.way === 'axios' ? { body: second, options: third } : { body: undefined, options: second };
  const end = endOf(call, based(client.base, patternOf(first)), body.options);
  return {
    end: { ...end, slots: { ...end.slots, body: body.body ?? end.slots['body'], method: undefined } },
    way: client.way,
    method: verb.toUpperCase(),
  };
}

function endOf(site: CallExpression, name: Pattern, options: Node | undefined): End {
  const literal = Node.isObjectLiteralExpression(options) ? options : undefined;
  const spread = literal?.getProperties().find(Node.isSpreadAssignment)?.getExpression();
  return {
    site,
    name,
    args: [],
    slots: {
      options: literal === undefined ? options : spread,
      method: propertyOf(literal, 'method'),
      body: unpacked(propertyOf(literal, 'body') ?? propertyOf(literal, 'data') ?? propertyOf(literal, 'json')),
    },
  };
}

function unpacked(body: Node | undefined): Node | undefined {
  if (Node.isConditionalExpression(body)) {
    const [yes, no] = [body.getWhenTrue(), body.getWhenFalse()];
    return unpacked(/^(?:undefined|null)$/.test(yes.getText()) ? no : yes);
  }
  return Node.isCallExpression(body) && body.getExpression().getText() === 'JSON.stringify' ? body.getArguments()[0] : body;
}

function methodOf({ slots }: End): string | null {
  const written = slots['method'] ?? propertyOf(slots['options'], 'method');
  if (written === undefined) {
    // An options object that nobody can see may say anything.
    const options = slots['options'] === undefined ? undefined : meaningOf(slots['options']);
    return options === undefined || Node.isObjectLiteralExpression(options) ? 'GET' : null;
  }
  const [word, ...more] = patternOf(written);
  return typeof word === 'string' && more.length === 0 ? word.toUpperCase() : null;
}

function bodyOf({ slots }: End) {
  const node = slots['body'] ?? unpacked(propertyOf(slots['options'], 'body') ?? propertyOf(slots['options'], 'data'));
  return { type: node === undefined ? null : { type: node.getType(), at: node } };
}

/** axios, ky and got, themselves or made with a base. */
function clientOf(node: Node, depth = 0): { readonly base: Pattern; readonly way: Way } | null {
  if (depth > 6) return null;
  const value = meaningOf(node);
  if (Node.isIdentifier(value)) {
    const from =
      declarationsOf(value).length === 0 ||
      Node.isImportSpecifier(declarationsOf(value)[0]) ||
      Node.isImportClause(declarationsOf(value)[0])
        ? moduleOf(value)
        : null;
    return from === 'axios'
      ? { base: [], way: 'axios' }
      : from === 'ky' || from === 'got' || from === 'redaxios'
        ? { base: [], way: from === 'redaxios' ? 'axios' : 'ky' }
        : null;
  }
  if (!Node.isCallExpression(value)) return null;
  const callee = value.getExpression();
  if (!Node.isPropertyAccessExpression(callee) || !['create', 'extend'].includes(callee.getName())) return null;
  const parent = clientOf(callee.getExpression(), depth + 1);
  if (parent === null) return null;
  const options = value.getArguments()[0];
  const base = propertyOf(options, 'baseURL') ?? propertyOf(options, 'prefixUrl') ?? propertyOf(options, 'prefix');
  return { base: base === undefined ? parent.base : patternOf(base), way: parent.way };
}

/** Which package a name was imported from, whether or not that is installed. */
function moduleOf(identifier: Node): string | null {
  const name = identifier.getText();
  for (const one of identifier.getSourceFile().getImportDeclarations()) {
    const isHere =
      one.getDefaultImport()?.getText() === name ||
      one.getNamespaceImport()?.getText() === name ||
      one.getNamedImports().some((named) => (named.getAliasNode()?.getText() ?? named.getName()) === name);
    if (isHere) return one.getModuleSpecifierValue();
  }
  return null;
}

function based(base: Pattern, name: Pattern): Pattern {
  const [first] = name;
  if (base.length === 0 || (typeof first === 'string' && /^https?:/.test(first))) return name;
  const last = base[base.length - 1];
  const cut: Pattern = typeof last === 'string' ? [...base.slice(0, -1), last.replace(/\/$/, '')] : base;
  return prefixed(cut, typeof first === 'string' && !first.startsWith('/') ? prefixed(['/'], name) : name);
}
