/** Where everything stands, for two panes or sixty-four, on a screen of twenty columns or four hundred; and how it is changed. */
import { describe, expect, it } from 'vitest';
import type { Arrangement } from '../../src/core/config.ts';
import { ARRANGEMENTS } from '../../src/core/config.ts';
import { onKey } from '../../src/view/intent.ts';
import { KEYMAP } from '../../src/view/keymap.ts';
import { layout, type Rect } from '../../src/view/layout.ts';
import type { Model } from '../../src/view/model.ts';
import { onMouse } from '../../src/view/mouse.ts';
import { scene } from '../../src/view/scene.ts';
import type { Ui } from '../../src/view/ui-state.ts';
import { screenText } from './draw.ts';
import { BACKEND, FRONTEND, NOW, SIZES, uiFor, waiting } from './fixture.ts';

/** So many instances with a program, and the coordinator. */
function crowd(count: number): Model {
  const model = waiting();
  const { coordinator } = model.state;
  const { config } = coordinator;
  const [first] = config.instances;
  const more = Array.from({ length: count }, (_, index) => ({ ...first, id: `instance-${index + 10}-worker`, role: 'worker' }));
  const instances = [...more, ...config.instances.filter(({ command }) => command === null)] as typeof config.instances;
  const states = Object.fromEntries(instances.map(({ id }) => [id, coordinator.instances[BACKEND]]));
  return {
    ...model,
    state: { ...model.state, coordinator: { ...coordinator, config: { ...config, instances }, instances: states as never } },
  };
}

/** A row of the chrome without drawing all of it. */
const rowAt = (model: Model, ui: Ui, y: number): string =>
  scene(model, ui, KEYMAP)
    .blocks.filter(({ rect }) => rect.y === y)
    .flatMap(({ rows }) => (rows[0] ?? []).map(({ text }) => text))
    .join('');

const press = (model: Model, ui: Ui, ...keys: string[]): Ui => keys.reduce((now, key) => onKey(model, now, key, NOW).ui, ui);
const widths = (model: Model, ui: Ui): number[] => layout(model, ui).panes.map(({ rect }) => rect.width);

function overlap(rects: readonly Rect[]): boolean {
  return rects.some((a, index) =>
    rects.slice(index + 1).some((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
  );
}

describe('arrangements', () => {
  it.each(ARRANGEMENTS.flatMap((arrangement) => [2, 3, 8, 64].map((count) => [arrangement, count] as const)))(
    '%s of %i: whole, without gaps or overlaps, at every size and with the focus anywhere',
    (arrangement, count) => {
      const model = crowd(count);
      for (const [cols, rows] of [
        [20, 6],
        [30, 10],
        [60, 16],
        [80, 24],
        [100, 30],
        [118, 40],
        [204, 51],
        [400, 120],
      ] as const) {
        for (const at of [0, Math.floor(count / 2), count - 1]) {
          const pane = model.state.coordinator.config.instances[at]?.id;
          const ui = uiFor(model, { cols, rows }, { arrangement, pane: pane as never });
          const { panes, strip, queue, dock } = layout(model, ui);
          const rects = panes.map(({ rect }) => rect);
          expect(panes.map((one) => one.pane.id)).toContain(pane);
          expect(
            overlap([...rects, ...(strip === null ? [] : [strip]), ...(queue === null ? [] : [queue]), ...(dock === null ? [] : [dock])]),
          ).toBe(false);
          expect(
            rects.every(({ width, height }) => width >= 12 && height >= 3),
            `${cols}×${rows}`,
          ).toBe(true);
          const covered = rects.reduce((sum, { width, height }) => sum + width * height, 0);
          const bottom = queue === null && dock === null ? 0 : ((dock ?? queue)?.height ?? 0);
          expect(covered).toBe(cols * (rows - 3 - bottom - (strip === null ? 0 : 1)));
          // What has no room of its own is told of in the strip.
          if (strip !== null) expect(rowAt(model, ui, strip.y)).toContain(`▸${at + 1} `);
        }
      }
    },
  );

  it('L goes through them, and sixty-four need no more than a turn of the loop', () => {
    const model = crowd(64);
    let ui = uiFor(model, SIZES.wall);
    const seen: Arrangement[] = [];
    const before = process.cpuUsage();
    for (let turn = 0; turn < 4; turn++) {
      ui = press(model, ui, 'L');
      seen.push(ui.arrangement);
      layout(model, ui);
    }
    expect(seen).toEqual(['main-stack', 'grid', 'one', 'columns']);
    // Generously, and of the processor: a machine may be slow, but not a thousand times.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(5_000);
  });
});

describe('sizes of one’s own', () => {
  it('> and < move the border beside the pane, = puts everything back', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.wide);
    const before = widths(model, ui);
    expect(widths(model, press(model, ui, '>'))).toEqual([(before[0] ?? 0) + 4, (before[1] ?? 0) - 4, before[2]]);
    expect(widths(model, press(model, ui, '>', '>', '<', '<'))).toEqual(before);
    const last = press(model, ui, '3', '>');
    expect(widths(model, last)).toEqual([before[0], (before[1] ?? 0) - 4, (before[2] ?? 0) + 4]);
    const far = press(model, ui, ...Array.from({ length: 100 }, () => '<'));
    expect(Math.min(...widths(model, far))).toBe(12);
    expect(widths(model, press(model, far, '='))).toEqual(before);
    const { queue } = layout(model, ui);
    expect(layout(model, press(model, ui, 'j', '>')).queue?.width).toBe((queue?.width ?? 0) + 4);
    expect(layout(model, press(model, ui, 'ctrl+up')).queue?.height).toBe((queue?.height ?? 0) + 2);
  });

  it('a border is dragged, and stays where it is put', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.wide);
    const { targets } = scene(model, ui, KEYMAP);
    const mouse = (now: Ui, action: 'press' | 'move' | 'release', x: number, y: number): Ui =>
      onMouse(model, now, { action, button: 'left', x, y }, targets, NOW).ui;
    const [first, , third] = layout(model, ui).panes.map(({ rect }) => rect);
    const edge = (first?.width ?? 0) - 1;
    const dragged = mouse(mouse(mouse(ui, 'press', edge, 8), 'move', 90, 8), 'release', 90, 8);
    expect(widths(model, dragged)[0]).toBe(91);
    expect(widths(model, dragged)[2]).toBe(third?.width);
    expect(mouse(dragged, 'move', 30, 8)).toBe(dragged);
    const { queue } = layout(model, ui);
    const up = mouse(mouse(ui, 'press', 20, queue?.y ?? 0), 'move', 20, 15);
    expect(layout(model, up).queue?.y).toBe(16);
    // What is inside of a pane is selected, not moved.
    expect(mouse(ui, 'press', edge - 3, 8).drag?.kind).toBe('select');
  });

  it('H hides a pane and not its session; its number shows it again', () => {
    const model = waiting();
    const hidden = press(model, uiFor(model, SIZES.wide), 'H');
    expect(hidden).toMatchObject({ pane: FRONTEND, hidden: [BACKEND] });
    expect(layout(model, hidden).panes.map(({ pane }) => pane.id)).toEqual([FRONTEND, 'log']);
    expect(screenText(model, hidden)).toMatch(/1 planning-backend .* hidden/u);
    expect(press(model, hidden, 'tab', 'tab', 'tab', 'tab').pane).toBe(FRONTEND);
    expect(press(model, hidden, '1').hidden).toEqual([]);
    const all = press(model, uiFor(model, SIZES.wide), 'H', 'H', 'H');
    expect(layout(model, all).panes).toHaveLength(1);
    expect(all.notice?.text).toContain('last pane');
  });
});

describe('narrow terminals', () => {
  it.each([
    [20, 6],
    [20, 24],
    [59, 50],
    [200, 8],
  ])('%i × %i: one thing at a time, and everything can be reached', (cols, rows) => {
    const model = waiting();
    const ui = uiFor(model, { cols, rows });
    expect(layout(model, ui).panes).toHaveLength(1);
    expect(layout(model, press(model, ui, 'n')).dock).toEqual({ x: 0, y: 1, width: cols, height: rows - 3 });
    for (const keys of [[], ['n'], ['tab', 'tab', 'tab'], [':'], ['?'], ['v'], ['space'], ['/', 'x'], ['[']]) {
      const lines = screenText(model, press(model, ui, ...keys)).split('\n');
      expect(lines).toHaveLength(rows);
    }
  });

  it.each([
    [19, 24],
    [1, 1],
    [10, 2],
  ])('%i × %i is too small, and says so as far as it fits', (cols, rows) => {
    expect(screenText(waiting(), uiFor(waiting(), { cols, rows })).split('\n')).toHaveLength(rows);
  });
});
