/** tRPC: procedures of the routers, and the calls that name them by path. */
import { type CallExpression, Node, SyntaxKind } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import { errorPathOf } from './answer.ts';
import { count, type Found } from './model.ts';
import { functionOf, meaningOf, nameCalled } from './resolve.ts';
import { wantedBy } from './wanted.ts';
import { readSchema } from './zod.ts';

const MAKES_ROUTER = /^(?:router|createTRPCRouter|createRouter|mergeRouters)$/;
const MAKES_CLIENT = /createTRPC|TRPCProxy|createTRPCClient|useTRPC|createCaller/;
const ASKS: Readonly<Record<string, string>> = {
  useQuery: 'query',
  useSuspenseQuery: 'query',
  useInfiniteQuery: 'query',
  useSuspenseInfiniteQuery: 'query',
  query: 'query',
  queryOptions: 'query',
  infiniteQueryOptions: 'query',
  fetch: 'query',
  prefetch: 'query',
  useMutation: 'mutation',
  mutate: 'mutation',
  mutateAsync: 'mutation',
  mutationOptions: 'mutation',
  useSubscription: 'subscription',
  subscribe: 'subscription',
};

export function findProcedures(code: Code, found: Found): void {
  if (!code.files.some((file) => file.getImportDeclarations().some((one) => one.getModuleSpecifierValue().startsWith('@trpc/')))) return;
  const routers = code.files.flatMap((file) =>
    file.getDescendantsOfKind(SyntaxKind.CallExpression).filter((call) => MAKES_ROUTER.test(nameCalled(call))),
  );
  const nested = new Set<Node>();
  for (const router of routers) for (const { value } of entriesOf(router)) if (routers.includes(value as CallExpression)) nested.add(value);
  const merged = new Set(
    routers
      .filter((router) => nameCalled(router) === 'mergeRouters')
      .flatMap((router) => router.getArguments().map((argument) => meaningOf(argument))),
  );
  for (const router of routers) if (!nested.has(router) && !merged.has(router)) addRouter(code, router, '', found, 0);
  for (const file of code.files) for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) addCall(code, call, found);
}

function entriesOf(router: Node): { readonly name: string; readonly value: Node; readonly at: Node }[] {
  if (!Node.isCallExpression(router)) return [];
  return router.getArguments().flatMap((argument) => {
    const object = meaningOf(argument);
    if (Node.isCallExpression(object)) return entriesOf(object);
    if (!Node.isObjectLiteralExpression(object)) return [];
    return object.getProperties().flatMap((property) => {
      const value = Node.isPropertyAssignment(property)
        ? property.getInitializer()
        : Node.isShorthandPropertyAssignment(property)
          ? property.getNameNode()
          : undefined;
      return value === undefined || !('getName' in property)
        ? []
        : [{ name: String(property.getName()), value: meaningOf(value), at: property as Node }];
    });
  });
}

function addRouter(code: Code, router: Node, path: string, found: Found, depth: number): void {
  if (depth > 8) return;
  for (const { name, value, at } of entriesOf(router)) {
    const below = path === '' ? name : `${path}.${name}`;
    if (Node.isCallExpression(value) && MAKES_ROUTER.test(nameCalled(value))) addRouter(code, value, below, found, depth + 1);
    else if (Node.isCallExpression(value) && /^(?:query|mutation|subscription)$/.test(nameCalled(value)))
      addProcedure(code, value, below, at, found);
    else count(found.dynamicHandlers, 'procedure');
  }
}

function addProcedure(code: Code, call: CallExpression, name: string, at: Node, found: Found): void {
  const fn = functionOf(call.getArguments()[0]);
  let schema: ReturnType<typeof readSchema> = null;
  for (let before: Node = call; Node.isCallExpression(before); ) {
    const callee = before.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) break;
    const [argument] = before.getArguments();
    if (callee.getName() === 'input' && argument !== undefined) schema = readSchema(argument);
    before = callee.getExpression();
  }
  found.handlers.push({
    carrier: 'procedure',
    method: nameCalled(call),
    name: [name],
    isSuffix: false,
    place: placeOf(code, at),
    wants: null,
    takes: null,
    schema,
    parameters: null,
    gives: [],
    // tRPC answers what its procedures throw.
    errorPath: fn === null || errorPathOf(fn.fn) === 'none' ? 'not-needed' : 'own',
    framework: 'trpc',
  });
}

function addCall(code: Code, call: CallExpression, found: Found): void {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return;
  const method = ASKS[callee.getName()];
  if (method === undefined) return;
  const words: string[] = [];
  let at: Node = callee.getExpression();
  while (Node.isPropertyAccessExpression(at)) {
    words.unshift(at.getName());
    at = at.getExpression();
  }
  if (words.length === 0 || !Node.isIdentifier(at)) return;
  const made = meaningOf(at);
  const isClient = Node.isCallExpression(made)
    ? MAKES_CLIENT.test(made.getExpression().getText())
    : /^(?:trpc|trpcClient)$/.test(at.getText());
  if (!isClient) return;
  const path = words[0] === 'client' || words[0] === 'useUtils' ? words.slice(1) : words;
  const [input] = call.getArguments();
  const sends =
    /^(?:useMutation|mutationOptions)$/.test(callee.getName()) || input === undefined ? null : { type: input.getType(), at: input };
  found.calls.push({
    carrier: 'procedure',
    method,
    name: [path.join('.')],
    isSuffix: false,
    place: placeOf(code, call),
    sends,
    arguments: null,
    wants: wantedBy(call, 'own'),
    isEcho: false,
  });
}
