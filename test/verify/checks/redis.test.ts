/** PROTOCOL §4, check 3: the Redis layer against a real server, where one is installed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCache } from '../../../src/verify/checks/cache/check.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { findingsIn } from './project.ts';

const SECONDS = 60_000;
const isThere = spawnSync('redis-server', ['--version']).status === 0;
const PASSWORD = 'not secret: of a server that lives for a test';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.skipIf(!isThere)(`a real Redis${isThere ? '' : ' (skipped: redis-server is not installed)'}`, () => {
  let port = 0;
  let folder = '';
  let server: ReturnType<typeof spawn>;

  beforeAll(async () => {
    port = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
    server = spawn('redis-server', [...settings, '--requirepass', PASSWORD], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      server.stdout?.on('data', (chunk: Buffer) => chunk.includes('Ready to accept connections') && resolve());
      server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    });
  }, SECONDS);
  afterAll(async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (database = '', password = PASSWORD) => `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}${database}`;

  async function found(probe: object): Promise<string[]> {
    const { cache } = integrationSettings.parse({ cache: { probes: [{ name: 'price', limitMs: 20_000, ...probe }] } });
    const result = await checkCache(folder, cache, () => ({ file: 'coordtui.yaml', line: 1 }));
    return findingsIn(result).map(({ type }) => type);
  }

  test('what is written is read again, by GET and by HGET, and cleaned up', { timeout: SECONDS }, async () => {
    const get = { redis: at(), command: ['GET', 'price'] };
    const cleanup = { redis: at(), command: ['DEL', 'price'] };
    expect(await found({ write: { redis: at(), command: ['SET', 'price', '{value}'] }, read: [get], cleanup })).toEqual([]);
    const hash = { redis: at(), command: ['HGET', 'prices', 'tea'] };
    expect(await found({ write: { redis: at(), command: ['HSET', 'prices', 'tea', '{value}'] }, read: [hash] })).toEqual([]);
  });

  test('a copy that nobody renews is found', { timeout: SECONDS }, async () => {
    const stale = { redis: at(), command: ['GET', 'copy'] };
    const write = { redis: at(), command: ['SET', 'price', '{value}'] };
    expect(await found({ write, read: [stale], limitMs: 300 })).not.toEqual([]);
  });

  test('a wrong password and a wrong kind of value are said, not passed over', { timeout: SECONDS }, async () => {
    const get = { redis: at(), command: ['GET', 'price'] };
    expect(await found({ write: { redis: at('', 'wrong'), command: ['SET', 'price', '{value}'] }, read: [get], limitMs: 400 })).toEqual([
      'cache-write-failed',
    ]);
    expect(
      await found({
        write: { redis: at(), command: ['LPUSH', 'list', '{value}'] },
        read: [{ redis: at(), command: ['GET', 'list'] }],
        limitMs: 400,
      }),
    ).toEqual(['cache-layer-failed']);
  });
});
