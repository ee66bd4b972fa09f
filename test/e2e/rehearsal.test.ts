/** The rehearsals as a person starts them, without a terminal: what is told, in order, and that nothing is left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { tryLock } from '../../src/native/lock.ts';
import { socketAddress } from '../../src/workspace/paths.ts';
import { BIN, scratch } from '../support/rooms.ts';
import { carriersOf, until } from './drill.ts';
import { openScreen } from './screen.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Marks everything that one rehearsal starts, however far it gets away. */
const MARK = 'REHEARSAL_UNDER_TEST';
let marks = 0;

/** Where their workspaces and sockets lie: nobody else rehearses there. */
const below = scratch('stage');
afterAll(() => rmSync(below, { recursive: true, force: true }));

type Rehearsal = {
  readonly child: ChildProcess;
  output(): string;
  saw(pattern: RegExp): Promise<true>;
  /** Its exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  workspace(): string;
  /** Processes of it that live. */
  left(): string[];
};

type Finished = (close: () => Promise<void>) => void;

function rehearse(finished: Finished, ...args: string[]): Rehearsal {
  const mark = `${process.pid}-${++marks}`;
  const child = spawn(process.execPath, [BIN, 'rehearse', ...args], {
    cwd: below,
    env: { ...process.env, TMPDIR: below, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((done) => child.once('close', (code, signal) => done(signal ?? code)));
  const workspace = () => /^workspace (.+)$/m.exec(printed)?.[1] ?? '';
  finished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
    if (workspace() !== '') rmSync(workspace(), { recursive: true, force: true });
  });
  return {
    child,
    output: () => printed,
    saw: (pattern) =>
      until(`a line like ${pattern}`, () => {
        if (child.exitCode !== null) throw new Error(`it ended before a line like ${pattern}:\n${printed}`);
        return pattern.test(printed);
      }),
    ended,
    workspace,
    left: () => carriersOf(MARK, mark),
  };
}

/**
 * Each of them, each behind the one before; times, ids and pids are nobody's business. What the room tells and what the
 * operator does come by two ways, so that only each by itself has an order.
 */
function expectInOrder(output: string, story: Story): void {
  const isRooms = (line: string) => /^\d\d:\d\d:\d\d /.test(line);
  const lines = output.split('\n');
  follows(lines.filter(isRooms), story.room);
  follows(
    lines.filter((line) => !isRooms(line)),
    story.operator,
  );
}

function follows(lines: readonly string[], patterns: readonly RegExp[]): void {
  let at = 0;
  for (const pattern of patterns) {
    const found = lines.findIndex((line, index) => index >= at && pattern.test(line));
    if (found < 0) throw new Error(`no line like ${pattern} behind those before it in\n${lines.join('\n')}`);
    at = found + 1;
  }
}

function expectNothingLeft(rehearsal: Rehearsal): void {
  const address = socketAddress(rehearsal.workspace(), below);
  if (!address.ok) throw new Error(address.message);
  expect(rehearsal.left()).toEqual([]);
  expect(existsSync(address.path)).toBe(false);
}

const BACKEND = 'instance-1-planning-backend';
const STARTED = [/room of .+ is open at/];
const ACTIVE = new RegExp(`ACTIVE .*${BACKEND}`);
const PASSED = [/check contracts: passed/, /check unit: passed/, /verdict .*APPROVE/, /APPROVED/];
const PASSED_ON = [
  /ACTIVE .*instance-2-frontend/,
  /instance-2-frontend acknowledges .*RECEIVED/,
  /HANDOFF_READY .*instance-2-frontend/,
  ...PASSED,
];
const ENDED = [/HANDOFF_COMPLETE/, /STANDBY/, /the room ends/];
const DENIED = [
  /HANDOFF_READY/,
  /VERIFICATION/,
  /check contracts: failed/,
  /verdict .*DENY/,
  /missing-handler/,
  /FAILED .*denied/,
  /REMEDIATION/,
  /HANDOFF_READY .*fixed/,
  /VERIFICATION .*epoch 2/,
];
const ASKED = [/verdict .*ESCALATE/, /needs the operator/, /approve: /, /deny: /, /recommended: /, /APPROVED .*scripted answer/];
const ASSIGN = [/^=== rehearsal/, /^workspace /, /coordtui assign/, /is assigned to/];
const ANSWER = [/coordtui explain/, /waits for the operator/, /coordtui diff/, /coordtui approve .*--epoch/, /is approved by/];
const COMPLETE = [/^rehearsal .+: complete in \d+ s$/];

type Story = { readonly name: string; readonly room: readonly RegExp[]; readonly operator: readonly RegExp[] };

const STORIES: readonly Story[] = [
  {
    name: 'first-handoff',
    room: [...STARTED, ACTIVE, /HANDOFF_READY/, /check schema: passed/, ...PASSED, ...PASSED_ON, ...ENDED],
    operator: [...ASSIGN, ...COMPLETE],
  },
  { name: 'remediation', room: [...STARTED, ACTIVE, ...DENIED, ...PASSED, ...PASSED_ON, ...ENDED], operator: [...ASSIGN, ...COMPLETE] },
  { name: 'escalation', room: [...STARTED, ACTIVE, /HANDOFF_READY/, ...ASKED, ...ENDED], operator: [...ASSIGN, ...ANSWER, ...COMPLETE] },
  {
    name: 'crash',
    room: [
      ...STARTED,
      ACTIVE,
      /session ended \(signal SIGKILL\); it is started again/,
      new RegExp(`${BACKEND}: session started`),
      /HANDOFF_READY/,
      /VERIFICATION/,
      ...STARTED,
      // In the second epoch, or in a later one when the first run was over before it could be interrupted.
      /VERIFICATION .*\(epoch \d+\): the room was restarted during the run/,
      ...PASSED,
      ...ENDED,
    ],
    operator: [...ASSIGN, /# kill -9 \d+: the room dies/, ...COMPLETE],
  },
  {
    name: 'stale',
    room: [
      ...STARTED,
      ACTIVE,
      /is silent for/,
      /is stale with/,
      /is nudged$/,
      /is nudged again, urgently/,
      /is started anew/,
      /is back, /,
      /HANDOFF_READY/,
      ...PASSED,
      ...ENDED,
    ],
    operator: [...ASSIGN, ...COMPLETE],
  },
  {
    name: 'emergency',
    room: [
      ...STARTED,
      ACTIVE,
      /EMERGENCY STOP .*interrupted: instance-1-planning-backend$/,
      /session ended/,
      /the emergency stop is over/,
      new RegExp(`${BACKEND}: session started`),
      ...PASSED,
      ...ENDED,
    ],
    operator: [
      ...ASSIGN,
      /coordtui emergency-stop --except/,
      /to go on: coordtui autopilot resume/,
      /coordtui autopilot resume/,
      ...COMPLETE,
    ],
  },
  {
    name: 'debugging',
    room: [
      ...STARTED,
      /d-[0-9a-f]+ open /,
      /d-[0-9a-f]+ investigating /,
      /found: /,
      /found: /,
      ACTIVE,
      /HANDOFF_READY/,
      ...PASSED,
      /d-[0-9a-f]+ verifying /,
      /is solved: every check passed/,
      /the room ends/,
    ],
    operator: [
      /^=== rehearsal/,
      /coordtui debug open/,
      /coordtui debug assign .*database/,
      /coordtui debug assign .*component/,
      /coordtui debug show/,
      /Findings/,
      /coordtui debug plan/,
      ...COMPLETE,
    ],
  },
  {
    name: 'five-handoffs',
    room: [...STARTED, ...Array.from({ length: 5 }, () => /VERIFICATION .*verification begins/), /verdict .*APPROVE/, /the room ends/],
    operator: [/^=== rehearsal/, ...Array.from({ length: 5 }, () => /coordtui assign/), ...COMPLETE],
  },
  {
    name: 'tour',
    room: [...STARTED, ACTIVE, /signal SIGKILL/, ...DENIED, ...ASKED, ...PASSED_ON, ...ENDED],
    operator: [...ASSIGN, ...ANSWER, ...COMPLETE],
  },
];

describe.concurrent('a rehearsal', () => {
  it.for(STORIES)('$name is told in lines that follow from each other, exits 0, and leaves nothing', async (story, { onTestFinished }) => {
    const rehearsal = rehearse(onTestFinished, story.name);
    const code = await rehearsal.ended;
    expect([code, rehearsal.output().split('\n').at(-2)]).toEqual([0, expect.stringMatching(/^rehearsal .+: complete in \d+ s$/)]);
    expectInOrder(rehearsal.output(), story);
    expectNothingLeft(rehearsal);
    expect(rehearsal.workspace()).not.toBe('');
    expect(existsSync(rehearsal.workspace())).toBe(false);
  });

  it('of an unknown name is no rehearsal', async ({ onTestFinished }) => {
    const rehearsal = rehearse(onTestFinished, 'nonsense');
    expect(await rehearsal.ended).toBe(3);
    expect(rehearsal.output()).toMatch(/there is no scenario nonsense; scenarios: .*first-handoff.*crash/);
  });

  it.for([
    ['while its room starts', 'first-handoff', /^workspace /m],
    ['while an agent works', 'first-handoff', /ACTIVE/],
    ['in the middle of a verification', 'remediation', /VERIFICATION/],
    ['while its room is dead', 'crash', /# kill -9 \d+: the room dies/],
  ] as const)('SIGTERM %s: room and agents end, and the workspace goes', async ([, name, line], { onTestFinished }) => {
    const rehearsal = rehearse(onTestFinished, name);
    await rehearsal.saw(line);
    rehearsal.child.kill('SIGTERM');
    expect(await rehearsal.ended).toBe('SIGTERM');
    expectNothingLeft(rehearsal);
    expect(existsSync(rehearsal.workspace())).toBe(false);
    expect(rehearsal.output()).toMatch(/interrupted; the room has ended/);
  });

  it('kill -9: its room ends by itself and takes everything with it', async ({ onTestFinished }) => {
    const rehearsal = rehearse(onTestFinished, 'remediation');
    await rehearsal.saw(/VERIFICATION/);
    expect(rehearsal.left().length).toBeGreaterThan(3);
    rehearsal.child.kill('SIGKILL');
    await until('everything of it to end', () => rehearsal.left().length === 0);
    expectNothingLeft(rehearsal);
    // The workspace stays, as after any failure; nobody holds it.
    const lock = tryLock(join(rehearsal.workspace(), 'status', '.coordtui', 'lock'));
    if (!('fd' in lock)) throw new Error('the lock is still held');
    lock.release();
  });
});

describe('after all of them', () => {
  it('no workspace of a rehearsal lies about', () => {
    expect(
      readdirSync(below).filter((name) =>
        /^coordtui-(tour|first-handoff|remediation|escalation|crash|stale|emergency|debugging|five-handoffs)-/.test(name),
      ),
    ).toEqual([]);
  });
});

it('with a person at the screen: left and come back by one key each, and ended by another, with nothing left over', async () => {
  const screen = openScreen(below, { args: ['rehearse', 'tour'], env: { TMPDIR: below } });
  try {
    await screen.sees(/^ CONTROL/m);
    const place = /coordtui-tour-\w+/.exec(screen.text())?.[0] ?? '';
    expect(place).not.toBe('');
    screen.press('q');
    await screen.sees('q: end the rehearsal');
    screen.press('x', '\r');
    await screen.sees(/^ CONTROL/m);
    expect(screen.text()).toContain(place);
    screen.press('q');
    await screen.sees('q: end the rehearsal');
    screen.press('q');
    expect(await screen.exit()).toBe(0);
    expect(existsSync(join(below, place))).toBe(false);
    expect(screen.modesLeft()).toEqual([]);
  } finally {
    await screen.close();
  }
});
