/** One client's terminal: chrome, emulators' cells and clocks come together in a grid, and one writer brings it over. */
import type { Terminal } from '@xterm/headless';
import type { InstanceId, Ms } from '../core/ids.ts';
import { ALL_ROWS, joinRows, type Rows } from '../pane/changed-rows.ts';
import type { Reader } from '../pane/reader.ts';
import { blit } from '../screen/blit.ts';
import { drawChrome } from '../screen/chrome.ts';
import { createGrid, fill, type Grid } from '../screen/grid.ts';
import { markCells } from '../screen/marks.ts';
import { CONTROL_MODES, mirror, type OuterModes, outerModes } from '../screen/modes.ts';
import { PLAIN_STYLE } from '../screen/style.ts';
import { copyGrid } from '../screen/two-grids.ts';
import { type Cursor, createWriter } from '../screen/writer.ts';
import { ageText } from '../view/age.ts';
import { slotKey } from '../view/drag.ts';
import type { Model, Role } from '../view/model.ts';
import type { ChromePart } from '../view/mount.tsx';
import { placeText } from '../view/read-row.ts';
import { OUTPUT, type ReadKey, readKey } from '../view/reading.ts';
import type { Slot } from '../view/scene.ts';
import { painted as styled } from '../view/theme.ts';
import type { Size, Ui } from '../view/ui-state.ts';
import type { Readers } from './readers.ts';
import type { ScreenWorld } from './screen-types.ts';

export type CompositorOptions = {
  readonly world: ScreenWorld;
  readonly readers: Readers;
  readonly size: Size;
  readonly colours: Model['colours'];
  /** False when the client's buffer is full. */
  readonly write: (output: string) => boolean;
};

export type Compositor = {
  /** A new frame of the chrome, and the rectangles that it leaves to be filled. */
  take(chrome: readonly ChromePart[], slots: readonly Slot[]): void;
  slots(): readonly Slot[];
  /** What a session, the log or the output shows is another than when it was painted last: in these rows of its screen. */
  touch(what: Source, rows?: Rows): void;
  /** False: the client had no room, and the frame was left out. */
  paint(ui: Ui, role: Role): boolean;
  /** The changed rows of one session alone, which costs a hundredth: for the echo of a key. The others are as touched afterwards as before. */
  paintPane(instance: InstanceId, ui: Ui, role: Role): boolean;
  resize(size: Size): void;
  drained(): void;
  invalidate(): void;
  /** When this screen last showed the pane in focus; null: never. */
  seenAt(instance: InstanceId): Ms | null;
};

/** What is read through a reader. */
type ReadSlot = Exclude<Slot, { kind: 'age' | 'place' }>;

/** What a slot is filled from: a session by its instance. */
export type Source = InstanceId | 'log' | 'output' | 'text';

const NO_ROWS: Rows = { from: 0, to: 0 };

/** The modes of control focus, whatever was set before; pastes in brackets all the time. */
const AS_ENTERED = '\x1b[?1l\x1b>\x1b[?1004l\x1b[?2004h\x1b[0 q';

/** What a slot was filled from when it was painted last: a session may have been started anew, or resized by another screen. */
type Painted = {
  readonly terminal: Terminal;
  readonly cols: number;
  readonly rows: number;
  readonly version: number;
  readonly cursor: Cursor;
  /** A frame of the program's that was over already: what changed meanwhile is not drawn yet. */
  readonly held: boolean;
};

export function createCompositor({ world, readers, size, colours, write }: CompositorOptions): Compositor {
  const writer = createWriter({ write }, colours);
  const seen = new Map<InstanceId, Ms>();
  const touched = new Map<Source, Rows>();
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

  /** Answers which rows of the slot may be others now. */
  const draw = (slot: Slot): Rows => {
    if (slot.kind === 'age') {
      // As wide as its slot: nothing of what stood there is left.
      drawChrome(grid, ageText(slot, world.now(), colours), slot.x, slot.y);
      return ALL_ROWS;
    }
    if (slot.kind === 'place') {
      const reader = readers.at(slot.key);
      const text = placeText({ back: reader?.back() ?? 0, max: reader?.max() ?? 0 }, slot);
      drawChrome(grid, styled(text, slot.style, colours), slot.x, slot.y);
      return ALL_ROWS;
    }
    if (slot.kind === 'text') fitText(slot);
    const reader = readerOf(slot);
    if (reader === null) return NO_ROWS;
    const { terminal } = reader;
    const { cols, rows } = terminal;
    const version = reader.version();
    const before = painted.get(slot);
    const same = before?.terminal === terminal && before.cols === cols && before.rows === rows && before.version === version;
    const changed = touched.get(sourceOf(slot));
    if (same && changed === undefined) return NO_ROWS;
    const few = same && !before.held && reader.back() === 0 && reader.marks().length === 0 ? changed : undefined;
    painted.set(slot, { terminal, cols, rows, version, ...drawRead(slot, reader, few) });
    return few ?? ALL_ROWS;
  };

  const readerOf = (slot: Slot): Reader | null => {
    const key = slotKey(slot);
    return key === null ? null : readers.at(key);
  };

  /** Through the reader of this screen: where its view stands, and what is marked in it. `only`: the other rows are drawn already. */
  const drawRead = (slot: ReadSlot, reader: Reader, only: Rows | undefined): Pick<Painted, 'cursor' | 'held'> => {
    const key = slotKey(slot) ?? '';
    readers.see(key, slot.height);
    const viewport = { scrolledBack: reader.back(), addressOf: readers.addressOf(key) };
    const { cursor, held } = blit(grid, reader.terminal, slot, only === undefined ? viewport : { ...viewport, rows: only });
    const top = reader.max() - reader.back();
    for (const { row, from, end, look } of reader.marks())
      markCells(grid, slot, row - top, from, Math.min(end, reader.terminal.cols), look);
    return { cursor, held };
  };

  const fitText = ({ id, width, height }: Slot & { kind: 'text' }): void => {
    const text = readers.text(id);
    if (text !== null && (text.terminal.cols !== width || text.terminal.rows !== height))
      text.resize(Math.max(2, width), Math.max(1, height));
  };

  /** The end of a selection that is made with keys. */
  const selectingAt = (key: ReadKey): Cursor => {
    const slot = slots.find((one) => slotKey(one) === key);
    const at = slot === undefined ? null : (readers.at(key)?.cursor() ?? null);
    return slot === undefined || at === null ? null : { x: slot.x + Math.min(at.x, slot.width - 1), y: slot.y + at.y };
  };

  /** Where the keys go, as far as it is to be seen. */
  const cursorOf = (ui: Ui): Cursor => {
    const slot = slots.find((one) => one.kind === 'pane' && one.instance === ui.pane);
    if (ui.focus === 'pane' && slot?.kind === 'pane') seen.set(slot.instance, world.now());
    const asked = ui.overlay !== null && ui.overlay.kind !== 'text';
    const selecting =
      asked || ui.mode === 'typing'
        ? null
        : selectingAt(ui.overlay?.kind === 'text' ? readKey(ui.overlay) : ui.focus === 'dock' ? OUTPUT : readKey(ui.pane));
    if (selecting !== null) return selecting;
    if (ui.focus !== 'pane' || slot?.kind !== 'pane') return null;
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
    const done = world.painting();
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
    done();
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
    touch(what, rows = ALL_ROWS) {
      const before = touched.get(what);
      touched.set(what, before === undefined ? rows : joinRows(before, rows));
    },
    paint,
    paintPane(instance, ui, role) {
      const slot = slots.find((one) => one.kind === 'pane' && one.instance === instance);
      if (slot === undefined || whole) return paint(ui, role);
      const { from, to } = draw(slot);
      touched.delete(instance);
      follow(ui, role);
      return writer.paint(grid, cursorOf(ui), { from: slot.y + from, to: slot.y + Math.min(to, slot.height) });
    },
    resize(next) {
      grid = createGrid(Math.max(1, next.cols), Math.max(1, next.rows));
      backdrop = null;
      invalidate();
    },
    drained: () => writer.drained(),
    invalidate,
    seenAt: (instance) => seen.get(instance) ?? null,
  };
}

function sourceOf(slot: ReadSlot): Source {
  return slot.kind === 'pane' ? slot.instance : slot.kind;
}
