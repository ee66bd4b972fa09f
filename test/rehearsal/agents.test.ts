import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InstanceId } from '../../src/core/ids.ts';
import type { PaneExit } from '../../src/core/ports.ts';
import { createPaneSet, type PaneSet } from '../../src/pane/pane-set.ts';
import { parseScript } from '../../src/rehearsal/agents/script.ts';
import { until } from '../support/until.ts';

const rehearsal = fileURLToPath(new URL('../../src/rehearsal', import.meta.url));
const scripts = path.join(rehearsal, 'agents');
const BACKEND = 'instance-1-planning-backend' as InstanceId;
const FRONTEND = 'instance-2-frontend' as InstanceId;
const TASK = 'h-3f2a';

/** Stands for the built program: it writes down what was asked, and moves the status as the room would. */
const ROOM = `
const { appendFileSync, readFileSync, writeFileSync, renameSync } = require('node:fs');
const args = process.argv.slice(2);
const file = process.env.COORDTUI_STATUS_FILE;
appendFileSync(file + '.verbs', JSON.stringify(args) + '\\n');
const document = JSON.parse(readFileSync(file, 'utf8'));
const me = document.instances[process.env.COORDTUI_INSTANCE];
if (args[0] === 'ready') me.status = 'HANDOFF_READY';
if (args[0] === 'ack' && me.status === 'FAILED') me.status = 'REMEDIATION';
if (args[0] === 'status') me[args[2].split('.').at(-1)] = args[3];
writeFileSync(file + '.swap', JSON.stringify(document));
renameSync(file + '.swap', file);
`;

let tools: string;
let agentFile: string;
let roomFile: string;
let shop: string;
let statusFile: string;
let set: PaneSet;
let exits: [InstanceId, PaneExit][];

beforeAll(() => {
  tools = mkdtempSync(path.join(tmpdir(), 'agents-'));
  agentFile = path.join(tools, 'agent.mjs');
  roomFile = path.join(tools, 'room.cjs');
  buildSync({
    entryPoints: [path.join(scripts, 'agent.ts')],
    outfile: agentFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  writeFileSync(roomFile, ROOM);
});
afterAll(() => rmSync(tools, { recursive: true, force: true }));

beforeEach(() => {
  shop = realpathSync(mkdtempSync(path.join(tmpdir(), 'shop-')));
  cpSync(path.join(rehearsal, 'project'), shop, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false', ...args], { cwd: shop });
  git('init', '-q', '-b', 'main');
  writeFileSync(path.join(shop, '.git', 'info', 'exclude'), 'status/\ndocs_dev/\n');
  git('add', '-A');
  git('commit', '-q', '-m', 'The shop');
  mkdirSync(path.join(shop, 'status'));
  statusFile = path.join(shop, 'status', 'multi-instance-status.json');
  const idle = { status: 'STANDBY', currentAssignment: null, messages: [] };
  publish({ instances: { [BACKEND]: idle, [FRONTEND]: idle } });
  exits = [];
});
afterEach(async () => {
  await set.close();
  rmSync(shop, { recursive: true, force: true });
});

type Own = { status: string; currentAssignment: string | null; messages: object[]; currentTask?: string; coordinationNotes?: string };
type Status = { instances: Record<string, Own> };

const status = () => JSON.parse(readFileSync(statusFile, 'utf8')) as Status;
const own = (id = BACKEND) => status().instances[id] as Own;
const verbs = (): string[][] =>
  existsSync(`${statusFile}.verbs`)
    ? readFileSync(`${statusFile}.verbs`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[])
    : [];
const screen = (id = BACKEND) => set.text(id, 2000).join('\n');
const log = () => execFileSync('git', ['log', '--format=%an: %s', '--reverse'], { cwd: shop, encoding: 'utf8' }).trim().split('\n');
const clean = () => execFileSync('git', ['status', '--porcelain'], { cwd: shop, encoding: 'utf8' }) === '';

function fail(sentence: string): never {
  throw new Error(sentence);
}

function publish(document: Status): void {
  writeFileSync(`${statusFile}.test`, JSON.stringify(document));
  renameSync(`${statusFile}.test`, statusFile);
}

function change(fields: Partial<Own>, id = BACKEND): void {
  const document = status();
  document.instances[id] = { ...(document.instances[id] as Own), ...fields };
  publish(document);
}

function tell(subject: string, file: string | null = null, id = BACKEND): void {
  change({ messages: [...own(id).messages, { subject, handoff: TASK, path: file, message: subject }] }, id);
}

/** Whole at once, as the room writes them: an agent may look at any moment. */
function document(file: string, text: string): void {
  const full = path.join(shop, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(`${full}.swap`, text);
  renameSync(`${full}.swap`, full);
}

function start(script: string, id = BACKEND): void {
  set = createPaneSet({
    instances: [BACKEND, FRONTEND].map((one) => ({
      id: one,
      role: 'x',
      agent: 'command',
      command: [process.execPath, agentFile, path.isAbsolute(script) ? script : path.join(scripts, `${script}.json`)],
      cwd: '.',
      env: { COORDTUI_REHEARSAL_PACE: '0' },
      files: [],
      restart: 'never',
    })),
    root: shop,
    env: () => ({ COORDTUI_WORKSPACE: shop, COORDTUI_STATUS_FILE: statusFile, COORDTUI_BIN: roomFile }),
    scrollbackLines: 2000,
    sessionsFile: path.join(shop, 'status', 'sessions.json'),
    end: { graceMs: 500, patienceMs: 20_000 },
    onTrouble: fail,
  });
  set.onExit((instance, _pid, exit) => exits.push([instance, exit]));
  begin(id);
}

function begin(id = BACKEND): void {
  const answer = set.start(id);
  if ('failed' in answer) throw new Error(answer.failed);
}

const shows = (text: string, id = BACKEND) =>
  until(`"${text}" on the screen, which shows:\n${screen(id)}`, () => {
    if (exits.length > 0 && !screen(id).includes(text)) throw new Error(`it ended:\n${screen(id)}`);
    return screen(id).includes(text);
  });

test.each(readdirSync(scripts).filter((name) => name.endsWith('.json')))('%s is a script', (name) => {
  set = createPaneSet({
    instances: [],
    root: shop,
    env: () => ({}),
    scrollbackLines: 1,
    sessionsFile: path.join(shop, 'status', 's.json'),
    onTrouble: fail,
  });
  expect(parseScript(readFileSync(path.join(scripts, name), 'utf8'), name).steps.length).toBeGreaterThan(5);
});

describe('scripted agents in real ptys', () => {
  test('first handoff: waits, works, commits, says that it is ready, and rests', async () => {
    start('backend.first-handoff');
    await shows('waiting for an assignment');
    expect(set.get(BACKEND)?.title()).toBe('planning-backend');
    expect(set.get(BACKEND)?.programStatus()).toMatchObject([{ state: 'idle', app: 'rehearsal' }]);
    change({ status: 'ACTIVE', currentAssignment: TASK });
    await shows('waiting for the sign-off');
    expect(own().currentTask).toBe('orders: table, routes and calls');
    expect(verbs().map(([verb, second, third]) => (verb === 'ack' ? [verb, second, third] : [verb]))).toEqual([
      ['ack', TASK, 'RECEIVED'],
      ['ready'],
    ]);
    expect(log()).toEqual(['t: The shop', `${BACKEND}: Orders: table, routes and calls`]);
    expect(clean()).toBe(true);
    tell('sign_off');
    await shows('waiting for you');
    expect(own().coordinationNotes).toBe('orders are handed over');
    await set.stop(BACKEND);
    expect(exits).toEqual([[BACKEND, { exitCode: null, signal: 'SIGHUP' }]]);
  });

  test('the front end goes on from there', async () => {
    cpSync(path.join(scripts, 'pieces', 'orders-backend'), shop, { recursive: true });
    start('frontend', FRONTEND);
    await shows('waiting for an assignment', FRONTEND);
    change({ status: 'ACTIVE', currentAssignment: TASK }, FRONTEND);
    await shows('waiting for the sign-off', FRONTEND);
    expect(log().at(-1)).toBe(`${FRONTEND}: Order form and list of orders`);
    expect(execFileSync('git', ['show', '--name-only', '--format='], { cwd: shop, encoding: 'utf8' })).not.toContain('backend');
  });

  test('remediation: reads why it was denied, acknowledges, and fixes what the document names', async () => {
    start('backend.remediation');
    change({ status: 'ACTIVE', currentAssignment: TASK });
    await shows('waiting for the verdict');
    expect(readFileSync(path.join(shop, 'backend/routes/index.js'), 'utf8')).not.toContain('orderRoutes');
    tell('remediation', 'docs_dev/handoffs/failure.md');
    change({ status: 'FAILED' });
    await shows('waiting for the failure document');
    document('docs_dev/handoffs/failure.md', '# denied\n- contracts: a CRITICAL violation, client/shop-api.js:16\n');
    await shows('waiting for the sign-off');
    expect(readFileSync(path.join(shop, 'backend/routes/index.js'), 'utf8')).toContain('orderRoutes');
    expect(verbs().map(([verb]) => verb)).toEqual(['ack', 'ready', 'ack', 'status', 'ready']);
    expect(log()).toHaveLength(3);
  });

  test('a denial that does not name the fault is nothing to go by', async () => {
    start('backend.remediation');
    change({ status: 'ACTIVE', currentAssignment: TASK });
    await shows('waiting for the verdict');
    document('docs_dev/failure.md', 'something failed');
    tell('remediation', 'docs_dev/failure.md');
    change({ status: 'FAILED' });
    await until('the exit', () => exits.length === 1);
    expect(exits[0]?.[1]).toEqual({ exitCode: 1, signal: null });
    expect(screen()).toContain('does not name "client/shop-api.js"');
  });

  test('escalation: touches the judge; denied by the operator it takes that back', async () => {
    start('backend.escalation');
    change({ status: 'ACTIVE', currentAssignment: TASK });
    await shows("waiting for the operator's decision");
    const changed = execFileSync('git', ['diff', '--name-only', 'HEAD~1'], { cwd: shop, encoding: 'utf8' });
    expect(changed).toContain('scripts/check-schema.mjs');
    expect(changed).toContain('ops/nightly-report.sh');
    document('docs_dev/failure.md', '# h-3f2a was denied\n');
    tell('remediation', 'docs_dev/failure.md');
    change({ status: 'FAILED' });
    await shows('waiting for the sign-off');
    const after = execFileSync('git', ['diff', '--name-only', 'HEAD~2'], { cwd: shop, encoding: 'utf8' });
    expect(after).not.toMatch(/check-schema|nightly/);
    expect(clean()).toBe(true);
  });

  test('crash: killed in the middle of its work, it goes on from what is there', async () => {
    start('backend.crash');
    change({ status: 'ACTIVE', currentAssignment: TASK });
    await until('the crash', () => exits.length === 1);
    expect(exits[0]?.[1]).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(existsSync(path.join(shop, 'backend/migrations/002-orders.sql'))).toBe(true);
    expect(existsSync(path.join(shop, 'backend/routes/orders.js'))).toBe(false);
    exits = [];
    begin();
    await shows('waiting for the sign-off');
    expect(screen()).toContain('is there already: backend/migrations/002-orders.sql');
    expect(log()).toEqual(['t: The shop', `${BACKEND}: Orders: table, routes and calls`]);
  });

  test('started again at any later point it does nothing twice', async () => {
    start('backend.first-handoff');
    change({ status: 'ACTIVE', currentAssignment: TASK });
    await shows('waiting for the sign-off');
    await set.stop(BACKEND);
    exits = [];
    const before = verbs().length;
    begin();
    await until('the second wait', () => screen().split('waiting for the sign-off').length > 2);
    expect(verbs()).toHaveLength(before);
    await set.stop(BACKEND);
    exits = [];
    tell('sign_off');
    change({ status: 'STANDBY', currentAssignment: null });
    begin();
    await shows('waiting for you');
    expect(log()).toHaveLength(2);
  });

  test('a wait that is too long, an unknown step and a wrong field end with a sentence', async () => {
    const script = path.join(tools, 'short.json');
    writeFileSync(script, JSON.stringify([{ do: 'wait', for: { assigned: true }, text: 'an assignment', seconds: 0.2 }]));
    start(script);
    await until('the exit', () => exits.length === 1);
    expect(screen()).toContain('gave up after 0.2 s of waiting for an assignment');
    expect(exits[0]?.[1]).toEqual({ exitCode: 1, signal: null });
    expect(() => parseScript('[{"do":"dance"}]', 'x')).toThrow('x, step 1: unknown step');
    expect(() => parseScript('[{"do":"say","txt":"x"}]', 'x')).toThrow('"say" has no field "txt"');
    expect(() => parseScript('[{"do":"group","steps":[{"do":"say"}]}]', 'x')).toThrow('step 1, inside: "text" is no text');
  });
});
