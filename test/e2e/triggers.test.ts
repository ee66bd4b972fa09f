/** P1's eight triggers in a real room: files changed by hand and by git, rounds that find something, work that is approved. */
import { execFileSync } from 'node:child_process';
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Dial } from '../../src/core/config.ts';
import type { Handoff } from '../../src/core/state.ts';
import { BACKEND, type Drill, FRONTEND, openDrill, until } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const IPC = `{ id: ipc-contracts, layer: ipc, command: '"$COORDTUI_NODE" "$COORDTUI_BIN" verify-ipc-contracts', notRunExitCodes: [2] }`;
const REPORT = '{"success":true,"violations":[],"benchmarks":[{"name":"answer","value":%s,"unit":"ms","better":"lower"}]}';
const SPEED = `{ id: speed, layer: service, command: ${JSON.stringify(`printf '${REPORT}' "$(cat speed)" >"$COORDTUI_REPORT"`)} }`;

const server = (...routes: string[]) =>
  [
    "import express from 'express';",
    'export const app = express();',
    ...routes.map(
      (route) =>
        `app.get('/api/${route}', (_request, response, next) => {\n  try {\n    response.json([{ id: 1 }]);\n  } catch (error) {\n    next(error);\n  }\n});`,
    ),
    '',
  ].join('\n');
const page = (...routes: string[]) =>
  routes
    .map(
      (route) =>
        `export async function load_${route}() {\n  const answer = await fetch('/api/${route}');\n  if (!answer.ok) throw new Error('no ${route}');\n  return (await answer.json()) as { id: number }[];\n}\n`,
    )
    .join('');

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false', ...args], { cwd });

/** No cycle comes by itself in these rooms: what becomes due asks for its own. */
async function openShop(name: string, dial: Dial, cooldownMs: number): Promise<Drill> {
  const globs = 'schema: ["migrations/**"], contracts: ["src/contracts/**"], responseTypes: ["src/types/**"]';
  const drill = await openDrill(name, {
    checks: () => [IPC, SPEED],
    more: `triggers: { ${globs}, settleMs: 100, cooldownMs: ${cooldownMs} }\n`,
    coordination: `{ autopilot: ${dial}, monitorIntervalMs: 3600000 }`,
  });
  drill.write('package.json', '{ "dependencies": { "express": "5.0.0" } }\n');
  drill.write('src/server.ts', server('orders'));
  drill.write('web/page.ts', page('orders'));
  drill.write('migrations/001.sql', 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n');
  drill.write('src/contracts/orders.ts', "export const list = '/api/orders';\n");
  drill.write('src/types/order.ts', 'export type Order = { id: number };\n');
  drill.write('speed', '100\n');
  git(drill.workspace, 'add', '--all');
  git(drill.workspace, 'commit', '--quiet', '--message', 'A shop with a server');
  await drill.open();
  await drill.agents();
  await until('the first look at the sources', async () => (await drill.coordtui('replay')).stdout.includes('sources.seen'));
  return drill;
}

/** Which of them were made by a trigger: an instance asks for nothing, and the test gives its work without a type. */
const triggered = async (drill: Drill, type: string) => (await drill.handoffs()).filter((handoff) => handoff.type === type);

const appeared = (drill: Drill, type: string, count = 1): Promise<Handoff> =>
  until(`work of the kind ${type}`, async () => {
    const found = await triggered(drill, type);
    return found.length >= count ? found.at(-1) : null;
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${drill.room().output()}`);
  });

async function withdrawAll(drill: Drill): Promise<void> {
  for (const { id, closedAt } of await drill.handoffs()) if (closedAt === null) await drill.did('handoffs withdraw', { id });
}

/** A round of this instance's work, after these changes; approved by the operator where the dial has not done it. */
async function round(drill: Drill, instance: string, files: Readonly<Record<string, string>>, approve: boolean): Promise<Handoff> {
  const id = await drill.assign(instance);
  for (const [path, text] of Object.entries(files)) drill.write(path, text);
  await drill.did('ready', { instance });
  const judged = await drill.untilHandoff(id, 'is judged', ({ rounds }) => rounds.at(-1)?.end === 'judged');
  if (!approve) return judged;
  const asked = await drill.untilHandoff(
    id,
    'is asked about or approved',
    ({ question, closedAt }) => question !== null || closedAt !== null,
  );
  if (asked.closedAt === null) await drill.did('approve', { id });
  return drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
}

describe.each<Dial>(['act', 'suggest'])('P1 §Automatic Assignment Triggers, PROTOCOL §6: the dial at %s', (dial) => {
  let drill: Drill;
  beforeAll(async () => {
    drill = await openShop(`triggers-${dial}`, dial, 0);
  });
  afterEach(() => withdrawAll(drill));
  afterAll(() => drill.close());

  /** By the dial: at once somebody's work, or a card that makes it so. */
  const expectGiven = async ({ id, from }: Handoff, owner: string) => {
    expect(from).toBe(owner);
    if (dial === 'suggest') {
      const proposed = await drill.untilHandoff(id, 'is proposed', ({ question }) => question?.kind === 'proposal');
      expect(proposed).toMatchObject({ phase: 'STANDBY', proposal: { dueAt: null } });
      await drill.did('answer', { id, text: 'accept' });
    }
    const given = await drill.untilHandoff(id, 'is given', ({ phase }) => phase === 'ACTIVE');
    expect(given.question).toBeNull();
  };

  it('a migration that comes by git is work of the kind database, once: not again by its commit, a touch, or the same text written anew', async () => {
    const aside = join(drill.base, 'aside');
    git(drill.workspace, 'worktree', 'add', '--quiet', '-b', 'theirs', aside);
    execFileSync('sh', ['-c', 'echo "ALTER TABLE orders ADD COLUMN total INTEGER;" >migrations/002.sql'], { cwd: aside });
    git(aside, 'add', '--all');
    git(aside, 'commit', '--quiet', '--message', 'A column');
    git(drill.workspace, 'merge', '--quiet', '--ff-only', 'theirs');
    const made = await appeared(drill, 'database');
    expect(made.task).toContain('migrations/002.sql');
    await expectGiven(made, BACKEND);
    await drill.did('handoffs withdraw', { id: made.id });

    utimesSync(join(drill.workspace, 'migrations/002.sql'), 1, 1);
    drill.write('migrations/001.sql', 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n');
    // What comes after it has been seen and given proves that it was looked at.
    drill.write('src/contracts/orders.ts', "export const list = '/api/orders?all';\n");
    await expectGiven(await appeared(drill, 'api'), BACKEND);
    expect(await triggered(drill, 'database')).toHaveLength(1);
  });

  it('a contract that is changed by hand is work of the kind api, and a burst of changes is one', async () => {
    const before = (await triggered(drill, 'api')).length;
    // In one move: between two of them the room might have found rest.
    for (const name of ['a', 'b', 'c']) drill.write(`burst/${name}.ts`, `export const ${name} = 1;\n`);
    renameSync(join(drill.workspace, 'burst'), join(drill.workspace, 'src/contracts/burst'));
    const made = await appeared(drill, 'api', before + 1);
    await expectGiven(made, BACKEND);
    for (const name of ['a', 'b', 'c']) expect(made.task).toContain(`src/contracts/burst/${name}.ts`);
    expect(await triggered(drill, 'api')).toHaveLength(before + 1);
  });

  it('the type of a response that changed is work of the kind component for the front end', async () => {
    drill.write('src/types/order.ts', 'export type Order = { id: number; total: number };\n');
    await expectGiven(await appeared(drill, 'component'), FRONTEND);
  });

  it('a gap that the contract check finds in a round of the front end is work of the kind ipc, once, also when a second round finds it', async () => {
    const judged = await round(drill, FRONTEND, { 'web/page.ts': page('orders', 'customers') }, false);
    expect(judged.rounds.at(-1)?.verdict).toMatchObject({ kind: 'deny' });
    const made = await appeared(drill, 'ipc');
    expect(made.task).toContain('/api/customers');
    await expectGiven(made, BACKEND);
    if (dial === 'act') {
      await drill.did('ack', { instance: FRONTEND, task: judged.id, status: 'RECEIVED', understanding: 'a route is missing' });
      await drill.did('ready', { instance: FRONTEND });
    } else await drill.operator('verify', { handoff: judged.id });
    await drill.untilHandoff(judged.id, 'is judged again', ({ rounds }) => rounds.length === 2 && rounds[1]?.end === 'judged');
    expect(await triggered(drill, 'ipc')).toHaveLength(1);
  });

  it('a new route that nobody calls, approved, is work of the kind ui, and nothing else', async () => {
    await round(drill, BACKEND, { 'web/page.ts': page('orders'), 'src/server.ts': server('orders', 'invoices') }, true);
    const made = await appeared(drill, 'ui');
    expect(made.task).toContain('/api/invoices');
    await expectGiven(made, FRONTEND);
    for (const type of ['hook', 'integration']) expect(await triggered(drill, type)).toEqual([]);
  });

  it('approved work of the back end that changed a contract is work of the kind hook, and not another api', async () => {
    drill.write('web/page.ts', page('orders', 'invoices'));
    drill.write('src/server.ts', server('orders', 'invoices'));
    const before = (await triggered(drill, 'api')).length;
    await round(drill, BACKEND, { 'src/contracts/orders.ts': "export const list = '/api/orders?new';\n" }, true);
    const made = await appeared(drill, 'hook');
    expect(made.task).toContain('src/contracts/orders.ts');
    await expectGiven(made, FRONTEND);
    expect(await triggered(drill, 'api')).toHaveLength(before);
  });

  it('approved work of the back end that changed nothing to be seen from outside is work of the kind integration', async () => {
    const { id } = await round(drill, BACKEND, { 'src/inside.ts': 'export const inside = 1;\n' }, true);
    const made = await appeared(drill, 'integration');
    expect(made.task).toContain(id);
    await expectGiven(made, FRONTEND);
  });

  it('a figure of the back end that became worse in a round of the front end is work of the kind service', async () => {
    const judged = await round(drill, FRONTEND, { speed: '200\n' }, false);
    expect(judged.rounds.at(-1)?.verdict).toMatchObject({ kind: 'deny', row: 5 });
    const made = await appeared(drill, 'service');
    expect(made.task).toContain('200 ms');
    await expectGiven(made, BACKEND);
  });
});

describe('PROTOCOL §6: the cooldown of a trigger, and what a room that is killed makes of it', () => {
  it('a second change waits for the cooldown, then comes by itself; a killed room gives neither again', async () => {
    const cooldownMs = 4_000;
    const drill = await openShop('triggers-cooldown', 'act', cooldownMs);
    try {
      drill.write('migrations/002.sql', 'CREATE TABLE a (id INTEGER);\n');
      const first = await appeared(drill, 'database');
      await drill.did('handoffs withdraw', { id: first.id });
      drill.write('migrations/003.sql', 'CREATE TABLE b (id INTEGER);\n');
      const second = await appeared(drill, 'database', 2);
      expect(second.createdAt - first.createdAt).toBeGreaterThanOrEqual(cooldownMs);
      await drill.did('handoffs withdraw', { id: second.id });

      await drill.kill();
      drill.write('src/types/order.ts', 'export type Order = { id: string };\n');
      await drill.open();
      // Changed while no room ran; the sources were looked at, and what had been given is known.
      await appeared(drill, 'component');
      expect(await triggered(drill, 'database')).toHaveLength(2);
    } finally {
      await drill.close();
    }
  });
});
