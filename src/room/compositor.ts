/** One client's terminal: chrome, emulators' cells and clocks come together in a grid, and one writer brings it over. */
import type { Terminal } from '@xterm/headless';
import type { InstanceId, Ms } from '../core/ids.ts';
import { createEmulator, type Emulator } from '../pane/emulator.ts';
import { blit } from '../screen/blit.ts';
import { drawChrome } from '../screen/chrome.ts';
import { clear, createGrid, type Grid } from '../screen/grid.ts';
import { CONTROL_MODES, mirror, type OuterModes, outerModes } from '../screen/modes.ts';
import { type Cursor, createWriter } from '../screen/writer.ts';
import { ageText } from '../view/age.ts';
import type { Model, Role } from '../view/model.ts';
import type { Slot } from '../view/scene.ts';
import type { Size, Ui } from '../view/ui-state.ts';
import type { ScreenWorld } from './screen-types.ts';

export type CompositorOptions = {
  readonly world: ScreenWorld;
  readonly size: Size;
  readonly colours: Model['colours'];
  /** False when the client's buffer is full. */
  readonly write: (output: string) => boolean;
};

export type Compositor = {
  /** A new frame of the chrome, and the rectangles that it leaves to be filled. */
  take(frame: string, slots: readonly Slot[]): void;
  slots(): readonly Slot[];
  /** False: the client had no room, and the frame was left out. */
  paint(ui: Ui, role: Role): boolean;
  /** Sessions, log and output get the size of the rectangles that they have here. */
  fitPanes(): void;
  resize(size: Size): void;
  drained(): void;
  invalidate(): void;
  /** A document that a slot of kind `text` may show. */
  openText(id: string, text: string): void;
  /** How far back each slot can be scrolled, as it was when it was painted last. */
  readonly scrollMax: Readonly<Record<string, number>>;
  /** When this screen last showed the pane in focus; null: never. */
  seenAt(instance: InstanceId): Ms | null;
  close(): void;
};

const TEXT_LINES = 50_000;

/** The modes of control focus, whatever was set before; pastes in brackets all the time. */
const AS_ENTERED = '\x1b[?1l\x1b>\x1b[?1004l\x1b[?2004h\x1b[0 q';

type Text = { readonly emulator: Emulator; cols: number; rows: number };

export function createCompositor({ world, size, colours, write }: CompositorOptions): Compositor {
  const writer = createWriter({ write }, colours);
  const texts = new Map<string, Text>();
  const seen = new Map<InstanceId, Ms>();
  const scrollMax: Record<string, number> = {};
  const anchors = new Map<string, { readonly terminal: Terminal; readonly scroll: number; readonly baseY: number }>();
  let grid: Grid = createGrid(Math.max(1, size.cols), Math.max(1, size.rows));
  let frame = '';
  let slots: readonly Slot[] = [];
  // null: not known, the terminal may have been given to somebody else meanwhile.
  let outer: OuterModes | null = null;

  const draw = (slot: Slot, ui: Ui): Cursor => {
    switch (slot.kind) {
      case 'age':
        drawChrome(grid, ageText(slot, world.now(), colours), slot.x, slot.y);
        return null;
      case 'log':
      case 'output': {
        const { terminal } = slot.kind === 'log' ? world.log.emulator : world.output.emulator;
        blit(grid, terminal, slot, { scrolledBack: slot.kind === 'log' ? held('pane:log', terminal, slot.scroll) : slot.scroll });
        return null;
      }
      case 'text':
        drawText(slot);
        return null;
      case 'pane':
        return drawPane(slot, ui);
    }
  };

  /** A view that is scrolled back stays where it is while new lines come in below it. */
  const held = (key: string, terminal: Terminal, scroll: number): number => {
    const { baseY } = terminal.buffer.active;
    scrollMax[key] = baseY;
    const anchor = anchors.get(key);
    if (scroll === 0) anchors.delete(key);
    else if (anchor?.scroll !== scroll || anchor.terminal !== terminal) anchors.set(key, { terminal, scroll, baseY });
    else return scroll + Math.max(0, baseY - anchor.baseY);
    return scroll;
  };

  /** Scrolled from its beginning, where a document is read from. */
  const drawText = (slot: Slot & { kind: 'text' }): void => {
    const text = texts.get(slot.id);
    if (text === undefined) return;
    if (text.cols !== slot.width || text.rows !== slot.height) {
      text.cols = slot.width;
      text.rows = slot.height;
      text.emulator.resize(Math.max(2, slot.width), Math.max(1, slot.height));
    }
    const { terminal } = text.emulator;
    const { baseY } = terminal.buffer.active;
    scrollMax[slot.id] = baseY;
    blit(grid, terminal, slot, { scrolledBack: baseY - Math.min(slot.scroll, baseY) });
  };

  const drawPane = (slot: Slot & { kind: 'pane' }, ui: Ui): Cursor => {
    const pane = world.panes.get(slot.instance);
    if (pane === null) return null;
    const scrolledBack = held(`pane:${slot.instance}`, pane.terminal, slot.scroll);
    const { cursor } = blit(grid, pane.terminal, slot, { scrolledBack, addressOf: pane.addressOf });
    if (ui.focus !== 'pane' || ui.pane !== slot.instance) return null;
    seen.set(slot.instance, world.now());
    return (world.paneModes(slot.instance)?.cursorVisible ?? true) ? cursor : null;
  };

  /** The outer terminal has the modes of what has the keyboard. */
  const follow = (ui: Ui, role: Role): void => {
    const modes = ui.mode === 'typing' && role === 'holder' ? world.paneModes(ui.pane as InstanceId) : null;
    const wanted: OuterModes = modes === null ? { ...CONTROL_MODES, mouse: world.mouse ? 'drag' : 'none' } : outerModes(modes, world.mouse);
    const change = outer === null ? AS_ENTERED + mirror(CONTROL_MODES, wanted) : mirror(outer, wanted);
    outer = wanted;
    if (change !== '') write(change);
  };

  const invalidate = (): void => {
    outer = null;
    writer.invalidate();
  };

  return {
    take(text, places) {
      frame = text;
      slots = places;
    },
    slots: () => slots,
    paint(ui, role) {
      clear(grid);
      drawChrome(grid, frame);
      let cursor: Cursor = null;
      for (const slot of slots) cursor = draw(slot, ui) ?? cursor;
      follow(ui, role);
      return writer.paint(grid, ui.mode === 'typing' && ui.overlay === null ? cursor : null);
    },
    fitPanes() {
      for (const slot of slots) {
        if (slot.kind === 'pane') world.panes.resize(slot.instance, slot.cols, slot.rows);
        else if (slot.kind === 'log') world.log.resize(slot.width, slot.height);
        else if (slot.kind === 'output') world.output.resize(slot.width, slot.height);
      }
    },
    resize(next) {
      grid = createGrid(Math.max(1, next.cols), Math.max(1, next.rows));
      invalidate();
    },
    drained: () => writer.drained(),
    invalidate,
    openText(id, text) {
      texts.get(id)?.emulator.close();
      const emulator = createEmulator({ cols: 80, rows: 24, scrollbackLines: TEXT_LINES, promptEndsWork: false, onAnswer: () => {} });
      emulator.feed(Buffer.from(text.replace(/\r?\n/g, '\r\n')));
      texts.set(id, { emulator, cols: 80, rows: 24 });
    },
    scrollMax,
    seenAt: (instance) => seen.get(instance) ?? null,
    close() {
      for (const { emulator } of texts.values()) emulator.close();
      texts.clear();
    },
  };
}
