/** Decisions: only about what is seen, only after it was there for a moment, bound to its round (PROTOCOL section 2). */
import { describe, expect, it } from 'vitest';
import { cardPanel } from '../../src/view/card/card.ts';
import { onCommand, onKey, onModel, onPaste, onResize } from '../../src/view/intent.ts';
import { KEYMAP } from '../../src/view/keymap.ts';
import type { Model } from '../../src/view/model.ts';
import { onMouse } from '../../src/view/mouse.ts';
import { scene } from '../../src/view/scene.ts';
import type { Ui } from '../../src/view/ui-state.ts';
import { asking, BACKEND, FRONTEND, NOW, SIZES, shop, uiFor, verifying, waiting } from './fixture.ts';

const press = (model: Model, ui: Ui, keys: readonly string[], at = NOW) =>
  keys.reduce((outcome, key) => onKey(model, outcome.ui, key, at), { ui } as ReturnType<typeof onKey>);
const verb = (name: string, args: object) => [{ type: 'verb', verb: name, args }];

describe('PROTOCOL §2: the card', () => {
  it('ignores a decision for 400 ms after it appeared, and says so', () => {
    const before = verifying();
    const model = waiting();
    const shown = onModel(model, uiFor(before, SIZES.sketch), NOW);
    for (const key of ['a', 'd', 'D', 'e']) {
      const early = onKey(model, shown, key, NOW + 399);
      expect(early.do, key).toBeUndefined();
      expect(early.ui.overlay, key).toBeNull();
      expect(early.ui.notice?.text).toContain('only just come up');
    }
    expect(onKey(model, shown, 'a', NOW + 400).do).toEqual(verb('approve', { id: 'h-3f2a', epoch: 2 }));
    expect(onKey(model, shown, 'd', NOW + 400).do).toEqual(verb('deny', { id: 'h-3f2a', epoch: 2 }));
  });

  it('starts its guard anew when it is about another round, another handoff, or stands elsewhere', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    const question = asking().question;
    if (question === null) throw new Error('the fixture asks');
    const nextRound = shop([asking({ epoch: 3, question: { ...question, epoch: 3, id: 'q-2' } })]);
    expect(onKey(nextRound, onModel(nextRound, ui, NOW), 'a', NOW + 100).do).toBeUndefined();
    const other = shop([asking({ question: null, closedAt: NOW }), asking({ id: 'h-0001' as never })]);
    expect(onModel(other, ui, NOW).selected).toBe('h-0001');
    expect(onKey(other, onModel(other, ui, NOW), 'a', NOW + 100).do).toBeUndefined();
    expect(onKey(model, onResize(model, ui, SIZES.small, NOW), 'a', NOW + 100).do).toBeUndefined();
    expect(onKey(model, press(model, ui, ['space']).ui, 'a', NOW + 100).do).toBeUndefined();
    expect(onKey(model, press(model, ui, ['space']).ui, 'a', NOW + 500).do).toEqual(verb('approve', { id: 'h-3f2a', epoch: 2 }));
  });

  it('that is not on the screen cannot be decided: zoomed away, covered, another one selected, while reading', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.small);
    for (const keys of [['z'], ['v'], ['f'], ['['], ['?'], [':']]) {
      const now = press(model, ui, keys).ui;
      expect(onKey(model, now, 'a', NOW + 9999).do, keys.join(' ')).toBeUndefined();
    }
    expect(onKey(model, { ...ui, focus: 'queue', selected: 'h-91c0' as never }, 'a', NOW + 9999).do).toBeUndefined();
  });

  it('is denied with a reason in the words of the operator, bound to the round that he saw', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.small);
    const typed = onPaste(model, press(model, ui, ['D', 'n', 'o', 'space']).ui, 'prices\nare missing\u001b', NOW).ui;
    const later = shop([asking({ epoch: 3 })]);
    expect(onKey(later, onModel(later, typed, NOW), 'enter', NOW).do).toEqual(
      verb('deny', { id: 'h-3f2a', epoch: 2, reason: 'no prices are missing' }),
    );
    expect(press(model, ui, ['D', 'enter']).ui.overlay?.kind).toBe('prompt');
    expect(press(model, ui, ['D', 'x', 'esc']).do).toBeUndefined();
  });

  it('is answered in words, and offers its other ways out by mark or click', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    expect(press(model, ui, ['e', 'y', 'e', 's', 'enter']).do).toEqual(verb('answer', { id: 'h-3f2a', epoch: 2, text: 'yes' }));
    const focused = press(model, ui, ['n']).ui;
    expect(focused.option, 'the advice is marked').toBe(1);
    expect(press(model, focused, ['j', 'enter'], NOW + 500).do).toEqual(verb('answer', { id: 'h-3f2a', epoch: 2, text: 'again' }));
    const { targets } = scene(model, ui, KEYMAP);
    const target = targets.find(({ click }) => click.kind === 'option' && click.index === 0);
    const click = (at: number) =>
      onMouse(model, ui, { action: 'press', button: 'left', x: (target?.x ?? 0) + 1, y: target?.y ?? 0 }, targets, at);
    expect(click(NOW).do).toEqual(verb('approve', { id: 'h-3f2a', epoch: 2 }));
    expect(
      onMouse(
        model,
        { ...ui, shown: { card: ui.shown?.card ?? '', at: NOW } },
        { action: 'press', button: 'left', x: target?.x ?? 0, y: target?.y ?? 0 },
        targets,
        NOW + 100,
      ).do,
    ).toBeUndefined();
  });

  it('that counts down can be stopped, or decided at once', () => {
    const model = shop([asking({ question: null, pending: { decision: 'approve', epoch: 2, dueAt: NOW + 20_000 } })]);
    const ui = uiFor(model, SIZES.small);
    expect(onKey(model, ui, 'esc', NOW).do).toEqual(verb('handoffs hold', { id: 'h-3f2a' }));
    expect(onKey(model, ui, 'd', NOW).do).toEqual(verb('deny', { id: 'h-3f2a', epoch: 2 }));
    expect(onKey(model, ui, 'e', NOW).do).toBeUndefined();
  });

  it('PROTOCOL §3: whose countdown has run out can be taken back for as long as it says', () => {
    const model = shop([asking({ question: null, pending: { decision: 'approve', epoch: 2, dueAt: NOW + 8_000, decided: true } })]);
    const ui = uiFor(model, SIZES.small);
    expect(onKey(model, ui, 'esc', NOW).do).toEqual(verb('undo', { id: 'h-3f2a' }));
    expect(onKey(model, ui, 'u', NOW).do).toEqual(verb('undo', {}));
    const panel = cardPanel(model, ui, model.state.coordinator.handoffs['h-3f2a' as never] as never, { x: 0, y: 0, width: 60, height: 8 });
    expect([panel.title[0]?.text, panel.titleEnd?.[0]?.text]).toEqual(['◔ was approved', 'takes effect in ']);
  });
});

describe('what cannot be taken back asks first', () => {
  const model = waiting();
  const ui = uiFor(model, SIZES.small);

  it('Q wants the word', () => {
    expect(press(model, ui, ['Q', 's', 't', 'o', 'p', 'enter']).do).toEqual(verb('stop', {}));
    expect(press(model, ui, ['Q', 'enter']).do).toBeUndefined();
    expect(press(model, ui, ['Q', 'y', 'enter']).do).toBeUndefined();
  });

  it('x and R say what is lost', () => {
    for (const [key, name] of [
      ['x', 'close'],
      ['R', 'restart'],
    ] as const) {
      const asked = press(model, ui, [key]);
      expect(asked.do).toBeUndefined();
      expect(asked.ui.overlay).toMatchObject({ kind: 'confirm', question: expect.stringContaining('is lost') });
      expect(onKey(model, asked.ui, 'y', NOW).do).toEqual(verb(name, { instance: BACKEND }));
      for (const no of ['n', 'esc', 'enter', 'q']) expect(onKey(model, asked.ui, no, NOW).do, no).toBeUndefined();
    }
  });

  it('approving from the palette asks once more, naming the round', () => {
    const asked = press(model, ui, [':', 'a', 'p', 'p', 'r', 'o', 'v', 'e', 'space', 't', 'h', 'e', 'enter']);
    expect(asked.do).toBeUndefined();
    expect(asked.ui.overlay).toMatchObject({ kind: 'confirm', question: 'approve h-3f2a, round 2?' });
    expect(onKey(model, asked.ui, 'y', NOW).do).toEqual(verb('approve', { id: 'h-3f2a', epoch: 2 }));
  });
});

describe('moving about', () => {
  it('n walks through what needs you: what cannot be kept, questions, failed sessions', () => {
    const base = waiting();
    const { coordinator } = base.state;
    const failed = { ...coordinator.instances, [FRONTEND]: { ...coordinator.instances[FRONTEND], session: 'failed' as const } };
    const model: Model = {
      ...base,
      trouble: 'the disk is full',
      state: { ...base.state, coordinator: { ...coordinator, instances: failed as never } },
    };
    const first = press(model, uiFor(model, SIZES.small, { zoom: true }), ['n']).ui;
    expect(first.notice?.text).toContain('the disk is full');
    const second = onCommand(model, { ...first, focus: 'dock', selected: 'h-3f2a' as never }, 'next-need', NOW).ui;
    expect(second).toMatchObject({ pane: FRONTEND, focus: 'pane', zoom: false });
    expect(onKey(model, second, 'N', NOW).ui).toMatchObject({ focus: 'dock', selected: 'h-3f2a' });
    expect(onKey(shop([]), uiFor(shop([]), SIZES.small), 'n', NOW).ui.notice?.text).toBe('nothing needs you');
  });

  it('the wheel scrolls what is under it, a click focuses it, and a resize or a click changes no decision', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    const { targets } = scene(model, ui, KEYMAP);
    const mouse = (now: Ui, action: 'press' | 'wheel', button: 'left' | 'up' | 'down', x: number, y: number) =>
      onMouse(model, now, { action, button, x, y }, targets, NOW);
    const by = (lines: number) => [{ type: 'read', key: `pane:${FRONTEND}`, act: { do: 'lines', by: lines } }];
    expect(mouse(ui, 'wheel', 'up', 60, 5).do).toEqual(by(3));
    expect(mouse(ui, 'wheel', 'down', 60, 5).do).toEqual(by(-3));
    expect(mouse(ui, 'press', 'left', 60, 5).ui).toMatchObject({ focus: 'pane', pane: FRONTEND });
    expect(mouse(ui, 'press', 'left', 4, 25).ui).toMatchObject({ focus: 'queue', selected: 'h-91c0' });
    const typing = onKey(model, ui, 'enter', NOW).ui;
    expect(mouse(typing, 'press', 'left', 5, 5).ui.mode).toBe('typing');
    expect(mouse(typing, 'press', 'left', 60, 5).ui.mode).toBe('control');
  });

  it('leaves the agent when another screen takes the input over, and says so', () => {
    const model = waiting();
    const typing = onKey(model, uiFor(model, SIZES.small), 'enter', NOW).ui;
    const taken = onModel({ ...model, role: 'watcher' }, typing, NOW + 1000);
    expect(taken).toMatchObject({ mode: 'control', notice: { level: 'warning' } });
    expect(onKey({ ...model, role: 'watcher' }, taken, 'a', NOW + 1100).do).toBeUndefined();
    expect(onKey({ ...model, role: 'watcher' }, taken, 'T', NOW + 1100).do).toEqual([{ type: 'take-over' }]);
  });

  it('survives that what it looks at is gone', () => {
    const model = waiting();
    const ui = { ...uiFor(model, SIZES.small), pane: FRONTEND };
    const { coordinator } = model.state;
    const config = { ...coordinator.config, instances: coordinator.config.instances.filter(({ id }) => id !== FRONTEND) };
    const smaller: Model = { ...model, state: { ...model.state, coordinator: { ...coordinator, config, handoffs: {} } } };
    expect(onModel(smaller, { ...ui, mode: 'typing' }, NOW)).toMatchObject({ pane: BACKEND, selected: null, mode: 'control' });
  });
});
