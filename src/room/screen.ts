/**
 * One attached screen: bytes of its user in, cells out. Ink lays out the chrome, the emulators' cells are blitted into
 * the rectangles that are left, and one writer owns the client's terminal (DESIGN section 5).
 */
import type { Actor } from '../core/event.ts';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { Reply } from '../core/reply.ts';
import type { JsonObject } from '../core/tree.ts';
import { createEmulator, type Emulator } from '../pane/emulator.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import { blit } from '../screen/blit.ts';
import { drawChrome } from '../screen/chrome.ts';
import { createFrames } from '../screen/frames.ts';
import { clear, createGrid, type Grid } from '../screen/grid.ts';
import { createInput, type Input } from '../screen/input.ts';
import { DEFAULT_LEADER, parseLeader } from '../screen/leader.ts';
import { CONTROL_MODES, mirror, type OuterModes, outerModes } from '../screen/modes.ts';
import { encodeMouse, type MouseEvent } from '../screen/mouse.ts';
import type { PaneModes } from '../screen/pane-modes.ts';
import { type Cursor, createWriter } from '../screen/writer.ts';
import { ageText } from '../view/age.ts';
import { type Intent, type Outcome, onKey, onModel, onPaste, onReply, onResize } from '../view/intent.ts';
import type { Binding } from '../view/keymap.ts';
import type { Model, PaneView, Role } from '../view/model.ts';
import { type Chrome, mountChrome } from '../view/mount.tsx';
import { onMouse } from '../view/mouse.ts';
import type { Slot } from '../view/scene.ts';
import { initialUi, type Size, type Ui } from '../view/ui-state.ts';
import type { SharedPane } from './shared-panes.ts';

export type ScreenWorld = {
  readonly panes: PaneSet;
  readonly paneModes: (instance: InstanceId) => PaneModes | null;
  readonly log: SharedPane;
  readonly output: SharedPane;
  readonly leader: string;
  readonly keymap: readonly Binding[];
  /** What is shown, apart from what only this screen knows. */
  readonly facts: () => Omit<Model, 'role' | 'colours' | 'panes' | 'scrollMax'>;
  readonly verb: (verb: string, args: JsonObject, actor: Actor) => Promise<Reply>;
  /** A document's text, lines with SGR of our own only. */
  readonly text: (what: string, handoff: string) => Promise<string>;
  readonly now: () => Ms;
};

export type ScreenOptions = {
  readonly world: ScreenWorld;
  readonly actor: Actor;
  readonly size: Size;
  readonly colours: Model['colours'];
  readonly observe: boolean;
  readonly focus: InstanceId | null;
  /** False when the client's buffer is full; `drained` tells when it is not any more. */
  readonly write: (output: string) => boolean;
  readonly detach: () => void;
  readonly suspend: () => void;
  readonly takeOver: () => void;
};

export type Screen = {
  readonly observes: boolean;
  role(): Role;
  setRole(role: Role): void;
  input(bytes: Uint8Array): void;
  resize(size: Size): void;
  drained(): void;
  /** Facts have changed: drawn within a tenth of a second, after a key's echo. */
  changed(): void;
  close(): void;
};

/** Ink's frames: at most ten a second, and not while the echo of a key is awaited. */
const CHROME_MS = 100;
const CHROME_AFTER_KEY_MS = 120;
const ESCAPE_MS = 30;
const PASTE_END_MS = 2_000;
const RESIZE_MS = 60;
const ECHO_MS = 100;
const TICK_MS = 1_000;

export function createScreen(options: ScreenOptions): Screen {
  const { world, actor, write, colours } = options;
  const leader = parseLeader(world.leader) ?? DEFAULT_LEADER;
  let size = options.size;
  let role: Role = options.observe ? 'observer' : 'watcher';
  let ui: Ui = initialUi(size, options.focus ?? firstPane(world));
  if (options.focus !== null && !options.observe) ui = { ...ui, mode: 'typing' };
  let frame = '';
  let slots: readonly Slot[] = [];
  let grid: Grid = createGrid(size.cols, size.rows);
  let outer: OuterModes = { ...CONTROL_MODES };
  let lastKeyAt = Number.NEGATIVE_INFINITY;
  let echoUntil = Number.NEGATIVE_INFINITY;
  let chromeTimer: NodeJS.Timeout | null = null;
  let escapeTimer: NodeJS.Timeout | null = null;
  let resizeTimer: NodeJS.Timeout | null = null;
  let tickTimer: NodeJS.Timeout | null = null;
  let closed = false;
  const seenAt = new Map<InstanceId, Ms>();
  const texts = new Map<string, { readonly text: string; emulator: Emulator; cols: number; rows: number }>();
  const scrollMax: Record<string, number> = {};

  const writer = createWriter({ write }, colours);
  const frames = createFrames(paint);
  const chrome: Chrome = mountChrome({
    size,
    keymap: world.keymap,
    onFrame(text, places) {
      frame = text;
      slots = places;
      fitPanes();
      frames.request();
    },
  });

  function paint(): boolean {
    if (closed) return true;
    clear(grid);
    drawChrome(grid, frame);
    let cursor: Cursor = null;
    for (const slot of slots) cursor = drawSlot(slot) ?? cursor;
    follow();
    const done = writer.paint(grid, ui.mode === 'typing' && ui.overlay === null ? cursor : null);
    tick();
    return done;
  }

  function drawSlot(slot: Slot): Cursor {
    switch (slot.kind) {
      case 'age':
        drawChrome(grid, ageText(slot, world.now(), colours), slot.x, slot.y);
        return null;
      case 'log':
        scrollMax['pane:log'] = world.log.emulator.terminal.buffer.active.baseY;
        blit(grid, world.log.emulator.terminal, slot, { scrolledBack: slot.scroll });
        return null;
      case 'output':
        blit(grid, world.output.emulator.terminal, slot, { scrolledBack: slot.scroll });
        return null;
      case 'text':
        return drawText(slot);
      case 'pane':
        return drawPane(slot);
    }
  }

  function drawText(slot: Slot & { kind: 'text' }): null {
    const known = texts.get(slot.id);
    if (known === undefined) return null;
    if (known.cols !== slot.width || known.rows !== slot.height) {
      known.emulator.resize(Math.max(2, slot.width), Math.max(1, slot.height));
      known.cols = slot.width;
      known.rows = slot.height;
    }
    const { baseY } = known.emulator.terminal.buffer.active;
    scrollMax[slot.id] = baseY;
    blit(grid, known.emulator.terminal, slot, { scrolledBack: baseY - Math.min(slot.scroll, baseY) });
    return null;
  }

  function drawPane(slot: Slot & { kind: 'pane' }): Cursor {
    const pane = world.panes.get(slot.instance);
    if (pane === null) return null;
    scrollMax[`pane:${slot.instance}`] = pane.terminal.buffer.active.baseY;
    const { cursor } = blit(grid, pane.terminal, slot, { scrolledBack: slot.scroll });
    const focused = ui.focus === 'pane' && ui.pane === slot.instance;
    if (focused) seenAt.set(slot.instance, world.now());
    return focused && (world.paneModes(slot.instance)?.cursorVisible ?? true) ? cursor : null;
  }

  /** The outer terminal has the modes of what has the keyboard. */
  function follow(): void {
    const modes = ui.mode === 'typing' && role === 'holder' ? world.paneModes(ui.pane as InstanceId) : null;
    const wanted: OuterModes = modes === null ? { ...CONTROL_MODES, mouse: 'drag' } : outerModes(modes, true);
    const change = mirror(outer, wanted);
    outer = wanted;
    if (change !== '') write(change);
  }

  /** Clocks go on by themselves, a second at a time, and only while one is to be seen. */
  function tick(): void {
    if (tickTimer !== null || !slots.some((slot) => slot.kind === 'age')) return;
    tickTimer = setTimeout(() => {
      tickTimer = null;
      frames.request();
    }, TICK_MS);
  }

  /** One size for each session: that of the one who types. */
  function fitPanes(): void {
    if (role !== 'holder' || resizeTimer !== null) return;
    resizeTimer = setTimeout(() => {
      resizeTimer = null;
      if (role !== 'holder') return;
      for (const slot of slots) {
        if (slot.kind === 'pane') world.panes.resize(slot.instance, slot.cols, slot.rows);
        else if (slot.kind === 'log') world.log.resize(slot.width, slot.height);
        else if (slot.kind === 'output') world.output.resize(slot.width, slot.height);
      }
      frames.request();
    }, RESIZE_MS);
  }

  function model(): Model {
    return { ...world.facts(), role, colours, panes: paneViews(), scrollMax };
  }

  function paneViews(): Model['panes'] {
    const { instances } = world.facts().state.coordinator.config;
    const views = instances.flatMap(({ id }): [InstanceId, PaneView][] => {
      const pane = world.panes.get(id);
      if (pane === null) return [];
      const unread = (pane.lastOutputAt() ?? 0) > (seenAt.get(id) ?? 0);
      return [[id, { title: pane.title(), running: pane.exit() === null, unread, exit: readExit(pane.exit()) }]];
    });
    return Object.fromEntries(views);
  }

  function redraw(): void {
    if (closed) return;
    if (chromeTimer !== null) clearTimeout(chromeTimer);
    chromeTimer = null;
    const seen = model();
    ui = onModel(seen, ui, world.now());
    chrome.update(seen, ui);
  }

  function changed(): void {
    if (closed || chromeTimer !== null) return;
    const quiet = lastKeyAt + CHROME_AFTER_KEY_MS - world.now();
    chromeTimer = setTimeout(redraw, Math.max(CHROME_MS, quiet));
  }

  function carryOut(intents: readonly Intent[]): void {
    for (const intent of intents) {
      switch (intent.type) {
        case 'verb':
          void speak(intent.verb, intent.args as JsonObject);
          break;
        case 'detach':
          options.detach();
          break;
        case 'type':
          if (role !== 'holder') notice('another screen has the input; take it over with T', 'warning');
          else {
            ui = { ...ui, mode: 'typing', focus: 'pane', pane: intent.instance };
            if (intent.leader) type(Uint8Array.of(leader.byte));
          }
          break;
        case 'take-over':
          if (role === 'observer') notice('this screen only observes', 'warning');
          else options.takeOver();
          break;
        case 'copy':
          write(`\x1b]52;c;${Buffer.from(intent.text).toString('base64')}\x07`);
          break;
        case 'open-text':
          void openText(intent.what, intent.handoff);
          break;
        case 'look':
          writer.invalidate();
          break;
      }
    }
  }

  async function speak(verb: string, args: JsonObject): Promise<void> {
    if (role === 'observer') {
      notice('this screen only observes', 'warning');
      return;
    }
    const reply = await world.verb(verb, args, actor);
    if (closed) return;
    ui = onReply(ui, reply.ok ? (reply.text.split('\n', 1)[0] ?? '') : `${reply.message}; ${reply.hint}`, reply.ok);
    redraw();
  }

  async function openText(what: string, handoff: string): Promise<void> {
    const id = `${what}:${handoff}`;
    const text = await world.text(what, handoff);
    if (closed) return;
    texts.get(id)?.emulator.close();
    const emulator = createEmulator({ cols: 80, rows: 24, scrollbackLines: 50_000, promptEndsWork: false, onAnswer: () => {} });
    emulator.feed(Buffer.from(text.replace(/\r?\n/g, '\r\n')));
    texts.set(id, { text, emulator, cols: 80, rows: 24 });
    redraw();
    frames.request();
  }

  function notice(text: string, level: 'info' | 'warning'): void {
    ui = { ...ui, notice: text === '' ? null : { text, level } };
    redraw();
  }

  const input = createInput({
    leader,
    focus: () => (ui.mode === 'typing' ? 'terminal' : 'control'),
    bracketedPaste: () => world.paneModes(ui.pane as InstanceId)?.bracketedPaste ?? false,
    onInput: take,
  });

  function take(event: Input): void {
    lastKeyAt = world.now();
    switch (event.type) {
      case 'bytes':
        type(event.bytes);
        return;
      case 'leader':
        press(onKey(model(), ui, 'leader', world.now(), world.keymap));
        return;
      case 'key':
        if (event.key === 'ctrl+z') options.suspend();
        else press(onKey(model(), ui, event.key, world.now(), world.keymap));
        return;
      case 'paste':
        press(onPaste(model(), ui, event.text, world.now()));
        return;
      case 'mouse':
        point(event.mouse);
        return;
      case 'focus':
      case 'reply':
        return;
    }
  }

  function press(pressed: Outcome): void {
    ui = pressed.ui;
    carryOut(pressed.do ?? []);
    redraw();
  }

  function type(bytes: Uint8Array): void {
    if (role !== 'holder') {
      notice('another screen has the input; take it over with T', 'warning');
      return;
    }
    echoUntil = world.now() + ECHO_MS;
    if (!world.panes.write(ui.pane as InstanceId, bytes))
      notice(`${ui.pane} does not read what is typed; nothing more is taken`, 'warning');
  }

  function point(event: MouseEvent): void {
    const slot = slots.find((one) => one.kind === 'pane' && one.instance === ui.pane);
    const modes = ui.mode === 'typing' && role === 'holder' ? world.paneModes(ui.pane as InstanceId) : null;
    const forPane = slot !== undefined && modes !== null ? encodeMouse(event, slot, modes) : null;
    if (forPane !== null) type(forPane);
    else press(onMouse(model(), ui, event, chrome.targets(), world.now(), world.keymap));
  }

  const stops = [
    world.log.subscribe(() => frames.request()),
    world.output.subscribe(() => frames.request()),
    ...world.facts().state.coordinator.config.instances.map(({ id }) =>
      world.panes.subscribe(id, () => {
        if (!slots.some((slot) => slot.kind === 'pane' && slot.instance === id)) {
          changed();
          return;
        }
        const isEcho = ui.mode === 'typing' && id === ui.pane && world.now() < echoUntil;
        if (!isEcho) frames.request();
        else {
          echoUntil = Number.NEGATIVE_INFINITY;
          frames.immediate();
        }
      }),
    ),
  ];
  redraw();

  return {
    observes: options.observe,
    role: () => role,
    setRole(next) {
      if (role === next) return;
      role = next;
      if (next !== 'holder' && ui.mode === 'typing') ui = { ...ui, mode: 'control' };
      redraw();
      fitPanes();
    },
    input(bytes) {
      if (escapeTimer !== null) clearTimeout(escapeTimer);
      escapeTimer = null;
      input.push(bytes);
      if (!input.pending() && !input.inPaste()) return;
      escapeTimer = setTimeout(
        () => {
          escapeTimer = null;
          if (input.inPaste()) input.endPaste();
          else input.flush();
        },
        input.inPaste() ? PASTE_END_MS : ESCAPE_MS,
      );
    },
    resize(next) {
      size = next;
      grid = createGrid(Math.max(1, size.cols), Math.max(1, size.rows));
      ui = onResize(model(), ui, size, world.now());
      writer.invalidate();
      chrome.resize(size);
      redraw();
      frames.request();
    },
    drained() {
      writer.drained();
      frames.drained();
    },
    changed,
    close() {
      closed = true;
      for (const stop of stops) stop();
      for (const timer of [chromeTimer, escapeTimer, resizeTimer, tickTimer]) if (timer !== null) clearTimeout(timer);
      frames.close();
      chrome.unmount();
      for (const { emulator } of texts.values()) emulator.close();
    },
  };
}

function firstPane(world: ScreenWorld): Ui['pane'] {
  return world.facts().state.coordinator.config.instances.find(({ command }) => command !== null)?.id ?? 'log';
}

function readExit(exit: { readonly exitCode: number | null; readonly signal: string | null } | null): PaneView['exit'] {
  return exit === null ? null : { code: exit.exitCode, signal: exit.signal };
}
