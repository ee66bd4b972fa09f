/** The shipped checks through a real room: what they find starts work that waits for it, and what an instance declares is looked for. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BACKEND, type Drill, FRONTEND, openDrill } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const SHIPPED = (name: string) =>
  `{ id: ${name}, phase: pre, command: '"$COORDTUI_NODE" "$COORDTUI_BIN" verify-${name}', notRunExitCodes: [2] }`;

describe('PROTOCOL §6: what the back end provides', () => {
  let drill: Drill;
  beforeAll(async () => {
    drill = await openDrill('provides', { checks: () => [SHIPPED('database-schema'), SHIPPED('ipc-contracts'), SHIPPED('filesystem')] });
    await drill.open();
    await drill.agents();
  });
  afterAll(() => drill.close());

  it('an assignment with requirements waits, and starts when the shipped checks have found them in a round', async () => {
    const asked = await drill.did('assign', {
      instance: FRONTEND,
      task: 'the list of orders',
      needs: ['table Orders', 'route GET /api/orders/{order}'],
    });
    const waiting = String((asked as { handoff: string }).handoff);
    const work = await drill.assign(BACKEND);
    expect((await drill.handoffs()).find(({ id }) => id === waiting)?.phase).toBe('STANDBY');
    drill.write('migrations/001_orders.sql', 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL);\n');
    drill.write(
      'src/server.ts',
      "import express from 'express';\nexport const app = express();\napp.get('/api/orders/:id', (_request, response) => {\n  response.json({ id: 1, total: 2 });\n});\n",
    );
    drill.write('package.json', '{ "dependencies": { "express": "5.0.0" } }\n');
    await drill.did('ready', { instance: BACKEND, artifact: ['migrations/001_orders.sql'] });
    await drill.untilHandoff(work, 'is judged', ({ rounds }) => rounds.at(-1)?.end === 'judged');
    const started = await drill.untilHandoff(waiting, 'is started', ({ phase }) => phase === 'ACTIVE');
    expect(started.history.map(({ move }) => move)).toEqual(['assign']);
  });

  it('PROTOCOL §4: a file that the instance declares and has not written denies, whatever its path says', async () => {
    const open = (await drill.handoffs()).filter(({ closedAt }) => closedAt === null);
    for (const { id } of open) await drill.did('handoffs withdraw', { id });
    const work = await drill.assign(BACKEND);
    drill.write('src/shop.js', 'export const shop = 2;\n');
    await drill.did('ready', { instance: BACKEND, artifact: ['src/shop.js', 'src/never-written.ts', '../../outside\nsrc/shop.js'] });
    const denied = await drill.untilHandoff(work, 'is judged', ({ rounds }) => rounds.at(-1)?.end === 'judged');
    expect(denied.rounds.at(-1)?.verdict).toMatchObject({ kind: 'deny', row: 3 });
    const reasons = denied.rounds.at(-1)?.verdict?.reasons.filter(({ rule }) => rule === 'high-violation') ?? [];
    expect(reasons.map(({ file }) => file)).toEqual([expect.stringMatching(/^\.\.\/\.\.\/outside.src\/shop\.js$/), 'src/never-written.ts']);
    expect(denied.rounds.at(-1)?.verdict?.kind).toBe('deny');
  });

  it('PROTOCOL §4: a shipped check by its name needs no config, and is a trial', async () => {
    const reply = await drill.operator('verify', { check: ['cache-pipeline'] });
    expect(reply).toMatchObject({ ok: false, message: expect.stringContaining('did-not-run  cache-pipeline') });
  });
});
