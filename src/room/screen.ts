/**
 * One attached screen: what its user sees and does. Keys become intents, facts become chrome, and whatever changes is
 * drawn when its time has come: an echo at once, keys in the same turn, facts at most ten times a second.
 */
import type { InstanceId } from '../core/ids.ts';
import { createFrames } from '../screen/frames.ts';
import type { Input } from '../screen/input.ts';
import { leaderNow } from '../screen/leader.ts';
import { notify } from '../view/change.ts';
import { stepsDone } from '../view/hints.ts';
import { type Outcome, onKey, onModel, onPaste, onResize } from '../view/intent.ts';
import { initialUi, type Ui } from '../view/ui-state.ts';
import { watchArrivals } from './arrivals.ts';
import { createChromeClock } from './chrome-clock.ts';
import { createCompositor } from './compositor.ts';
import { createPaneFitting } from './pane-fitting.ts';
import { createReaders } from './readers.ts';
import { createDeeds } from './screen-deeds.ts';
import { createScreenKeys } from './screen-keys.ts';
import { firstPane, modelOf } from './screen-model.ts';
import { createScreenMouse } from './screen-mouse.ts';
import { createScreenReading } from './screen-reading.ts';
import type { Screen, ScreenOptions } from './screen-types.ts';
import { createTimers } from './timers.ts';
import { createTypist } from './typist.ts';

const ECHO_MS = 100;
const TICK_MS = 1_000;

export function createScreen(options: ScreenOptions): Screen {
  const { world, write, colours, size } = options;
  const leader = leaderNow(() => world.leader);
  let { role } = options;
  let ui: Ui = {
    ...initialUi(size, options.focus ?? firstPane(world.facts().state.coordinator.config)),
    ...world.layout.now(),
    zoom: options.zoom,
  };
  // As soon as the input is this screen's and the session runs: before that the view would take the keys back.
  let typesAtOnce = options.focus !== null;
  let echoUntil = Number.NEGATIVE_INFINITY;
  let closed = false;
  const timers = createTimers<'frame' | 'tick' | 'drag'>();
  let drawing: NodeJS.Immediate | null = null;
  const attachedBefore = world.guide === null ? 0 : world.guide.attached++;

  const readers = createReaders(world, () => redrawSoon());
  const compositor = createCompositor({ world, readers, size, colours, write });
  const reading = createScreenReading({ options, readers, model: () => model(), change });
  const frames = createFrames(() => {
    tick();
    return closed || compositor.paint(ui, role);
  });
  const chrome = options.mountChrome({
    size,
    get keymap() {
      return world.keymap;
    },
    painter: options.painter,
    onFrame(parts, slots) {
      compositor.take(parts, slots);
      fitting.request();
      frames.request();
    },
  });
  const clock = createChromeClock(world.now, world.lastKey, redraw);
  const keys = createScreenKeys({
    leader,
    typing: () => ui.mode === 'typing',
    bracketedPaste: () => world.paneModes(ui.pane as InstanceId)?.bracketedPaste ?? false,
    waits: () => typist.waits(),
    onInput: take,
  });
  const typist = createTypist({
    world,
    typingInto: () => (ui.mode === 'typing' && role === 'holder' ? (ui.pane as InstanceId) : null),
    inPaste: keys.inPaste,
    listen: options.listen,
    notice,
  });

  /** Clocks go on by themselves, and only while one is to be seen. */
  function tick(): void {
    if (compositor.slots().some((slot) => slot.kind === 'age')) timers.once('tick', TICK_MS, () => frames.request());
  }

  /** One size for each session: that of the one who types. */
  const fitting = createPaneFitting({
    world,
    slots: () => compositor.slots(),
    ui: () => ui,
    mayFit: () => role === 'holder',
    fitted: () => frames.request(),
  });

  const model = () => modelOf({ world, ui, role, colours, compositor, readers, attachedBefore });

  function redraw(): void {
    if (closed) return;
    if (typesAtOnce && role === 'holder' && world.panes.get(ui.pane as InstanceId)?.exit() === null) {
      ui = { ...ui, mode: 'typing' };
      typesAtOnce = false;
    }
    const seen = model();
    ui = onModel(seen, ui, world.now());
    chrome.update(seen, ui);
    typist.follow();
    // The text of a document, or a terminal's modes, may have changed without the chrome.
    frames.request();
  }

  /** After a key: in this turn of the loop, but once for all keys of one chunk. */
  function redrawSoon(): void {
    drawing ??= setImmediate(() => {
      drawing = null;
      redraw();
    });
  }

  const carryOut = createDeeds({
    options,
    reading,
    readers,
    role: () => role,
    change,
    typeInto(instance, withLeader) {
      if (!mayType()) return;
      ui = { ...ui, mode: 'typing', focus: 'pane', pane: instance };
      reading.typed(instance);
      if (withLeader) type(Uint8Array.of(leader.byte));
    },
    drawAll() {
      compositor.invalidate();
      frames.request();
    },
    opened: redraw,
  });

  function change(how: (before: Ui) => Ui): void {
    if (closed) return;
    ui = how(ui);
    redrawSoon();
  }

  function notice(text: string): void {
    change((before) => notify(before, text, 'warning'));
  }

  function mayType(): boolean {
    if (role !== 'holder') notice(role === 'observer' ? 'this screen only looks on' : 'another screen has the input; T takes it over');
    return role === 'holder';
  }

  function take(input: Input): void {
    if (input.type !== 'mouse') mouse.rest();
    if (typist.takes(input)) return;
    world.lastKey.at = world.now();
    typesAtOnce = false;
    if (input.type === 'bytes') type(input.bytes);
    else if (input.type === 'leader') press(onKey(model(), ui, 'leader', world.now(), world.keymap));
    else if (input.type === 'key' && input.key === 'ctrl+z') options.suspend();
    else if (input.type === 'key') press(onKey(model(), ui, input.key, world.now(), world.keymap));
    else if (input.type === 'paste') press(onPaste(model(), ui, input.text, world.now()));
    else if (input.type === 'mouse') mouse.take(input.mouse);
  }

  function press(outcome: Outcome): void {
    ui = outcome.ui;
    if (role !== 'observer') world.layout.keep(ui);
    for (const intent of outcome.do ?? []) carryOut(intent);
    if (world.guide !== null) world.guide.done = stepsDone(world.guide.done, ui, outcome.do);
    redrawSoon();
  }

  function type(bytes: Uint8Array): void {
    if (!mayType()) return;
    echoUntil = world.now() + ECHO_MS;
    reading.typed(ui.pane);
    typist.type(bytes);
  }

  const mouse = createScreenMouse({
    world,
    timers,
    readers,
    typist,
    slots: () => compositor.slots(),
    targets: () => chrome.targets(),
    model,
    ui: () => ui,
    role: () => role,
    type,
    press,
  });

  const stopWatching = watchArrivals({
    world,
    frames,
    timers,
    compositor,
    paintEcho: (id) => closed || compositor.paintPane(id, ui, role),
    echoes(id) {
      const echo = ui.mode === 'typing' && id === ui.pane && world.now() < echoUntil;
      if (echo) echoUntil = Number.NEGATIVE_INFINITY;
      return echo;
    },
    unseen: clock.ask,
  });
  redraw();
  fitting.request();

  return {
    observes: options.role === 'observer',
    role: () => role,
    setRole(next) {
      if (role === next) return;
      role = next;
      if (next !== 'holder' && ui.mode === 'typing') ui = { ...ui, mode: 'control' };
      redraw();
      fitting.request();
    },
    input: (bytes) => keys.push(bytes),
    resize(next) {
      ui = onResize(model(), ui, next, world.now());
      compositor.resize(next);
      chrome.resize(next);
      redraw();
    },
    drained() {
      compositor.drained();
      frames.drained();
    },
    changed: clock.ask,
    close() {
      closed = true;
      clock.close();
      stopWatching();
      timers.close();
      fitting.close();
      if (drawing !== null) clearImmediate(drawing);
      typist.close();
      keys.close();
      frames.close();
      chrome.unmount();
      reading.close();
      readers.close();
    },
  };
}
