/** A changed `coordtui.yaml` in a room that runs (PROTOCOL section 5, row 10; INTERFACE, Files in a workspace). */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { atTerminal, BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

const DOCS = 'instance-4-docs';
const CHECKS = 'verification:\n  checks:\n    - { id: unit, phase: pre, command: "true" }\n';

let place: Place;
let room: Room;
let first: string;

type Waiting = { id: string | null; changes: { text: string; consent: boolean }[] };

async function shown(): Promise<Waiting> {
  const { exit, out } = await coordtui(place.root, ['config', 'show', '--json']);
  expect(exit).toBe(0);
  return JSON.parse(out) as Waiting;
}

function says(text: string): void {
  writeFileSync(join(place.root, 'coordtui.yaml'), text);
}

/** The change that waits once the file says something new. */
async function waiting(what: RegExp): Promise<string> {
  return until(`a change that waits: ${what}`, async () => {
    const { id, changes } = await shown();
    return id !== null && changes.some(({ text }) => what.test(text)) ? id : false;
  });
}

async function instances(): Promise<{ id: string; session: string; pid: number | null }[]> {
  return JSON.parse((await coordtui(place.root, ['status', '--json'])).out) as { id: string; session: string; pid: number | null }[];
}

beforeAll(async () => {
  place = openPlace('config', CHECKS);
  mkdirSync(join(place.aside, DOCS));
  first = readFileSync(join(place.root, 'coordtui.yaml'), 'utf8');
  room = await startRoom(place.root);
  await until('both sessions to run', async () => (await instances()).filter(({ session }) => session === 'running').length === 2);
});

afterAll(async () => {
  await room?.stop();
  place?.remove();
});

describe('coordtui.yaml changes while the room runs', () => {
  const mark = () => join(place.aside, 'checked');
  const withMore = () => {
    const entry = `  - { id: ${DOCS}, role: docs, command: [sh, ${JSON.stringify(join(place.aside, 'agent.sh'))}, ${JSON.stringify(join(place.aside, DOCS))}], restart: never }\n`;
    return first
      .replace('  - { id: instance-3-coordinator', `${entry}  - { id: instance-3-coordinator`)
      .concat(`    - { id: lint, phase: integration, command: ${JSON.stringify(`touch ${mark()}`)} }\n`);
  };

  it('PROTOCOL §5 row 10: waits with its difference; no session accepts it, and no process without a terminal', async () => {
    says(withMore());
    const id = await waiting(/^instances: \+ instance-4-docs \(command \["sh"/);
    expect((await shown()).changes.map(({ text }) => text.slice(0, 30))).toContainEqual(expect.stringContaining('checks: + lint (command'));
    expect((await instances()).map((one) => one.id)).not.toContain(DOCS);
    expect((await coordtui(place.root, ['status'])).out).toContain('needs you: coordtui.yaml has changed');
    for (const word of ['accept', 'refuse']) {
      expect((await coordtui(place.root, ['config', word, id])).exit).toBe(77);
      expect((await place.inSession(BACKEND, `coordtui config ${word} ${id}`)).exit).toBe(77);
    }
    expect((await shown()).id).toBe(id);
  });

  it('PROTOCOL §2: the operator accepts what he has seen, by its id; then the new instance runs, and the check is in the next round', async () => {
    const { id } = await shown();
    expect((await atTerminal(place.root, ['config', 'accept', 'c-000000'])).exit).toBe(4);
    const accepted = await atTerminal(place.root, ['config', 'accept', id ?? '']);
    expect(accepted.out).toContain('it acts');
    expect(accepted.exit).toBe(0);
    await until('the new session to run', async () => (await instances()).some((one) => one.id === DOCS && one.session === 'running'));
    const who = await place.inSession(
      DOCS,
      'echo "$COORDTUI_INSTANCE"; coordtui status set instances.$COORDTUI_INSTANCE.currentTask words',
    );
    expect(who.out).toContain(DOCS);
    await until('the new part of the status document', async () => {
      const { out } = await coordtui(place.root, ['status', 'get', `instances.${DOCS}.currentTask`]);
      return out.includes('words');
    });
    expect((await coordtui(place.root, ['assign', DOCS, '--task', 'words'])).exit).toBe(0);
    appendFileSync(join(place.root, 'notes.md'), 'words\n');
    expect((await place.inSession(DOCS, 'coordtui ready --summary done')).exit).toBe(0);
    await until('the new check to run in a round', () => existsSync(mark()));
  });

  it('an instance with an open handoff is not removed; then it is, and its session ends', async () => {
    says(first);
    const id = await waiting(/^instances: − instance-4-docs \(its session ends\)$/);
    const refused = await atTerminal(place.root, ['config', 'accept', id]);
    expect(refused.exit).toBe(4);
    expect(refused.out).toMatch(/would be removed, and has the open\s+handoff\s+h-/);
    const open = JSON.parse((await coordtui(place.root, ['handoffs', '--json'])).out) as { id: string; from: string }[];
    for (const handoff of open) await coordtui(place.root, ['handoffs', 'withdraw', handoff.id]);
    const pid = (await instances()).find((one) => one.id === DOCS)?.pid ?? 0;
    expect((await atTerminal(place.root, ['config', 'accept', id])).exit).toBe(0);
    await until('its session to end', () => !existsSync(`/proc/${pid}`));
    await until('it to be gone from the list', async () => !(await instances()).some((one) => one.id === DOCS));
    expect((await instances()).map((one) => one.id).toSorted()).toEqual([BACKEND, FRONTEND, 'instance-3-coordinator'].toSorted());
    expect((await coordtui(place.root, ['status', 'get', `instances.${DOCS}`])).exit).toBe(3);
  });

  it('refused: the same content is not asked again, also not by the next room; faults are told with line and column', async () => {
    says(withMore());
    const id = await waiting(/instance-4-docs/);
    expect((await atTerminal(place.root, ['config', 'refuse', id])).exit).toBe(0);
    await room.stop();
    room = await startRoom(place.root);
    expect((await instances()).map((one) => one.id)).not.toContain(DOCS);
    expect((await coordtui(place.root, ['status'])).out).not.toContain('coordtui.yaml');
    says(`${first}\nnonsense: [`);
    await until('the fault to be told', () => /coordtui\.yaml was changed and has .* coordtui\.yaml:\d+:\d+/.test(room.output()));
    const { out } = await coordtui(place.root, ['config', 'show']);
    expect(out).toMatch(/^coordtui\.yaml has faults, so what acted before acts on:\n {2}coordtui\.yaml:\d+:\d+/);
  });
});
