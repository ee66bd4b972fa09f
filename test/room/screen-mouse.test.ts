/** A selection that is held beyond the edge goes on by itself, in everything that is read, and ends with what ends it. */
import { afterEach, describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/pane/emulator.ts';
import { createReader, type Reader } from '../../src/pane/reader.ts';
import { createScreenMouse, type ScreenMouse } from '../../src/room/screen-mouse.ts';
import { createTimers } from '../../src/room/timers.ts';
import type { MouseEvent } from '../../src/screen/mouse.ts';
import { slotKey } from '../../src/view/drag.ts';
import { KEYMAP } from '../../src/view/keymap.ts';
import type { ReadKey } from '../../src/view/reading.ts';
import { type Slot, scene } from '../../src/view/scene.ts';
import type { Ui } from '../../src/view/ui-state.ts';
import { until } from '../support/until.ts';
import { NOW, SIZES, uiFor, waiting } from '../view/fixture.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

type Held = {
  readonly mouse: ScreenMouse;
  readonly reader: Reader;
  readonly slot: Slot;
  ui(): Ui;
  /** The first row that is seen, from the oldest. */
  top(): number;
  does(action: MouseEvent['action'], x: number, y: number, button?: MouseEvent['button']): void;
};

/** Something of that kind with so many lines in it, of which the last ones are seen. */
function held(kind: Slot['kind'], lines = 60): Held {
  const model = waiting();
  let ui = uiFor(model, SIZES.wide);
  const { slots, targets } = scene(model, ui, KEYMAP);
  const slot = slots.find((one) => one.kind === kind);
  const key = slot === undefined ? null : slotKey(slot);
  if (slot === undefined || key === null) throw new Error(`no ${kind} is shown`);
  const emulator = createEmulator({
    cols: slot.width,
    rows: slot.height,
    scrollbackLines: 1_000,
    promptEndsWork: false,
    onAnswer: () => undefined,
  });
  emulator.feed(Buffer.from(Array.from({ length: lines }, (_, line) => `line ${line}`).join('\r\n')));
  const reader = createReader({ ...emulator, changed: () => undefined });
  reader.see(slot.height);
  const timers = createTimers<'drag'>();
  closing.push(
    () => emulator.close(),
    () => reader.close(),
    timers.close,
  );
  const mouse = createScreenMouse({
    world: { panes: { get: () => null } as never, paneModes: () => null, now: () => NOW, keymap: KEYMAP },
    timers,
    readers: { at: (asked: ReadKey) => (asked === key ? reader : null) },
    typist: { mouse: () => null },
    slots: () => slots,
    targets: () => targets,
    model: () => model,
    ui: () => ui,
    role: () => 'holder',
    type: () => undefined,
    press(outcome) {
      ui = outcome.ui;
      for (const intent of outcome.do ?? [])
        if (intent.type === 'read' && intent.act.do === 'point') reader.point(intent.act.x, intent.act.y, intent.act.by, intent.act.extend);
    },
  });
  return {
    mouse,
    reader,
    slot,
    ui: () => ui,
    top: () => reader.max() - reader.back(),
    does: (action, x, y, button = 'left') =>
      mouse.take({ action, button, x: slot.x + x, y: slot.y + y, shift: false, alt: false, ctrl: false } as MouseEvent),
  };
}

/** It has come to rest: more turns of the timer would have had their time twice over. */
async function rests(top: () => number): Promise<number> {
  let last = top();
  let same = 0;
  await until('it to rest', () => {
    same = top() === last ? same + 1 : 0;
    last = top();
    return same >= 10;
  });
  return last;
}

describe.each(['pane', 'log'] as const)('a selection in a %s', (kind) => {
  it('that is held above it goes on to the beginning, and is all that lies between', async () => {
    const { does, top, reader, slot } = held(kind);
    const begun = top();
    expect(begun).toBeGreaterThan(10);
    does('press', 0, slot.height - 1);
    does('move', 0, -1);
    expect(top()).toBe(begun - 1);
    await until('the beginning', () => top() === 0);
    does('release', 0, -1);
    expect(reader.selected().split('\n').slice(0, 3)).toEqual(['line 0', 'line 1', 'line 2']);
    expect(reader.selected().split('\n').at(-1)).toMatch(/^l/);
  });

  it('that is held below it goes on to the end', async () => {
    const { does, top, reader, slot } = held(kind);
    reader.toTop();
    does('press', 0, 0);
    does('move', 40, slot.height);
    await until('the end', () => top() === reader.max());
    does('release', 40, slot.height);
    expect(reader.selected().split('\n').at(-1)).toBe('line 59');
  });

  it.each([
    ['its release', ({ does }: Held) => does('release', 0, -1)],
    ['the mouse that comes back', ({ does }: Held) => does('move', 0, 2)],
    ['a move without a button', ({ does }: Held) => does('move', 0, -1, 'none')],
    ['a key, or the focus that is lost', ({ mouse }: Held) => mouse.rest()],
  ])('goes on no more after %s', async (_what, end) => {
    const one = held(kind, 900);
    one.does('press', 0, 3);
    one.does('move', 0, -1);
    const begun = one.top();
    await until('it to go on by itself', () => one.top() < begun);
    end(one);
    const stopped = one.top();
    expect(stopped).toBeGreaterThan(100);
    expect(await rests(one.top)).toBe(stopped);
  });
});
