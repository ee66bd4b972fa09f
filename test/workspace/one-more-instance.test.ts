/** An instance is added to a config as a person would: below the last one, and nothing else of the file is another. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/workspace/config.ts';
import { withOneMore } from '../../src/workspace/one-more-instance.ts';

const CONTEXT = { shell: '/bin/sh' };
const DOCS = { id: 'instance-4-docs', role: 'docs', program: 'claude', tmux: 'docs' };
const FIRST = '{ id: instance-1-planning-backend, role: backend, agent: shell }';

const add = (text: string, instance = DOCS) => withOneMore(text, instance, CONTEXT);

describe('one instance more', () => {
  it.each([
    ['last in the file', `instances:\n  - ${FIRST}\n`],
    ['without a last newline', `instances:\n  - ${FIRST}`],
    ['not indented', `instances:\n- ${FIRST}\ncoordination: { autopilot: watch }\n`],
    [
      'before a comment and another section',
      `# ours\ninstances: # who\n    - ${FIRST} # first\n    # that is all\n\ncoordination:\n  autopilot: watch # dial\n`,
    ],
    [
      'after one of many lines',
      'instances:\n  - id: instance-1-planning-backend\n    role: backend\n    agent: shell\n    files:\n      - src/**\n\n\nui:\n  mouse: true\n',
    ],
    ['windows line ends', `instances:\r\n  - ${FIRST}\r\nui:\r\n  mouse: true\r\n`],
  ])('%s: is read as such, and every line stands as it stood', (_where, text) => {
    const added = add(text);
    if (!added.ok) throw new Error(added.why);
    const parsed = parseConfig(added.text, CONTEXT);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const before = parseConfig(text, CONTEXT);
    if (!before.ok) throw new Error('the sample is no config');
    const { instances, ...rest } = parsed.config;
    const { instances: fewer, ...restBefore } = before.config;
    expect(rest).toEqual(restBefore);
    expect(instances.filter(({ id }) => id !== DOCS.id)).toEqual(fewer);
    expect(instances.find(({ id }) => id === DOCS.id)).toMatchObject({
      role: 'docs',
      command: ['claude'],
      session: { kind: 'tmux', name: 'docs' },
    });
    const at = added.text.indexOf('- id: "instance-4-docs"');
    const from = added.text.lastIndexOf('\n', at) + 1;
    const until = added.text.indexOf('session: { tmux: "docs" }\n') + 'session: { tmux: "docs" }\n'.length;
    const without = added.text.slice(0, from) + added.text.slice(until);
    expect(without.replace(/\n$/, '')).toBe(text.replace(/\n$/, ''));
  });

  it('a program that has no name here is its command', () => {
    const added = add(`instances:\n  - ${FIRST}\n`, { ...DOCS, program: 'my "agent"' });
    expect(added.ok && added.text).toContain('command: ["my \\"agent\\""]');
  });

  it.each([
    ['no instances are written', 'ui: { mouse: true }\n', /not written below each other/],
    ['they stand in one line', `instances: [${FIRST}]\n`, /not written below each other/],
    ['it has faults', 'instances: 7\n', /it has faults: coordtui\.yaml:1/],
    ['it is no yaml', 'instances:\n  - {\n', /it has faults/],
    ['the id is taken', `instances:\n  - { id: instance-4-docs, role: docs, agent: shell }\n`, /would have faults/],
  ])('%s: refused, with the reason', (_what, text, why) => {
    expect(add(text)).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });
});
