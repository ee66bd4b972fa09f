import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/verify/checks/finding.ts';
import { checkIpc } from '../../../src/verify/checks/ipc/check.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { filesOf, findingsIn } from './project.ts';

const SECONDS = 60_000;
const settings = integrationSettings.parse({}).ipc;

async function check(sources: Readonly<Record<string, string>>) {
  return checkIpc(filesOf(new Map(Object.entries(sources))), settings);
}
const said = (findings: readonly Finding[]) => findings.map((one) => `${one.type} ${one.file}:${one.line}`).sort();

const ELECTRON = {
  'shared/channels.ts': `export const CHANNELS = { notes: { list: 'notes:list', save: 'notes:save' }, log: 'app:log' } as const;
export enum Push { Changed = 'notes:changed' }
export interface Note { id: number; title: string; savedAt: Date; tags: string[] }
`,
  'main/safe.ts': `import { ipcMain, type IpcMainInvokeEvent } from 'electron';
export function handle<T>(channel: string, listener: (event: IpcMainInvokeEvent, ...args: any[]) => Promise<T>) {
  ipcMain.handle(channel, async (event, ...args) => {
    try {
      return await listener(event, ...args);
    } catch (error) {
      console.error(channel, error);
      throw error;
    }
  });
}
`,
  'main/notes.ts': `import { ipcMain, BrowserWindow } from 'electron';
import { CHANNELS, Push, type Note } from '../shared/channels';
import { handle } from './safe';
declare function load(): Promise<Note[]>;
declare function store(note: Note, force: boolean): Promise<number>;
export function register(window: BrowserWindow) {
  handle(CHANNELS.notes.list, async (): Promise<Note[]> => load());
  ipcMain.handle(CHANNELS.notes.save, async (_event, note: Note, force: boolean) => {
    const id = await store(note, force);
    window.webContents.send(Push.Changed, id);
    return { id };
  });
  ipcMain.on(CHANNELS.log, (_event, line: string) => {
    console.log(line);
  });
}
`,
  'preload/index.ts': `import { contextBridge, ipcRenderer } from 'electron';
import { CHANNELS, Push, type Note } from '../shared/channels';
const api = {
  notes: {
    list: (): Promise<Note[]> => ipcRenderer.invoke(CHANNELS.notes.list),
    save: (note: Note, force: boolean): Promise<{ id: number }> => ipcRenderer.invoke(CHANNELS.notes.save, note, force),
  },
  log: (line: string) => ipcRenderer.send(CHANNELS.log, line),
  onChanged: (listener: (id: number) => void) => {
    ipcRenderer.on(Push.Changed, (_event, id) => listener(id));
  },
};
contextBridge.exposeInMainWorld('api', api);
export type Api = typeof api;
`,
  'renderer/app.ts': `import type { Note } from '../shared/channels';
export async function start() {
  const notes: Note[] = await window.api.notes.list();
  window.api.onChanged((id) => console.log(id));
  window.api.notes.list().then((all) => console.log(all.length)); window.api.log('started');
  const { id } = (await window.api.notes.save(notes[0], true)) as { id: number };
  return id;
}
`,
};

const FASTIFY = {
  'package.json': '{"dependencies":{"fastify":"5"}}',
  'server/app.ts': `import Fastify from 'fastify';
import { orders } from './orders';
import users from './users';
const app = Fastify({ logger: true });
app.register(orders, { prefix: '/api/orders' });
app.register(users, { prefix: '/api' });
app.get('/health', async () => ({ ok: true }));
app.listen({ port: 3000 });
`,
  'server/orders.ts': `import type { FastifyInstance } from 'fastify';
export interface Order { id: string; total: number; placedAt: Date }
declare function all(): Promise<Order[]>;
declare function add(order: { total: number }): Promise<Order>;
export async function orders(fastify: FastifyInstance) {
  fastify.get('/', async () => all());
  fastify.post<{ Body: { total: number; note?: string } }>('/', async (request, reply) => {
    const order = await add(request.body);
    reply.code(201);
    return order;
  });
  fastify.route({ method: ['PUT', 'PATCH'], url: '/:id', handler: async (request, reply) => reply.send({ ok: true }) });
}
`,
  'server/users.ts': `import type { FastifyPluginAsync } from 'fastify';
const users: FastifyPluginAsync = async (app) => {
  app.get('/users/:id/avatar', async (request) => ({ url: 'x' }));
};
export default users;
`,
  'web/api.ts': `const BASE = import.meta.env.VITE_API_URL ?? 'http://localhost:3000/api';
class Client {
  private async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(\`\${BASE}\${path}\`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }
  get<T>(path: string) { return this.request<T>('GET', path); }
  post<T>(path: string, body: unknown) { return this.request<T>('POST', path, body); }
  put<T>(path: string, body: unknown) { return this.request<T>('PUT', path, body); }
  patch<T>(path: string, body: unknown) { return this.request<T>('PATCH', path, body); }
}
export const client = new Client();
`,
  'web/orders.ts': `import { client } from './api';
interface Order { id: string; total: number; placedAt: string }
export const list = () => client.get<Order[]>('/orders');
export const create = (total: number) => client.post<Order>('/orders', { total });
export const replace = (id: string) => client.put<{ ok: boolean }>(\`/orders/\${id}\`, { total: 1 });
export const change = (id: string) => client.patch<{ ok: boolean }>('/orders/' + encodeURIComponent(id), { total: 1 });
export const avatar = (id: number, size: number) => client.get<{ url: string }>(\`/users/\${id}/avatar?size=\${size}\`);
`,
};

const HONO = {
  'src/index.ts': `import { Hono } from 'hono';
import { z } from 'zod';
import { books } from './books';
const app = new Hono().basePath('/v1');
app.route('/books', books);
app.onError((error, c) => c.json({ error: error.message }, 500));
const review = z.object({ stars: z.number(), text: z.string().optional() });
app.post('/books/:id/reviews', async (c) => {
  const body = review.parse(await c.req.json());
  return c.json({ stars: body.stars }, 201);
});
export default app;
`,
  'src/books.ts': `import { Hono } from 'hono';
type Book = { isbn: string; title: string };
declare function find(): Promise<Book[]>;
export const books = new Hono()
  .get('/', async (c) => c.json(await find()))
  .delete('/:isbn', async (c) => {
    return c.body(null, 204);
  });
`,
  'web/books.ts': `import ky from 'ky';
const api = ky.create({ prefixUrl: '/v1' });
export const list = () => api.get('books').json<{ isbn: string; title: string }[]>();
export const remove = (isbn: string) => api.delete(\`books/\${isbn}\`);
export const rate = (isbn: string, stars: number) => api.post(\`books/\${isbn}/reviews\`, { json: { stars } });
`,
};

const TRPC = {
  'server/router.ts': `import { initTRPC } from '@trpc/server';
import { z } from 'zod';
const t = initTRPC.create();
const posts = t.router({
  byId: t.procedure.input(z.object({ id: z.number() })).query(async ({ input }) => ({ id: input.id })),
  create: t.procedure.input(z.object({ title: z.string(), draft: z.boolean().default(false) })).mutation(async ({ input }) => input),
});
export const appRouter = t.router({ posts, version: t.procedure.query(() => '1') });
export type AppRouter = typeof appRouter;
`,
  'web/trpc.ts': `import { createTRPCReact } from '@trpc/react-query';
import type { AppRouter } from '../server/router';
export const trpc = createTRPCReact<AppRouter>();
`,
  'web/page.tsx': `import { trpc } from './trpc';
export function Page() {
  const post = trpc.posts.byId.useQuery({ id: 1 });
  const create = trpc.posts.create.useMutation();
  const version = trpc.version.useQuery();
  return <button onClick={() => create.mutate({ title: 'x' })}>{post.data?.id}{version.data}</button>;
}
`,
};

const EXPRESS_4 = {
  'package.json': '{"dependencies":{"express":"^4.18.0"}}',
  'src/app.js': `const express = require('express');
const { createOrders } = require('./orders');
const app = express();
app.use('/api/users', require('./users'));
app.use('/api/orders', createOrders({}));
[['/api/items', require('./items')]].forEach(([path, router]) => app.use(path, router));
`,
  'src/users.js': `const { Router } = require('express');
const asyncHandler = (fn) => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);
const router = Router();
router.route('/:id').get(asyncHandler(async (req, res) => res.json(await find(req.params.id)))).delete((req, res) => res.sendStatus(204));
module.exports = router;
`,
  'src/orders.js': `const express = require('express');
class Orders {
  async list(req, res, next) { try { res.json(await this.all()); } catch (error) { next(error); } }
  save = async (req, res, next) => { try { res.json(await this.store(req.body)); } catch (error) { next(error); } };
}
function createOrders() {
  const router = express.Router();
  const orders = new Orders();
  router.get('/', orders.list);
  router.post('/:id/cancel', (req, res, next) => orders.save(req, res, next));
  return router;
}
module.exports = { createOrders };
`,
  'src/items.js': `const router = require('express').Router();
router.get('/:id/related', (req, res) => res.json([]));
module.exports = router;
`,
  'public/app.js': `const API = '/api';
const endpoints = { user: (id) => API + '/users/' + id, orders: API + '/orders' };
async function request(url, options = {}) {
  const response = await fetch(url, { headers: {}, ...options });
  return response.json();
}
request(endpoints.user(1));
request(endpoints.user(1), { method: 'DELETE' });
request(endpoints.orders);
fetch(endpoints.orders + '/' + 7 + '/cancel', { method: 'post' });
fetch(new URL('/api/items/3/related', window.location.origin));
fetch('https://api.example.com/v1/charges', { method: 'POST' });
fetch('/locales/en.json');
`,
};

describe('verify-ipc-contracts understands', () => {
  test.each([
    ['Electron', ELECTRON, { handlers: 4, calls: 4 }],
    ['Fastify and a client class', FASTIFY, { handlers: 6, calls: 5 }],
    ['Hono and ky', HONO, { handlers: 3, calls: 3 }],
    ['tRPC', TRPC, { handlers: 3, calls: 3 }],
    ['Express 4 in CommonJS, with classes, factories and a list of routers', EXPRESS_4, { handlers: 5, calls: 7 }],
  ])('%s, and says nothing where nothing is wrong', { timeout: SECONDS }, async (_, sources, looked) => {
    const result = await check(sources);
    expect(findingsIn(result)).toEqual([]);
    expect(result).toMatchObject({ looked });
  });

  test.each<[string, Readonly<Record<string, string>>, string, string | RegExp, string, string[]]>([
    [
      'a channel that nobody handles',
      ELECTRON,
      'main/notes.ts',
      '  handle(CHANNELS.notes.list, async (): Promise<Note[]> => load());\n',
      '',
      ['missing-handler preload/index.ts:5'],
    ],
    [
      'a channel handled for another way of asking',
      ELECTRON,
      'main/notes.ts',
      'ipcMain.on(CHANNELS.log',
      'ipcMain.handle(CHANNELS.log',
      ['missing-handler preload/index.ts:8', 'unused-handler main/notes.ts:13'],
    ],
    [
      'an argument too few',
      ELECTRON,
      'preload/index.ts',
      'save, note, force)',
      'save, note)',
      ['argument-mismatch preload/index.ts:6', 'argument-mismatch renderer/app.ts:6'],
    ],
    [
      'an argument of another type',
      ELECTRON,
      'main/notes.ts',
      'line: string',
      'line: { text: string }',
      ['argument-mismatch preload/index.ts:8', 'argument-mismatch renderer/app.ts:5'],
    ],
    [
      'an answer of another shape',
      ELECTRON,
      'main/notes.ts',
      'return { id };',
      'return { noteId: id };',
      ['response-mismatch preload/index.ts:6', 'response-mismatch renderer/app.ts:6'],
    ],
    [
      'a bridge function that is not exposed',
      ELECTRON,
      'renderer/app.ts',
      "window.api.log('started')",
      "window.api.trace('started')",
      ['missing-handler renderer/app.ts:5', 'unused-handler preload/index.ts:8'],
    ],
    [
      'an event that nobody listens to',
      ELECTRON,
      'main/notes.ts',
      'Push.Changed, id',
      "'notes:gone', id",
      ['missing-handler main/notes.ts:10', 'unused-handler preload/index.ts:10'],
    ],
    [
      'a wrong prefix',
      FASTIFY,
      'server/app.ts',
      "'/api/orders'",
      "'/api/order'",
      [
        'missing-handler web/orders.ts:3',
        'missing-handler web/orders.ts:4',
        'missing-handler web/orders.ts:5',
        'missing-handler web/orders.ts:6',
        'unused-handler server/orders.ts:12',
        'unused-handler server/orders.ts:12',
        'unused-handler server/orders.ts:6',
        'unused-handler server/orders.ts:7',
      ],
    ],
    [
      'a body of another shape',
      FASTIFY,
      'web/orders.ts',
      "'/orders', { total }",
      "'/orders', { amount: total }",
      ['argument-mismatch web/orders.ts:4'],
    ],
    [
      'another type in the answer',
      FASTIFY,
      'web/orders.ts',
      'total: number;',
      'total: string;',
      ['response-mismatch web/orders.ts:3', 'response-mismatch web/orders.ts:4'],
    ],
    [
      'a method that is not routed',
      HONO,
      'web/books.ts',
      'api.delete',
      'api.put',
      ['missing-handler web/books.ts:4', 'unused-handler src/books.ts:6'],
    ],
    [
      'a body that the schema refuses',
      HONO,
      'web/books.ts',
      'json: { stars }',
      'json: { rating: stars }',
      ['argument-mismatch web/books.ts:5'],
    ],
    [
      'a procedure that is not there',
      TRPC,
      'web/page.tsx',
      'posts.byId',
      'posts.bySlug',
      ['missing-handler web/page.tsx:3', 'unused-handler server/router.ts:5'],
    ],
    [
      'an async handler that Express 4 forgets',
      EXPRESS_4,
      'src/users.js',
      'asyncHandler(async (req, res) => res.json(await find(req.params.id)))',
      'async (req, res) => res.json(await find(req.params.id))',
      ['handler-without-error-path src/users.js:4'],
    ],
    ['an input of another shape', TRPC, 'web/page.tsx', '{ id: 1 }', "{ id: '1' }", ['argument-mismatch web/page.tsx:3']],
  ])('%s', { timeout: SECONDS }, async (_, sources, file, from, to, expected) => {
    const changed = { ...sources, [file]: (sources[file] ?? '').replace(from, to) };
    expect(changed[file]).not.toBe(sources[file]);
    expect(said(findingsIn(await check(changed)))).toEqual(expected);
  });

  test('a function that gives only a part of the answer: no comparison, and no false alarm', { timeout: SECONDS }, async () => {
    const sources = {
      'server.ts':
        "import express from 'express';\nconst app = express();\napp.get('/a', (_req, res) => res.json({ data: [{ id: 1 }] }));\n",
      'web.ts':
        "async function get<T>(path: string): Promise<T> {\n  const response = await fetch(path);\n  const body = await response.json();\n  return body.data as T;\n}\nexport const all = () => get<{ id: number }[]>('/a');\n",
    };
    expect(findingsIn(await check(sources))).toEqual([]);
    const whole = { ...sources, 'web.ts': sources['web.ts'].replace('body.data', 'body') };
    expect(said(findingsIn(await check(whole)))).toEqual(['response-mismatch web.ts:6']);
  });

  test('nothing that speaks to anything: it did not run', { timeout: SECONDS }, async () => {
    expect(await check({ 'src/index.ts': 'export const a = 1;\n' })).toMatchObject({ ran: false });
  });
});
