/** One client's terminal: chrome, emulators' cells and clocks come together in a grid, and one writer brings it over. */
import type { Terminal } from '@xterm/headless';
import type { InstanceId, Ms } from '../core/ids.ts';
import { createEmulator, type Emulator } from '../pane/emulator.ts';
import { blit } from '../screen/blit.ts';
import { drawChrome } from '../screen/chrome.ts';
import { createGrid, fill, type Grid } from '../screen/grid.ts';
import { CONTROL_MODES, mirror, type OuterModes, outerModes } from '../screen/modes.ts';
import { PLAIN_STYLE } from '../screen/style.ts';
import { copyGrid } from '../screen/two-grids.ts';
import { type Cursor, createWriter } from '../screen/writer.ts';
import { ageText } from '../view/age.ts';
import type { Model, Role } from '../view/model.ts';
import type { ChromePart } from '../view/mount.tsx';
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
  take(chrome: readonly ChromePart[], slots: readonly Slot[]): void;
  slots(): readonly Slot[];
  /** What a session, the log or the output shows is another than when it was painted last. */
  touch(what: Source): void;
  /** False: the client had no room, and the frame was left out. */
  paint(ui: Ui, role: Role): boolean;
  /** One session's rectangle alone, which costs a tenth: for the echo of a key. The others are as touched afterwards as before. */
  paintPane(instance: InstanceId, ui: Ui, role: Role): boolean;
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

/** What a slot is filled from: a session by its instance. */
export type Source = InstanceId | 'log' | 'output' | 'text';

const TEXT_LINES = 50_000;

/** The modes of control focus, whatever was set before; pastes in brackets all the time. */
const AS_ENTERED = '\x1b[?1l\x1b>\x1b[?1004l\x1b[?2004h\x1b[0 q';

type Text = { readonly emulator: Emulator; cols: number; rows: number };

/** What a slot was filled from when it was painted last: a session may have been started anew, or resized by another screen. */
type Painted = { readonly terminal: Terminal; readonly cols: number; readonly rows: number; readonly cursor: Cursor };

export function createCompositor({ world, size, colours, write }: CompositorOptions): Compositor {
  const writer = createWriter({ write }, colours);
  const texts = new Map<string, Text>();
  const seen = new Map<InstanceId, Ms>();
  const scrollMax: Record<string, number> = {};
  const anchors = new Map<string, { readonly terminal: Terminal; readonly scroll: number; readonly baseY: number }>();
  const touched = new Set<Source>();
  const painted = new Map<Slot, Painted>();
  let grid: Grid = createGrid(Math.max(1, size.cols), Math.max(1, size.rows));
  // The chrome as cells: its text is read once, not for each frame.
  let backdrop: Grid | null = null;
  // All of it is drawn again: the slots are others, or nothing that was drawn counts any more.
  let whole = true;
  let chrome: readonly ChromePart[] = [];
  let slots: readonly Slot[] = [];
  // null: not known, the terminal may have been given to somebody else meanwhile.
  let outer: OuterModes | null = null;

  const draw = (slot: Slot): void => {
    if (slot.kind === 'age') {
      // As wide as its slot: nothing of what stood there is left.
      drawChrome(grid, ageText(slot, world.now(), colours), slot.x, slot.y);
      return;
    }
    const terminal = terminalOf(slot);
    if (terminal === null) return;
    const { cols, rows } = terminal;
    const before = painted.get(slot);
    if (before?.terminal === terminal && before.cols === cols && before.rows === rows && !touched.has(sourceOf(slot))) return;
    const links = slot.kind === 'pane' ? world.panes.get(slot.instance) : null;
    const back = scrolledBack(slot, terminal);
    const { cursor } = blit(
      grid,
      terminal,
      slot,
      links === null ? { scrolledBack: back } : { scrolledBack: back, addressOf: links.addressOf },
    );
    painted.set(slot, { terminal, cols, rows, cursor });
  };

  const terminalOf = (slot: Exclude<Slot, { kind: 'age' }>): Terminal | null => {
    if (slot.kind === 'pane') return world.panes.get(slot.instance)?.terminal ?? null;
    if (slot.kind === 'text') return fitText(slot);
    return (slot.kind === 'log' ? world.log : world.output).emulator.terminal;
  };

  const scrolledBack = (slot: Exclude<Slot, { kind: 'age' }>, terminal: Terminal): number => {
    if (slot.kind === 'pane') return held(`pane:${slot.instance}`, terminal, slot.scroll);
    if (slot.kind === 'log') return held('pane:log', terminal, slot.scroll);
    if (slot.kind === 'output') return slot.scroll;
    // Scrolled from its beginning, where a document is read from.
    const { baseY } = terminal.buffer.active;
    scrollMax[slot.id] = baseY;
    return baseY - Math.min(slot.scroll, baseY);
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

  const fitText = (slot: Slot & { kind: 'text' }): Terminal | null => {
    const text = texts.get(slot.id);
    if (text === undefined) return null;
    if (text.cols !== slot.width || text.rows !== slot.height) {
      text.cols = slot.width;
      text.rows = slot.height;
      text.emulator.resize(Math.max(2, slot.width), Math.max(1, slot.height));
    }
    return text.emulator.terminal;
  };

  /** Where the keys go, as far as it is to be seen. */
  const cursorOf = (ui: Ui): Cursor => {
    const slot = slots.find((one) => one.kind === 'pane' && one.instance === ui.pane);
    if (ui.focus !== 'pane' || slot?.kind !== 'pane') return null;
    seen.set(slot.instance, world.now());
    if (ui.mode !== 'typing' || ui.overlay !== null) return null;
    return (world.paneModes(slot.instance)?.cursorVisible ?? true) ? (painted.get(slot)?.cursor ?? null) : null;
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
    whole = true;
    outer = null;
    writer.invalidate();
  };

  const paint: Compositor['paint'] = (ui, role) => {
    const begun = performance.now();
    if (backdrop === null) {
      backdrop = createGrid(grid.cols, grid.rows);
      for (const { rect, text } of chrome) {
        fill(backdrop, rect, ' ', PLAIN_STYLE);
        drawChrome(backdrop, text, rect.x, rect.y);
      }
    }
    if (whole) {
      copyGrid(backdrop, grid);
      painted.clear();
    }
    for (const slot of slots) draw(slot);
    whole = false;
    touched.clear();
    follow(ui, role);
    const taken = writer.paint(grid, cursorOf(ui));
    world.traceFrame?.(performance.now() - begun);
    return taken;
  };

  return {
    take(parts, places) {
      backdrop = null;
      chrome = parts;
      slots = places;
      whole = true;
    },
    slots: () => slots,
    touch: (what) => touched.add(what),
    paint,
    paintPane(instance, ui, role) {
      const slot = slots.find((one) => one.kind === 'pane' && one.instance === instance);
      if (slot === undefined || whole) return paint(ui, role);
      draw(slot);
      touched.delete(instance);
      follow(ui, role);
      return writer.paint(grid, cursorOf(ui), { from: slot.y, to: slot.y + slot.height });
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
      backdrop = null;
      invalidate();
    },
    drained: () => writer.drained(),
    invalidate,
    openText(id, text) {
      texts.get(id)?.emulator.close();
      const emulator = createEmulator({ cols: 80, rows: 24, scrollbackLines: TEXT_LINES, promptEndsWork: false, onAnswer: () => {} });
      emulator.feed(Buffer.from(text.replace(/\r?\n/g, '\r\n')));
      texts.set(id, { emulator, cols: 80, rows: 24 });
      touched.add('text');
    },
    scrollMax,
    seenAt: (instance) => seen.get(instance) ?? null,
    close() {
      for (const { emulator } of texts.values()) emulator.close();
      texts.clear();
    },
  };
}

function sourceOf(slot: Exclude<Slot, { kind: 'age' }>): Source {
  return slot.kind === 'pane' ? slot.instance : slot.kind;
}
