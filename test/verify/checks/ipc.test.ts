import { describe, expect, test } from 'vitest';
import { checkIpc } from '../../../src/verify/checks/ipc/check.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { batches, type Fault, filesOf, findingsIn, placeOfFault, placesOf, planted, type Sources } from './project.ts';
import { shop } from './shop.ts';

const SECONDS = 60_000;
const settings = integrationSettings.parse({}).ipc;

async function findings(sources: Sources) {
  return findingsIn(await checkIpc(filesOf(sources), settings));
}

const route = (name: string) => `src/server/routes/${name}.ts`;
const client = (name: string) => `web/src/api/${name}.ts`;

const FAULTS: readonly Fault[] = [
  {
    what: 'a call without a handler',
    file: client('carts'),
    from: "'/carts', body",
    to: "'/cart', body",
    type: 'missing-handler',
    at: "'/cart', body",
  },
  {
    what: 'a method that nobody handles',
    file: client('reviews'),
    from: 'http.delete',
    to: 'http.patch',
    type: 'missing-handler',
    at: 'http.patch',
  },
  {
    what: 'a handler removed',
    file: route('users'),
    from: /usersRouter\.delete[\s\S]*$/,
    to: '',
    type: 'missing-handler',
    at: 'http.delete',
    shows: client('users'),
  },
  {
    what: 'a router that is not mounted',
    file: 'src/server/app.ts',
    from: "api.use('/coupons', couponsRouter);",
    to: '',
    type: 'missing-handler',
    at: '/api/coupons/',
    shows: client('coupons'),
  },
  {
    what: 'a handler that nobody calls',
    file: route('products'),
    from: "productsRouter.get('/',",
    to: "productsRouter.get('/cheapest/of/all', (_req, res) => {\n  res.json([]);\n});\n\nproductsRouter.get('/',",
    type: 'unused-handler',
    at: 'cheapest',
  },
  {
    what: 'an answer of another shape',
    file: route('payments'),
    from: 'res.json(rows.map(present))',
    to: 'res.json(rows)',
    type: 'response-mismatch',
    at: 'http.get<',
    shows: client('payments'),
  },
  {
    what: 'another type of a field',
    file: client('categories'),
    from: 'as CategoryResponse',
    to: 'as { id: string; slug: string; title: string; parentId: number | null }',
    type: 'response-mismatch',
    at: 'await fetch(',
  },
  {
    what: 'a body of another shape',
    file: client('audit-events'),
    from: "'/audit-events', body",
    to: "'/audit-events', { entity: body.entity, entityNo: 1 }",
    type: 'argument-mismatch',
    at: 'entityNo',
  },
  {
    what: 'a route whose handler is nowhere',
    file: route('order-items'),
    from: "orderItemsRouter.get('/',",
    to: "orderItemsRouter.put('/:id', replaceItem);\norderItemsRouter.get('/',",
    type: 'route-without-handler',
    at: 'replaceItem',
  },
  {
    what: 'a handler without an error path',
    file: route('shipments'),
    from: /try \{\n {4}(const rows[\s\S]*?)\} catch \(error\) \{\n {4}next\(error\);\n {2}\}/,
    to: '$1',
    type: 'handler-without-error-path',
    at: "shipmentsRouter.get('/',",
  },
];

describe('verify-ipc-contracts on a project of realistic size', () => {
  test('says nothing about a tree without faults', { timeout: SECONDS }, async () => {
    const result = await checkIpc(filesOf(shop()), settings);
    expect(findingsIn(result)).toEqual([]);
    expect(result).toMatchObject({ looked: { handlers: 48, calls: 48 } });
  });

  test.each(batches(FAULTS))('finds each of %#: $names', { timeout: SECONDS }, async ({ faults }) => {
    const sources = faults.reduce<Sources>(planted, shop());
    const found = await findings(sources);
    for (const fault of faults) expect(placesOf(found, fault.type), fault.what).toContain(placeOfFault(sources, fault));
  });
});
