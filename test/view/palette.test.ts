/** Verbs typed into the room: read as on the command line, completed, refused with a reason. */
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../src/core/command.ts';
import { parseTyped, splitWords, TYPEABLE } from '../../src/view/command-line.ts';
import { onKey, onPaste } from '../../src/view/intent.ts';
import { KEYMAP } from '../../src/view/keymap.ts';
import { EMPTY, edit, insert, lineOf, typedBy } from '../../src/view/line-editor.ts';
import { paletteEntries } from '../../src/view/palette/entries.ts';
import { BACKEND, FRONTEND, NOW, SIZES, uiFor, waiting } from './fixture.ts';

const model = waiting();
const ui = uiFor(model, SIZES.small);
const typed = (text: string) => onPaste(model, onKey(model, ui, ':', NOW).ui, text, NOW).ui;
const entered = (text: string) => onKey(model, typed(text), 'enter', NOW);
const verb = (name: string, args: object) => [{ type: 'verb', verb: name, args }];

describe('the command line of the room', () => {
  it.each([
    [
      `assign ${FRONTEND} --task "the order form" --then ${BACKEND}`,
      'assign',
      Object.fromEntries([
        ['instance', FRONTEND],
        ['task', 'the order form'],
        ['then', BACKEND],
      ]),
    ],
    [
      `coordtui assign ${FRONTEND} --task='a "b" c' --depends h-1111 --depends h-2222`,
      'assign',
      { instance: FRONTEND, task: 'a "b" c', depends: ['h-1111', 'h-2222'] },
    ],
    ['approve h-3f2a', 'approve', { id: 'h-3f2a', epoch: 2 }],
    ['approve h-3f2a --epoch 1', 'approve', { id: 'h-3f2a', epoch: '1' }],
    ['deny h-3f2a --reason "no price"', 'deny', { id: 'h-3f2a', epoch: 2, reason: 'no price' }],
    ['answer h-3f2a again', 'answer', { id: 'h-3f2a', epoch: 2, text: 'again' }],
    ['handoffs hold h-3f2a', 'handoffs hold', { id: 'h-3f2a' }],
    ['handoffs prioritise h-3f2a low', 'handoffs prioritise', { id: 'h-3f2a', priority: 'low' }],
    ['verify --handoff h-3f2a', 'verify', { handoff: 'h-3f2a' }],
    ['verify --handoff h-3f2a --cancel', 'verify cancel', { handoff: 'h-3f2a' }],
    ['verify unit e2e', 'verify', { check: ['unit', 'e2e'] }],
    ['autopilot suggest', 'autopilot', { dial: 'suggest' }],
    [`reassign h-3f2a ${FRONTEND} --reason "backend is down"`, 'reassign', { id: 'h-3f2a', instance: FRONTEND, reason: 'backend is down' }],
    [`new ${BACKEND}`, 'new', { instance: BACKEND }],
  ])('%s', (text, name, args) => {
    expect(entered(text).do).toEqual(verb(name, args));
    expect(entered(text).ui.overlay).toBeNull();
  });

  it.each([
    ['assign', /instance is missing/u],
    ['fly to the moon', /there is no command "fly"/u],
    ['approve h-9999', /there is no handoff "h-9999"/u],
    ['approve h-3f2a --force', /there is no --force/u],
    ['deny h-3f2a --reason', /--reason needs a value/u],
    ['deny h-3f2a "open', /a quote is not closed/u],
    ['handoffs prioritise h-3f2a soon', /must be one of critical, high, medium, low/u],
    [`reassign h-3f2a ${FRONTEND}`, /--reason is needed/u],
    ['approve h-3f2a now', /"now" is too much/u],
  ])('%s is refused with the reason, and the line stays', (text, problem) => {
    const direct = parseTyped(text);
    if (direct.ok) expect(text).toBe('approve h-9999');
    else expect(direct.problem).toMatch(problem);
    const outcome = entered(text);
    expect(outcome.do).toBeUndefined();
    expect(outcome.ui.overlay?.kind).toBe('palette');
  });

  it('shows itself what it can show itself', () => {
    expect(entered('explain h-3f2a')).toMatchObject({
      ui: { overlay: { kind: 'text', what: 'explain' } },
      do: [{ type: 'open-text', what: 'explain', handoff: 'h-3f2a' }],
    });
    expect(entered('diff h-91c0').do).toEqual([{ type: 'open-text', what: 'diff', handoff: 'h-91c0' }]);
    expect(entered('handoffs show h-91c0').ui).toMatchObject({ selected: 'h-91c0', overlay: { kind: 'card' } });
    expect(entered('handoffs').ui.focus).toBe('queue');
    expect(entered('stop')).toMatchObject({ ui: { overlay: { kind: 'prompt', asking: { for: 'stop' } } } });
  });

  it('every verb of the list that the room does can be typed, but those of an agent and those that never end', () => {
    const left = VERBS.filter((one) => one.where !== 'local' && !TYPEABLE.includes(one)).map(({ name }) => name);
    expect(left.toSorted()).toEqual(['ack', 'ready', 'status watch', 'tail']);
    for (const { name, example } of TYPEABLE) expect(parseTyped(example), name).toMatchObject({ ok: true, verb: { name } });
  });

  it('completes instances, handoffs, choices and flags', () => {
    const offered = (text: string) => paletteEntries(model, ui, KEYMAP, text).map((entry) => entry.text);
    expect(offered('assign instance-2')).toEqual([FRONTEND]);
    expect(offered('approve h-3')).toEqual(['h-3f2a']);
    expect(offered('autopilot ')).toEqual(['watch', 'suggest', 'countdown', 'act', 'pause', 'resume']);
    expect(offered(`assign ${FRONTEND} --pr`)).toEqual(['--priority PRIORITY']);
    expect(offered(`assign ${FRONTEND} --task x --then `)).toContain(BACKEND);
    expect(offered('window')).toEqual(['give the focus the whole window, and back']);
    expect(onKey(model, typed('assign instance-2'), 'tab', NOW).ui.overlay).toMatchObject({ line: { text: `assign ${FRONTEND} ` } });
  });

  it('P opens the dial at what it is set to; Enter leaves it so, an arrow and Enter change it', () => {
    const dial = onKey(model, ui, 'P', NOW).ui;
    expect(onKey(model, dial, 'enter', NOW).do).toEqual(verb('autopilot', { dial: 'act' }));
    expect(onKey(model, onKey(model, dial, 'up', NOW).ui, 'enter', NOW).do).toEqual(verb('autopilot', { dial: 'countdown' }));
  });

  it('takes hostile words as words', () => {
    expect(splitWords('a "b c" d\\ e \'f"g\' ""')).toEqual({ words: ['a', 'b c', 'd e', 'f"g', ''], open: false });
    for (const text of [
      '__proto__ x',
      'constructor',
      `approve ${'h'.repeat(5000)}`,
      'assign --__proto__ x',
      '\u001b[2J',
      '"',
      '\\'.repeat(99),
    ]) {
      expect(() => entered(text)).not.toThrow();
      expect(entered(text).do).toBeUndefined();
    }
  });
});

describe('a line that is typed', () => {
  it('is edited by characters as a person sees them', () => {
    const family = insert(EMPTY, 'a👩‍👩‍👧e\u0301');
    expect(edit(family, 'erase').text).toBe('a👩‍👩‍👧');
    expect(edit(edit(family, 'erase'), 'erase').text).toBe('a');
    expect(edit(edit(family, 'cursor-left'), 'erase-forward').text).toBe('a👩‍👩‍👧');
    expect(edit(lineOf('one two  '), 'erase-word').text).toBe('one ');
    expect(edit({ text: 'abc', cursor: 0 }, 'erase')).toEqual({ text: 'abc', cursor: 0 });
    expect(edit({ text: 'abc', cursor: 3 }, 'erase-forward')).toEqual({ text: 'abc', cursor: 3 });
    expect(insert({ text: 'ac', cursor: 1 }, 'b\u001b[31m\n')).toEqual({ text: 'ab[31m c', cursor: 7 });
    expect(insert(EMPTY, 'x'.repeat(9000))).toEqual(EMPTY);
  });

  it('takes printable keys only', () => {
    expect(['a', 'space', 'ö', '漢', '👩‍👩‍👧'].map(typedBy)).toEqual(['a', ' ', 'ö', '漢', '👩‍👩‍👧']);
    expect(['enter', 'ctrl+a', 'f1', '', '\u0007'].map(typedBy)).toEqual([null, null, null, null, null]);
  });
});
