/** What is on the screen, at the sizes that matter. `vitest -u` writes the pictures anew; read their difference. */
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/core/width.ts';
import { onKey, onModel, onResize } from '../../src/view/intent.ts';
import { KEYMAP } from '../../src/view/keymap.ts';
import { contains, type Rect } from '../../src/view/layout.ts';
import type { Model } from '../../src/view/model.ts';
import { scene } from '../../src/view/scene.ts';
import type { Ui } from '../../src/view/ui-state.ts';
import { welcomeLines } from '../../src/view/welcome.ts';
import { cellsOf, draw, plainText, screenText } from './draw.ts';
import { asking, NOW, quiet, SIZES, shop, uiFor, verifying, waiting } from './fixture.ts';

const press = (model: Model, ui: Ui, ...keys: string[]): Ui => keys.reduce((now, key) => onKey(model, now, key, NOW).ui, ui);
const picture = (name: string): string => `./screens/${name}.txt`;

describe('INTERFACE, The screen: keys in, frame out', () => {
  for (const [name, size] of Object.entries(SIZES)) {
    for (const [state, make] of Object.entries({ waiting, verifying, quiet })) {
      if (name === 'wall' && state !== 'waiting') continue;
      it(`${state} at ${size.cols}×${size.rows}`, async () => {
        const model = make();
        await expect(`${screenText(model, uiFor(model, size))}\n`).toMatchFileSnapshot(picture(`${state}-${size.cols}x${size.rows}`));
      });
    }
  }

  it.each([
    ['evidence', ['v']],
    ['prompt', ['D', 'n', 'o']],
    ['palette', [':', 'a', 'u', 't', 'o', 'p', 'i', 'l', 'o', 't', 'space']],
    ['help', ['?', 'z', 'o', 'o', 'm']],
    ['zoom', ['z']],
    ['whole-card', ['space']],
    ['confirm', ['x']],
    ['typing', ['enter']],
  ])('%s at 80×24', async (name, keys) => {
    const model = waiting();
    await expect(`${screenText(model, press(model, uiFor(model, SIZES.small), ...keys))}\n`).toMatchFileSnapshot(picture(`${name}-80x24`));
  });

  it.each([
    ['waiting', []],
    ['help', ['?', 'l', 'e', 'a', 'v', 'e']],
    ['palette', [':']],
    ['typing', ['enter']],
    ['confirm', ['x']],
    ['whole-card', ['space']],
  ])('%s at 20×12: narrow, and with a way out', async (name, keys) => {
    const model = waiting();
    const shown = screenText(model, press(model, uiFor(model, { cols: 20, rows: 12 }), ...keys));
    await expect(`${shown}\n`).toMatchFileSnapshot(picture(`${name}-20x12`));
    expect(shown.split('\n').at(-1)).toMatch(/ (q|esc close|n|ctrl-\])$/u);
  });

  it('INTERFACE, Keys: the border and the last line always say who has the keys', () => {
    const model = waiting();
    for (const size of [SIZES.small, SIZES.sketch]) {
      const ui = uiFor(model, size);
      for (const now of [ui, press(model, ui, 'tab', 'tab', 'tab'), press(model, ui, 'v'), press(model, ui, '?'), press(model, ui, ':')]) {
        const lines = screenText(model, now).split('\n');
        expect(lines.at(-1)).toMatch(/^ CONTROL/u);
        expect(lines.slice(0, -1).join('\n')).toContain(' CONTROL ');
      }
      const typing = screenText(model, press(model, ui, 'enter')).split('\n');
      expect(typing.at(-1)).toMatch(/^ TYPING → instance-1-planning-backend/u);
      expect(typing.slice(0, -1).join('\n')).toContain('TYPING ═');
      expect(typing.join('\n')).not.toContain('CONTROL');
    }
  });

  it('every row is exactly as wide as its place, and no two places overlap, at any size from the smallest on', () => {
    const model = waiting();
    for (const [cols, rows] of [
      [20, 6],
      [21, 8],
      [40, 12],
      [59, 40],
      [60, 16],
      [61, 17],
      [79, 23],
      [80, 24],
      [99, 30],
      [100, 24],
      [111, 33],
      [118, 40],
      [160, 45],
      [204, 51],
      [400, 120],
    ] as const) {
      for (const keys of [[], ['tab', 'tab', 'tab'], ['v'], ['z'], [':'], ['?'], ['space']]) {
        const { blocks, slots } = scene(model, press(model, uiFor(model, { cols, rows }), ...keys), KEYMAP);
        const cells = new Uint8Array(cols * rows);
        const count = (rect: Rect): void => {
          for (let y = rect.y; y < rect.y + rect.height; y++)
            for (let x = rect.x; x < rect.x + rect.width; x++) cells[y * cols + x] = (cells[y * cols + x] ?? 0) + 1;
        };
        for (const slot of slots) if (slot.kind !== 'age' && slot.kind !== 'place') count(slot);
        for (const { rect, rows: lines } of blocks) {
          expect(lines.map((row) => row.reduce((sum, { text }) => sum + widthOf(text), 0))).toEqual(
            Array.from({ length: rect.height }, () => rect.width),
          );
          count(rect);
        }
        expect(
          cells.every((times) => times === 1),
          `${cols}×${rows} ${keys.join(' ')}: every cell is somebody's, and nobody else's`,
        ).toBe(true);
        expect(slots.filter(({ x, y, width, height }) => x < 0 || y < 0 || x + width > cols || y + height > rows)).toEqual([]);
      }
    }
  });

  it('what the compositor fills is blank in the frame, clocks too', () => {
    for (const make of [waiting, verifying, quiet]) {
      for (const size of [SIZES.small, SIZES.sketch]) {
        const model = make();
        const { frame, slots } = draw(model, uiFor(model, size));
        const cells = cellsOf(frame);
        expect(slots.map(({ kind }) => kind)).toContain('age');
        for (const { x, y, width, height } of slots)
          for (let row = y; row < y + height; row++)
            expect(
              (cells[row] ?? [])
                .slice(x, x + width)
                .join('')
                .trim(),
              `${x},${row}`,
            ).toBe('');
      }
    }
  });

  it('a pane keeps its size when a text covers it, and has the whole window when it is zoomed', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    const panes = (now: Ui) => scene(model, now, KEYMAP).slots.filter((slot) => slot.kind === 'pane');
    expect(panes(ui)).toHaveLength(2);
    expect(panes(press(model, ui, 'v'))).toHaveLength(0);
    const [zoomed] = panes(press(model, ui, 'z'));
    expect(zoomed).toMatchObject({ cols: 116, rows: 35 });
  });

  it('says so when the window is too small, down to nothing, and comes back', () => {
    const model = waiting();
    const ui = uiFor(model, SIZES.small);
    for (const [cols, rows] of [
      [19, 24],
      [80, 5],
      [20, 5],
      [3, 2],
      [1, 1],
    ] as const) {
      const small = onResize(model, ui, { cols, rows }, NOW);
      expect(plainText(draw(model, small).frame)).toContain(
        (cols < 50 ? 'needs 20×6' : `the window is too small: ${cols}×${rows}, needs 20×6`).slice(0, Math.max(0, cols - 1)),
      );
      for (const { keys } of KEYMAP) for (const key of keys) expect(() => onKey(model, small, key, NOW)).not.toThrow();
      expect(onResize(model, small, SIZES.small, NOW).size).toEqual(SIZES.small);
    }
    // Nobody decides about a card that he cannot see.
    expect(onKey(model, onResize(model, ui, { cols: 20, rows: 5 }, NOW), 'a', NOW + 9999).do).toBeUndefined();
  });

  it('without colours every state has its sign and its word, and no colour is sent', () => {
    for (const make of [waiting, verifying, quiet]) {
      const model = { ...make(), colours: 'none' as const };
      const { frame } = draw(model, uiFor(model, SIZES.sketch));
      expect([...frame.matchAll(/\u001b\[([0-9;]*)m/gu)].map(([, code]) => Number(code)).filter((code) => code >= 30 && code < 50)).toEqual(
        [],
      );
      expect(plainText(frame)).toBe(plainText(draw({ ...model, colours: '16' }, uiFor(model, SIZES.sketch)).frame));
    }
    const model = verifying();
    const text = screenText(model, uiFor(model, SIZES.sketch));
    for (const state of ['✓ passed', '✗ failed', '⟳ running', '· waiting', '⟳ verifying', '● working', '✓ done'])
      expect(text).toContain(state);
  });

  it("uses the terminal's own sixteen colours, never white, black or a background", () => {
    const model = { ...waiting(), colours: 'truecolor' as const };
    for (const keys of [[], ['v'], [':'], ['?'], ['D'], ['enter'], ['tab', 'tab', 'tab']]) {
      const { frame } = draw(model, press(model, uiFor(model, SIZES.sketch), ...keys));
      const codes = new Set([...frame.matchAll(/\u001b\[([^m]*)m/gu)].flatMap(([, codes = '']) => codes.split(';')));
      for (const code of codes) expect(['1', '2', '7', '22', '27', '31', '32', '33', '36', '39', '0', '']).toContain(code);
    }
  });

  it('titles in Chinese, with emoji and with accents keep every border in its column', () => {
    const model = shop([asking({ task: '注文テーブルを追加する 👩‍👩‍👧 🇩🇪 ❤️ e\u0301tude', question: null, phase: 'ACTIVE' })], {
      workspaceName: '店舗 🛒',
    });
    const { frame } = draw(model, uiFor(model, SIZES.sketch));
    expect(plainText(frame)).toContain('注文テーブル');
    expect(plainText(frame)).toContain('店舗 🛒');
    const rows = cellsOf(frame);
    for (const y of [1, 22]) {
      const corners = (rows[y] ?? []).flatMap((cell, x) => (/[┏┓┗┛╭╮╰╯]/u.test(cell) ? [x] : []));
      expect(corners).toEqual([0, 42, 43, 85, 86, 117]);
    }
  });

  it('a click hits what is drawn there', () => {
    const model = waiting();
    const { targets, blocks } = scene(model, uiFor(model, SIZES.sketch), KEYMAP);
    expect(blocks.length).toBeGreaterThan(5);
    const at = (x: number, y: number) => targets.find((target) => contains(target, { x, y }))?.click.kind;
    expect(at(5, 5)).toBe('pane');
    expect(at(5, 25)).toBe('handoff');
  });
});

describe('the first screen in a folder without a config', () => {
  it('explains itself in one screen, and offers to set the folder up', async () => {
    await expect(`${welcomeLines(SIZES.small, '/home/ann/shop', 'none').join('\n')}\n`).toMatchFileSnapshot(picture('welcome-80x24'));
    for (const size of [...Object.values(SIZES), { cols: 20, rows: 5 }]) {
      const lines = welcomeLines(size, `/tmp/\u001b[2J${'x'.repeat(500)}`, '16');
      expect(lines).toHaveLength(size.rows);
      expect(Math.max(...lines.map((line) => widthOf(plainText(line))))).toBeLessThanOrEqual(size.cols);
      expect(lines.join('')).not.toContain('\u001b[2J');
    }
  });
});

describe('what is looked at follows what happens', () => {
  it('a question brings its card up by itself, but not under somebody who reads or selects', () => {
    const before = verifying();
    const ui = uiFor(before, SIZES.sketch);
    const after = waiting();
    expect(screenText(after, onModel(after, ui, NOW))).toContain('advice');
    const other = shop([...Object.values(before.state.coordinator.handoffs), asking({ id: 'h-0001' as never })]);
    const inQueue = { ...onModel(before, { ...ui, focus: 'queue' }, NOW) };
    expect(onModel(other, inQueue, NOW).selected).toBe(inQueue.selected);
    expect(onModel(other, { ...ui, focus: 'pane' }, NOW).selected).toBe('h-0001');
  });
});
