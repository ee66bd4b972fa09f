import { describe, expect, test } from 'vitest';
import { COORDINATOR_ID } from '../../src/core/config.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { defaultConfig, parseConfig, problemLine } from '../../src/workspace/config.ts';

const context = { shell: '/bin/zsh' };

function problems(text: string): string[] {
  const parsed = parseConfig(text, context);
  return parsed.ok ? [] : parsed.problems.map(problemLine);
}

function accepted(text: string) {
  const parsed = parseConfig(text, context);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemLine).join('\n'));
  return parsed;
}

const ONE = 'instances: [{ id: a, agent: pi }]\n';

/** Each text with one mistake, and the whole line that answers it. */
const MISTAKES: readonly (readonly [name: string, text: string, line: string | RegExp])[] = [
  ['an unknown section', 'ui:\n  mouse: true\nuii: 1', /^coordtui.yaml:3:1: uii is not a known key \(known here: instances, /],
  [
    'an unknown key',
    `${ONE}ui:\n  maus: true`,
    'coordtui.yaml:3:3: ui.maus is not a known key (known here: leader, theme, keys, scrollbackLines, mouse, clipboard, copyCommand, layout)',
  ],
  [
    'an unknown key of an instance',
    'instances:\n  - id: a\n    agent: pi\n    nope: 1',
    /^coordtui.yaml:4:5: instances\[0\].nope is not a known key/,
  ],
  ['a key that would reach the prototype', '__proto__: { x: 1 }', /^coordtui.yaml:1:1: __proto__ is not a known key/],
  ['a wrong type', 'ui:\n  mouse: "yes"', 'coordtui.yaml:2:10: ui.mouse must be true or false, not "yes"'],
  ['a number in place of a text', 'instances:\n  - id: 7\n    agent: pi', 'coordtui.yaml:2:9: instances[0].id must be a text: write "7"'],
  [
    'a text in place of a list',
    'instances:\n  - id: a\n    command: npm run x',
    'coordtui.yaml:3:14: instances[0].command must be a list, not "npm run x"',
  ],
  ['a fraction', 'verification: { parallelism: 1.5 }', 'coordtui.yaml:1:30: verification.parallelism must be a whole number, not 1.5'],
  ['a list in place of everything', '- a', 'coordtui.yaml:1:1: must be a section of "key: value" lines, not a list'],
  ['a missing key', `${ONE}verification:\n  checks:\n    - id: unit`, 'coordtui.yaml:4:7: verification.checks[0].command is missing'],
  [
    'an empty text',
    `${ONE}verification: { checks: [{ id: u, command: "" }] }`,
    'coordtui.yaml:2:44: verification.checks[0].command must not be empty',
  ],
  [
    'a number below its bound',
    'coordination:\n  monitorIntervalMs: 1',
    'coordtui.yaml:2:22: coordination.monitorIntervalMs must be at least 50, not 1',
  ],
  [
    'a time limit above its bound',
    'verification: { checks: [{ id: u, command: x, timeoutMs: 99999999 }] }',
    'coordtui.yaml:1:58: verification.checks[0].timeoutMs must be at most 86400000, not 99999999',
  ],
  [
    'an unknown preset',
    'instances: [{ id: a, agent: claud }]',
    /^coordtui.yaml:1:29: instances\[0\].agent must be one of claude, codex, .*, shell, not "claud"$/,
  ],
  [
    'an unknown dial',
    'coordination: { autopilot: fly }',
    'coordtui.yaml:1:28: coordination.autopilot must be one of watch, suggest, countdown, act, not "fly"',
  ],
  ['an id with a path in it', 'instances: [{ id: ../x, agent: pi }]', /^coordtui.yaml:1:19: instances\[0\].id must be lower-case letters/],
  [
    'a check id with a path in it',
    'verification: { checks: [{ id: ../x, command: y }] }',
    /^coordtui.yaml:1:32: verification.checks\[0\].id must be letters/,
  ],
  [
    'a cwd that leaves by ..',
    'instances: [{ id: a, agent: pi, cwd: a/../../b }]',
    /^coordtui.yaml:1:38: instances\[0\].cwd must lie inside the workspace/,
  ],
  [
    'an absolute cwd',
    'verification: { checks: [{ id: u, command: x, cwd: /etc }] }',
    /^coordtui.yaml:1:52: verification.checks\[0\].cwd must lie inside the workspace/,
  ],
  [
    'a report that leaves',
    'verification: { checks: [{ id: u, command: x, report: r.json }, { id: v, command: x, report: r.json }] }',
    'coordtui.yaml:1:94: verification.checks[1].report is where the check "u" leaves its own report',
  ],
  [
    'a report path that leaves',
    'verification: { checks: [{ id: u, command: x, report: ../r.json }] }',
    /^coordtui.yaml:1:55: verification.checks\[0\].report must lie inside/,
  ],
  ['neither agent nor command', 'instances:\n  - id: a', 'coordtui.yaml:2:5: instances[0] needs "agent" (a preset) or "command" (a list)'],
  [
    'both agent and command',
    'instances: [{ id: a, agent: pi, command: [x] }]',
    'coordtui.yaml:1:42: instances[0].command stands beside "agent": one of the two starts the session',
  ],
  [
    'an id twice',
    'instances:\n  - { id: a, agent: pi }\n  - { id: a, agent: pi }',
    'coordtui.yaml:3:11: instances[1].id "a" is taken by instances[0]',
  ],
  [
    'nobody but the coordinator',
    'instances: [{ id: instance-3-coordinator }]',
    'coordtui.yaml:1:12: instances must name one instance at least besides the coordinator',
  ],
  [
    'check ids that differ by case only',
    'verification: { checks: [{ id: Unit, command: x }, { id: unit, command: x }] }',
    'coordtui.yaml:1:58: verification.checks[1].id "unit" is taken by checks[0]',
  ],
  [
    'a need that does not exist',
    'verification: { checks: [{ id: u, command: x, needs: [lint] }] }',
    'coordtui.yaml:1:55: verification.checks[0].needs[0] names the check "lint", which does not exist',
  ],
  [
    'a cycle',
    'verification:\n  checks:\n    - { id: a, command: x, needs: [b] }\n    - { id: b, command: x, needs: [c] }\n    - { id: c, command: x, needs: [a] }',
    'coordtui.yaml:3:35: verification.checks[0].needs waits for itself: a → b → c → a',
  ],
  [
    'a check that needs itself',
    'verification: { checks: [{ id: a, command: x, needs: [a] }] }',
    'coordtui.yaml:1:54: verification.checks[0].needs waits for itself: a → a',
  ],
  [
    'a pre check that waits for a later phase',
    'verification: { checks: [{ id: a, command: x, phase: pre, needs: [b] }, { id: b, command: x }] }',
    /^coordtui.yaml:1:67: verification.checks\[0\].needs\[0\] a check of phase "pre" cannot wait for "b"/,
  ],
  [
    'a criterion mapped to no check',
    'verification: { criteria: [{ text: tidy, check: lint }] }',
    'coordtui.yaml:1:49: verification.criteria[0].check names the check "lint", which does not exist',
  ],
  [
    'a criterion of the wrong form',
    'verification: { criteria: [{ txt: tidy, text: a }] }',
    'coordtui.yaml:1:30: verification.criteria[0].txt is not a known key (known here: text, check, informational)',
  ],
  [
    'an exit code that means success',
    'verification: { checks: [{ id: a, command: x, notRunExitCodes: [0] }] }',
    'coordtui.yaml:1:65: verification.checks[0].notRunExitCodes[0] must be at least 1, not 0',
  ],
  [
    'a variable that is a number',
    'instances: [{ id: a, agent: pi, env: { PORT: 3000 } }]',
    'coordtui.yaml:1:46: instances[0].env.PORT must be a text: write "3000"',
  ],
  [
    'a variable of ours',
    'instances: [{ id: a, agent: pi, env: { COORDTUI_INSTANCE: b } }]',
    /^coordtui.yaml:1:59: instances\[0\].env.COORDTUI_INSTANCE must not be set/,
  ],
  [
    'a variable that would reach the prototype',
    'instances: [{ id: a, agent: pi, env: { __proto__: b } }]',
    'coordtui.yaml:1:51: instances[0].env.__proto__ is not the name of a variable',
  ],
  [
    'times in the wrong order',
    'ack:\n  timeoutMs: 500000',
    'coordtui.yaml:2:14: ack.timeoutMs must be below ack.urgentAfterMs, which is 420000',
  ],
  [
    'a stale time below its warning',
    'coordination: { staleAfterMs: 60000 }\npolicy: { staleWarningMs: 60000 }',
    'coordtui.yaml:2:27: policy.staleWarningMs must be below coordination.staleAfterMs, which is 60000',
  ],
  [
    'a webhook that is no web address',
    'notify: { webhook: "file:///etc/passwd" }',
    'coordtui.yaml:1:20: notify.webhook must be an http or https address',
  ],
  [
    'a tmux session whose name tmux would read as something else',
    'instances: [{ id: a, agent: pi, session: { tmux: "=x:0.1" } }]',
    /^coordtui.yaml:1:\d+: instances\[0\].session/,
  ],
  [
    'a host that ssh would read as an option',
    'instances: [{ id: a, agent: pi, session: { ssh: "-oProxyCommand=x" } }]',
    /^coordtui.yaml:1:\d+: instances\[0\].session/,
  ],
  [
    'ssh without a host',
    'instances: [{ id: a, agent: pi, session: ssh }]',
    'coordtui.yaml:1:42: instances[0].session needs the host: { ssh: HOST }',
  ],
  [
    'one tmux session for two instances',
    'instances: [{ id: a, agent: pi, session: { tmux: x } }, { id: b, agent: pi, session: { tmux: x } }]',
    'coordtui.yaml:1:86: instances[1].session is the session of instances[0]',
  ],
  [
    'a worktree beside a directory',
    'instances: [{ id: a, agent: pi, cwd: ., worktree: feature/x }]',
    /^coordtui.yaml:1:51: instances\[0\].worktree stands beside "cwd"/,
  ],
  [
    'one branch for two',
    'instances: [{ id: a, agent: pi, worktree: w }, { id: b, agent: pi, worktree: w }]',
    /^coordtui.yaml:1:78: instances\[1\].worktree is the branch of instances\[0\]/,
  ],
  [
    'a worktree far away',
    'instances: [{ id: a, agent: pi, worktree: w, session: { ssh: host } }]',
    /^coordtui.yaml:1:43: instances\[0\].worktree cannot be made on another machine/,
  ],
  [
    'a branch that git would read as an option',
    'instances: [{ id: a, agent: pi, worktree: --force }]',
    /^coordtui.yaml:1:43: instances\[0\].worktree cannot be the name of a branch/,
  ],
  [
    'a branch to merge into that is none',
    'integration: { branch: "-x" }',
    /^coordtui.yaml:1:24: integration.branch cannot be the name of a branch/,
  ],
  ['a branch to merge into that climbs', 'integration: { branch: a/../../b }', /^coordtui.yaml:1:24: integration.branch cannot be/],
  [
    'a branch to merge into on which somebody works',
    'integration: { branch: w }\ninstances: [{ id: a, agent: pi, worktree: w }]',
    /^coordtui.yaml:1:24: integration.branch is the branch that instances\[0\] works on/,
  ],
  ['worktrees outside of the workspace', 'worktrees: ../elsewhere', /^coordtui.yaml:1:12: worktrees must lie inside the workspace/],
  ['another store', 'store: { engine: postgresql }', 'coordtui.yaml:1:18: store.engine must be one of files, not "postgresql"'],
  ['a leader that types', 'ui: { leader: a }', /^coordtui.yaml:1:15: ui.leader must be ctrl\+ and a key/],
  [
    'control characters',
    'instances: [{ id: a, agent: pi, role: "a\\u001b]0;x" }]',
    /^coordtui.yaml:1:39: instances\[0\].role holds control characters/,
  ],
  [
    'a zero byte in a command',
    'instances: [{ id: a, command: ["a\\0b"] }]',
    'coordtui.yaml:1:32: instances[0].command[0] holds a zero byte',
  ],
  ['a syntax error', 'ui: [1', /^coordtui.yaml:1:7: Flow sequence/],
  ['a key twice', 'ui: {}\nui: {}', 'coordtui.yaml:2:1: Map keys must be unique'],
  ['an unknown tag', 'ui: !!js/function x', /^coordtui.yaml:1:5: Unresolved tag/],
  ['two documents', 'ui: {}\n---\nui: {}', /^coordtui.yaml:2:1: Source contains multiple documents/],
  ['an alias of nothing', 'ui: *x', 'coordtui.yaml:1:5: the alias *x names nothing'],
  ['an alias inside of itself', 'ui: &x [*x]', 'coordtui.yaml:1:9: the alias *x stands inside of what it names'],
];

describe('INTERFACE: every unknown key, wrong type or impossible value is named with line and column', () => {
  test.each(MISTAKES)('%s', (_name, text, line) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    if (typeof line === 'string') expect(found[0]).toBe(line);
    else expect(found[0]).toMatch(line);
  });

  test('all mistakes are reported at once, in the order of the text, whatever kind they are of', () => {
    const found = problems(`instances:
  - { id: a, agent: pi, nope: 1 }
  - { id: a, agent: claud }
verification:
  in: nowhere
  checks:
    - { id: x, command: y, needs: [z], timeoutMs: soon }
foo: 1
`);
    const places = found.map((line) => /^coordtui.yaml:(\d+:\d+): (\S+)/.exec(line)?.slice(1).join(' '));
    expect(places).toEqual([
      '2:25 instances[0].nope',
      '3:11 instances[1].id',
      '3:21 instances[1].agent',
      '5:7 verification.in',
      '7:36 verification.checks[0].needs[0]',
      '7:51 verification.checks[0].timeoutMs',
      '8:1 foo',
    ]);
  });

  test('what a message quotes from the text cannot act on a terminal', () => {
    const [line] = problems('"\\e]0;owned\\a\\u202e": 1');
    expect(line).toMatch(/^coordtui.yaml:1:1: /);
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('a hostile text is refused, quickly and without ending the process', () => {
  const level = '[x,x,x,x,x,x,x,x,x,x]';
  const bomb = `a: &a ${level}\n${'bcdefghi'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join()}]`)
    .join('\n')}`;
  test.each([
    ['nested lists', '['.repeat(200_000)],
    ['nested sections', '{a: '.repeat(60_000)],
    ['nested dashes', '- '.repeat(100_000)],
    ['nested explicit keys', '? '.repeat(100_000)],
    ['nested indentation', Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['brackets in texts that hide the depth', `x: ${'["]",'.repeat(40_000)}`],
    ['aliases that grow', bomb],
    ['aliases without end', `a: &x 1\nb: [${'*x,'.repeat(60_000)}]`],
    ['a flood', `# ${'x'.repeat(300_000)}`],
  ])('%s', (_name, text) => {
    const parsed = parseConfig(text, context);
    expect(parsed.ok).toBe(false);
    expect(problems(text).length).toBeLessThanOrEqual(50);
  });
});

describe('what a good config means', () => {
  test('PROTOCOL §1: without a config there are three instances, two of them shells, and coordtui itself has no session', () => {
    const { instances, autopilot, policy } = defaultConfig(context);
    expect(instances.map(({ id, agent, command }) => [id, agent, command])).toEqual([
      ['instance-1-planning-backend', 'shell', ['/bin/zsh']],
      ['instance-2-frontend', 'shell', ['/bin/zsh']],
      [COORDINATOR_ID, 'none', null],
    ]);
    expect(autopilot).toBe('countdown');
    expect(policy).toEqual(DEFAULT_POLICY);
  });

  test.each(['', '# nothing but a comment\n', '{}', 'ui:\n', 'verification:\ncoordination:\n'])('%j says the same as no config', (text) => {
    expect(accepted(text).config).toEqual(defaultConfig(context));
  });

  test('a SHELL that is no absolute path is not started', () => {
    expect(defaultConfig({ shell: 'zsh' }).instances[0]?.command).toEqual(['/bin/sh']);
    expect(defaultConfig({ shell: undefined }).instances[0]?.command).toEqual(['/bin/sh']);
  });

  test('a session may be elsewhere', () => {
    const placed = (session: string) => accepted(`instances: [{ id: a, agent: pi, session: ${session} }]`).config.instances[0]?.session;
    expect(placed('pty')).toBeUndefined();
    expect(placed('tmux')).toEqual({ kind: 'tmux', name: 'a' });
    expect(placed('{ tmux: work }')).toEqual({ kind: 'tmux', name: 'work' });
    expect(placed('{ ssh: me@host.example }')).toEqual({ kind: 'ssh', host: 'me@host.example', tmux: null, directory: null });
    expect(placed("{ ssh: '[::1]', tmux: t, directory: /srv/a b }")).toEqual({
      kind: 'ssh',
      host: '[::1]',
      tmux: 't',
      directory: '/srv/a b',
    });
  });

  test('the outline of INTERFACE is understood, and what has no effect yet is said', () => {
    const { config, notices } = accepted(`
instances:
  - id: instance-1-planning-backend
    role: backend
    agent: claude
    cwd: .
    session: pty
    files: ["src/api/**", "migrations/**"]
    env: {}
coordination: { monitorIntervalMs: 30000, autopilot: countdown, staleAfterMs: 2700000 }
triggers: { schema: ["migrations/**"], contracts: ["src/ipc/**"], responseTypes: ["src/types/**"], cooldownMs: 600000 }
verification: { parallelism: 2, in: place, ignore: ["**/*.md"], checks: [ { id: unit, phase: integration, layer: component, command: npm test, critical: true, timeoutMs: 600000 } ], coverage: null, benchmarks: [] }
ack: { timeoutMs: 300000, urgentAfterMs: 420000, unresponsiveAfterMs: 570000 }
store: { engine: files }
mailbox: workspace
ui: { leader: "ctrl+]", theme: auto, scrollbackLines: 5000, mouse: true, clipboard: write, layout: columns }
notify: { bell: true, desktop: false, command: null, webhook: null }
`);
    expect(config.instances.map(({ id }) => id)).toEqual(['instance-1-planning-backend', COORDINATOR_ID]);
    expect(config.verification.checks[0]).toEqual({
      id: 'unit',
      phase: 'integration',
      layer: 'component',
      command: 'npm test',
      cwd: '.',
      timeoutMs: 600_000,
      critical: true,
      when: [],
      needs: [],
      notRunExitCodes: [],
      report: null,
    });
    expect(notices.map(problemLine)).toEqual([]);
  });

  test('numbers reach the policy that they belong to, and no other', () => {
    const { config } = accepted(`
coordination: { monitorIntervalMs: 100, staleAfterMs: 3000000, autopilot: act }
ack: { timeoutMs: 1000, urgentAfterMs: 2000, unresponsiveAfterMs: 3000 }
verification: { concurrency: 3, coverage: { minPercent: 81.5 } }
policy: { maxDenialsInARow: 5, restartBackoffMs: [7] }
`);
    expect(config.autopilot).toBe('act');
    expect(config.policy).toEqual({
      ...DEFAULT_POLICY,
      monitorIntervalMs: 100,
      staleAfterMs: 3_000_000,
      // What belongs to it and is not written follows in proportion.
      staleWarningMs: 2_000_000,
      recoveryUrgentMs: 3_333_333,
      recoveryRestartMs: 4_000_000,
      recoveryMarkMs: 5_000_000,
      busyAtMostMs: 8_000_000,
      ackReminderMs: 1000,
      ackUrgentMs: 2000,
      ackUnresponsiveMs: 3000,
      verificationConcurrency: 3,
      coverageMinPercent: 81.5,
      maxDenialsInARow: 5,
      restartBackoffMs: [7],
    });
  });

  test('an alias stands for what it names', () => {
    const { config } = accepted(
      'verification:\n  checks:\n    - { id: a, command: x, when: &w ["src/**"] }\n    - { id: b, command: x, when: *w }',
    );
    expect(config.verification.checks.map(({ when }) => when)).toEqual([['src/**'], ['src/**']]);
  });

  test('PROTOCOL §1: a command given to instance 3 is shown as its session', () => {
    const { config } = accepted(`instances:\n  - { id: a, command: [sh, -c, "exit 3"] }\n  - { id: ${COORDINATOR_ID}, agent: claude }`);
    expect(config.instances.map(({ id, agent, command }) => [id, agent, command])).toEqual([
      ['a', 'command', ['sh', '-c', 'exit 3']],
      [COORDINATOR_ID, 'claude', ['claude']],
    ]);
  });
});

describe('PROTOCOL §7: a restart takes the conversation up again', () => {
  const resumes = (text: string) => Object.fromEntries(accepted(text).config.instances.map(({ id, resume }) => [id, resume?.join(' ')]));

  test('by the command of its preset, unless the config says another', () => {
    const found = resumes(
      'instances: [{ id: a, agent: claude }, { id: b, agent: codex }, { id: c, agent: pi, resume: [pi, --mine] }, { id: d, command: [claude] }, { id: e, agent: shell }]',
    );
    expect(found).toMatchObject({ a: 'claude --continue', b: 'codex resume --last', c: 'pi --mine' });
    expect([found.d, found.e]).toEqual([undefined, undefined]);
  });

  test('two of a kind in one folder would take up each other’s: neither does', () => {
    const text = (worktree: string) => `instances: [{ id: a, agent: claude }, { id: b, agent: claude${worktree} }]`;
    expect(resumes(text(''))).toMatchObject({ a: undefined, b: undefined });
    expect(resumes(text(', worktree: feature/b'))).toMatchObject({ a: 'claude --continue', b: 'claude --continue' });
  });
});
