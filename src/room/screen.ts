/**
 * One attached screen: what its user sees and does. Keys become intents, facts become chrome, and whatever changes is
 * drawn when its time has come: an echo at once, keys in the same turn, facts at most ten times a second.
 */
import type { InstanceId } from '../core/ids.ts';
import type { JsonObject } from '../core/tree.ts';
import { createFrames } from '../screen/frames.ts';
import type { Input } from '../screen/input.ts';
import { DEFAULT_LEADER, parseLeader } from '../screen/leader.ts';
import type { MouseEvent } from '../screen/mouse.ts';
import { stepsDone } from '../view/hints.ts';
import { type Intent, type Outcome, onKey, onModel, onPaste, onReply, onResize } from '../view/intent.ts';
import { onMouse } from '../view/mouse.ts';
import { initialUi, type Ui } from '../view/ui-state.ts';
import { watchArrivals } from './arrivals.ts';
import { createChromeClock } from './chrome-clock.ts';
import { createCompositor } from './compositor.ts';
import { createScreenKeys } from './screen-keys.ts';
import { firstPane, modelOf } from './screen-model.ts';
import type { Screen, ScreenOptions } from './screen-types.ts';
import { createTimers } from './timers.ts';
import { createTypist } from './typist.ts';

const RESIZE_MS = 60;
const ECHO_MS = 100;
const TICK_MS = 1_000;

export function createScreen(options: ScreenOptions): Screen {
  const { world, actor, write, colours, size } = options;
  const leader = parseLeader(world.leader) ?? DEFAULT_LEADER;
  let { role } = options;
  let ui: Ui = { ...initialUi(size, options.focus ?? firstPane(world.facts().state.coordinator.config)), zoom: options.zoom };
  // As soon as the input is this screen's and the session runs: before that the view would take the keys back.
  let typesAtOnce = options.focus !== null;
  let echoUntil = Number.NEGATIVE_INFINITY;
  let closed = false;
  const timers = createTimers<'frame' | 'resize' | 'tick'>();
  let drawing: NodeJS.Immediate | null = null;
  const attachedBefore = world.guide === null ? 0 : world.guide.attached++;

  const compositor = createCompositor({ world, size, colours, write });
  const frames = createFrames(() => {
    tick();
    return closed || compositor.paint(ui, role);
  });
  const chrome = options.mountChrome({
    size,
    keymap: world.keymap,
    painter: options.painter,
    onFrame(parts, slots) {
      compositor.take(parts, slots);
      fitPanes();
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
  function fitPanes(): void {
    if (role !== 'holder') return;
    timers.once('resize', RESIZE_MS, () => {
      if (role !== 'holder') return;
      compositor.fitPanes();
      frames.request();
    });
  }

  const model = () => modelOf({ world, ui, role, colours, compositor, attachedBefore });

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

  function carryOut(intent: Intent): void {
    switch (intent.type) {
      case 'verb':
        void speak(intent.verb, intent.args as JsonObject);
        return;
      case 'detach':
        options.detach();
        return;
      case 'type':
        if (!mayType()) return;
        ui = { ...ui, mode: 'typing', focus: 'pane', pane: intent.instance };
        if (intent.leader) type(Uint8Array.of(leader.byte));
        return;
      case 'take-over':
        if (role === 'observer') notice('this screen only looks on');
        else options.takeOver();
        return;
      case 'copy':
        write(`\x1b]52;c;${Buffer.from(intent.text).toString('base64')}\x07`);
        return;
      case 'open-text':
        void openText(intent.what, intent.handoff ?? '');
        return;
      case 'look':
        world.look();
        compositor.invalidate();
        frames.request();
    }
  }

  async function speak(verb: string, args: JsonObject): Promise<void> {
    if (role === 'observer') return notice('this screen only looks on');
    const reply = await world.verb(verb, args, actor);
    ui = onReply(ui, reply.ok ? (reply.text.split('\n', 1)[0] ?? '') : `${reply.message}; ${reply.hint}`, reply.ok);
    redrawSoon();
  }

  async function openText(what: string, handoff: string): Promise<void> {
    const text = await world.text(what, handoff);
    if (closed) return;
    compositor.openText(`${what}:${handoff}`, text);
    redraw();
  }

  function notice(text: string): void {
    ui = { ...ui, notice: { text, level: 'warning' } };
    redrawSoon();
  }

  function mayType(): boolean {
    if (role !== 'holder') notice(role === 'observer' ? 'this screen only looks on' : 'another screen has the input; T takes it over');
    return role === 'holder';
  }

  function take(input: Input): void {
    if (typist.takes(input)) return;
    world.lastKey.at = world.now();
    typesAtOnce = false;
    if (input.type === 'bytes') type(input.bytes);
    else if (input.type === 'leader') press(onKey(model(), ui, 'leader', world.now(), world.keymap));
    else if (input.type === 'key' && input.key === 'ctrl+z') options.suspend();
    else if (input.type === 'key') press(onKey(model(), ui, input.key, world.now(), world.keymap));
    else if (input.type === 'paste') press(onPaste(model(), ui, input.text, world.now()));
    else if (input.type === 'mouse') point(input.mouse);
  }

  function press(outcome: Outcome): void {
    ui = outcome.ui;
    for (const intent of outcome.do ?? []) carryOut(intent);
    if (world.guide !== null) world.guide.done = stepsDone(world.guide.done, ui, outcome.do);
    redrawSoon();
  }

  function type(bytes: Uint8Array): void {
    if (!mayType()) return;
    echoUntil = world.now() + ECHO_MS;
    typist.type(bytes);
  }

  function point(event: MouseEvent): void {
    const forPane = typist.mouse(event, compositor.slots());
    if (forPane !== null) type(forPane);
    else press(onMouse(model(), ui, event, chrome.targets(), world.now(), world.keymap));
  }

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
  fitPanes();

  return {
    observes: options.role === 'observer',
    role: () => role,
    setRole(next) {
      if (role === next) return;
      role = next;
      if (next !== 'holder' && ui.mode === 'typing') ui = { ...ui, mode: 'control' };
      redraw();
      fitPanes();
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
      if (drawing !== null) clearImmediate(drawing);
      typist.close();
      keys.close();
      frames.close();
      chrome.unmount();
      compositor.close();
    },
  };
}
