/** Who may do what, tried for real: from inside sessions by every trick, and from outside (PROTOCOL section 1). */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERBS, type Verb } from '../../src/core/command.ts';
import { PROTOCOL } from '../../src/wire/protocol.ts';
import { PROJECT_ROOT, type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { atTerminal, BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

const RESERVED: readonly Verb[] = VERBS.filter(({ authority }) => authority === 'operator' || authority === 'decision');
/** Elsewhere an orphan leaves the room's ancestry, and PROTOCOL §1 admits that rights are weaker. */
const ADOPTS = process.platform === 'linux';
const NODE = JSON.stringify(process.execPath);
const PROBER = JSON.stringify(join(PROJECT_ROOT, 'test/e2e/prober.mjs'));
const DAEMON = JSON.stringify(join(PROJECT_ROOT, 'test/e2e/daemon.mjs'));
const COORDTUI = `${NODE} ${JSON.stringify(join(PROJECT_ROOT, 'bin/coordtui.js'))}`;

/** A line that asks for the verb with all that it needs; nothing of it exists, where there is a choice. */
function wellFormed(verb: Verb): string[] {
  const values: Readonly<Record<string, string>> = { instance: FRONTEND, id: 'h-ffff', scenario: 'first-handoff' };
  const args = verb.args.filter(({ required }) => required).map((arg) => values[arg.name] ?? arg.choices?.[0] ?? 'approve');
  const flags = verb.flags.filter((flag) => flag.required || flag.name === 'yes' || flag.name === 'foreground');
  return [
    ...verb.name.split(' '),
    ...args,
    ...flags.flatMap(({ name, value }) => (value === undefined ? [`--${name}`] : [`--${name}`, 'x'])),
  ];
}

/** Each reserved verb well formed, bare, and with nonsense behind it. */
function typed(root: string): string[][] {
  return RESERVED.flatMap((verb) => {
    const words = verb.name.split(' ');
    return [
      [...wellFormed(verb), '--workspace', root],
      [...words, '--workspace', root, '--no-such-flag'],
      [...words, '--workspace', root],
      ...(verb.name === 'serve' ? [[...words, '--workspace', root, '--foreground', '--trace', 'nonsense']] : []),
    ];
  });
}

function asked(): { verb: string; args: object }[] {
  const args = [{}, { id: 'h-ffff', instance: FRONTEND, handoff: 'h-ffff' }, { id: 7, instance: {}, handoff: [[]], dial: 'act' }];
  return [...RESERVED.map(({ name }) => name), 'verify cancel'].flatMap((verb) => args.map((one) => ({ verb, args: one })));
}

/** The journal and the status document, byte for byte. */
function kept(root: string): Record<string, string> {
  const journal = join(root, 'status/.coordtui/journal');
  const files = readdirSync(journal).map((name) => join(journal, name));
  return Object.fromEntries([...files, join(root, 'status/multi-instance-status.json')].map((file) => [file, readFileSync(file, 'utf8')]));
}

function has(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    // Not on this system: the trick cannot be tried here, nor by an agent.
    return false;
  }
}

type Handoff = { id: string; phase: string; epoch: number; needsYou: boolean; from: string };

async function handoffs(root: string): Promise<Handoff[]> {
  const { exit, out } = await coordtui(root, ['handoffs', '--all', '--json']);
  expect(exit).toBe(0);
  return JSON.parse(out) as Handoff[];
}

async function onlyHandoff(root: string, condition: (handoff: Handoff) => boolean): Promise<Handoff> {
  return until('the handoff to come so far', async () => {
    const [last] = (await handoffs(root)).slice(-1);
    return last !== undefined && condition(last) ? last : null;
  });
}

const CHECKS = (aside: string) => `verification:
  checks:
    - { id: probe, phase: integration, layer: component, command: 'sh ${aside}/check.sh', critical: false }
`;

describe('PROTOCOL §1: rights are by connection', () => {
  let place: Place;
  let room: Room;
  let cases: string;

  beforeAll(async () => {
    place = openPlace('rights');
    // A check that fails and is not critical: every round ends as a question to the operator.
    writeFileSync(join(place.root, 'coordtui.yaml'), `${readFileSync(join(place.root, 'coordtui.yaml'), 'utf8')}${CHECKS(place.aside)}`);
    writeFileSync(join(place.aside, 'check.sh'), `[ -f ${place.aside}/probe-check.sh ] && . ${place.aside}/probe-check.sh\nexit 1\n`);
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qam', 'checks'], { cwd: place.root });
    room = await startRoom(place.root);
    cases = join(place.aside, 'cases.json');
    writeFileSync(
      cases,
      JSON.stringify({ root: PROJECT_ROOT, socket: room.socket, protocol: PROTOCOL, typed: typed(place.root), asked: asked() }),
    );
    mkdirSync(join(place.aside, 'probed'));
    await until('both sessions to run, and the status file to be there', async () => {
      const { exit, out } = await coordtui(place.root, ['status', '--json']);
      const sessions = exit === 0 ? (JSON.parse(out) as { session: string }[]).filter(({ session }) => session === 'running') : [];
      return sessions.length === 2 && existsSync(join(place.root, 'status/multi-instance-status.json'));
    });
  });
  afterAll(async () => {
    await room?.stop();
    place?.remove();
  });

  /** A line before the prober's, which then begins when the shell of that line stands no longer above it. */
  const away = (out: string) => `echo $$ > ${JSON.stringify(`${out}.from`)}\n`;

  /** What the prober was told, started by this line of shell in a session: `{prober}` is its command. */
  const probe = async (name: string, line: string, seen: readonly string[]): Promise<string[]> => {
    const out = join(place.aside, 'probed', name.replaceAll(/[^a-z0-9]/g, '-'));
    const prober = line.replaceAll('{prober}', `${NODE} ${PROBER} ${JSON.stringify(cases)} ${JSON.stringify(out)}`);
    await place.inSession(BACKEND, `${seen === LOST ? away(out) : ''}${prober}`);
    await until(`the prober to be done: ${name}`, () => existsSync(out));
    return readFileSync(out, 'utf8').trim().split('\n');
  };

  const expectAllRefused = (told: readonly string[], authority: readonly string[]) => {
    expect(authority).toContain(told[0]?.replace('welcome → ', ''));
    expect(told.slice(1).filter((line) => !/ → (77|notPermitted)$/.test(line))).toEqual([]);
    expect(told).toHaveLength(1 + typed('').length + asked().length);
  };

  it('there are verbs to be refused, and the table names them', () => {
    expect(RESERVED.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['approve', 'deny', 'answer', 'stop', 'autopilot', 'assign', 'init', 'serve', 'rehearse']),
    );
  });

  it('each reserved verb, typed by an agent in its session, answers 77 and one sentence, and changes nothing', async () => {
    const before = kept(place.root);
    const script = RESERVED.map((verb) => `${COORDTUI} ${wellFormed(verb).join(' ')}; echo "${verb.name} → $?"`).join('\n');
    const { out, err } = await place.inSession(BACKEND, script);
    expect(out.trim().split('\n')).toEqual(RESERVED.map(({ name }) => `${name} → 77`));
    const sentences = err.trim().split('\n');
    expect(sentences).toHaveLength(RESERVED.length);
    for (const [index, { name }] of RESERVED.entries())
      expect(sentences[index]).toMatch(new RegExp(`^${name}: not permitted for (instance )?${BACKEND}; `));
    expect(kept(place.root)).toEqual(before);
  });

  const SELF = [`instance ${BACKEND}`];
  const LOST = ['nobody'];
  const TRICKS: readonly { name: string; line: string; seen: readonly string[]; needs?: string }[] = [
    { name: 'plainly', line: '{prober}', seen: SELF },
    { name: 'with an empty environment', line: 'env -i PATH="$PATH" {prober}', seen: SELF },
    { name: 'with an environment that says headless', line: 'COORDTUI_OPERATOR=headless {prober}', seen: SELF },
    {
      name: "with another instance's name, and without the room's token",
      line: `env -u COORDTUI_ROOM COORDTUI_INSTANCE=${FRONTEND} {prober}`,
      seen: SELF,
    },
    { name: 'from a subshell of a subshell', line: 'sh -c "(sh -c \'{prober}\'; true); true"', seen: SELF },
    { name: 'in a session of its own', line: 'setsid {prober}', seen: SELF, needs: 'setsid' },
    // Its parent is gone, but its terminal is still the session's.
    { name: 'with its parent gone', line: '({prober} &)', seen: SELF },
    { name: 'as nohup does', line: '(nohup {prober} >/dev/null 2>&1 &)', seen: SELF },
    { name: 'forked, in a session of its own, with its parent gone', line: 'setsid -f {prober}', seen: LOST, needs: 'setsid' },
    { name: 'as a daemon: two forks, no environment, no open file', line: `env -i ${NODE} ${DAEMON} first {prober}`, seen: LOST },
    { name: 'at a terminal of its own', line: "script -qec '{prober}' /dev/null", seen: SELF, needs: 'script' },
    {
      name: 'as a daemon with a terminal of its own',
      line: 'setsid -f env -i PATH="$PATH" script -qec \'{prober}\' /dev/null',
      seen: LOST,
      needs: 'script',
    },
  ];

  describe.each(TRICKS)('a session asks $name', ({ name, line, seen, needs }) => {
    it.skipIf((needs !== undefined && !has(needs)) || (seen === LOST && !ADOPTS))(
      'every reserved verb answers 77, well formed or not, and nothing changes',
      async () => {
        const before = kept(place.root);
        expectAllRefused(await probe(name, line, seen), seen);
        expect(kept(place.root)).toEqual(before);
      },
    );
  });

  it('a check that runs is `check`, and what it leaves behind is nobody: neither may', async () => {
    const out = (name: string) => join(place.aside, 'probed', name);
    const prober = (name: string) => `${NODE} ${PROBER} ${JSON.stringify(cases)} ${JSON.stringify(out(name))}`;
    const daemon = `${away(out('check-daemon'))}env -i ${NODE} ${DAEMON} first ${prober('check-daemon')}`;
    writeFileSync(join(place.aside, 'probe-check.sh'), `${prober('check')}\n${daemon}\n`);
    const { exit, err } = await coordtui(place.root, ['verify', 'probe']);
    expect([exit, err]).toEqual([1, expect.stringContaining('trial')]);
    for (const [name, seen] of [
      ['check', 'check'],
      ['check-daemon', 'nobody'],
    ] as const) {
      await until(`the prober in a check to be done: ${name}`, () => existsSync(out(name)));
      expectAllRefused(readFileSync(out(name), 'utf8').trim().split('\n'), [seen]);
    }
    writeFileSync(join(place.aside, 'probe-check.sh'), '');
  });

  it('an `own` verb speaks for its session, and for no other', async () => {
    const id = 'h-ffff';
    const lines = [
      `ready --instance ${FRONTEND}`,
      `ack ${id} RECEIVED --instance ${FRONTEND}`,
      `status set instances.${FRONTEND}.currentTask stolen --instance ${FRONTEND}`,
      `status set instances.${FRONTEND}.currentTask stolen`,
      `status incr instances.${FRONTEND}.count --instance ${FRONTEND}`,
      `tail ${FRONTEND}`,
    ];
    const before = kept(place.root);
    const script = lines
      .flatMap((line) => [`${COORDTUI} ${line}; echo $?`, `env -i ${COORDTUI} ${line} --workspace ${place.root}; echo $?`])
      .join('\n');
    const { out, err } = await place.inSession(BACKEND, script);
    expect(out.trim().split('\n')).toEqual(lines.flatMap(() => ['77', '77']));
    expect(err.trim().split('\n')).toHaveLength(2 * lines.length);
    expect(kept(place.root)).toEqual(before);
  });

  it.runIf(ADOPTS)('nobody, with no environment left, reports for nobody', async () => {
    const out = join(place.aside, 'probed', 'lost-own');
    const script = join(place.aside, 'lost.sh');
    const lines = [`ready --instance ${BACKEND}`, `ready`, `status set instances.${BACKEND}.currentTask x`, `tail ${BACKEND}`];
    // Whoever has started it may still be about to end.
    const lost = `until grep -q '^PPid:[[:space:]]*${room.pid}$' /proc/$$/status; do sleep 0.02; done`;
    const tries = lines.map((line) => `${COORDTUI} ${line} --workspace ${place.root} 2>/dev/null; echo $? >>${out}.part`);
    writeFileSync(script, `${[lost, ...tries].join('\n')}\nmv ${out}.part ${out}\n`);
    await place.inSession(BACKEND, `env -i ${NODE} ${DAEMON} first /bin/sh ${script}`);
    await until('the daemon to be done', () => existsSync(out));
    expect(readFileSync(out, 'utf8').trim().split('\n')).toEqual(lines.map(() => '77'));
  });

  it('a session may read, report for itself and say that it is ready, also from a grandchild; the operator decides', async () => {
    const assigned = await coordtui(place.root, ['assign', BACKEND, '--task', 'the orders table', '--json']);
    expect([assigned.exit, assigned.err]).toEqual([0, '']);
    const { handoff } = JSON.parse(assigned.out) as { handoff: string };

    const script = [
      `${COORDTUI} ack ${handoff} RECEIVED --understanding "add the table"; echo "ack $?"`,
      `sh -c '(${COORDTUI} status set instances.${BACKEND}.currentTask orders); true'; echo "set $?"`,
      `${COORDTUI} status get instances.${BACKEND}.currentTask`,
      `${COORDTUI} tail ${BACKEND} --lines 5 >/dev/null; echo "tail $?"`,
      `${COORDTUI} handoffs | grep -c ${handoff}`,
      `sh -c '(${COORDTUI} ready --summary done); true'; echo "ready $?"`,
    ].join('\n');
    const { out, err } = await place.inSession(BACKEND, script);
    expect(err).toBe('');
    const lines = out.trim().split('\n');
    expect(lines.filter((line) => /^(ack|set|orders|tail|1$)/.test(line))).toEqual(['ack 0', 'set 0', 'orders', 'tail 0', '1']);
    const asking = await onlyHandoff(place.root, ({ phase, needsYou }) => phase === 'VERIFICATION' && needsYou);
    expect([asking.id, asking.from]).toEqual([handoff, BACKEND]);

    // Real ids change nothing for the agent.
    const inside = await place.inSession(
      BACKEND,
      ['approve', 'deny', 'answer'].map((verb) => `${COORDTUI} ${verb} ${handoff} approve; echo $?`).join('\n'),
    );
    expect(inside.out.trim().split('\n')).toEqual(['77', '77', '77']);

    const mute = await coordtui(place.root, ['approve', handoff, '--yes']);
    expect([mute.exit, mute.out]).toEqual([77, '']);
    expect(mute.err).toMatch(/^approve: a decision needs a terminal, .*; .*COORDTUI_OPERATOR=headless\n$/);
    // It was for the room's starter to say, not for the one who asks.
    const self = await coordtui(place.root, ['approve', handoff, '--yes'], { COORDTUI_OPERATOR: 'headless' });
    expect(self.exit).toBe(77);
    expect((await handoffs(place.root)).at(-1)?.phase).toBe('VERIFICATION');

    const no = await atTerminal(place.root, ['approve', handoff], { after: /\[y\/N\] /, text: 'n\r' });
    expect([no.exit, no.out]).toEqual([1, expect.stringContaining('nothing was decided')]);
    const stale = await atTerminal(place.root, ['approve', handoff, '--epoch', '0', '--yes']);
    expect([stale.exit, stale.out]).toEqual([4, expect.stringContaining('epoch')]);
    const denied = await atTerminal(place.root, ['deny', handoff, '--reason', 'the price is missing']);
    expect([denied.exit, denied.out]).toEqual([0, expect.stringContaining(`${handoff} is denied by`)]);
    await onlyHandoff(place.root, ({ phase }) => phase !== 'VERIFICATION');
  });

  it('a room that was started headless lets the operator decide without a terminal, and its sessions still not', async () => {
    await room.stop();
    room = await startRoom(place.root, { env: { COORDTUI_OPERATOR: 'headless' } });
    const [{ id }] = (await handoffs(place.root)).slice(-1) as [Handoff];
    expect((await place.inSession(BACKEND, `${COORDTUI} ready --summary again`)).exit).toBe(0);
    await onlyHandoff(place.root, ({ phase, needsYou }) => phase === 'VERIFICATION' && needsYou);
    const inside = await place.inSession(
      BACKEND,
      `env | grep -c COORDTUI_OPERATOR; COORDTUI_OPERATOR=headless ${COORDTUI} approve ${id} --yes; echo $?`,
    );
    expect(inside.out.trim().split('\n')).toEqual(['0', '77']);
    const approved = await coordtui(place.root, ['approve', id, '--yes', '--json']);
    expect([approved.exit, approved.err]).toEqual([0, '']);
  });
});
