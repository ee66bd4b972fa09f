/** Electron: channels between the main process and its windows, and the bridge that a preload script exposes. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import { answerOf } from './answer.ts';
import { type Callers, expand } from './expand.ts';
import { type Call, type Carrier, count, type Found, type Handler } from './model.ts';
import { functionOf, meaningOf, nameCalled } from './resolve.ts';
import { parametersOf } from './routers.ts';
import { isPlain, patternOf } from './text.ts';
import { wantedBy } from './wanted.ts';

type End = { readonly carrier: Carrier; readonly side: 'handler' | 'call'; readonly method: string };

function endOf(call: CallExpression): End | null {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return null;
  const owner = callee.getExpression().getText();
  const word = callee.getName();
  if (/(?:^|\.)ipcMain$/.test(owner)) {
    if (word === 'handle' || word === 'handleOnce') return { carrier: 'channel', side: 'handler', method: 'invoke' };
    if (word === 'on' || word === 'once') return { carrier: 'channel', side: 'handler', method: 'send' };
  }
  if (/(?:^|\.)ipcRenderer$/.test(owner)) {
    if (word === 'invoke') return { carrier: 'channel', side: 'call', method: 'invoke' };
    if (word === 'send' || word === 'sendSync') return { carrier: 'channel', side: 'call', method: 'send' };
    if (word === 'on' || word === 'once' || word === 'addListener') return { carrier: 'event', side: 'handler', method: 'send' };
  }
  if (/(?:webContents|\.sender)\??$/.test(owner) && word === 'send') return { carrier: 'event', side: 'call', method: 'send' };
  if (/^(?:event|evt|e)$/.test(owner) && word === 'reply') return { carrier: 'event', side: 'call', method: 'send' };
  return null;
}

const anyName = () => true;

/** @param windows calls of what the preload script exposes, by its function */
export function findChannels(code: Code, callers: Callers, windows: ReadonlyMap<Node, readonly CallExpression[]>, found: Found): void {
  for (const file of code.files)
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const end = endOf(call);
      const [channel, ...rest] = call.getArguments();
      if (end === null || channel === undefined) continue;
      const ends = expand(
        { site: call, name: patternOf(channel), slots: { handler: end.side === 'handler' ? rest[0] : undefined }, args: rest },
        callers,
        anyName,
      );
      const named = (ends ?? []).filter((one) => isPlain(one.name));
      if (ends === null || named.length < ends.length) {
        const listed = end.side === 'handler' ? listedHandlers(channel) : null;
        if (listed === null) count(end.side === 'handler' ? found.dynamicHandlers : found.dynamicCalls, end.carrier);
        for (const { name, fn, at } of listed ?? []) found.handlers.push(handlerOf(code, end, [name], fn, at, true));
      }
      for (const one of named) {
        if (end.side === 'handler')
          found.handlers.push(handlerOf(code, end, one.name, one.slots['handler'], one.site, one.site !== call && catches(call)));
        else {
          found.calls.push(callOf(code, end, one.name, one.site, one.args));
          const fn = one.site.getAncestors().find((ancestor) => windows.has(ancestor));
          for (const site of windows.get(fn ?? one.site) ?? []) {
            const given = parametersOf(fn ?? site);
            const args = one.args.map((arg) => {
              const index = Node.isIdentifier(arg)
                ? given.findIndex((parameter) => Node.isParameterDeclaration(parameter) && parameter.getName() === arg.getText())
                : -1;
              return index < 0 ? arg : site.getArguments()[index];
            });
            const last = args.indexOf(undefined);
            const passed = (last < 0 ? args : args.slice(0, last)).filter((arg) => arg !== undefined);
            found.calls.push({ ...callOf(code, end, one.name, site, passed), isEcho: true });
          }
        }
      }
    }
}

function callOf(code: Code, end: End, name: Call['name'], site: CallExpression, args: readonly Node[]): Call {
  return {
    carrier: end.carrier,
    method: end.method,
    name,
    isSuffix: false,
    place: placeOf(code, site),
    sends: null,
    arguments: args.some((arg) => Node.isSpreadElement(arg)) ? null : args.map((at) => ({ type: at.getType(), at })),
    wants: end.method === 'invoke' ? wantedBy(site, 'channel') : null,
    isEcho: false,
  };
}

/** A project's own `handle(channel, fn)` that catches for all who use it. */
function catches(inner: CallExpression): boolean {
  return (
    inner.getDescendantsOfKind(SyntaxKind.TryStatement).length > 0 ||
    inner.getDescendantsOfKind(SyntaxKind.CallExpression).some((call) => nameCalled(call) === 'catch')
  );
}

function handlerOf(code: Code, end: End, name: Handler['name'], listener: Node | undefined, at: Node, isSafe: boolean): Handler {
  const fn = functionOf(listener);
  const answer = answerOf(fn, 'channel', null);
  const parameters = fn === null ? null : parametersOf(fn.fn).filter(Node.isParameterDeclaration);
  return {
    carrier: end.carrier,
    method: end.method,
    name,
    isSuffix: false,
    place: placeOf(code, at),
    framework: 'electron',
    ...answer,
    errorPath: isSafe ? 'own' : answer.errorPath,
    wants: null,
    takes: null,
    // The first is the event.
    parameters:
      parameters === null || parameters.some((one) => one.isRestParameter())
        ? null
        : parameters
            .slice(1)
            .map((one) => ({ type: one.getType(), at: one, required: !one.isOptional() && one.getInitializer() === undefined })),
  };
}

/** `for (const [channel, fn] of Object.entries(handlers)) ipcMain.handle(channel, fn)`. */
function listedHandlers(channel: Node): { name: string; fn: Node; at: Node }[] | null {
  const loop = channel.getFirstAncestorByKind(SyntaxKind.ForOfStatement);
  const source =
    loop?.getExpression() ??
    channel
      .getFirstAncestor((one) => Node.isCallExpression(one) && nameCalled(one) === 'forEach')
      ?.getFirstDescendantByKind(SyntaxKind.CallExpression);
  const entries =
    Node.isCallExpression(source) && /^Object\.(?:entries|keys)$/.test(source.getExpression().getText())
      ? source.getArguments()[0]
      : undefined;
  const object = entries === undefined ? undefined : meaningOf(entries);
  if (!Node.isObjectLiteralExpression(object)) return null;
  return object.getProperties().flatMap((property): { name: string; fn: Node; at: Node }[] => {
    if (Node.isMethodDeclaration(property)) return [{ name: property.getName().replace(/^['"]|['"]$/g, ''), fn: property, at: property }];
    const value = Node.isPropertyAssignment(property)
      ? property.getInitializer()
      : Node.isShorthandPropertyAssignment(property)
        ? property.getNameNode()
        : undefined;
    if (value === undefined || Node.isSpreadAssignment(property) || !('getName' in property)) return [];
    const [name] =
      Node.isPropertyAssignment(property) && Node.isComputedPropertyName(property.getNameNode())
        ? patternOf(property.getNameNode().asKindOrThrow(SyntaxKind.ComputedPropertyName).getExpression())
        : [String(property.getName()).replace(/^['"]|['"]$/g, '')];
    return typeof name === 'string' ? [{ name, fn: value, at: property }] : [];
  });
}
