/** All attached screens of a room: who has the input, who watches, and what they show in common. */
import type { Socket } from 'node:net';
import type { Actor } from '../core/event.ts';
import type { InstanceId } from '../core/ids.ts';
import { plain } from '../core/plain.ts';
import { EXIT } from '../core/reply.ts';
import { askColours } from '../screen/ask-colours.ts';
import type { BlockPainter } from '../view/block-painter.tsx';
import type { Block } from '../view/scene.ts';
import type { ScreenHello } from '../wire/protocol.ts';
import type { Lent } from './lent-terminal.ts';
import { createScreen } from './screen.ts';
import { openScreenLine, type ScreenLine } from './screen-line.ts';
import type { Screen, ScreenOptions, ScreenWorld } from './screen-types.ts';

export type Screens = {
  /** Somebody is about to look: what drawing takes is made ready while he is on his way. */
  expect(): void;
  /** Takes the connection over, right after its hello and its welcome. */
  attach(socket: Socket, hello: ScreenHello, actor: Actor, lent: Lent | null): void;
  count(): number;
  changed(): void;
  close(message: string): void;
};

type Drawing = Pick<ScreenOptions, 'mountChrome' | 'painter'>;
type Attached = { readonly screen: Screen; end(exit: number, message: string): void };

const DETACHED = 'detached; the sessions go on. To come back: coordtui';

const NOTHING = { rect: { x: 0, y: 0, width: 8, height: 1 }, rows: [[{ text: 'coordtui' }]] } satisfies Block;

/** React and Ink: a room that nobody looks at does without, and one that begins listens before it has loaded them. */
const chromeParts = () => Promise.all([import('../view/mount.tsx'), import('../view/block-painter.tsx')]);

/** From when on there is something true to show, and from when on keys can do what they say. */
type Ready = { readonly toShow: Promise<void>; readonly toHear: Promise<void> };

/** A frame has an end; what is newest matters most. */
const MAX_EDIT_BYTES = 1_500_000;

function newest(text: string): string {
  if (text.length <= MAX_EDIT_BYTES / 3) return text;
  const cut = text.slice(-MAX_EDIT_BYTES / 3);
  return cut.slice(cut.indexOf('\n') + 1);
}

export function createScreens(world: ScreenWorld, ready: Ready): Screens {
  const attached = new Set<Attached>();
  let loading: Promise<Drawing> | null = null;
  let painter: BlockPainter | null = null;
  let closed = false;

  const drawing = () => {
    loading ??= chromeParts().then(([{ mountChrome }, { createBlockPainter }]) => {
      painter = createBlockPainter();
      if (closed) painter.close();
      return { mountChrome, painter };
    });
    return loading;
  };

  const changed = () => {
    for (const { screen } of attached) screen.changed();
  };

  const give = (holder: Attached | null) => {
    for (const one of attached) if (!one.screen.observes) one.screen.setRole(one === holder ? 'holder' : 'watcher');
    changed();
  };

  /** null: no instance of this room with a session. */
  const paneOf = (name: string): InstanceId | null => {
    const { instances } = world.facts().state.coordinator.config;
    return instances.find(({ id, command }) => id === name && command !== null)?.id ?? null;
  };

  const attach: Screens['attach'] = (socket, hello, actor, lent) => {
    // Also for a screen below a session: its terminal is a pane's, where nothing is gained.
    const own = lent !== null && hello.lends !== null && actor.kind === 'operator' ? { ...lent, until: hello.lends } : null;
    const line = openScreenLine(socket, own, { cols: hello.cols, rows: hello.rows });
    // Before any other listener: what is written after the end goes nowhere.
    socket.on('close', line.close);
    void Promise.all([drawing(), ready.toShow]).then(([parts]) => {
      if (socket.destroyed) return;
      show(parts, socket, hello, actor, line);
      // Keys that come before wait.
      void ready.toHear.then(() => line.listen(true));
    });
  };

  const show = (drawing: Drawing, socket: Socket, hello: ScreenHello, actor: Actor, line: ScreenLine) => {
    const end = (exit: number, message: string) => {
      line.giveBack('end', Buffer.from(JSON.stringify({ exit, message })));
      socket.end();
    };
    const focus = hello.focus === null ? null : paneOf(hello.focus);
    if (hello.focus !== null && focus === null) {
      end(EXIT.notFound, `coordtui: there is no session of ${plain(hello.focus, 80)} here; see: coordtui status`);
      return;
    }
    // A screen that was started below a session only looks.
    const observe = hello.observe || actor.kind !== 'operator';
    const free = !observe && ![...attached].some((one) => one.screen.role() === 'holder');
    const screen = createScreen({
      world,
      ...drawing,
      // Told before its first frame: that one is the dearest of all.
      role: observe ? 'observer' : free ? 'holder' : 'watcher',
      actor,
      size: line.size(),
      colours: hello.colours,
      focus,
      zoom: hello.zoom && focus !== null,
      write: line.write,
      listen: line.listen,
      detach: () => end(0, DETACHED),
      suspend: () => line.giveBack('suspend'),
      edit: (name, text) => line.giveBack('edit', Buffer.from(JSON.stringify({ name, text: newest(text) }))),
      takeOver: () => give(self),
    });
    const self: Attached = { screen, end };
    attached.add(self);
    if (actor.kind === 'operator') world.looks(true);
    line.begin({
      input: screen.input,
      resized: () => screen.resize(line.size()),
      drained: screen.drained,
      anew() {
        screen.drained();
        screen.resize(line.size());
      },
      misunderstood: () => end(1, 'coordtui: the room did not understand this screen; restart it: coordtui stop, then coordtui'),
    });
    line.write(askColours(hello.colours));
    changed();

    socket.on('close', () => {
      attached.delete(self);
      if (actor.kind === 'operator') world.looks(false);
      const held = screen.role() === 'holder';
      screen.close();
      if (held) give([...attached].reverse().find((one) => !one.screen.observes) ?? null);
      else changed();
    });
  };

  return {
    // The first thing that is drawn takes several times as long as the next one.
    expect: () => void drawing().then((parts) => parts.painter?.paint([NOTHING], 'none')),
    attach,
    count: () => attached.size,
    changed,
    close(message) {
      closed = true;
      for (const { end } of attached) end(0, message);
      painter?.close();
    },
  };
}
