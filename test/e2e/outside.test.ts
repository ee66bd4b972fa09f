/** The status file in others' hands: edited as the protocol documents it, lied in, broken in every way; the room goes on. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { getAt, type Json } from '../../src/core/tree.ts';
import { BACKEND, type Drill, FRONTEND, openDrill, type Ran, until } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const hasJq = spawnSync('jq', ['--version']).status === 0;
const FILE = 'status/multi-instance-status.json';

/** P1's documented line; where jq is not installed the same two steps: into a second file, and that moved over the first. */
function edit(drill: Drill, path: readonly string[], value: Json): Promise<Ran> {
  const target = `.${path.map((key) => `[${JSON.stringify(key)}]`).join('')}`;
  if (hasJq) return drill.shell(`jq '${target} = ${JSON.stringify(value)}' ${FILE} > tmp.json && mv tmp.json ${FILE}`);
  const program = `const fs = require('node:fs'); const document = JSON.parse(fs.readFileSync('${FILE}')); document${target.slice(1)} = ${JSON.stringify(value)};
    fs.writeFileSync('tmp.json', JSON.stringify(document)); fs.renameSync('tmp.json', '${FILE}');`;
  return drill.shell(`node -e '${program}'`);
}

async function edited(drill: Drill, path: readonly string[], value: Json): Promise<void> {
  const { code, stderr } = await edit(drill, path, value);
  if (code !== 0) throw new Error(stderr);
}

/** What the file says there, once it is a file of the room's again; undefined while it is not. */
function shown(drill: Drill, path: readonly string[]): Json | undefined {
  try {
    const file = drill.file();
    return typeof file.storeId === 'string' ? getAt(file, path) : undefined;
  } catch {
    // Gone, or somebody else's for the moment.
    return undefined;
  }
}

const shows = (drill: Drill, path: readonly string[], value: Json) =>
  until(`${path.join('.')} to be ${JSON.stringify(value)}`, () => JSON.stringify(shown(drill, path)) === JSON.stringify(value)).catch(
    (error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(shown(drill, path))}\n${drill.room().output()}`);
    },
  );

let drill: Drill;
beforeAll(async () => {
  drill = await openDrill('outside');
  await drill.open();
  await drill.agents();
});
afterAll(() => drill.close());

describe('P1: what an instance reports through the file', () => {
  it('is taken: its task, with nothing else changed', async () => {
    const before = drill.file();
    const [path, task] = [['instances', BACKEND, 'currentTask'], 'Schema & "migrations"'] as const;
    await edited(drill, path, task);
    const { revision: _new, ...after } = await until('it in a new revision', () => {
      const now = drill.file();
      return Number(now.revision) > Number(before.revision) && getAt(now, path) === task ? now : null;
    });
    const { revision: _old, ...expected } = before;
    expect({ ...after, instances: null }).toEqual({ ...expected, instances: null });
    expect((await drill.coordtui('status', 'get', `instances.${BACKEND}.currentTask`)).stdout).toBe('Schema & "migrations"\n');
  });

  it.each([
    ['status', 'HANDOFF_READY'],
    ['readyForHandoff', true],
    ['status', 'COMPLETED'],
  ])('%s = %s says that the work is ready, and the checks decide', async (field, value) => {
    const id = await drill.assign(BACKEND);
    await edited(drill, ['instances', BACKEND, field], value);
    const done = await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
    expect(done.history.map(({ move, by }) => `${move} ${by}`)).toContain(`ready ${BACKEND}`);
    expect(done.rounds).toMatchObject([{ verdict: { kind: 'approve' } }]);
    await shows(drill, ['instances', BACKEND, 'status'], 'STANDBY');
    await shows(drill, ['instances', BACKEND, 'readyForHandoff'], false);
  });

  it('an [ACK] line acknowledges what was passed on', async () => {
    // biome-ignore lint/suspicious/noThenProperty: the name of the flag
    const first = await drill.assign(BACKEND, { then: FRONTEND });
    await edited(drill, ['instances', BACKEND, 'status'], 'HANDOFF_READY');
    const { delegation } = await drill.untilHandoff(first, 'is passed on', (handoff) => handoff.delegation !== null);
    const next = String(delegation?.handoff);
    await edited(drill, ['instances', FRONTEND, 'acknowledgments'], [`[ACK] ${next} - RECEIVED\nUnderstanding: a form for orders`]);
    expect(await drill.untilHandoff(first, 'is complete', ({ closedAt }) => closedAt !== null)).toMatchObject({
      delegation: { ack: 'RECEIVED' },
    });
    await edited(drill, ['instances', FRONTEND, 'status'], 'HANDOFF_READY');
    await drill.untilHandoff(next, 'is complete', ({ closedAt }) => closedAt !== null);
  });
});

describe('PROTOCOL §1: through the file an instance only reports', () => {
  it.each([
    ['the phase', () => ['handoffProtocol', 'currentHandoffPhase'], 'APPROVED', 'ACTIVE'],
    ['the whole protocol', () => ['handoffProtocol'], { currentHandoffPhase: 'APPROVED', handoffs: [] }, null],
    ['its own status', () => ['instances', BACKEND, 'status'], 'APPROVED', 'ACTIVE'],
    ['a synonym of it', () => ['instances', BACKEND, 'status'], 'handoff-complete', 'ACTIVE'],
    ['its sign-off', () => ['instances', BACKEND, 'handoffApproved'], true, false],
    ['what it is to do', () => ['instances', BACKEND, 'currentAssignment'], 'h-0000', null],
    ['what it was told', () => ['instances', BACKEND, 'messages'], [], null],
    ['the dial', () => ['autonomousCoordination', 'autoApprovalEnabled'], false, true],
  ] as const)('a claim about %s is never taken, is shown as an alert, and is written over', async (_what, where, lie, truth) => {
    const path = where();
    const [id = ''] = (await drill.handoffs()).filter(({ closedAt }) => closedAt === null).map((handoff) => handoff.id);
    const assigned = id === '' ? await drill.assign(BACKEND) : id;
    await until('the handoff in the file', () => shown(drill, ['instances', BACKEND, 'currentAssignment']) === assigned);
    const [before, stateBefore] = [shown(drill, path), await drill.sealedHandoffs()];
    if (truth !== null) expect(before).toEqual(truth);
    const printed = drill.room().output().length;
    await edited(drill, path, lie as Json);
    await until('an alert on the output of the room', () => {
      const lines = drill.room().output().slice(printed).split('\n');
      return lines.some((line) => line.includes(`an edit of ${path.join('.')}`) && line.includes('was not taken and is written over'));
    });
    await shows(drill, path, before ?? null);
    expect(await drill.handoffs()).toEqual(stateBefore);
  });

  it('nor does a claim answer a question that is open', async () => {
    const [open] = (await drill.handoffs()).filter(({ closedAt }) => closedAt === null);
    const id = open?.id ?? (await drill.assign(BACKEND));
    drill.exitWith(127);
    await drill.did('ready', { instance: BACKEND });
    await drill.untilHandoff(id, 'is asked about', ({ question }) => question !== null);
    const asked = (await drill.sealedHandoffs()).find((handoff) => handoff.id === id);
    await edited(drill, ['instances', BACKEND, 'status'], 'APPROVED');
    await drill.printed(/APPROVED comes about by a verdict or the operator/);
    await shows(drill, ['instances', BACKEND, 'status'], 'VERIFICATION');
    expect((await drill.handoffs()).find((handoff) => handoff.id === id)).toEqual(asked);
    drill.exitWith(0);
    await drill.did('answer', { id, text: 'again' });
    await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
  });
});

describe('a status file that is no status file', () => {
  const quarantine = () => join(drill.workspace, 'status', '.coordtui', 'quarantine');
  const quarantined = () => readdirSync(quarantine()).filter((name) => !name.endsWith('.why'));
  const put = (content: string | Buffer) => writeFileSync(drill.statusFile, content);
  /** The room heals a file that is gone at once, perhaps before the other thing stands in its place: then once more. */
  const instead = (make: (path: string) => void) =>
    until('something else in the place of the file', () => {
      rmSync(drill.statusFile, { recursive: true, force: true });
      try {
        make(drill.statusFile);
        return true;
      } catch (error) {
        if (['EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        throw error;
      }
    });
  const pipe = () => {
    const aside = join(drill.base, 'pipe');
    spawnSync('mkfifo', [aside]);
    renameSync(aside, drill.statusFile);
  };

  const BREAKAGES: readonly (readonly [string, () => unknown, 'kept' | 'nothing to keep'])[] = [
    ['emptied', () => truncateSync(drill.statusFile, 0), 'kept'],
    ['deleted', () => rmSync(drill.statusFile), 'nothing to keep'],
    ['garbage', () => put('this was JSON once {'), 'kept'],
    ['binary', () => put(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3])), 'kept'],
    ['a list', () => put('[1, 2, 3]'), 'kept'],
    ['cut off', () => put(readFileSync(drill.statusFile).subarray(0, 700)), 'kept'],
    ['an empty object', () => put('{}'), 'nothing to keep'],
    [
      'an object that would poison others',
      () => put('{"__proto__":{"status":"APPROVED"},"constructor":{"prototype":{"x":1}}}'),
      'nothing to keep',
    ],
    ['a directory', () => instead((path) => mkdirSync(join(path, 'with', 'depth'), { recursive: true })), 'kept'],
    ['a link to a file of the system', () => instead((path) => symlinkSync('/etc/passwd', path)), 'kept'],
    ['a link to itself', () => instead((path) => symlinkSync(path, path)), 'kept'],
    ['a pipe', pipe, 'kept'],
    ['20 MB of letters', () => put(Buffer.alloc(20 * 1024 * 1024, 'a')), 'kept'],
    ['40 MB of blanks', () => put(Buffer.alloc(40 * 1024 * 1024, ' ')), 'kept'],
    ['nested 100,000 deep', () => put(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'kept'],
    ['objects nested 5,000 deep', () => put(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`), 'kept'],
  ];

  it.each(BREAKAGES)('%s: it is healed, and the next report is taken', async (what, break_, keeping) => {
    await shows(drill, ['instances', BACKEND, 'status'], 'STANDBY');
    const [known, before] = [new Set(quarantined()), drill.file()];
    await break_();
    await until('the file to be whole again', () => shown(drill, ['instances', BACKEND, 'status']) === 'STANDBY');
    expect(statSync(drill.statusFile).isFile()).toBe(true);
    expect(shown(drill, ['instances'])).toEqual(before.instances);
    if (keeping === 'kept') {
      const name = await until('it to be kept in the quarantine', () => quarantined().find((one) => !known.has(one)));
      await until('the reason beside it', () => existsSync(join(quarantine(), `${name}.why`)));
    }
    const task = `after ${what}`;
    expect(await drill.coordtui('status', 'set', `instances.${BACKEND}.currentTask`, task)).toMatchObject({ code: 0 });
    await shows(drill, ['instances', BACKEND, 'currentTask'], task);
    await edited(drill, ['instances', FRONTEND, 'currentTask'], task);
    // Asked of the room: in the file it stands before the room has seen it, and the next breakage would take it away unseen.
    await until('the room to have taken it', async () => {
      const instances = (await drill.did('status')) as { id: string; task: string }[];
      return instances.some((instance) => instance.id === FRONTEND && instance.task === task);
    });
    expect(({} as { status?: unknown }).status).toBeUndefined();
  });

  it('the room tells each of them', () => {
    const told =
      drill
        .room()
        .output()
        .match(/could not be read and is replaced/g) ?? [];
    expect(told.length).toBeGreaterThanOrEqual(BREAKAGES.filter(([, , keeping]) => keeping === 'kept').length - 1);
  });
});

describe('many writers at once', () => {
  it('8 × 20 status set and edits of the file meanwhile: every one of them is there in the end', async () => {
    const writer = async (name: string) => {
      const codes: (number | null)[] = [];
      for (let count = 0; count < 20; count++)
        codes.push((await drill.coordtui('status', 'set', `sharedState.${name}.n${count}`, String(count))).code);
      return codes;
    };
    let writing = true;
    const editor = async () => {
      let count = 0;
      for (; writing; count++) await edited(drill, ['integrationNotes', `edit${count}`], count).catch(() => retry(count));
      return count;
    };
    // The file is being exchanged at every instant; a reader that met a gap reads again, as a shell script would.
    const retry = (count: number) => edited(drill, ['integrationNotes', `edit${count}`], count);
    await edited(drill, ['integrationNotes'], {});
    await shows(drill, ['integrationNotes'], {});
    const edits = editor();
    const names = Array.from({ length: 8 }, (_, index) => `writer${index}`);
    const codes = await Promise.all(names.map(writer));
    writing = false;
    const count = await edits;
    expect(new Set(codes.flat())).toEqual(new Set([0]));
    const marks = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}`, index]));
    for (const name of names) await until(`all of ${name}`, () => same(shown(drill, ['sharedState', name]), marks));
    const notes = Object.fromEntries(Array.from({ length: count }, (_, index) => [`edit${index}`, index]));
    expect(count).toBeGreaterThan(0);
    await until(`all ${count} edits of the file`, () => same(shown(drill, ['integrationNotes']), notes));
  });
});

describe('while no room runs', () => {
  it('reports and claims wait for the next one, which takes the ones and not the others', async () => {
    const id = await drill.assign(BACKEND);
    await shows(drill, ['instances', BACKEND, 'currentAssignment'], id);
    expect(await drill.room().stop()).toBe(0);
    await edited(drill, ['instances', FRONTEND, 'currentTask'], 'while you were away');
    await edited(drill, ['handoffProtocol', 'currentHandoffPhase'], 'APPROVED');
    await edited(drill, ['instances', BACKEND, 'status'], 'HANDOFF_READY');
    expect(await drill.coordtui('status', 'set', 'sharedState.away', '{"by":"nobody"}')).toMatchObject({ code: 0 });
    expect(await drill.coordtui('status', 'set', 'handoffProtocol.currentHandoffPhase', 'APPROVED')).toMatchObject({ code: 4 });
    await drill.open();
    await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
    await shows(drill, ['instances', FRONTEND, 'currentTask'], 'while you were away');
    await shows(drill, ['sharedState', 'away'], { by: 'nobody' });
    await shows(drill, ['handoffProtocol', 'currentHandoffPhase'], 'NONE');
    await drill.printed(/an edit of handoffProtocol.currentHandoffPhase from outside was not taken/);
  });

  it('a file that was broken meanwhile is healed at the start', async () => {
    expect(await drill.room().stop()).toBe(0);
    const before = drill.file();
    writeFileSync(join(drill.base, 'other'), 'no status');
    renameSync(join(drill.base, 'other'), drill.statusFile);
    await drill.open();
    await shows(drill, ['instances', FRONTEND, 'currentTask'], getAt(before, ['instances', FRONTEND, 'currentTask']) ?? null);
  });
});

function same(a: Json | undefined, b: Json): boolean {
  return JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b));
}

function sorted(value: Json): Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}
