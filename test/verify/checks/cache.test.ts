import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkCache } from '../../../src/verify/checks/cache/check.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { findingsIn } from './project.ts';

const SECONDS = 60_000;

/** A service with a database, a cache before it and an edge before that, each with a fault of its own on demand. */
type Faults = { readonly edge?: 'never' | 'hangs' | 'late' | 'flaps'; readonly lateMs?: number };

async function service(faults: Faults = {}): Promise<string> {
  let database = '';
  let cached: string | null = null;
  let edge: string | null = null;
  let [reads, old] = [0, 0];
  const server = createHttp((request, response) => {
    const answer = (text: string, status = 200) => response.writeHead(status).end(text);
    if (request.method === 'PUT') {
      const before = database;
      database = decodeURIComponent((request.url ?? '').split('/').at(-1) ?? '');
      cached = null;
      if (faults.edge === undefined || before === '') edge = null;
      if (faults.edge === 'late') setTimeout(() => (edge = null), faults.lateMs ?? 0).unref();
      if (faults.edge === 'flaps') edge = null;
      return answer('');
    }
    if (request.url === '/database') return answer(database);
    if (request.url === '/cache') {
      cached ??= database;
      return answer(cached);
    }
    if (request.url === '/broken') return answer('no', 500);
    reads++;
    edge ??= database;
    // Once it has shown the old value.
    if (faults.edge === 'hangs' && edge !== database && ++old > 1) return;
    return answer(faults.edge === 'flaps' && reads % 2 === 0 ? 'another copy' : edge);
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

async function listening(server: Server | ReturnType<typeof createTcp>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** As much of Redis as SET and GET, in its own protocol. */
async function redis(): Promise<string> {
  const stored = new Map<string, string>();
  const port = await listening(
    createTcp((socket) => {
      socket.on('data', (chunk) => {
        const parts = chunk
          .toString()
          .split('\r\n')
          .filter((_, index) => index % 2 === 0)
          .slice(1);
        const [word = '', key = '', value = ''] = parts;
        if (word === 'AUTH') return socket.write('-WRONGPASS no\r\n');
        if (word === 'SET') stored.set(key, value);
        const found = stored.get(key) ?? '';
        socket.write(word === 'SET' ? '+OK\r\n' : `$${Buffer.byteLength(found)}\r\n${found}\r\n`);
      });
    }),
  );
  return `redis://127.0.0.1:${port}`;
}

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'cache-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

async function run(probe: object, root = folder()) {
  const { cache } = integrationSettings.parse({ cache: { probes: [{ name: 'price', limitMs: 400, ...probe }] } });
  return checkCache(root, cache, () => ({ file: 'coordtui.yaml', line: 7 }));
}
const layers = (at: string) => ({
  write: { http: `${at}/price/{value}` },
  read: ['database', 'cache', 'edge'].map((name) => ({ name, http: `${at}/${name}` })),
});
const said = (result: Awaited<ReturnType<typeof run>>) =>
  findingsIn(result).map((one) => `${one.severity} ${one.type} ${one.file}:${one.line}`);

describe('verify-cache-pipeline', () => {
  test('layers that let go of the old value in time, each with its figure', { timeout: SECONDS }, async () => {
    const result = await run({ ...layers(await service()), limitMs: 20_000 });
    expect(said(result)).toEqual([]);
    expect(result).toMatchObject({
      looked: { probes: 1, layers: 3 },
      figures: ['database', 'cache', 'edge'].map((name) => ({ name: `cache price: ${name}`, unit: 'ms', target: 20_000 })),
    });
  });

  test.each(['never', 'hangs'] as const)('a layer that keeps the old value (%s)', { timeout: SECONDS }, async (edge) => {
    const result = await run({ ...layers(await service({ edge })), limitMs: 3_000 });
    expect(said(result)).toEqual(['CRITICAL cache-not-invalidated coordtui.yaml:7']);
    expect(findingsIn(result)[0]?.description).toContain('edge');
  });

  test('a layer that lets go too late', { timeout: SECONDS }, async () => {
    expect(said(await run({ ...layers(await service({ edge: 'late', lateMs: 6_000 })), limitMs: 4_000 }))).toEqual([
      'HIGH cache-propagation-slow coordtui.yaml:7',
    ]);
  });

  test('copies of a layer that do not agree', { timeout: SECONDS }, async () => {
    expect(said(await run({ ...layers(await service({ edge: 'flaps' })), limitMs: 5_000 }))).toEqual([
      'HIGH cache-inconsistent coordtui.yaml:7',
    ]);
  });

  test('a layer that answers with an error', { timeout: SECONDS }, async () => {
    const at = await service();
    expect(said(await run({ write: { http: `${at}/x/{value}` }, read: [{ http: `${at}/broken` }] }))).toEqual([
      'HIGH cache-layer-failed coordtui.yaml:7',
    ]);
  });

  test('Redis, files and commands are layers too', { timeout: SECONDS }, async () => {
    const root = folder();
    const at = await redis();
    writeFileSync(join(root, 'store.txt'), '');
    const write = { command: 'printf %s "$COORDTUI_VALUE" > store.txt' };
    expect(said(await run({ write, read: [{ file: 'store.txt' }, { command: 'cat store.txt' }], limitMs: 20_000 }, root))).toEqual([]);
    expect(readFileSync(join(root, 'store.txt'), 'utf8')).toMatch(/^[0-9a-f-]{36}$/);
    expect(
      said(
        await run({
          write: { redis: at, command: ['SET', 'price', 'v={value}'] },
          read: [{ redis: at, command: ['GET', 'price'] }],
          expect: 'v={value}',
          limitMs: 20_000,
        }),
      ),
    ).toEqual([]);
    const locked = at.replace('redis://', 'redis://:wrong@');
    expect(
      said(await run({ write: { redis: locked, command: ['SET', 'price', '{value}'] }, read: [{ redis: at, command: ['GET', 'price'] }] })),
    ).toEqual(['HIGH cache-write-failed coordtui.yaml:7']);
  });

  test('nobody there, and no probe at all: it did not run', { timeout: SECONDS }, async () => {
    const server = createTcp();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await run({ write: { http: `http://127.0.0.1:${port}/{value}` }, read: [{ http: `http://127.0.0.1:${port}/` }] })).toMatchObject(
      { ran: false },
    );
    expect(await checkCache(folder(), { probes: [] }, () => ({ file: 'a', line: 1 }))).toMatchObject({ ran: false });
  });
});
