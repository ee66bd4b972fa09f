import { describe, expect, test } from 'vitest';
import { createProgramRecords, parseProgramStatus } from '../../src/pane/program-status.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function report(payload: string) {
  const sequence = parseProgramStatus(payload);
  if (sequence.type !== 'report') throw new Error(`${payload}: ${JSON.stringify(sequence)}`);
  return sequence.report;
}

describe('PROTOCOL §9: program status (OSC 7501)', () => {
  test('a report is read field by field', () => {
    expect(
      report(
        `state=blocked:app=claude-code:kind=permission:progress=40:id=a/b:title=${base64('sub')}:msg=${base64('approve Bash: touch x')}`,
      ),
    ).toEqual({
      id: 'a/b',
      state: 'blocked',
      kind: 'permission',
      progress: 40,
      app: 'claude-code',
      title: 'sub',
      message: 'approve Bash: touch x',
    });
  });

  test('the question is a question', () => expect(parseProgramStatus('?')).toEqual({ type: 'query' }));

  test.each([
    ['unknown keys are ignored', 'state=idle:colour=red', { state: 'idle' }],
    ['a kind without a block means nothing', 'state=working:kind=permission', { kind: null }],
    ['an unknown kind means nothing', 'state=blocked:kind=lunch', { kind: null }],
    ['progress of an idle program means nothing', 'state=idle:progress=50', { progress: null }],
    ['progress above 100 means nothing', 'state=working:progress=101', { progress: null }],
    ['an app name that is too long is left out', `state=idle:app=${'a'.repeat(33)}`, { app: null }],
    ['a title that is too long is left out', `state=idle:title=${base64('t'.repeat(193))}`, { title: null }],
    [
      'a text that is not UTF-8 is left out',
      `state=error:msg=${Buffer.from([0xff, 0xfe]).toString('base64')}`,
      { state: 'error', message: null },
    ],
    [
      'control characters and direction overrides are taken out',
      `state=error:msg=${base64('a\u001b[31mb\u202ec\u0007')}`,
      { message: 'a[31mbc' },
    ],
  ])('%s', (_title, payload, expected) => expect(report(payload)).toMatchObject(expected));

  test.each([
    ['no pair at all', ''],
    ['no state', 'app=x'],
    ['an unknown state', 'state=dancing'],
    ['a state from the prototype', 'state=constructor'],
    ['a key in capitals', 'STATE=idle'],
    ['a key that is too long', `state=idle:${'k'.repeat(17)}=1`],
    ['a value with a forbidden character', 'state=idle:app=a b'],
    ['an escape inside a value', 'state=idle:app=\u001b[31m'],
    ['a deep id', `state=idle:id=${Array(9).fill('a').join('/')}`],
    ['an id with an empty segment', 'state=idle:id=a//b'],
    ['an id with a long segment', `state=idle:id=${'a'.repeat(33)}`],
    ['more than 4096 bytes', `state=idle:msg=${'A'.repeat(4096)}`],
  ])('refused: %s', (_title, payload) => expect(parseProgramStatus(payload).type).toBe('refused'));

  test('a report replaces the one of the same id whole; clear removes an id with its children', () => {
    const records = createProgramRecords();
    const say = (payload: string) => records.take(parseProgramStatus(payload));
    const ids = () => records.list().map(({ id, state }) => `${id}:${state}`);
    say('state=working:app=x');
    say('state=working:id=a');
    say('state=working:id=a/b');
    say('state=working:id=ab');
    say('state=done');
    expect(ids()).toEqual([':done', 'a:working', 'a/b:working', 'ab:working']);
    expect(records.list()[0]?.app).toBeNull();
    say('state=clear:id=a');
    expect(ids()).toEqual([':done', 'ab:working']);
    records.endWork();
    expect(ids()).toEqual([':done']);
    say('state=clear');
    expect(ids()).toEqual([]);
  });

  test('256 records at most; those that are there can still change', () => {
    const records = createProgramRecords();
    for (let index = 0; index < 300; index++) records.take(parseProgramStatus(`state=working:id=n${index}`));
    records.take(parseProgramStatus('state=done:id=n0'));
    expect(records.list()).toHaveLength(256);
    expect(records.list()[0]?.state).toBe('done');
  });
});
