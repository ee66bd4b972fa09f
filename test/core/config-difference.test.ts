import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/core/config.ts';
import { configDifference } from '../../src/core/config-difference.ts';
import type { InstanceId } from '../../src/core/ids.ts';
import { storyConfig } from '../transcripts/runner.ts';

const BEFORE = storyConfig(['unit', 'lint'], 'act');
const [FIRST] = BEFORE.instances;
if (FIRST === undefined) throw new Error('the story has instances');

const texts = (after: Config) => configDifference(BEFORE, after).map(({ text }) => text);
const withInstance = (change: Partial<typeof FIRST>): Config => ({
  ...BEFORE,
  instances: BEFORE.instances.map((one) => (one.id === FIRST.id ? { ...one, ...change } : one)),
});

describe('the difference of two configs, in words', () => {
  test('the same config, also when it went through JSON or has parts that say nothing: no difference', () => {
    expect(configDifference(BEFORE, JSON.parse(JSON.stringify({ ...BEFORE, recording: null })) as Config)).toEqual([]);
    expect(configDifference({ ...BEFORE, triggers: undefined }, BEFORE)).toEqual([]);
  });

  test('a check’s command, a number of the policy, the order of the checks', () => {
    const [unit, lint] = BEFORE.verification.checks;
    if (unit === undefined || lint === undefined) throw new Error('the story has two checks');
    const after: Config = {
      ...BEFORE,
      policy: { ...BEFORE.policy, staleAfterMs: 1_800_000, undoMs: 1_500 },
      verification: { ...BEFORE.verification, checks: [lint, { ...unit, command: 'npm run t' }] },
    };
    expect(texts(after)).toEqual([
      'policy.undoMs: 0 s → 1500 ms',
      'policy.staleAfterMs: 45 m → 30 m',
      `checks.unit.command: ${JSON.stringify(unit.command)} → "npm run t"`,
      'checks: in another order',
    ]);
  });

  test('PROTOCOL §5 row 10: an instance that comes is named with all that it would run; one that goes, with the end of its session', () => {
    const added = { ...FIRST, id: 'instance-4' as InstanceId, command: ['sh', '-c', 'x'], env: { TOKEN: 'secret' } };
    const after = { ...BEFORE, instances: [...BEFORE.instances.slice(1), added] };
    expect(texts(after)).toEqual([
      'instances: − instance-1 (its session ends)',
      'instances: + instance-4 (command ["sh","-c","x"], role "backend", agent "shell", cwd ".", env TOKEN, restart "on-failure")',
    ]);
  });

  test('what a session’s environment holds is not shown', () => {
    const shown = configDifference(withInstance({ env: { OLD: 'a' } }), withInstance({ env: { OLD: 'b', NEW: 'hidden' } }));
    expect(shown.map(({ text }) => text)).toEqual([
      'instances.instance-1.env.OLD has another value',
      'instances.instance-1.env.NEW is new',
    ]);
  });

  test('a command cannot hide: control codes do not reach the screen, and what is cut says how much', () => {
    const [text = ''] = texts(withInstance({ command: ['sh', '-c', `\x1b[2J${'x'.repeat(5_000)}; rm -rf .`] }));
    expect(text).not.toContain('\x1b');
    expect(text).toMatch(/\(and \d+ more characters\)$/);
  });
});

describe('PROTOCOL §5 row 10: what acts only with consent', () => {
  const consent = (after: Config) => configDifference(BEFORE, after).map((change) => change.consent);
  test('pure presentation acts at once', () => {
    expect(consent({ ...BEFORE, ui: { ...BEFORE.ui, mouse: !BEFORE.ui.mouse, scrollbackLines: 77 } })).toEqual([false, false]);
  });
  test.each<[string, Config]>([
    ['a key, with which somebody could decide by the operator’s hand', { ...BEFORE, ui: { ...BEFORE.ui, keys: { approve: 'j' } } }],
    ['the leader', { ...BEFORE, ui: { ...BEFORE.ui, leader: 'ctrl+a' } }],
    ['what the verification passes over', { ...BEFORE, verification: { ...BEFORE.verification, ignore: ['**'] } }],
    ['no checks at all', { ...BEFORE, verification: { ...BEFORE.verification, checks: [] } }],
    ['the dial', { ...BEFORE, autopilot: 'countdown' }],
    ['what an instance runs', withInstance({ command: ['sh', '-c', 'evil'] })],
    ['where it runs', withInstance({ cwd: 'elsewhere' })],
    ['its environment', withInstance({ env: { PATH: '/tmp' } })],
    ['its territory', withInstance({ files: ['src/**'] })],
  ])('%s', (_what, after) => {
    const found = consent(after);
    expect(found.length).toBeGreaterThan(0);
    expect(found).not.toContain(false);
  });
});
