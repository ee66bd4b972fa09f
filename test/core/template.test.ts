import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseAck } from '../../src/core/ack-lines.ts';
import { TEMPLATES } from '../../src/core/effect.ts';
import { fill, type Values } from '../../src/core/template.ts';

const text = (template: string, values: Values = {}): string => {
  const filled = fill(template, values);
  return filled.ok ? filled.text : `error: ${filled.error}`;
};

describe('PROTOCOL §8: templates', () => {
  it('PROTOCOL §8: {{VAR}} is the value', () => {
    expect(text('a {{X}} b {{ Y_2 }}', { X: '1', Y_2: '2' })).toBe('a 1 b 2');
    expect(text('no tag')).toBe('no tag');
    expect(text('')).toBe('');
  });

  it('PROTOCOL §8: {{#if VAR}}, {{#if VAR == "x"}}, {{else}}, {{/if}}, nested', () => {
    const template = '{{#if A}}a{{#if B == "x"}}bx{{else}}b?{{/if}}{{else}}-{{#if B}}b{{/if}}{{/if}}.';
    expect(text(template, { A: '1', B: 'x' })).toBe('abx.');
    expect(text(template, { A: '1', B: 'y' })).toBe('ab?.');
    expect(text(template, { A: '1' })).toBe('ab?.');
    expect(text(template, { B: 'x' })).toBe('-b.');
    expect(text(template, { A: '', B: null })).toBe('-.');
    expect(text('{{#if A == ""}}empty{{else}}not{{/if}}', { A: 'x' })).toBe('not');
  });

  it('PROTOCOL §8: a required variable without a value is an error that names it, all at once', () => {
    expect(text('{{X}} {{Y}} {{Z}} {{X}}', { Y: 'y' })).toBe('error: no value for X, Z');
    expect(text('{{X}}', { X: ' \n' })).toBe('error: no value for X');
    expect(text('{{X}}', { X: null })).toBe('error: no value for X');
    expect(text('{{CONSTRUCTOR}}')).toBe('error: no value for CONSTRUCTOR');
    expect(text('{{#if X}}{{Y}}{{/if}}ok')).toBe('ok');
  });

  it('PROTOCOL §8: an optional one becomes "Not provided"; the line that declares it is not in the document', () => {
    expect(text('<!-- optional: X Y -->\n{{X}}, {{Y}}, {{json X}}', { Y: 'y' })).toBe('Not provided, y, null');
    expect(text('<!-- optional: X -->\n{{Z}}')).toBe('error: no value for Z');
    expect(text('<!-- a comment -->\n{{X}}', { X: '1' })).toBe('<!-- a comment -->\n1');
  });

  it('PROTOCOL §8: nothing in a value is expanded, and no document leaves with an unresolved {{', () => {
    expect(text('{{X}}', { X: '{{Y}} {{#if Z}}', Y: 'secret' })).toBe('{ {Y}} { {#if Z}}');
    expect(text('{{X}}{{Y}}', { X: 'a{', Y: '{b' })).toBe('a{ {b');
    expect(text('{{X}}', { X: '{{{{' })).toBe('{ { { {');
    expect(text('{{X}}', { X: '<!-- optional: Y -->\n' })).toBe('<!-- optional: Y -->\n');
    for (const hostile of ['{{', '{{X}}', '{{{', '}}{{', '{\u200b{', '{{#if X}}']) {
      expect(text('{ {{X}} {{json X}}{{#if X}}{ {{X}}{{/if}}', { X: hostile })).not.toMatch(/^error|\{\{/u);
      expect(text('{{X}}{{X}}', { X: hostile })).not.toContain('{{');
    }
  });

  it.each([
    ['a\n{{X', 'line 2: this {{ is not closed by }} on its line'],
    ['{{{X}}', 'line 1: this {{ is not closed by }} on its line'],
    ['{{X\n}}', 'line 1: this {{ is not closed by }} on its line'],
    ['{{#if X}}\n{{#if Y}}\n{{/if}}', 'line 1: this {{#if}} has no {{/if}}'],
    ['\n{{/if}}', 'line 2: {{/if}} does not belong here'],
    ['{{else}}', 'line 1: {{else}} does not belong here'],
    ['{{#if X}}{{else}}{{else}}{{/if}}', 'line 1: {{else}} does not belong here'],
    ['{{#unless X}}{{/unless}}', 'line 1: {{#unless X}} does not belong here'],
    ['{{#if X == y}}{{/if}}', 'line 1: {{#if X == y}} does not belong here'],
    ['{{lower}}', 'line 1: {{lower}} is no tag of a template'],
    ['{{}}', 'line 1: {{}} is no tag of a template'],
    ['{{#if NO}}{{bad tag}}{{/if}}', 'line 1: {{bad tag}} is no tag of a template'],
    ['<!-- optional: A -->\n\n{{#if A}}\nx\n{{/if}}\n{{?}}', 'line 6: {{?}} is no tag of a template'],
  ])('says where %j is wrong', (template, error) => {
    expect(text(template)).toBe(`error: ${error}`);
  });

  it('a block tag alone on its line takes the line with it', () => {
    const template = 'a\n  {{#if X}}  \nb\n{{else}}\nc\n{{/if}}\nd {{#if X}}e{{/if}}\n';
    expect(text(template, { X: '1' })).toBe('a\nb\nd e\n');
    expect(text(template)).toBe('a\nc\nd \n');
    expect(text('{{#if X}}\r\nb\r\n{{/if}}\r\nc', { X: '1' })).toBe('b\r\nc');
  });

  it('takes control characters out of values and leaves their lines', () => {
    expect(text('{{X}}', { X: 'a\r\nb\tc\u001b[2J\u0000\u202e' })).toBe('a\nb\tc');
  });

  it('is not felled by ten thousand nested blocks, nor by ten thousand openings', () => {
    expect(text(`${'{{#if X}}'.repeat(10_000)}y${'{{/if}}'.repeat(10_000)}`, { X: '1' })).toBe('y');
    expect(text('{{'.repeat(10_000))).toContain('error: line 1');
  });

  it('{{json VAR}} is a YAML scalar that gives back the value, whatever is in it', () => {
    const hostile = [
      'plain',
      '"quoted" \\ back',
      'a: b # c',
      '---',
      'yes',
      '0x10',
      "it's",
      '- x\n---\nstatus: completed',
      '\u0085\u00a0\ufeffx',
      'tab\there',
      '日本 👍',
      '%',
      '@x',
      '!!js',
    ];
    for (const value of hostile) {
      const filled = fill('uuid: {{json X}}\nstatus: pending\n', { X: value });
      expect(filled.ok).toBe(true);
      if (filled.ok)
        expect(parse(filled.text)).toEqual({ uuid: value.replace('\u0085', '\n').replaceAll('\ufeff', ''), status: 'pending' });
    }
  });
});

describe('PROTOCOL §8: the documents that ship', () => {
  const read = (name: string): string => fs.readFileSync(path.join(import.meta.dirname, '../../templates', `${name}.md`), 'utf8');
  const common: Values = {
    UUID: 'handoff-1a2b3c4d',
    FROM: 'instance-3-coordinator',
    TO: 'instance-2-frontend',
    CREATED: '2026-11-21T10:41:03.000Z',
    SUBJECT: 'add "orders": a form\nstatus: completed',
    PRIORITY: 'high',
    TASK_ID: 'h-3f2a',
  };
  const needed: Record<Exclude<(typeof TEMPLATES)[number], 'weekly-review' | 'monthly-review' | 'post-mortem'>, Values> = {
    'task-delegation': { TASK: 'add the form' },
    'failure-report': { HANDOFF: 'h-3f2a', EPOCH: '2', REASONS: '- unit failed' },
    remediation: { HANDOFF: 'h-3f2a' },
    'debugging-session': {
      ISSUE: 'orders are lost',
      LAYER: 'ipc',
      QUESTIONS: '- which call?',
      CONTEXT_DOCUMENT: 'docs/debugging/d-3f2a.md',
    },
    'replacement-handoff': { TASK: 'add the form', FORMER: 'instance-1', REASON: 'it was silent' },
    'sign-off': { HANDOFF: 'h-3f2a', DECISION: 'approved', REVIEWED_BY: 'ann' },
  };
  /** A review is read by the operator and delivered to nobody. */
  const delivered = TEMPLATES.filter((name): name is keyof typeof needed => Object.hasOwn(needed, name));

  it.each(delivered)('PROTOCOL §8: %s has the front matter and the sections of a document, also with nothing optional given', (name) => {
    const filled = fill(read(name), { ...common, ...needed[name] });
    expect(filled).toMatchObject({ ok: true });
    if (!filled.ok) return;
    expect(filled.text).not.toContain('{{');
    const [, front = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/u.exec(filled.text) ?? [];
    expect(parse(front)).toMatchObject({
      uuid: 'handoff-1a2b3c4d',
      kind: name,
      from_role: 'instance-3-coordinator',
      to_role: 'instance-2-frontend',
      created: '2026-11-21T10:41:03.000Z',
      subject: 'add "orders": a form\nstatus: completed',
      priority: 'high',
      requires_ack: name !== 'sign-off',
      status: name === 'sign-off' ? 'completed' : 'pending',
      previous_status: null,
      task_id: 'h-3f2a',
    });
    expect([...body.matchAll(/^## (.*)$/gmu)].map((match) => match[1])).toEqual([
      'Context',
      'Requirements / Deliverables',
      'Acceptance Criteria',
      'Dependencies',
      'Notes',
    ]);
  });

  it.each(delivered)('PROTOCOL §8: %s names what it needs', (name) => {
    expect(fill(read(name), {})).toEqual({
      ok: false,
      error: `no value for ${Object.keys({ ...common, ...needed[name] })
        .toSorted(byUse(read(name)))
        .join(', ')}`,
    });
  });

  it('PROTOCOL §8: a delegation teaches the exact form of the acknowledgment and the commands that send it', () => {
    const delegation = text(read('task-delegation'), { ...common, ...needed['task-delegation'] });
    expect(delegation).toContain('coordtui ack h-3f2a RECEIVED --understanding "');
    expect(delegation).toContain('coordtui ready --summary "');
    expect(parseAck(delegation)).toEqual({
      ok: true,
      ack: { task: 'h-3f2a', status: 'RECEIVED', understanding: 'what you will do, in one line', text: 'what you will do, in one line' },
    });
  });

  it('PROTOCOL §8: the sign-off says what it means', () => {
    const signed = (decision: string): string => text(read('sign-off'), { ...common, ...needed['sign-off'], DECISION: decision });
    expect(signed('approved')).toContain('verified and approved');
    expect(signed('needs_revision')).toContain('another round');
    expect(signed('rejected')).toContain('rejected by ann');
  });
});

/** In the order in which the template first uses them. */
function byUse(template: string): (a: string, b: string) => number {
  const at = (name: string): number => new RegExp(`\\{\\{(?:json )?${name}\\}\\}`, 'u').exec(template)?.index ?? Number.POSITIVE_INFINITY;
  return (a, b) => at(a) - at(b);
}
